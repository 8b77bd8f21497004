"""The data stack: a template for CloudFormation of all tables, made from the models, and of the dead letters.

The template is the same for every stage; the stage is a parameter of it.
"""

from typing import Any

from fstream_app import tables
from ops import provisioning
from ops.deployment import functions

Template = dict[str, Any]
PREFIX = "${App}-${Stage}"
"""How the names of all that belongs to a stage begin, for `Fn::Sub`."""

KEPT = (tables.UserItem, tables.EdgeItem)
"""What cannot be had again: these survive the stack, can be restored to any second of the last 35 days, and are not
deleted by mistake. What is ephemeral is none of this: no backup may hold the text of a message that is gone.
"""
STREAMS = {tables.MessageItem: "MessagesStream", tables.EdgeItem: "RelationshipsStream"}
"""The outputs that tell the streams' ARNs."""
DEAD_LETTERS = "DeadLettersArn"
"""The output that tells the ARN of the queue."""
_TWO_WEEKS = 14 * 86_400


def template() -> Template:
    """Return the template."""
    resources = {logical_name(model): _table(model) for model in tables.ALL}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: what is kept, and what is kept for a while",
        "Parameters": {
            "App": {"Type": "String", "Description": "First part of every table's name"},
            "Stage": {"Type": "String", "Description": "Second part of every table's name"},
            "LogDays": {"Type": "Number", "Description": "For how many days the functions' logs are kept"},
        },
        "Resources": resources | {"DeadLetters": _dead_letters()} | _log_groups(),
        "Outputs": {
            DEAD_LETTERS: {"Value": {"Fn::GetAtt": ["DeadLetters", "Arn"]}},
            **{
                output: {"Value": {"Fn::GetAtt": [logical_name(model), "StreamArn"]}}
                for model, output in STREAMS.items()
            },
        },
    }


def short_name(model: type[tables.Table]) -> str:
    """Return a table's name without app and stage."""
    return str(model.Meta.table_name).rpartition("-")[2]


def logical_name(model: type[tables.Table]) -> str:
    """Return a table's name within the template."""
    return f"{short_name(model).capitalize()}Table"


def named(name: str) -> dict[str, str]:
    """Return a physical name: `<app>-<stage>-<name>`."""
    return {"Fn::Sub": f"{PREFIX}-{name}"}


def _table(model: type[tables.Table]) -> Template:
    kept = model in KEPT
    definition = provisioning.definition(model)
    properties = definition | {
        "TableName": named(short_name(model)),
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


def _dead_letters() -> Template:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": named("dead-letters"),
            "MessageRetentionPeriod": _TWO_WEEKS,
            "SqsManagedSseEnabled": True,
        },
    }


def _log_groups() -> dict[str, Template]:
    # Not left to Chalice, which gives the API's group a name that is not the function's.
    return {
        f"{name.title().replace('_', '')}Log": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/{functions.function_name(PREFIX, name)}"},
                "RetentionInDays": {"Ref": "LogDays"},
            },
        }
        for name in functions.ALL
    }
