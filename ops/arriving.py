"""The bytes of HTTP requests as they arrive at the local server, within bounds of time and size."""

import http.client
import io
import socket
from typing import Any

from fstream_app.core import clock

MAX_HEADERS = 16_384
"""Maximum size of a request's headers together, in bytes. API Gateway allows 10,240, with the request line."""


class Arriving(io.RawIOBase):
    """The bytes of a connection. Each request has to arrive within a time that starts with its first bytes."""

    def __init__(self, connection: socket.socket, idle: float, slowest: float) -> None:
        self._connection = connection
        self._idle, self._slowest = idle, slowest
        self._until: float | None = None
        self._is_over = False

    def readable(self) -> bool:
        """Return true, as `io` requires."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # a writable buffer, for which Python 3.11 has no type
        """Read what has arrived, or wait for it.

        Raises:
            TimeoutError: the connection was idle for too long, or the request has arrived too slowly.
        """
        if self._is_over:
            return 0
        left = self._idle if self._until is None else self._until - clock.monotonic() / 1000
        if left <= 0:
            raise TimeoutError("the request arrives too slowly")
        self._connection.settimeout(left)
        try:
            read = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self._idle)
        if self._until is None:
            self._until = clock.monotonic() / 1000 + self._slowest
        return read

    def restart(self) -> None:
        """Start the time again with the next bytes: those of another request."""
        self._until = None

    def end(self) -> None:
        """Read nothing more from the connection; another reader takes it over."""
        self._is_over = True


class Head:
    """The lines of a request's headers, up to `MAX_HEADERS` bytes."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream, self._left = stream, MAX_HEADERS
        self.is_complete = False
        """Whether the empty line after the last header has arrived."""
        self.is_clear = True
        """Whether no line has a CR within, which the parser of email takes for the end of a header."""

    def readline(self, most: int) -> bytes:
        """Read a line.

        Raises:
            http.client.LineTooLong: the headers are too large; `http.server` answers it with 431.
        """
        line = self._stream.readline(min(most, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise http.client.LineTooLong("headers")
        self.is_complete = line in {b"\r\n", b"\n"}
        self.is_clear &= b"\r" not in line.removesuffix(b"\r\n")
        return line


class Headers(http.client.HTTPMessage):
    """A request's headers. Whatever they say, the parser of email does not look for the parts of a body below them."""

    def get_content_type(self) -> str:
        """Return a type without parts."""
        return "text/plain"
