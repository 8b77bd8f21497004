"""The local server is a WebSocket API as API Gateway's: its handshake, its limits, its events, and `@connections`."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
from chalice.app import Chalice
from websocket import ABNF, WebSocket, WebSocketBadStatusException

from ops import server
from ops.websockets.connection import MAX_FRAME, MAX_MESSAGE
from tests.support.websocket_app import PATH, Toy, id_of, start

GONE, LIMIT, TOO_LARGE = "GoneException", "LimitExceededException", "PayloadTooLargeException"
Serve = Callable[..., Toy]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server, with other limits."""
    with ExitStack() as running:

        def begin(**limits: int) -> Toy:
            run = start(**limits)
            running.callback(run.stop)
            running.push(run.sockets)
            return run

        yield begin


def closing(opened: WebSocket) -> int:
    """Read until a close frame; return its code."""
    while True:
        opcode, data = opened.recv_data()
        if opcode == ABNF.OPCODE_CLOSE:
            return int.from_bytes(data[:2], "big")


def raw(opened: WebSocket) -> socket.socket:
    assert opened.sock
    return opened.sock


def test_events_have_api_gateways_form(serve: Serve) -> None:
    run = serve()
    opened = run.open(
        "?stream=user&tag=a&tag=b&empty=", header=["X-Twice: 1", "X-Twice: 2", "X-Forwarded-For: 9.9.9.9"]
    )
    event = run.event("CONNECT")
    assert event["queryStringParameters"] == {"stream": "user", "tag": "b", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"stream": ["user"], "tag": ["a", "b"], "empty": [""]}
    assert event["headers"]["X-Twice"] == "2"
    assert event["multiValueHeaders"]["X-Twice"] == ["1", "2"]
    assert event["headers"]["X-Forwarded-For"] == "9.9.9.9, 127.0.0.1"
    opened.send("héllo")
    said = run.event("MESSAGE")
    assert (said["body"], said["isBase64Encoded"]) == ("héllo", False)
    assert "headers" not in said
    assert "queryStringParameters" not in said
    opened.close(3001, b"bye")
    ended = run.event("DISCONNECT")
    contexts = [each["requestContext"] for each in (event, said, ended)]
    assert [each["routeKey"] for each in contexts] == ["$connect", "$default", "$disconnect"]
    assert len({each["connectionId"] for each in contexts}) == len({each["connectedAt"] for each in contexts}) == 1
    assert len({each["requestId"] for each in contexts}) == 3
    assert contexts[0]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": ""}
    assert (contexts[2]["disconnectStatusCode"], contexts[2]["disconnectReason"]) == (3001, "bye")
    assert run.error("post_to_connection", ConnectionId=contexts[0]["connectionId"], Data=b"x") == GONE


@pytest.mark.parametrize(("query", "status"), [("?status=401", 401), ("?status=429", 429), ("?status=raise", 500)])
def test_a_connection_is_refused_with_the_status_of_the_handler(serve: Serve, query: str, status: int) -> None:
    run = serve()
    with pytest.raises(WebSocketBadStatusException) as refused:
        run.open(query)
    assert refused.value.status_code == status
    assert run.error("post_to_connection", ConnectionId=id_of(run.event("CONNECT")), Data=b"x") == GONE
    assert run.events.empty()


def test_nothing_can_be_sent_before_connect_has_returned(serve: Serve) -> None:
    run = serve()
    opened = run.open("?post=1")
    opened.send("is open")
    event = run.event("CONNECT")
    assert event["error"] == GONE
    run.event("MESSAGE")
    assert run.error("post_to_connection", ConnectionId=id_of(event), Data=b"x") == ""


def test_the_subprotocol_of_the_handler_is_returned(serve: Serve) -> None:
    run = serve()
    assert run.open(subprotocols=["token", "other"]).getsubprotocol() == "token"
    assert run.open().getsubprotocol() is None


HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "é" * 24}, 400),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Connection": "close"}, 400),
        ({"Upgrade": "h2c"}, 400),
    ],
)
def test_a_malformed_handshake_gets_an_error_that_says_why(
    serve: Serve, changed: dict[str, str | None], status: int
) -> None:
    run = serve()
    headers = {name: value.encode() for name, value in (HANDSHAKE | changed).items() if value is not None}
    answer = requests.get(run.url + PATH, headers=headers, timeout=20)
    assert answer.status_code == status
    assert "WebSocket" in answer.json()["error"]
    assert (answer.headers.get("Sec-WebSocket-Version") == "13") == (status == 426)
    for method in ("POST", "HEAD"):
        assert requests.request(method, run.url + PATH, headers=HANDSHAKE, timeout=20).status_code == 400
    assert run.events.empty()


