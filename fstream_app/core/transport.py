"""Bounds on the time that one HTTP exchange with an AWS service takes.

botocore's read timeout applies to each `recv`: a server that sends a byte now and then holds a call forever. Here it
applies to the whole response, and no exchange outlasts the request's deadline.
"""

import io
from collections.abc import Mapping
from http.client import HTTPResponse
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from typing import Protocol

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.client import BaseClient
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.utils import get_environ_proxies
from urllib3.connection import HTTPConnection

from fstream_app.core import clock, deadline

_SHORTEST = 0.001
"""Seconds. A socket whose timeout is 0 does not wait at all, and raises another error."""


class _Bounded(io.RawIOBase):
    """A socket's bytes, which must all be read within a time (ms)."""

    def __init__(self, raw: io.RawIOBase, connection: socket, milliseconds: float) -> None:
        self._raw = raw
        self._connection = connection
        self._until = clock.monotonic() + milliseconds

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # what BufferedReader passes
        seconds = min((self._until - clock.monotonic()) / 1000, deadline.left())
        if seconds <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(max(seconds, _SHORTEST))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        seconds = sock.gettimeout()  # the read timeout, which urllib3 has just set
        if seconds is not None:
            self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock, 1000 * seconds))


class _Connecting(HTTPConnection):
    """A connection that is established before the deadline, or not at all.

    A request's headers and body are sent together. urllib3 sends two packets, each of which wakes up the service.
    """

    response_class = _Response
    _held: list[bytes] | None = None

    def request(  # type: ignore[override]  # botocore passes no other body
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, **how: bool
    ) -> None:
        self._held = held = list[bytes]()
        try:
            super().request(method, url, body, headers, **how)
        finally:
            self._held = None
        self.send(b"".join(held))

    def send(self, data: bytes) -> None:  # type: ignore[override]  # nor does urllib3 then
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def connect(self) -> None:
        if isinstance(self.timeout, int | float):
            self.timeout = max(min(self.timeout, deadline.left()), _SHORTEST)
        super().connect()


class _Http(_Connecting, AWSHTTPConnection):  # type: ignore[misc]  # botocore has no types
    pass


class _Https(_Connecting, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _HttpPool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Http


class _HttpsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Https


POOLS = {"http": _HttpPool, "https": _HttpsPool}
"""URL scheme → the class of a pool of such connections, for urllib3's PoolManager."""


def client(
    service: str, *, connect: float, read: float, connections: int, endpoint_url: str | None = None
) -> BaseClient:
    """Return a client of a service that uses such connections, and never repeats a call by itself.

    Args:
        service: botocore's name of the service.
        connect: seconds until a connection is open.
        read: seconds until the whole response has arrived.
        connections: limit of open connections.
        endpoint_url: the service's address, if it is not that of the region.
    """
    config = Config(
        connect_timeout=connect,
        read_timeout=read,
        max_pool_connections=connections,
        retries={"total_max_attempts": 1, "mode": "standard"},
        user_agent="FSTREAM",
    )
    made = get_session().create_client(service, endpoint_url=endpoint_url, config=config)
    bound(made)
    return made


def bound(client: BaseClient) -> None:
    """Let a new client use such connections. botocore has no parameter for their classes."""
    _use_pools(client._endpoint.http_session)  # noqa: SLF001


class Http(Protocol):
    """Sends signed requests: botocore's layer below its clients."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request; return the response, whatever its status.

        Raises:
            BotoCoreError: there was no whole response in time.
        """


def http(url: str, *, connect: float, read: float, connections: int) -> Http:
    """Return what sends requests to one service, on such connections, and never repeats one by itself.

    It uses the proxies and certificate authorities that botocore's clients use.

    Args:
        url: the service's address.
        connect: seconds until a connection is open.
        read: seconds until the whole response has arrived.
        connections: limit of open connections.
    """
    made: Http = URLLib3Session(
        verify=get_session().get_config_variable("ca_bundle") or True,
        proxies=get_environ_proxies(url),
        timeout=(connect, read),
        max_pool_connections=connections,
        socket_options=[(IPPROTO_TCP, TCP_NODELAY, 1)],
    )
    _use_pools(made)
    return made


def _use_pools(session: URLLib3Session) -> None:
    session._manager.pool_classes_by_scheme = POOLS  # noqa: SLF001
    session._pool_classes_by_scheme = POOLS  # noqa: SLF001  # of connections through proxies, which are made when needed
