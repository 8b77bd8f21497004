"""Narrows the functions' policies to one stage in one account.

The policies in `.chalice/` name the tables, queues, connections and logs that each function needs, in any stage,
account and region, so that a plain `chalice deploy` can use them unchanged.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from ops.deployment.configuration import Deployment
from ops.deployment.places import Account, State

_ANY_PLACE = "arn:aws:{service}:*:*:"
_SERVICES = ("dynamodb", "execute-api", "logs", "sqs")
_ANY_STAGE = "fstream-*"
_TRACE = "Trace"
"""Id of the X-Ray statement, which only a traced stage needs."""
_CONNECTIONS = ":*/*/"
"""Part of the ARNs of connections: any WebSocket API and any stage of it."""


def narrowed(policy: str, deployment: Deployment, account: Account, state: State) -> dict[str, Any]:
    """Return a policy, read from JSON, whose resources are limited to those of a stage."""
    document: dict[str, Any] = json.loads(policy)
    is_traced = deployment.chalice["stages"][deployment.stage].get("xray", False)
    document["Statement"] = [
        each
        for each in document["Statement"]
        if (is_traced or each["Sid"] != _TRACE) and (state.sockets or not _is_about_connections(each))
    ]
    for statement in document["Statement"]:
        resources = [_placed(resource, deployment, account) for resource in statement["Resource"]]
        if _is_about_connections(statement):
            place = f":{state.sockets}/{deployment.stage}/"
            resources = [resource.replace(_CONNECTIONS, place) for resource in resources]
        if "dynamodb:GetRecords" in statement["Action"]:
            resources = [_stream(resource, state) for resource in resources]
        statement["Resource"] = resources
    return document


def _is_about_connections(statement: dict[str, Any]) -> bool:
    return "execute-api:ManageConnections" in statement["Action"]


def _placed(resource: str, deployment: Deployment, account: Account) -> str:
    for service in _SERVICES:
        here = f"arn:{account.partition}:{service}:{account.region}:{account.id}:"
        resource = resource.replace(_ANY_PLACE.format(service=service), here)
    return resource.replace(_ANY_STAGE, deployment.prefix)


def _stream(pattern: str, state: State) -> str:
    """Return the ARN of the stream that matches a pattern, or the pattern if none does.

    An ARN ends with the time at which the stream was created, so it is not known in advance.
    """
    return next((stream for stream in state.streams.values() if fnmatchcase(stream, pattern)), pattern)
