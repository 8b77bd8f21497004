"""API Gateway's @connections for tests: which WebSockets are open, and what has been sent to them."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient

from fstream_app.access.oauth import hash_secret
from fstream_app.core import connections
from fstream_app.core.streams import LONGEST, Socket, Subscription
from fstream_app.repository import sockets

ADDRESS = "https://sockets.test/prod"
_clients: dict[str, BaseClient] = {}
_PATH = "/prod/@connections/"


class _Body:
    """A response's body, in the form in which botocore reads it."""

    def __init__(self, content: bytes = b"") -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]


class Gateway:
    """Answers botocore's real client, as API Gateway does. Set `FSTREAM_CONNECTIONS` to `ADDRESS` before."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        """Connection ids."""
        self.sent: list[tuple[str, Any]] = []
        """Connection ids and frames."""
        self.closed: list[str] = []
        """Connection ids, in the order in which the server closed them."""
        self.failures: dict[str, int] = {}
        """Connection id → the status with which calls about it fail."""
        self.calls = 0

    def install(self) -> None:
        """Answer the calls of this process's client, which is made once for all tests."""
        client = _clients.setdefault("", connections.client())
        connections.client.use(client)
        client.meta.events.unregister("before-send.apigatewaymanagementapi", unique_id="gateway")
        client.meta.events.register("before-send.apigatewaymanagementapi", self._answer, unique_id="gateway")

    def opened(self, user_id: str, token: str, now: int, *subscriptions: Subscription) -> Socket:
        """Return a socket that a user has opened with a token at a time (ms), and that is stored."""
        connection_id, scopes = f"{len(self.open)}{user_id}=", frozenset({"read:notifications", "read:statuses"})
        token_hash = hash_secret(token)
        made = Socket(connection_id, user_id, token_hash, scopes, frozenset(subscriptions), now, now + LONGEST)
        sockets.put(made)
        self.open.add(connection_id)
        return made

    def frames(self, connection_id: str) -> list[Any]:
        """Return the frames that a connection got."""
        return [frame for to, frame in self.sent if to == connection_id]

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.calls += 1
        connection = unquote(urlsplit(request.url).path.removeprefix(_PATH))
        if status := self.failures.get(connection, 0 if connection in self.open else 410):
            kinds = {410: "GoneException", 429: "LimitExceededException", 403: "ForbiddenException"}
            kind = kinds.get(status, "InternalServerError")
            return AWSResponse(request.url, status, {"x-amzn-ErrorType": kind}, _Body(b"{}"))
        if request.method == "DELETE":
            self.open.discard(connection)
            self.closed.append(connection)
            return AWSResponse(request.url, 204, {}, _Body())
        self.sent.append((connection, json.loads(request.body)))
        return AWSResponse(request.url, 200, {}, _Body())
