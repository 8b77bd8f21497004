"""The tables, as PynamoDB models: the one definition, from which provisioning and templates are made.

Only the repository (and provisioning) imports them. Times are milliseconds unless they are a table's TTL
attribute `expires_at`, which DynamoDB wants in seconds.
"""

import threading
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BinarySetAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.connection.table import TableConnection
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from fstream_app.core import settings
from fstream_app.core.database import connection

_lock = threading.Lock()


class Table(Model):
    """What all tables have in common: the shared connection and on-demand billing."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        with _lock:
            if cls._connection is None:
                table = super()._get_connection()
                meta_table = table.get_meta_table()
                table.connection = connection()
                table.connection.add_meta_table(meta_table)
                cls._connection = table
            return cls._connection

    @classmethod
    def key_names(cls) -> list[str]:
        """Return the stored names of the hash key and, if there is one, the range key."""
        keys = [attribute for attribute in cls.get_attributes().values() if attribute.is_hash_key]
        keys += [attribute for attribute in cls.get_attributes().values() if attribute.is_range_key]
        return [str(attribute.attr_name) for attribute in keys]


class Expiry(TTLAttribute):
    """The TTL attribute as whole seconds since the epoch, without PynamoDB's detour over datetimes."""

    def _normalize(self, value: int) -> int:
        return value

    def serialize(self, value: int) -> str:
        """Write the seconds as DynamoDB's number."""
        return str(value)

    def deserialize(self, value: str) -> Any:  # noqa: ANN401
        """Read the seconds."""
        return int(value)


def _meta(table: str, *, stream: bool = False) -> Any:  # noqa: ANN401
    attributes: dict[str, Any] = {
        "table_name": settings.get().table_name(table),
        "billing_mode": "PAY_PER_REQUEST",
    }
    if stream:
        attributes["stream_view_type"] = "KEYS_ONLY"
    return type("Meta", (), attributes)


def has_expired(expires_at: Any, now: int) -> bool:  # noqa: ANN401
    """Tell whether an item's expiry (s, or None for never) has come at this time (ms): TTL deletes it days later."""
    return expires_at is not None and expires_at * 1000 <= now


class NameIndex(GlobalSecondaryIndex["UserItem"]):  # type: ignore[no-untyped-call]
    """Users by the beginning of their names, for search."""

    class Meta:  # noqa: D106
        index_name = "name-index"
        projection = KeysOnlyProjection()

    name_prefix = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)


class UserItem(Table):
    """A user, or under `@name` the reservation that makes the name unique."""

    Meta = _meta("users")
    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(null=True)
    """In a reservation: whose name it is."""
    name = UnicodeAttribute(null=True)
    name_prefix = UnicodeAttribute(null=True)
    """The first two characters of the name."""
    display_name = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    fields: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    """Name and value of each profile field in turn."""
    password_hash = UnicodeAttribute(null=True)
    created_at = NumberAttribute(null=True)
    bot = BooleanAttribute(null=True)
    discoverable = BooleanAttribute(null=True)
    default_lifetime = NumberAttribute(null=True)
    default_visibility = UnicodeAttribute(null=True)
    default_sensitive = BooleanAttribute(null=True)
    default_language = UnicodeAttribute(null=True)
    followers_count = NumberAttribute(null=True)
    following_count = NumberAttribute(null=True)
    leaving = BooleanAttribute(null=True)
    """The account is being deleted: it is not there for any read."""
    suspended = UnicodeAttribute(null=True)
    """Nor is this one, until that is lifted: what its owner is told."""
    by_name = NameIndex()


