"""The deployment stays below those quotas of AWS that cannot be raised quickly, with room to grow.

Sources: "Quotas for configuring and running a REST API", "Lambda quotas", "CloudFormation quotas", "IAM and AWS STS
quotas", "Quotas for CloudFront".
"""

import json
import re
from typing import Any

import pytest

from app import app
from fstream_app.core import rules
from fstream_app.core.settings import Settings
from ops.deployment import configuration, data_stack, front_stack, functions, project
from ops.deployment.places import Front
from tests.support.permissions import statements
from tests.unit.ops.production import ACCOUNT, ROOT, STATE

LONGEST_STAGE = "a" * 16
TEMPLATES: dict[str, dict[str, Any]] = {
    "data": data_stack.template(f"fstream-{LONGEST_STAGE}", 30),
    "front": front_stack.template(),
}


def resources() -> set[str]:
    """Return API Gateway's resources: every prefix of a path."""
    parts = (path.strip("/").split("/") for path in app.routes)
    return {"/".join(path[:depth]) for path in parts for depth in range(len(path) + 1)}


def test_the_api_has_fewer_resources_than_api_gateway_lets_it_have() -> None:
    assert 100 < len(resources()) < 0.9 * 300


def test_settings_and_what_is_added_fit_into_the_environment_of_a_function() -> None:
    deployment = configuration.load(ROOT, "prod")
    configured = project.configuration(deployment, ACCOUNT, STATE, Front(f"https://{'x' * 100}", "x" * 64, "0" * 64))
    variables = {f"FSTREAM_{name.upper()}": "x" * 40 for name in Settings.__struct_fields__}
    variables |= configured["stages"]["prod"]["environment_variables"]
    assert sum(len(name) + len(value) for name, value in variables.items()) < 0.9 * 4096


def test_the_longest_rules_and_the_longest_description_fit_into_the_environment_of_a_function() -> None:
    deployment = configuration.load(ROOT, "prod")
    front = Front(f"https://{'x' * 100}", "x" * 64, "0" * 64)
    stage = project.configuration(deployment, ACCOUNT, STATE, front)["stages"]["prod"]
    variables = stage["environment_variables"] | stage["lambda_functions"][functions.API]["environment_variables"]
    variables |= {"FSTREAM_DESCRIPTION": "x" * 500, "FSTREAM_RULES": "x" * rules.MAX_BYTES}
    assert sum(len(name) + len(value) for name, value in variables.items()) < 0.9 * 4096


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_small_enough_to_be_sent_as_it_is(name: str) -> None:
    assert len(json.dumps(TEMPLATES[name], separators=(",", ":"))) < 0.9 * 51_200


def test_the_distribution_has_fewer_behaviours_than_it_may_have() -> None:
    config = front_stack.template()["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    assert len(config["CacheBehaviors"]) <= 25


@pytest.mark.parametrize(("kind", "quota"), [("CachePolicy", 20), ("OriginRequestPolicy", 20)])
def test_an_account_has_room_for_as_many_stages_as_the_documents_say(kind: str, quota: int) -> None:
    resources = front_stack.template()["Resources"].values()
    made = sum(resource["Type"] == f"AWS::CloudFront::{kind}" for resource in resources)
    assert quota // made >= 5
    assert "room for five stages" in (ROOT / "docs" / "operations.md").read_text()


def test_a_route_for_each_path_would_fit_into_an_http_api_so_it_has_one_for_other_reasons() -> None:
    """The reasons are in `ops.deployment.http_api`."""
    assert 100 < len(app.routes) < 0.9 * 300


@pytest.mark.parametrize("function", functions.ALL)
def test_names_are_no_longer_than_roles_and_functions_may_have(function: str) -> None:
    assert len(f"fstream-{LONGEST_STAGE}-{function}") <= 64


@pytest.mark.parametrize("function", functions.ALL)
def test_statements_have_names_of_their_own_that_iam_takes(function: str) -> None:
    names = [statement["Sid"] for statement in statements(function)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in names)
