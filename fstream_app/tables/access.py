"""Client applications, tokens and limits."""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from fstream_app.tables.base import Expiry, Table, described, texts


class ApplicationItem(Table):
    """A registered client application."""

    Meta = described("applications")
    id = UnicodeAttribute(hash_key=True)
    secret_hash = UnicodeAttribute()
    name = UnicodeAttribute()
    website = UnicodeAttribute(null=True)
    redirect_uris = texts()
    scopes = UnicodeAttribute()
    expires_at = Expiry(null=True)
    """Removed on the first log-in with the application, which then never expires."""


class TokenIndex(GlobalSecondaryIndex["TokenItem"]):  # type: ignore[no-untyped-call]
    """Tokens, authorization codes and lists of recent ones by user."""

    class Meta:  # noqa: D106
        index_name = "user-index"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)
    hash = UnicodeAttribute(range_key=True)


class TokenItem(Table):
    """An access token, under the SHA-256 of its secret, or an authorization code, under `code#` and its SHA-256.

    Under `recent#<user id>#<number of the window>`: the keys of the tokens and codes that a user got in ten minutes.
    """

    Meta = described("tokens")
    hash = UnicodeAttribute(hash_key=True)
    application_id = UnicodeAttribute()
    application_name = UnicodeAttribute()
    application_website = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    """None in an application's own token (client credentials)."""
    scopes = UnicodeAttribute()
    suspended = UnicodeAttribute(null=True)
    """The user is suspended: the token grants nothing, and requests with it get this text."""
    created_at = NumberAttribute()
    redirect_uri = UnicodeAttribute(null=True)
    """In a code: the address that it was sent to."""
    challenge = UnicodeAttribute(null=True)
    """In a code: PKCE's S256 challenge."""
    issued = UnicodeAttribute(null=True)
    """In a used code: the key of the token that was issued for it."""
    used_on = NumberAttribute(null=True)
    """In a user's token: the last day on which it was used, in days since the epoch (UTC).

    None in a token of an earlier version that has not been used since.
    """
    recent = UnicodeSetAttribute(null=True)
    """In a list of recent tokens and codes: their keys."""
    expires_at = Expiry(null=True)
    by_user = TokenIndex()


class LimitItem(Table):
    """A short-lived record: an idempotency key, a rate-limit window, or an address known to an account."""

    Meta = described("limits")
    key = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(null=True)
    lifetime = NumberAttribute(null=True)
    deleted = BooleanAttribute(null=True)
    taken = NumberAttribute(null=True)
    """In a rate-limit window: the count so far."""
    paused_until = NumberAttribute(null=True)
    """In a window of password guesses: no more before this time (ms)."""
    expires_at = Expiry()
