"""The timelines table: the ids in a view (`public#shard`, `tag#name`, `thread#id`, `quotes#id`), with their expiry."""

from collections.abc import Collection, Iterable, Iterator

from fstream_app.core import clock, settings
from fstream_app.core.entities import Message, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, conditional, conversations, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import TimelineItem

TAG_PREFIX = 2
"""Characters of a hashtag that are its key in the index for prefix search."""
FOLLOWERS = "followers"
"""The receiver of the view of a thread's private replies."""
MAX_THREAD = 2000
"""Limit of entries of a thread's view that are read."""
_UNIT = 50
"""Entries that half a read unit reads."""


def public(shard: int) -> str:
    """Return the key of a shard of the public timeline."""
    return f"public#{shard}"


def tag(name: str) -> str:
    """Return the key of a hashtag's timeline."""
    return f"tag#{name}"


def remember_tag(name: str, expires_at: int) -> None:
    """Index a hashtag for prefix search until a time (s): key `tags#<two characters>`, its name; 1 WRU.

    Does nothing if it is indexed for longer.
    """
    conditional.update(
        TimelineItem(_tags(name), name),
        [TimelineItem.expires_at.set(expires_at)],
        TimelineItem.expires_at.does_not_exist() | (TimelineItem.expires_at < expires_at),
    )


def tags_beginning(prefix: str, now: int, limit: int) -> Iterator[str]:
    """Find hashtags by a prefix of at least two characters, lazily, ordered by name.

    Key `tags#<two characters>`, beginning with `prefix`, eventually consistent; 0.5 RRU per 4 KB, `limit` names at
    first. The messages that had a hashtag may no longer exist.
    """
    found = wire.pages(
        TimelineItem,
        _tags(prefix),
        range_key_condition=TimelineItem.message_id.startswith(prefix),
        filter_condition=TimelineItem.expires_at > now // 1000,
        limit=limit,
        grows=True,
    )
    return (item["message_id"]["S"] for page in found for item in page)


def _tags(name: str) -> str:
    return f"tags#{name[:TAG_PREFIX]}"


def pages(timeline: str, window: Window, now: int) -> Iterator[list[MessageId]]:
    """Read the ids of a view in a window, lazily, page by page.

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 50 entries). Entries that have
    expired are left out, to the second; hydration checks the millisecond.
    """
    for page in _in_window(timeline, window, now, max(window.limit, _UNIT)):
        yield [MessageId.parse(item["message_id"]["S"]) for item in page]


