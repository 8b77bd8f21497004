"""The timelines table: the ids of messages in a view (`public#shard`, `tag#name`, `thread#id`), with their expiry."""

from collections.abc import Iterable, Iterator
from itertools import islice

from fstream_app.core import clock, settings
from fstream_app.core.entities import Message, Window
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, conditional, wire
from fstream_app.tables import TimelineItem

TAG_PREFIX = 2
"""Characters of a hashtag that are its key in the index for prefix search."""


def public(shard: int) -> str:
    """Return the key of a shard of the public timeline."""
    return f"public#{shard}"


def tag(name: str) -> str:
    """Return the key of a hashtag's timeline."""
    return f"tag#{name}"


def of_message(message: Message) -> list[str]:
    """Return the keys of the public and hashtag timelines on which a message appears."""
    if message.visibility is not Visibility.PUBLIC:
        return []
    shard = message.id.random % settings.get().public_shards
    return [*([] if message.is_reply else [public(shard)]), *map(tag, message.tags)]


def existing(entries: Iterable[tuple[str, MessageId]]) -> set[tuple[str, MessageId]]:
    """Return those of the entries (timeline, id) that exist: BatchGetItem, eventually consistent; 0.5 RRU each."""
    found = batch.get(TimelineItem, [(timeline, str(message_id)) for timeline, message_id in entries])
    return {(each.timeline, MessageId.parse(each.message_id)) for each in found}


def item(timeline: str, message: Message) -> batch.Item:
    """Return the item that puts a message on a timeline. A repeat has the same key and overwrites it."""
    return TimelineItem(timeline, str(message.id), expires_at=clock.ttl_seconds(message.expires_at))


def remember_tag(name: str, expires_at: int) -> None:
    """Index a hashtag for prefix search until a time (s): key `tags#<two characters>`, its name; 1 WRU.

    Does nothing if it is indexed for longer.
    """
    conditional.update(
        TimelineItem(_tags(name), name),
        [TimelineItem.expires_at.set(expires_at)],
        TimelineItem.expires_at.does_not_exist() | (TimelineItem.expires_at < expires_at),
    )


def tags_beginning(prefix: str, now: int, limit: int) -> list[str]:
    """Find hashtags by a prefix of at least two characters: key `tags#<two characters>`, beginning with `prefix`.

    Eventually consistent; 0.5 RRU. The messages that had a hashtag may no longer exist.
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


def pages(timeline: str, window: Window, now: int) -> Iterator[list[MessageId]]:
    """Read the ids of a view in a window, lazily, page by page.

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 50 entries). Entries that have
    expired are left out, to the second; hydration checks the millisecond.
    """
    if (bounds := window.bounds()) is None:
        return
    lowest, highest = bounds
    found = wire.pages(
        TimelineItem,
        timeline,
        range_key_condition=TimelineItem.message_id.between(str(lowest), str(highest)),
        filter_condition=TimelineItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=window.limit,
    )
    for page in found:
        yield [MessageId.parse(item["message_id"]["S"]) for item in page]


def thread_item(root: MessageId, message: Message) -> batch.Item:
    """Return the item that puts a reply into its thread, with the ids above it."""
    expires_at = clock.ttl_seconds(message.expires_at)
    return TimelineItem(_thread(root), str(message.id), ancestors=message.ancestors, expires_at=expires_at)


def thread(root: MessageId, after: MessageId, now: int, limit: int) -> list[tuple[MessageId, bytes]]:
    """Read the oldest messages of a thread after an id (exclusive), with the ids above them, packed.

    Key `thread#root`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 30 entries).
    """
    items = TimelineItem.query(
        _thread(root),
        TimelineItem.message_id.between(str(after.next()), str(HIGHEST)),
        TimelineItem.expires_at > now // 1000,
        page_size=limit,
    )
    return [(MessageId.parse(entry.message_id), entry.ancestors or b"") for entry in islice(items, limit)]


def _thread(root: MessageId) -> str:
    return f"thread#{root}"
