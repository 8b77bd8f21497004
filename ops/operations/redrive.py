"""Retries dead letters: calls their functions again with the records.

A letter contains no records, only their position in the stream: shard and sequence numbers (Lambda Developer Guide,
"Retaining discarded records for a DynamoDB event source"). The stream keeps records for a day; only `repair` can
make up for older ones. The order of the letters does not matter, because the functions read the current state of the
tables.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ops import event_sources
from ops.deployment.cloudformation import Say
from ops.event_sources import EventSource
from ops.streams import Record, StreamsClient, lambda_record

WAIT = 1
"""Seconds to wait for letters, so that SQS queries all of its servers."""
_HELD = 900
"""Seconds for which a received letter is invisible to other consumers."""
_LETTERS_AT_ONCE = 10
_EMPTY_PAGES = 50
"""Consecutive pages without a record after which a shard is taken to have no more."""
_LONGEST_CALL = 120
"""Seconds to wait for a function; no function's timeout is longer."""
_OUT_OF_REACH = {"TrimmedDataAccessException", "ResourceNotFoundException"}

Invoke = Callable[[str, dict[str, Any]], str]
"""Calls a function, given its ARN and an event; returns the problem, or an empty string on success."""


class OutOfReach(Exception):
    """The stream no longer has the records."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: Lambda's message about records that it gave up."""

    receipt: str
    function_arn: str
    stream_arn: str
    shard_id: str
    first: str
    """Sequence number of the first record, as the stream writes it."""
    last: int
    """Sequence number of the last record."""
    arrived: str
    """Arrival of the first record in the stream: date and time in ISO 8601."""

    @classmethod
    def parse(cls, message: Mapping[str, Any]) -> "Letter":
        """Parse a message of the queue.

        Raises:
            KeyError, TypeError, ValueError: the message is not a dead letter from Lambda.
        """
        body = json.loads(message["Body"])
        batch = body["DDBStreamBatchInfo"]
        return cls(
            receipt=message["ReceiptHandle"],
            function_arn=body["requestContext"]["functionArn"],
            stream_arn=batch["streamArn"],
            shard_id=batch["shardId"],
            first=str(batch["startSequenceNumber"]),
            last=int(batch["endSequenceNumber"]),
            arrived=batch["approximateArrivalOfFirstRecord"],
        )

    @property
    def source(self) -> EventSource:
        """The event source of the letter's function.

        Raises:
            ValueError: FSTREAM has no such function.
        """
        name = self.function_arn.split(":")[6].rpartition("-")[2]
        for source in event_sources.ALL:
            if source.function == name:
                return source
        raise ValueError(f"FSTREAM has no function {name}")


@dataclass(slots=True)
class Summary:
    """The results of a redrive, as numbers of letters."""

    redriven: int = 0
    """Letters processed successfully."""
    records: int = 0
    """Records in these letters."""
    failed: int = 0
    """Letters whose function failed again."""
    too_old: int = 0
    """Letters left in the queue although the stream no longer has their records."""
    discarded: int = 0
    """Letters deleted because the stream no longer has their records."""
    unreadable: int = 0
    """Messages that are not dead letters from Lambda."""

    @property
    def left(self) -> int:
        """Letters that are still in the queue."""
        return self.failed + self.too_old + self.unreadable

    def __str__(self) -> str:
        lines = [f"Letters processed: {self.redriven}, with {self.records} records. Letters left: {self.left}."]
        if self.discarded:
            lines.append(f"Letters discarded because the stream no longer has their records: {self.discarded}.")
        if self.failed:
            lines.append(
                f"Letters that failed again: {self.failed}. See `python -m ops logs --errors`, fix the cause, "
                "then run this command again."
            )
        if self.too_old:
            lines.append(
                f"Letters whose records the stream no longer has: {self.too_old}. Run `python -m ops repair` to "
                "rebuild what is missing, then this command with --discard-old."
            )
        if self.unreadable:
            lines.append(
                f"Messages that are not dead letters from Lambda: {self.unreadable}. Look at them in the SQS console."
            )
        return "\n".join(lines)


