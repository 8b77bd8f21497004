"""After each run of Chalice, the routes of the WebSocket API are deployed to a stage that limits requests."""

import contextlib
from typing import Any

import pytest

from ops.deployment import configuration, sockets
from ops.deployment.errors import DeploymentError
from tests.unit.ops.production import ACCOUNT, ROOT

DEPLOYMENT = configuration.load(ROOT, "prod")


class DiedError(Exception):
    """The process has died."""


class Gateway:
    """API Gateway with one WebSocket API; it serves as the session and as its client.

    A call that changes something can be made the last one before the process dies.
    """

    def __init__(self) -> None:
        self.routes = ["$connect", "$default", "$disconnect"]
        self.deployments: list[str] = []
        self.stages: dict[str, dict[str, Any]] = {}
        self.status = "DEPLOYED"
        self.dies_after = ""
        self._made = 0

    def client(self, service: str) -> "Gateway":
        assert service == "apigatewayv2"
        return self

    def create_deployment(self, **_: str) -> dict[str, Any]:
        self._made += 1
        self.deployments.append(f"d{self._made}")
        self._die("create_deployment")
        return {"DeploymentId": f"d{self._made}", "DeploymentStatus": self.status}

    def create_stage(self, **stage: Any) -> None:
        assert stage["StageName"] not in self.stages
        self._set(stage)
        self._die("create_stage")

    def update_stage(self, **stage: Any) -> None:
        assert stage["StageName"] in self.stages
        self._set(stage)
        self._die("update_stage")

    def delete_deployment(self, **of: str) -> None:
        assert of["DeploymentId"] not in {stage["DeploymentId"] for stage in self.stages.values()}
        self.deployments.remove(of["DeploymentId"])
        self._die("delete_deployment")

    def get_stages(self, **_: str) -> dict[str, Any]:
        return {"Items": list(self.stages.values())}

    def get_routes(self, **_: str) -> dict[str, Any]:
        return {"Items": [{"RouteKey": key} for key in self.routes]}

    def get_deployments(self, **_: str) -> dict[str, Any]:
        return {"Items": [{"DeploymentId": each} for each in self.deployments]}

    def _set(self, stage: dict[str, Any]) -> None:
        assert stage["DeploymentId"] in self.deployments
        self.stages[stage["StageName"]] = stage

    def _die(self, call: str) -> None:
        if call == self.dies_after:
            raise DiedError

    def deploy(self) -> None:
        sockets.deploy(self, DEPLOYMENT, "api1")

    @property
    def problem(self) -> str:
        return sockets.problem(self, DEPLOYMENT, "api1")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def test_every_deploy_of_the_code_deploys_the_routes_and_keeps_one_deployment(gateway: Gateway) -> None:
    assert "no stage" in gateway.problem
    for count in (1, 2, 3):
        gateway.deploy()
        assert gateway.stages["prod"]["DeploymentId"] == f"d{count}"
        assert gateway.deployments == [f"d{count}"]
        assert gateway.problem == ""


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("call", ["create_deployment", "create_stage", "update_stage", "delete_deployment"])
def test_a_deploy_that_died_after_any_call_is_completed_by_the_next(
    gateway: Gateway, call: str, *, is_first: bool
) -> None:
    if not is_first:
        gateway.deploy()
    gateway.dies_after = call
    with contextlib.suppress(DiedError):
        gateway.deploy()
    gateway.dies_after = ""
    gateway.deploy()
    assert gateway.deployments == [gateway.stages["prod"]["DeploymentId"]]
    assert gateway.problem == ""


def test_the_stage_limits_requests_and_logs_nothing(gateway: Gateway) -> None:
    gateway.deploy()
    assert gateway.stages["prod"]["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": 500.0,
        "ThrottlingBurstLimit": 500,
        "DataTraceEnabled": False,
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
    }


def test_routes_that_api_gateway_rejects_stop_the_deploy(gateway: Gateway) -> None:
    gateway.status = "FAILED"
    with pytest.raises(DeploymentError, match="rejects the WebSocket API"):
        gateway.deploy()
    assert gateway.stages == {}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"LoggingLevel": "INFO"}, "has wrong values of LoggingLevel"),
        (
            {"ThrottlingRateLimit": 1.0, "DataTraceEnabled": True},
            "wrong values of DataTraceEnabled, ThrottlingRateLimit",
        ),
    ],
)
def test_what_somebody_else_has_changed_is_found(gateway: Gateway, settings: dict[str, Any], words: str) -> None:
    gateway.deploy()
    gateway.stages["prod"]["DefaultRouteSettings"] |= settings
    assert words in gateway.problem


def test_a_missing_route_is_found(gateway: Gateway) -> None:
    gateway.deploy()
    gateway.routes.remove("$connect")
    assert gateway.problem == "has no route $connect"


def test_functions_send_to_the_api_of_their_region_and_partition() -> None:
    wanted = "https://api1.execute-api.cn-north-1.amazonaws.com.cn/prod"
    assert sockets.connections("api1", ACCOUNT, "prod") == wanted
