"""OAuth 2: applications, tokens and scopes (RFC 6749, 6750, 7009). Secrets are stored as SHA-256 alone.

What people are asked in a browser, and the codes that they give to applications: `fstream_app.access.authorization`.
"""

import re
import secrets
from collections.abc import Collection
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple
from urllib.parse import urlsplit

from fstream_app.core import cleaning, clock
from fstream_app.core.entities import Application, Token, User
from fstream_app.core.errors import Forbidden, Invalid, OAuthError, Unauthenticated
from fstream_app.core.parallel import gather
from fstream_app.people import users
from fstream_app.repository import oauth

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
APPLICATION_SECONDS = 30 * 86_400
"""How long an application is kept that nobody logs in with."""
CLIENT_TOKEN_SECONDS = 30 * 86_400
"""How long a token that stands for an application alone is valid."""
MAX_NAME, MAX_URI, MAX_URIS = 100, 2000, 10
MAX_ID = 100
"""More than any client id has; DynamoDB refuses longer keys."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
"""With the characters of RFC 3986 alone: a browser takes a backslash for a slash, and goes elsewhere than is told."""
_WEB = frozenset({"http", "https"})
_MAX_PORT = 65_535
_RUNS = frozenset({"javascript", "data", "vbscript", "file", "blob"})
_CHILDREN = {
    "read": "accounts blocks bookmarks favourites filters follows lists mutes notifications search statuses",
    "write": "accounts blocks bookmarks conversations favourites filters follows lists media mutes "
    "notifications reports statuses",
}
SCOPES = frozenset(
    {"read", "write", "follow", "push", "profile"}
    | {f"{parent}:{child}" for parent, children in _CHILDREN.items() for child in children.split()}
)
_NOT_GRANTED = re.compile(r"(admin:(read|write)(:[a-z_]{1,40})?|crypto)")
"""Mastodon's scopes that give access to nothing here. Mastodon accepts them, and refuses all other unknown ones."""
_LOOPBACK = re.compile(
    r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{0,5}))?([/?].*)?", re.ASCII | re.IGNORECASE
)
"""A loopback redirect URI: origin, port and the rest."""
_FOLLOW = frozenset(f"{parent}:{child}" for parent in ("read", "write") for child in ("blocks", "follows", "mutes"))
_PROFILE = frozenset({"profile", "read", "read:accounts"})
"""What lets an application know who the user is: the first one nothing else."""


class Issued(NamedTuple):
    """A new token and the only sight of its secret."""

    secret: str
    token: Token


class Registered(NamedTuple):
    """A new application and the only sight of its secret."""

    secret: str
    application: Application


def parse_scopes(text: str) -> tuple[str, ...]:
    """Read scopes separated by blanks, each once, in order. Mastodon's scopes that FSTREAM does not have are left out.

    Raises:
        OAuthError: one is unknown, or there is none.
    """
    scopes = tuple(scope for scope in dict.fromkeys(text.split()) if not _NOT_GRANTED.fullmatch(scope))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise OAuthError("invalid_scope", "The requested scope is invalid, unknown, or malformed")
    return scopes


def covers(granted: Collection[str], scope: str) -> bool:
    """Tell whether granted scopes include one: itself, its parent, or `follow` for the relationships."""
    if scope in granted or scope.partition(":")[0] in granted:
        return True
    return ("follow" in granted and scope in _FOLLOW) or (scope == "profile" and not _PROFILE.isdisjoint(granted))


def register(name: str, redirect_uris: tuple[str, ...], scopes: str, website: str | None, now: int) -> Registered:
    """Register an application; 1 WRU.

    Raises:
        Invalid: a value is missing, malformed or too long.
    """
    name = " ".join(cleaning.clean(name).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"client_name must have 1 to {MAX_NAME} characters", "client_name", "ERR_BLANK")
    if not 1 <= len(redirect_uris) <= MAX_URIS or not all(map(_is_redirect_uri, redirect_uris)):
        raise Invalid(f"redirect_uris must be 1 to {MAX_URIS} absolute URIs", "redirect_uris")
    if website and _scheme(website) not in _WEB:
        raise Invalid("website must be an http or https address", "website")
    try:
        granted = parse_scopes(scopes or "read")
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
    )
    oauth.put_application(application, clock.ttl_seconds(now + 1000 * APPLICATION_SECONDS))
    return Registered(secret, application)


def _is_redirect_uri(uri: str) -> bool:
    """Tell whether it is an absolute URI without a fragment (RFC 6749, section 3.1.2) that runs nothing."""
    scheme = _scheme(uri)
    return scheme is not None and scheme not in _RUNS and "#" not in uri


def _scheme(uri: str) -> str | None:
    """Return the scheme of an absolute URI, or None if it is none, is too long or lacks a host where it needs one."""
    if not (_URI.fullmatch(uri) and len(uri) <= MAX_URI):
        return None
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    return None if parts.scheme in _WEB and not parts.hostname else parts.scheme


