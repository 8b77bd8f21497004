"""Selects the stage whose tables this process uses."""

import os
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from fstream_app.core import settings, warm
from ops.deployment import configuration
from ops.deployment.configuration import Deployment


def enter(root: Path, stage: str) -> Deployment:
    """Give this process the settings of a stage, clear what it remembers, and return the stage's configuration.

    Raises:
        DeploymentError: the stage does not exist, or the configuration cannot be read.
        SettingsError: one of the stage's settings is invalid.
    """
    deployment = configuration.load(root, stage)
    for name in [name for name in os.environ if name.startswith("FSTREAM_")]:
        del os.environ[name]
    os.environ |= deployment.settings | {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}
    warm.clear()
    settings.get()
    return deployment


def reach_sockets(session: boto3.Session, deployment: Deployment) -> str:
    """Let this process close the stage's open WebSockets, if the stage has any.

    Returns:
        Why it cannot, as a sentence; empty if it can, or if the stage has no WebSocket API.
    """
    try:
        pages = session.client("apigatewayv2").get_paginator("get_apis").paginate()
        found = [api for page in pages for api in page["Items"] if api["Name"] == f"{deployment.prefix}-websocket-api"]
    except (BotoCoreError, ClientError) as error:
        return f"WebSockets are not closed, because the WebSocket API cannot be found: {error}"
    for api in found:
        address = str(api["ApiEndpoint"]).replace("wss://", "https://")
        os.environ["FSTREAM_CONNECTIONS"] = f"{address}/{deployment.stage}"
        warm.clear()
    return ""
