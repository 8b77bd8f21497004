"""Finds what Chalice has deployed, by asking AWS instead of trusting a local file.

Chalice records the resources that it has created in a local file, once a deploy is complete. After an interrupted
deploy, or from another machine, it would create a second API and fail at existing event source mappings. All of the
resources can be found by their names, so this module rewrites the file before every deploy.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from fstream_app import tables
from ops import event_sources
from ops.deployment import functions
from ops.deployment.configuration import Deployment
from ops.deployment.places import Account, State

Resource = dict[str, str]


def write(folder: Path, resources: list[Resource], stage: str) -> None:
    """Write Chalice's file of deployed resources."""
    deployed = folder / ".chalice" / "deployed" / f"{stage}.json"
    deployed.parent.mkdir(exist_ok=True)
    deployed.write_text(json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}, indent=2))


def find(session: boto3.Session, deployment: Deployment, account: Account, state: State) -> list[Resource]:
    """Return the existing resources in the form of Chalice's file, in the order in which Chalice creates them.

    Deletes event source mappings that Chalice would not know: those of former streams, and duplicates left by an
    interrupted deploy.
    """
    resources: list[Resource] = []
    for name in functions.ALL:
        resources += _role(session, deployment, name)
        resources += _function(session, deployment, name)
    arns: dict[type[tables.Table], str] = {
        tables.MessageItem: state.messages_stream,
        tables.EdgeItem: state.relationships_stream,
        tables.ReactionItem: state.reactions_stream,
    }
    for name, stream in ((source.function, arns[source.table]) for source in event_sources.ALL):
        resources += _event_source(session, functions.function_name(deployment.prefix, name), name, stream)
    return [*resources, *_rest_api(session, deployment, account)]


def rest_api_id(session: boto3.Session, deployment: Deployment) -> str | None:
    """Return the id of the API whose methods call the stage's function; None if there is no such API."""
    client = session.client("apigateway")
    for page in client.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"] == deployment.app and _calls(client, api["id"], deployment.prefix):
                return str(api["id"])
    return None


def _calls(client: Any, api_id: str, function: str) -> bool:  # noqa: ANN401
    resources = client.get_resources(restApiId=api_id, embed=["methods"], limit=500)["items"]
    uris = (
        method.get("methodIntegration", {}).get("uri", "")
        for resource in resources
        for method in resource.get("resourceMethods", {}).values()
    )
    return any(f":function:{function}/" in uri for uri in uris)


def _role(session: boto3.Session, deployment: Deployment, name: str) -> Iterator[Resource]:
    client = session.client("iam")
    role_name = f"{deployment.prefix}-{name}"
    try:
        role = client.get_role(RoleName=role_name)["Role"]
    except client.exceptions.NoSuchEntityException:
        return
    yield {"name": f"{name}_role", "resource_type": "iam_role", "role_name": role_name, "role_arn": role["Arn"]}


def _function(session: boto3.Session, deployment: Deployment, name: str) -> Iterator[Resource]:
    client = session.client("lambda")
    function_name = functions.function_name(deployment.prefix, name)
    try:
        found = client.get_function(FunctionName=function_name)["Configuration"]
    except client.exceptions.ResourceNotFoundException:
        return
    yield {"name": name, "resource_type": "lambda_function", "lambda_arn": found["FunctionArn"]}


def _event_source(session: boto3.Session, function_name: str, name: str, stream: str) -> Iterator[Resource]:
    client = session.client("lambda")
    kept = None
    for mapping in mappings(client, function_name):
        if kept is None and mapping["EventSourceArn"] == stream and mapping["State"] != "Deleting":
            kept = mapping
        elif mapping["State"] != "Deleting":
            client.delete_event_source_mapping(UUID=mapping["UUID"])
    if kept is not None:
        yield {
            "name": f"{name}-dynamodb-event-source",
            "resource_type": "dynamodb_event",
            "stream_arn": stream,
            "event_uuid": kept["UUID"],
            "lambda_arn": kept["FunctionArn"],
        }


def mappings(client: Any, function_name: str) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the event source mappings of a function; none if the function does not exist."""
    pages = client.get_paginator("list_event_source_mappings").paginate(FunctionName=function_name)
    try:
        return [mapping for page in pages for mapping in page["EventSourceMappings"]]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []
        raise


def _rest_api(session: boto3.Session, deployment: Deployment, account: Account) -> Iterator[Resource]:
    api_id = rest_api_id(session, deployment)
    if api_id is not None:
        yield {
            "name": "rest_api",
            "resource_type": "rest_api",
            "rest_api_id": api_id,
            "rest_api_url": f"https://{api_id}.execute-api.{account.region}.amazonaws.com/{deployment.stage}/",
        }
