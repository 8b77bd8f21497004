"""The data stack's template matches the models, and protects the data from loss and other readers."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fstream_app import tables
from ops.deployment import configuration, data_stack, front_stack, functions, roles_stack
from tests.support.site import program
from tests.unit.ops.production import ACCOUNT, ROOT, STATE

PREFIX = "fstream-prod"
KEPT = {"users", "relationships"}
NAMES = [model.base_name() for model in tables.ALL]


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return data_stack.template(PREFIX, log_days=30)["Resources"]  # type: ignore[no-any-return]


@pytest.fixture
def table(resources: dict[str, Any], name: str) -> dict[str, Any]:
    return resources[f"{name.capitalize()}Table"]  # type: ignore[no-any-return]


def test_the_templates_pass_cfn_lint(tmp_path: Path) -> None:
    templates = {
        "data": data_stack.template(PREFIX, log_days=30),
        "roles": roles_stack.template(ROOT, configuration.load(ROOT, "prod"), ACCOUNT, STATE),
        "front": front_stack.template(),
        "front without budget": front_stack.template(with_budget=False, streaming=False),
    }
    for name, template in templates.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(template))
    # W1030: the certificate parameter may be empty; it is used only where it is set.
    command = [program("cfn-lint"), "--ignore-checks", "W1030", "--", *map(str, tmp_path.iterdir())]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_a_template_is_small_enough_to_be_sent() -> None:
    for template in (data_stack.template("f" * 40 + "-" + "s" * 16, log_days=3653), front_stack.template()):
        assert len(json.dumps(template, separators=(",", ":"))) <= 51_200


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_paid_by_use_and_has_its_own_name(table: dict[str, Any], name: str) -> None:
    properties = table["Properties"]
    assert properties["TableName"] == f"{PREFIX}-{name}"
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert [key["KeyType"] for key in properties["KeySchema"]] in (["HASH"], ["HASH", "RANGE"])


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_had_again_is_kept_and_backed_up_and_nothing_else_is(table: dict[str, Any], name: str) -> None:
    kept = name in KEPT
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == ("Retain" if kept else "Delete")
    assert table["Properties"]["DeletionProtectionEnabled"] is kept
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": kept}


@pytest.mark.parametrize("name", NAMES)
def test_items_expire_but_those_of_users(table: dict[str, Any], name: str) -> None:
    ttl = table["Properties"].get("TimeToLiveSpecification")
    assert ttl == (None if name == "users" else {"AttributeName": "expires_at", "Enabled": True})


@pytest.mark.parametrize("name", NAMES)
def test_streams_carry_keys_only(table: dict[str, Any], name: str) -> None:
    stream = table["Properties"].get("StreamSpecification")
    assert stream == ({"StreamViewType": "KEYS_ONLY"} if name in {"messages", "relationships", "reactions"} else None)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_encrypted_by_dynamodbs_own_key_and_read_by_nobody_else(
    table: dict[str, Any], name: str
) -> None:
    # Without a specification, or with false, DynamoDB encrypts with a key that it owns; it always encrypts.
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": False}
    assert "ResourcePolicy" not in table["Properties"]
    assert "ReplicaUpdate" not in table["Properties"]


def test_logs_are_kept_for_as_long_as_the_stage_says(resources: dict[str, Any]) -> None:
    logs = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert {log["RetentionInDays"] for log in logs} == {30}
    assert {log["LogGroupName"] for log in logs} == {
        f"/aws/lambda/{functions.function_name(PREFIX, name)}" for name in functions.ALL
    }


@pytest.mark.parametrize("template", [data_stack.template(PREFIX, log_days=30), front_stack.template()])
def test_no_template_gives_anything_to_everybody(template: dict[str, Any]) -> None:
    def values(node: Any) -> Iterator[object]:
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        yield from (node,) if not isinstance(node, dict | list) else ()
        for child in children:
            yield from values(child)

    assert "*" not in set(values(template["Resources"]))
    principals = {resource.get("Properties", {}).get("Principal") for resource in template["Resources"].values()}
    assert principals <= {None, "apigateway.amazonaws.com"}  # the latter for one API: see test_front_stack
    assert json.dumps(template).count('"Principal"') == len(principals - {None})


def test_dead_letters_are_encrypted_and_kept_for_two_weeks(resources: dict[str, Any]) -> None:
    properties = resources["DeadLetters"]["Properties"]
    assert properties["SqsManagedSseEnabled"] is True
    assert properties["MessageRetentionPeriod"] == 1_209_600


def test_live_events_are_encrypted_and_dropped_after_minutes_and_nowhere_kept(resources: dict[str, Any]) -> None:
    properties = resources["LiveQueue"]["Properties"]
    assert properties["SqsManagedSseEnabled"] is True
    assert 60 <= properties["MessageRetentionPeriod"] <= 300
    assert "RedrivePolicy" not in properties
    # Lambda rejects an event source whose messages come back while the function still works on them.
    chalice = json.loads((ROOT / ".chalice" / "config.json").read_text())
    assert chalice["lambda_functions"]["live"]["lambda_timeout"] <= properties["VisibilityTimeout"]


def test_clients_of_the_websocket_api_cannot_choose_another_route(resources: dict[str, Any]) -> None:
    """With an expression on the frame, they could name `$connect`, whose function would take it for a new client."""
    assert resources["Sockets"]["Properties"]["RouteSelectionExpression"] == "\\$default"


def test_without_live_streaming_there_is_neither_a_queue_that_is_polled_nor_an_api() -> None:
    both = [data_stack.template(PREFIX, 30, streaming=streaming) for streaming in (True, False)]
    assert set(both[0]["Resources"]) - set(both[1]["Resources"]) == {"LiveQueue", "Sockets"}
    assert set(both[0]["Outputs"]) - set(both[1]["Outputs"]) == {data_stack.SOCKETS, data_stack.LIVE_QUEUE}


def test_nothing_is_open_to_anybody(resources: dict[str, Any]) -> None:
    kinds = {resource["Type"] for resource in resources.values()}
    assert kinds == {"AWS::ApiGatewayV2::Api", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup"}
    assert not any("Policy" in name for resource in resources.values() for name in resource["Properties"])


def test_names_are_written_out_so_that_tables_that_are_left_can_be_taken_in(resources: dict[str, Any]) -> None:
    assert "Fn::Sub" not in json.dumps(resources)
    assert '"Ref"' not in json.dumps(resources)
