"""A server with WebSocket handlers that only note their events."""

import queue
import threading
from contextlib import ExitStack
from typing import Any

import boto3
from botocore.config import Config
from chalice.app import Blueprint, Chalice
from websocket import WebSocket, create_connection

from ops import server
from ops.websockets.gateway import Gateway

api = Blueprint(__name__)
PATH = "/api/v1/streaming"


class Toy:
    """A server whose app has the handlers below: its address, and the events that they got."""

    def __init__(self, **limits: int) -> None:
        app = Chalice("test")
        app.register_blueprint(api)
        gateway = Gateway(**limits)
        self._listening = server.create(app, 0, gateway)
        self._serving = threading.Thread(target=self._listening.serve_forever, args=[0.01], daemon=True)
        self._serving.start()
        self.address = (server.HOST, self._listening.server_port)
        self.url = f"http://{server.HOST}:{self._listening.server_port}"
        self.endpoint = self.url + gateway.path
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        configured = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        self.client = boto3.client("apigatewaymanagementapi", endpoint_url=self.endpoint, config=configured)
        self.sockets = ExitStack()

    def open(self, query: str = "", **options: Any) -> WebSocket:
        """Open a WebSocket; it is closed at the end of the test."""
        opened = create_connection(f"{self.url.replace('http', 'ws')}{PATH}{query}", timeout=20, **options)
        self.sockets.callback(opened.shutdown)
        return opened

    def stop(self) -> None:
        """Stop the server."""
        self._listening.shutdown()
        self._listening.server_close()
        self._serving.join()

    def event(self, kind: str) -> dict[str, Any]:
        """Return the next event, which must be of this kind."""
        event = self.events.get(timeout=20)
        assert event["requestContext"]["eventType"] == kind
        return event

    def open_and_id(self, query: str = "", **options: Any) -> tuple[WebSocket, str]:
        opened = self.open(query, **options)
        return opened, id_of(self.event("CONNECT"))

    def error(self, method: str, **values: Any) -> str:
        """Call `@connections`; return the code of the error, or nothing if it succeeds."""
        try:
            getattr(self.client, method)(**values)
        except self.client.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""


toy: Toy
"""The server that runs: Lambda, too, calls functions of modules."""


def start(**limits: int) -> Toy:
    """Start a server, with other limits of the gateway."""
    global toy  # noqa: PLW0603  # see above
    toy = Toy(**limits)
    return toy


def id_of(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["connectionId"])


@api.on_ws_connect(name="connect")
def connect(event: dict[str, Any], _context: object) -> dict[str, Any] | None:
    query = event.get("queryStringParameters") or {}
    if query.get("post"):
        event["error"] = toy.error("post_to_connection", ConnectionId=id_of(event), Data=b"too early")
    toy.events.put(event)
    if query.get("status") == "raise":
        raise ValueError("the handler of $connect is broken")
    protocol = event["headers"].get("Sec-WebSocket-Protocol", "").split(",")[0]
    return {
        "statusCode": int(query.get("status", 200)),
        "headers": {"sec-websocket-protocol": protocol} if protocol else {},
    }


@api.on_ws_message(name="message")
def message(event: dict[str, Any], context: Any) -> dict[str, Any]:
    assert context.get_remaining_time_in_millis() > 0
    toy.events.put(event)
    if event["body"] == "raise":
        raise ValueError("the handler of messages is broken")
    if event["body"] == "echo":
        toy.client.post_to_connection(ConnectionId=id_of(event), Data=b"echoed")
    return {"statusCode": 200, "body": "reaches nobody"}


@api.on_ws_disconnect(name="disconnect")
def disconnect(event: dict[str, Any], _context: object) -> dict[str, Any]:
    toy.events.put(event)
    return {"statusCode": 200}
