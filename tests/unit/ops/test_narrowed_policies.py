"""The policies as `make deploy` deploys them: narrowed to one stage, account and region."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.deployment import configuration, functions, policies
from tests.support.permissions import POLICIES
from tests.unit.ops.production import ACCOUNT, MESSAGES, REACTIONS, RELATIONSHIPS, ROOT, STATE


def deployed(function: str, **options: object) -> list[dict[str, Any]]:
    """Return the statements of a policy as `make deploy` deploys it to a stage with these options of Chalice."""
    policy = (POLICIES / f"policy-{function}.json").read_text()
    deployment = configuration.load(ROOT, "prod")
    deployment.chalice["stages"]["prod"] |= options
    found: list[dict[str, Any]] = policies.narrowed(policy, deployment, ACCOUNT, STATE)["Statement"]
    return found


@pytest.mark.parametrize("function", functions.ALL)
def test_once_deployed_a_wildcard_stands_only_where_aws_has_no_other_way(function: str) -> None:
    wildcards = {
        (statement["Sid"], resource)
        for statement in deployed(function, xray=True)
        for resource in statement["Resource"]
        if "*" in resource
    }
    # X-Ray has no resources; Lambda chooses the names of log streams; ListStreams takes no stream's name.
    group = f"log-group:/aws/lambda/{functions.function_name('fstream-prod', function)}:log-stream:*"
    allowed = {("Trace", "*"), ("Log", f"arn:aws-cn:logs:cn-north-1:123456789012:{group}")}
    # Connections have ids that API Gateway chooses.
    connections = "arn:aws-cn:execute-api:cn-north-1:123456789012:socket5api/prod"
    allowed.add(("CloseSockets", f"{connections}/DELETE/@connections/*"))
    allowed.add(("SendToSockets", f"{connections}/POST/@connections/*"))
    for table in ("messages", "relationships", "reactions"):
        listed = f"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/fstream-prod-{table}/stream/*"
        allowed.add(("FindStream", listed))
    assert wildcards <= allowed


@pytest.mark.parametrize("function", functions.ALL)
def test_once_deployed_everything_is_of_that_stage_account_and_region(function: str) -> None:
    for statement in deployed(function):
        for resource in statement["Resource"]:
            assert resource == "*" or ":cn-north-1:123456789012:" in resource
            is_of_stage = "fstream-prod" in resource or ":socket5api/prod/" in resource
            assert resource == "*" or is_of_stage


@pytest.mark.parametrize(
    ("function", "stream"),
    [
        ("fan_out", MESSAGES),
        ("views", MESSAGES),
        ("on_relationship", RELATIONSHIPS),
        ("on_reaction", REACTIONS),
    ],
)
def test_once_deployed_a_function_reads_its_own_stream(function: str, stream: str) -> None:
    (read,) = [each["Resource"] for each in deployed(function) if each["Sid"] == "ReadStream"]
    assert read == [stream]


@pytest.mark.parametrize("function", functions.ALL)
def test_without_live_streaming_no_function_reaches_connections(function: str) -> None:
    policy = (POLICIES / f"policy-{function}.json").read_text()
    without = replace(STATE, sockets="", live_queue="")
    narrowed = policies.narrowed(policy, configuration.load(ROOT, "prod"), ACCOUNT, without)
    assert "execute-api" not in json.dumps(narrowed)


@pytest.mark.parametrize("function", functions.ALL)
def test_only_a_traced_stage_may_trace(function: str) -> None:
    assert [each["Sid"] for each in deployed(function, xray=True) if each["Sid"] == "Trace"] == ["Trace"]
    assert [each["Sid"] for each in deployed(function) if each["Sid"] == "Trace"] == []


@pytest.mark.parametrize("function", functions.ALL)
def test_a_policy_is_smaller_than_what_a_role_may_have(function: str) -> None:
    # "IAM and AWS STS quotas": a role's inline policies may have 10,240 characters in total, without white space.
    size = len(json.dumps(deployed(function, xray=True), separators=(",", ":")))
    assert size < 0.8 * 10_240
