"""The timelines table: which messages appear in a view (`public#shard`, `tag#name`, `thread#id`): ids and expiry."""

from collections.abc import Iterator
from itertools import islice

from pynamodb.exceptions import UpdateError

from fstream_app.core.entities import Message
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.repository import batch, failures
from fstream_app.tables import TimelineItem

TAG_PREFIX = 2
"""Characters by which hashtags are found together."""


def public(shard: int) -> str:
    """Name a shard of the public timeline."""
    return f"public#{shard}"


def tag(name: str) -> str:
    """Name a hashtag's timeline."""
    return f"tag#{name}"


def item(timeline: str, message: Message) -> batch.Item:
    """Make the item that puts a message on a timeline; a repeat overwrites itself."""
    return TimelineItem(timeline, str(message.id), expires_at=-(-message.expires_at // 1000))


def remember_tag(name: str, expires_at: int) -> None:
    """Let a hashtag be found by its beginning until a time (s): key `tags#<two characters>`, its name; 1 WRU.

    One that is remembered for longer stays as it is.
    """
    try:
        TimelineItem(_tags(name), name).update(
            [TimelineItem.expires_at.set(expires_at)],
            condition=TimelineItem.expires_at.does_not_exist() | (TimelineItem.expires_at < expires_at),
        )
    except UpdateError as error:
        if not failures.is_condition(error):
            raise


def tags_beginning(prefix: str, now: int, limit: int) -> list[str]:
    """Find hashtags by two characters or more of their beginning: key `tags#<two characters>`, `prefix` and more.

    Eventually consistent, 0.5 RRU. That messages had them does not mean that they are there still.
    """
    items = TimelineItem.query(
        _tags(prefix),
        TimelineItem.message_id.startswith(prefix),
        TimelineItem.expires_at > now // 1000,
        limit=limit,
    )
    return [item.message_id for item in items]


def _tags(name: str) -> str:
    return f"tags#{name[:TAG_PREFIX]}"


def read(
    timeline: str, above: MessageId, below: MessageId, *, now: int, page: int, oldest_first: bool = False
) -> Iterator[MessageId]:
    """Read ids between two (exclusive), in order, a page at a time as they are asked for.

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 50 entries).
    Those that have expired by the whole second are left out; who hydrates them looks at the millisecond.
    """
    low, high = above.next(), below.previous()
    if low > high:
        return
    items = TimelineItem.query(
        timeline,
        TimelineItem.message_id.between(str(low), str(high)),
        TimelineItem.expires_at > now // 1000,
        scan_index_forward=oldest_first,
        page_size=page,
    )
    for entry in items:
        yield MessageId.parse(entry.message_id)


def thread_item(root: MessageId, message: Message) -> batch.Item:
    """Make the item that puts a reply into its thread, with the ids above it."""
    expires_at = -(-message.expires_at // 1000)
    return TimelineItem(_thread(root), str(message.id), ancestors=message.ancestors, expires_at=expires_at)


def thread(root: MessageId, above: MessageId, now: int, limit: int) -> list[tuple[MessageId, bytes]]:
    """Read the oldest messages of a thread above an id (exclusive), with the ids above them, packed.

    Key `thread#root`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 30 entries).
    """
    items = TimelineItem.query(
        _thread(root),
        TimelineItem.message_id.between(str(above.next()), str(HIGHEST)),
        TimelineItem.expires_at > now // 1000,
        page_size=limit,
    )
    return [(MessageId.parse(entry.message_id), entry.ancestors or b"") for entry in islice(items, limit)]


def _thread(root: MessageId) -> str:
    return f"thread#{root}"
