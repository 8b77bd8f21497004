"""Reads a table's stream shard by shard, and converts its records to the form in which Lambda passes them."""

from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

Record = dict[str, Any]
"""A record in the form of a Lambda event: `eventID`, `eventName`, `dynamodb`, `eventSourceARN`, …"""

_ITERATOR_ENDED = {"ExpiredIteratorException", "TrimmedDataAccessException"}


class StreamsClient(Protocol):
    """The methods of boto3's `dynamodbstreams` client that are used here."""

    def describe_stream(self, **parameters: str) -> Mapping[str, Any]:
        """Return the stream with one page of its shards."""

    def get_shard_iterator(self, **parameters: str) -> Mapping[str, Any]:
        """Return a position in a shard."""

    def get_records(self, **parameters: str) -> Mapping[str, Any]:
        """Return the records at a position, and the next position unless the shard ends there."""


class Shard:
    """One shard, read from its oldest record onwards."""

    def __init__(self, client: StreamsClient, stream_arn: str, description: Mapping[str, Any]) -> None:
        self.id: str = description["ShardId"]
        self.parent_id: str | None = description.get("ParentShardId")
        self.ended = False
        """Whether the shard is closed and all of its records have been read."""
        self._client = client
        self._stream_arn = stream_arn
        self._iterator: str | None = None
        self._last_read: str | None = None

    def read(self) -> list[Record]:
        """Return the next records, at most 1,000; none at the end.

        Raises:
            botocore.exceptions.BotoCoreError: the engine cannot be reached.
            botocore.exceptions.ClientError: the engine refused. The next call continues where this one failed.
        """
        if self.ended:
            return []
        try:
            page = self._client.get_records(ShardIterator=self._iterator or self._position())
        except ClientError as error:
            self._iterator = None
            code = error.response["Error"]["Code"]
            if code == "TrimmedDataAccessException":
                self._last_read = None
            if code in _ITERATOR_ENDED:
                return []  # the next call requests a new iterator
            raise
        self._iterator = page.get("NextShardIterator")
        self.ended = self._iterator is None
        if page["Records"]:
            self._last_read = page["Records"][-1]["dynamodb"]["SequenceNumber"]
        return [lambda_record(record, self._stream_arn) for record in page["Records"]]

    def _position(self) -> str:
        start = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if self._last_read is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last_read}
        )
        answer = self._client.get_shard_iterator(StreamArn=self._stream_arn, ShardId=self.id, **start)
        return str(answer["ShardIterator"])


def describe_shards(client: StreamsClient, stream_arn: str) -> list[Mapping[str, Any]]:
    """Return the descriptions of a stream's shards."""
    shards: list[Mapping[str, Any]] = []
    page: dict[str, str] = {}
    while True:
        stream = client.describe_stream(StreamArn=stream_arn, **page)["StreamDescription"]
        shards += stream["Shards"]
        if "LastEvaluatedShardId" not in stream:
            return shards
        page = {"ExclusiveStartShardId": stream["LastEvaluatedShardId"]}


def lambda_record(record: Mapping[str, Any], stream_arn: str) -> Record:
    """Convert a record of GetRecords to the form of a Lambda event.

    Lambda adds the stream's ARN, gives the time in whole seconds instead of a datetime, and writes the members of
    `userIdentity`, which only removals by TTL have, in lower camel case.
    """
    dynamodb = dict(record["dynamodb"])
    dynamodb["ApproximateCreationDateTime"] = int(dynamodb["ApproximateCreationDateTime"].timestamp())
    converted = {name: record[name] for name in ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")}
    if record.get("userIdentity"):
        identity = record["userIdentity"]
        converted["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return converted | {"dynamodb": dynamodb, "eventSourceARN": stream_arn}