def is_registered(application: Application, redirect_uri: str) -> bool:
    """Return whether an application has registered a redirect URI: see `same_redirect`."""
    return any(same_redirect(registered, redirect_uri) for registered in application.redirect_uris)


def same_redirect(registered: str, asked: str) -> bool:
    """Return whether two redirect URIs are the same, except for the port of a loopback address (RFC 8252, 7.3).

    Native apps listen on whatever port is free. They use `localhost` too, against the RFC's advice.
    """
    if registered == asked:
        return True
    first, second = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(asked)
    if first is None or second is None or not _is_redirect_uri(asked) or int(second[2] or 0) > _MAX_PORT:
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
    """Issue a token that stands for the application alone; 1 WRU.

    Raises:
        OAuthError: `invalid_scope`.
    """
    scopes = requested_scopes(application, scope)
    return _issue(application, scopes, now, expires_at=clock.ttl_seconds(now + 1000 * CLIENT_TOKEN_SECONDS))


def password(application: Application, account: str, secret: str, scope: str, now: int) -> Issued:
    """Issue a token to a user who gave name and password (RFC 6749, section 4.3); 2 RRU, 2 WRU.

    Raises:
        Forbidden: the user is suspended.
        OAuthError: `invalid_scope`, `invalid_grant`.
    """
    scopes = requested_scopes(application, scope)
    user = users.authenticate(account, secret)
    if user is None:
        raise OAuthError("invalid_grant", "The username or password is incorrect")
    return for_user(application, user, scopes, now)


def for_user(application: Application, user: User, scopes: tuple[str, ...], now: int) -> Issued:
    """Issue a token to a user, and keep the application from now on; 2 WRU, 1 more for its first user."""
    issued, _ = gather(partial(_issue, application, scopes, now, user_id=user.id), partial(keep, application))
    return issued


def keep(application: Application) -> None:
    """Let an application that somebody logs in with stay; 1 WRU, once."""
    if not application.kept:
        oauth.keep_application(application.id)


def requested_scopes(application: Application, scope: str) -> tuple[str, ...]:
    """Return the scopes that an application asks for: all of its own if it names none.

    Raises:
        OAuthError: `invalid_scope`, one is unknown or more than the application is registered for.
    """
    scopes = parse_scopes(scope) if scope.strip() else application.scopes
    if not all(covers(application.scopes, wanted) for wanted in scopes):
        raise OAuthError("invalid_scope", "The application is not registered for the requested scope")
    return scopes


def _issue(
    application: Application,
    scopes: tuple[str, ...],
    now: int,
    user_id: str | None = None,
    expires_at: int | None = None,
) -> Issued:
    issued = new_token(application, scopes, now, user_id)
    oauth.put_token(issued.token, expires_at)
    return issued


def new_token(application: Application, scopes: tuple[str, ...], now: int, user_id: str | None) -> Issued:
    """Make a token, which is not yet stored."""
    secret = secrets.token_urlsafe(32)
    token = Token(
        hash=hash_secret(secret),
        application_id=application.id,
        application_name=application.name,
        application_website=application.website,
        user_id=user_id,
        scopes=scopes,
        created_at=now,
    )
    return Issued(secret, token)


def application_of(token: Token, now: int) -> Application:
    """Return the application that a token belongs to; 1 RRU.

    Raises:
        Unauthenticated: it is gone.
    """
    application = oauth.get_application(token.application_id, now)
    if application is None:
        raise Unauthenticated("The access token is invalid")
    return application


def verify(secret: str, now: int) -> Token:
    """Return the token with this secret; 1 RRU.

    Raises:
        Forbidden: its user is suspended.
        Unauthenticated: there is none, or it was revoked.
    """
    token = oauth.get_token(hash_secret(secret), now)
    if token is None:
        raise Unauthenticated("The access token is invalid")
    if token.suspended:
        raise Forbidden(token.suspended)
    return token


def require(token: Token, scope: str) -> None:
    """Check that a token covers a scope.

    Raises:
        Forbidden: it does not.
    """
    if not covers(token.scopes, scope):
        raise Forbidden("This action is outside the authorized scopes")


def revoke(application: Application, secret: str, now: int) -> None:
    """Revoke a token of this application; an unknown one is no error (RFC 7009, section 2.2). 1 RRU, 1 WRU.

    Raises:
        OAuthError: `unauthorized_client`, the token belongs to another application.
    """
    token = oauth.get_token(hash_secret(secret), now)
    if token is None:
        return
    if token.application_id != application.id:
        raise OAuthError("unauthorized_client", "You are not authorized to revoke this token")
    oauth.delete_token(token.hash)


def hash_secret(secret: str) -> str:
    """Return the form in which a secret is stored and found: it has 256 random bits, so no salt is needed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
