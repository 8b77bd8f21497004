"""Delivering what was announced: to those who are online, as long as it is there and they may see it.

Best effort, and apart from everything that readers wait for. If anything fails here, live events are missed, and pages
show what they would have said.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from fstream_app.core import metrics, settings
from fstream_app.core.entities import Page, Window
from fstream_app.core.grants import Token
from fstream_app.core.ids import HIGHEST, MessageId, lowest_at
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.streams import Socket, Stream, Subscription
from fstream_app.live import online, readers, stories
from fstream_app.live.audience import Reader, Readers, hears_notifications
from fstream_app.live.entries import Entries, Opened, Reach, Removal
from fstream_app.live.events import ClientApi, Event, Kind, told
from fstream_app.live.readers import Facts, Seen
from fstream_app.live.sending import Due, Outgoing, Sender
from fstream_app.live.stories import Batch
from fstream_app.live.timing import Time
from fstream_app.messages.notifications import NotificationPage
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.repository import oauth, sockets

logger = logging.getLogger(__name__)

TOGETHER = 50
"""Readers whose relations are read together. Their events are sent before those of the next are looked at."""
_STALE = 500
"""Milliseconds after which the messages are read again before more of them are sent."""


def deliver(entries: Sequence[Entries], client_api: ClientApi, now: int, sleep: Callable[[float], object]) -> None:
    """Send what was announced to the sockets that it concerns, once it has settled.

    RRU: 0.5 for the sockets that have changed; as `stories.read`, `stories.quotes` and `audience.Readers.add`; for the
    readers as `readers.facts_of` and `readers.see`. After sending, 1 for each message in an event: to readers who were
    sent one that was deleted meanwhile, the deletion is sent, too.

    Args:
        entries: what was announced.
        client_api: its words and lists.
        now: milliseconds.
        sleep: waits for some seconds.
    """
    time = Time(now, sleep)
    gather(partial(_settle, entries, time), partial(client_api.prepare, now))
    remembered = online.shared()
    removals = [_known(removal, client_api) for each in entries for removal in each.removed]
    batch, _ = gather(
        partial(_read, entries, removals, time.now()),
        partial(remembered.refresh, time.now()),
    )
    if not remembered.is_anybody:
        return
    delivery = Delivery(client_api, Sender(client_api.frame, remembered, time), time)
    found = Readers(remembered, client_api.hashtags)
    found.add(entries, batch, removals)
    delivery.catch_up([opened for each in entries for opened in each.opened])
    delivery.run(found.all(), batch)


def _known(removal: Removal, client_api: ClientApi) -> Removal:
    """Return whom a message reached that was in no head any more, as far as this process remembers it."""
    if removal.reach or removal.people:
        return removal
    reach = Reach.of(client_api.entry(MessageId.parse(removal.id)))
    return msgspec.structs.replace(removal, reach=int(reach))


def _before_opening() -> int:
    """Return for how long (ms) before a socket was opened a page of that time may lack messages: they had not settled.

    The tail may have been refreshed some time before.
    """
    return int(1000 * (settings.get().settling_time + settings.get().tail_refresh))


def _settle(entries: Sequence[Entries], time: Time) -> None:
    """Wait until the newest message and notification has settled, for at most the settling time."""
    ids = [
        each
        for one in entries
        for each in (*one.posted, *(edit.id for edit in one.edited), *(notice.id for notice in one.notified))
    ]
    if ids:
        settling = int(1000 * settings.get().settling_time)
        left = max(MessageId.parse(each).time for each in ids) + settling - time.now()
        time.sleep(min(max(left, 0), settling) / 1000)


def _read(entries: Sequence[Entries], removals: Sequence[Removal], now: int) -> Batch:
    """Read what was posted or edited, and what quotes messages that are gone."""
    posted = [MessageId.parse(each) for one in entries for each in one.posted]
    edited = {MessageId.parse(each.id): each.time for one in entries for each in one.edited}
    gone = [MessageId.parse(each.id) for each in removals if each.reach >= Reach.FOLLOWERS]
    return stories.read(posted, stories.quotes(gone, now) | edited, now)


class Delivery:
    """One batch on its way to its readers."""

    def __init__(self, client_api: ClientApi, sender: Sender, time: Time) -> None:
        self._api = client_api
        self._sender = sender
        self._time = time
        self._read_at = time.now()

    def catch_up(self, opened: Sequence[Opened]) -> None:
        """Send to new sockets what their lists show of the time when they were opened, unless they have it.

        RRU: 2, and as a page of the home timeline and of notifications.
        """
        now = self._time.now()
        since = {(each.user_id, each.id): each.time for each in opened}
        open_now = sockets.get_many(since, now)
        tokens = oauth.get_tokens({socket.token_hash for socket in open_now}, now)
        for socket in open_now:
            token = tokens.get(socket.token_hash)
            if token is not None and not token.suspended:
                after = lowest_at(since[socket.user_id, socket.id] - _before_opening())
                shown = partial(self._shown_since, socket, token, Window(after=after, limit=MAX_LIMIT))
                self._sender.send(_tried(shown))

    def _shown_since(self, socket: Socket, token: Token, window: Window) -> Iterator[Outgoing]:
        now = self._time.now()
        listens = any(each.stream is Stream.USER for each in socket.subscriptions)
        page, inbox = gather(
            partial(self._api.home, socket.user_id, window, now) if listens else lambda: Page([], {}),
            partial(self._api.inbox, socket.user_id, window, now),
        )
        alone = [msgspec.structs.replace(page, messages=[each]) for each in page.messages]
        updates = [_event(each, self._api.status(each, now), None) for each in alone]
        notified = self._notified([inbox], token)
        due: list[Due] = []
        for subscription in socket.subscriptions:
            events = updates if subscription.stream is Stream.USER else []
            events = [*events, *notified] if hears_notifications(socket, subscription) else events
            due += [Due(subscription, event) for event in events]
        yield Outgoing(socket, due)

    def _notified(self, pages: Sequence[NotificationPage], token: Token) -> list[Event]:
        events: list[Event] = []
        for page in pages:
            payloads = self._api.notifications(page, token, self._time.now())
            for each in page.shown:
                if payload := payloads.get(each.notification.id):
                    messages = told(each.message, page.originals) if each.message else ()
                    events.append(Event(Kind.NOTIFICATION, each.notification.id, payload=payload, messages=messages))
        return events

    def run(self, found: Sequence[Reader], batch: Batch) -> None:
        """Send the batch to its readers, some at a time."""
        done: list[Outgoing] = []
        for start in range(0, len(found), TOGETHER):
            if start and self._time.now() - self._read_at >= _STALE:
                batch = self._still_there(batch)
            done += self._send(found[start : start + TOGETHER], batch)
        self._take_back(done)
        lags = {
            due.event.id: self._time.now() - due.event.id.time
            for each in done
            for due in each.due
            if due.event.kind is Kind.UPDATE
        }
        metrics.note(Metric.LIVE_LAG, list(lags.values()))

    def _send(self, chunk: Sequence[Reader], batch: Batch) -> list[Outgoing]:
        now = self._time.now()
        facts = readers.facts_of(chunk, now)
        self._sender.close(
            [socket for each in chunk for socket in each.sockets if socket.token_hash not in facts.tokens]
        )
        at_once: list[Callable[[], list[Outgoing]]] = []
        reading: list[Callable[[], list[Outgoing]]] = []
        for each in chunk:
            is_known = readers.reads_nothing(each, facts.relations[each.id], now)
            (at_once if is_known else reading).append(partial(_tried, partial(self._outgoing, each, batch, facts)))
        calls: list[Callable[[], list[Outgoing]]] = [partial(_in_turn, at_once), *reading]
        outgoing = gather_all(calls)
        return self._sender.send([each for of_reader in outgoing for each in of_reader])

    def _outgoing(self, reader: Reader, batch: Batch, facts: Facts) -> Iterator[Outgoing]:
        """Yield what each socket of a reader gets."""
        seen = readers.see(reader, facts.relations[reader.id], batch, self._time.now())
        messages = self._messages(seen, batch)
        for socket in reader.sockets:
            token = facts.tokens.get(socket.token_hash)
            if token is None:
                continue
            notified = self._notified(seen.notified, token)
            due: list[Due] = []
            for subscription in socket.subscriptions:
                events = [*_of_stream(subscription, reader, seen, batch, messages)]
                if hears_notifications(socket, subscription):
                    events += notified
                due += [Due(subscription, event) for event in events]
            yield Outgoing(socket, due)

    def _messages(self, seen: Seen, batch: Batch) -> dict[MessageId, Event]:
        """Return the events of the messages that a reader sees, wherever that is."""
        edits = {story.message.id: story.edited_at for story in batch.stories}
        return {
            each: _event(page, self._api.status(page, self._time.now()), edits.get(each))
            for each, page in (seen.listed | seen.home).items()
        }

    def _still_there(self, batch: Batch) -> Batch:
        """Return the messages without those that have gone since they were read."""
        now = self._time.now()
        found = stories.there({each.message.id for each in batch.stories})
        self._read_at = now
        left = [each for each in batch.stories if each.message.id in found.messages]
        return batch._replace(stories=[each for each in left if stories.is_shown(each.message, found.users, now)])

    def _take_back(self, done: Sequence[Outgoing]) -> None:
        """Send the deletion of messages that were deleted while they were sent, to those who got them."""
        ids = {message.id for each in done for due in each.due for message in due.event.messages}
        gone = ids - stories.there(ids).messages.keys() if ids else set()
        if gone:
            self._sender.send(
                Outgoing(
                    each.socket,
                    [Due(due.subscription, _gone(lost)) for due in each.due for lost in due.event.lost(gone)],
                )
                for each in done
            )


def _tried(outgoing: Callable[[], Iterator[Outgoing]]) -> list[Outgoing]:
    """Return what a reader's sockets get; nothing if that fails, so that others get theirs."""
    try:
        return list(outgoing())
    except Exception as error:  # noqa: BLE001
        logger.warning("not sent to a reader: %s", type(error).__name__)
        metrics.count(Metric.LIVE_MISSED)
        return []


