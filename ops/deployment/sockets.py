"""Completes the WebSocket API: deploys its routes, limits its requests, and knows its addresses.

The data stack makes the API, and each run of Chalice makes its routes, after deleting those of the run before. Chalice
deploys them only where it has made the API itself, once: a later change would never reach anybody, and a first deploy
that stopped before its stage would never get one. So every deploy of the code ends here.
"""

from typing import Any

import boto3

from ops.deployment.configuration import Deployment
from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account

ROUTES = {"$connect", "$default", "$disconnect"}
"""The routes that Chalice makes."""


def host(api_id: str, account: Account) -> str:
    """Return the API's own host."""
    suffix = "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com"
    return f"{api_id}.execute-api.{account.region}.{suffix}"


def connections(api_id: str, account: Account, stage: str) -> str:
    """Return the address at which functions send to open connections and close them (FSTREAM_CONNECTIONS)."""
    return f"https://{host(api_id, account)}/{stage}"


def settings(throttle: str) -> dict[str, Any]:
    """Return the settings of all routes, in the form of UpdateStage.

    API Gateway logs nothing: its execution logs would have what clients send, tokens included.

    Args:
        throttle: connects and frames per second that are accepted, on average, and at once.
    """
    return {
        "DataTraceEnabled": False,
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
        "ThrottlingBurstLimit": int(throttle),
        "ThrottlingRateLimit": float(throttle),
    }


def deploy(session: boto3.Session, deployment: Deployment, api_id: str) -> None:
    """Deploy the routes to the stage, which is created if it is missing, and delete former deployments. Idempotent.

    Open connections stay open.

    Raises:
        DeploymentError: API Gateway rejects the routes.
    """
    client = session.client("apigatewayv2")
    made = client.create_deployment(ApiId=api_id)
    if made["DeploymentStatus"] == "FAILED":
        raise DeploymentError(f"API Gateway rejects the WebSocket API: {made.get('DeploymentStatusMessage', '')}")
    wanted = {
        "ApiId": api_id,
        "StageName": deployment.stage,
        "DeploymentId": made["DeploymentId"],
        "DefaultRouteSettings": settings(deployment.throttle),
    }
    stages = [stage["StageName"] for stage in client.get_stages(ApiId=api_id)["Items"]]
    (client.update_stage if deployment.stage in stages else client.create_stage)(**wanted)
    for former in client.get_deployments(ApiId=api_id)["Items"]:
        if former["DeploymentId"] != made["DeploymentId"]:
            client.delete_deployment(ApiId=api_id, DeploymentId=former["DeploymentId"])


def problem(client: Any, deployment: Deployment, api_id: str) -> str:  # noqa: ANN401
    """Return what is wrong with the deployed API, or an empty string.

    Args:
        client: a client of API Gateway (version 2).
        deployment: the stage.
        api_id: the API's id.

    Raises:
        ClientError: with the code NotFoundException if there is no such API.
    """
    missing = ROUTES - {route["RouteKey"] for route in client.get_routes(ApiId=api_id)["Items"]}
    if missing:
        return f"has no route {', '.join(sorted(missing))}"
    stages = {stage["StageName"]: stage for stage in client.get_stages(ApiId=api_id)["Items"]}
    stage = stages.get(deployment.stage)
    if stage is None or not stage.get("DeploymentId"):
        return "has no stage, so nobody can connect"
    wanted = settings(deployment.throttle)
    other = sorted(name for name, value in wanted.items() if stage["DefaultRouteSettings"].get(name) != value)
    return f"has wrong values of {', '.join(other)}" if other else ""
