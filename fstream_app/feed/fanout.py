"""Fan-out: from stream records to the views in which a message appears.

A message costs one write per view (log, head, public timeline, each tag, thread, each notification), whatever the
number of followers. Every step may be repeated: readers of the log drop duplicates, a head is rebuilt from the messages
table, and everything else has a key derived from the event. Records carry keys only, so messages are read first.
"""

import logging
import secrets
import threading
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from cachetools import LRUCache

from fstream_app.core import clock, metrics, packing, settings
from fstream_app.core.entities import Message, Notification, Window
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Entry, Visibility
from fstream_app.core.parallel import gather_all
from fstream_app.core.warm import remembered
from fstream_app.messages import notifications
from fstream_app.repository import batch, heads, log, messages, timelines
from fstream_app.repository import notifications as notification_items
from fstream_app.repository.log import HOUR

logger = logging.getLogger(__name__)

_APPENDS = 3
_LONGEST_APPEND = 1000
"""Milliseconds that an append may take: part of the overlap that readers read again. The rest is for clock skew."""

_KNOWN_TAGS = 10_000


class Change(NamedTuple):
    """A message that was posted or deleted (not expired), parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    message_id: MessageId
    inserted: bool


class Followed(NamedTuple):
    """A follow, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    follower_id: str
    followed_id: str
    time: int
    """Milliseconds; at most a second after the follow."""


class KnownTags:
    """The hashtags that this function has indexed for search, each until a time (s). Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: LRUCache[str, int] = LRUCache(_KNOWN_TAGS)

    def until(self, name: str) -> int:
        """Return the time (s) until which a hashtag is known to be indexed; 0 if it is not known."""
        with self._lock:
            return self._until.get(name, 0)

    def remember(self, name: str, until: int) -> None:
        """Note that a hashtag is indexed until this time (s)."""
        with self._lock:
            self._until[name] = until


@remembered
def known_tags() -> KnownTags:
    """Return the hashtags that this process remembers."""
    return KnownTags()


def deliver(changes: Sequence[Change], now: int) -> set[str]:
    """Add messages to every view in which they appear, and remove deleted ones from their author's head.

    RRU: 1 per message, 1 per 4 KB of each author's newest 80 messages, 4 per user mentioned or answered. WRU: 1 per 50
    messages for the log, 1 per author for the head, 1 per public timeline, tag, thread and notification, and 1 per tag
    and hour to index the tag for search.

    Returns:
        The sequence numbers of the changes to be retried.

    Raises:
        Unavailable: every append to the log took too long.
    """
    began = clock.monotonic()
    found = messages.get_many({change.message_id for change in changes if change.inserted})
    live = [message for message in found.values() if message.is_live(now)]
    if live:
        _append(sorted(message.entry for message in live), now - began)
        _count_lag(live, now - began + clock.monotonic())
    by_author: dict[str, list[Message]] = {change.message_id.author_id: [] for change in changes}
    for message in live:
        by_author[message.author_id].append(message)
    done = gather_all([partial(_deliver_of, author, theirs, now) for author, theirs in by_author.items()])
    failed = {author_id for author_id, succeeded in zip(by_author, done, strict=True) if not succeeded}
    return {change.sequence for change in changes if change.message_id.author_id in failed}


def _append(entries: Sequence[Entry], offset: int) -> None:
    """Append to the log under a time that no reader has gone past: the monotonic clock's, plus this offset (ms).

    Readers read only the last seconds again. An append that took longer, because of time-outs and retries, is repeated
    under a later time; readers drop the duplicates.
    """
    shard = secrets.randbelow(settings.get().log_shards)
    for _ in range(_APPENDS):
        began = clock.monotonic()
        log.append(entries, shard, offset + began)
        if clock.monotonic() - began <= _LONGEST_APPEND:
            metrics.count(Metric.DELIVERIES, len(entries))
            return
    raise Unavailable("Appending to the log took too long")


def _deliver_of(author_id: str, posted: Sequence[Message], now: int) -> bool:
    try:
        rebuild_head(author_id, now)
        items = [item for message in posted for item in _views(message, now)]
        batch.put(items)
        metrics.count(Metric.DELIVERIES, len(items))
        for message in posted:
            _remember_tags(message)
    except Exception as error:  # noqa: BLE001
        # If one author's part fails, only that author's records are retried.
        logger.warning("fan-out to be tried again: %s", type(error).__name__)
        return False
    return True


def rebuild_head(author_id: str, now: int) -> None:
    """Rebuild an author's head from the messages that exist, so repeats are harmless; 1 RRU per 4 KB, 1 WRU."""
    newest = messages.of_author(author_id, Window(limit=packing.HEAD_CAPACITY), now)
    entries = [message.entry for message in islice(newest, packing.HEAD_CAPACITY)]
    if entries:
        expires_at = clock.ttl_seconds(max(entry.expires_at for entry in entries))
        heads.put(author_id, packing.pack_head(entries), expires_at)
    else:
        heads.delete(author_id)


def _views(message: Message, now: int) -> list[batch.Item]:
    items = []
    if message.visibility is Visibility.PUBLIC:
        if not message.is_reply:
            shard = message.id.random % settings.get().public_shards
            items.append(timelines.item(timelines.public(shard), message))
        items += [timelines.item(timelines.tag(name), message) for name in message.tags]
    if message.thread is not None:
        items.append(timelines.thread_item(message.thread, message))
    return items + _items(notifications.of_message(message, now))


def _remember_tags(message: Message) -> None:
    """Index the hashtags of a public message for prefix search, until the first full hour after it expires.

    A search checks whether a live message has the hashtag, so full hours are exact enough. They save writes: one serves
    all messages with the hashtag that this function delivers and that expire within the hour.
    """
    if message.visibility is not Visibility.PUBLIC:
        return
    expires_at = -(-message.expires_at // HOUR) * HOUR // 1000
    for name in message.tags:
        if known_tags().until(name) < expires_at:
            timelines.remember_tag(name, expires_at)
            known_tags().remember(name, expires_at)


def _items(made: Sequence[Notification]) -> list[batch.Item]:
    return [notification_items.item(notification) for notification in made]


def _count_lag(delivered: Sequence[Message], visible_at: int) -> None:
    """Record the time (ms) from posting to the log of each message, and count those beyond the settling time."""
    lags = [max(0, visible_at - message.id.time) for message in delivered]
    metrics.note(Metric.FAN_OUT_LAG, lags)
    metrics.count(Metric.LATE_DELIVERIES, sum(lag > 1000 * settings.get().settling_time for lag in lags))


def welcome(follows: Sequence[Followed], now: int) -> set[str]:
    """Notify accounts of their new followers; 5 RRU and 1 WRU per follow.

    Returns:
        The sequence numbers of the follows to be retried.
    """
    failed = set()
    by_followed: dict[str, list[Followed]] = defaultdict(list)
    for follow in follows:
        by_followed[follow.followed_id].append(follow)
    for theirs in by_followed.values():
        try:
            made = [
                notification
                for follow in theirs
                for notification in notifications.of_follow(follow.follower_id, follow.followed_id, follow.time, now)
            ]
            items = {notification.id: item for notification, item in zip(made, _items(made), strict=True)}
            batch.put(items.values())
            metrics.count(Metric.DELIVERIES, len(items))
        except Exception as error:  # noqa: BLE001
            logger.warning("follow notification to be tried again: %s", type(error).__name__)
            failed |= {follow.sequence for follow in theirs}
    return failed
