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

from ops import event_sources
from ops.deployment import functions, sockets
from ops.deployment.configuration import Deployment
from ops.deployment.mappings import Mappings
from ops.deployment.places import Account, State

Resource = dict[str, str]
WEBSOCKET_API = "websocket_api"
"""Type of the WebSocket API. The data stack makes it; Chalice only finds it, as if Chalice had made it."""


def write(folder: Path, resources: list[Resource], stage: str) -> None:
    """Write Chalice's file of deployed resources."""
    deployed = folder / ".chalice" / "deployed" / f"{stage}.json"
    deployed.parent.mkdir(exist_ok=True)
    deployed.write_text(json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}, indent=2))


def find(session: boto3.Session, deployment: Deployment, account: Account, state: State) -> list[Resource]:
    """Return the existing resources in the form of Chalice's file, in the order in which Chalice creates them.

    Functions that only another version has are included, so that Chalice deletes them. Deletes event source mappings
    that Chalice would not know: those of former functions and streams, and duplicates left by an interrupted deploy.
    """
    client = session.client("lambda")
    mappings = Mappings(client)
    sources = _sources(account, deployment, state)
    found = _functions(client, deployment)
    resources: list[Resource] = [
        {"name": name, "resource_type": "lambda_function", "lambda_arn": arn} for name, arn in found.items()
    ]
    for name in found:
        function_name = functions.function_name(deployment.prefix, name)
        resources += _event_source(mappings, function_name, name, sources.get(name))
    return [
        *resources,
        *_rest_api(session, deployment, account),
        *_websocket_api(deployment, account, state),
    ]


def _functions(client: Any, deployment: Deployment) -> dict[str, str]:  # noqa: ANN401
    """Return the ARNs of a stage's functions by Chalice's names: those of this version first, then former ones."""
    prefix = deployment.prefix
    arns = {
        function["FunctionName"]: str(function["FunctionArn"])
        for page in client.get_paginator("list_functions").paginate()
        for function in page["Functions"]
    }
    former = [
        name.removeprefix(f"{prefix}-")
        for name, arn in sorted(arns.items())
        if name.startswith(f"{prefix}-") and _is_of_chalice(client, arn, deployment)
    ]
    names = {name: functions.function_name(prefix, name) for name in [*functions.ALL, *former]}
    return {name: arns[function] for name, function in names.items() if function in arns}


def _is_of_chalice(client: Any, arn: str, deployment: Deployment) -> bool:  # noqa: ANN401
    """Return whether Chalice has made a function for this stage, by the tag that it gives to functions."""
    tag = str(client.list_tags(Resource=arn)["Tags"].get("aws-chalice", ""))
    return tag.endswith(f":stage={deployment.stage}:app={deployment.app}")


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


def _sources(account: Account, deployment: Deployment, state: State) -> dict[str, str]:
    """Return the ARNs of the streams and the queue that functions read, by function."""
    found = {
        source.function: state.streams[source.table.base_name()]
        for source in event_sources.ALL
        if source.table.base_name() in state.streams
    }
    if state.live_queue:
        place = f"arn:{account.partition}:sqs:{account.region}:{account.id}"
        found[functions.LIVE] = f"{place}:{deployment.prefix}-{event_sources.LIVE.queue}"
    return found


def _event_source(mappings: Mappings, function_name: str, name: str, source: str | None) -> Iterator[Resource]:
    kept = None
    for mapping in mappings.of(function_name):
        if kept is None and mapping["EventSourceArn"] == source:
            kept = mapping
        else:
            mappings.delete(mapping["UUID"])
    if kept is None or source is None:
        return
    found = {"event_uuid": kept["UUID"], "lambda_arn": kept["FunctionArn"]}
    if name == functions.LIVE:
        queue = {"queue": source.rpartition(":")[2], "queue_arn": source}
        yield {"name": f"{name}-sqs-event-source", "resource_type": "sqs_event", **queue, **found}
    else:
        yield {
            "name": f"{name}-dynamodb-event-source",
            "resource_type": "dynamodb_event",
            "stream_arn": source,
            **found,
        }


def _rest_api(session: boto3.Session, deployment: Deployment, account: Account) -> Iterator[Resource]:
    api_id = rest_api_id(session, deployment)
    if api_id is not None:
        yield {
            "name": "rest_api",
            "resource_type": "rest_api",
            "rest_api_id": api_id,
            "rest_api_url": f"https://{api_id}.execute-api.{account.region}.amazonaws.com/{deployment.stage}/",
        }


def _websocket_api(deployment: Deployment, account: Account, state: State) -> Iterator[Resource]:
    if state.sockets:
        yield {
            "name": "websocket_api",
            "resource_type": WEBSOCKET_API,
            "websocket_api_id": state.sockets,
            "websocket_api_url": f"wss://{sockets.host(state.sockets, account)}/{deployment.stage}/",
        }
