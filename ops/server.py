"""Chalice's local server, fit for real clients: silent on what users write, strict in what it accepts."""

import json
import logging
import socket
import sys
from http import HTTPStatus
from http.server import HTTPServer
from typing import Any
from urllib.parse import urlsplit

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LocalChalice,
    LocalDevServer,
    LocalGatewayException,
    ThreadedHTTPServer,
)

HOST = "127.0.0.1"
MAX_BODY = 1_000_000
"""Bytes that a request's body may have."""
_DISCARD = 16_000_000
_CHUNK = 65_536
_LAMBDA_TIMEOUT = 30
_LAMBDA_MEMORY_MB = 512

logger = logging.getLogger(__name__)


class PortInUseError(Exception):
    """Another process listens on the port."""


class RequestHandler(ChaliceRequestHandler):
    """Chalice's gateway with the manners of the deployed one."""

    timeout = 60
    default_request_version = "HTTP/1.1"  # what is not understood gets an answer with a status, too
    disable_nagle_algorithm = True  # headers and body are two writes: with Nagle the body waits for an ACK
    _without_body = False

    def version_string(self) -> str:
        """Name the server without the versions of what it is made of."""
        return "FSTREAM"

    def parse_request(self) -> bool:
        """Read the request line and the headers; refuse a body that cannot or must not be read."""
        return super().parse_request() and self._accepts_body()

    def _accepts_body(self) -> bool:
        if "Transfer-Encoding" in self.headers:
            # Its body would be taken for the connection's next request.
            self.send_error(411, "A body needs a Content-Length")
            return False
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(set(lengths)) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            self.send_error(400, "Content-Length is not a number")
            return False
        length = int(lengths[0]) if len(lengths[0]) < 20 else sys.maxsize
        if length > MAX_BODY:
            self.send_error(413, f"A body has at most {MAX_BODY} bytes")
            self._discard(length)
            return False
        return True

    def _discard(self, length: int) -> None:
        # A client that is still sending when the connection closes never sees the answer.
        left = min(length, _DISCARD)
        while left and (chunk := self.rfile.read(min(left, _CHUNK))):
            left -= len(chunk)

    def _answer(self) -> None:
        try:
            self._generic_handle()
        except ConnectionError:
            self.close_connection = True
        except Exception:
            logger.exception("%s failed", self.command)
            self.send_error(500)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815  # the names that http.server looks for

    def do_HEAD(self) -> None:  # noqa: N802
        """Answer as to GET, without the body."""
        self.command = "GET"
        self._without_body = True
        try:
            self._answer()
        finally:
            self._without_body = False

    def _send_http_response_with_body(self, code: int, headers: dict[str, Any], body: str | bytes) -> None:
        if not self._without_body:
            super()._send_http_response_with_body(code, headers, body)
            return
        content = body.encode() if isinstance(body, str) else body
        self.send_response(code)
        self._send_headers({"Content-Type": "application/json"} | headers | {"Content-Length": str(len(content))})

    def _send_error_response(self, error: LocalGatewayException) -> None:
        # Chalice imitates API Gateway's answer to an unknown path, which repeats the caller's token.
        logger.debug("the gateway refused with %s", error.CODE)
        self._send_error(404, "Not found")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer with an error in the form that the API's own errors have, and close the connection."""
        self.close_connection = True
        self._send_error(code, message)

    def _send_error(self, code: int, message: str | None) -> None:
        content = json.dumps({"error": message or HTTPStatus(code).phrase}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Access-Control-Allow-Origin", "*")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not (self._without_body or self.command == "HEAD"):
            self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log the method, the path and the status; not the query, which holds what users search for."""
        # Without a command the request line was not understood, and there is no path.
        path = urlsplit(self.path).path if self.command else "-"
        status = code.value if isinstance(code, HTTPStatus) else code
        method = "HEAD" if self._without_body else self.command or "-"
        logger.info("%s %s %s", method, path if path.isprintable() else ascii(path), status)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the superclass's
        """Keep what else the superclass would print, such as idle connections that end, for debugging."""
        logger.debug(format, *args)


class Server(ThreadedHTTPServer):
    """A thread for each connection."""

    request_queue_size = 128

    def handle_error(
        self,
        request: object,  # noqa: ARG002
        client_address: object,  # noqa: ARG002
    ) -> None:
        """Log what went wrong with a connection, but not that the other side closed it."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            logger.exception("a connection failed")


def check_port(port: int) -> None:
    """Find out early whether the server will be able to listen.

    Raises:
        PortInUseError: it will not.
    """
    with socket.socket() as probe:
        # As the server does: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortInUseError(f"port {port} cannot be used: {error.strerror}") from error


def create(app: Chalice, port: int) -> HTTPServer:
    """Return a server for an app, listening on loopback; `serve_forever` starts it.

    Raises:
        PortInUseError: the port cannot be listened on.
    """
    # As chalice.local.create_local_server does, which takes no handler class: each thread has its request.
    app.__class__ = type("LocalApp", (LocalChalice, type(app)), {})
    config = Config.create(lambda_timeout=_LAMBDA_TIMEOUT, lambda_memory_size=_LAMBDA_MEMORY_MB)
    try:
        server: HTTPServer = LocalDevServer(app, config, HOST, port, RequestHandler, Server).server
    except OSError as error:
        raise PortInUseError(f"port {port} cannot be used: {error.strerror}") from error
    return server
