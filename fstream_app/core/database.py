"""The shared connection to DynamoDB: botocore's and PynamoDB's defaults, with the overrides below."""

from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from pynamodb.connection import Connection

from fstream_app.core import metrics, retry
from fstream_app.core.metrics import Metric
from fstream_app.core.parsing import ParserFactory
from fstream_app.core.warm import remembered

_CONFLICT = "TransactionConflictException"
_BUSY = ("ProvisionedThroughputExceeded", "RequestLimitExceeded", "Throttling", "TransactionConflict")
"""Beginnings of the error codes of calls that DynamoDB refuses because an item, partition, table or index is busy."""
_CONNECTIONS = 32


class CountingConnection(Connection):
    """PynamoDB's connection, which also records in the metrics the capacity that each call consumed."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Call DynamoDB. PynamoDB requests the consumed capacity with every call."""
        answer: dict[str, Any] = {}
        try:
            answer = super().dispatch(operation_name, operation_kwargs)
        finally:
            metrics.charge(operation_name, answer.get("ConsumedCapacity"))
        return answer


@remembered
def connection() -> Connection:
    """Return the connection that all tables share: one client, one pool, one TLS handshake per cold start."""
    made = CountingConnection(
        connect_timeout_seconds=2,
        read_timeout_seconds=5,
        max_retry_attempts=4,
        max_pool_connections=_CONNECTIONS,
    )
    made.session.register_component("response_parser_factory", ParserFactory())
    # botocore rebuilds its default user agent for every call, which takes a tenth of its CPU time.
    made.session.set_default_client_config(Config(user_agent="FSTREAM"))
    # This creates the client. It must happen once, here: botocore's sessions are not thread-safe.
    made.client.meta.events.register("needs-retry.dynamodb", _pause_after_conflict)
    made.client.meta.events.register("needs-retry.dynamodb", _count_refusal)
    return made


def _pause_after_conflict(
    response: tuple[object, Mapping[str, Mapping[str, object]]] | None, attempts: int, **_: object
) -> float | None:
    """Return the seconds to wait before retrying a write that conflicted with a transaction, or None for no retry.

    It is the only transient error that botocore does not retry.
    """
    code = response[1].get("Error", {}).get("Code") if response else None
    return retry.pause(attempts + 1) if code == _CONFLICT and attempts < retry.ATTEMPTS else None


def _count_refusal(response: tuple[object, Mapping[str, Any]] | None, **_: object) -> None:
    """Count an attempt that DynamoDB refused, in whole or in part, because an item, partition or index was busy."""
    answer: Mapping[str, Any] = response[1] if response else {}
    codes = [answer.get("Error", {}).get("Code"), *(each.get("Code") for each in answer.get("CancellationReasons", ()))]
    is_left = answer.get("UnprocessedItems") or answer.get("UnprocessedKeys")
    if is_left or any(str(code).startswith(_BUSY) for code in codes):
        metrics.count(Metric.THROTTLES)