@pytest.mark.parametrize("path", ["/", f"{PATH}/user", "/api/v1/streamin"])
def test_only_the_address_of_the_streaming_api_opens_sockets(serve: Serve, path: str) -> None:
    assert requests.get(serve().url + path, headers=HANDSHAKE, timeout=20).status_code == 404


def test_what_a_client_sends_with_the_handshake_is_not_lost(serve: Serve) -> None:
    run = serve()
    head = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())
    frame = ABNF.create_frame("at once", ABNF.OPCODE_TEXT).format()
    with socket.create_connection(run.address, timeout=20) as connection:
        connection.sendall(f"GET {PATH}/ HTTP/1.1\r\nHost: a\r\n{head}\r\n".encode() + frame)
        run.event("CONNECT")
        assert run.event("MESSAGE")["body"] == "at once"
        received = connection.recv(65_536)
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in received  # the example of RFC 6455
    assert run.event("DISCONNECT")["requestContext"]["disconnectStatusCode"] == 1006


def test_messages_may_be_as_large_as_api_gateway_allows(serve: Serve) -> None:
    run = serve()
    opened, connection_id = run.open_and_id()
    for offset in range(0, MAX_MESSAGE, MAX_FRAME):
        opcode = ABNF.OPCODE_CONT if offset else ABNF.OPCODE_TEXT
        opened.send_frame(ABNF(int(offset + MAX_FRAME == MAX_MESSAGE), 0, 0, 0, opcode, 1, b"x" * MAX_FRAME))
    assert run.event("MESSAGE")["body"] == "x" * MAX_MESSAGE
    largest = "é" * (MAX_MESSAGE // 2)
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=largest.encode()) == ""
    assert opened.recv() == largest
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=largest.encode() + b"x") == TOO_LARGE


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(1, ABNF.OPCODE_TEXT, b"x" * (MAX_FRAME + 1))], 1009),
        ([(0, ABNF.OPCODE_TEXT, b"x" * MAX_FRAME), *[(0, ABNF.OPCODE_CONT, b"x" * MAX_FRAME)] * 4], 1009),
        ([(1, ABNF.OPCODE_BINARY, b"x")], 1003),
        ([(1, ABNF.OPCODE_TEXT, b"\xff")], 1007),
        ([(1, ABNF.OPCODE_CONT, b"x")], 1002),
        ([(1, ABNF.OPCODE_PING, b"x" * 126)], 1002),
        ([(1, ABNF.OPCODE_CLOSE, (4000).to_bytes(2, "big"))], 4000),
    ],
    ids=["large frame", "large message", "binary", "not UTF-8", "continuation", "large ping", "close"],
)
def test_a_frame_that_is_not_accepted_closes_the_socket(
    serve: Serve, frames: list[tuple[int, int, bytes]], code: int
) -> None:
    run = serve()
    opened, connection_id = run.open_and_id()
    for final, opcode, data in frames:
        raw(opened).sendall(ABNF(final, 0, 0, 0, opcode, 1, data).format())
    assert closing(opened) == code
    opened.shutdown()
    assert run.event("DISCONNECT")["requestContext"]["disconnectStatusCode"] == code
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=b"x") == GONE


def test_a_ping_is_answered_also_within_a_message(serve: Serve) -> None:
    run = serve()
    opened, _ = run.open_and_id()
    opened.send_frame(ABNF(0, 0, 0, 0, ABNF.OPCODE_TEXT, 1, b"in two "))
    opened.ping("are you there?")
    assert opened.recv_data(control_frame=True) == (ABNF.OPCODE_PONG, b"are you there?")
    opened.send_frame(ABNF(1, 0, 0, 0, ABNF.OPCODE_CONT, 1, b"parts"))
    assert run.event("MESSAGE")["body"] == "in two parts"


