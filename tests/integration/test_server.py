"""The local server speaks HTTP well enough for real clients."""

import contextlib
import io
import itertools
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from http.client import parse_headers
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from chalice.app import Chalice
from chalice.local import LocalGateway
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import client
from chalicelib.files import Binary
from chalicelib.images import binary_types
from fstream_app.core import clock
from ops import server

BYTES = bytes(range(256))
FORM = "application/x-www-form-urlencoded"


def make_app() -> Chalice:
    app = Chalice("test")
    app.api.binary_types = binary_types(app.api.binary_types)

    @app.route("/words", methods=["GET"])
    def words() -> dict[str, Any]:
        return {"words": ["gone"]}

    @app.route("/picture")
    def picture() -> Binary:
        return Binary(BYTES, {"Content-Type": "image/png"})

    @app.route("/words", methods=["POST"], content_types=[FORM])
    def add() -> dict[str, Any]:
        assert app.current_request
        return {"bytes": len(app.current_request.raw_body)}

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    listening = server.create(make_app(), 0)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield server.HOST, listening.server_port
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def url(address: tuple[str, int]) -> str:
    return "http://{}:{}".format(*address)


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def send(address: tuple[str, int], *lines: str) -> tuple[int, dict[str, Any]]:
    """Send raw lines as a request and read until the server closes; return the status and the JSON body."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_head_is_get_without_the_body(http: requests.Session, url: str) -> None:
    answer = http.head(f"{url}/words")
    following = http.get(f"{url}/words")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == following.headers["Content-Length"]
    assert answer.headers["Content-Type"] == following.headers["Content-Type"]
    assert following.json() == {"words": ["gone"]}


@pytest.mark.parametrize("accept", ["*/*", "image/png", "text/html", None])
def test_a_picture_arrives_byte_for_byte(http: requests.Session, url: str, accept: str | None) -> None:
    http.headers["Accept"] = accept  # type: ignore[assignment]  # None: no header
    answer, alone = http.get(f"{url}/picture"), http.head(f"{url}/picture")
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, BYTES, "image/png")
    assert (alone.status_code, alone.content, alone.headers["Content-Length"]) == (200, b"", str(len(BYTES)))


def test_each_document_of_the_web_client_is_of_its_newest_files(http: requests.Session, url: str) -> None:
    client.shipped.use(client.Shipped("before", {}, [], []))
    http.get(f"{url}/words")
    assert client.shipped().version == "before"
    http.get(url)
    assert len(client.shipped().version) == 16


def test_a_body_may_have_a_megabyte_and_no_more(http: requests.Session, url: str) -> None:
    largest = b"x" * server.MAX_BODY
    headers = {"Content-Type": FORM}
    accepted = http.post(f"{url}/words", data=largest, headers=headers)
    refused = http.post(f"{url}/words", data=largest + b"x", headers=headers)
    assert accepted.json() == {"bytes": server.MAX_BODY}
    assert refused.status_code == 413
    assert refused.json() == {"error": "The body is larger than 1000000 bytes"}


FORM_HEAD = f"POST /words HTTP/1.1\r\nContent-Type: {FORM}\r\n"
SECOND = b"GET /words HTTP/1.1\r\n\r\n"


def exchange(address: tuple[str, int], sent: bytes, *, close: bool = True) -> list[tuple[int, dict[str, Any]]]:
    """Send bytes, then end the connection's sending half; return the status and the JSON body of each response."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(sent)
        if close:
            connection.shutdown(socket.SHUT_WR)
        left = b"".join(iter(lambda: connection.recv(65_536), b""))
    answers = []
    while left:
        head, _, left = left.partition(b"\r\n\r\n")
        length = int(next(iter(re.findall(rb"(?i)\ncontent-length: *([0-9]+)", head)), 0))
        answers.append((int(head.split()[1]), json.loads(left[:length] or "{}")))
        left = left[length:]
    return answers


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Bodies with which the app has run."""
    bodies: list[object] = []
    handle = LocalGateway.handle_request

    def recorded(gateway: LocalGateway, **request: Any) -> Any:
        bodies.append(request["body"])
        return handle(gateway, **request)

    monkeypatch.setattr(LocalGateway, "handle_request", recorded)
    return bodies


@pytest.mark.parametrize("length", ["-1", "+1", "many", "1_0", "", "²", "1, 1", "0x1", "1\r\n 1", "9" * 5000])
def test_a_content_length_must_be_a_sane_number(address: tuple[str, int], ran: list[object], length: str) -> None:
    sent = f"POST /words HTTP/1.1\r\nContent-Length: {length}\r\n\r\nx".encode()
    ((status, body),) = exchange(address, sent)
    assert status in {400, 413}
    assert "error" in body
    assert not ran


@settings(max_examples=40)
@given(st.integers(0, 41), st.booleans())
def test_nothing_runs_on_a_body_that_breaks_off(address: tuple[str, int], cut: int, expects: bool) -> None:
    form = b"status=secret&visibility=direct&sensitive=1"
    head = FORM_HEAD + ("Expect: 100-continue\r\n" if expects else "") + f"Content-Length: {len(form)}\r\n\r\n"
    with pytest.MonkeyPatch.context() as patch:
        ran: list[object] = []
        patch.setattr(LocalGateway, "handle_request", lambda _, **request: ran.append(request))
        *before, (status, body) = exchange(address, head.encode() + form[:cut])
    assert [each for each, _ in before] == [100] * expects
    assert (status, body) == (400, {"error": "The body has fewer bytes than Content-Length says"})
    assert not ran


@pytest.mark.parametrize("body", [b"", b"a=b"])
@pytest.mark.parametrize("version", [b" HTTP/1.1", b" HTTP/1.0", b""])
def test_nothing_runs_on_a_request_that_breaks_off_anywhere(
    address: tuple[str, int], ran: list[object], body: bytes, version: bytes
) -> None:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    whole = (b"POST" if version else b"GET") + b" /words?a=10" + version + b"\r\nA: b\r\n" + length + b"\r\n" + body
    for cut in range(1, len(whole)):
        statuses = [status for status, _ in exchange(address, whole[:cut])]
        assert statuses in [[400], [505]], whole[:cut]
    assert not ran


@pytest.mark.parametrize("target", ["http://[", "http://[/api/v1/x", "//[", "http://[x]/"])
def test_a_malformed_address_is_not_found(address: tuple[str, int], ran: list[object], target: str) -> None:
    assert exchange(address, f"GET {target} HTTP/1.1\r\n\r\n".encode()) == [(404, {"error": "Not found"})]


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "multipart/form-data", "message/rfc822"])
def test_the_type_of_a_body_does_not_matter_to_its_headers(
    address: tuple[str, int], ran: list[object], content_type: str
) -> None:
    head = f"POST /words HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: 5\r\n\r\n".encode()
    assert [status for status, _ in exchange(address, head + b"--b--" + SECOND)] == [415, 200]
    assert ran == [b"--b--", None]


def test_headers_are_read_in_linear_time() -> None:
    def cost(size: int) -> float:
        times = []
        for _ in range(5):
            head = io.BytesIO(b'Content-Type: multipart/x; a="' + b";" * size + b"\r\n\r\n")
            began = time.thread_time()
            parse_headers(head, server.RequestHandler.MessageClass)
            times.append(time.thread_time() - began)
        return min(times)

    assert cost(64_000) < 10 * max(cost(16_000), 0.001)


def test_a_whole_body_runs_once_and_what_follows_it_is_the_next_request(
    address: tuple[str, int], ran: list[object]
) -> None:
    sent = FORM_HEAD.encode() + b"Content-Length: 3\r\n\r\na=b" + SECOND
    assert [status for status, _ in exchange(address, sent)] == [200, 200]
    assert ran == [b"a=b", None]


@pytest.mark.parametrize(
    "headers",
    [
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Content-Length: 3\r\nTransfer-Encoding: identity",
        b"Content-Length: 3\r\ntransfer-encoding:\tchunked",
        b"Content-Length: 3\r\nTransfer-Encoding : chunked",
        b"Content-Length : 3",
        b"Broken\r\nContent-Length: 3",
        b"Broken line: x\r\nContent-Length: 3",
        b": x\r\nContent-Length: 3",
        b"A: x\rContent-Length: 3",
        b"A: x\r\rContent-Length: 3",
        b"\xff: x\r\nContent-Length: 3",
        b"Content-Length: 3\r\nContent-Length: 4",
        b"Content-Length: 3\r\ncontent-length: 0",
        b"Content-Length: 3, 3",
    ],
)
def test_headers_whose_body_has_two_meanings_are_refused(
    address: tuple[str, int], ran: list[object], headers: bytes
) -> None:
    answers = exchange(address, b"POST /words HTTP/1.1\r\n" + headers + b"\r\n\r\n3\r\na=b\r\n0\r\n\r\n" + SECOND)
    assert [status for status, _ in answers] in [[400], [411]]
    assert not ran


@pytest.mark.parametrize(
    "sent", [b"GET /wo", b"GET /words HTTP/1.1\r\nA: ", FORM_HEAD.encode() + b"Content-Length: 3\r\n\r\na"]
)
def test_a_request_that_arrives_too_slowly_is_given_up(
    address: tuple[str, int], ran: list[object], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server.RequestHandler, "slowest", 0.2)
    statuses = [status for status, _ in exchange(address, sent, close=False)]
    assert statuses == [408] * sent.endswith(b"a")
    assert not ran


def test_a_byte_now_and_then_does_not_prolong_the_time(
    address: tuple[str, int], ran: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = itertools.count(0, 31_000)
    monkeypatch.setattr(clock, "monotonic", lambda: next(times))
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(FORM_HEAD.encode() + b"Content-Length: 1000\r\n\r\n")
        for _ in range(10):
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"a")
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.startswith(b"HTTP/1.1 408 ")
    assert not ran


def test_a_body_that_is_too_large_is_not_asked_for(address: tuple[str, int], ran: list[object]) -> None:
    length = server.MAX_BODY + 1
    head = f"POST /words HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode()
    assert [status for status, _ in exchange(address, head, close=False)] == [413]
    assert not ran


@pytest.mark.parametrize(
    "headers", [b"A: " + b"x" * 20_000, b"A: x\r\n" * 3_000, b'Content-Type: multipart/x; a="' + b";" * 60_000]
)
def test_the_size_of_headers_is_limited(address: tuple[str, int], ran: list[object], headers: bytes) -> None:
    ((status, _),) = exchange(address, b"GET /words HTTP/1.1\r\n" + headers + b"\r\n\r\n")
    assert status == 431
    assert not ran


def test_two_content_lengths_are_refused(address: tuple[str, int]) -> None:
    status, _ = send(address, "POST /words HTTP/1.1", "Content-Length: 1", "Content-Length: 2")
    assert status == 400


def test_a_chunked_body_is_refused(address: tuple[str, int]) -> None:
    status, body = send(address, "POST /words HTTP/1.1", "Transfer-Encoding: chunked")
    assert (status, body) == (411, {"error": "Send a Content-Length; chunked bodies are not supported"})


def test_a_malformed_request_gets_an_error_as_json(address: tuple[str, int]) -> None:
    status, body = send(address, "nonsense")
    assert status == 400
    assert "error" in body


@pytest.mark.parametrize("path", ["/nowhere", "/a/b/c/d/e/f/g/h/i", "//", "/apis"])
def test_an_unknown_path_is_a_page_for_browsers(http: requests.Session, url: str, path: str) -> None:
    http.headers["Accept"] = "text/html,*/*;q=0.8"
    for answer in (http.get(url + path), http.head(url + path), http.delete(url + path)):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept", "private, no-store")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = http.get(url + path).text
    assert "<h1>Page not found</h1>" in page
    assert urljoin(url + path, re.findall('class="brand" href="([^"]+)"', page)[0]) == f"{url}/"
    assert http.get(f"{url}/api{path}").json() == {"error": "Not found"}


def test_an_unknown_path_is_not_found_and_the_token_is_not_repeated(http: requests.Session, url: str) -> None:
    answer = http.get(f"{url}/nowhere", headers={"Authorization": "Bearer secret"})
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


def test_a_request_is_logged_without_its_query(
    http: requests.Session, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="ops"):
        http.get(f"{url}/words?q=private")
        http.head(f"{url}/words?q=private")
    assert [record.message for record in caplog.records] == ["GET /words 200", "HEAD /words 200"]


def test_a_port_in_use_is_reported(address: tuple[str, int]) -> None:
    _, port = address
    with pytest.raises(server.PortInUseError, match=f"Port {port} is not available: Address already in use"):
        server.check_port(port)
    with pytest.raises(server.PortInUseError):
        server.create(make_app(), port)
