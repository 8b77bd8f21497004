"""A small simulator of Lambda's event source for DynamoDB Streams: it reads the streams and calls the functions.

`Pump.drain` delivers all pending records and returns, for tests. `Pump.start` polls in threads, for `make run`.
`ops.delivery` describes how a batch is delivered. A pump also runs other pollers: those of queues (`ops.queues`).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from fstream_app.core import settings
from ops import event_sources, provisioning
from ops.delivery import DeadLetters, Delivery, Sleep
from ops.event_sources import EventSource, Handler
from ops.queues import QueuePoller
from ops.streams import Record, Shard, StreamsClient, describe_shards

_POLL_INTERVAL = 0.2
_ERROR_INTERVAL = 1.0
_STOP_TIMEOUT = 10.0
_PATIENCE = 60.0
"""Seconds for which a stream may be unreadable before the pump counts as failed."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A function, the stream that it reads, and the event source's settings."""

    source: EventSource
    handler: Handler
    stream_arn: str


class Poller(Protocol):
    """Reads one event source, and calls its function."""

    @property
    def function(self) -> str:
        """The name of the function."""

    def poll(self, *, flush: bool) -> bool:
        """Read and deliver once; return whether another call may find more."""

    def finish(self) -> None:
        """Wait for the calls that are in progress."""


class Pump:
    """Feeds functions from streams, starting with the oldest record of each.

    `now` returns seconds since the epoch. `sleep` waits between retries; the default is a wait that `stop` interrupts.
    `others` are pollers of other event sources.

    A pump remembers its position in the streams across `stop` and `start`. A new pump starts again from the oldest
    record, as a new event source mapping does.
    """

    def __init__(
        self,
        client: StreamsClient,
        subscriptions: Iterable[Subscription],
        dead_letters: DeadLetters,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep | None = None,
        others: Iterable[Poller] = (),
    ) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._monotonic = monotonic
        self._failure: str | None = None
        self._pollers: list[Poller] = [
            _Poller(client, subscription, dead_letters, now, sleep or self._stopping.wait)
            for subscription in subscriptions
        ]
        self._pollers += others

    def drain(self) -> None:
        """Deliver until no stream has new records, without waiting for batches to fill up.

        Must not be called while the pump is started. Errors in reading the streams are raised.
        """
        self._stopping.clear()
        while sum(poller.poll(flush=True) for poller in self._pollers):  # any() would starve the later ones
            pass

    def start(self) -> None:
        """Start polling, in one thread per subscription."""
        self._stopping.clear()
        self._threads = [threading.Thread(target=self._run, args=[poller], daemon=True) for poller in self._pollers]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop polling after the invocations that are in progress."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_STOP_TIMEOUT)
        self._threads = []
        for poller in self._pollers:
            poller.finish()

    def failure(self) -> str | None:
        """Return why records are no longer delivered, or None while they are.

        A stream that cannot be read is not a failure for the first minute, because the engine may recover.
        """
        return self._failure

    def _run(self, poller: Poller) -> None:
        try:
            while not self._stopping.is_set():
                if not self._poll(poller):
                    self._stopping.wait(_POLL_INTERVAL)
        except BaseException as error:  # noqa: BLE001  # ends this thread; the owner of the pump reports it
            self._failure = f"Events no longer reach {poller.function}: {type(error).__name__}: {error}"

    def _poll(self, poller: Poller) -> bool:
        """Poll until it succeeds or the pump stops; return whether another poll may find more."""
        began: float | None = None
        while not self._stopping.is_set():
            try:
                return poller.poll(flush=False)
            except Exception as error:  # whatever the error is, the engine may recover
                now = self._monotonic()
                if began is None:
                    logger.warning("%s: cannot read its event source, will keep trying: %s", poller.function, error)
                    began = now
                if now - began >= _PATIENCE:
                    raise
                self._stopping.wait(_ERROR_INTERVAL)
        return False