def test_what_a_handler_returns_reaches_nobody_but_its_failure_does(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    run = serve()
    opened, connection_id = run.open_and_id()
    opened.send("hello")
    opened.send("echo")
    assert opened.recv() == "echoed"
    with caplog.at_level(logging.ERROR):
        opened.send("raise")
        failure = json.loads(opened.recv())
    assert (failure["message"], failure["connectionId"]) == ("Internal server error", connection_id)
    opened.send("echo")
    assert opened.recv() == "echoed"


def test_a_connection_can_be_described_and_closed(serve: Serve) -> None:
    run = serve()
    opened, connection_id = run.open_and_id("", header=["User-Agent: tests"])
    found = run.client.get_connection(ConnectionId=connection_id)
    assert found["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "tests"}
    run.client.post_to_connection(ConnectionId=connection_id, Data=b"last words")
    assert run.client.get_connection(ConnectionId=connection_id)["LastActiveAt"] >= found["ConnectedAt"]
    run.client.delete_connection(ConnectionId=connection_id)
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=b"x") == GONE
    assert opened.recv() == "last words"
    assert closing(opened) == 1000
    assert run.event("DISCONNECT")["requestContext"]["disconnectStatusCode"] == 1000
    for method in ("get_connection", "delete_connection"):
        assert run.error(method, ConnectionId=connection_id) == GONE
        assert run.error(method, ConnectionId="nobody/../x") == GONE


def test_a_client_that_does_not_read_holds_nobody_up(serve: Serve) -> None:
    run = serve()
    opened, connection_id = run.open_and_id("", sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    sent = 0
    while (error := run.error("post_to_connection", ConnectionId=connection_id, Data=b"x" * MAX_MESSAGE)) == "":
        sent += 1
    assert error == LIMIT
    for _ in range(sent):
        assert len(opened.recv()) == MAX_MESSAGE
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=b"again") == ""
    assert opened.recv() == "again"


@pytest.mark.parametrize("limits", [{"idle": 200}, {"longest": 200}])
def test_a_connection_that_is_idle_or_open_for_too_long_is_closed(serve: Serve, limits: dict[str, int]) -> None:
    run = serve(**limits)
    opened, _ = run.open_and_id()
    assert closing(opened) == 1001
    assert run.event("DISCONNECT")["requestContext"]["disconnectReason"] == "Going away"


def test_a_client_that_answers_no_close_frame_is_ended(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.websockets.gateway.LINGER", 100)
    run = serve(longest=200, idle=200)
    opened, _ = run.open_and_id()
    assert run.event("DISCONNECT")["requestContext"]["disconnectStatusCode"] == 1001
    assert raw(opened).recv(65_536).endswith(b"Going away")
    assert raw(opened).recv(65_536) == b""


def test_a_server_that_stops_closes_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    run = start()
    opened, silent = run.open(), run.open()
    read: list[int] = []
    reading = threading.Thread(target=lambda: read.append(closing(opened)))
    reading.start()
    monkeypatch.setattr("ops.websockets.gateway.STOP_TIMEOUT", 0.2)
    run.stop()  # does not wait for the one that does not answer
    reading.join()
    assert read == [1001]
    assert closing(silent) == 1001
    run.sockets.close()


def test_no_page_of_another_site_can_send_to_clients(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    run = serve()
    opened, connection_id = run.open_and_id()
    secret = run.endpoint.removeprefix(run.url)
    guesses = ["/_aws/local", "/_aws/" + "0" * 32 + "/local", "", secret[:-7], secret[:20]]
    with caplog.at_level(logging.DEBUG, logger="ops"):
        for guess in guesses:
            address = f"{run.url}{guess}/@connections/{connection_id}"
            for method in ("POST", "GET", "DELETE", "OPTIONS"):
                assert requests.request(method, address, data=b"evil", timeout=20).status_code == 404
        address = f"{run.endpoint}/@connections/{connection_id}"
        unsigned = requests.post(address, data=b"evil", timeout=20)  # what a page may send without asking
        asked = requests.options(address, headers={"Origin": "https://evil.example"}, timeout=20)
    for answer in (unsigned, asked):
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert secret not in caplog.text
    assert run.error("post_to_connection", ConnectionId=connection_id, Data=b"the only frame") == ""
    assert opened.recv() == "the only frame"


def test_an_app_without_handlers_has_no_websockets() -> None:
    listening = server.create(Chalice("test"), 0)
    serving = threading.Thread(target=listening.serve_forever, args=[0.01], daemon=True)
    serving.start()
    url = f"http://{server.HOST}:{listening.server_port}{PATH}"
    assert requests.get(url, headers=HANDSHAKE, timeout=20).status_code == 404
    listening.shutdown()
    listening.server_close()
    serving.join()
