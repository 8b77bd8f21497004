"""Views: the public timeline, hashtags, threads and notifications, written for each posted message.

Home timelines do not wait for them: another reader of the same stream, `fstream_app.feed.fanout`, writes the log and
the heads. A message costs one write per view, whatever the number of followers. Every key is derived from the message,
so every step may be repeated. The notifications' times are stored with the message, because they arrive later.
"""

import logging
import secrets
import threading
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec
from cachetools import LRUCache

from fstream_app.core import clock, metrics, settings
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather_all
from fstream_app.core.warm import remembered
from fstream_app.feed import changes as changed
from fstream_app.feed import notifying
from fstream_app.feed.changes import Change
from fstream_app.messages import addressing, clearing, endings, notifications
from fstream_app.people import departures
from fstream_app.repository import batch, conversations, edits, log, messages, replies, timelines, users
from fstream_app.repository import notifications as notification_items
from fstream_app.repository.log import HOUR

logger = logging.getLogger(__name__)

_KNOWN_TAGS = 10_000


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


def deliver(changes: Sequence[Change], now: int, *, renews: bool = True) -> set[str]:
    """Add posted messages to every view in which they appear, and count replies.

    RRU: 1 per message and author, 1 per message with mentions or hashtags, 5 per user mentioned or answered. WRU: 1 per
    public timeline, tag, thread and notification; 1 per tag and hour to index the tag for search; 1 for a message that
    notifies somebody; 2 per counted reply and message that it answers; 1 if the batch is late. For a direct message,
    also 1 RRU and 1 WRU per participant; 1 WRU per author and conversation for replies.

    Args:
        changes: messages that were posted or deleted.
        now: milliseconds.
        renews: whether notifications that are put long after their time was stored get a new one.

    Returns:
        The sequence numbers of the changes to be retried: those of the authors for whom something could not be written.
    """
    began = clock.monotonic()
    # Whether a message has expired is left to the readers: this function's clock may be wrong.
    found = _of_staying(list(messages.get_many(changed.posted(changes)).values()))
    arrivals = notifications.arrivals(found, now)
    stored, uncounted = replies.count(found, arrivals)
    failed = {message_id.author_id for message_id in uncounted}
    made = gather_all(
        [
            partial(_try_entries, message, stored.get(message.id), arrivals[message.id], renews=renews)
            for message in found
        ]
    )
    ready = [(message, entries) for message, entries in zip(found, made, strict=True) if entries is not None]
    failed |= {message.author_id for message, entries in zip(found, made, strict=True) if entries is None}
    failed |= batch.put_together([(message.author_id, item) for message, entries in ready for item in entries.items()])
    failed |= _take_back(ready)
    _note_lag(found, now - began + clock.monotonic())
    notifying.announce([notification for _, entries in ready for notification in entries.notifications], now)
    failed |= _read_conversations(found, now) | index_tags(found)
    forget_conversations(found)
    metrics.count(
        Metric.DELIVERIES, sum(len(entries.items()) for message, entries in ready if message.author_id not in failed)
    )
    return changed.of_authors(changes, failed)


def _note_lag(delivered: Sequence[Message], now: int) -> None:
    """Record the time (ms) from posting to the views of each message, and note it in the log if that is long.

    1 WRU if the batch was late; public and hashtag timelines then settle by this lag.
    """
    lags = [max(0, now - message.id.time) for message in delivered]
    metrics.note(Metric.VIEWS_LAG, lags)
    metrics.count(Metric.LATE_DELIVERIES, sum(lag > 1000 * settings.get().settling_bound for lag in lags))
    late = log.lag((message.id.time for message in delivered), now)
    if late.oldest:
        log.note_views_lag(late, secrets.randbelow(settings.get().log_shards), now)


def _of_staying(posted: Sequence[Message]) -> list[Message]:
    """Return the messages of authors who are not leaving or gone; 1 RRU per author.

    A request that raced with the deletion of its user's account or of all its messages, or with a suspension, may have
    posted a message that these did not find. So it is deleted or hidden here.
    """
    authors = users.staying({message.author_id for message in posted})
    for message in posted:
        author = authors.get(message.author_id)
        if author is None:
            departures.erase(message)
        elif author.has_cleared(message.written):
            clearing.erase(message)
        elif author.suspended and not message.hidden:
            messages.hide(message, hidden=True)
    return [
        message
        for message in posted
        if (author := authors.get(message.author_id)) is not None and not author.has_cleared(message.written)
    ]


class _Entries(NamedTuple):
    """What is written for a message."""

    timelines: list[batch.Item]
    notifications: list[Notification]

    def items(self) -> list[batch.Item]:
        """Return all items."""
        return self.timelines + [notification_items.item(each) for each in self.notifications]


def _try_entries(message: Message, stored: int | None, now: int, *, renews: bool) -> _Entries | None:
    try:
        return _Entries(timelines.items(message), _notifications(message, stored, now, renews=renews))
    except Exception as error:  # noqa: BLE001
        # If one author's message fails, only that author's records are retried.
        logger.warning("views to be written again: %s", type(error).__name__)
        return None


