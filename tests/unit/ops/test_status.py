"""The status of a stage: it shows everything deployed, and a remedy for each problem."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fstream_app import tables
from ops import event_sources
from ops.deployment import configuration, data_stack, functions, sockets, streams
from ops.operations.status import Finding, Inspection, as_json, text

ROOT = Path(__file__).parents[3]
PREFIX = "fstream-prod"
HOST = "d1.cloudfront.net"
LETTERS = "arn:aws:sqs:eu-central-1:123456789012:fstream-prod-dead-letters"
API = "socket5api"
MOMENT = datetime(2040, 1, 1, 12, tzinfo=UTC)


def absent(code: str = "ResourceNotFoundException", message: str = "no such thing") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Describe")


def mappings() -> dict[str, list[dict[str, Any]]]:
    """Return the event source mappings of a healthy stage, by function."""
    return {
        f"{PREFIX}-{source.function}": [
            {"State": "Enabled", "LastProcessingResult": "OK", **streams.parameters(source, LETTERS)}
        ]
        for source in event_sources.ALL
    } | {f"{PREFIX}-live": [{"State": "Enabled", **event_sources.LIVE.parameters()}]}


class Cloud:
    """A healthy account, which tests change; it serves as the session and as all of its clients."""

    def __init__(self) -> None:
        self.stacks: dict[str, dict[str, Any]] = {
            f"{PREFIX}-data": {
                "Outputs": [
                    {"OutputKey": data_stack.DEAD_LETTERS, "OutputValue": LETTERS},
                    {"OutputKey": data_stack.SOCKETS, "OutputValue": API},
                ]
            },
            f"{PREFIX}-roles": {},
            f"{PREFIX}-front": {"Outputs": [{"OutputKey": "Domain", "OutputValue": HOST}]},
        }
        for stack in self.stacks.values():
            stack |= {"StackStatus": "CREATE_COMPLETE", "CreationTime": MOMENT}
        self.functions: dict[str, dict[str, Any]] = {
            functions.function_name(PREFIX, name): {
                "State": "Active",
                "LastUpdateStatus": "Successful",
                "MemorySize": 512,
                "Timeout": 60,
                "LastModified": "2040-01-01T12:00:00.000+0000",
            }
            for name in functions.ALL
        }
        self.mappings = mappings()
        self.routes = sorted(sockets.ROUTES)
        self.websockets: list[dict[str, Any]] | None = [
            {"StageName": "prod", "DeploymentId": "d1", "DefaultRouteSettings": sockets.settings("500")}
        ]
        self.tables: dict[str, dict[str, Any]] = {
            f"{PREFIX}-{model.base_name()}": {
                "TableStatus": "ACTIVE",
                "ItemCount": 1234,
                "DeletionProtectionEnabled": model in data_stack.KEPT,
            }
            for model in tables.ALL
        }
        self.letters: tuple[int, int] | None = (0, 0)
        self.alarms: list[dict[str, Any]] = []
        self.answer: tuple[int, dict[str, Any]] = (200, {"domain": HOST})

    def client(self, _service: str) -> "Cloud":
        return self

    def describe_stacks(self, **request: str) -> dict[str, Any]:
        name = request["StackName"]
        if name not in self.stacks:
            raise absent("ValidationError", f"Stack with id {name} does not exist")
        return {"Stacks": [self.stacks[name]]}

    def get_function_configuration(self, **request: str) -> dict[str, Any]:
        if request["FunctionName"] not in self.functions:
            raise absent()
        return self.functions[request["FunctionName"]]

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 940}}

    def describe_table(self, **request: str) -> dict[str, Any]:
        if request["TableName"] not in self.tables:
            raise absent()
        return {"Table": self.tables[request["TableName"]]}

    def get_queue_url(self, **request: str) -> dict[str, str]:
        if self.letters is None:
            raise absent("AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": request["QueueName"]}

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        assert self.letters
        return {"Attributes": dict(zip(request["AttributeNames"], map(str, self.letters), strict=True))}

    def get_routes(self, **request: str) -> dict[str, Any]:
        if self.websockets is None:
            raise absent("NotFoundException")
        assert request["ApiId"] == API
        return {"Items": [{"RouteKey": key} for key in self.routes]}

    def get_stages(self, **_: str) -> dict[str, Any]:
        return {"Items": self.websockets}

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(self, operation)


class Pages:
    def __init__(self, cloud: Cloud, operation: str) -> None:
        self._cloud = cloud
        self._operation = operation

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        if self._operation == "describe_alarms":
            assert request["AlarmNamePrefix"] == f"{PREFIX}-front-"
            return [{"MetricAlarms": self._cloud.alarms}]
        return [{"EventSourceMappings": self._cloud.mappings.get(request["FunctionName"], [])}]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def inspect(cloud: Cloud) -> Callable[[], list[Finding]]:
    deployment = configuration.load(ROOT, "prod")
    session: Any = cloud
    return lambda: Inspection(session, deployment, lambda _: cloud.answer).run()


def wrong(findings: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.wrong for finding in findings if finding.wrong}


def test_a_healthy_stage_is_shown_without_anything_to_do(inspect: Callable[[], list[Finding]]) -> None:
    findings = inspect()
    assert wrong(findings) == {}
    kinds = [finding.kind for finding in findings]
    expected = {"stack": 3, "function": 9, "event source": 5, "table": len(tables.ALL), "queue": 1, "address": 1}
    expected["WebSockets"] = 1
    assert {kind: kinds.count(kind) for kind in expected} == expected
    assert text(findings).endswith("\nAll is well.")


def test_columns_are_as_wide_as_they_must_be(inspect: Callable[[], list[Finding]]) -> None:
    lines = text(inspect()).splitlines()
    assert lines[0].split() == ["stack", "fstream-prod-data", "CREATE_COMPLETE", "changed", "2040-01-01", "12:00"]
    assert len({line.index("about 1,234 items") for line in lines if line.startswith("table")}) == 1


def test_as_json_it_is_one_array_of_the_same(inspect: Callable[[], list[Finding]]) -> None:
    findings = inspect()
    assert [Finding(**each) for each in json.loads(as_json(findings))] == findings


def test_what_is_not_deployed_is_reported_piece_by_piece(cloud: Cloud, inspect: Callable[[], list[Finding]]) -> None:
    for part in (cloud.stacks, cloud.functions, cloud.mappings, cloud.tables):
        part.clear()
    cloud.letters = cloud.websockets = None
    findings = inspect()
    missing = [finding for finding in findings if finding.state == "missing"]
    assert len(missing) == 3 + 9 + 5 + len(tables.ALL) + 1 + 1
    assert all("make deploy" in finding.wrong for finding in missing)
    assert not [finding for finding in findings if finding.kind == "address"]


@pytest.mark.parametrize(
    ("state", "is_wrong"),
    [
        ("UPDATE_COMPLETE", False),
        ("UPDATE_ROLLBACK_COMPLETE", False),
        ("UPDATE_ROLLBACK_FAILED", True),
        ("ROLLBACK_COMPLETE", True),
    ],
)
def test_a_stack_is_well_where_it_has_come_to_an_end(
    cloud: Cloud, inspect: Callable[[], list[Finding]], state: str, *, is_wrong: bool
) -> None:
    cloud.stacks[f"{PREFIX}-data"]["StackStatus"] = state
    assert (f"{PREFIX}-data" in wrong(inspect())) is is_wrong


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"State": "Failed", "StateReason": "No such role"}, "No such role"),
        ({"LastUpdateStatus": "Failed"}, "last update: Failed"),
    ],
)
def test_a_function_that_failed_is_reported_with_the_reason(
    cloud: Cloud, inspect: Callable[[], list[Finding]], change: dict[str, str], words: str
) -> None:
    cloud.functions[f"{PREFIX}-fan_out"] |= change
    assert words in wrong(inspect())[f"{PREFIX}-fan_out"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"State": "Disabled"}, "delivers nothing"),
        ({"BatchSize": 1, "MaximumRetryAttempts": -1}, "has wrong values of BatchSize, MaximumRetryAttempts"),
        ({"DestinationConfig": {}}, "has wrong values of DestinationConfig"),
        ({"LastProcessingResult": "PROBLEM: Function call failed"}, "PROBLEM: Function call failed; see the"),
    ],
)
def test_an_event_source_is_on_and_as_it_should_be_set(
    cloud: Cloud, inspect: Callable[[], list[Finding]], change: dict[str, Any], words: str
) -> None:
    cloud.mappings[f"{PREFIX}-fan_out"][0] |= change
    assert words in wrong(inspect())[f"{PREFIX}-fan_out"]


def test_a_function_that_reads_its_stream_twice_is_reported(cloud: Cloud, inspect: Callable[[], list[Finding]]) -> None:
    cloud.mappings[f"{PREFIX}-fan_out"] *= 2
    assert "reads 2 event sources instead of one" in wrong(inspect())[f"{PREFIX}-fan_out"]


def test_a_websocket_api_that_nobody_can_connect_to_is_reported(
    cloud: Cloud, inspect: Callable[[], list[Finding]]
) -> None:
    cloud.websockets = []  # a deploy died before it was complete
    assert "has no stage, so nobody can connect; run `make deploy STAGE=prod`" in wrong(inspect())[API]


def test_without_live_streaming_nothing_of_it_is_missing(cloud: Cloud) -> None:
    deployment = configuration.load(ROOT, "prod")
    deployment.settings["FSTREAM_STREAMING"] = "off"
    for name in (functions.LIVE, *functions.SOCKETS):
        del cloud.functions[f"{PREFIX}-{name}"]
    del cloud.mappings[f"{PREFIX}-live"]
    cloud.websockets = None
    session: Any = cloud
    findings = Inspection(session, deployment, lambda _: cloud.answer).run()
    assert wrong(findings) == {}
    assert [(each.name, each.state) for each in findings if each.kind == "WebSockets"] == [("API", "off")]


@pytest.mark.parametrize("name", ["users", "relationships"])
def test_what_is_kept_is_protected(cloud: Cloud, inspect: Callable[[], list[Finding]], name: str) -> None:
    cloud.tables[f"{PREFIX}-{name}"]["DeletionProtectionEnabled"] = False
    assert "not protected" in wrong(inspect())[f"{PREFIX}-{name}"]


@pytest.mark.parametrize("letters", [(1, 0), (0, 1)])
def test_dead_letters_are_to_be_redriven(
    cloud: Cloud, inspect: Callable[[], list[Finding]], letters: tuple[int, int]
) -> None:
    cloud.letters = letters
    assert wrong(inspect()) == {
        f"{PREFIX}-dead-letters": "functions gave up on stream records; run `python -m ops redrive --stage prod`"
    }


def test_an_alarm_that_rings_says_what_to_do(cloud: Cloud, inspect: Callable[[], list[Finding]]) -> None:
    for name, state in (("Slow", "ALARM"), ("ServerErrors", "OK"), ("DeadLetter", "INSUFFICIENT_DATA")):
        cloud.alarms.append(
            {
                "AlarmName": f"{PREFIX}-front-{name}-1A2B",
                "AlarmDescription": "Do it.",
                "StateValue": state,
                "StateUpdatedTimestamp": MOMENT,
            }
        )
    findings = inspect()
    assert wrong(findings) == {"Slow": "Do it."}
    assert [(each.state, each.details) for each in findings if each.kind == "alarms"] == [("3 defined", "1 ringing")]


@pytest.mark.parametrize("answer", [(0, {}), (403, {}), (200, {}), (200, {"domain": "unset.invalid"})])
def test_the_address_answers_as_itself(
    cloud: Cloud, inspect: Callable[[], list[Finding]], answer: tuple[int, dict[str, Any]]
) -> None:
    cloud.answer = answer
    assert f"does not respond with 200 as {HOST}" in wrong(inspect())[f"https://{HOST}"]


def test_what_is_refused_is_not_taken_for_missing(cloud: Cloud, inspect: Callable[[], list[Finding]]) -> None:
    def refuse(**_: str) -> None:
        raise absent("AccessDeniedException")

    cloud.describe_table = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(ClientError, match="AccessDenied"):
        inspect()
