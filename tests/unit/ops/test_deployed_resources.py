"""What is deployed is found in AWS: also functions of another version, but nothing that Chalice has not made."""

import moto
import pytest

from ops.deployment import configuration, deployed, functions, mappings
from tests.support.lambdas import Lambda, Session
from tests.unit.ops.production import ACCOUNT, MESSAGES, ROOT, STATE

DEPLOYMENT = configuration.load(ROOT, "prod")
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
    assert found(client) == dict.fromkeys([*functions.ALL, "former"], "lambda_function")
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
    assert found(client) == dict.fromkeys(functions.ALL, "lambda_function")
    assert client.calls == []


def test_mappings_of_former_streams_and_duplicates_are_deleted_and_the_right_one_is_kept(client: Lambda) -> None:
    fan_out = arn("fstream-prod-fan_out")
    client.add("former", "Creating", FunctionArn=fan_out, EventSourceArn=f"{MESSAGES}-before")
    client.add("kept", FunctionArn=fan_out, EventSourceArn=MESSAGES)
    client.add("duplicate", "Updating", FunctionArn=fan_out, EventSourceArn=MESSAGES)
    assert found(client)["fan_out-dynamodb-event-source"] == "dynamodb_event"
    assert list(client.mappings) == ["kept"]
