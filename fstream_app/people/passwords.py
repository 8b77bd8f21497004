"""Passwords, hashed with Argon2id.

The parameters are OWASP's (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. They fit the smallest function
and take about 25 ms of CPU time.
"""

from typing import TYPE_CHECKING

from fstream_app.core.warm import remembered

if TYPE_CHECKING:
    from argon2 import PasswordHasher


@remembered
def _hasher() -> "PasswordHasher":
    # Imported here, so that only sign-ups and log-ins pay for it.
    from argon2 import PasswordHasher, Type

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


@remembered
def _dummy_hash() -> str:
    return hash_password("")


def hash_password(password: str) -> str:
    """Hash a password; the result includes salt and parameters."""
    return _hasher().hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether a password matches a hash.

    Without a hash (no such user) the result is False after the same time, so timing does not reveal which users exist.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(password_hash or _dummy_hash(), password) and password_hash is not None
    except (InvalidHashError, VerificationError):
        return False