class Queue:
    """The queue of dead letters."""

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401
        self._client = client
        self._url = client.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self) -> list[dict[str, Any]]:
        """Return up to ten messages, which are then invisible to other consumers for 15 minutes."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_LETTERS_AT_ONCE,
            VisibilityTimeout=_HELD,
            WaitTimeSeconds=WAIT,
        )
        return list(answer.get("Messages", ()))

    def delete(self, message: Mapping[str, Any]) -> None:
        """Delete a message."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def release(self, message: Mapping[str, Any]) -> None:
        """Make a message visible again, to other consumers and to the alarm."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )


@dataclass(slots=True)
class Redrive:
    """Processes the queue of dead letters once."""

    queue: Queue
    streams: StreamsClient
    invoke: Invoke
    say: Say
    discard_old: bool = False
    """Whether to delete letters whose records the stream no longer has."""
    summary: Summary = field(default_factory=Summary)

    def run(self) -> Summary:
        """Redrive all letters. Letters that remain in the queue are made visible again, even after an error."""
        held: list[dict[str, Any]] = []
        tried: set[str] = set()
        try:
            while messages := self.queue.receive():
                held += messages
                for message in messages:
                    if message["MessageId"] in tried:
                        return self.summary  # after a long run, the first letters are visible again
                    tried.add(message["MessageId"])
                    if self._settle(message):
                        self.queue.delete(message)
                        held.remove(message)
        finally:
            for message in held:
                self.queue.release(message)
        return self.summary

    def _settle(self, message: Mapping[str, Any]) -> bool:
        """Redrive one letter; return whether to delete it."""
        try:
            letter = Letter.parse(message)
            source = letter.source
        except (KeyError, TypeError, ValueError) as error:
            self.summary.unreadable += 1
            self.say(f"  message {message['MessageId']}: not a dead letter from Lambda ({error!r}); left in the queue")
            return False
        label = f"{source.function}, {letter.arrived}, {letter.shard_id}"
        try:
            records = [record for record in read(self.streams, letter) if source.admits(record)]
        except OutOfReach:
            return self._give_up(label)
        wrong = self._give(letter, source, records)
        if wrong:
            self.summary.failed += 1
            self.say(f"  {label}: {wrong}; left in the queue")
            return False
        self.summary.redriven += 1
        self.summary.records += len(records)
        self.say(f"  {label}: processed {len(records)} records")
        return True

    def _give(self, letter: Letter, source: EventSource, records: list[Record]) -> str:
        for begin in range(0, len(records), source.batch_size):
            wrong = self.invoke(letter.function_arn, {"Records": records[begin : begin + source.batch_size]})
            if wrong:
                return wrong
        return ""

    def _give_up(self, label: str) -> bool:
        if self.discard_old:
            self.summary.discarded += 1
            self.say(f"  {label}: the stream no longer has the records; letter discarded")
            return True
        self.summary.too_old += 1
        self.say(f"  {label}: the stream no longer has the records; left in the queue")
        return False


def read(client: StreamsClient, letter: Letter) -> Iterator[Record]:
    """Yield a letter's records, including those that the event source filters out.

    Raises:
        OutOfReach: the stream no longer has the records.
    """
    iterator: str | None
    try:
        iterator = client.get_shard_iterator(
            StreamArn=letter.stream_arn,
            ShardId=letter.shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=letter.first,
        )["ShardIterator"]
        empty = 0
        while iterator and empty < _EMPTY_PAGES:
            page = client.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                number = int(record["dynamodb"]["SequenceNumber"])
                if number <= letter.last:
                    yield lambda_record(record, letter.stream_arn)
                if number >= letter.last:
                    return
            empty = 0 if page["Records"] else empty + 1
            iterator = page.get("NextShardIterator")
    except ClientError as error:
        if error.response["Error"]["Code"] in _OUT_OF_REACH:
            raise OutOfReach from None
        raise
    raise OutOfReach  # the last record is missing


def lambda_invoke(session: boto3.Session) -> Invoke:
    """Return a caller of Lambda functions, without retries and with a timeout above any function's."""
    config = Config(read_timeout=_LONGEST_CALL, retries={"max_attempts": 0})
    client = session.client("lambda", config=config)

    def invoke(function_arn: str, event: dict[str, Any]) -> str:
        try:
            answer = client.invoke(FunctionName=function_arn, Payload=json.dumps(event))
        except client.exceptions.TooManyRequestsException:
            return "Lambda throttled the call"
        return failure(answer.get("FunctionError"), answer["Payload"].read())

    return invoke


def failure(error: str | None, payload: bytes) -> str:
    """Return the problem of a call in one line; an empty string on success.

    Args:
        error: the response's FunctionError, if any.
        payload: the response's payload (JSON).
    """
    answer = json.loads(payload or b"null")
    if error:
        kind = answer.get("errorType", error) if isinstance(answer, dict) else error
        return f"the function failed ({kind}); see its log"
    failures = (answer or {}).get("batchItemFailures") if isinstance(answer, dict | None) else [answer]
    return f"the function reports {len(failures)} records as failed; see its log" if failures else ""
