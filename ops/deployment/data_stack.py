"""The data stack: a CloudFormation template with all tables (from the models), the queues and the logs.

It also makes the WebSocket API. Chalice would make it too, but its id must be known before: the roles name it, and the
functions have its address. Chalice adds the routes, `sockets` deploys them.

Names are written out in the template instead of composed of parameters: CloudFormation imports an existing table, left
by an earlier stack, only by a static name.
"""

from fstream_app import tables
from ops import event_sources, provisioning
from ops.deployment import functions
from ops.deployment.naming import Template

KEPT = (tables.UserItem, tables.EdgeItem)
"""The permanent tables. They survive the stack, can be restored to any second of the last 35 days, and are protected
from deletion. Ephemeral tables have none of this: no backup may hold the text of an expired message.
"""
STREAMS = {
    tables.MessageItem: "MessagesStream",
    tables.EdgeItem: "RelationshipsStream",
    tables.ReactionItem: "ReactionsStream",
}
"""Table → name of the output with its stream's ARN."""
DEAD_LETTERS = "DeadLettersArn"
"""Name of the output with the ARN of the dead letters' queue."""
SOCKETS, LIVE_QUEUE = "SocketsApi", "LiveQueueUrl"
"""Names of the outputs with the id of the WebSocket API, and the URL of the queue of live events."""
_TWO_WEEKS = 14 * 86_400


def template(prefix: str, log_days: int, *, streaming: bool = True) -> Template:
    """Return the template of a stage.

    Args:
        prefix: prefix of all names: `<app>-<stage>`.
        log_days: days for which logs are kept.
        streaming: whether the stage has live streaming. Without, the table of sockets and the logs of its functions
            remain, empty and free of charge.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: tables, queues, the WebSocket API and logs",
        "Resources": {
            **{logical_name(model): _table(model, prefix) for model in tables.ALL},
            "DeadLetters": _dead_letters(prefix),
            **(_streaming(prefix) if streaming else {}),
            **{f"{functions.logical_name(name)}Log": _log(prefix, name, log_days) for name in functions.ALL},
        },
        "Outputs": {
            DEAD_LETTERS: {"Value": {"Fn::GetAtt": ["DeadLetters", "Arn"]}},
            **{
                output: {"Value": {"Fn::GetAtt": [logical_name(model), "StreamArn"]}}
                for model, output in STREAMS.items()
            },
            **({SOCKETS: {"Value": {"Ref": _API}}, LIVE_QUEUE: {"Value": {"Ref": _QUEUE}}} if streaming else {}),
        },
    }


def logical_name(model: type[tables.Table]) -> str:
    """Return a table's name within the template."""
    return f"{model.base_name().capitalize()}Table"


def _table(model: type[tables.Table], prefix: str) -> Template:
    kept = model in KEPT
    definition = provisioning.definition(model)
    properties = definition | {
        "TableName": f"{prefix}-{model.base_name()}",
        "KeySchema": sorted(definition["KeySchema"], key=lambda key: str(key["KeyType"])),  # HASH comes first
        "DeletionProtectionEnabled": kept,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": kept},
        # DynamoDB encrypts every table. False selects DynamoDB's own key, which is free; a KMS key would make every
        # function request it again on every connection.
        "SSESpecification": {"SSEEnabled": False},
    }
    if "StreamSpecification" in properties:
        # CloudFormation accepts only the view type, which implies that the stream is enabled.
        view = properties["StreamSpecification"]["StreamViewType"]
        properties["StreamSpecification"] = {"StreamViewType": view}
    attribute = provisioning.ttl_attribute(model)
    if attribute:
        properties["TimeToLiveSpecification"] = {"AttributeName": attribute, "Enabled": True}
    policy = "Retain" if kept else "Delete"
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": properties,
    }


def _dead_letters(prefix: str) -> Template:
    return _queue(prefix, "dead-letters", {"MessageRetentionPeriod": _TWO_WEEKS})


def _streaming(prefix: str) -> dict[str, Template]:
    """Return what live streaming needs.

    The queue has no dead letters: an event that cannot be delivered in time is dropped, since clients poll as well.
    Whatever a client sends goes to the route `$default`. Chalice's own expression would let it choose `$connect`.
    """
    source = event_sources.LIVE
    api = {
        "Name": f"{prefix}-websocket-api",
        "ProtocolType": "WEBSOCKET",
        "RouteSelectionExpression": "\\$default",
    }
    return {
        _API: {
            "Type": "AWS::ApiGatewayV2::Api",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": api,
        },
        _QUEUE: _queue(
            prefix,
            source.queue,
            {"MessageRetentionPeriod": source.retention, "VisibilityTimeout": source.visibility_timeout},
        ),
    }


_API, _QUEUE = "Sockets", "LiveQueue"
"""Names within the template."""


def _queue(prefix: str, name: str, times: dict[str, int]) -> Template:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {"QueueName": f"{prefix}-{name}", **times, "SqsManagedSseEnabled": True},
    }


def _log(prefix: str, function: str, days: int) -> Template:
    # Not left to Chalice, which would give the API's log a name other than the function's.
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": f"/aws/lambda/{functions.function_name(prefix, function)}",
            "RetentionInDays": days,
        },
    }
