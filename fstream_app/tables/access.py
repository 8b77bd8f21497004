"""Client applications, tokens and limits."""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
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
    """Removed when a person first logs in with the application, which is kept from then on."""


class TokenIndex(GlobalSecondaryIndex["TokenItem"]):  # type: ignore[no-untyped-call]
    """The tokens of a user."""

    class Meta:  # noqa: D106
        index_name = "user-index"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)
    hash = UnicodeAttribute(range_key=True)


class TokenItem(Table):
    """An access token, keyed by the SHA-256 of its secret, or an authorization code: `code#` and the SHA-256 of it."""

    Meta = described("tokens")
    hash = UnicodeAttribute(hash_key=True)
    application_id = UnicodeAttribute()
    application_name = UnicodeAttribute()
    application_website = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    """None in a token that belongs to the application alone."""
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
    expires_at = Expiry(null=True)
    by_user = TokenIndex()


class LimitItem(Table):
    """A short-lived record: an idempotency key or a rate-limit window."""

    Meta = described("limits")
    key = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(null=True)
    lifetime = NumberAttribute(null=True)
    deleted = BooleanAttribute(null=True)
    taken = NumberAttribute(null=True)
    """In a rate-limit window: how much of it is used."""
    expires_at = Expiry()
