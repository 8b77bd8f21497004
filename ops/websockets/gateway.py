"""The WebSocket API: its open connections, their limits, and the `@connections` endpoint.

A program that can reach `@connections` can send to every client. Its address therefore has a random part, which only
this process knows: pages of other sites, which browsers let send requests to loopback addresses, cannot use it.
"""

import json
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

from wsproto.frame_protocol import CloseReason

from fstream_app.core import clock
from ops.websockets.connection import LINGER, MAX_MESSAGE, Connection, Full, Gone
from ops.websockets.events import STAGE, Caller, Handlers, new_caller
from ops.websockets.handshake import Refused
from ops.websockets.loop import Loop

IDLE = 600_000
"""Milliseconds without a message in either direction after which a connection is closed. Pings do not count."""
LONGEST = 7_200_000
"""Milliseconds for which a connection may be open."""
_INTERVAL = 1.0
STOP_TIMEOUT = 2.0
"""Seconds that clients have to answer the close frames when the server stops."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the `@connections` endpoint."""

    status: int
    error: str = ""
    """The name of the exception that botocore raises."""
    content: bytes = b""


class Gateway:
    """A WebSocket API. Its thread starts with the first connection."""

    _handlers: Handlers

    def __init__(self, *, idle: int = IDLE, longest: int = LONGEST) -> None:
        self._idle, self._longest = idle, longest
        self._connections: dict[str, Connection] = {}
        self._lock = threading.Lock()
        self._loop: Loop | None = None
        self._is_stopping = False
        self._none_left = threading.Condition(self._lock)
        self.path = f"/_aws/{secrets.token_hex(16)}/{STAGE}"
        """The path below which botocore finds `@connections`."""

    @property
    def is_used(self) -> bool:
        """Whether the app has WebSocket handlers."""
        return bool(self._handlers)

    def use(self, handlers: Handlers) -> None:
        """Set the handlers; without them, there are no WebSockets."""
        self._handlers = handlers

    def connect(self, headers: Message, address: str, target: str) -> tuple[Caller, dict[str, str]]:
        """Ask the app whether a client may connect; return its caller and the response's headers.

        Raises:
            Refused: it may not.
        """
        caller = new_caller(headers, address)
        response = self._handlers.connect(caller, headers, urlsplit(target).query)
        status = int(response["statusCode"])
        if status // 100 != 2:
            raise Refused(status)
        chosen = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
        protocol = chosen.get("sec-websocket-protocol")
        return caller, {"Sec-WebSocket-Protocol": protocol} if protocol else {}

    def open(self, caller: Caller, stream: socket.socket, received: bytes) -> None:
        """Take over the socket of a handshake that was accepted, with the bytes that were received after it."""
        connection = Connection(caller, stream, received)
        with self._lock:
            if self._is_stopping:
                stream.close()
                return
            self._loop = self._loop or Loop(
                self._handle, self._tick, min(_INTERVAL, self._idle / 2000, self._longest / 2000)
            )
            self._connections[caller.connection_id] = connection
        self._handle(connection)

    def manages(self, target: str) -> bool:
        """Return whether a request is for `@connections`."""
        prefix = f"{self.path}/@connections/"
        return secrets.compare_digest(target[: len(prefix)].encode(), prefix.encode())

    def manage(self, method: str, target: str, authorization: str, body: bytes) -> Reply:
        """Handle a request for `@connections`."""
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return Reply(403, "MissingAuthenticationTokenException")
        with self._lock:
            connection = self._connections.get(unquote(target.rpartition("/")[2]))
        if connection is None:
            return Reply(410, "GoneException")
        actions: dict[str, Callable[[], Reply]] = {
            "POST": lambda: self._post(connection, body),
            "DELETE": lambda: self._delete(connection),
            "GET": lambda: Reply(200, content=_described(connection)),
        }
        action = actions.get(method)
        return action() if action else Reply(403, "ForbiddenException")

    def stop(self) -> None:
        """Close all connections, without calling the handler of `$disconnect`."""
        with self._lock:
            self._is_stopping = True
            left = list(self._connections.values())
        for connection in left:
            self._close(connection, CloseReason.GOING_AWAY, "Going away")
        with self._lock:
            self._none_left.wait_for(lambda: not self._connections, STOP_TIMEOUT)
        if self._loop is not None:
            self._loop.stop()
        for connection in self._connections.values():
            connection.stream.close()

    def _post(self, connection: Connection, body: bytes) -> Reply:
        if len(body) > MAX_MESSAGE:
            return Reply(413, "PayloadTooLargeException")
        try:
            connection.send(body)
        except Gone:
            return Reply(410, "GoneException")
        except Full:
            return Reply(429, "LimitExceededException")
        except UnicodeDecodeError:
            return Reply(400, "BadRequestException")
        self._flush(connection)
        return Reply(200)

    def _delete(self, connection: Connection) -> Reply:
        self._close(connection, CloseReason.NORMAL_CLOSURE)
        return Reply(204)

    def _close(self, connection: Connection, code: int, reason: str = "") -> None:
        connection.close(code, reason)
        self._flush(connection)

    def _flush(self, connection: Connection) -> None:
        if connection.has_unsent and self._loop is not None:
            self._loop.flush(connection)

    def _handle(self, connection: Connection) -> None:
        """Handle what has arrived on a connection, and watch it again unless it has ended."""
        for text in connection.receive():
            failure = self._handlers.message(connection.caller, text)
            if failure is not None:
                self._post(connection, json.dumps(failure).encode())
        if connection.ended is not None:
            self._end(connection, *connection.ended)
        elif self._loop is not None:
            self._loop.watch(connection)

    def _end(self, connection: Connection, code: int, reason: str) -> None:
        with self._lock:
            del self._connections[connection.caller.connection_id]
            self._none_left.notify_all()
        connection.stream.close()
        if not self._is_stopping:
            self._handlers.disconnect(connection.caller, code, reason)

    def _tick(self) -> None:
        """Close connections that have been open or idle for too long, and end those that do not answer."""
        now = clock.monotonic()
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            if connection.closing is not None:
                if now - connection.closing > LINGER:
                    connection.end()
            elif now - connection.active > self._idle or now - connection.opened > self._longest:
                self._close(connection, CloseReason.GOING_AWAY, "Going away")


def _described(connection: Connection) -> bytes:
    caller = connection.caller
    described: dict[str, Any] = {
        "connectedAt": _time(caller.connected_at),
        "lastActiveAt": _time(connection.last_active),
        "identity": {"sourceIp": caller.address, "userAgent": caller.agent},
    }
    return json.dumps(described).encode()


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
