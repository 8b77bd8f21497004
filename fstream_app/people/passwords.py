"""Passwords, hashed with Argon2id.

The parameters are OWASP's for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane; they fit the
smallest function and take some 25 ms of CPU.
"""

from typing import TYPE_CHECKING

from fstream_app.core.warm import remembered

if TYPE_CHECKING:
    from argon2 import PasswordHasher


@remembered
def _hasher() -> "PasswordHasher":
    # Only signing up and logging in pay for the import.
    from argon2 import PasswordHasher, Type

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


@remembered
def _nobodys() -> str:
    return hash_password("")


def hash_password(password: str) -> str:
    """Hash a password; the result holds its salt and parameters."""
    return _hasher().hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the one hashed.

    Without a hash, when there is no such user, it takes the same time and is false: nobody learns who exists.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(password_hash or _nobodys(), password) and password_hash is not None
    except (InvalidHashError, VerificationError):
        return False
