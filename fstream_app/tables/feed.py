"""The fan-out's tables: heads, the log and timelines."""

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from fstream_app.tables.base import Expiry, Table, described


class HeadItem(Table):
    """An author's newest live messages, packed (`fstream_app.core.packing`)."""

    Meta = described("heads")
    author_id = UnicodeAttribute(hash_key=True)
    entries = BinaryAttribute(legacy_encoding=False)
    expires_at = Expiry()


class LogItem(Table):
    """The messages that one fan-out batch delivered, packed (`fstream_app.core.packing`), or a note to readers.

    Or a part of a roster (`fstream_app.repository.rosters`): in `roster#hour`, its header, and in `roster#hour#number`,
    filters of an edition.
    """

    Meta = described("log")
    hour = UnicodeAttribute(hash_key=True)
    """`hour#shard`; the hour counts from the epoch."""
    appended_at = UnicodeAttribute(range_key=True)
    """The append time, encoded as in a message id, and 5 random characters."""
    entries = BinaryAttribute(legacy_encoding=False, null=True)
    tags = BinaryAttribute(legacy_encoding=False, null=True)
    """Hashtags of the public messages among the entries, packed (`fstream_app.core.tagging`). An older version's items
    do not have it."""
    lag = NumberAttribute(null=True)
    """Age of a late batch's oldest message, in milliseconds. An item without entries is about a batch of `views`."""
    newest_lag = NumberAttribute(null=True)
    """Age of a late batch's newest message, if that is late, too."""
    awaited = BinaryAttribute(legacy_encoding=False, null=True)
    """Ids of messages that the writer has posted and not seen delivered, packed, in an item without entries."""
    changing = UnicodeAttribute(null=True)
    """Beginning of the id of a user whose profile is about to change or to be hidden, in an item without entries."""
    expires_at = Expiry()


class TimelineItem(Table):
    """A message in `public#shard`, `tag#name`, `thread#id` or `direct#user`.

    Or, in `tags#xy`, a hashtag that starts with xy; in `direct#user`, how far the user has read a conversation.
    """

    Meta = described("timelines")
    timeline = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(range_key=True)
    ancestors = BinaryAttribute(legacy_encoding=False, null=True)
    """In a thread: the ids above the message, packed, oldest first."""
    conversation = UnicodeAttribute(null=True, attr_name="c")
    """In `direct#user`: the id of the message's conversation."""
    read_to = UnicodeAttribute(null=True)
    """In a mark of a conversation: the newest message that was read."""
    removed_to = UnicodeAttribute(null=True)
    """In a mark of a conversation: the newest message when the conversation was removed."""
    unread_to = UnicodeAttribute(null=True)
    """In a mark of a conversation: the highest id when the conversation was marked as unread."""
    expires_at = Expiry()
