"""User names: 1 to 30 characters a-z, 0-9 and _, case-insensitive when typed. Some names are reserved."""

import re

from fstream_app.core.errors import Invalid
from fstream_app.text import tokens

MAX_LENGTH = tokens.MAX_NAME_LENGTH

PATTERN = rf"[A-Za-z0-9_]{{1,{MAX_LENGTH}}}"
_NAME = re.compile(PATTERN)
RESERVED = frozenset(
    "about abuse admin administrator api app apps auth avatars blog docs everyone fstream help hostmaster info "
    "instance login logout mail mod moderator nobody null oauth official openapi owner postmaster privacy "
    "register root rules security settings signup static support system tags terms undefined webmaster www".split()
)


def local(account: str, host: str) -> str | None:
    """Return the name in `name`, `@name` or `name@host`, or None if it is malformed or of another host."""
    name, _, domain = account.strip().removeprefix("@").partition("@")
    if domain and domain.lower() != host.lower():
        return None
    return name.lower() if _NAME.fullmatch(name) else None


def from_log_in(account: str) -> str | None:
    """Return the name in the text that a user types to log in, or None: the part before `@`, with any host after it.

    Clients ask for an email address. FSTREAM stores none; the password decides.
    """
    name = account.strip().removeprefix("@").partition("@")[0]
    return name.lower() if _NAME.fullmatch(name) else None


def validate(name: str) -> str:
    """Return a name chosen at sign-up, in the lower case in which it is stored.

    Raises:
        Invalid: the name breaks a rule or is reserved.
    """
    # Matched before it is lower-cased, because the lower case of the Kelvin sign is the letter k.
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"Username must be 1 to {MAX_LENGTH} letters a-z, digits and underscores",
            "username",
            "ERR_INVALID",
        )
    normal = name.lower()
    if normal in RESERVED:
        raise Invalid("Username is reserved", "username", "ERR_RESERVED")
    return normal


def like(name: str) -> list[str]:
    """Return names that are like another one, and not reserved: some ends for it, as far as there is room."""
    ends = ("_", "2", "7", "_too", "_here", "42")
    return [f"{name[: MAX_LENGTH - len(end)]}{end}" for end in ends]
