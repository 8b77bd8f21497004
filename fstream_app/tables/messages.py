"""Messages, reactions and notifications."""

from pynamodb.attributes import BinaryAttribute, BinarySetAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from fstream_app.tables.base import CountedTable, CountingTable, Expiry, Table, described, texts


class MessageItem(CountedTable, CountingTable):
    """The only copy of a message's text. Its exact expiry is the time in its id plus `lifetime` seconds.

    If its thread ends together, the exact expiry is never after the time in `thread` plus `thread_lifetime` seconds.
    Replies and quotes are counted at the message that they answer or quote. They are never marked as ended: see
    `ReactionItem`.
    """

    Meta = described("messages", stream=True)
    author_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    text = UnicodeAttribute()
    lifetime = NumberAttribute()
    expires_at = Expiry()
    visibility = NumberAttribute()
    boost_of = UnicodeAttribute(null=True)
    """In the wrapper of a boost: the message that it boosts."""
    in_reply_to = UnicodeAttribute(null=True)
    answered_lifetime = NumberAttribute(null=True)
    """In a reply: the lifetime of the message that it answers (seconds)."""
    thread = UnicodeAttribute(null=True)
    """In a reply: the first message of its thread."""
    thread_lifetime = NumberAttribute(null=True)
    """If its thread ends together: the lifetime of the thread's first message (seconds)."""
    ancestors = BinaryAttribute(legacy_encoding=False, null=True)
    """In a reply: the ids above it in the thread, packed, oldest first; at most the nearest forty."""
    answers_direct = BooleanAttribute(null=True)
    """In a reply: it answers a direct message, as `Message.answers_direct`."""
    favourites_count = NumberAttribute(null=True)
    boosts_count = NumberAttribute(null=True)
    lasting_replies = NumberAttribute(null=True)
    """Number of public and unlisted replies that live as long as this message or longer."""
    brief_replies = BinarySetAttribute(legacy_encoding=False, null=True)
    """Public and unlisted replies that expire before this message, each packed as in the log."""
    quote_of = UnicodeAttribute(null=True)
    """The message that it quotes."""
    quoted_until = NumberAttribute(null=True)
    """In a quote: when the quoted message expires (ms)."""
    revoked = BooleanAttribute(null=True)
    """In a quote: the quoted author has removed the message from it."""
    quote_policy = UnicodeAttribute(null=True, attr_name="q")
    """Who may quote it; older messages do not have it, and nobody may."""
    lasting_quotes = NumberAttribute(null=True)
    """As `lasting_replies`, of quotes; so is `brief_quotes`."""
    brief_quotes = BinarySetAttribute(legacy_encoding=False, null=True)
    mentions = texts(null=True)
    """Each is a user id followed directly by the user's name."""
    added_mentions = texts(null=True)
    """Those that edits added: a user id followed directly by the time of the notification (ms)."""
    tags = texts(null=True)
    spoiler = UnicodeAttribute(null=True)
    sensitive = BooleanAttribute(null=True)
    language = UnicodeAttribute(null=True)
    application = UnicodeAttribute(null=True)
    application_website = UnicodeAttribute(null=True)
    hidden = BooleanAttribute(null=True)
    """The author is suspended: hidden from every read. Of a scheduled message, this is in `suspended`."""
    suspended = BooleanAttribute(null=True)
    idempotency = UnicodeAttribute(null=True)
    """The key of its idempotency record."""
    notified_at = NumberAttribute(null=True)
    """The time (ms) of its notifications, which may arrive later than the message."""
    pinned = BooleanAttribute(null=True)
    """Pinned to the author's profile: the author's `UserItem` has its id."""
    edited_at = NumberAttribute(null=True)
    """The time of the last edit (ms), by which a version is known."""
    poll_options = texts(null=True)
    poll_closes_at = NumberAttribute(null=True)
    """Milliseconds; a poll also ends when its message does."""
    poll_multiple = BooleanAttribute(null=True)
    poll_hides_totals = BooleanAttribute(null=True)
    poll_version = NumberAttribute(null=True)
    """The votes that count have this version; it changes when an edit discards all votes."""
    voters_count = NumberAttribute(null=True)
    votes_0 = NumberAttribute(null=True)
    """Number of votes of the first option; the next ones likewise."""
    votes_1 = NumberAttribute(null=True)
    votes_2 = NumberAttribute(null=True)
    votes_3 = NumberAttribute(null=True)
    scheduled = UnicodeAttribute(null=True)
    """If it was scheduled: the id that its author knows it by until the time in `id`. It has the time of writing."""


