"""OAuth 2: applications, tokens and scopes (RFC 6749, 6750, 7009). Of secrets, only the SHA-256 is stored.

For consent in a browser and authorization codes, see `fstream_app.access.authorization`.
"""

import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple
from urllib.parse import urlsplit

from fstream_app.access import sessions
from fstream_app.core import cleaning, clock
from fstream_app.core.entities import User
from fstream_app.core.errors import DomainError, Forbidden, Invalid, OAuthError, OutOfScope, Unauthenticated
from fstream_app.core.grants import Application, Token
from fstream_app.people import recovery, tokens, users
from fstream_app.repository import oauth
from fstream_app.repository.users import Absent

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
APPLICATION_SECONDS = CLIENT_TOKEN_SECONDS = 30 * 86_400
"""Lifetime of an application that no user has logged in with, and of its own token, which does not outlive it."""
MAX_NAME, MAX_URI, MAX_URIS = 100, 2000, 10
MAX_ID = 100
"""Longer than any client id, and far below DynamoDB's limit for keys."""
_ESCAPED = "%[0-9A-Fa-f]{2}"
_NAMED = rf"[A-Za-z0-9_.~!$&'()*+,;=-]|{_ESCAPED}"
_AUTHORITY = rf"((:|{_NAMED})*@)?(\[[0-9A-Fa-f:.]+\]|({_NAMED})*)(:[0-9]*)?"
_CHARACTER = f"[:@]|{_NAMED}"
_PATH = rf"(//{_AUTHORITY}(/(/|{_CHARACTER})*)?|/(({_CHARACTER})(/|{_CHARACTER})*)?|({_CHARACTER})(/|{_CHARACTER})*)"
URI_PATTERN = rf"[A-Za-z][A-Za-z0-9+.-]*:{_PATH}(\?([/?]|{_CHARACTER})*)?"
"""An absolute URI without a fragment, as RFC 3986 defines it, so that every client reads the same host in it.

A browser treats a backslash as a slash, and may then go to another host.
"""
WEBSITE_PATTERN = (
    rf"[Hh][Tt][Tt][Pp][Ss]?://{_AUTHORITY}(/(/|{_CHARACTER})*)?(\?([/?]|{_CHARACTER})*)?(#([/?]|{_CHARACTER})*)?"
)
"""An address of the web by RFC 3986."""
_URI = re.compile(rf"{URI_PATTERN}(#([/?]|{_CHARACTER})*)?")
_WEB = frozenset({"http", "https"})
_MAX_PORT = 65_535
_UNSAFE = frozenset(
    "about blob data file filesystem ftp intent javascript mailto sms tel vbscript view-source ws wss".split()
)
"""Schemes that run code, open local content, or start something other than the application that registered them."""
_CHILDREN = {
    "read": "accounts blocks bookmarks favourites filters follows lists mutes notifications search statuses",
    "write": "accounts blocks bookmarks conversations favourites filters follows lists media mutes notifications "
    "reports statuses",
}
SCOPES = frozenset(
    {"read", "write", "follow", "push", "profile"}
    | {f"{parent}:{child}" for parent, children in _CHILDREN.items() for child in children.split()}
)
NOT_GRANTED_PATTERN = r"(admin:(read|write)(:[a-z_]{1,40})?|crypto)"
"""Mastodon's scopes for features that FSTREAM does not have. Mastodon accepts them and refuses unknown ones."""
_NOT_GRANTED = re.compile(NOT_GRANTED_PATTERN)
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LOOPBACK = re.compile(
    rf"(http://(?:127(?:\.{_BYTE}){{3}}|\[(?:::|(?:0:){{7}})1\]|localhost))(?::([0-9]{{0,5}}))?([/?].*)?",
    re.ASCII | re.IGNORECASE,
)
"""A loopback redirect URI (127.0.0.0/8, ::1 or `localhost`): origin, port and the rest."""
_FOLLOW = frozenset(f"{parent}:{child}" for parent in ("read", "write") for child in ("blocks", "follows", "mutes"))
_PROFILE = frozenset({"profile", "read", "read:accounts"})
"""Scopes that let an application read the user's profile. `profile` covers nothing else."""


