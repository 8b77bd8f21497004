"""A request is one packet, whatever has happened to the connection before."""

import pytest
from botocore.httpsession import URLLib3Session
from urllib3.connection import HTTPConnection

from fstream_app.core import transport


class Wire:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)

    def settimeout(self, seconds: float | None) -> None:
        pass


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(params=[transport._Http, transport._Https])
def connection(request: pytest.FixtureRequest, wire: Wire) -> HTTPConnection:
    made: HTTPConnection = request.param("service.test", 1)
    made.sock = wire
    return made


def test_headers_and_body_are_sent_together(connection: HTTPConnection, wire: Wire) -> None:
    connection.request("POST", "/path", body=b"body", headers={"X": "a"})
    (request,) = wire.sent
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /path HTTP/1.1\r\n")
    assert b"\r\nX: a" in head
    assert body == b"body"


def test_what_follows_a_request_that_failed_is_sent(connection: HTTPConnection, wire: Wire) -> None:
    with pytest.raises(ValueError, match="Invalid header"):
        connection.request("POST", "/path", body=b"body", headers={"X": "a\nb"})
    connection.send(b"CONNECT")  # as to a proxy, before the next request
    assert wire.sent == [b"CONNECT"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_requests_through_a_proxy_use_the_same_connections(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    url, proxy = f"{scheme}://service.test/path", "http://proxy.test:3128"
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    session = transport.http(url, connect=1, read=1, connections=1)
    assert isinstance(session, URLLib3Session)
    assert session._proxy_config.proxy_url_for(url) == proxy
    pool = session._get_connection_manager(url, proxy).connection_from_url(url)
    assert type(pool) is transport.POOLS[scheme]
