"""The smoke check's socket: a WebSocket to the instance, as apps open it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import websocket

PATH = "/api/v1/streaming"
_TIMEOUT = 30
"""Seconds that a handshake may take."""
_LOOK = 0.05
"""Seconds to wait for another frame."""


class RefusedError(Exception):
    """The handshake failed.

    Attributes:
        status: the status of the response; 0 if there was none.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Socket:
    """An open WebSocket, which collects the events that it receives."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection
        self._connection.settimeout(_LOOK)
        self._updates: set[str] = set()

    def subscribe(self, stream: str) -> None:
        """Ask for the events of a stream."""
        self._connection.send(json.dumps({"type": "subscribe", "stream": stream}))

    def has_received(self, message_id: str) -> bool:
        """Return whether the event of a posted message has arrived."""
        for frame in self._frames():
            event = json.loads(frame)
            if event.get("event") == "update":
                self._updates.add(str(json.loads(event["payload"])["id"]))
        return message_id in self._updates

    def _frames(self) -> Iterator[str]:
        while True:
            try:
                yield str(self._connection.recv())
            except websocket.WebSocketTimeoutException:
                return


def connect(url: str, token: str) -> websocket.WebSocket:
    """Open a WebSocket with the token as its subprotocol, as browsers send it."""
    return websocket.create_connection(url, timeout=_TIMEOUT, subprotocols=[token])


@contextmanager
def opened(url: str, token: str) -> Iterator[Socket]:
    """Open a socket for the duration of the block.

    Args:
        url: the address of the instance's CloudFront distribution: `https://` and a host.
        token: the secret of an access token.

    Raises:
        RefusedError: the handshake failed, or the response does not choose the token as subprotocol.
    """
    try:
        connection = connect(f"wss{url.removeprefix('https')}{PATH}", token)
    except websocket.WebSocketBadStatusException as error:
        raise RefusedError(error.status_code, str(error)) from None
    except (OSError, websocket.WebSocketException) as error:
        raise RefusedError(0, str(error)) from None
    try:
        yield Socket(connection)
    finally:
        connection.close()
        # Closing does nothing if the server has closed it.
        connection.shutdown()  # type: ignore[no-untyped-call]