class Issued(NamedTuple):
    """A new token and its secret, which is not stored, and a new user's recovery code."""

    secret: str
    token: Token
    recovery_code: str = ""


class Registered(NamedTuple):
    """A new application and its secret, which is not stored."""

    secret: str
    application: Application


def parse_scopes(text: str) -> tuple[str, ...]:
    """Parse scopes separated by spaces, in order and without duplicates. Mastodon's other scopes are left out.

    Raises:
        OAuthError: a scope is unknown, or the text has none.
    """
    scopes = tuple(scope for scope in dict.fromkeys(text.split()) if not _NOT_GRANTED.fullmatch(scope))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise OAuthError("invalid_scope", "The requested scope is invalid, unknown, or malformed")
    return scopes


def covers(granted: Collection[str], scope: str) -> bool:
    """Return whether granted scopes cover a scope.

    A scope is covered by itself and by its parent. `follow` also covers the scopes of relationships. `profile` is also
    covered by `read` and `read:accounts`.
    """
    if scope in granted or scope.partition(":")[0] in granted:
        return True
    return ("follow" in granted and scope in _FOLLOW) or (scope == "profile" and not _PROFILE.isdisjoint(granted))


def register(name: str, redirect_uris: tuple[str, ...], scopes: str, website: str | None, now: int) -> Registered:
    """Register an application; 1 WRU.

    Raises:
        Invalid: a value is missing, malformed or too long.
    """
    name = cleaning.name(name)
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(
            f"The application's name (client_name) must have 1 to {MAX_NAME} characters", "client_name", "ERR_BLANK"
        )
    if not 1 <= len(redirect_uris) <= MAX_URIS or not all(map(_is_redirect_uri, redirect_uris)):
        raise Invalid(
            f"An application must have 1 to {MAX_URIS} redirect URIs (redirect_uris), all absolute, "
            "and with http only for loopback addresses",
            "redirect_uris",
        )
    if website and _scheme(website) not in _WEB:
        raise Invalid("The application's website must be an http or https address", "website")
    try:
        granted = parse_scopes(scopes if scopes.strip() else "read")
    except OAuthError as error:
        raise Invalid(str(error), "scopes") from None
    secret = secrets.token_urlsafe(32)
    application = Application(
        id=secrets.token_urlsafe(24),
        secret_hash=hash_secret(secret),
        name=name,
        website=website or None,
        redirect_uris=redirect_uris,
        scopes=granted,
        expires_at=clock.ttl_seconds(now + 1000 * APPLICATION_SECONDS),
    )
    oauth.put_application(application)
    return Registered(secret, application)


def _is_redirect_uri(uri: str) -> bool:
    """Return whether it is an absolute URI without a fragment (RFC 6749, section 3.1.2) and with a safe scheme.

    A response must not cross a network unencrypted, so http is for loopback addresses only (RFC 9700, section 2.6).
    """
    scheme = _scheme(uri)
    if scheme is None or scheme in _UNSAFE or "#" in uri:
        return False
    return scheme != "http" or _LOOPBACK.fullmatch(uri) is not None


def _scheme(uri: str) -> str | None:
    """Return the scheme of an absolute URI, or None if it is malformed, too long, or http(s) without a host."""
    if not (len(uri) <= MAX_URI and _URI.fullmatch(uri)):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port  # fails if there can't be such a port
    except ValueError:
        return None
    return None if parts.scheme in _WEB and not parts.hostname else parts.scheme


def is_registered(application: Application, redirect_uri: str) -> bool:
    """Return whether an application has registered a redirect URI, and may still use it: see `same_redirect`."""
    return _is_redirect_uri(redirect_uri) and any(
        same_redirect(registered, redirect_uri) for registered in application.redirect_uris
    )


