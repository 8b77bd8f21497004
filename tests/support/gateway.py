"""API Gateway's WebSocket API for tests: calls the functions, and answers the calls of @connections."""

import functools
import itertools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib import streaming
from fstream_app.access.oauth import hash_secret
from fstream_app.core import connections
from fstream_app.core.streams import LONGEST, Socket, Subscription
from fstream_app.repository import sockets
from fstream_app.tables import SocketItem

ADDRESS = "https://sockets.test/prod"
_signer = functools.cache(connections.Signer)


def kept() -> list[SocketItem]:
    """Return all items of sockets and their topics, except those that lead to them, which only expire."""
    return [item for item in SocketItem.scan() if item.opened is None]


class _Body:
    """A response's empty body, in the form in which botocore reads it."""

    def stream(self, **_: object) -> list[bytes]:
        return []


class Opened(NamedTuple):
    """The response to the opening of a WebSocket."""

    id: str
    status: int
    headers: Mapping[str, str]


class Gateway:
    """Answers signed requests, as API Gateway does. Set `FSTREAM_CONNECTIONS` to `ADDRESS` before."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        """Connection ids."""
        self.sent: list[tuple[str, Any]] = []
        """Connection ids and frames."""
        self.closed: list[str] = []
        """Connection ids, in the order in which the server closed them."""
        self.failures: dict[str, int] = {}
        """Connection id → the status with which calls about it fail."""
        self.kinds = {410: "GoneException", 429: "LimitExceededException", 403: "ForbiddenException"}
        """Status → the error's name in the response."""
        self.requests: list[AWSPreparedRequest] = []
        self._numbers = itertools.count(1)

    @property
    def calls(self) -> int:
        """Number of requests."""
        return len(self.requests)

    def install(self) -> None:
        """Answer the calls of this process. They are signed by one signer, which takes long to make, for all tests."""
        connections.http.use(self)
        connections.signer.use(_signer())

    def opened(self, user_id: str, token: str, now: int, *subscriptions: Subscription) -> Socket:
        """Return a socket that a user has opened with a token at a time (ms), and that is stored."""
        connection_id, scopes = f"{next(self._numbers)}{user_id}=", frozenset({"read:notifications", "read:statuses"})
        token_hash = hash_secret(token)
        made = Socket(connection_id, user_id, token_hash, scopes, frozenset(subscriptions), now, now + LONGEST)
        sockets.put(made)
        self.open.add(connection_id)
        return made

    def connect(
        self,
        token: str = "",
        *,
        protocol: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        address: str = "203.0.113.5",
        **query: str | list[str],
    ) -> Opened:
        """Open a WebSocket with a token in the header Authorization, or with any other headers and query."""
        self.install()  # again, because changed settings clear what the process remembers
        connection_id = f"{next(self._numbers)}="
        sent = {"Host": "sockets.test", "Upgrade": "websocket", **headers}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        sent |= {"Sec-WebSocket-Protocol": protocol} if protocol else {}
        lists = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
        event: streaming.Event = {
            "requestContext": {"connectionId": connection_id, "identity": {"sourceIp": address}},
            "headers": sent,
            "queryStringParameters": {name: values[-1] for name, values in lists.items()} or None,
            "multiValueQueryStringParameters": lists or None,
        }
        answer = streaming.connect(event, None)
        assert answer.keys() <= {"statusCode", "headers"}
        if answer["statusCode"] == 200:
            self.open.add(connection_id)
        return Opened(connection_id, answer["statusCode"], answer.get("headers", {}))

    def say(self, connection_id: str, frame: object, *, binary: bool = False) -> list[Any]:
        """Send a frame, a text as it is and anything else as JSON; return the frames that come back."""
        self.install()
        before = len(self.frames(connection_id))
        body = frame if isinstance(frame, str) else json.dumps(frame)
        context: streaming.Context = {"connectionId": connection_id}
        event: streaming.Event = {"requestContext": context, "body": body, "isBase64Encoded": binary}
        assert streaming.message(event, None) == {"statusCode": 200}
        return self.frames(connection_id)[before:]

    def disconnect(self, connection_id: str) -> None:
        """Close a WebSocket, as its client does."""
        self.open.discard(connection_id)
        assert streaming.disconnect({"requestContext": {"connectionId": connection_id}}, None) == {"statusCode": 200}

    def frames(self, connection_id: str) -> list[Any]:
        """Return the frames that a connection got."""
        return [frame for to, frame in self.sent if to == connection_id]

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Respond to a signed request."""
        assert "Authorization" in request.headers
        self.requests.append(request)
        connection = unquote(urlsplit(request.url).path.rpartition("/@connections/")[2])
        if status := self.failures.get(connection, 0 if connection in self.open else 410):
            kind = self.kinds.get(status, "InternalServerError")
            return AWSResponse(request.url, status, {"x-amzn-ErrorType": kind}, _Body())
        if request.method == "DELETE":
            self.open.discard(connection)
            self.closed.append(connection)
            return AWSResponse(request.url, 204, {}, _Body())
        self.sent.append((connection, json.loads(request.body)))
        return AWSResponse(request.url, 200, {}, _Body())
