"""Users and their relationships."""

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from fstream_app.tables.base import CountedTable, CountingTable, Expiry, described, texts


class NameIndex(GlobalSecondaryIndex["UserItem"]):  # type: ignore[no-untyped-call]
    """Users by the prefix of their names, for search."""

    class Meta:  # noqa: D106
        index_name = "name-index"
        projection = KeysOnlyProjection()

    name_prefix = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)


class UserItem(CountingTable):
    """A user, or the reservation that makes a name unique, under the key `@<name>`."""

    Meta = described("users")
    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(null=True)
    """In a reservation: the id of the user with this name; None while that user's account is being deleted."""
    name = UnicodeAttribute(null=True)
    name_prefix = UnicodeAttribute(null=True)
    """The first two characters of the name; None while the user is hidden."""
    display_name = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    fields = texts(null=True)
    """Profile fields: name, value, name, value."""
    note_mentions = texts(null=True)
    """The names in the note that users had when it was written; `field_mentions` are those in the fields."""
    field_mentions = texts(null=True)
    featured = texts(null=True)
    """Hashtags that the profile features."""
    password_hash = UnicodeAttribute(null=True)
    recovery_hash = UnicodeAttribute(null=True, attr_name="rh")
    """Hash of the recovery code, if the user has one: see `fstream_app.people.recovery`."""
    created_at = NumberAttribute(null=True)
    bot = BooleanAttribute(null=True)
    discoverable = BooleanAttribute(null=True)
    hide_collections = BooleanAttribute(null=True)
    """Whether the lists of followers and followed accounts are hidden from others."""
    locked = BooleanAttribute(null=True)
    """Whether following the user takes a request. Older users do not have it and are open."""
    default_lifetime = NumberAttribute(null=True)
    public_lifetime = NumberAttribute(null=True)
    """Default lifetime of public messages (seconds), and likewise below; None: `default_lifetime`."""
    unlisted_lifetime = NumberAttribute(null=True)
    private_lifetime = NumberAttribute(null=True)
    direct_lifetime = NumberAttribute(null=True)
    ends_threads = BooleanAttribute(null=True)
    """Whether threads that the user begins end together."""
    default_visibility = UnicodeAttribute(null=True)
    default_sensitive = BooleanAttribute(null=True)
    default_language = UnicodeAttribute(null=True)
    default_quote_policy = UnicodeAttribute(null=True)
    """Who may quote the user's messages, by default; None: everybody."""
    lifetime_in_text = BooleanAttribute(null=True)
    """Whether a lifetime at the end of a message's text counts as the message's lifetime; None: it does."""
    private_counts = BooleanAttribute(null=True)
    """Whether only the user sees how many favourites the user's messages have, and whose they are."""
    cleared_until = NumberAttribute(null=True)
    """The user has deleted all messages that were posted before this time (ms): see `fstream_app.messages.clearing`."""
    pinned = texts(null=True)
    """Ids of messages pinned to the profile, the last pinned first; see `fstream_app.repository.pins`."""
    followers_count = NumberAttribute(null=True)
    following_count = NumberAttribute(null=True)
    leaving = BooleanAttribute(null=True)
    """Deletion in progress: hidden from every read except those that ask for hidden users."""
    writes_notes = BooleanAttribute(null=True)
    """Whether the user has ever written a private note about somebody."""
    suspended = UnicodeAttribute(null=True)
    """Suspended, and hidden likewise: the text that the user gets on logging in."""
    by_name = NameIndex()


class EdgeIndex(GlobalSecondaryIndex["EdgeItem"]):  # type: ignore[no-untyped-call]
    """The reverse direction: edges by target, such as a user's followers."""

    class Meta:  # noqa: D106
        index_name = "edge-index"
        projection = IncludeProjection(["x"])

    edge = UnicodeAttribute(hash_key=True, attr_name="e")
    user_id = UnicodeAttribute(range_key=True, attr_name="u")
    ended = BooleanAttribute(null=True, attr_name="x")


class EdgeItem(CountedTable):
    """A relationship of one user to another, or a mark: see `fstream_app.core.edges`.

    Lists are in partitions of their own: see `fstream_app.core.partitions`.

    The keys are stored as `u` and `e`: a follow takes 30 bytes instead of 44, so one unit reads 136 instead of 93.
    """

    Meta = described("relationships", stream=True)
    user_id = UnicodeAttribute(hash_key=True, attr_name="u")
    edge = UnicodeAttribute(range_key=True, attr_name="e")
    mutes_notifications = BooleanAttribute(null=True, attr_name="n")
    since = NumberAttribute(null=True, attr_name="t")
    """In a follow, or a request: when notifications of messages were switched on (ms). In a muted conversation: when it
    was muted. Of a followed hashtag: when it was followed."""
    hides_boosts = BooleanAttribute(null=True, attr_name="r")
    languages = UnicodeAttribute(null=True, attr_name="l")
    """Tags separated by spaces."""
    until = NumberAttribute(null=True, attr_name="w")
    """When the conversation was unmuted (ms)."""
    text = UnicodeAttribute(null=True, attr_name="c")
    """In a private note: what the user has written."""
    version = NumberAttribute(null=True, attr_name="v")
    """Of a user's filters, and in the mark that there are some: see `fstream_app.repository.filters`."""
    messages_until = NumberAttribute(null=True, attr_name="mu")
    """In the mark: when (ms) the last of the single messages that the filters match expires."""
    filters = BinaryAttribute(null=True, attr_name="d", legacy_encoding=False)
    """A user's filters, packed."""
    expires_at = Expiry(null=True)
    lists = UnicodeSetAttribute(null=True, attr_name="m")
    """In a follow: the ids of the user's lists that the followed user is in."""
    title = UnicodeAttribute(null=True)
    """In a list, as what follows."""
    replies_policy = UnicodeAttribute(null=True)
    exclusive = BooleanAttribute(null=True)
    created_at = NumberAttribute(null=True)
    by_edge = EdgeIndex()