class _Poller:
    """Polls one stream's shards, each only after all records of its parent are delivered.

    The shards take turns: unlike in Lambda, a retried batch blocks the other shards. The local engines have one shard.
    """

    def __init__(
        self,
        client: StreamsClient,
        subscription: Subscription,
        dead_letters: DeadLetters,
        now: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._client = client
        self._subscription = subscription
        self._dead_letters = dead_letters
        self._now = now
        self._sleep = sleep
        self._consumers: dict[str, _ShardConsumer] = {}

    @property
    def function(self) -> str:
        return self._subscription.source.function

    def poll(self, *, flush: bool) -> bool:
        """Read every shard that may be read, and deliver; return whether another call may find more."""
        # A shard closes after some hours; its children then appear in the stream's description.
        if not self._consumers or any(consumer.shard.ended for consumer in self._consumers.values()):
            self._find_shards()
        polled = [consumer.poll(flush=flush) for consumer in self._consumers.values() if self._is_next(consumer)]
        return any(polled)

    def finish(self) -> None:
        """Return at once: `poll` waits for its calls."""

    def _find_shards(self) -> None:
        for description in describe_shards(self._client, self._subscription.stream_arn):
            if description["ShardId"] not in self._consumers:
                shard = Shard(self._client, self._subscription.stream_arn, description)
                self._consumers[shard.id] = self._consumer(shard)

    def _is_next(self, consumer: "_ShardConsumer") -> bool:
        # A parent that is no longer described was trimmed from the stream, so it has no records left.
        parent = self._consumers.get(consumer.shard.parent_id or "")
        return parent is None or parent.finished

    def _consumer(self, shard: Shard) -> "_ShardConsumer":
        source, handler, arn = (
            self._subscription.source,
            self._subscription.handler,
            self._subscription.stream_arn,
        )
        delivery = Delivery(source, handler, (arn, shard.id), self._dead_letters, self._now, self._sleep)
        return _ShardConsumer(shard, source, delivery, self._now)


class _ShardConsumer:
    """Groups one shard's records into batches and delivers them in order."""

    def __init__(self, shard: Shard, source: EventSource, delivery: Delivery, now: Callable[[], float]) -> None:
        self.shard = shard
        self._source = source
        self._delivery = delivery
        self._now = now
        self._pending: list[Record] = []
        self._pending_since = 0.0

    @property
    def finished(self) -> bool:
        return self.shard.ended and not self._pending and self._delivery.finished

    def poll(self, *, flush: bool) -> bool:
        if self.finished:
            return False
        self._delivery.run()  # delivers what a stop or an error left over
        if not self._delivery.finished:
            return False
        records = self.shard.read()
        self._collect(records)
        self._form_batches(flush=flush or self.shard.ended)
        self._delivery.run()
        return bool(records) or self.shard.ended  # after a shard has ended, its children come next

    def _collect(self, records: list[Record]) -> None:
        if not self._pending:
            self._pending_since = self._now()
        self._pending += [record for record in records if self._source.admits(record)]

    def _form_batches(self, *, flush: bool) -> None:
        size = self._source.batch_size
        window = self._source.maximum_batching_window_in_seconds
        flush = flush or self._now() - self._pending_since >= window
        while len(self._pending) >= size or (flush and self._pending):
            self._delivery.add(self._pending[:size])
            del self._pending[:size]


def for_tables(dead_letters: DeadLetters, *, now: Callable[[], float] = time.time, sleep: Sleep | None = None) -> Pump:
    """Return a pump for all event sources and their real functions. The tables must exist.

    The queue of live events, if its address is set, is one of the sources.
    """
    # Imported here because boto3 loads slowly.
    import boto3

    subscriptions = [
        Subscription(source, source.handler(), provisioning.stream_arn(source.table)) for source in event_sources.ALL
    ]
    others = []
    if url := settings.get().live_queue:
        others.append(QueuePoller(boto3.client("sqs"), event_sources.LIVE, event_sources.LIVE.handler(), url))
    return Pump(boto3.client("dynamodbstreams"), subscriptions, dead_letters, now=now, sleep=sleep, others=others)