class MessageItem(Table):
    """The only copy of a message's text. Its exact expiry is the time in its id plus `lifetime` seconds."""

    Meta = _meta("messages", stream=True)
    author_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    text = UnicodeAttribute()
    lifetime = NumberAttribute()
    expires_at = Expiry()
    visibility = NumberAttribute()
    in_reply_to = UnicodeAttribute(null=True)
    answered_lifetime = NumberAttribute(null=True)
    """Seconds that the message it answers lives."""
    thread = UnicodeAttribute(null=True)
    """Of a reply: the message with which its thread began."""
    ancestors = BinaryAttribute(legacy_encoding=False, null=True)
    """Of a reply: the ids above it, packed, oldest first; the nearest forty."""
    favourites_count = NumberAttribute(null=True)
    lasting_replies = NumberAttribute(null=True)
    """How many replies live as long as this message or longer."""
    brief_replies = BinarySetAttribute(legacy_encoding=False, null=True)
    """Replies that go before this message, packed as in the log."""
    mentions: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    """`user id` + `name`, joined."""
    tags: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    spoiler = UnicodeAttribute(null=True)
    sensitive = BooleanAttribute(null=True)
    language = UnicodeAttribute(null=True)
    application = UnicodeAttribute(null=True)
    application_website = UnicodeAttribute(null=True)
    hidden = BooleanAttribute(null=True)
    """Its author is suspended: no read shows it."""
    idempotency = UnicodeAttribute(null=True)
    """The key of the idempotency record under which it was posted."""


class EdgeIndex(GlobalSecondaryIndex["EdgeItem"]):  # type: ignore[no-untyped-call]
    """Who follows (blocks, mutes) a user: the same edges by their other end."""

    class Meta:  # noqa: D106
        index_name = "edge-index"
        projection = KeysOnlyProjection()

    edge = UnicodeAttribute(hash_key=True, attr_name="e")
    user_id = UnicodeAttribute(range_key=True, attr_name="u")


class EdgeItem(Table):
    """What one user thinks of another: `follow#id`, `block#id`, `blocked_by#id`, `mute#id`.

    The keys are stored as `u` and `e`: an edge is 35 bytes instead of 44, so one unit reads 117 of them, not 93.
    """

    Meta = _meta("relationships", stream=True)
    user_id = UnicodeAttribute(hash_key=True, attr_name="u")
    edge = UnicodeAttribute(range_key=True, attr_name="e")
    mutes_notifications = BooleanAttribute(null=True, attr_name="n")
    expires_at = Expiry(null=True)
    by_edge = EdgeIndex()


class HeadItem(Table):
    """An author's newest live messages, packed (`fstream_app.core.packing`)."""

    Meta = _meta("heads")
    author_id = UnicodeAttribute(hash_key=True)
    entries = BinaryAttribute(legacy_encoding=False)
    expires_at = Expiry()


class LogItem(Table):
    """What one fan-out batch delivered, packed (`fstream_app.core.packing`)."""

    Meta = _meta("log")
    hour = UnicodeAttribute(hash_key=True)
    """`hour#shard`, the hour being hours since the epoch."""
    appended_at = UnicodeAttribute(range_key=True)
    """The time of appending, as in a message id, and 5 random characters."""
    entries = BinaryAttribute(legacy_encoding=False)
    expires_at = Expiry()


class TimelineItem(Table):
    """That a message appears in a view: `public#shard`, `tag#name`, `thread#id`; under `tags#xy` hashtags by name."""

    Meta = _meta("timelines")
    timeline = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(range_key=True)
    ancestors = BinaryAttribute(legacy_encoding=False, null=True)
    """In a thread: the ids above the message, packed."""
    expires_at = Expiry()


class NotificationItem(Table):
    """That something happened to a user. The id is derived from the event, so a repeat overwrites itself.

    `<id>-` says that the user dismissed it, `!cleared` up to which all were cleared: what the stream repeats then
    does not come back.
    """

    Meta = _meta("notifications")
    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    """Of a warning: what a moderator has written."""
    cleared_to = UnicodeAttribute(null=True)
    expires_at = Expiry()


class FavouriteIndex(GlobalSecondaryIndex["ReactionItem"]):  # type: ignore[no-untyped-call]
    """Who made a message a favourite; bookmarks are nobody else's business and not in it."""

    class Meta:  # noqa: D106
        index_name = "favourite-index"
        projection = KeysOnlyProjection()

    favourite_of = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)


