"""The function that sends to open WebSockets what the queue says has happened, and the frames in which it is sent.

Deployed as `chalicelib.live.live`, without importing `app.py`. Whatever fails, the queue forgets the entry: it is sent
at once or not at all, and pages show it in any case. If a call is killed, or not even begun, the queue delivers its
entries again half a minute later. They are then counted as missed: some sockets may have got their events, and nobody
knows which.
"""

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypedDict

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import deadlines, notification_rendering, observation, rendering
from chalicelib.notifications import fails_on
from fstream_app.core import clock, metrics, packing, settings, tagging
from fstream_app.core.entities import Page, Window
from fstream_app.core.grants import Token
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Entry
from fstream_app.core.streams import Subscription
from fstream_app.feed import home, inbox, tail
from fstream_app.live import delivering
from fstream_app.live.entries import Entries
from fstream_app.live.events import Event
from fstream_app.messages.notifications import NotificationPage

logger = logging.getLogger(__name__)
api = Blueprint(__name__)

_UNSET = "unset"
_QUEUE = settings.get().live_queue.rpartition("/")[2] or _UNSET
"""The queue's name. Chalice's decorator takes it when it decorates, so the settings are read at import here."""


_TOGETHER = 10
"""Limit of entries in a batch. Fewer are not waited for."""
_CONCURRENCY = 10
"""Limit of batches at a time. With the rate of each (`live_rate`), they leave API Gateway's limit to requests."""


class Record(TypedDict):
    """A message of the queue, as far as it is used ("Using Lambda with Amazon SQS", Lambda's Developer Guide)."""

    body: str
    attributes: Mapping[str, str]


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event as clients get it."""

    stream: tuple[str, ...]
    event: str
    payload: str | None = None


class Api:
    """The client API's words and lists: see `fstream_app.live.events.ClientApi`."""

    def prepare(self, now: int) -> None:
        """Refresh the tail, from which pages have what they say about accounts; 0.5 RRU."""
        tail.shared().refresh(now)

    def entry(self, message_id: MessageId) -> Entry | None:
        """Return a message's entry in the tail."""
        author_id = message_id.author_id
        return packing.find(tail.shared().snapshot([author_id]).entries.get(author_id, b""), message_id)

    def hashtags(self, message_id: MessageId, names: Collection[str]) -> Collection[str]:
        """Return those of these hashtags with which the tail knows a message; all if it may not know them."""
        author_id = message_id.author_id
        found = tail.shared().snapshot([author_id], names)
        is_known = packing.find(found.entries.get(author_id, b""), message_id) is not None
        if message_id < found.horizon or not is_known:
            return names
        return [
            name
            for name, known in found.tagged.items()
            if message_id.time < known.since or tagging.has(known.packed, message_id)
        ]

    def status(self, page: Page, now: int) -> str:
        """Return the status of the only message of a page."""
        return msgspec.json.encode(rendering.statuses(page, now)[0]).decode()

    def notifications(self, page: NotificationPage, token: Token, now: int) -> dict[MessageId, str]:
        """Return the notifications of a page by their ids, without those on which the token's application fails."""
        known = [each for each in page.shown if not fails_on(token, each.notification.kind)]
        rendered = notification_rendering.notifications(msgspec.structs.replace(page, shown=known), now)
        return {
            each.notification.id: msgspec.json.encode(made).decode() for each, made in zip(known, rendered, strict=True)
        }

    def home(self, user_id: str, window: Window, now: int) -> Page:
        """Return a page of a user's home timeline."""
        return home.read(user_id, window, now)

    def inbox(self, user_id: str, window: Window, now: int) -> NotificationPage:
        """Return a page of a user's notifications."""
        return inbox.of_user(user_id, window, now)

    def frame(self, subscription: Subscription, event: Event) -> bytes:
        """Return the frame of an event."""
        return msgspec.json.encode(Frame(subscription.names, event.kind, event.payload))


@api.on_sqs_message(queue=_QUEUE, batch_size=_TOGETHER, maximum_concurrency=_CONCURRENCY, name="live")
def live(event: SQSEvent) -> None:
    """Send what was announced to those who are online and may see it."""
    records: list[Record] = event.to_dict()["Records"]
    with observation.batch("live", event.context, len(records)) as line, deadlines.of_batch(event.context):
        entries = list(_parsed(records))
        line["failed"] = len(records) - len(entries)
        try:
            if entries:
                delivering.deliver(entries, Api(), clock.now(), time.sleep)
        except Exception as error:  # noqa: BLE001  # a repeat would come minutes later
            observation.record(error, is_defect=True)
            metrics.count(Metric.LIVE_MISSED, sum(each.count for each in entries))
            line["failed"] = len(records)


def _parsed(records: Sequence[Record]) -> Iterator[Entries]:
    """Yield the entries that are received for the first time, and count the events of others as missed."""
    for record in records:
        try:
            entries = Entries.decoded(record["body"])
        except (KeyError, msgspec.DecodeError):
            logger.exception("cannot parse an entry of the queue")
            metrics.count(Metric.LIVE_MISSED)
            continue
        if int(record["attributes"]["ApproximateReceiveCount"]) == 1:
            yield entries
        else:
            logger.warning("an entry is missed, because the call that received it has not ended")
            metrics.count(Metric.LIVE_MISSED, entries.count)
