"""Each permission is needed: without it, the cloud denies a call and a step fails."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ops.deployment import functions
from ops.deployment.roles_stack import POLICY
from tests.e2e import steps
from tests.e2e.deployment import PREFIX, Cloud, DeployedSite
from tests.e2e.steps import STEPS, Step
from tests.e2e.world import World
from tests.support.permissions import Grant, grants, others

Check = tuple[str, str]
"""An action and a resource."""


@pytest.fixture(scope="module")
def world(cloud: Cloud, site: DeployedSite) -> Iterator[World]:
    """Users on the shared site, with the streams' mappings disabled: the steps call the functions themselves."""
    client = cloud.client("lambda")
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield World(cloud, site)
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.fixture(scope="module")
def steps_by_need(cloud: Cloud, world: World) -> dict[str, dict[Check, list[Step]]]:
    """The steps by function and by the permissions that they need; first those that need few, which mostly fail."""
    found: dict[str, dict[Check, list[Step]]] = {name: defaultdict(list) for name in functions.ALL}
    for function in functions.ALL:
        needs = {}
        for step in STEPS[function]:
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
    return [(action, resource.rpartition(f"/{PREFIX}-")[2]) for found, action, resource in lines if kind in found]


def without(document: dict[str, Any], action: str, resource: str) -> dict[str, Any]:
    """Return a policy without one action on one resource, which splits its statement in two."""
    statements = []
    for statement in document["Statement"]:
        rest = {"Action": [each for each in statement["Action"] if each != action]}
        same = {
            "Sid": f"{statement['Sid']}Elsewhere",
            "Action": [each for each in statement["Action"] if each == action],
            "Resource": [each for each in statement["Resource"] if not each.endswith(resource)],
        }
        statements += [statement | part for part in (rest, same)]
    allowing = [each for each in statements if each["Action"] and each["Resource"]]
    return document | {"Statement": allowing}


@contextmanager
def taken_away(cloud: Cloud, grant: Grant) -> Iterator[None]:
    """Remove a permission for the duration of the block."""
    iam, role = cloud.client("iam"), functions.role_name(PREFIX, "us-east-1", grant.policy)
    granted = iam.get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]
    less = without(granted, grant.action, f"/{PREFIX}-{grant.resource}")
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


@pytest.mark.parametrize("grant", [grant for name in functions.ALL for grant in grants(name)], ids=str)
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
    [f"{name} {action}" for name in functions.ALL for action, _ in sorted(others(name))],
)
def test_without_a_permission_to_log_trace_or_read_a_stream_a_step_fails(cloud: Cloud, permission: str) -> None:
    _, action = permission.split()
    assert f" {action} " not in cloud.checks.read_text(), "the cloud looks for it: let a step need it"
    pytest.skip(_UNCHECKED[action.partition(":")[0]])
