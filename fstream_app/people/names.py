"""User names: 1 to 30 of a-z, 0-9 and _, whatever their case when typed; some are nobody's."""

import re

from fstream_app.core.errors import Invalid
from fstream_app.text import tokens

MAX_LENGTH = tokens.MAX_NAME_LENGTH

_NAME = re.compile(rf"[A-Za-z0-9_]{{1,{MAX_LENGTH}}}")
RESERVED = frozenset(
    "about abuse admin administrator api app apps auth avatars blog docs everyone fstream help hostmaster info "
    "instance login logout mail mod moderator nobody null oauth official openapi owner postmaster privacy "
    "register root rules security settings signup static support system tags terms undefined webmaster www".split()
)


def local(account: str, host: str) -> str | None:
    """Return the name in `name`, `@name` or `name@host` when the host is this instance's, else None."""
    name, _, domain = account.strip().removeprefix("@").partition("@")
    if domain and domain.lower() != host.lower():
        return None
    return name.lower() if _NAME.fullmatch(name) else None


def of_who_logs_in(account: str) -> str | None:
    """Return the name in what somebody types to log in: what stands before an `@`, whatever stands behind.

    Clients ask for an e-mail address. FSTREAM knows of none; the password decides.
    """
    name = account.strip().removeprefix("@").partition("@")[0]
    return name.lower() if _NAME.fullmatch(name) else None


def validate(name: str) -> str:
    """Return a name that somebody wants, as it is stored.

    Raises:
        Invalid: it breaks a rule or is reserved.
    """
    # Matched before it is lowered: lowering makes a k of the Kelvin sign.
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
