"""API Gateway's @connections: sends frames to open WebSockets, and closes them.

Nothing here raises an exception: a frame is sent or is lost, and the caller learns which.
"""

import logging
from enum import Enum, auto

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from fstream_app.core import deadline, retry, settings, transport
from fstream_app.core.warm import remembered

logger = logging.getLogger(__name__)

MOST_BYTES = 131_072
"""Limit of a frame."""
_CONNECT_SECONDS, _READ_SECONDS = 1, 3
_POOL = 32
_CLOSE_ATTEMPTS = 3
_OUT_OF_REACH = "GoneException"
_BUSY = frozenset({"LimitExceededException", "ThrottlingException", "TooManyRequestsException"})


class Outcome(Enum):
    """What has become of a frame, or of an order to close."""

    DONE = auto()
    GONE = auto()
    """There is no such connection (any more)."""
    BUSY = auto()
    """API Gateway's limit is exhausted, or the client does not read fast enough."""
    FAILED = auto()


@remembered
def client() -> BaseClient:
    """Return the client, which all threads share.

    It never repeats a call by itself: a frame whose response was lost may have been sent, and would be sent twice.
    """
    return transport.client(
        "apigatewaymanagementapi",
        connect=_CONNECT_SECONDS,
        read=_READ_SECONDS,
        connections=_POOL,
        endpoint_url=settings.get().connections,
    )


def post(connection_id: str, frame: bytes) -> Outcome:
    """Send a text frame (UTF-8) to a connection: PostToConnection, $1 per million frames of up to 32 KB."""
    return _call("post_to_connection", ConnectionId=connection_id, Data=frame)


def close(connection_id: str) -> Outcome:
    """Close a connection: DeleteConnection, repeated if it fails."""
    outcome = Outcome.FAILED
    for _ in retry.attempts(_CLOSE_ATTEMPTS):
        outcome = _call("delete_connection", ConnectionId=connection_id)
        if outcome in {Outcome.DONE, Outcome.GONE}:
            break
    return outcome


def _call(operation: str, **parameters: str | bytes) -> Outcome:
    if not settings.get().connections:
        return Outcome.GONE
    try:
        deadline.check()
        getattr(client(), operation)(**parameters)
    except (BotoCoreError, ClientError) as error:
        return _outcome(operation, error)
    return Outcome.DONE


def _outcome(operation: str, error: BotoCoreError | ClientError) -> Outcome:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code == _OUT_OF_REACH:
        return Outcome.GONE
    if code in _BUSY:
        return Outcome.BUSY
    logger.warning("%s failed: %s %s", operation, type(error).__name__, code)
    return Outcome.FAILED
