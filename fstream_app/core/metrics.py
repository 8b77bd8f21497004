"""What one request or one batch of a stream does: database calls, request units, and the domain's figures.

Whoever answers it opens a tally, and all that is done for it counts there, in whatever thread. Where nobody has opened
one nothing is counted, so what counts needs to know nothing of who looks.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Metric(StrEnum):
    """A figure of the domain, by its name in CloudWatch, which takes $0.30 a month for each (ten are free)."""

    POSTS = "Posts"
    DELETIONS = "Deletions"
    """By their authors."""
    DELIVERIES = "Deliveries"
    """Entries that were written into the log, timelines, threads and notifications."""
    LATE_DELIVERIES = "LateDeliveries"
    """Messages that came later than readers wait for: who polls may have gone past them."""
    FAN_OUT_LAG = "FanOutLag"
    """Milliseconds from posting to being in the log, of each message."""
    REMEMBERED = "Remembered"
    """Entries of home timelines that were in the function's memory."""
    PULLED = "Pulled"
    """Entries of home timelines that were read from heads or from authors' partitions."""
    EXPIRED = "Expired"
    """Entries of home timelines that were left out because they had expired."""
    UNKNOWN_EDGES = "UnknownEdges"
    """Edges that were skipped because this version does not know their kind."""

    @property
    def unit(self) -> str:
        """In CloudWatch's words."""
        return "Milliseconds" if self is Metric.FAN_OUT_LAG else "Count"


class Tally:
    """What was counted; safe for threads."""

    def __init__(self) -> None:
        self.calls = 0
        """Of the database, those that failed included; one that botocore tries again is one."""
        self.read_units = 0.0
        """RRU, as DynamoDB tells them with its answers: what a call took that failed it does not tell."""
        self.write_units = 0.0
        """WRU, told in the same way."""
        self.counts: dict[Metric, int] = {}
        self.values: dict[Metric, list[int]] = {}
        self._lock = threading.Lock()

    def add(self, metric: Metric, number: int) -> None:
        """Count some more."""
        with self._lock:
            self.counts[metric] = self.counts.get(metric, 0) + number

    def note(self, metric: Metric, values: Sequence[int]) -> None:
        """Note values, whose distribution is of interest."""
        with self._lock:
            self.values.setdefault(metric, []).extend(values)

    def charge(self, read_units: float, write_units: float) -> None:
        """Count a call and what it took."""
        with self._lock:
            self.calls += 1
            self.read_units += read_units
            self.write_units += write_units


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tally() -> Iterator[Tally]:
    """Count what is done in the block."""
    opened = Tally()
    token = _tally.set(opened)
    try:
        yield opened
    finally:
        _tally.reset(token)


def count(metric: Metric, number: int = 1) -> None:
    """Count some more; nothing is counted of none."""
    current = _tally.get()
    if current is not None and number:
        current.add(metric, number)


def counted(metric: Metric, items: Iterable[T]) -> Iterator[T]:
    """Give the items on, and count those that are taken."""
    for item in items:
        count(metric)
        yield item


def note(metric: Metric, values: Sequence[int]) -> None:
    """Note values, whose distribution is of interest."""
    current = _tally.get()
    if current is not None and values:
        current.note(metric, values)


_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


def charge(operation: str, consumed: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> None:
    """Count a call of the database, with the ConsumedCapacity of its answer, or None if there was none."""
    current = _tally.get()
    if current is None:
        return
    parts = [consumed] if isinstance(consumed, Mapping) else consumed or ()
    units = float(sum(part.get("CapacityUnits", 0) for part in parts))
    current.charge(*((units, 0.0) if operation in _READS else (0.0, units)))
