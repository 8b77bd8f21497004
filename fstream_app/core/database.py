"""The one connection to DynamoDB: what botocore and PynamoDB do by default, but for what is told here."""

import threading
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from pynamodb.connection import Connection

from fstream_app.core import metrics, retry
from fstream_app.core.parsing import ParserFactory

_CONFLICT = "TransactionConflictException"
_CONNECTIONS = 32
_connection: Connection | None = None
_lock = threading.Lock()


class CountingConnection(Connection):
    """PynamoDB's, but that it counts what its calls take: it asks DynamoDB to tell that in any case."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Make a call."""
        answer: dict[str, Any] = {}
        try:
            answer = super().dispatch(operation_name, operation_kwargs)
        finally:
            metrics.charge(operation_name, answer.get("ConsumedCapacity"))
        return answer


def connection() -> Connection:
    """Return the one connection that all tables share: one client, one pool, one TLS handshake when cold."""
    global _connection  # noqa: PLW0603
    with _lock:
        if _connection is None:
            made = CountingConnection(
                connect_timeout_seconds=2,
                read_timeout_seconds=5,
                max_retry_attempts=4,
                max_pool_connections=_CONNECTIONS,
            )
            made.session.register_component("response_parser_factory", ParserFactory())
            # botocore's own user agent is built anew for every call, which takes a tenth of its CPU.
            made.session.set_default_client_config(Config(user_agent="FSTREAM"))
            # The client is made here, once: botocore's sessions are not thread-safe.
            made.client.meta.events.register("needs-retry.dynamodb", _pause_after_conflict)
            _connection = made
        return _connection


def _pause_after_conflict(response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: object) -> float | None:
    """Try a single write again that met a transaction: of all that passes, botocore leaves out this alone."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return retry.pause(attempts + 1) if code == _CONFLICT and attempts < retry.ATTEMPTS else None