class FavouriteIndex(GlobalSecondaryIndex["ReactionItem"]):  # type: ignore[no-untyped-call]
    """Favourites, boosts and votes by message, and what is left of deleted replies and quotes.

    Bookmarks are private, so the index omits them.
    """

    class Meta:  # noqa: D106
        index_name = "favourite-index"
        projection = IncludeProjection(["x"])

    favourite_of = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)
    ended = BooleanAttribute(null=True, attr_name="x")


class ReactionItem(CountedTable):
    """A user's reaction to a message.

    A favourite is `favourite#<message id>`, a boost `forwarded#<message id>`, a bookmark `kept#<the id's complement>`.
    Votes in a poll are `given#<message id>.<the poll's version>`, the first, and `….<option>` for later ones.
    Two further kinds are what is left of a counted reply or quote that was deleted, or of a quote that was revoked,
    until it is subtracted: `reply#<reply's id>` and `quote#<quoting message's id>`.
    Another is the mark of an edit, until the boosters of the message are notified: `edited#<message id>`.
    """

    Meta = described("reactions", stream=True)
    user_id = UnicodeAttribute(hash_key=True)
    reaction = UnicodeAttribute(range_key=True)
    favourite_of = UnicodeAttribute(null=True)
    """The index's key. In a favourite: the message id; in a boost: `boost#` or `private#` and the message id; in a
    vote: `vote#`, the last character of the voter's id, `#` and the message id, so that no key is hot; in a
    deleted reply or quote: the id of the message that it answered or quoted."""
    wrapper = UnicodeAttribute(null=True)
    """In a boost: the id of the booster's message that wraps the boosted one."""
    notification_id = UnicodeAttribute(null=True)
    """In a reaction that is counted: the id of the notification that it causes."""
    choices = UnicodeAttribute(null=True)
    """In a vote: the index of each option, a digit each."""
    ballot = UnicodeAttribute(null=True)
    """In a vote: a random word of the request, by which it knows its vote again when a put is repeated."""
    brief = BinaryAttribute(legacy_encoding=False, null=True)
    """In a deleted reply or quote that would have expired first: its entry in `brief_replies` or `brief_quotes`."""
    version = NumberAttribute(null=True)
    """In the mark of an edit: the edit's time (ms)."""
    time = NumberAttribute(null=True)
    """In the mark of an edit: the time (ms) of the notifications that come next."""
    after = UnicodeAttribute(null=True)
    """In the mark of an edit: the last booster who was notified."""
    round = NumberAttribute(null=True)
    """In the mark of an edit: the number of rounds that are over."""
    expires_at = Expiry()
    by_message = FavouriteIndex()


class NotificationItem(Table):
    """A notification. Its id is derived from the event, so writing it again overwrites it.

    Two other kinds of items prevent a repeated stream record from restoring a notification: `<id>-` marks a dismissed
    one, and `!cleared` holds the id below which the user cleared all. A third, `follow#<follower>`, holds the time of
    that follower's notification, so that there is only one. `!home` and `!notifications` are the user's markers.
    """

    Meta = described("notifications")
    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    """In a warning: the moderator's text."""
    cleared_to = UnicodeAttribute(null=True)
    time = NumberAttribute(null=True)
    """In `follow#<follower>`, and when a marker was set: milliseconds."""
    read_to = UnicodeAttribute(null=True)
    """In a marker: the id of the newest message or notification that was read."""
    version = NumberAttribute(null=True)
    """In a marker: how many times it was set."""
    expires_at = Expiry()
