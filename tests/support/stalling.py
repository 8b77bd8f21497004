"""A server between FSTREAM and the engine that stops answering: DynamoDB, stalled."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from urllib.parse import urlsplit

_DRIP = 0.02
"""Seconds between two bytes, far below any read timeout."""


class Stall(Enum):
    """How the server stops answering."""

    SILENT = "accepts the request and never answers"
    HEADERS = "sends one byte of the headers at a time, without end"
    BODY = "sends one byte of the body at a time, without end"


class Stalling(ThreadingHTTPServer):
    """Passes calls on to an engine, and answers no more once `answers` of them are used up."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.engine = urlsplit(endpoint_url).netloc
        self.answers: float = inf
        self.stall = Stall.SILENT
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that have given up."""

    @contextmanager
    def stalled(self, stall: Stall, answers: int = 0) -> Iterator[None]:
        """Stop answering in the block, after some answers."""
        self.stall, self.answers = stall, answers
        try:
            yield
        finally:
            self.answers = inf
            self.released.set()
            self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Stalling

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers -= 1
        if self.server.answers < 0:
            self.close_connection = True
            self._stall(self.server.stall)
            return
        connection = http.client.HTTPConnection(self.server.engine)
        connection.request("POST", self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self._begin(answer.status, len(content), answer.getheader("Content-Type", ""))
        self.wfile.write(content)

    def _begin(self, status: int, length: int, kind: str = "application/x-amz-json-1.0") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Type", kind)
        self.end_headers()

    def _stall(self, stall: Stall) -> None:
        released = self.server.released
        match stall:
            case Stall.SILENT:
                released.wait()
            case Stall.HEADERS:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            case Stall.BODY:
                self._begin(200, 1_000_000)
        with suppress(ConnectionError):
            while not released.wait(_DRIP):
                self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the superclass's
        """Log nothing."""


@contextmanager
def stalling(endpoint_url: str) -> Iterator[Stalling]:
    """Run such a server, which passes everything on until it is stalled."""
    server = Stalling(endpoint_url)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
