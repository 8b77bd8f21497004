"""Immutable structs of access: applications, tokens, codes and rate limits. Times are milliseconds."""

from typing import NamedTuple

import msgspec


class Application(msgspec.Struct, frozen=True):
    """A registered client application."""

    id: str
    secret_hash: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: int | None
    """Seconds; None once a user has logged in with it, because it is then kept."""


class Token(msgspec.Struct, frozen=True):
    """An access token without its secret."""

    hash: str
    application_id: str
    application_name: str
    scopes: tuple[str, ...]
    created_at: int
    user_id: str | None = None
    """None for an application's own token (client credentials)."""
    application_website: str | None = None
    suspended: str | None = None
    """The user is suspended: the token grants nothing, and requests with it get this text."""
    used_on: int | None = None
    """The last day on which a user's token was used, in days since the epoch (UTC); None if it is not known."""


class Code(msgspec.Struct, frozen=True):
    """An authorization code without its secret: a user's grant to an application."""

    hash: str
    application_id: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    """The address that it was sent to."""
    challenge: str | None
    """PKCE's S256 challenge."""
    issued: str | None = None
    """In a used code: the hash of the token that was issued for it."""


class Quota(NamedTuple):
    """A rate limit's state: its limit, what remains of it, and when it resets."""

    limit: int
    remaining: int
    resets_at: int
    """Milliseconds."""
