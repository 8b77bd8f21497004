"""Counts what code costs on DynamoDB: calls, sequential round trips, request units, bytes.

The meter listens to botocore's events on the client that all tables share. Write units are those that DynamoDB returns.
Read units are computed from the items' sizes, because local engines return wrong ones; the rules are those of the
DynamoDB Developer Guide ("Read consistency", "Capacity unit consumption", "Item sizes and formats").
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from fstream_app.core import database, parallel

_READ_UNIT = 4096
_UNKNOWN_ITEM = 400
"""Assumed size of items that a filter left out, if the page has no other item: a message of 140 characters."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call and its cost."""

    operation: str
    table: str
    began: float
    ended: float
    read_units: float
    write_units: float
    sent: int
    received: int


@dataclass(slots=True)
class Cost:
    """Everything counted in one metered block."""

    calls: list[Call] = field(default_factory=list)
    cpu_seconds: float = 0.0
    """CPU of this process, including the meter's own."""

    @property
    def read_units(self) -> float:
        """RRU of all calls."""
        return sum(call.read_units for call in self.calls)

    @property
    def write_units(self) -> float:
        """WRU of all calls."""
        return sum(call.write_units for call in self.calls)

    @property
    def bytes_sent(self) -> int:
        """Bytes of the request bodies."""
        return sum(call.sent for call in self.calls)

    @property
    def bytes_received(self) -> int:
        """Bytes of the response bodies."""
        return sum(call.received for call in self.calls)

    @property
    def round_trips(self) -> int:
        """Sequential round trips: the length of the longest chain of calls that did not overlap in time."""
        trips, ended = 0, float("-inf")
        for call in sorted(self.calls, key=lambda call: call.ended):
            if call.began >= ended:
                trips, ended = trips + 1, call.ended
        return trips

    def __str__(self) -> str:
        operations = Counter(f"{call.operation} {call.table}" for call in self.calls)
        calls = ", ".join(f"{number} {name}" for name, number in sorted(operations.items()))
        return f"{self.read_units:g} RRU, {self.write_units:g} WRU, {self.round_trips} round trips ({calls})"


@contextmanager
def metered(latency: float = 0.0) -> Iterator[Cost]:
    """Count the calls and the CPU in the block, in all threads.

    Args:
        latency: seconds that every call takes, on a clock of the meter: nobody waits for them. What code calls in
            parallel (`fstream_app.core.parallel`) then runs in turn, each from the same time on, so that round trips
            are counted however slow the machine is. Without it, the times are those of the machine.
    """
    cost = Cost()
    recorder = _Recorder(cost, latency)
    events = database.connection().client.meta.events
    hooks = {
        "provide-client-params.dynamodb": recorder.begin,
        "before-call.dynamodb": recorder.serialized,
        "before-send.dynamodb": recorder.delay,
        "after-call.dynamodb": recorder.end,
    }
    for event, hook in hooks.items():
        events.register(event, hook)
    pool = parallel._pool  # noqa: SLF001  # also below: there is no other way to run parallel calls in turn
    if latency:
        setattr(parallel, "_pool", lambda _: _InTurn(recorder))  # noqa: B010  # as a mypy error otherwise
    began = time.process_time()
    try:
        yield cost
    finally:
        cost.cpu_seconds = time.process_time() - began
        setattr(parallel, "_pool", pool)  # noqa: B010
        for event, hook in hooks.items():
            events.unregister(event, hook)


