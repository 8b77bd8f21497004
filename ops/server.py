"""Chalice's local server, adapted to real clients: it logs nothing that users write, and rejects malformed requests.

A handler runs only when the whole request has arrived, as behind API Gateway. If the app has WebSocket handlers, the
server is a WebSocket API as well (`ops.websockets`).
"""

import contextlib
import io
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

from chalicelib import acceptance, layout, relative
from chalicelib.api import PRIVATE
from fstream_app.core.errors import NotFound
from ops.arriving import Arriving, Head, Headers
from ops.websockets import handshake
from ops.websockets.events import Handlers
from ops.websockets.gateway import Gateway

HOST = "127.0.0.1"
MAX_BODY = 1_000_000
"""Maximum size of a request's body, in bytes."""
_DISCARD, _CHUNK = 16_000_000, 65_536
_LINGER = 2
"""Seconds for which a closed connection waits for bytes that are still coming."""
_LAMBDA_TIMEOUT = 30
_LAMBDA_MEMORY_MB = 512

logger = logging.getLogger(__name__)


class PortInUseError(Exception):
    """The server cannot listen on the port."""


class RequestHandler(ChaliceRequestHandler):
    """Chalice's local gateway, made to behave like the deployed one."""

    MessageClass = Headers  # the name that http.server looks for
    timeout = 60
    slowest = 30
    """Seconds within which a request has to arrive. API Gateway's limit for a response is 29."""
    default_request_version = "HTTP/1.1"  # malformed requests get a response with a status line, too
    disable_nagle_algorithm = True  # headers and body are two writes: with Nagle the body waits for an ACK
    _without_body = False
    _body: bytes | None = None

    def setup(self) -> None:
        """Bound the time in which requests arrive."""
        super().setup()
        self._arriving = Arriving(self.connection, self.timeout, self.slowest)
        self.rfile = io.BufferedReader(self._arriving)

    def handle_one_request(self) -> None:
        """Handle a request, if one comes."""
        self._arriving.restart()
        super().handle_one_request()

    def version_string(self) -> str:
        """Return the server's name without the versions of its parts."""
        return "FSTREAM"

    def parse_request(self) -> bool:
        """Read the whole request; reject it if it is malformed, too large, or breaks off."""
        stream = self.rfile
        self._head = Head(stream)
        self.rfile = self._head  # type: ignore[assignment]  # all that is read from it are lines
        try:
            is_parsed = super().parse_request()
        finally:
            self.rfile = stream
        return is_parsed and self._accepts_headers() and self._reads_body()

    def handle_expect_100(self) -> bool:
        """Ask a client that waits with its body to send it, unless its headers are rejected."""
        return self._accepts_headers() and super().handle_expect_100()

    def _accepts_headers(self) -> bool:
        if not (self.raw_requestline.endswith(b"\n") and self._head.is_complete):
            self.send_error(400, "The request ended before its headers did")
            return False
        if self.headers.defects or self.headers.get_payload() or not self._head.is_clear:
            # The parser takes a malformed line for the end of the headers, and would lose the lengths below it.
            self.send_error(400, "The headers are malformed")
            return False
        if "Transfer-Encoding" in self.headers:
            # A chunked body would be taken for the next request of the connection.
            self.send_error(411, "Send a Content-Length; chunked bodies are not supported")
            return False
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(set(lengths)) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            self.send_error(400, "Content-Length is not a number")
            return False
        length = int(lengths[0]) if len(lengths[0]) < 20 else sys.maxsize
        if length > MAX_BODY:
            self.send_error(413, f"The body is larger than {MAX_BODY} bytes")
            return False
        return True

    def _reads_body(self) -> bool:
        """Read the body. Nothing runs on one that breaks off: half a form is a form, too, with another meaning."""
        length = int(self.headers.get("Content-Length", "0"))
        try:
            body = self.rfile.read(length)
        except TimeoutError:
            self.send_error(408, f"The request did not arrive within {self.slowest} seconds")
            return False
        if len(body) < length:
            self.send_error(400, "The body has fewer bytes than Content-Length says")
            return False
        self._body = body or None
        return True

    def _parse_payload(self) -> tuple[dict[str, Any], bytes | None]:
        return dict(self.headers), self._body

    def _answer(self) -> None:
        if self._only_path == "/":
            from chalicelib import client  # imported here, because it loads slowly

            client.shipped.clear()  # so that the web client's files can be changed without a restart
        try:
            if not (self._manages_websockets() or self._opens_websocket()):
                self._generic_handle()
        except (ConnectionError, TimeoutError):  # while writing
            self.close_connection = True
        except Exception:
            logger.exception("%s failed", self.command)
            self.send_error(500)

    @property
    def _method(self) -> str:
        return "HEAD" if self._without_body else self.command or "-"

    @property
    def _gateway(self) -> Gateway:
        gateway: Gateway = self.server.gateway
        return gateway

    def _manages_websockets(self) -> bool:
        """Respond to a request for `@connections`; return whether it is one."""
        if not self._gateway.manages(self.path):
            return False
        reply = self._gateway.manage(self.command, self.path, self.headers.get("Authorization", ""), self._body or b"")
        self.send_response_only(reply.status)
        if reply.error:
            self.send_header("x-amzn-ErrorType", reply.error)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if reply.content:
            self.wfile.write(reply.content)
        return True

    def _opens_websocket(self) -> bool:
        """Open a WebSocket, or refuse it; return whether the request is for one."""
        if not self._gateway.is_used or not handshake.is_meant(self._only_path, self.headers):
            return False
        try:
            accepted = handshake.accept(self._method, self.request_version, self.headers)
            caller, chosen = self._gateway.connect(self.headers, self.client_address[0], self.path)
        except handshake.Refused as refused:
            self.close_connection = True
            self._send_error(refused.status, refused.message, refused.headers)
            return True
        self.send_response(101)
        self._send_headers(accepted | chosen)
        self.close_connection = True  # as a connection of HTTP
        self._arriving.end()
        received = self.rfile.read()
        self._gateway.open(caller, socket.socket(fileno=self.connection.detach()), received)
        return True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815  # the names that http.server looks for

    def do_HEAD(self) -> None:  # noqa: N802
        """Respond as to GET, without the body."""
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
        # Chalice imitates API Gateway's response to an unknown path, which repeats the caller's token.
        logger.debug("the local gateway rejected a request with %s", error.CODE)
        below_api = self._only_path.split("/")[1:2] == ["api"]
        if below_api or not acceptance.prefers_page(self.headers.get("Accept", "")):
            self._send_error(404, "Not found")
            return
        with relative.to(self._only_path):
            page = layout.failure(NotFound("This address does not exist"))
        self._send_http_response_with_body(404, {**page.headers, "Cache-Control": PRIVATE, "Vary": "Accept"}, page.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Respond with an error in the form of the API's own errors, and close the connection."""
        self.close_connection = True
        self._send_error(code, message)

    def _send_error(self, code: int, message: str | None, headers: dict[str, str] | None = None) -> None:
        content = json.dumps({"error": message or HTTPStatus(code).phrase}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not (self._without_body or self.command == "HEAD"):
            self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log the method, the path and the status; not the query, which contains what users search for."""
        # Without a command, the request line was malformed and no path is known.
        if self.command and self._gateway.manages(self.path):
            return  # its address is a secret, and each frame of each client would be a line
        path = self._only_path if self.command else "-"
        status = code.value if isinstance(code, HTTPStatus) else code
        logger.info("%s %s %s", self._method, path if path.isprintable() else ascii(path), status)

    @property
    def _only_path(self) -> str:
        """The path without the query; the whole address if it is malformed, such as `http://[`."""
        address: str = self.path
        try:
            return urlsplit(address).path
        except ValueError:
            return address.partition("?")[0]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the superclass's
        """Log the superclass's other messages, such as closed idle connections, at debug level."""
        logger.debug(format, *args)


class Server(ThreadedHTTPServer):
    """A server with one thread per connection."""

    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401  # the superclass's
        self.gateway = Gateway()
        super().__init__(*arguments)

    def server_close(self) -> None:
        """Stop listening, and close the WebSockets."""
        super().server_close()
        self.gateway.stop()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # the superclass's type
        """Close a connection once its client has stopped sending: one that is still sending never sees the response."""
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            left = _DISCARD
            stream = io.BufferedReader(Arriving(request, _LINGER, RequestHandler.slowest))
            while left > 0 and (chunk := stream.read1(_CHUNK)):
                left -= len(chunk)
        self.close_request(request)

    def handle_error(
        self,
        request: object,  # noqa: ARG002
        client_address: object,  # noqa: ARG002
    ) -> None:
        """Log the error of a connection, unless the other side closed it or timed out."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            logger.exception("a connection failed")


def check_port(port: int) -> None:
    """Check early that the server will be able to listen on a port.

    Raises:
        PortInUseError: it will not.
    """
    with socket.socket() as probe:
        # As the server does: a port is free even if its last connections are in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortInUseError(f"Port {port} is not available: {error.strerror}") from error


def create(app: Chalice, port: int, gateway: Gateway | None = None) -> HTTPServer:
    """Return a server for an app, listening on loopback; `serve_forever` starts it.

    Args:
        app: the app.
        port: where to listen; 0 for a free port.
        gateway: the WebSocket API, if the app has to know its address before. It is stopped with the server.

    Raises:
        PortInUseError: the server cannot listen on the port.
    """
    # The same as chalice.local.create_local_server, which does not accept a handler class. LocalChalice keeps the
    # current request per thread.
    app.__class__ = type("LocalApp", (LocalChalice, type(app)), {})
    config = Config.create(lambda_timeout=_LAMBDA_TIMEOUT, lambda_memory_size=_LAMBDA_MEMORY_MB)
    try:
        server: Server = LocalDevServer(app, config, HOST, port, RequestHandler, Server).server
    except OSError as error:
        raise PortInUseError(f"Port {port} is not available: {error.strerror}") from error
    server.gateway = gateway or server.gateway
    server.gateway.use(Handlers(app))
    return server
