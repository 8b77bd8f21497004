"""What is deployed is found in AWS: also functions of another version, but nothing that Chalice has not made."""

from dataclasses import replace

import moto
import pytest

from ops.deployment import configuration, deployed, functions, mappings
from tests.support.lambdas import Lambda, Session
from tests.unit.ops.production import ACCOUNT, MESSAGES, ROOT, STATE

DEPLOYMENT = configuration.load(ROOT, "prod")
API = {"websocket_api": "websocket_api"}
CHALICE = {"aws-chalice": "version=1.34.0:stage=prod:app=fstream"}


def arn(function: str) -> str:
    return f"arn:aws:lambda:eu-central-1:123456789012:function:{function}"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    monkeypatch.setattr(mappings, "POLL", 0)
    stub = Lambda()
    stub.tags = {arn(functions.function_name(DEPLOYMENT.prefix, name)): CHALICE for name in functions.ALL}
    return stub


def found(client: Lambda) -> dict[str, str]:
    """Return the resources that Chalice is given: names and types."""
    with moto.mock_aws():
        resources = deployed.find(Session(client), DEPLOYMENT, ACCOUNT, STATE)
    return {resource["name"]: resource["resource_type"] for resource in resources}


def test_a_function_of_another_version_is_found_so_that_chalice_deletes_it(client: Lambda) -> None:
    client.tags[arn("fstream-prod-former")] = CHALICE
    client.add("a", FunctionArn=arn("fstream-prod-former"), EventSourceArn=MESSAGES)
    assert found(client) == dict.fromkeys([*functions.ALL, "former"], "lambda_function") | API
    assert client.mappings == {}  # it must not keep reading the stream, which allows two readers


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("fstream-prod-backup", {}),
        ("fstream-prod-backup", {"aws-chalice": "version=1.34.0:stage=dev:app=fstream"}),
        ("fstream-prod2-fan_out", {"aws-chalice": "version=1.34.0:stage=prod2:app=fstream"}),
        ("payroll", CHALICE),
    ],
)
def test_a_function_that_is_not_the_stages_is_left_alone(client: Lambda, name: str, tags: dict[str, str]) -> None:
    client.tags[arn(name)] = tags
    client.add("a", FunctionArn=arn(name), EventSourceArn=MESSAGES)
    assert found(client) == dict.fromkeys(functions.ALL, "lambda_function") | API
    assert client.calls == []


def test_the_event_source_of_live_is_the_queue(client: Lambda) -> None:
    live, queue = arn("fstream-prod-live"), "arn:aws-cn:sqs:cn-north-1:123456789012:fstream-prod-live"
    client.add("former", FunctionArn=live, EventSourceArn=MESSAGES)
    client.add("kept", FunctionArn=live, EventSourceArn=queue)
    assert found(client)["live-sqs-event-source"] == "sqs_event"
    assert list(client.mappings) == ["kept"]


def test_in_a_stage_whose_live_streaming_ends_chalice_does_not_make_the_api_again(client: Lambda) -> None:
    client.add("live", FunctionArn=arn("fstream-prod-live"), EventSourceArn="arn:queue")
    with moto.mock_aws():
        resources = deployed.find(Session(client), DEPLOYMENT, ACCOUNT, replace(STATE, sockets="", live_queue=""))
    assert {each["resource_type"] for each in resources} == {"lambda_function"}  # Chalice deletes those of sockets
    assert client.mappings == {}  # a queue that is polled costs something


def test_mappings_of_former_streams_and_duplicates_are_deleted_and_the_right_one_is_kept(client: Lambda) -> None:
    fan_out = arn("fstream-prod-fan_out")
    client.add("former", "Creating", FunctionArn=fan_out, EventSourceArn=f"{MESSAGES}-before")
    client.add("kept", FunctionArn=fan_out, EventSourceArn=MESSAGES)
    client.add("duplicate", "Updating", FunctionArn=fan_out, EventSourceArn=MESSAGES)
    assert found(client)["fan_out-dynamodb-event-source"] == "dynamodb_event"
    assert list(client.mappings) == ["kept"]
