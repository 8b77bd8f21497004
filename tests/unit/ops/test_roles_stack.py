"""Every function has a role of its own, limited to its stage, and keeps its old grants until the new code is there."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.deployment import configuration, functions, policies, project, roles_stack
from tests.unit.ops.production import ACCOUNT, FRONT, ROOT, STATE

DEPLOYMENT = configuration.load(ROOT, "prod")
BOUNDARY = "arn:aws-cn:iam::123456789012:policy/fstream-boundary"
TEMPLATE = roles_stack.template(ROOT, DEPLOYMENT, ACCOUNT, STATE)
BOUNDED = roles_stack.template(ROOT, DEPLOYMENT, replace(ACCOUNT, boundary=BOUNDARY), STATE)


def role(template: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][f"{functions.logical_name(name)}Role"]["Properties"]
    return found


@pytest.mark.parametrize("name", functions.ALL)
def test_a_function_runs_with_the_role_that_the_template_makes(name: str) -> None:
    made = role(TEMPLATE, name)
    arn = f"arn:{ACCOUNT.partition}:iam::{ACCOUNT.id}:role{made['Path']}{made['RoleName']}"
    configured = project.configuration(DEPLOYMENT, ACCOUNT, STATE, FRONT)
    function = configured["stages"]["prod"]["lambda_functions"][name]
    assert (function["manage_iam_role"], function["iam_role_arn"]) == (False, arn)
    (trusted,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize("name", functions.ALL)
def test_a_role_grants_the_functions_policy_in_this_stage(name: str) -> None:
    policy = (ROOT / ".chalice" / f"policy-{name}.json").read_text()
    (granted,) = role(TEMPLATE, name)["Policies"]
    assert granted["PolicyDocument"] == policies.narrowed(policy, DEPLOYMENT, ACCOUNT, STATE)


def test_roles_get_the_boundary_if_the_account_has_one() -> None:
    assert {role(BOUNDED, name)["PermissionsBoundary"] for name in functions.ALL} == {BOUNDARY}
    assert not any("PermissionsBoundary" in role(TEMPLATE, name) for name in functions.ALL)


def test_the_same_stage_in_another_region_has_other_roles() -> None:
    elsewhere = roles_stack.template(ROOT, DEPLOYMENT, replace(ACCOUNT, region="cn-northwest-1"), STATE)
    for name in functions.ALL:
        assert role(elsewhere, name)["RoleName"] != role(TEMPLATE, name)["RoleName"]
        assert len(functions.role_name(f"fstream-{'a' * 16}", "ap-southeast-1", name)) <= 64


def grants(template: dict[str, Any], name: str) -> set[str]:
    (policy,) = role(template, name)["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    names = [statement["Sid"] for statement in statements]
    assert len(names) == len(set(names))
    return {
        json.dumps({key: value for key, value in statement.items() if key != "Sid"}, sort_keys=True)
        for statement in statements
    }


def test_the_old_code_keeps_its_grants_and_roles_until_it_is_gone() -> None:
    name = functions.STREAMING[0]
    old = json.loads(json.dumps(TEMPLATE))
    role(old, name)["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"].append("dynamodb:Scan")
    old["Resources"]["FormerRole"] = old["Resources"][f"{functions.logical_name(name)}Role"]
    both = roles_stack.extended(TEMPLATE, old)
    assert grants(both, name) == grants(old, name) | grants(TEMPLATE, name)
    assert both["Resources"]["FormerRole"] == old["Resources"]["FormerRole"]
    assert roles_stack.extended(TEMPLATE, both) == both  # a deploy that was interrupted
    newer = json.loads(json.dumps(TEMPLATE))
    role(newer, name)["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"].append("dynamodb:Query")
    assert grants(roles_stack.extended(newer, both), name) == grants(both, name) | grants(newer, name)


def test_without_changes_nothing_is_kept() -> None:
    assert roles_stack.extended(TEMPLATE, {}) == TEMPLATE
    assert roles_stack.extended(TEMPLATE, TEMPLATE) == TEMPLATE
    assert roles_stack.extended(BOUNDED, TEMPLATE) == BOUNDED