def same_redirect(registered: str, asked: str) -> bool:
    """Return whether two redirect URIs are the same, except for the port of a loopback address (RFC 8252, 7.3).

    Native apps listen on any free port. They also use `localhost`, against the RFC's advice.
    """
    if registered == asked:
        return True
    first, second = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(asked)
    if first is None or second is None or int(second[2] or 0) > _MAX_PORT:
        return False
    return (first[1].lower(), first[3]) == (second[1].lower(), second[3])


def find_application(client_id: str, now: int) -> Application | None:
    """Return the application with this id, or None; 1 RRU."""
    return oauth.get_application(client_id, now) if 1 <= len(client_id) <= MAX_ID else None


def authenticate_client(client_id: str, client_secret: str, now: int) -> Application:
    """Return the application with this id and secret; 1 RRU.

    Raises:
        OAuthError: `invalid_client`.
    """
    application = find_application(client_id, now)
    if application is None or not compare_digest(application.secret_hash, hash_secret(client_secret)):
        raise OAuthError("invalid_client", "Client authentication failed: unknown client or wrong secret")
    return application


def client_credentials(application: Application, scope: str, now: int) -> Issued:
    """Issue a token for the application itself, without a user (RFC 6749, section 4.4); 1 WRU.

    Raises:
        OAuthError: `invalid_scope`.
    """
    issued = new_token(application, requested_scopes(application, scope), now, None)
    expires_at = clock.ttl_seconds(now + 1000 * CLIENT_TOKEN_SECONDS)
    oauth.put_client_token(issued.token, min(expires_at, application.expires_at or expires_at))
    return issued


def password(application: Application, account: str, secret: str, scope: str, now: int) -> Issued:
    """Issue a token for a user's name and password (RFC 6749, section 4.3); 2 RRU, 7 or 8 WRU.

    Raises:
        Forbidden: the user is suspended.
        OAuthError: `invalid_client`, `invalid_scope`.
        Unauthenticated: the user is leaving.
        WrongPassword: the name or password is wrong.
    """
    scopes = requested_scopes(application, scope)
    user = users.authenticate(account, secret)
    with while_present(user.id, users.absent()):
        return for_user(application, user, scopes, now)


def for_user(application: Application, user: User, scopes: tuple[str, ...], now: int) -> Issued:
    """Issue a user's token, and keep the application permanently; 7 or 8 WRU, 1 more for the application's first user.

    Raises:
        Absent: the user is not present, or has another password by now.
        OAuthError: `invalid_client`, if the application no longer exists.
    """
    keep(application, OAuthError("invalid_client", "Client authentication failed: the registration has expired"), now)
    return _issue(application, user, scopes, now)


def sign_up(token: Token, name: str, password: str, now: int) -> Issued:
    """Create a user, and issue a token with the scopes of an application's own; 1 RRU, 12 WRU.

    1 RRU and 1 WRU more for the application's first user.

    Raises:
        Forbidden: the instance does not accept new accounts, or has suspended this one already.
        Invalid: name or password break a rule, or the name is taken.
        Unauthenticated: the application no longer exists.
    """
    application = application_of(token, now)
    keep_for_new_user(application, name, password, _invalid_token(), now)
    code = recovery.new_code()
    user = users.sign_up(name, password, now, code)
    with while_present(user.id, _invalid_token()):
        return _issue(application, user, token.scopes, now)._replace(recovery_code=code)


def keep(application: Application, otherwise: DomainError, now: int) -> None:
    """Keep an application permanently, because a user logs in with it; 1 WRU the first time.

    Raises:
        DomainError: `otherwise`, if the application no longer exists.
    """
    if application.expires_at is not None and not oauth.keep_application(application.id, now):
        raise otherwise


