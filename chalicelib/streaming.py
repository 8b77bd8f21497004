"""The WebSocket functions, deployed as `chalicelib.streaming.<name>`: opening, what a client sends, and closing.

A handler never raises: API Gateway would send an error of its own to the client, which ends some clients, as do other
frames that are not events. For the same reason, no handler returns a body. Chalice calls handlers of a blueprint with
the event and context as Lambda passes them, and no middleware runs. Only the opening has the request's headers and
query.
"""

from collections.abc import Callable, Mapping
from typing import NotRequired, TypedDict

import msgspec
from chalice.app import Blueprint

from chalicelib import deadlines, errors, http_api, observation, rates
from fstream_app.access import sockets
from fstream_app.access.rates import Kind, Subject
from fstream_app.access.sockets import Wanted
from fstream_app.core import clock, connections
from fstream_app.core.errors import Forbidden, TooManyRequests, Unauthenticated
from fstream_app.core.streams import Socket
from fstream_app.live import announcing

api = Blueprint(__name__)

PATH = "/api/v1/streaming"
"""The path below the instance's own address."""
_PROTOCOL = "sec-websocket-protocol"
_LONGEST_FRAME = 4096
"""Bytes. A subscription is far shorter."""


class Identity(TypedDict):
    """The part of a context about the caller."""

    sourceIp: str


class Context(TypedDict):
    """The part of an event about the connection."""

    connectionId: str
    identity: NotRequired[Identity]


class Event(TypedDict):
    """What API Gateway passes on ("WebSocket API mapping template reference", API Gateway's Developer Guide)."""

    requestContext: Context
    headers: NotRequired[dict[str, str]]
    queryStringParameters: NotRequired[dict[str, str] | None]
    multiValueQueryStringParameters: NotRequired[dict[str, list[str]] | None]
    body: NotRequired[str | None]
    isBase64Encoded: NotRequired[bool]


class Answer(TypedDict):
    """The response. On opening, any other status than 200 refuses the connection."""

    statusCode: int
    headers: NotRequired[dict[str, str]]


class Frame(msgspec.Struct, frozen=True):
    """What a client sends. Everything else is ignored."""

    type: str
    stream: object = None
    tag: object = None


@api.on_ws_connect(name="websocket_connect")
def connect(event: Event, context: object) -> Answer:
    """Open a WebSocket, if the token and the stream in the query allow it."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    with observation.socket("websocket_connect", context) as line, deadlines.of_request(context):
        line["status"] = status = _status(lambda: _connect(event, headers))
    chosen = headers.get(_PROTOCOL, "").partition(",")[0].strip()
    # Clients that send the token as a subprotocol refuse a server that does not choose it.
    return {"statusCode": status, "headers": {"Sec-WebSocket-Protocol": chosen} if chosen and status == 200 else {}}


def _connect(event: Event, headers: Mapping[str, str]) -> None:
    if not http_api.has_secret(headers):
        raise Forbidden("This address accepts requests from CloudFront only; use the address of the instance")
    found = event.get("multiValueQueryStringParameters") or {}
    query: dict[str, str] = {**(event.get("queryStringParameters") or {})}
    query |= {name: values[0] for name, values in found.items() if values}
    wanted = Wanted(query["stream"], query.get("tag")) if query.get("stream") else None
    context = event["requestContext"]
    caller = context.get("identity", {"sourceIp": ""})["sourceIp"]
    forwarded = {**headers, **http_api.forwarded(headers, caller)}.get("x-forwarded-for", "")
    address = Subject(Kind.ADDRESS, rates.reliable(caller, forwarded))
    now = clock.now()
    _catch_up(sockets.connect(_secret(headers, query), wanted, context["connectionId"], address, now), now)


def _catch_up(socket: Socket | None, now: int) -> None:
    """Let a socket that has subscribed to a stream of its user get what happened just before."""
    if socket is not None and any(each.stream.is_private for each in socket.subscriptions):
        announcing.opened(socket, now)


def _secret(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the token: the first one of those in the header Authorization, in the query, and as the subprotocol."""
    kind, _, secret = headers.get("authorization", "").strip().partition(" ")
    if kind.lower() == "bearer" and secret.strip():
        return secret.strip()
    return query.get("access_token") or headers.get(_PROTOCOL, "").partition(",")[0].strip()


@api.on_ws_message(name="websocket_message")
def message(event: Event, context: object) -> Answer:
    """Handle what a client sends: subscribe, unsubscribe, or anything else, which is ignored."""
    connection_id = event["requestContext"]["connectionId"]
    with observation.socket("websocket_message", context) as line, deadlines.of_request(context):
        line["status"] = _status(lambda: _receive(event, connection_id))
    return {"statusCode": 200}


def _receive(event: Event, connection_id: str) -> None:
    now = clock.now()
    try:
        sockets.count_frame(connection_id, now)
    except TooManyRequests:
        connections.close(connection_id)
        return
    if event.get("isBase64Encoded"):
        connections.close(connection_id)  # as the protocol has it for binary frames
        return
    frame = _parse(event.get("body") or "")
    if frame is None:
        return
    wanted = Wanted(frame.stream, frame.tag)
    match frame.type:
        case "subscribe":
            _subscribe(connection_id, wanted, now)
        case "unsubscribe":
            sockets.unsubscribe(connection_id, wanted, now)
        case _:
            pass


def _parse(body: str) -> Frame | None:
    if len(body) > _LONGEST_FRAME:
        return None
    try:
        return msgspec.json.decode(body, type=Frame)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _subscribe(connection_id: str, wanted: Wanted, now: int) -> None:
    try:
        _catch_up(sockets.subscribe(connection_id, wanted, now), now)
    except Exception as error:  # noqa: BLE001  # whatever it is, the client must learn that it gets nothing
        failure = _failure(error)
        connections.post(connection_id, msgspec.json.encode(failure))


@api.on_ws_disconnect(name="websocket_disconnect")
def disconnect(event: Event, context: object) -> Answer:
    """Forget a WebSocket that has been closed."""
    connection_id = event["requestContext"]["connectionId"]
    with observation.socket("websocket_disconnect", context) as line, deadlines.of_request(context):
        line["status"] = _status(lambda: sockets.disconnect(connection_id))
    return {"statusCode": 200}


class Failure(msgspec.Struct, frozen=True):
    """The frame with which the protocol reports an error. In it, 401 is for everything that a token does not allow."""

    error: str
    status: int


def _failure(error: Exception) -> Failure:
    response = errors.respond(error)  # logs what is a defect
    is_of_token = isinstance(error, Forbidden | Unauthenticated)
    return Failure(response.body["error"], 401 if is_of_token else response.status_code)


def _status(call: Callable[[], None]) -> int:
    """Make a call, and return the status of its outcome."""
    try:
        call()
    except Exception as error:  # noqa: BLE001  # a handler never raises
        return _failure(error).status
    return 200
