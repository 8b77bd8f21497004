"""Closing a user's sockets: all of them, those of some tokens, or all except one token's."""

from collections.abc import Callable

import pytest

from fstream_app.core import retry
from fstream_app.core.streams import LONGEST, Socket, Stream, Subscription
from fstream_app.people import sockets
from fstream_app.repository import sockets as items
from tests.support import gateway
from tests.support.gateway import Gateway

NOW = 1_700_000_000_000
TOKENS = {"a=": "aa" * 32, "b=": "bb" * 32, "c=": "cc" * 32}


@pytest.fixture
def api(mocked: None, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    configure(connections=gateway.ADDRESS)
    monkeypatch.setattr(retry, "pause", lambda _: 0)
    answering = Gateway()
    answering.install()
    for connection_id, token_hash in TOKENS.items():
        user_id = "2" if connection_id == "c=" else "1"
        subscriptions = frozenset({Subscription(Stream.PUBLIC)})
        items.put(Socket(connection_id, user_id, token_hash, frozenset(), subscriptions, NOW, NOW + LONGEST))
        answering.open.add(connection_id)
    return answering


@pytest.mark.parametrize(
    ("close", "closed"),
    [
        (lambda: sockets.close_all("1"), {"a=", "b="}),
        (lambda: sockets.close_all("1", but=TOKENS["a="]), {"b="}),
        (lambda: sockets.close_of("1", {TOKENS["a="], TOKENS["c="]}), {"a="}),
        (lambda: sockets.close_of("1", ()), set()),
        (lambda: next(sockets.leave("2")), {"c="}),
    ],
)
def test_what_is_closed_is_forgotten(api: Gateway, close: Callable[[], int], closed: set[str]) -> None:
    assert close() == len(closed)
    assert set(api.closed) == closed
    assert {connection for connection in TOKENS if items.find(connection, NOW)} == TOKENS.keys() - closed
    assert close() == 0


def test_a_socket_that_cannot_be_closed_is_forgotten_too(api: Gateway) -> None:
    api.failures = {"a=": 500, "b=": 410}
    sockets.close_all("1")
    sockets.close_all("2")
    assert gateway.kept() == []


def test_without_a_websocket_api_nothing_is_read(api: Gateway, configure: Callable[..., None]) -> None:
    configure(connections="")
    assert sockets.close_all("1") == 0
    assert len(gateway.kept()) == 6
