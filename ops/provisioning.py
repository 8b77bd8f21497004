"""Creates the tables that `fstream_app.tables` describes."""

from typing import Any

from botocore.client import BaseClient

from fstream_app import tables
from fstream_app.core import database

_ACTIVE_POLL = 1
"""Seconds between two checks of a table that is being created; AWS takes about ten seconds to create it."""
_ACTIVE_POLLS = 120


def provision() -> None:
    """Create missing tables with their indexes, streams and TTL, and wait until all are active.

    Idempotent: if nothing is missing, it only reads.

    Raises:
        botocore.exceptions.ClientError: AWS refused a call.
        botocore.exceptions.WaiterError: a table did not become active within two minutes.
    """
    client = _client()
    for model in tables.ALL:
        _request_table(client, model)
    for model in tables.ALL:
        client.get_waiter("table_exists").wait(
            TableName=model.table_name(), WaiterConfig={"Delay": _ACTIVE_POLL, "MaxAttempts": _ACTIVE_POLLS}
        )
    # After the wait, because AWS refuses to set the TTL of a table that is still being created.
    for model in tables.ALL:
        _switch_ttl_on(client, model)


def definition(model: type[tables.Table]) -> dict[str, Any]:
    """Return a table's definition as parameters of DynamoDB's CreateTable."""
    schema = model._get_schema()  # noqa: SLF001  # PynamoDB has no public way to get a model's schema
    parameters: dict[str, Any] = {
        "TableName": model.table_name(),
        "BillingMode": model.Meta.billing_mode,
        "AttributeDefinitions": schema["attribute_definitions"],
        "KeySchema": schema["key_schema"],
    }
    if schema["global_secondary_indexes"]:
        parameters["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index["index_name"],
                "KeySchema": index["key_schema"],
                "Projection": index["projection"],
            }
            for index in schema["global_secondary_indexes"]
        ]
    view_type = getattr(model.Meta, "stream_view_type", None)
    if view_type:
        parameters["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view_type}
    return parameters


def ttl_attribute(model: type[tables.Table]) -> str | None:
    """Return the name of the attribute that holds an item's expiry; None if the table's items do not expire."""
    for attribute in model.get_attributes().values():
        if isinstance(attribute, tables.Expiry):
            return attribute.attr_name
    return None


def stream_arn(model: type[tables.Table]) -> str:
    """Return the ARN of a table's stream.

    Raises:
        LookupError: the table has no stream.
        botocore.exceptions.ClientError: the table does not exist.
    """
    description = _client().describe_table(TableName=model.table_name())["Table"]
    if "LatestStreamArn" not in description:
        raise LookupError(f"the table {model.table_name()} has no stream")
    return str(description["LatestStreamArn"])


def _client() -> BaseClient:
    return database.connection().client


def _request_table(client: BaseClient, model: type[tables.Table]) -> None:
    try:
        client.describe_table(TableName=model.table_name())
    except client.exceptions.ResourceNotFoundException:
        try:
            client.create_table(**definition(model))
        except client.exceptions.ResourceInUseException:
            return  # another process has just created it


def _switch_ttl_on(client: BaseClient, model: type[tables.Table]) -> None:
    attribute = ttl_attribute(model)
    if attribute is None:
        return
    description = client.describe_time_to_live(TableName=model.table_name())["TimeToLiveDescription"]
    # Checked first, because AWS returns an error if TTL is already on.
    if description["TimeToLiveStatus"] not in {"ENABLED", "ENABLING"}:
        client.update_time_to_live(
            TableName=model.table_name(), TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
        )