def keep_for_new_user(application: Application, name: str, password: str, otherwise: DomainError, now: int) -> None:
    """Keep an application before it creates a user, who could do nothing with one that expires meanwhile.

    1 RRU and 1 WRU the first time. What sign-up would refuse keeps no application.

    Raises:
        DomainError: `otherwise`, if the application no longer exists.
        Forbidden: the instance does not accept new accounts.
        Invalid: name or password break a rule, or the name is taken.
    """
    if application.expires_at is not None:
        users.check_sign_up(name, password)
        keep(application, otherwise, now)


@contextmanager
def while_present(user_id: str, otherwise: DomainError) -> Iterator[None]:
    """Translate that a credential was not written because its user is not present, or has another password by now.

    Raises:
        DomainError: `otherwise`, if the user is leaving or gone.
        Forbidden: the user is suspended; 1 RRU.
    """
    try:
        yield
    except Absent:
        users.refuse_suspended(user_id)
        raise otherwise from None


def requested_scopes(application: Application, scope: str) -> tuple[str, ...]:
    """Return the scopes that an application requests: all of its own if it names none.

    Raises:
        OAuthError: `invalid_scope`, if a scope is unknown or the application is not registered for it.
    """
    scopes = parse_scopes(scope) if scope.strip() else application.scopes
    if not all(covers(application.scopes, wanted) for wanted in scopes):
        raise OAuthError("invalid_scope", "The application is not registered for the requested scope")
    return scopes


def _issue(application: Application, user: User, scopes: tuple[str, ...], now: int) -> Issued:
    issued = new_token(application, scopes, now, user.id)
    oauth.put_token(issued.token, user.id, user.password_hash)
    return issued


def new_token(application: Application, scopes: tuple[str, ...], now: int, user_id: str | None) -> Issued:
    """Return a new token, not yet stored."""
    secret = secrets.token_urlsafe(32)
    token = Token(
        hash=hash_secret(secret),
        application_id=application.id,
        application_name=application.name,
        application_website=application.website,
        user_id=user_id,
        scopes=scopes,
        created_at=now,
        used_on=clock.day(now) if user_id else None,
    )
    return Issued(secret, token)


def application_of(token: Token, now: int) -> Application:
    """Return the application that a token belongs to; 1 RRU.

    Raises:
        Unauthenticated: the application no longer exists.
    """
    application = oauth.get_application(token.application_id, now)
    if application is None:
        raise _invalid_token()
    return application


def verify(secret: str, now: int) -> Token:
    """Return the token with this secret; 1 RRU. The first use of a user's token on each day is recorded; 1 WRU.

    Raises:
        Forbidden: the user is suspended.
        Unauthenticated: no such token, or it has expired or was revoked.
    """
    token = oauth.get_token(hash_secret(secret), now)
    if token is None:
        raise _invalid_token()
    if token.suspended:
        raise Forbidden(token.suspended)
    sessions.record_use(token, now)
    return token


def _invalid_token() -> Unauthenticated:
    return Unauthenticated("The access token is invalid")


def require(token: Token, scope: str) -> None:
    """Check that a token covers a scope.

    Raises:
        OutOfScope: it does not.
    """
    if not covers(token.scopes, scope):
        raise OutOfScope("This action is outside the authorized scopes", scope)


def revoke(application: Application, secret: str, now: int) -> None:
    """Revoke a token of this application; 1 RRU, 1 WRU. Idempotent (RFC 7009, section 2.2).

    Raises:
        OAuthError: `unauthorized_client`, if the token belongs to another application.
    """
    token = oauth.get_token(hash_secret(secret), now)
    if token is None:
        return
    if token.application_id != application.id:
        raise OAuthError("unauthorized_client", "You are not authorized to revoke this token")
    tokens.end(token.user_id, [token.hash])


def hash_secret(secret: str) -> str:
    """Return the hash under which a secret is stored. It needs no salt, because a secret has 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
