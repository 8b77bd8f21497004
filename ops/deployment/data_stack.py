"""The data stack: a template for CloudFormation of all tables, made from the models, dead letters and logs.

Names are written out in it and not made of parameters: CloudFormation takes a table that is there already, because an
earlier stack has left it, into a new stack only by a static name.
"""

from fstream_app import tables
from ops import provisioning
from ops.deployment import functions
from ops.deployment.naming import Template

KEPT = (tables.UserItem, tables.EdgeItem)
"""What cannot be had again: these survive the stack, can be restored to any second of the last 35 days, and are not
deleted by mistake. What is ephemeral is none of this: no backup may hold the text of a message that is gone.
"""
STREAMS = {tables.MessageItem: "MessagesStream", tables.EdgeItem: "RelationshipsStream"}
"""The outputs that tell the streams' ARNs."""
DEAD_LETTERS = "DeadLettersArn"
"""The output that tells the ARN of the queue."""
_TWO_WEEKS = 14 * 86_400


def template(prefix: str, log_days: int) -> Template:
    """Return the template of a stage: how all names in it begin, and for how many days logs are kept."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: what is kept, and what is kept for a while",
        "Resources": {
            **{logical_name(model): _table(model, prefix) for model in tables.ALL},
            "DeadLetters": _dead_letters(prefix),
            **{f"{name.title().replace('_', '')}Log": _log(prefix, name, log_days) for name in functions.ALL},
        },
        "Outputs": {
            DEAD_LETTERS: {"Value": {"Fn::GetAtt": ["DeadLetters", "Arn"]}},
            **{
                output: {"Value": {"Fn::GetAtt": [logical_name(model), "StreamArn"]}}
                for model, output in STREAMS.items()
            },
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
        # DynamoDB encrypts every table. False is a key of its own, which costs nothing; with one of KMS every function
        # would ask for it again and again, on every connection.
        "SSESpecification": {"SSEEnabled": False},
    }
    if "StreamSpecification" in properties:
        # CloudFormation takes the view alone: to have a view is to have a stream.
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
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": f"{prefix}-dead-letters",
            "MessageRetentionPeriod": _TWO_WEEKS,
            "SqsManagedSseEnabled": True,
        },
    }


def _log(prefix: str, function: str, days: int) -> Template:
    # Not left to Chalice, which gives the API's log a name that is not the function's.
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": f"/aws/lambda/{functions.function_name(prefix, function)}",
            "RetentionInDays": days,
        },
    }
