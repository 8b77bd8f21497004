"""Provisioning creates the tables that the models describe, once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from ops import engine

PREFIX = "provisioned-test-"
TABLES = {
    "users": None,
    "messages": "expires_at",
    "relationships": "expires_at",
    "heads": "expires_at",
    "log": "expires_at",
    "timelines": "expires_at",
    "notifications": "expires_at",
    "reactions": "expires_at",
    "applications": "expires_at",
    "tokens": "expires_at",
    "limits": "expires_at",
    "reports": "expires_at",
    "sockets": "expires_at",
}
COUNT_CALLS = """
from fstream_app import tables
from fstream_app.core import database
from ops import provisioning
calls = []
database.connection().client.meta.events.register(
    "before-call.dynamodb", lambda model, **_: calls.append(model.name)
)
provisioning.provision()
print(*calls)
"""
STREAM_ARNS = """
from fstream_app import tables
from ops import provisioning
print(provisioning.stream_arn(tables.MessageItem))
try:
    provisioning.stream_arn(tables.UserItem)
except LookupError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The environment for processes that use this module's engine, with the tables provisioned."""
    with engine.running() as running:
        environment = dict(os.environ)
        running.configure(environment)
        environment |= {"FSTREAM_APP": "provisioned", "FSTREAM_STAGE": "test"}
        command = [sys.executable, "-m", "ops", "provision"]
        said = subprocess.check_output(command, env=environment, text=True)
        assert said.startswith("All tables are ready.")
        yield environment


@pytest.fixture
def client(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    client = boto3.client(
        "dynamodb",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    yield client
    client.close()


def python(code: str, environment: dict[str, str]) -> str:
    return subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)


def test_every_table_is_there_and_paid_by_use(client: Any) -> None:
    assert client.list_tables()["TableNames"] == sorted(PREFIX + table for table in TABLES)
    for table in TABLES:
        description = client.describe_table(TableName=PREFIX + table)["Table"]
        assert description["TableStatus"] == "ACTIVE"
        assert description["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize(("table", "attribute"), TABLES.items())
def test_ttl_is_on_where_items_expire(client: Any, table: str, attribute: str | None) -> None:
    ttl = client.describe_time_to_live(TableName=PREFIX + table)["TimeToLiveDescription"]
    expected = ("ENABLED", attribute) if attribute else ("DISABLED", None)
    assert (ttl["TimeToLiveStatus"], ttl.get("AttributeName")) == expected


@pytest.mark.parametrize("table", TABLES)
def test_streams_carry_keys_only(client: Any, table: str) -> None:
    stream = client.describe_table(TableName=PREFIX + table)["Table"].get("StreamSpecification")
    if table in {"messages", "relationships", "reactions"}:
        assert stream == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    else:
        assert stream is None


def test_followers_are_found_by_an_index_of_the_keys_that_knows_which_follows_have_ended(client: Any) -> None:
    (index,) = client.describe_table(TableName=PREFIX + "relationships")["Table"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "edge-index"
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["e", "u"]


def test_provisioning_again_only_reads(environment: dict[str, str]) -> None:
    calls = set(python(COUNT_CALLS, environment).split())
    assert calls == {"DescribeTable", "DescribeTimeToLive"}


def test_ttl_that_is_missing_is_switched_on(client: Any, environment: dict[str, str]) -> None:
    off = {"Enabled": False, "AttributeName": "expires_at"}
    client.update_time_to_live(TableName=PREFIX + "log", TimeToLiveSpecification=off)
    assert "UpdateTimeToLive" in python(COUNT_CALLS, environment).split()
    ttl = client.describe_time_to_live(TableName=PREFIX + "log")["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"


def test_a_stream_is_found_by_its_table(environment: dict[str, str]) -> None:
    arn, error = python(STREAM_ARNS, environment).splitlines()
    assert f"table/{PREFIX}messages/stream/" in arn
    assert error == f"the table {PREFIX}users has no stream"


def test_an_engine_that_is_not_there_is_one_line(environment: dict[str, str]) -> None:
    nowhere = environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    ended = subprocess.run(
        [sys.executable, "-m", "ops", "provision"], env=nowhere, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("FSTREAM: Could not connect to the endpoint URL")
    assert len(ended.stderr.splitlines()) == 1
