"""A wrong configuration of a stage stops the deploy before it begins, with a message that names the error."""

import json
from pathlib import Path
from typing import Any

import pytest

from fstream_app.core.settings import SettingsError
from ops.deployment import configuration, functions, project
from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account, Front, State
from tests.support.permissions import POLICIES

ROOT = POLICIES.parent
ACCOUNT = Account("123456789012", "eu-central-1", "aws", unreserved=1000)
_STREAMS = {table: f"arn:{table}" for table in ("messages", "relationships", "reactions")}
STATE = State(_STREAMS, "arn:dead-letters", "socket5api", "https://sqs.example/123456789012/fstream-prod-live")
FRONT = Front("https://d1.cloudfront.net", "5ec2e7" * 10, "0badc0de" * 8)
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
OWN = {"FSTREAM_BASE_URL": "https://fstream.example", "FSTREAM_CERTIFICATE": CERTIFICATE}


def checkout(folder: Path, stage: str = "prod", **settings: str) -> Path:
    """Write a configuration with these settings for a stage; return the folder."""
    chalice = json.loads((ROOT / configuration.CONFIG).read_text())
    chalice["stages"].setdefault(stage, {})["environment_variables"] = settings
    (folder / ".chalice").mkdir()
    (folder / configuration.CONFIG).write_text(json.dumps(chalice))
    return folder


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_stages_that_there_are_can_be_deployed(stage: str) -> None:
    deployment = configuration.load(ROOT, stage)
    assert deployment.prefix == f"fstream-{stage}"
    assert deployment.own_domain == ""
    configured = project.configuration(deployment, ACCOUNT, STATE, FRONT)
    assert configured["stages"][stage]["api_gateway_stage"] == stage


def test_a_domain_of_ones_own_comes_with_its_certificate(tmp_path: Path) -> None:
    deployment = configuration.load(checkout(tmp_path, **OWN), "prod")
    assert (deployment.own_domain, deployment.certificate) == ("fstream.example", CERTIFICATE)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"FSTREAM_MIN_LIFETIME": "long"}, "FSTREAM_MIN_LIFETIME must be a whole number"),
        ({"FSTREAM_TITLE": "a" * 61}, "FSTREAM_TITLE must be 1 to 60 characters"),
        ({"FSTREAM_MAX_CHARACTERS": "5001"}, "FSTREAM_MAX_CHARACTERS must be 1 to 5000"),
        ({"FSTREAM_DEFAULT_LIFETIME": "59"}, "FSTREAM_DEFAULT_LIFETIME must lie between"),
        ({"FSTREAM_REGISTRATIONS": "closed"}, "FSTREAM_REGISTRATIONS must be on or off"),
        ({"FSTREAM_RATE_POSTS": "300"}, "FSTREAM_RATE_POSTS must be a count and seconds"),
        ({"FSTREAM_TITEL": "Club"}, "FSTREAM_TITEL is not a setting of FSTREAM"),
        ({"TITLE": "Club"}, "TITLE is not a setting of FSTREAM"),
        ({"FSTREAM_STAGE": "dev"}, "FSTREAM_STAGE is set by the deployment: remove it"),
        ({"FSTREAM_TRUSTED_PROXIES": "0"}, "FSTREAM_TRUSTED_PROXIES is set by the deployment: remove it"),
        ({"FSTREAM_BASE_URL": "https://fstream.example"}, "needs both FSTREAM_BASE_URL and FSTREAM_CERTIFICATE"),
        ({"FSTREAM_CERTIFICATE": CERTIFICATE}, "needs both FSTREAM_BASE_URL and FSTREAM_CERTIFICATE"),
        (OWN | {"FSTREAM_BASE_URL": "http://fstream.example"}, "FSTREAM_BASE_URL must be an origin"),
        (OWN | {"FSTREAM_BASE_URL": "https://fstream.example:8443"}, "FSTREAM_BASE_URL must be an origin"),
        (OWN | {"FSTREAM_CERTIFICATE": CERTIFICATE.replace("us-east-1", "eu-west-1")}, "a certificate in us-east-1"),
        ({"FSTREAM_ALARM_EMAIL": "ada"}, "FSTREAM_ALARM_EMAIL must be an address"),
        ({"FSTREAM_BUDGET": "0"}, "FSTREAM_BUDGET must be dollars a month"),
        ({"FSTREAM_BUDGET": "ten"}, "FSTREAM_BUDGET must be dollars a month"),
        ({"FSTREAM_THROTTLE": "0"}, "FSTREAM_THROTTLE must be requests a second"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        configuration.load(checkout(tmp_path, **settings), "prod")


def test_a_number_that_is_not_written_as_text_is_named(tmp_path: Path) -> None:
    checkout(tmp_path, FSTREAM_MIN_LIFETIME="60")
    file = tmp_path / configuration.CONFIG
    file.write_text(file.read_text().replace('"60"', "60"))
    with pytest.raises(SettingsError, match=r'FSTREAM_MIN_LIFETIME must be a string in .*, such as "60"'):
        configuration.load(tmp_path, "prod")


def test_a_configuration_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"\.chalice/config\.json was not found"):
        configuration.load(tmp_path, "prod")
    (checkout(tmp_path) / configuration.CONFIG).write_text("{,}")
    with pytest.raises(
        DeploymentError, match=r"\.chalice/config\.json is not valid JSON: Expecting .* line 1 column 2"
    ):
        configuration.load(tmp_path, "prod")