def ends(timeline: str, window: Window, now: int, most: int) -> dict[MessageId, int]:
    """Read when messages of a view in a window expire (ms).

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 50 entries) of the first `most`
    entries, without those that have expired.
    """
    page = next(_in_window(timeline, window, now, most), [])
    stored = {MessageId.parse(item["message_id"]["S"]): int(wire.value(item, "expires_at")) for item in page}
    # A message lives for whole seconds, and its entry's TTL is rounded up.
    return {each: each.time + (1000 * until - each.time) // 1000 * 1000 for each, until in stored.items()}


def _in_window(view: str, window: Window, now: int, limit: int) -> Iterator[list[WireItem]]:
    """Read the entries of a view in a window, `limit` of them at first, without those that have expired."""
    if (bounds := window.bounds()) is None:
        return iter(())
    lowest, highest = bounds
    return wire.pages(
        TimelineItem,
        view,
        range_key_condition=TimelineItem.message_id.between(str(lowest), str(highest)),
        filter_condition=TimelineItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=limit,
        grows=True,
    )


def existing(entries: Iterable[tuple[str, MessageId]]) -> set[tuple[str, MessageId]]:
    """Return those of the entries (timeline, id) that exist: BatchGetItem, eventually consistent; 0.5 RRU each."""
    found = batch.get(TimelineItem, [(timeline, str(message_id)) for timeline, message_id in entries])
    return {(each.timeline, MessageId.parse(each.message_id)) for each in found}


def thread(root: MessageId, receiver: str = "") -> str:
    """Return the key of a thread's view: for everybody, for followers (`FOLLOWERS`), or for one user (an id)."""
    return f"thread#{root}#{receiver}" if receiver else f"thread#{root}"


def quotes(quoted: MessageId, receiver: str = "") -> str:
    """Return the key of the view of a message's quotes, with receivers as of `thread`."""
    return f"quotes#{quoted}#{receiver}" if receiver else f"quotes#{quoted}"


def thread_pages(
    view: str, window: Window, now: int, *, most: int = MAX_THREAD
) -> Iterator[list[tuple[MessageId, bytes]]]:
    """Read replies in a view of a thread, in a window, with the ids above them, packed; lazily, page by page.

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 30 entries). Reads end after
    `most` entries.
    """
    read = 0
    for page in _in_window(view, window, now, 2 * _UNIT):
        yield [(MessageId.parse(entry["message_id"]["S"]), wire.value(entry, "ancestors") or b"") for entry in page]
        read += len(page)
        if read >= most:
            return


def items(message: Message) -> list[batch.Item]:
    """Return the items that put a message into views: hashtags' and public timelines, its thread, quotes.

    A repeat overwrites.

    Only public messages are on hashtags' timelines, and only those that do not answer others on the public one. In a
    thread, a message that not everybody may see is in the views of those who may, so that it takes no room in others'.
    So are quotes. A direct message is also in its participants' conversations.
    """
    expires_at = clock.ttl_seconds(message.expires_at)
    is_revoked = message.quote is not None and message.quote.revoked
    views = of_message(message) + ([] if is_revoked else quotes_of(message))
    listed = [TimelineItem(view, str(message.id), expires_at=expires_at) for view in views]
    threads = [
        TimelineItem(view, str(message.id), ancestors=message.ancestors, expires_at=expires_at)
        for view in threads_of(message)
    ]
    return [*listed, *threads, *conversations.items(message)]


def remove(message: Message) -> None:
    """Delete the items that put a message into views: the keys of `items`; 1 WRU each. Idempotent."""
    views = of_message(message) + threads_of(message) + quotes_of(message) + conversations.views_of(message)
    remove_from(views, message)


def remove_quote(message: Message) -> None:
    """Delete the items that put a message into views as a quote; 1 WRU each. Idempotent."""
    remove_from(quotes_of(message), message)


def remove_from(views: Collection[str], message: Message) -> None:
    """Delete a message's items of views, given by their keys; 1 WRU each. Idempotent."""
    gather_all([TimelineItem(view, str(message.id)).delete for view in views])


def of_message(message: Message) -> list[str]:
    """Return the keys of the public and hashtag timelines on which a message appears."""
    if message.visibility is not Visibility.PUBLIC or message.boost_of is not None:
        return []
    shard = message.id.random % settings.get().public_shards
    return [*([] if message.is_reply else [public(shard)]), *map(tag, message.tags)]


def threads_of(message: Message) -> list[str]:
    """Return the keys of the views of its thread in which a message appears."""
    root = message.thread
    return [] if root is None else [thread(root, receiver) for receiver in _receivers(message)]


def quotes_of(message: Message) -> list[str]:
    """Return the keys of the views in which a message appears as a quote, unless that is revoked."""
    quoted = message.quote_of
    return [] if quoted is None else [quotes(quoted, receiver) for receiver in _receivers(message)]


def _receivers(message: Message) -> list[str]:
    """Return the receivers of the views of a thread or of quotes in which a message is; "" means everybody."""
    if message.visibility <= Visibility.UNLISTED:
        return [""]
    receivers = dict.fromkeys([message.author_id, *(mention.user_id for mention in message.mentions)])
    return [*receivers, *([FOLLOWERS] if message.visibility is Visibility.PRIVATE else [])]
