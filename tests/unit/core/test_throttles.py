"""Every attempt that DynamoDB refuses because something is busy is counted, also those that are then repeated."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from fstream_app.core import database, metrics
from fstream_app.core.metrics import Metric

BUSY: dict[str, dict[str, Any]] = {
    "an item in a transaction's way": {"Error": {"Code": "TransactionConflictException"}},
    "a partition": {"Error": {"Code": "ProvisionedThroughputExceededException"}},
    "a table": {"Error": {"Code": "ThrottlingException"}},
    "the account": {"Error": {"Code": "RequestLimitExceeded"}},
    "a part of a batch of writes": {"UnprocessedItems": {"t": [{"DeleteRequest": {"Key": {}}}]}},
    "a part of a batch of reads": {"UnprocessedKeys": {"t": {"Keys": [{"id": {"S": "a"}}]}}},
    "a transaction": {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    },
}
OTHER: dict[str, dict[str, Any]] = {
    "success": {"ConsumedCapacity": {"CapacityUnits": 1}, "UnprocessedItems": {}},
    "a condition": {"Error": {"Code": "ConditionalCheckFailedException"}},
    "a condition in a transaction": {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
    },
}


@pytest.mark.parametrize("answer", BUSY.values(), ids=BUSY.keys())
def test_a_refusal_because_something_is_busy_is_counted(answer: dict[str, Any]) -> None:
    with metrics.tally() as tally:
        database._count_refusal((object(), answer), attempts=1)
    assert tally.counts == {Metric.THROTTLES: 1}


@pytest.mark.parametrize("answer", OTHER.values(), ids=OTHER.keys())
def test_nothing_else_is_counted(answer: dict[str, Any]) -> None:
    with metrics.tally() as tally:
        database._count_refusal((object(), answer), attempts=1)
        database._count_refusal(None, attempts=1)
    assert tally.counts == {}


class Raw:
    """A response's body."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


def test_attempts_that_are_repeated_are_counted(mocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    conflict = json.dumps({"__type": "com.amazonaws.dynamodb#TransactionConflictException"}).encode()
    answers = [(400, conflict), (400, conflict), (200, b"{}")]

    def answer(**_: object) -> Any:
        status, body = answers.pop(0)
        return AWSResponse("https://dynamodb", status, {}, Raw(body))

    connection = database.connection()
    events = connection.client.meta.events
    events.register_first("before-send.dynamodb", answer)
    try:
        with metrics.tally() as tally:
            connection.dispatch("DeleteItem", {"TableName": "t", "Key": {"id": {"S": "a"}}})
    finally:
        events.unregister("before-send.dynamodb", answer)
    assert tally.counts == {Metric.THROTTLES: 2}
