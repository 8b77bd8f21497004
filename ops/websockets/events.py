"""Calls an app's WebSocket handlers with API Gateway's events."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice
from chalice.local import LambdaContext

from fstream_app.core import clock

STAGE = "local"
CONNECT, DEFAULT, DISCONNECT = "$connect", "$default", "$disconnect"
_KINDS = {CONNECT: "CONNECT", DEFAULT: "MESSAGE", DISCONNECT: "DISCONNECT"}
_API = "local"
_MEMORY_MB = 512
_TIMEOUT_MS = 29_000

Event = dict[str, Any]
Handler = Callable[[Event, LambdaContext], Any]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """What all events of a connection say about it."""

    connection_id: str
    address: str
    """IP address of the client."""
    agent: str
    host: str
    connected_at: int
    """Milliseconds since the epoch."""


def new_caller(headers: Message, address: str) -> Caller:
    """Return the caller of a handshake, with a connection id that nobody can guess."""
    return Caller(
        connection_id=secrets.token_urlsafe(11) + "=",
        address=address,
        agent=headers.get("User-Agent", ""),
        host=headers.get("Host", ""),
        connected_at=clock.now(),
    )


class Handlers:
    """The WebSocket handlers of an app, by route key. They are what Lambda calls: functions of modules."""

    def __init__(self, app: Chalice) -> None:
        self._functions: dict[str, Handler] = {
            route: _function(config.handler_string) for route, config in app.websocket_handlers.items()
        }

    def __bool__(self) -> bool:
        return CONNECT in self._functions

    def connect(self, caller: Caller, headers: Message, query: str) -> dict[str, Any]:
        """Call the handler of `$connect`; return its response, or one with status 500 if it has failed."""
        request: Event = {
            "headers": dict(headers.items()) | _forwarded(caller, headers),
            "multiValueHeaders": {name: headers.get_all(name) for name in headers}
            | {name: [value] for name, value in _forwarded(caller, headers).items()},
        }
        if values := parse_qs(query, keep_blank_values=True):
            request["queryStringParameters"] = {name: each[-1] for name, each in values.items()}
            request["multiValueQueryStringParameters"] = values
        response = self._call(CONNECT, caller, request)
        return response if isinstance(response, dict) and "statusCode" in response else {"statusCode": 500}

    def message(self, caller: Caller, text: str) -> Event | None:
        """Call the handler of `$default`; return the frame that API Gateway sends if it has failed."""
        request_id = _request_id()
        answer = self._call(DEFAULT, caller, {"body": text}, request_id)
        if answer is not None:
            return None  # without a route response, what a handler returns reaches nobody
        failed = "Internal server error"
        return {"message": failed, "connectionId": caller.connection_id, "requestId": request_id}

    def disconnect(self, caller: Caller, code: int, reason: str) -> None:
        """Call the handler of `$disconnect`, if the app has one."""
        ended = {"disconnectStatusCode": code, "disconnectReason": reason}
        self._call(DISCONNECT, caller, {"headers": {"Host": caller.host}}, more=ended)

    def _call(
        self, route: str, caller: Caller, request: Event, request_id: str = "", more: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401  # whatever the handler returns
        """Call a route's handler; return None if it has failed, as an error in Lambda is no response."""
        request_id = request_id or _request_id()
        function = self._functions.get(route)
        if function is None:
            return {"statusCode": 200}
        context = _context(route, caller, request_id) | dict(more or {})
        event = {"requestContext": context, "isBase64Encoded": False, **request}
        try:
            return function(event, LambdaContext(function.__name__, _MEMORY_MB, _TIMEOUT_MS))
        except Exception:
            logger.exception("the handler of %s failed", route)
            return None


def _function(path: str) -> Handler:
    module, _, name = path.rpartition(".")
    function: Handler = getattr(import_module(module), name)
    return function


def _request_id() -> str:
    return secrets.token_urlsafe(11) + "="


def _forwarded(caller: Caller, headers: Message) -> dict[str, str]:
    """Return the headers that API Gateway adds; it appends the client's address to those of the proxies."""
    before = headers.get_all("X-Forwarded-For", [])
    return {
        "X-Forwarded-For": ", ".join([*before, caller.address]),
        "X-Forwarded-Port": caller.host.rpartition(":")[2],
        "X-Forwarded-Proto": "http",
    }


def _context(route: str, caller: Caller, request_id: str) -> Event:
    now = clock.now()
    context: Event = {
        "routeKey": route,
        "eventType": _KINDS[route],
        "messageDirection": "IN",
        "stage": STAGE,
        "apiId": _API,
        "domainName": caller.host,
        "connectionId": caller.connection_id,
        "connectedAt": caller.connected_at,
        "requestId": request_id,
        "extendedRequestId": request_id,
        "requestTime": datetime.fromtimestamp(now / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": now,
        "identity": {"sourceIp": caller.address, "userAgent": caller.agent},
    }
    if route == DEFAULT:
        context["messageId"] = _request_id()
    return context