class _Recorder:
    def __init__(self, cost: Cost, latency: float) -> None:
        self._cost = cost
        self._latency = latency
        self._lock = threading.Lock()
        self.now = 0.0
        """The meter's clock, in seconds."""

    def begin(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context["meter"] = (self._time(), params)

    def serialized(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context["meter"] += (len(params["body"]),)

    def delay(self, **_: object) -> None:
        self.now += self._latency

    def end(
        self,
        http_response: AWSResponse,
        parsed: Mapping[str, Any],
        model: OperationModel,
        context: dict[str, Any],
        **_: object,
    ) -> None:
        began, parameters, sent = context["meter"]
        call = Call(
            operation=model.name,
            table=_table(parameters),
            began=began,
            ended=self._time(),
            read_units=_read_units(model.name, parameters, parsed),
            write_units=_write_units(model.name, parsed),
            sent=sent,
            received=len(http_response.content),
        )
        with self._lock:
            self._cost.calls.append(call)

    def _time(self) -> float:
        return self.now if self._latency else time.monotonic()


class _InTurn:
    """Runs each call when it is submitted, in place of a pool of threads."""

    def __init__(self, recorder: _Recorder) -> None:
        self._recorder = recorder

    def submit(self, call: Callable[..., Any], *arguments: object) -> "_Ended":
        depth = getattr(parallel._level, "depth", 0)  # noqa: SLF001
        began = self._recorder.now
        ended = _Ended(self._recorder)
        try:
            ended.set_result(call(*arguments))
        except BaseException as error:  # noqa: BLE001  # `gather_all` raises it
            ended.set_exception(error)
        finally:
            parallel._level.depth = depth  # noqa: SLF001
        ended.at, self._recorder.now = self._recorder.now, began
        return ended


class _Ended(Future[Any]):
    """The result of a call; waiting for it takes until the call has ended on the meter's clock."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self.at = 0.0

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._recorder.now = max(self._recorder.now, self.at)
        return super().exception(timeout)


def _table(parameters: Mapping[str, Any]) -> str:
    names = [parameters["TableName"]] if "TableName" in parameters else list(parameters.get("RequestItems", ()))
    names += [part["TableName"] for item in parameters.get("TransactItems", ()) for part in item.values()]
    return "+".join(sorted({name.rpartition("-")[2] for name in names}))


def _write_units(operation: str, parsed: Mapping[str, Any]) -> float:
    if operation in {"GetItem", "Query", "BatchGetItem", "TransactGetItems"}:
        return 0.0
    consumed = parsed.get("ConsumedCapacity") or []
    parts = [consumed] if isinstance(consumed, Mapping) else consumed
    return float(sum(part.get("CapacityUnits", 0) for part in parts))


def _read_units(operation: str, parameters: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    if operation == "GetItem":
        return _units([item_size(parsed.get("Item") or {})], consistent=parameters.get("ConsistentRead", False))
    if operation == "Query":
        return _query_units(parameters, parsed)
    if operation == "BatchGetItem":
        return sum(
            _batch_units(request, parsed.get("Responses", {}).get(table, ()), parsed, table)
            for table, request in parameters["RequestItems"].items()
        )
    return 0.0


def _query_units(parameters: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    sizes = [item_size(item) for item in parsed.get("Items", ())]
    average = sum(sizes) / len(sizes) if sizes else _UNKNOWN_ITEM
    filtered = parsed.get("ScannedCount", len(sizes)) - len(sizes)
    return _units([sum(sizes) + round(average * filtered)], consistent=parameters.get("ConsistentRead", False))


def _batch_units(
    request: Mapping[str, Any], items: Iterable[Mapping[str, Any]], parsed: Mapping[str, Any], table: str
) -> float:
    sizes = [item_size(item) for item in items]
    unprocessed = len(parsed.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ()))
    absent = len(request["Keys"]) - unprocessed - len(sizes)
    return _units([*sizes, *[0] * absent], consistent=request.get("ConsistentRead", False))


def _units(sizes: Iterable[int], *, consistent: bool) -> float:
    units = sum(max(1, -(-size // _READ_UNIT)) for size in sizes)
    return float(units if consistent else units / 2)


def item_size(item: Mapping[str, Any]) -> int:
    """Return the size in bytes at which DynamoDB bills an item, given in its wire form."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind in {"S", "SS"}:
        return len("".join(content).encode())
    if kind == "N":
        digits = str(content).lstrip("-0.").replace(".", "")
        return (len(digits) + 1) // 2 + 1 + int(content.startswith("-"))
    if kind == "B":
        return len(bytes(content))
    if kind == "L":
        return 3 + sum(1 + _value_size(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
    return 1
