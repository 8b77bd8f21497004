"""The pump reads the streams of the local engines."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from fstream_app import tables
from ops import engine
from ops.event_sources import EventSource
from ops.pump import Pump, Subscription


class Table:
    """A table with a stream, on its own engine, and a pump that collects the stream's records."""

    def __init__(self, environment: dict[str, str]) -> None:
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "region_name": environment["AWS_DEFAULT_REGION"],
            "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        }
        self.dynamodb = boto3.client("dynamodb", **connection)
        self.streams = boto3.client("dynamodbstreams", **connection)
        self.arn = self.dynamodb.create_table(
            TableName="streamed",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )["TableDescription"]["LatestStreamArn"]
        self.records: list[dict[str, Any]] = []
        source = EventSource("fan_out", tables.MessageItem, batch_size=10)
        self.pump = Pump(self.streams, [Subscription(source, self._collect, self.arn)], print)

    def put(self, key: str) -> None:
        self.dynamodb.put_item(TableName="streamed", Item={"id": {"S": key}, "text": {"S": "words"}})

    def delete(self, key: str) -> None:
        self.dynamodb.delete_item(TableName="streamed", Key={"id": {"S": key}})

    def close(self) -> None:
        self.dynamodb.close()
        self.streams.close()

    def _collect(self, event: dict[str, Any], context: Any) -> None:
        self.records += event["Records"]


@pytest.fixture(params=engine.NAMES)
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with engine.running(request.param) as running:
        table = Table(running.environment())
        yield table
        table.close()


def test_every_change_is_delivered_once_and_in_order(table: Table) -> None:
    keys = [f"{number:02}" for number in range(25)]
    for key in keys:
        table.put(key)
    table.pump.drain()
    table.delete("00")
    table.pump.drain()
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in table.records] == [*keys, "00"]
    assert [record["eventName"] for record in table.records] == ["INSERT"] * 25 + ["REMOVE"]


def test_a_record_has_what_lambda_gives_it_and_no_text(table: Table) -> None:
    table.put("a")
    table.pump.drain()
    (record,) = table.records
    assert record["eventSourceARN"] == table.arn
    assert record["eventSource"] == "aws:dynamodb"
    assert record["awsRegion"] == "us-east-1"
    assert isinstance(record["dynamodb"].pop("ApproximateCreationDateTime"), int)
    assert set(record["dynamodb"]) == {"Keys", "SequenceNumber", "SizeBytes", "StreamViewType"}
