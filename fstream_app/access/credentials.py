"""Replacing a password, by its owner with the old one or with the recovery code, or by the operator.

All of them end every session (except the one that asks) in the same transaction, so that no thief stays logged in, and
replace the recovery code.
"""

import secrets
from contextlib import suppress
from typing import NamedTuple

from fstream_app.access import oauth
from fstream_app.core import settings
from fstream_app.core.entities import User
from fstream_app.core.errors import NotFound, Unauthenticated
from fstream_app.people import names, passwords, recovery, sockets, users
from fstream_app.repository import sessions
from fstream_app.repository import users as user_items
from fstream_app.repository.users import Absent

_RESET_BYTES = 12
"""Random bytes of a password that the operator sets."""


class Proof(NamedTuple):
    """The name and the password, or the recovery code, that somebody types."""

    account: str
    secret: str


def change(user_id: str, password: str, new_password: str, token_hash: str, now: int) -> str:
    """Change the password of a token's user, and end all other sessions; 4 RRU, 8 WRU, 3 WRU per ended session.

    Returns:
        The new recovery code.

    Raises:
        Forbidden: the user is suspended.
        Invalid: the new password breaks a rule.
        Unauthenticated: the user is leaving, or has another password by now.
        WrongPassword: the password is wrong.
    """
    users.check_password(new_password, "new_password")
    return _replace(users.verified(user_id, password), new_password, token_hash, users.absent(), now)


def change_by_name(proof: Proof, new_password: str, now: int) -> str:
    """Change the password of the user with this name and password, and end all sessions; as `change`, and 1 RRU."""
    users.check_password(new_password, "new_password")
    return _replace(users.authenticate(*proof), new_password, None, users.absent(), now)


def recover(proof: Proof, new_password: str, now: int) -> str:
    """Set a new password with the recovery code, which is used up, and end all sessions; 5 RRU, 8 WRU, 3 per session.

    Returns:
        The new recovery code.

    Raises:
        Forbidden: the user is suspended.
        Invalid: the new password breaks a rule.
        Unauthenticated: the user is leaving, or the code has been used meanwhile.
        WrongPassword: the name or the code is wrong.
    """
    users.check_password(new_password, "new_password")
    user = users.authenticate_by_code(*proof)
    return _replace(user, new_password, None, Unauthenticated(users.WRONG_CODE), now)


def new_code(user_id: str, password: str) -> str:
    """Replace the recovery code of a token's user, and return the new one; 1 RRU, 1 WRU.

    Raises:
        Unauthenticated: the user is leaving, or has another password by now.
        WrongPassword: the password is wrong.
    """
    return _new_code(users.verified(user_id, password))


def new_code_by_name(proof: Proof) -> str:
    """Replace the recovery code of the user with this name and password; as `new_code`, and 1 RRU."""
    return _new_code(users.authenticate(*proof))


def reset(name: str, now: int) -> str:
    """Set a random password, remove the recovery code and end all sessions; 5 RRU, 8 WRU, 3 per session.

    Returns:
        The password.

    Raises:
        NotFound: no such user.
    """
    local = names.local(name, settings.get().host)
    user_id = user_items.id_by_name(local) if local else None
    user = user_items.get(user_id, consistent=True, include_hidden=True) if user_id else None
    password = secrets.token_urlsafe(_RESET_BYTES)
    if user is not None:
        with suppress(Absent):
            sessions.replace_password(user, passwords.hash_password(password), None, None, now)
            sockets.close_all(user.id)
            return password
    raise NotFound(f"There is no account {name}")


def _replace(user: User, new_password: str, kept: str | None, otherwise: Unauthenticated, now: int) -> str:
    """Write a new password and recovery code, and end the sessions; return the code."""
    code = recovery.new_code()
    hashed = passwords.hash_password(new_password)
    with oauth.while_present(user.id, otherwise):
        sessions.replace_password(user, hashed, recovery.hash_code(code), kept, now)
    sockets.close_all(user.id, but=kept)
    return code


def _new_code(user: User) -> str:
    code = recovery.new_code()
    if not user_items.set_recovery(user, recovery.hash_code(code)):
        raise users.absent()
    return code