class ReactionItem(Table):
    """A user's favourite or bookmark: `favourite#message id`, `bookmark#message id`."""

    Meta = _meta("reactions")
    user_id = UnicodeAttribute(hash_key=True)
    reaction = UnicodeAttribute(range_key=True)
    favourite_of = UnicodeAttribute(null=True)
    """Of a favourite: the message id again."""
    notification_id = UnicodeAttribute(null=True)
    """Of a favourite: the id of the notification that it made."""
    expires_at = Expiry()
    by_message = FavouriteIndex()


class ApplicationItem(Table):
    """A registered client application."""

    Meta = _meta("applications")
    id = UnicodeAttribute(hash_key=True)
    secret_hash = UnicodeAttribute()
    name = UnicodeAttribute()
    website = UnicodeAttribute(null=True)
    redirect_uris: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    scopes = UnicodeAttribute()
    expires_at = Expiry(null=True)
    """Until a person has logged in with it; then it stays."""


class TokenIndex(GlobalSecondaryIndex["TokenItem"]):  # type: ignore[no-untyped-call]
    """The tokens of a user."""

    class Meta:  # noqa: D106
        index_name = "user-index"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)
    hash = UnicodeAttribute(range_key=True)


class TokenItem(Table):
    """An access token, by the SHA-256 of its secret; under `code#` an authorization code, by the SHA-256 of it."""

    Meta = _meta("tokens")
    hash = UnicodeAttribute(hash_key=True)
    application_id = UnicodeAttribute()
    application_name = UnicodeAttribute()
    application_website = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    """Nobody: the token stands for the application alone."""
    scopes = UnicodeAttribute()
    suspended = UnicodeAttribute(null=True)
    """Its user is suspended: it covers nothing, and this is what is said."""
    created_at = NumberAttribute()
    redirect_uri = UnicodeAttribute(null=True)
    """Of a code: where it was sent."""
    challenge = UnicodeAttribute(null=True)
    """Of a code: PKCE's S256 challenge."""
    issued = UnicodeAttribute(null=True)
    """Of a code that has been used: the key of the token that it bought."""
    expires_at = Expiry(null=True)
    by_user = TokenIndex()


class LimitItem(Table):
    """Something remembered for a while: idempotency keys, rate-limit windows, login attempts."""

    Meta = _meta("limits")
    key = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(null=True)
    lifetime = NumberAttribute(null=True)
    deleted = BooleanAttribute(null=True)
    taken = NumberAttribute(null=True)
    """Of a rate-limit window: what was taken of it."""
    expires_at = Expiry()


class ReporterIndex(GlobalSecondaryIndex["ReportItem"]):  # type: ignore[no-untyped-call]
    """The reports that a user has made, so that they go with the account."""

    class Meta:  # noqa: D106
        index_name = "reporter-index"
        projection = KeysOnlyProjection()

    reporter_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ReportedIndex(GlobalSecondaryIndex["ReportItem"]):  # type: ignore[no-untyped-call]
    """The reports about a user, so that they go with the account."""

    class Meta:  # noqa: D106
        index_name = "account-index"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ReportItem(Table):
    """What somebody has reported, under `open` or `resolved`: ids and a comment, never the text of a message."""

    Meta = _meta("reports")
    state = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    """As a message's: the time, who reports, and a little chance."""
    reporter_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    category = UnicodeAttribute()
    comment = UnicodeAttribute(null=True)
    message_ids: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    expires_at = Expiry()
    by_reporter = ReporterIndex()
    by_account = ReportedIndex()


ALL: tuple[type[Table], ...] = (
    UserItem,
    MessageItem,
    EdgeItem,
    HeadItem,
    LogItem,
    TimelineItem,
    NotificationItem,
    ReactionItem,
    ApplicationItem,
    TokenItem,
    LimitItem,
    ReportItem,
)