def test_a_missing_stage_is_reported_with_those_that_exist() -> None:
    with pytest.raises(DeploymentError, match=r"config\.json has no stage 'production'\. Choose one of dev, prod"):
        configuration.load(ROOT, "production")


@pytest.mark.parametrize("stage", ["Prod", "pre-prod", "1st", "a" * 17])
def test_the_name_of_a_stage_fits_into_all_names(tmp_path: Path, stage: str) -> None:
    with pytest.raises(DeploymentError, match="16 letters"):
        configuration.load(checkout(tmp_path, stage), stage)


def test_the_longest_name_of_a_stage_is_taken(tmp_path: Path) -> None:
    assert configuration.load(checkout(tmp_path, "a" * 16), "a" * 16).stage == "a" * 16


def test_the_stage_may_be_set_because_chalice_alone_needs_it(tmp_path: Path) -> None:
    assert configuration.load(checkout(tmp_path, FSTREAM_STAGE="prod"), "prod").stage == "prod"


def variables(deployment: configuration.Deployment, **account: Any) -> dict[str, Any]:
    configured = project.configuration(deployment, ACCOUNT, STATE, FRONT)
    stage: dict[str, Any] = configured["stages"][deployment.stage]
    return stage["environment_variables"]  # type: ignore[no-any-return]


def test_the_functions_get_their_address_and_nothing_that_only_the_deployment_uses(tmp_path: Path) -> None:
    own = {"FSTREAM_ALARM_EMAIL": "ada@fstream.example", "FSTREAM_BUDGET": "200", "FSTREAM_THROTTLE": "900"}
    deployment = configuration.load(checkout(tmp_path, **own), "prod")
    assert (deployment.budget, deployment.throttle) == ("200", "900")
    assert variables(deployment) == {
        "FSTREAM_APP": "fstream",
        "FSTREAM_CONNECTIONS": "https://socket5api.execute-api.eu-central-1.amazonaws.com/prod",
        "FSTREAM_LIVE_QUEUE": "https://sqs.example/123456789012/fstream-prod-live",
        "FSTREAM_STAGE": "prod",
        "FSTREAM_BASE_URL": "https://d1.cloudfront.net",
        "FSTREAM_MESSAGES_STREAM": "arn:messages",
        "FSTREAM_RELATIONSHIPS_STREAM": "arn:relationships",
        "FSTREAM_REACTIONS_STREAM": "arn:reactions",
        "FSTREAM_TRUSTED_PROXIES": "1",
    }


def test_without_live_streaming_the_functions_get_nothing_of_it(tmp_path: Path) -> None:
    deployment = configuration.load(checkout(tmp_path, FSTREAM_STREAMING="off"), "prod")
    assert not deployment.streaming
    configured = project.configuration(deployment, ACCOUNT, State(_STREAMS, "arn:dead-letters"), FRONT)
    stage = configured["stages"]["prod"]
    assert stage["environment_variables"]["FSTREAM_STREAMING"] == "off"
    assert not {"FSTREAM_CONNECTIONS", "FSTREAM_LIVE_QUEUE"} & stage["environment_variables"].keys()
    assert stage["lambda_functions"].keys() == {functions.API, *functions.STREAMING}


def test_only_the_functions_that_requests_come_to_know_the_secret_of_cloudfront() -> None:
    configured = project.configuration(configuration.load(ROOT, "prod"), ACCOUNT, STATE, FRONT)
    found = configured["stages"]["prod"]["lambda_functions"]
    having = {name for name, function in found.items() if FRONT.secret in json.dumps(function)}
    assert having == {functions.API, functions.CONNECT}
    assert FRONT.secret not in json.dumps(configured["stages"]["prod"]["environment_variables"])


@pytest.mark.parametrize(("missing", "reserved"), [(0, {50, 10}), (1, {None}), (150, {None})])
def test_concurrency_is_reserved_where_the_account_has_enough(missing: int, reserved: set[int | None]) -> None:
    deployment = configuration.load(ROOT, "prod")
    enough = 100 + project.reserved(deployment)  # Lambda keeps 100 free
    assert f"From {enough} on," in (ROOT / "docs" / "operations.md").read_text()
    account = Account("123456789012", "eu-central-1", "aws", enough - missing)
    configured = project.configuration(deployment, account, STATE, FRONT)
    found = configured["stages"]["prod"]["lambda_functions"]
    assert {found[name].get("reserved_concurrency") for name in functions.STREAMING} == reserved


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_stage_is_traced_because_lambda_lets_nobody_choose_the_sample(stage: str) -> None:
    """Lambda's own, 5 % of all requests, costs more than what one learns from it: docs/operations.md has the figure."""
    assert "xray" not in configuration.load(ROOT, stage).chalice["stages"][stage]
