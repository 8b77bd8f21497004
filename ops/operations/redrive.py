"""Gives dead letters to their functions again.

A letter holds no records but where they are in the stream, as Lambda's Developer Guide tells in "Retaining discarded
records for a DynamoDB event source": shard and sequence numbers. The stream keeps its records for a day; what is older
can be had by `repair` alone. In which order letters are given does not matter: the functions read the tables as they
are now.
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
"""Seconds to wait for letters, so that all of SQS's servers are asked."""
_HELD = 900
"""Seconds for which a letter is out of others' sight while it is looked after."""
_LETTERS_AT_ONCE = 10
_EMPTY_PAGES = 50
"""After so many in a row without a record nothing more is expected of a shard."""
_LONGEST_CALL = 120
"""Seconds: no function has more."""
_OUT_OF_REACH = {"TrimmedDataAccessException", "ResourceNotFoundException"}

Invoke = Callable[[str, dict[str, Any]], str]
"""Calls the function of an ARN with an event; returns what went wrong, nothing if nothing did."""


class OutOfReach(Exception):
    """The stream has the records no more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about records that were given up."""

    receipt: str
    function_arn: str
    stream_arn: str
    shard_id: str
    first: str
    """Sequence number, as the stream writes it."""
    last: int
    arrived: str
    """When the first record came: a date and time of ISO 8601."""

    @classmethod
    def parse(cls, message: Mapping[str, Any]) -> "Letter":
        """Read a message of the queue.

        Raises:
            KeyError, TypeError, ValueError: it is not one of Lambda's.
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
        """How the function reads its stream.

        Raises:
            ValueError: it is none of ours.
        """
        name = self.function_arn.split(":")[6].rpartition("-")[2]
        for source in event_sources.ALL:
            if source.function == name:
                return source
        raise ValueError(f"no function of FSTREAM is called {name}")


@dataclass(slots=True)
class Summary:
    """What became of the letters."""

    redriven: int = 0
    records: int = 0
    failed: int = 0
    too_old: int = 0
    discarded: int = 0
    strange: int = 0
    """Not understood."""

    @property
    def left(self) -> int:
        """How many are in the queue still."""
        return self.failed + self.too_old + self.strange

    def __str__(self) -> str:
        told = [f"{self.redriven} letters redriven, with {self.records} records; {self.left} stay."]
        if self.discarded:
            told.append(f"{self.discarded} came too late and were discarded.")
        if self.failed:
            told.append(
                f"{self.failed} failed again: see `python -m ops logs --errors`, mend the cause, call this again."
            )
        if self.too_old:
            told.append(
                f"Of {self.too_old} the stream has the records no more: call `python -m ops repair`, which makes anew "
                "what they would have, then this with --discard-old."
            )
        if self.strange:
            told.append(f"{self.strange} were not put there by Lambda: look at them in the console.")
        return "\n".join(told)


class Queue:
    """The queue of dead letters."""

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401
        self._client = client
        self._url = client.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self) -> list[dict[str, Any]]:
        """Return up to ten messages, which nobody else sees for a while; none if there are none."""
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_LETTERS_AT_ONCE,
            VisibilityTimeout=_HELD,
            WaitTimeSeconds=WAIT,
        )
        return list(answer.get("Messages", ()))

    def delete(self, message: Mapping[str, Any]) -> None:
        """Delete one."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def release(self, message: Mapping[str, Any]) -> None:
        """Let others see one again, and the alarm count it."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )


@dataclass(slots=True)
class Redrive:
    """Goes through the queue once."""

    queue: Queue
    streams: StreamsClient
    invoke: Invoke
    say: Say
    discard_old: bool = False
    """Whether to delete letters whose records the stream has no more."""
    summary: Summary = field(default_factory=Summary)

    def run(self) -> Summary:
        """Redrive all letters. Those that stay are in others' sight again in the end, whatever happens."""
        held: list[dict[str, Any]] = []
        tried: set[str] = set()
        try:
            while messages := self.queue.receive():
                held += messages
                for message in messages:
                    if message["MessageId"] in tried:
                        return self.summary  # it took so long that the first ones come again
                    tried.add(message["MessageId"])
                    if self._settle(message):
                        self.queue.delete(message)
                        held.remove(message)
        finally:
            for message in held:
                self.queue.release(message)
        return self.summary

    def _settle(self, message: Mapping[str, Any]) -> bool:
        """Redrive one letter; return whether it has done its duty."""
        try:
            letter = Letter.parse(message)
            source = letter.source
        except (KeyError, TypeError, ValueError) as error:
            self.summary.strange += 1
            self.say(f"  message {message['MessageId']} is not understood ({error!r}); it stays")
            return False
        label = f"{source.function}, {letter.arrived}, {letter.shard_id}"
        try:
            records = [record for record in read(self.streams, letter) if source.admits(record)]
        except OutOfReach:
            return self._give_up(label)
        wrong = self._give(letter, source, records)
        if wrong:
            self.summary.failed += 1
            self.say(f"  {label}: {wrong}; it stays")
            return False
        self.summary.redriven += 1
        self.summary.records += len(records)
        self.say(f"  {label}: {len(records)} records")
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
            self.say(f"  {label}: the stream has it no more; discarded")
            return True
        self.summary.too_old += 1
        self.say(f"  {label}: the stream has it no more; it stays")
        return False


def read(client: StreamsClient, letter: Letter) -> Iterator[Record]:
    """Read the records that a letter tells of, those that a filter keeps from the function included.

    Raises:
        OutOfReach: the stream has them no more.
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
    raise OutOfReach  # the last record is not there


def lambda_invoke(session: boto3.Session) -> Invoke:
    """Return how a function is called on Lambda, once and with the patience that it takes."""
    config = Config(read_timeout=_LONGEST_CALL, retries={"max_attempts": 0})
    client = session.client("lambda", config=config)

    def invoke(function_arn: str, event: dict[str, Any]) -> str:
        try:
            answer = client.invoke(FunctionName=function_arn, Payload=json.dumps(event))
        except client.exceptions.TooManyRequestsException:
            return "the function is called as often as it may be"
        return failure(answer.get("FunctionError"), answer["Payload"].read())

    return invoke


def failure(error: str | None, payload: bytes) -> str:
    """Tell what went wrong in a call, in one line; nothing if nothing did."""
    answer = json.loads(payload or b"null")
    if error:
        kind = answer.get("errorType", error) if isinstance(answer, dict) else error
        return f"the function failed ({kind}); see its log"
    failures = (answer or {}).get("batchItemFailures") if isinstance(answer, dict | None) else [answer]
    return f"the function reports {len(failures)} records as failed; see its log" if failures else ""