def _in_turn(calls: Iterable[Callable[[], list[Outgoing]]]) -> list[Outgoing]:
    """Make calls that wait for nothing: handing each to another thread would take longer."""
    return [each for call in calls for each in call()]


def _of_stream(
    subscription: Subscription, reader: Reader, seen: Seen, batch: Batch, messages: Mapping[MessageId, Event]
) -> Iterator[Event]:
    """Yield a reader's events for a subscription, except notifications."""
    if subscription.stream is Stream.USER:
        yield from (messages[each] for each in seen.home)
        yield from map(_gone, reader.removed)
        if reader.filters_changed_at:
            yield Event(Kind.FILTERS, HIGHEST, version=reader.filters_changed_at)
    elif subscription.topic:
        on_topic = {story.message.id for story in batch.stories if subscription.topic in story.topics}
        yield from (messages[each] for each in seen.listed if each in on_topic)
        yield from map(_gone, reader.unlisted.get(subscription.topic, ()))


def _event(page: Page, payload: str, edited_at: int | None) -> Event:
    (message,) = page.messages
    kind = Kind.EDIT if edited_at else Kind.UPDATE
    return Event(kind, message.id, edited_at or 0, payload, told(message, page.originals))


def _gone(message_id: MessageId) -> Event:
    return Event(Kind.DELETE, message_id, payload=str(message_id))
