"""Recovery codes: a person who has forgotten the password sets a new one with the code, once.

No email address is stored, so this code is all that a person has besides the password. Every change of the password
replaces it: a thief who knew the old password may have requested a code, and must not return with it.

A code has 20 characters of Crockford's base32, that is 100 random bits, in groups of five: `7k3mq-…`. It is stored as
the first 128 bits of its SHA-256: a fast hash is enough for a secret that nobody can guess, and every read of a user
reads it.
"""

import secrets
from hashlib import sha256
from hmac import compare_digest

from fstream_app.core import ids

LENGTH, _GROUP = 20, 5
_HASH_LENGTH = 32
"""Hexadecimal digits."""
MAX_TYPED = 100
"""Limit of characters that are read of a typed code."""
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1"})
"""Look-alikes that are not in the alphabet."""


def new_code() -> str:
    """Return a new random code."""
    text = ids.encode(secrets.randbits(5 * LENGTH), LENGTH)
    return "-".join(text[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def hash_code(code: str) -> str:
    """Return the hash of a code, however it was typed: case, blanks and hyphens of any kind do not matter."""
    written = "".join(filter(str.isalnum, code[:MAX_TYPED].lower())).translate(_READ_AS)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


def matches(recovery_hash: str | None, code: str) -> bool:
    """Return whether a typed code has this hash; False, after the same time, without a hash (no user or no code)."""
    return compare_digest(hash_code(code), recovery_hash or "") and recovery_hash is not None