def _take_back(delivered: Sequence[tuple[Message, _Entries]]) -> set[str]:
    """Delete what was put for versions of messages that an edit or the deletion has replaced meanwhile.

    1 RRU for each message with mentions or hashtags, on which views and notifications depend. WRU as for `edits.leave`.

    Returns:
        The authors of edited messages: their records have to come again, because conversations may be those of the
        former version.
    """
    depending = [(message, entries) for message, entries in delivered if message.mentions or message.tags]
    current = messages.get_many([message.id for message, _ in depending]) if depending else {}
    edited = set[str]()
    for message, entries in depending:
        new = current.get(message.id)
        if new is not None and new.edited_at == message.edited_at:
            continue
        edits.leave(message, new)
        kept = addressing.addressed(new) if new else []
        mentions = (each for each in entries.notifications if each.kind is NotificationKind.MENTION)
        notification_items.delete(each for each in mentions if (each.user_id, each.kind) not in kept)
        edited |= {message.author_id} if new else set()
    return edited


def _notifications(message: Message, stored: int | None, now: int, *, renews: bool) -> list[Notification]:
    """Return a message's notifications, and its author's that its poll has ended.

    That is put ahead, under the time of the end. If none is stored by then, it arrives like the others; 1 RRU, and 1
    WRU if there are no others.

    Args:
        message: the message.
        stored: when they arrive (ms), if that is stored already. Otherwise it is now, and is stored here.
        now: milliseconds.
        renews: whether it is now if an earlier time is stored, but none of the notifications.
    """
    receivers = addressing.receivers(message, min(now, message.expires_at - 1))
    ends = _end_of_poll(message)
    missed = notification_items.missing([each for each in ends if each.id.time <= now])
    if not receivers and not missed:
        return ends
    time = stored or message.notified_at or messages.note_arrival(message.id, now)
    if time is None:
        return []

    def arriving(time: int) -> list[Notification]:
        late = [msgspec.structs.replace(each, id=each.id._replace(time=max(time, each.id.time))) for each in missed]
        return [*(_notification(message, each, time) for each in receivers), *late]

    added = {each.user_id for each in message.mentions if each.since is not None}
    made = arriving(time)
    first = [each for each in made if each.kind is not NotificationKind.MENTION or each.user_id not in added]
    if renews and notifications.is_late(time, now) and notification_items.missing(first) == first:
        renewed = messages.note_arrival(message.id, now, instead_of=time)
        made = arriving(renewed) if renewed else []
    return made + [each for each in ends if each not in missed]


def _end_of_poll(message: Message) -> list[Notification]:
    """Return the author's notification that the message's poll has ended, if it has one, under the time of its end."""
    return [
        endings.of_poll(message, message.author_id, endings.id_at(message, poll, ends_at))
        for poll, ends_at in filter(None, [endings.due(message)])
    ]


def _notification(message: Message, receiver: addressing.Receiver, time: int) -> Notification:
    """Return the notification of a message that arrives at a time (ms), unless an edit has added it at another time."""
    user_id, kind = receiver
    mentioned = message.mentions if kind is NotificationKind.MENTION else ()
    added = next((each.since for each in mentioned if each.user_id == user_id), None)
    return notifications.of_message(message, receiver, time if added is None else added)


def _read_conversations(posted: Sequence[Message], now: int) -> set[str]:
    """Note for each author of direct replies that the author has read what they answer; 1 WRU per conversation.

    So the conversation does not become unread for its author when the reply expires first.

    Returns:
        The authors for whom this failed.
    """
    direct = [each for each in posted if each.visibility is Visibility.DIRECT and each.thread is not None]
    replied = [each for each in direct if each.is_due(now)]  # a later one must not mark what comes before it
    newest = {
        (reply.author_id, conversations.of_message(reply)): reply.id
        for reply in sorted(replied, key=lambda each: each.id)
    }
    noted = gather_all([partial(_try_answered, *who, to, now) for who, to in newest.items()])
    return {author_id for (author_id, _), succeeded in zip(newest, noted, strict=True) if not succeeded}


def _try_answered(author_id: str, conversation_id: str, to: MessageId, now: int) -> bool:
    try:
        conversations.mark_answered(author_id, conversation_id, to, now)
    except Exception as error:  # noqa: BLE001
        logger.warning("conversation to be marked as read again: %s", type(error).__name__)
        return False
    return True


def forget_conversations(posted: Sequence[Message]) -> None:
    """Delete what was put for participants of direct messages who are leaving or gone; 1 RRU per participant."""
    direct = [each for each in posted if each.visibility is Visibility.DIRECT]
    people = {person for each in direct for person in conversations.participants(each)}
    if gone := people - users.staying(people).keys():
        conversations.forget(gone, direct)


def index_tags(live: Sequence[Message]) -> set[str]:
    """Index the hashtags of public messages for prefix search, each once, until the first full hour after they expire.

    A search checks whether a live message has the hashtag, so full hours are exact enough. They save writes: one serves
    all messages with the hashtag that this function delivers and that expire within the hour.

    Returns:
        The authors of messages with a hashtag that could not be indexed.
    """
    wanted: dict[str, int] = {}
    for message in live:
        if message.visibility is Visibility.PUBLIC:
            expires_at = -(-message.expires_at // HOUR) * HOUR // 1000
            for name in message.tags:
                wanted[name] = max(wanted.get(name, 0), expires_at)
    unknown = [(name, until) for name, until in wanted.items() if known_tags().until(name) < until]
    indexed = gather_all([partial(_try_index, name, until) for name, until in unknown])
    left = {name for (name, _), succeeded in zip(unknown, indexed, strict=True) if not succeeded}
    return {message.author_id for message in live if left.intersection(message.tags)}


def _try_index(name: str, until: int) -> bool:
    try:
        timelines.remember_tag(name, until)
    except Exception as error:  # noqa: BLE001
        # Only the records of the messages with this hashtag are retried.
        logger.warning("hashtag to be indexed again: %s", type(error).__name__)
        return False
    known_tags().remember(name, until)
    return True
