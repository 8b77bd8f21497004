"""/api/oauth_tokens and /api/pleroma/change_password: sessions, the password and the recovery code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import msgspec

from chalicelib import entities, rendering, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.shapes import REQUIRED, rule
from fstream_app.access import credentials, sessions
from fstream_app.access.sessions import Session
from fstream_app.core import clock
from fstream_app.core.errors import Forbidden, Invalid, NotFound, WrongPassword
from fstream_app.people import departures

api = Blueprint(__name__)

READ, WRITE = "read:accounts", "write:accounts"
_HUNDRED_YEARS = 36_525 * 86_400_000
_DIGITS = len(str(sessions.MAX_ID))


class OAuthToken(msgspec.Struct, frozen=True, kw_only=True):
    """A session of the user: an access token without its secret, in Pleroma's form with additions."""

    id: shapes.SessionId
    app_name: str
    valid_until: shapes.Time
    """A hundred years after the beginning: sessions do not expire, but clients expect a date."""
    created_at: shapes.Time
    last_used_on: shapes.Date | None
    """The last day of use (UTC). None if an earlier version began the session, and it has not been used since."""
    current: bool
    """Whether it is the session that asks."""


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    """Confirmation that the password is changed, in Pleroma's form, with the new recovery code."""

    status: Literal["success"] = "success"
    recovery_code: str
    """Replaces the earlier one. It is shown only once."""


class RecoveryCode(msgspec.Struct, frozen=True, kw_only=True):
    """A new recovery code, which replaces the earlier one and is shown only once."""

    recovery_code: str


class NewPassword(msgspec.Struct, frozen=True):
    """A change of the password."""

    password: str
    """The present password."""
    new_password: shapes.Password
    """8 to 256 characters."""
    new_password_confirmation: str | None = None
    """The new password again, if the client asked for it twice."""


class Confirmation(msgspec.Struct, frozen=True):
    """The user's password, as a confirmation."""

    password: Annotated[str, rule(**{REQUIRED: True})] = ""


@api.declare("GET", "/api/oauth_tokens", scope=READ)
def listed(call: Call[msgspec.Struct]) -> list[OAuthToken]:
    """List the user's sessions, the last used one first (Pleroma's convention)."""
    return [_rendered(each) for each in sessions.of_user(call.user_id, _own(call), call.now)]


@api.declare("DELETE", "/api/oauth_tokens/{id}", scope=WRITE, status=201)
def end(call: Call[msgspec.Struct]) -> entities.Empty:
    """End a session of the user at once. An id of no session is ignored (Pleroma's convention)."""
    written = call.path["id"]
    # Python refuses to read thousands of digits, also if they are zeros.
    if not (written.isascii() and written.isdigit() and len(written) <= _DIGITS and int(written) <= sessions.MAX_ID):
        raise NotFound("There is no such session")
    sessions.end(call.user_id, frozenset({int(written)}), call.now)
    return entities.Empty()


@api.declare("DELETE", "/api/oauth_tokens", scope=WRITE)
def end_others(call: Call[msgspec.Struct]) -> entities.Empty:
    """End all sessions of the user except the one that asks."""
    sessions.end_others(call.user_id, _own(call), call.now)
    return entities.Empty()


@api.declare("POST", "/api/pleroma/change_password", scope=WRITE, parameters=NewPassword, in_body=True)
def change_password(call: Call[NewPassword]) -> PasswordChange:
    """Change the password, end all other sessions, and replace the recovery code (Pleroma's convention)."""
    wanted = call.parameters
    if wanted.new_password_confirmation not in {None, wanted.new_password}:
        raise Invalid("The new password and its confirmation are different", "new_password_confirmation")
    with confirmed(call):
        code = credentials.change(call.user_id, wanted.password, wanted.new_password, _own(call), call.now)
    return PasswordChange(recovery_code=code)


@api.declare("POST", "/api/v1/recovery_code", scope=WRITE, parameters=Confirmation, in_body=True)
def new_recovery_code(call: Call[Confirmation]) -> RecoveryCode:
    """Return a new recovery code, which replaces the earlier one."""
    with confirmed(call):
        return RecoveryCode(recovery_code=credentials.new_code(call.user_id, call.parameters.password))


@contextmanager
def confirmed(call: Call[NewPassword] | Call[Confirmation]) -> Iterator[None]:
    """Count a guess of the password of the token's user, which the block checks.

    Raises:
        Forbidden: the password is wrong.
        TooManyRequests: too many were wrong.
        Unauthenticated: the account is deleted.
    """
    name = departures.name_of(call.user_id)
    try:
        with call.limits.password(name, remember=False, token_hash=_own(call)):
            yield
    except WrongPassword:
        raise Forbidden("Invalid password.") from None


def _own(call: Call[msgspec.Struct] | Call[NewPassword] | Call[Confirmation]) -> str:
    """Return the hash of the request's token."""
    return call.token.hash if call.token else ""


def _rendered(session: Session) -> OAuthToken:
    return OAuthToken(
        id=session.id,
        app_name=session.application_name,
        valid_until=rendering.date(session.began_at + _HUNDRED_YEARS),
        created_at=rendering.date(session.began_at),
        last_used_on=None if session.used_on is None else rendering.date(clock.start_of(session.used_on))[:10],
        current=session.is_own,
    )
