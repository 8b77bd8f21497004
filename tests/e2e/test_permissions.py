"""Each permission is needed: without it, the cloud denies a call and a step fails."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ops import event_sources
from ops.deployment import functions
from ops.deployment.roles_stack import POLICY
from tests.e2e import live_steps, steps
from tests.e2e.deployment import PREFIX, Cloud, DeployedSite
from tests.e2e.steps import STEPS, Step
from tests.e2e.world import World
from tests.support.permissions import Grant, grants, others

FUNCTIONS = functions.running(streaming=False)
"""Those of live streaming respond even where something fails: `test_nothing_is_denied`, and the unit tests."""
Check = tuple[str, str]
"""An action and a resource."""


@pytest.fixture(scope="module")
def world(cloud: Cloud, site: DeployedSite) -> Iterator[World]:
    """Users on the shared site, with the streams' mappings disabled: the steps call the functions themselves."""
    client = cloud.client("lambda")
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    made = World(cloud, site)
    yield made
    made.end()
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.fixture(scope="module")
def steps_by_need(cloud: Cloud, world: World) -> dict[str, dict[Check, list[Step]]]:
    """The steps by function and by the permissions that they need; first those that need few, which mostly fail."""
    found: dict[str, dict[Check, list[Step]]] = {name: defaultdict(list) for name in FUNCTIONS}
    for function in FUNCTIONS:
        needs = {}
        for step in (*STEPS[function], *live_steps.STEPS[function]):
            before = len(cloud.checks.read_text())
            steps.lived(world, step)
            needs[step] = set(checked(cloud, before))
        for step in sorted(needs, key=lambda step: len(needs[step])):
            for check in needs[step]:
                found[function][check].append(step)
    return found


def checked(cloud: Cloud, since: int, kind: str = "") -> list[Check]:
    """Return the permissions that the cloud has checked since a position in the file; `kind`: granted or denied."""
    lines = [line.split() for line in cloud.checks.read_text()[since:].splitlines()]
    return [(action, short(resource)) for found, action, resource in lines if kind in found]


def short(resource: str) -> str:
    """Return the last part of a resource: what comes after its stage; `live`, `DELETE/@connections/*`."""
    if "/@connections/" in resource:
        return f"{resource.split('/')[-3]}/@connections/*"
    return re.split(f"[:/]{PREFIX}-", resource)[-1]


def without(document: dict[str, Any], action: str, resources: set[str]) -> dict[str, Any]:
    """Return a policy without one action on these resources, which splits its statement in two."""
    statements = []
    for statement in document["Statement"]:
        rest = {"Action": [each for each in statement["Action"] if each != action]}
        same = {
            "Sid": f"{statement['Sid']}Elsewhere",
            "Action": [each for each in statement["Action"] if each == action],
            "Resource": [each for each in statement["Resource"] if each not in resources],
        }
        statements += [statement | part for part in (rest, same)]
    allowing = [each for each in statements if each["Action"] and each["Resource"]]
    return document | {"Statement": allowing}


@contextmanager
def taken_away(cloud: Cloud, grant: Grant) -> Iterator[None]:
    """Remove a permission for the duration of the block."""
    iam, role = cloud.client("iam"), functions.role_name(PREFIX, "us-east-1", grant.policy)
    granted = iam.get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]
    resources = {each for one in granted["Statement"] for each in one["Resource"] if short(each) == grant.resource}
    less = without(granted, grant.action, resources)
    iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=json.dumps(granted))


def fails(world: World, step: Step) -> bool:
    """Return whether a step fails."""
    try:
        steps.lived(world, step)
    except AssertionError:
        return True
    return False


def sending(name: str) -> list[Grant]:
    """Return a function's grants on the queue and on connections."""
    found = ((action, resource.replace("fstream-*", PREFIX)) for action, resource in sorted(others(name)))
    return [
        Grant(name, "", action, short(resource))
        for action, resource in found
        if "/@connections/" in resource or resource.endswith(f":{PREFIX}-{event_sources.LIVE.queue}")
    ]


def test_nothing_is_denied(cloud: Cloud, steps_by_need: dict[str, dict[Check, list[Step]]]) -> None:
    """Not even to the functions of live streaming, which have sent something before."""
    assert checked(cloud, 0, "denied") == []
    done = set(checked(cloud, 0))
    wanted = {(grant.action, grant.resource) for name in functions.ALL for grant in sending(name)}
    assert {check for check in wanted if not check[0].startswith(_BY_ITSELF)} <= done


_BY_ITSELF = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""MiniStack reads queues for functions by itself."""


@pytest.mark.parametrize("grant", [grant for name in FUNCTIONS for grant in (*grants(name), *sending(name))], ids=str)
def test_without_a_permission_a_step_fails(
    cloud: Cloud, world: World, steps_by_need: dict[str, dict[Check, list[Step]]], grant: Grant
) -> None:
    need = (grant.action, grant.resource)
    needing = steps_by_need[grant.policy][need]
    before = len(cloud.checks.read_text())
    with taken_away(cloud, grant):
        # Some steps succeed without it: rate limits and reads of the log have fallbacks.
        failed = next((steps.name(step) for step in needing if fails(world, step)), "")
    assert failed, f"without it none fails of {[steps.name(step) for step in needing]}"
    assert need in checked(cloud, before, "denied")


_UNCHECKED = {
    "logs": "MiniStack writes what functions print into their logs by itself",
    "xray": "MiniStack makes no traces",
    "sqs": "MiniStack sends dead letters by itself",
    "dynamodb": "MiniStack reads streams for functions by itself, out of its memory",
}


@pytest.mark.parametrize(
    "permission",
    [
        f"{name} {action}"
        for name in FUNCTIONS
        for action, resource in sorted(others(name))
        if action not in {grant.action for grant in sending(name)} or resource.endswith("dead-letters")
    ],
)
def test_without_a_permission_to_log_trace_or_read_a_stream_a_step_fails(cloud: Cloud, permission: str) -> None:
    _, action = permission.split()
    asked = {check for check in checked(cloud, 0) if check[0] == action}
    assert {resource for _, resource in asked} <= {event_sources.LIVE.queue}, (
        "the cloud looks for it: let a step need it"
    )
    pytest.skip(_UNCHECKED[action.partition(":")[0]])
