"""The shared connection to DynamoDB: botocore's and PynamoDB's defaults, with the overrides below."""

from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from pynamodb.connection import Connection

from fstream_app.core import metrics, retry
from fstream_app.core.parsing import ParserFactory
from fstream_app.core.warm import remembered

_CONFLICT = "TransactionConflictException"
_CONNECTIONS = 32


class CountingConnection(Connection):
    """PynamoDB's connection, which asks DynamoDB for the consumed capacity of every call; this one counts it."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Make a call."""
        answer: dict[str, Any] = {}
        try:
            answer = super().dispatch(operation_name, operation_kwargs)
        finally:
            metrics.charge(operation_name, answer.get("ConsumedCapacity"))
        return answer


@remembered
def connection() -> Connection:
    """Return the connection that all tables share: one client, one pool, one TLS handshake when cold."""
    made = CountingConnection(
        connect_timeout_seconds=2,
        read_timeout_seconds=5,
        max_retry_attempts=4,
        max_pool_connections=_CONNECTIONS,
    )
    made.session.register_component("response_parser_factory", ParserFactory())
    # botocore builds its own user agent for every call, which takes a tenth of its CPU.
    made.session.set_default_client_config(Config(user_agent="FSTREAM"))
    # The client is made here, once: botocore's sessions are not thread-safe.
    made.client.meta.events.register("needs-retry.dynamodb", _pause_after_conflict)
    return made


def _pause_after_conflict(response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: object) -> float | None:
    """Retry a single write that conflicted with a transaction, the one transient error that botocore does not retry."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return retry.pause(attempts + 1) if code == _CONFLICT and attempts < retry.ATTEMPTS else None
