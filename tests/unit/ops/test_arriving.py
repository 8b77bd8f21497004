"""The bytes of requests, as they arrive at the local server."""

import socket
from collections.abc import Iterator

import pytest

from fstream_app.core import clock
from ops.arriving import Arriving

IDLE, SLOWEST = 60, 30


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_a_request_after_a_long_pause_has_all_its_time(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause between the requests of a connection is not part of the second one's time."""
    near, far = pair
    now = 0

    class Pausing(socket.socket):
        """Receives what was sent so many seconds ago."""

        def recv_into(self, buffer: bytearray, *_: object) -> int:  # type: ignore[override]
            nonlocal now
            now += 1000 * (SLOWEST + 10)
            return super().recv_into(buffer)

    monkeypatch.setattr(clock, "monotonic", lambda: now)
    with Pausing(fileno=near.dup().detach()) as connection:
        arriving = Arriving(connection, IDLE, SLOWEST)
        far.sendall(b"head")
        assert arriving.read(4) == b"head"
        now += 1000 * (SLOWEST - 1)
        far.sendall(b"body")
        assert arriving.read(4) == b"body"
        far.sendall(b"more")
        with pytest.raises(TimeoutError):
            arriving.read(4)
