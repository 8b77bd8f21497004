"""Faults between botocore and the engine: calls are refused, lost, done in part, or their responses are lost.

They replace the HTTP session, so that the retries of botocore, PynamoDB and the repository are all tested.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, ReadTimeoutError

from ops import event_sources
from ops.streams import StreamsClient

Send = Callable[[AWSPreparedRequest], AWSResponse]


class Killed(BaseException):
    """The function was killed. As a BaseException, it passes every `except Exception` of the function."""


@dataclass(frozen=True)
class Call:
    """A call on its way to the engine."""

    request: AWSPreparedRequest
    random: Random
    _send: Send

    @property
    def operation(self) -> str:
        target = self.request.headers["X-Amz-Target"]
        return (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.request.body)
        return body

    def send(self, body: Mapping[str, Any] | None = None) -> AWSResponse:
        """Send the call to the engine, with another body if given."""
        if body is None:
            return self._send(self.request)
        sent, data = self.request, json.dumps(body).encode()
        sent.headers["Content-Length"] = str(len(data))
        return self._send(AWSPreparedRequest(sent.method, sent.url, sent.headers, data, sent.stream_output))

    def refuse(self, code: str, **more: object) -> AWSResponse:
        """Return an error response in DynamoDB's format."""
        return self.answer(400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more})

    def answer(self, status: int, body: Mapping[str, Any]) -> AWSResponse:
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(self.request.url, status, headers, _Raw(json.dumps(body).encode()))


class _Raw(BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@dataclass(frozen=True)
class Fault:
    """A way to fail for calls of some operations, or (None) of all."""

    name: str
    happen: Callable[[Call], AWSResponse]
    operations: frozenset[str] | None = None

    def concerns(self, call: Call) -> bool:
        return self.operations is None or call.operation in self.operations


def _throttle(call: Call) -> AWSResponse:
    if call.operation == "TransactWriteItems" and call.random.random() < 0.5:
        return _cancel(call, "ThrottlingError")
    return call.refuse(call.random.choice(["ProvisionedThroughputExceededException", "ThrottlingException"]))


def _cancel(call: Call, code: str) -> AWSResponse:
    reasons = [{"Code": "None"} for _ in call.body["TransactItems"]]
    call.random.choice(reasons)["Code"] = code
    return call.refuse("TransactionCanceledException", CancellationReasons=reasons)


def _write_some(call: Call) -> AWSResponse:
    body = call.body
    done, left = _parted(call, [(table, each) for table, some in body["RequestItems"].items() for each in some])
    parts: list[dict[str, list[Any]]] = []
    for requests in (done, left):
        part: dict[str, list[Any]] = {}
        for table, each in requests:
            part.setdefault(table, []).append(each)
        parts.append(part)
    answer = json.loads(call.send(body | {"RequestItems": parts[0]}).content) if done else {}
    return call.answer(200, answer | {"UnprocessedItems": parts[1]})


def _read_some(call: Call) -> AWSResponse:
    body = call.body
    done, left = _parted(call, [(table, key) for table, some in body["RequestItems"].items() for key in some["Keys"]])
    parts: list[dict[str, Any]] = []
    for keys in (done, left):
        part: dict[str, Any] = {}
        for table, key in keys:
            part.setdefault(table, body["RequestItems"][table] | {"Keys": []})["Keys"].append(key)
        parts.append(part)
    answer = json.loads(call.send(body | {"RequestItems": parts[0]}).content) if done else {"Responses": {}}
    return call.answer(200, answer | {"UnprocessedKeys": parts[1]})


def _parted(call: Call, parts: list[Any]) -> tuple[list[Any], list[Any]]:
    call.random.shuffle(parts)
    place = call.random.randrange(len(parts))
    return parts[:place], parts[place:]


def _lose(call: Call) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=call.request.url)


def _lose_answer(call: Call) -> AWSResponse:
    call.send()
    raise ReadTimeoutError(endpoint_url=call.request.url)


THROTTLED = Fault("throttled", _throttle)
WRITTEN_IN_PART = Fault("written in part", _write_some, frozenset({"BatchWriteItem"}))
READ_IN_PART = Fault("read in part", _read_some, frozenset({"BatchGetItem"}))
IN_CONFLICT = Fault("in conflict", lambda call: _cancel(call, "TransactionConflict"), frozenset({"TransactWriteItems"}))
MET_TRANSACTION = Fault(
    "met a transaction",
    lambda call: call.refuse("TransactionConflictException"),
    frozenset({"PutItem", "UpdateItem", "DeleteItem"}),
)
LOST = Fault("lost", _lose)
ANSWER_LOST = Fault("answer lost", _lose_answer)


class Faults:
    """Sends botocore's calls to the engine, some of them with faults, but only from `happening` or `kill_after` on."""

    def __init__(self, send: Send) -> None:
        self.happened: Counter[str] = Counter()
        self.calls = 0
        """Number of calls sent without a fault."""
        self._send = send
        self._next: Callable[[Call], Fault | None] = lambda _: None
        self._random = Random(0)
        self._left: int | None = None

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request: replaces the method of botocore's session."""
        if self._left == 0:
            raise Killed
        call = Call(request, self._random, self._send)
        fault = self._next(call)
        if fault is not None:
            self.happened[fault.name] += 1
            return fault.happen(call)
        self.calls += 1
        if self._left is not None:
            self._left -= 1
        return call.send()

    @contextmanager
    def happening(self, *kinds: Fault, share: float, seed: int, only: Callable[[Call], bool] = bool) -> Iterator[None]:
        """Apply a fault to a share of the calls that it concerns (and that `only` accepts) in this block.

        Fails if no fault happened.
        """
        self._random = random = Random(seed)

        def choose(call: Call) -> Fault | None:
            possible = [kind for kind in kinds if kind.concerns(call)]
            return random.choice(possible) if possible and only(call) and random.random() < share else None

        before = self.happened.copy()
        self._next = choose
        try:
            yield
        finally:
            self._next = lambda _: None
        assert self.happened - before, "no fault happened"

    def kill_after(self, calls: int) -> None:
        """Let `calls` more calls take effect, then kill the function."""
        self._left = calls

    @property
    def killed(self) -> bool:
        return self._left == 0

    def revive(self) -> None:
        """End the kill, so that the next function runs."""
        self.happened["killed"] += 1
        self._left = None


Records = list[dict[str, Any]]


class Streams:
    """Changes the records on their way from the streams to the pump."""

    def __init__(self, client: StreamsClient) -> None:
        self.change: Callable[[Records], Records] = lambda records: records
        self.describe_stream = client.describe_stream
        self.get_shard_iterator = client.get_shard_iterator
        self._get_records = client.get_records
        self._refusals = 0
        self._gone: set[str] = set()

    def trim(self) -> None:
        """Refuse the next read of each stream as trimmed; its unread records are lost."""
        self._refusals = len(event_sources.ALL)

    def get_records(self, **parameters: str) -> Mapping[str, Any]:
        page = self._get_records(**parameters)
        if self._refusals:
            self._refusals -= 1
            self._gone |= {record["eventID"] for record in page["Records"]}
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException", "Message": ""}}, "GetRecords")
        return {**page, "Records": self.change([each for each in page["Records"] if each["eventID"] not in self._gone])}
