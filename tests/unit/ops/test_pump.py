"""The pump reads streams, forms batches and calls functions like Lambda's event source mapping."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalice.app import Blueprint, Chalice, DynamoDBEvent

from fstream_app import tables
from ops.event_sources import EventSource
from ops.pump import Pump, Subscription

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/fstream-dev-messages/stream/2026-01-01T00:00:00.000"
START = 1_767_225_600


class FakeStream:
    """A stream with the interface of boto3's client; iterators are `shard:position`."""

    def __init__(self) -> None:
        self.shards: dict[str, list[dict[str, Any]]] = {"shard-1": []}
        self.parents: dict[str, str] = {}
        self.ended: set[str] = set()
        self.errors: list[str] = []

    def put(self, *names: str, shard: str = "shard-1", at: int = START, **members: Any) -> None:
        for name in names:
            self.shards[shard].append(stored_record(name, at, **members))

    def describe_stream(self, **parameters: str) -> Mapping[str, Any]:
        ids = list(self.shards)
        first = ids.index(parameters["ExclusiveStartShardId"]) + 1 if len(parameters) > 1 else 0
        shard = {"ShardId": ids[first]}
        if ids[first] in self.parents:
            shard["ParentShardId"] = self.parents[ids[first]]
        more = {"LastEvaluatedShardId": ids[first]} if first + 1 < len(ids) else {}
        return {"StreamDescription": {"Shards": [shard], **more}}

    def get_shard_iterator(self, **parameters: str) -> Mapping[str, Any]:
        shard, position = parameters["ShardId"], 0
        if parameters["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER":
            numbers = [record["dynamodb"]["SequenceNumber"] for record in self.shards[shard]]
            position = numbers.index(parameters["SequenceNumber"]) + 1
        return {"ShardIterator": f"{shard}:{position}"}

    def get_records(self, **parameters: str) -> Mapping[str, Any]:
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(), "Message": ""}}, "GetRecords")
        shard, position = parameters["ShardIterator"].split(":")
        records = self.shards[shard][int(position) :]
        following = {} if shard in self.ended else {"NextShardIterator": f"{shard}:{len(self.shards[shard])}"}
        return {"Records": records, **following}


def stored_record(name: str, at: int, **members: Any) -> dict[str, Any]:
    """Return a record as from GetRecords, with the sequence number `s-<name>`."""
    return {
        "eventID": f"e-{name}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(at, UTC),
            "Keys": {"author_id": {"S": "author"}, "id": {"S": name}},
            "SequenceNumber": f"s-{name}",
            "SizeBytes": 20,
            "StreamViewType": "KEYS_ONLY",
        },
    } | members


