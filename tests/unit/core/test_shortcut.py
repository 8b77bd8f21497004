"""The tests' own way to moto's tables returns what moto's HTTP layer returns."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
import moto
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError

from ops.streams import StreamsClient
from tests.support import cheaper_moto, shortcut

KEY = {"id": {"S": "a"}, "n": {"N": "1"}}
ITEM = {
    **KEY,
    "b": {"B": b"\x00\xff"},
    "bs": {"BS": [b"\x01", b"\x02"]},
    "ss": {"SS": ["x", "y"]},
    "m": {"M": {"l": {"L": [{"NULL": True}, {"BOOL": False}, {"B": b""}]}}},
}
OTHER = {"id": {"S": "a"}, "n": {"N": "2"}, "e": {"S": ""}}
FAILS: dict[str, Any] = {
    "ConditionExpression": "attribute_not_exists(id)",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
QUERY: dict[str, Any] = {
    "TableName": "t",
    "KeyConditionExpression": "id = :id",
    "ExpressionAttributeValues": {":id": {"S": "a"}},
    "ReturnConsumedCapacity": "TOTAL",
}
SETS: dict[str, Any] = {"UpdateExpression": "SET s = :s", "ExpressionAttributeValues": {":s": {"S": "changed"}}}
BOUNDS = {":id": {"S": "a"}, ":n": {"N": "1"}}
GROUP: dict[str, Any] = {
    "TableName": "t",
    "IndexName": "by-g",
    "KeyConditionExpression": "g = :g",
    "ExpressionAttributeValues": {":g": {"S": "one"}},
}
OF_GROUP = [("c", "5", "one"), ("a", "7", "one"), ("b", "5", "one"), ("d", "6", "two")]
"""Items with a group: id, number and group."""
START = {"id": {"S": "b"}, "n": {"N": "5"}}
CHANGED_TWICE: dict[str, Any] = {
    "TableName": "t",
    "Key": START,
    "UpdateExpression": "SET m.l[0] = :one, b = :b ADD ss :ss, c :one DELETE bs :bs REMOVE gone",
    "ExpressionAttributeValues": {
        ":one": {"N": "1"},
        ":b": {"B": b"\xfe"},
        ":ss": {"SS": ["z"]},
        ":bs": {"BS": [b"\x01"]},
    },
}
CHECKS = [
    {
        "TableName": "t",
        "Key": {"id": {"S": one}, "n": {"N": number}},
        "ConditionExpression": "n = :n",
        "ExpressionAttributeValues": {":n": {"N": number}},
    }
    for one, number, _ in OF_GROUP
]
"""The same condition with different values."""
READS: list[tuple[str, dict[str, Any]]] = [
    ("query", GROUP),
    ("query", {**GROUP, "ScanIndexForward": False, "Limit": 2}),
    ("query", {**GROUP, "ExclusiveStartKey": {**START, "g": {"S": "one"}}}),
    ("query", {**GROUP, "ExclusiveStartKey": {**START, "g": {"S": "one"}}, "ScanIndexForward": False}),
    ("query", {**GROUP, "IndexName": "keys", "Select": "COUNT"}),
    ("query", {**GROUP, "IndexName": "keys"}),
    ("query", {**GROUP, "IndexName": "missing"}),
    ("query", {**GROUP, "KeyConditionExpression": "g = :g AND n > :n", "ExpressionAttributeValues": {
        ":g": {"S": "one"}, ":n": {"N": "5"},
    }}),
    ("query", {**GROUP, "FilterExpression": "contains(ss, :x)", "ExpressionAttributeValues": {
        ":g": {"S": "one"}, ":x": {"S": "x"},
    }}),
    ("query", {**GROUP, "ProjectionExpression": "#b, m", "ExpressionAttributeNames": {"#b": "b"}}),
    ("query", {**QUERY, "ExclusiveStartKey": KEY}),
    ("query", {**QUERY, "ExclusiveStartKey": {**KEY, "n": {"N": "7"}}, "ScanIndexForward": False}),
    ("query", {**QUERY, "ExclusiveStartKey": {**KEY, "n": {"N": "3"}}, "Limit": 1}),
    ("scan", {"TableName": "t", "Limit": 2}),
    ("scan", {"TableName": "t", "IndexName": "by-g", "ExclusiveStartKey": {**START, "g": {"S": "one"}}}),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [KEY, START], "ProjectionExpression": "id, ss"}}}),
    ("get_item", {"TableName": "t", "Key": START}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "t", "Key": START}}]}),
]  # fmt: skip
"""Made again and again, to see whether they return what was written meanwhile."""
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("update_item", {**CHANGED_TWICE, "ReturnValues": "UPDATED_OLD"}),
    ("update_item", {**CHANGED_TWICE, "ReturnValues": "ALL_OLD"}),
    ("update_item", {**CHANGED_TWICE, "ConditionExpression": "attribute_not_exists(id)", **FAILS}),
    ("update_item", {**CHANGED_TWICE, "UpdateExpression": "SET missing.way = :one, b = :b, ss = :ss, bs = :bs"}),
    (
        "transact_write_items",
        {"TransactItems": [{"Update": CHANGED_TWICE}, {"Put": {"TableName": "t", "Item": OTHER, **FAILS}}]},
    ),
    ("transact_write_items", {"TransactItems": [{"Update": CHANGED_TWICE}]}),
    ("transact_write_items", {"TransactItems": [{"ConditionCheck": each} for each in CHECKS]}),
    ("update_item", {"TableName": "t", "Key": START, "UpdateExpression": "REMOVE g", "ReturnValues": "UPDATED_NEW"}),
    ("delete_item", {"TableName": "t", "Key": START}),
    ("update_item", {"TableName": "t", "Key": START, **SETS, "ReturnValues": "ALL_NEW"}),
    ("update_item", {"TableName": "t", "Key": START, **SETS}),
]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("describe_table", {"TableName": "t"}),
    ("put_item", {"TableName": "t", "Item": ITEM, "ReturnConsumedCapacity": "TOTAL"}),
    ("put_item", {"TableName": "t", "Item": OTHER, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"TableName": "t", "Item": OTHER, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"TableName": "t", "Item": ITEM, **FAILS}),
    ("put_item", {"TableName": "t", "Item": {"id": {"S": ""}, "n": {"N": "1"}}}),
    ("get_item", {"TableName": "t", "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}),
    ("get_item", {"TableName": "t", "Key": {**KEY, "n": {"N": "9"}}}),
    ("get_item", {"TableName": "missing", "Key": KEY}),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [KEY, {**KEY, "n": {"N": "9"}}]}}}),
    ("query", QUERY),
    ("query", {**QUERY, "Limit": 1, "ScanIndexForward": False}),
    ("query", {**QUERY, "Select": "COUNT"}),
    ("scan", {"TableName": "t", "FilterExpression": "attribute_exists(bs)"}),
    (
        "update_item",
        {
            "TableName": "t",
            "Key": KEY,
            "UpdateExpression": "ADD bs :b SET s = :s",
            "ExpressionAttributeValues": {":b": {"BS": [b"\x03"]}, ":s": {"S": "new"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}]}),
    ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "t", "Item": {**OTHER, "n": {"N": "3"}}}}]}),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": {"TableName": "t", "Item": ITEM, **FAILS}},
                {"Delete": {"TableName": "t", "Key": {"id": {"S": "a"}, "n": {"N": "2"}}}},
            ]
        },
    ),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Update": {"TableName": "t", "Key": KEY, **SETS}},
                {"Put": {"TableName": "t", "Item": {"id": {"S": "b"}, "n": {"N": "1"}}}},
                {"Put": {"TableName": "t", "Item": OTHER, **FAILS}},
            ]
        },
    ),
    ("query", QUERY),
    ("update_item", {"TableName": "t", "Key": KEY, **SETS, "ConditionExpression": "attribute_not_exists(id)"}),
    ("update_item", {"TableName": "t", "Key": {**KEY, "n": {"N": "7"}}, **SETS, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"TableName": "t", "Item": {**OTHER, "id": {"S": "b"}}}),
    ("put_item", {"TableName": "t", "Item": {**OTHER, "e": {"S": "x" * 410_000}}}),
    ("query", {**QUERY, "KeyConditionExpression": "id = :id AND n > :n", "ExpressionAttributeValues": BOUNDS}),
    ("query", {**QUERY, "ExpressionAttributeValues": {":id": {"S": "missing"}}}),
    ("scan", {"TableName": "t"}),
    ("delete_item", {"TableName": "t", "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("batch_write_item", {"RequestItems": {"t": [{"DeleteRequest": {"Key": {**KEY, "n": {"N": "3"}}}}]}}),
    *(
        ("put_item", {"TableName": "t", "Item": {**ITEM, "id": {"S": one}, "n": {"N": number}, "g": {"S": group}}})
        for one, number, group in OF_GROUP
    ),
    *READS,
    *(call for write in WRITES for call in (write, *READS)),
]


@pytest.fixture
def aws() -> Iterator[None]:
    with moto.mock_aws():
        yield


def answers(client: BaseClient, streams: StreamsClient) -> list[Any]:
    """Make all calls on a new table, then read its stream; return every response, except identifiers and dates."""
    client.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "keys",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    arn = client.describe_table(TableName="t")["Table"]["LatestStreamArn"]
    found = [answer(client, *call) for call in CALLS]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    position = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    first = streams.get_records(ShardIterator=streams.get_shard_iterator(**position)["ShardIterator"])
    assert streams.get_records(ShardIterator=first["NextShardIterator"])["Records"] == []
    number = first["Records"][2]["dynamodb"]["SequenceNumber"]
    position |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}
    later = streams.get_records(ShardIterator=streams.get_shard_iterator(**position)["ShardIterator"])["Records"]
    assert later == first["Records"][3:]
    client.delete_table(TableName="t")
    return [without_own(each) for each in (*found, shard, first["Records"])]


def answer(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
    try:
        return getattr(client, operation)(**parameters)
    except ClientError as error:
        return error.response


def without_own(value: Any) -> Any:
    """Return a response without what differs from table to table."""
    own = {"RequestId", "HTTPHeaders", "TableId", "LatestStreamLabel", "LatestStreamArn", "StreamLabel", "StreamArn"}
    own |= {"eventID", "SequenceNumber", "SizeBytes"}  # the size is that of the date as well
    if isinstance(value, list):
        return [without_own(each) for each in value]
    if isinstance(value, dict):
        return {name: without_own(each) for name, each in value.items() if name not in own}
    return type(value) if isinstance(value, datetime) else value


def test_a_call_that_takes_the_shortcut_returns_what_moto_returns(aws: None) -> None:
    quick = boto3.client("dynamodb")
    shortcut.install(quick)
    found = answers(quick, shortcut.Streams())
    with cheaper_moto.as_it_is():
        assert found == answers(boto3.client("dynamodb"), boto3.client("dynamodbstreams"))


def test_hooks_see_all_calls_from_the_moment_they_are_registered_and_none_after_they_are_removed(aws: None) -> None:
    client = boto3.client("dynamodb")
    shortcut.install(client)
    seen: list[str] = []

    def note(event_name: str, **_: object) -> None:
        seen.append(event_name)

    made = Counter(shortcut.CALLS)
    answer(client, "get_item", {"TableName": "missing", "Key": KEY})
    assert shortcut.CALLS - made == {"GetItem": 1}
    events = ["before-call.dynamodb", "before-send.dynamodb.ListTables", "needs-retry.dynamodb", "after-call.dynamodb"]
    for event in events:
        client.meta.events.register(event, note)
        for _ in range(2):
            answer(client, "get_item", {"TableName": "missing", "Key": KEY})
            answer(client, "batch_get_item", {"RequestItems": {}})
        client.meta.events.unregister(event, note)
        answer(client, "get_item", {"TableName": "missing", "Key": KEY})
    assert shortcut.CALLS - made == {"GetItem": 13, "BatchGetItem": 8}
    expected = ["before-call", "needs-retry", "after-call"]
    assert seen == [f"{name}.dynamodb.{call}" for name in expected for call in ["GetItem", "BatchGetItem"] * 2]


def test_botocore_refuses_parameters_that_moto_ignores_and_nothing_is_left_of_the_request(aws: None) -> None:
    client = boto3.client("dynamodb")
    shortcut.install(client)
    client.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    put: dict[str, Any] = {"TableName": "t", "Item": {"id": {"S": "a"}}}
    get: dict[str, Any] = {"Keys": [put["Item"]]}
    for _ in range(2):
        client.put_item(**put)
        client.transact_write_items(TransactItems=[{"Put": put}])
        client.batch_get_item(RequestItems={"t": get})
    refused: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {**put, "Condition": "attribute_exists(id)"}),
        ("transact_write_items", {"TransactItems": [{"Put": {**put, "Condition": "attribute_exists(id)"}}]}),
        ("batch_get_item", {"RequestItems": {"t": {**get, "Consistent": True}}}),
        ("put_item", {"TableName": "t", "Item": {"id": {"N": 1}}}),  # by moto as well, as an error
    ]
    for operation, parameters in refused:
        with pytest.raises(ParamValidationError):
            getattr(client, operation)(**parameters)
        assert client.list_tables()["TableNames"] == ["t"]
