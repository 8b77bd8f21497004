"""Metrics of one request or one stream batch: database calls, request units, and the domain's figures.

The handler opens a tally; everything done for the request counts there, in all threads of `fstream_app.core.parallel`.
Without an open tally, counting is a no-op, so callers need not know whether anyone is collecting.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Metric(StrEnum):
    """A figure of the domain, by its CloudWatch name. CloudWatch charges $0.30 a month for each (ten are free)."""

    POSTS = "Posts"
    DELETIONS = "Deletions"
    """Messages deleted by their authors or removed by moderators, without those of deleted accounts."""
    DELIVERIES = "Deliveries"
    """Entries written to the log, timelines, threads and notifications."""
    LATE_DELIVERIES = "LateDeliveries"
    """Messages delivered after the bound on settling, to the log or to views: a polling client may have missed them."""
    FAN_OUT_LAG = "FanOutLag"
    """Milliseconds from posting to the log, per message."""
    VIEWS_LAG = "ViewsLag"
    """Milliseconds from posting to public and hashtag timelines, threads and notifications, per message."""
    REMEMBERED = "Remembered"
    """Home entries that were found in the function's memory."""
    PULLED = "Pulled"
    """Home entries that were read from heads or authors' partitions."""
    UNKNOWN_EDGES = "UnknownEdges"
    """Edges that were skipped because this version does not know their kind."""
    THROTTLES = "Throttles"
    """Attempted calls that DynamoDB refused because an item, a partition, a table or an index was busy."""
    LIVE_EVENTS = "LiveEvents"
    """Events sent to WebSockets."""
    LIVE_MISSED = "LiveMissed"
    """Events that could not be announced, or were not sent to a WebSocket: its client sees them when it polls."""
    LIVE_CUT = "LiveCut"
    """Times that an author, or a followed hashtag, had more followers than are looked through."""
    LIVE_LAG = "LiveLag"
    """Milliseconds from posting to the last WebSocket, per message."""

    @property
    def unit(self) -> str:
        """The unit, by its name in CloudWatch."""
        return "Milliseconds" if self.value.endswith("Lag") else "Count"


class Tally:
    """The counts of one request or batch. Thread-safe."""

    def __init__(self) -> None:
        self.calls = 0
        """Database calls, including failed ones; a call that botocore retries counts once."""
        self.read_units = 0.0
        """RRU, as reported in DynamoDB's responses; failed calls report none."""
        self.write_units = 0.0
        """WRU, likewise."""
        self.counts: dict[Metric, int] = {}
        self.values: dict[Metric, list[int]] = {}
        self._lock = threading.Lock()

    def add(self, metric: Metric, number: int) -> None:
        """Add to a count."""
        with self._lock:
            self.counts[metric] = self.counts.get(metric, 0) + number

    def note(self, metric: Metric, values: Sequence[int]) -> None:
        """Record values of a metric whose distribution matters."""
        with self._lock:
            self.values.setdefault(metric, []).extend(values)

    def charge(self, read_units: float, write_units: float) -> None:
        """Count a call and the units that it consumed."""
        with self._lock:
            self.calls += 1
            self.read_units += read_units
            self.write_units += write_units


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tally() -> Iterator[Tally]:
    """Collect the metrics of the block."""
    opened = Tally()
    token = _tally.set(opened)
    try:
        yield opened
    finally:
        _tally.reset(token)


def count(metric: Metric, number: int = 1) -> None:
    """Add to a count; 0 adds nothing, so the metric stays absent."""
    current = _tally.get()
    if current is not None and number:
        current.add(metric, number)


def counted(metric: Metric, items: Iterable[T]) -> Iterator[T]:
    """Pass the items through, and count those that are consumed."""
    for item in items:
        count(metric)
        yield item


def note(metric: Metric, values: Sequence[int]) -> None:
    """Record values of a metric whose distribution matters."""
    current = _tally.get()
    if current is not None and values:
        current.note(metric, values)


_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


def charge(operation: str, consumed: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> None:
    """Count a database call, with its response's ConsumedCapacity (None: not reported)."""
    current = _tally.get()
    if current is None:
        return
    parts = [consumed] if isinstance(consumed, Mapping) else consumed or ()
    units = float(sum(part.get("CapacityUnits", 0) for part in parts))
    current.charge(*((units, 0.0) if operation in _READS else (0.0, units)))
