"""One open WebSocket: messages in and out, within API Gateway's limits."""

import contextlib
import socket
import threading

from wsproto.connection import Connection as Protocol
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import CloseReason

from fstream_app.core import clock
from ops.websockets.events import Caller

MAX_MESSAGE = 131_072
"""Maximum size of a message, in bytes."""
MAX_FRAME = 32_768
"""Maximum size of a frame, in bytes. A larger message from a client has to come in several."""
LINGER = 5_000
"""Milliseconds that a client has to answer a close frame."""
_CHUNK = 65_536


class Gone(Exception):
    """The connection does not exist any more, or not yet."""


class Full(Exception):
    """The client does not read what it is sent."""


class Connection:
    """An open WebSocket. One thread at a time may call `receive`; any thread may call the other methods."""

    def __init__(self, caller: Caller, stream: socket.socket, received: bytes) -> None:
        stream.setblocking(False)
        self.caller = caller
        self.stream = stream
        self.last_active = caller.connected_at
        """Time (ms since the epoch) of the last message in either direction."""
        self.opened = self.active = clock.monotonic()
        self.closing: int | None = None
        """When a close frame was sent, by the monotonic clock (ms)."""
        self.ended: tuple[int, str] | None = None
        """The code and reason with which the connection has ended."""
        self._protocol = Protocol(ConnectionType.SERVER, trailing_data=received)
        self._lock = threading.Lock()
        self._unsent = b""
        self._why: tuple[int, str] | None = None
        self._is_broken = False
        self._text: list[str] = []
        self._message = self._frame = 0

    @property
    def has_unsent(self) -> bool:
        """Whether bytes wait until the client reads."""
        return bool(self._unsent)

    def send(self, message: bytes) -> None:
        """Send a text message, in frames of at most 32 KB.

        Raises:
            Gone: the connection is closed or closing.
            Full: the client has not read the message before.
            UnicodeDecodeError: the message is not UTF-8.
        """
        text = message.decode()
        with self._lock:
            if self._protocol.state is not ConnectionState.OPEN:
                raise Gone
            try:
                self._flush()
                if self._unsent:
                    raise Full
                self._write(*_frames(text))
            except OSError as error:
                raise Gone from error
        self._touch()

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame. The connection ends when the client has answered it, or after `LINGER`."""
        with self._lock, contextlib.suppress(OSError):
            if self._protocol.state is ConnectionState.OPEN:
                self._close(code, reason)

    def end(self) -> None:
        """End a connection whose client does not answer; the next `receive` finds it ended."""
        with contextlib.suppress(OSError):
            self.stream.shutdown(socket.SHUT_RDWR)

    def receive(self) -> list[str]:
        """Read what has arrived; return the complete messages in it. Sets `ended` at the end."""
        messages: list[str] = []
        with self._lock:
            try:
                self._flush()
                self._read()
                for event in self._protocol.events():
                    messages += self._received(event)
            except OSError:
                self._why = self._why or (CloseReason.ABNORMAL_CLOSURE, "")
                self.ended = self._why
        if messages:
            self._touch()
        return messages

    def _read(self) -> None:
        try:
            data = self.stream.recv(_CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.ended = self._why or (CloseReason.ABNORMAL_CLOSURE, "")
        elif not self._is_broken:
            self._protocol.receive_data(data)

    def _received(self, event: Event) -> list[str]:
        if isinstance(event, CloseConnection):
            self._closed(event)
        elif self.closing is not None:
            pass  # what a client sends before it has seen the close frame
        elif isinstance(event, Ping):
            if not self._unsent:
                self._write(event.response())
        elif isinstance(event, BytesMessage):
            self._close(CloseReason.UNSUPPORTED_DATA, "Binary frames are not supported")
        elif isinstance(event, TextMessage):
            return self._collect(event)
        return []

    def _collect(self, event: TextMessage) -> list[str]:
        """Add a part of a message; return the message if it is complete."""
        size = len(event.data.encode())
        self._frame += size
        self._message += size
        if self._frame > MAX_FRAME or self._message > MAX_MESSAGE:
            self._close(CloseReason.MESSAGE_TOO_BIG, "Message too long")
            return []
        self._text.append(event.data)
        if event.frame_finished:
            self._frame = 0
        if not event.message_finished:
            return []
        text = "".join(self._text)
        self._text, self._message = [], 0
        return [text]

    def _closed(self, event: CloseConnection) -> None:
        """The client has sent or answered a close frame, or it has broken the protocol."""
        if self._protocol.state is ConnectionState.OPEN:
            self._close(event.code, event.reason or "")
            self._is_broken = True
            self.stream.shutdown(socket.SHUT_WR)  # nothing of what it sends, such as its answer, can be understood
            return
        if self._protocol.state is ConnectionState.REMOTE_CLOSING:
            self._write(event.response())
        self.ended = self._why or (int(event.code), event.reason or "")

    def _close(self, code: int, reason: str) -> None:
        self._text = []
        self._why, self.closing = (int(code), reason), clock.monotonic()
        self._write(CloseConnection(code=code, reason=reason))

    def _write(self, *events: Event) -> None:
        self._unsent += b"".join(self._protocol.send(event) for event in events)
        self._flush()

    def _flush(self) -> None:
        while self._unsent:
            try:
                sent = self.stream.send(self._unsent)
            except BlockingIOError:
                return
            self._unsent = self._unsent[sent:]

    def _touch(self) -> None:
        self.last_active, self.active = clock.now(), clock.monotonic()


def _frames(text: str) -> list[TextMessage]:
    """Return a message's frames; none has more than 32 KB, and none splits a character."""
    if len(text.encode()) <= MAX_FRAME:
        return [TextMessage(data=text)]
    size = MAX_FRAME // 4  # characters, each of which has at most four bytes
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    return [TextMessage(data=part, message_finished=part is parts[-1]) for part in parts]
