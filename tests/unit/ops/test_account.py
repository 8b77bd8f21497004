"""What a deploy needs to know of an account, and how long its calls are repeated when AWS throttles them."""

from collections.abc import Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.awsrequest import AWSResponse

from ops.deployment import account, configuration, functions
from ops.deployment.errors import DeploymentError
from tests.support.lambdas import refusal
from tests.unit.ops.production import ROOT

DEPLOYMENT = configuration.load(ROOT, "prod")


class Lambda:
    """A stub: functions with reserved concurrency, in an account of 1,000."""

    class exceptions:  # noqa: N801  # AWS's name
        ResourceNotFoundException = type("ResourceNotFoundException", (Exception,), {})

    def __init__(self, **reserved: int) -> None:
        self._reserved = {functions.function_name(DEPLOYMENT.prefix, name): number for name, number in reserved.items()}

    def get_account_settings(self) -> dict[str, Any]:
        free = 1000 - 800 - sum(self._reserved.values())  # another application reserves 800
        return {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": free}}

    def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if FunctionName not in self._reserved:
            raise self.exceptions.ResourceNotFoundException
        return {"Concurrency": {"ReservedConcurrentExecutions": self._reserved[FunctionName]}}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with moto.mock_aws():
        yield account.session()


@pytest.mark.parametrize("reserved", [{}, {"fan_out": 50, "on_relationship": 10}])
def test_what_others_reserve_is_not_free_and_what_the_stage_has_reserved_is(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, reserved: dict[str, int]
) -> None:
    client = session.client
    monkeypatch.setattr(session, "client", lambda name: Lambda(**reserved) if name == "lambda" else client(name))
    assert account.find(session, DEPLOYMENT).unreserved == 200


def test_the_boundary_is_found_by_its_name(session: boto3.Session) -> None:
    assert account._boundary(session.client("iam"), "arn:aws:iam::123456789012:policy/fstream-boundary") == ""
    policy = (ROOT / "docs" / "boundary-policy.json").read_text()
    made = session.client("iam").create_policy(PolicyName="fstream-boundary", PolicyDocument=policy)["Policy"]["Arn"]
    assert account._boundary(session.client("iam"), made) == made


def test_credentials_that_aws_rejects_are_reported(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    class Rejecting:
        def get_caller_identity(self) -> None:
            raise refusal("ExpiredToken", "The security token included in the request is expired", "GetCallerIdentity")

    monkeypatch.setattr(session, "client", lambda _: Rejecting())
    with pytest.raises(DeploymentError, match="security token included in the request is expired"):
        account.check(session)


def test_a_call_that_aws_throttles_is_repeated_for_longer_than_the_account_has_to_wait(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API Gateway takes one deployment per five seconds, and answers others with TooManyRequestsException."""
    client = session.client("apigateway")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    calls: list[int] = []

    def throttle(**_: object) -> Any:
        calls.append(1)
        status, body = (429, THROTTLED) if len(calls) < 8 else (201, b'{"id": "abc"}')
        return AWSResponse("https://apigateway", status, {"x-amzn-errortype": "TooManyRequestsException"}, Raw(body))

    client.meta.events.register_first("before-send.apigateway.CreateDeployment", throttle)
    assert client.create_deployment(restApiId="abc", stageName="prod")["id"] == "abc"
    assert len(calls) == 8


THROTTLED = b'{"message": "Too Many Requests"}'


class Raw:
    """A response's body."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content
