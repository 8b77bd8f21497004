"""Delivers a shard's records to a function until each succeeds or is given up: retries, bisecting, dead letters.

The rules are Lambda's, from its Developer Guide: "Using AWS Lambda with Amazon DynamoDB" and "Configuring partial batch
response with DynamoDB and Lambda".
"""

import base64
import json
import logging
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalice.local import LambdaContext

from ops.event_sources import EventSource, Handler
from ops.streams import Record

_FIRST_BACKOFF = 0.1
_LONGEST_BACKOFF = 10.0
_MEMORY_MB = 512
_TIMEOUT_MS = 60_000

logger = logging.getLogger(__name__)

DeadLetters = Callable[[dict[str, Any]], None]
"""Receives Lambda's message about a batch that was given up. If it raises an error, the batch is tried again."""
Sleep = Callable[[float], bool]
"""Waits for a number of seconds; returns true if it was interrupted by a stop."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one invocation: how many records, counted from the first, were processed."""

    done: int
    request_id: str
    raised: bool = False


@dataclass(slots=True)
class Batch:
    """Records that the function gets in one invocation, and the outcomes of the invocations so far."""

    records: list[Record]
    outcomes: list[Outcome] = field(default_factory=list)


class Delivery:
    """The queue of one shard's batches for a function, delivered strictly one after the other."""

    def __init__(
        self,
        source: EventSource,
        handler: Handler,
        shard: tuple[str, str],
        dead_letters: DeadLetters,
        now: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._source = source
        self._handler = handler
        self._stream_arn, self._shard_id = shard
        self._dead_letters = dead_letters
        self._now = now
        self._sleep = sleep
        self._batches: deque[Batch] = deque()

    def add(self, records: list[Record]) -> None:
        """Append a batch."""
        self._batches.append(Batch(records))

    @property
    def finished(self) -> bool:
        """Whether nothing is left to deliver."""
        return not self._batches

    def run(self) -> None:
        """Deliver until nothing is left or a sleep is interrupted by a stop; the next call continues from there."""
        while self._batches:
            batch = self._batches[0]
            if self._give_up_aged(batch):
                continue
            outcome = self._invoke(batch)
            if self._settle(batch, outcome) and self._sleep(_backoff(len(batch.outcomes))):
                return

    def _settle(self, batch: Batch, outcome: Outcome) -> bool:
        """Decide what follows an invocation; return whether to retry the same batch after a pause."""
        batch.outcomes.append(outcome)
        left = batch.records[outcome.done :]
        if not left:
            self._batches.popleft()
            return False
        if self._source.bisect_batch_on_function_error and len(batch.records) > 1:
            # Splitting does not count towards the limit of retries, so each part starts with no attempts.
            self._batches.popleft()
            self._batches.extendleft(Batch(part) for part in reversed(_split(batch.records, outcome.done)))
            return False
        batch.records = left
        if 0 <= self._source.maximum_retry_attempts < len(batch.outcomes):
            self._give_up(batch, left, "RetryAttemptsExhausted")
            self._batches.popleft()
            return False
        return True

    def _give_up_aged(self, batch: Batch) -> bool:
        """Send records that are too old to the dead letters; return whether there were any."""
        limit = self._source.maximum_record_age_in_seconds
        if limit == -1:
            return False
        oldest = self._now() - limit
        aged = [record for record in batch.records if _arrival(record) < oldest]
        if not aged:
            return False
        self._give_up(batch, aged, "RecordAgeExceeded")
        batch.records = [record for record in batch.records if _arrival(record) >= oldest]
        if not batch.records:
            self._batches.popleft()
        return True

    def _invoke(self, batch: Batch) -> Outcome:
        records = batch.records
        context = LambdaContext(self._source.function, _MEMORY_MB, _TIMEOUT_MS)
        try:
            # Through JSON both ways, as Lambda does: each invocation gets its own copy of the records, and a result
            # that cannot be serialized fails.
            event = json.loads(json.dumps({"Records": records}, default=_base64))
            answer = json.loads(json.dumps(self._handler(event, context)))
        except Exception:  # any error of the function fails its batch
            first = not batch.outcomes
            logger.warning("%s failed on a batch of size %d", self._source.function, len(records), exc_info=first)
            return Outcome(0, context.aws_request_id, raised=True)
        if not self._source.report_batch_item_failures:
            return Outcome(len(records), context.aws_request_id)
        return Outcome(_done(records, answer), context.aws_request_id)

    def _give_up(self, batch: Batch, records: list[Record], condition: str) -> None:
        letter = self._letter(batch, records, condition)
        self._dead_letters(letter)
        logger.warning("%s: gave up (%s) and sent a dead letter: %s", self._source.function, condition, letter)

    def _letter(self, batch: Batch, records: list[Record], condition: str) -> dict[str, Any]:
        _, _, _, region, account, _ = self._stream_arn.split(":", 5)
        first, last = records[0], records[-1]
        letter: dict[str, Any] = {
            "requestContext": {
                "requestId": batch.outcomes[-1].request_id if batch.outcomes else str(uuid.uuid4()),
                "functionArn": f"arn:aws:lambda:{region}:{account}:function:{self._source.function}",
                "condition": condition,
                "approximateInvokeCount": len(batch.outcomes),
            },
            "version": "1.0",
            "timestamp": _timestamp(self._now(), "milliseconds"),
            "DDBStreamBatchInfo": {
                "shardId": self._shard_id,
                "startSequenceNumber": first["dynamodb"]["SequenceNumber"],
                "endSequenceNumber": last["dynamodb"]["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _timestamp(_arrival(first), "seconds"),
                "approximateArrivalOfLastRecord": _timestamp(_arrival(last), "seconds"),
                "batchSize": len(records),
                "streamArn": self._stream_arn,
            },
        }
        if batch.outcomes:
            letter["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST"}
            if batch.outcomes[-1].raised:
                letter["responseContext"]["functionError"] = "Unhandled"
        return letter


def _done(records: list[Record], answer: object) -> int:
    """Return how many records, counted from the first, were processed according to the function's result.

    Null, an empty object and an empty or null list of failures mean success. Otherwise all records before the lowest
    reported sequence number were processed. A result that is not an object, or that names a record outside the batch,
    fails the whole batch.
    """
    if answer is None:
        return len(records)
    if not isinstance(answer, dict):
        return 0
    failures = answer.get("batchItemFailures")
    if not failures:
        return len(records)
    positions = {record["dynamodb"]["SequenceNumber"]: position for position, record in enumerate(records)}
    try:
        return min(positions[failure["itemIdentifier"]] for failure in failures)
    except (KeyError, TypeError):
        return 0


def _split(records: list[Record], done: int) -> list[list[Record]]:
    """Split a failed batch at the reported record; in the middle if none or the first was reported.

    Lambda's documentation does not say what happens when the first record is reported. Halving isolates that record,
    so that the records after it are not given up with it.
    """
    if done:
        return [records[done:]]
    middle = len(records) // 2
    return [records[:middle], records[middle:]]


def _backoff(invocations: int) -> float:
    return float(min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (invocations - 1)))


def _arrival(record: Record) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _timestamp(seconds: float, precision: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
