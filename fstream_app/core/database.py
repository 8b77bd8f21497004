"""The shared connection to DynamoDB: botocore's and PynamoDB's defaults, with the overrides below."""

from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import ConnectionError as NotConnected
from botocore.exceptions import HTTPClientError
from pynamodb.connection import Connection

from fstream_app.core import deadline, metrics, retry, settings, transport
from fstream_app.core.metrics import Metric
from fstream_app.core.parsing import ParserFactory
from fstream_app.core.warm import remembered

_CONFLICT = "TransactionConflictException"
_BUSY = ("ProvisionedThroughputExceeded", "RequestLimitExceeded", "Throttling", "TransactionConflict")
"""Beginnings of the error codes of calls that DynamoDB refuses because an item, partition, table or index is busy."""
_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"})
_CONNECTIONS = 32
_RETRIES = 2

Response = tuple[object, Mapping[str, Mapping[str, object]]] | None
"""A call's outcome in botocore's events: the HTTP response and the parsed body; None if there was no response."""


class CountingConnection(Connection):
    """PynamoDB's connection, which also records in the metrics the capacity that each call consumed."""

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Call DynamoDB. PynamoDB requests the consumed capacity with every call.

        Raises:
            OutOfTime: the request's deadline has passed, so nothing was sent.
        """
        answer: dict[str, Any] = {}
        deadline.check()
        try:
            answer = super().dispatch(operation_name, operation_kwargs)
        finally:
            metrics.charge(operation_name, answer.get("ConsumedCapacity"))
        return answer


@remembered
def connection() -> Connection:
    """Return the connection that all tables share: one client, one pool, one TLS handshake per cold start.

    Every attempt of a call is bounded by the settings' timeout, and by the request's deadline. Repeating an attempt
    whose response was lost is safe: see docs/operations.md.
    """
    timeout = settings.get().database_timeout
    made = CountingConnection(
        connect_timeout_seconds=timeout / 2,
        read_timeout_seconds=timeout,
        max_retry_attempts=_RETRIES,
        max_pool_connections=_CONNECTIONS,
    )
    made.session.register_component("response_parser_factory", ParserFactory())
    # botocore rebuilds its default user agent for every call, which takes a tenth of its CPU time.
    made.session.set_default_client_config(Config(user_agent="FSTREAM"))
    # This creates the client. It must happen once, here: botocore's sessions are not thread-safe.
    client = made.client
    transport.bound(client)
    # It looks up the endpoint for every call, which takes another tenth. A table's calls all go to the same one.
    client._ruleset_resolver = None  # noqa: SLF001
    client.meta.events.register_first("needs-retry.dynamodb", _check_pause)
    client.meta.events.register("needs-retry.dynamodb", _pause_after_conflict)
    client.meta.events.register("needs-retry.dynamodb", _count_refusal)
    return made


def _check_pause(response: Response, attempts: int, caught_exception: Exception | None, **_: object) -> None:
    """Give up instead of letting botocore pause beyond the deadline, before it decides about a retry.

    It retries calls without a response, failed and throttled ones, and pauses for up to 1, then 2 seconds.

    Raises:
        OutOfTime: less time is left than the longest pause.
    """
    is_lost = isinstance(caught_exception, HTTPClientError | NotConnected)
    is_failed = response is not None and getattr(response[0], "status_code", 0) >= 500
    if attempts <= _RETRIES and (is_lost or is_failed or _code(response) in _THROTTLED):
        deadline.check(2 ** (attempts - 1))


def _pause_after_conflict(response: Response, attempts: int, **_: object) -> float | None:
    """Return the seconds to wait before retrying a write that conflicted with a transaction, or None for no retry.

    It is the only transient error that botocore does not retry.
    """
    if _code(response) != _CONFLICT or attempts >= retry.ATTEMPTS:
        return None
    pause = retry.pause(attempts + 1)
    return pause if pause < deadline.left() else None


def _count_refusal(response: tuple[object, Mapping[str, Any]] | None, **_: object) -> None:
    """Count an attempt that DynamoDB refused, in whole or in part, because an item, partition or index was busy."""
    answer: Mapping[str, Any] = response[1] if response else {}
    codes = [answer.get("Error", {}).get("Code"), *(each.get("Code") for each in answer.get("CancellationReasons", ()))]
    is_left = answer.get("UnprocessedItems") or answer.get("UnprocessedKeys")
    if is_left or any(str(code).startswith(_BUSY) for code in codes):
        metrics.count(Metric.THROTTLES)


def _code(response: Response) -> object:
    return response[1].get("Error", {}).get("Code") if response else None