def names(event: dict[str, Any]) -> str:
    return "".join(record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"])


class Function:
    """A handler that remembers its events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any], context: Any) -> None:
        self.events.append(event)


class Scene:
    """A stream, a function and the pump between them."""

    def __init__(self) -> None:
        self.stream = FakeStream()
        self.function = Function()

    def pump(self, handler: Callable[..., Any] | None = None, **settings: Any) -> Pump:
        source = EventSource("fan_out", tables.MessageItem, **settings)
        subscription = Subscription(source, handler or self.function, ARN)
        return Pump(self.stream, [subscription], print, now=lambda: START)

    def drain(self, **settings: Any) -> None:
        self.pump(**settings).drain()

    @property
    def batches(self) -> list[str]:
        return [names(event) for event in self.function.events]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_records_arrive_in_order_in_batches_of_the_batch_size(scene: Scene) -> None:
    scene.stream.put(*"abcde")
    scene.drain(batch_size=2)
    assert scene.batches == ["ab", "cd", "e"]


def test_what_was_delivered_is_not_delivered_again(scene: Scene) -> None:
    pump = scene.pump()
    scene.stream.put("a")
    pump.drain()
    scene.stream.put("b")
    pump.drain()
    pump.drain()
    assert scene.batches == ["a", "b"]


def test_a_new_pump_begins_with_the_oldest_record(scene: Scene) -> None:
    scene.stream.put("a")
    scene.drain()
    scene.drain()
    assert scene.batches == ["a", "a"]


def test_a_parent_is_delivered_before_its_child(scene: Scene) -> None:
    scene.stream.shards = {"child": [], "parent": []}
    scene.stream.parents = {"child": "parent", "parent": "trimmed"}
    scene.stream.put("c", shard="child")
    scene.stream.put("p", shard="parent")
    pump = scene.pump()
    pump.drain()
    assert scene.batches == ["p"]
    scene.stream.ended.add("parent")
    pump.drain()
    assert scene.batches == ["p", "c"]


@pytest.mark.parametrize("code", ["ExpiredIteratorException", "TrimmedDataAccessException"])
def test_an_iterator_that_ended_is_replaced(scene: Scene, code: str) -> None:
    pump = scene.pump()
    pump.drain()
    scene.stream.put("a")
    scene.stream.errors.append(code)
    pump.drain()
    pump.drain()
    assert scene.batches == ["a"]


def test_reading_goes_on_after_an_error_where_it_was(scene: Scene) -> None:
    pump = scene.pump()
    scene.stream.put("a")
    pump.drain()
    scene.stream.put("b")
    scene.stream.errors.append("InternalServerError")
    with pytest.raises(ClientError):
        pump.drain()
    pump.drain()
    assert scene.batches == ["a", "b"]


def test_the_event_is_the_one_that_lambda_hands_over(scene: Scene) -> None:
    scene.stream.put("a")
    scene.drain()
    assert scene.function.events == [
        {
            "Records": [
                {
                    "eventID": "e-a",
                    "eventName": "INSERT",
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "awsRegion": "us-east-1",
                    "dynamodb": {
                        "ApproximateCreationDateTime": START,
                        "Keys": {"author_id": {"S": "author"}, "id": {"S": "a"}},
                        "SequenceNumber": "s-a",
                        "SizeBytes": 20,
                        "StreamViewType": "KEYS_ONLY",
                    },
                    "eventSourceARN": ARN,
                }
            ]
        }
    ]


def test_handlers_are_called_through_chalice(scene: Scene) -> None:
    seen: list[str] = []
    events = Blueprint("events")

    @events.on_dynamodb_record(stream_arn=ARN)
    def fan_out(event: DynamoDBEvent) -> dict[str, Any]:
        seen.append(names(event.to_dict()))
        return {"batchItemFailures": []}

    Chalice("test").register_blueprint(events)
    scene.stream.put(*"ab")
    scene.pump(fan_out).drain()
    assert seen == ["ab"]


def test_removals_by_ttl_are_filtered_out(scene: Scene) -> None:
    by_ttl = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    scene.stream.put("a", eventName="REMOVE", userIdentity=by_ttl)
    scene.stream.put("b", eventName="REMOVE")
    scene.drain()
    assert scene.batches == ["b"]


def test_a_source_sees_the_changes_that_it_asks_for(scene: Scene) -> None:
    for name, change in zip("abc", ("INSERT", "MODIFY", "REMOVE"), strict=True):
        scene.stream.put(name, eventName=change)
    scene.drain(event_names=("INSERT", "REMOVE"))
    assert scene.batches == ["ac"]


def test_a_source_may_ask_for_removals_by_ttl(scene: Scene) -> None:
    by_ttl = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    scene.stream.put("a", eventName="REMOVE", userIdentity=by_ttl)
    scene.drain(filter_ttl_removals=False)
    assert scene.function.events[0]["Records"][0]["userIdentity"] == {
        "type": "Service",
        "principalId": "dynamodb.amazonaws.com",
    }


class Arrivals:
    """A handler that lets a test wait, at most a minute, until a started pump has delivered."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)

    def __call__(self, event: dict[str, Any], context: Any) -> None:
        for _ in event["Records"]:
            self.arrived.release()

    def wait_for_one(self) -> bool:
        return self.arrived.acquire(timeout=60)


def test_a_started_pump_polls_until_it_is_stopped(scene: Scene) -> None:
    arrivals = Arrivals()
    source = EventSource("fan_out", tables.MessageItem, maximum_record_age_in_seconds=-1)
    pump = Pump(scene.stream, [Subscription(source, arrivals, ARN)], print)
    pump.start()
    scene.stream.put("a")
    assert arrivals.wait_for_one()
    pump.stop()
    scene.stream.put("b")
    assert not arrivals.arrived.acquire(timeout=0.3)
    pump.start()
    assert arrivals.wait_for_one()
    pump.stop()
    assert not arrivals.arrived.acquire(blocking=False)


def test_polling_survives_an_engine_that_is_away(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.pump._ERROR_INTERVAL", 0.01)
    arrivals = Arrivals()
    source = EventSource("fan_out", tables.MessageItem, maximum_record_age_in_seconds=-1)
    pump = Pump(scene.stream, [Subscription(source, arrivals, ARN)], print)
    scene.stream.errors += ["ServiceUnavailable", "InternalServerError"]
    scene.stream.put("a")
    pump.start()
    assert arrivals.wait_for_one()
    pump.stop()


def test_a_batch_waits_for_its_window_to_fill_up(scene: Scene) -> None:
    arrivals = Arrivals()
    seconds = [START]
    source = EventSource("fan_out", tables.MessageItem, maximum_batching_window_in_seconds=5)
    pump = Pump(scene.stream, [Subscription(source, arrivals, ARN)], print, now=lambda: seconds[0])
    scene.stream.put("a")
    pump.start()
    assert not arrivals.arrived.acquire(timeout=0.3)
    seconds[0] += 5
    assert arrivals.wait_for_one()
    pump.stop()


def test_the_settings_are_in_the_terms_of_lambda() -> None:
    parameters = EventSource("fan_out", tables.MessageItem).parameters()
    assert parameters["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert [json.loads(entry["Pattern"]) for entry in parameters["FilterCriteria"]["Filters"]] == [
        {"eventName": ["INSERT", "MODIFY", "REMOVE"], "userIdentity": {"principalId": [{"exists": False}]}}
    ]


def ended(pump: Pump) -> str | None:
    """Start a pump, wait until its threads have ended, and return its failure."""
    pump.start()
    for thread in pump._threads:
        thread.join(60)
    return pump.failure()


def test_a_stream_that_stays_unreadable_is_a_failure_after_a_minute(scene: Scene, no_pauses: None) -> None:
    minutes = iter([0, 59, 60])
    scene.stream.errors += ["InternalServerError"] * 3
    subscription = Subscription(EventSource("fan_out", tables.MessageItem), scene.function, ARN)
    pump = Pump(scene.stream, [subscription], print, monotonic=lambda: next(minutes))
    assert pump.failure() is None
    failure = ended(pump)
    assert failure is not None
    assert failure.startswith("Events no longer reach fan_out: ClientError: ")
    assert next(minutes, None) is None


def test_a_stream_that_recovers_is_not_a_failure(scene: Scene, no_pauses: None) -> None:
    arrivals = Arrivals()
    subscription = Subscription(
        EventSource("fan_out", tables.MessageItem, maximum_record_age_in_seconds=-1), arrivals, ARN
    )
    minutes = iter([0, 59, 100, 159])
    pump = Pump(scene.stream, [subscription], print, monotonic=lambda: next(minutes))
    for name in "ab":
        scene.stream.errors += ["InternalServerError"] * 2
        scene.stream.put(name)
        pump.start()
        assert arrivals.wait_for_one()
        pump.stop()
    assert pump.failure() is None


def test_a_thread_that_ends_is_a_failure(scene: Scene) -> None:
    def leave(event: dict[str, Any], context: Any) -> None:
        raise SystemExit("enough")

    scene.stream.put("a", at=int(time.time()))
    pump = Pump(scene.stream, [Subscription(EventSource("views", tables.MessageItem), leave, ARN)], print)
    assert ended(pump) == "Events no longer reach views: SystemExit: enough"


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a started pump poll without waiting."""
    monkeypatch.setattr("ops.pump._ERROR_INTERVAL", 0.001)
