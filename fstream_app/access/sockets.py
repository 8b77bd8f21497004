"""WebSockets: who may open one, and what it can subscribe to.

The protocol is that of the client API (docs.joinmastodon.org/methods/streaming). Errors have the texts of Mastodon's
streaming server where it has one.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app import text
from fstream_app.access import oauth, rates
from fstream_app.access.rates import Action, Kind, Subject
from fstream_app.core import connections, settings
from fstream_app.core.errors import Invalid, Malformed, NotFound, OutOfScope, Unauthenticated, Unavailable
from fstream_app.core.grants import Token
from fstream_app.core.parallel import gather
from fstream_app.core.streams import LONGEST, Socket, Stream, Subscription
from fstream_app.people import sockets
from fstream_app.repository import oauth as tokens
from fstream_app.repository import sockets as items
from fstream_app.repository.sockets import Name

MOST_OF_USER = 8
"""Limit of a user's open sockets. One more closes the oldest."""
_OPENING = 60_000
"""Milliseconds within which a socket is opened, or is not."""
MOST_SUBSCRIPTIONS = 20
"""Limit per socket: its item stays small."""
STATUSES, NOTIFICATIONS = "read:statuses", "read:notifications"
SCOPES = frozenset({STATUSES, NOTIFICATIONS})
"""The scopes that streams need."""
_LIST = "list"
_SILENT = {
    "direct": STATUSES,
    "public:media": None,
    "public:local:media": None,
    "public:remote": None,
    "public:remote:media": None,
}
"""Streams on which nothing ever happens here, with their scopes. Clients may subscribe to them."""


class Wanted(NamedTuple):
    """A stream as a client names it; the values may be anything."""

    stream: object
    tag: object = None


def connect(secret: str, wanted: Wanted | None, connection_id: str, address: Subject, now: int) -> Socket:
    """Register and return a socket that a user opens with a token; close the user's oldest ones beyond the limit.

    3 RRU; 3 WRU, and 1 for a topic; as `_make_room`.

    Args:
        secret: the token.
        wanted: the first subscription, if there is one.
        connection_id: API Gateway's id of the connection, which is not open yet.
        address: the address that the connection counts for if the token is not a user's.
        now: milliseconds.

    Raises:
        Forbidden: the user is suspended.
        Invalid: the hashtag is not one.
        Malformed: the stream is unknown, or its hashtag is missing.
        NotFound: there are no WebSockets.
        OutOfScope: the token does not cover the stream.
        TooManyRequests: the limit of the user or the address is exhausted.
        Unauthenticated: there is no such token, or it is an application's own.
        Unavailable: the stream has as many listeners as it can have.
    """
    if not settings.get().has_sockets:
        raise NotFound("Live streaming is not supported. Poll the timelines and notifications instead.")
    token, user_id = _authenticate(secret, address, now)
    scopes = frozenset(scope for scope in SCOPES if oauth.covers(token.scopes, scope))
    first = _subscription(wanted, scopes) if wanted else None
    if first is not None:
        _check_room(first, now)
    heard, shard = frozenset({first} if first else ()), items.shard_of(connection_id)
    socket = Socket(connection_id, user_id, token.hash, scopes, heard, now, now + LONGEST, shard)
    items.put(socket)
    # Whatever ends the token from here on finds the socket. What has ended it before is seen now.
    still, found = gather(partial(tokens.get_token, token.hash, now), partial(items.names, user_id))
    if still is None or still.suspended or still.scopes != token.scopes:
        items.remove([socket])
        items.forget_names(each for each in found if each.id == connection_id)  # nothing of a user who has left stays
        raise Unauthenticated("The access token is invalid")
    _make_room([each for each in found if each.id != connection_id and now < each.expires_at], now)
    return socket


def _make_room(others: Sequence[Name], now: int) -> None:
    """Close a user's oldest sockets, so that one more is within the limit; 1 RRU each if there may be too many.

    What leads to closed ones is then deleted, so that they are not read again; 1 WRU each.
    """
    if len(others) < MOST_OF_USER:
        return
    found = items.named(others)
    sockets.close(found[: max(0, len(found) + 1 - MOST_OF_USER)])
    # One that is just being opened may not have its own item yet.
    closed = {each.id for each in others if each.opened_at < now - _OPENING} - {each.id for each in found}
    items.forget_names(each for each in others if each.id in closed)


def _authenticate(secret: str, address: Subject, now: int) -> tuple[Token, str]:
    """Return the token and its user, and count the connection for the user, or else for the address."""
    subject = address
    try:
        token = oauth.verify(secret, now)
        if token.user_id is None:
            raise Unauthenticated("This method requires an authenticated user")
        subject = Subject(Kind.USER, token.user_id)
    finally:
        rates.take(Action.CONNECT, subject, now)
    return token, token.user_id


def count_frame(connection_id: str, now: int) -> None:
    """Count something that a client has sent; 0.1 WRU.

    Raises:
        TooManyRequests: the limit of the socket is exhausted.
    """
    rates.take(Action.FRAME, Subject(Kind.SOCKET, connection_id), now)


def subscribe(connection_id: str, wanted: Wanted, now: int) -> Socket | None:
    """Add a subscription to a socket; 2 RRU, 1 to 3 WRU, 1 more for a topic; 2 RRU if the socket has it already.

    A connection that is not a known socket any more is closed.

    Returns:
        The socket with only this subscription; None if nothing was added.

    Raises:
        Invalid: the hashtag is not one, or the socket has too many subscriptions.
        Malformed: the stream is unknown, or its hashtag is missing.
        OutOfScope: the token does not cover the stream.
        TooManyRequests: the limit of the user is exhausted.
        Unavailable: the stream has as many listeners as it can have.
    """
    socket = items.find(connection_id, now)
    if socket is None:
        connections.close(connection_id)
        return None
    rates.take(Action.SUBSCRIPTION, Subject(Kind.USER, socket.user_id), now)
    subscription = _subscription(wanted, socket.scopes)
    if subscription is None or _same(socket.subscriptions, subscription):
        return None
    if len(socket.subscriptions) >= MOST_SUBSCRIPTIONS:
        raise Invalid(f"A WebSocket can have at most {MOST_SUBSCRIPTIONS} subscriptions. Open another one.")
    _check_room(subscription, now)
    if not items.subscribe(socket, subscription, now):
        connections.close(connection_id)
        return None
    return msgspec.structs.replace(socket, subscriptions=frozenset({subscription}), since=now)


def unsubscribe(connection_id: str, wanted: Wanted, now: int) -> None:
    """Remove a subscription; 2 RRU, 1 to 3 WRU, 1 more for a topic; 2 RRU if the socket does not have it.

    Raises:
        TooManyRequests: the limit of the user is exhausted.
    """
    socket = items.find(connection_id, now)
    if socket is None:
        return
    rates.take(Action.SUBSCRIPTION, Subject(Kind.USER, socket.user_id), now)
    try:
        subscription = _subscription(wanted, SCOPES)
    except (Invalid, Malformed):
        return
    for each in _same(socket.subscriptions, subscription) if subscription else ():
        items.unsubscribe(socket, each, now)


def disconnect(connection_id: str) -> None:
    """Forget a socket that has been closed; 1 RRU; 1 WRU, 1 per topic, 1 if changed later. Idempotent."""
    items.forget(connection_id)


def _same(found: Iterable[Subscription], wanted: Subscription) -> list[Subscription]:
    """Return the subscriptions to the same, however the hashtag is written."""
    return [each for each in found if (each.stream, each.tag) == (wanted.stream, wanted.tag)]


def _subscription(wanted: Wanted, scopes: frozenset[str]) -> Subscription | None:
    """Return the subscription, or None if nothing ever happens on its stream."""
    name = _first(wanted.stream)
    if name == _LIST:
        raise Malformed("Lists are not streamed. Poll the timeline of the list instead.")
    if name in _SILENT:
        _require(_SILENT[name], scopes)
        return None
    try:
        stream = Stream(name)
    except ValueError:
        raise Malformed("Unknown stream type") from None
    if stream.is_private:
        _require(STATUSES if stream is Stream.USER else NOTIFICATIONS, scopes)
    if not stream.has_tag:
        return Subscription(stream)
    written = _first(wanted.tag)
    if not written:
        raise Malformed("Missing tag name parameter")
    try:
        return Subscription(stream, text.normalise_tag(written[written[0] in text.SIGNS :]), written)
    except ValueError:
        raise Invalid("This is not a hashtag", "tag") from None


def _first(value: object) -> str:
    """Return a value, or the first one of a list, as the protocol has it; empty if it is not a text."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else ""


def _require(scope: str | None, scopes: frozenset[str]) -> None:
    if scope is not None and scope not in scopes:
        raise OutOfScope("Access token does not have the required scopes", scope)


def _check_room(subscription: Subscription, now: int) -> None:
    """Check that a topic has room for another listener; 0.5 RRU per some 50 listeners. At once, a few more may come."""
    most = settings.get().live_topic
    if subscription.topic and items.listeners(subscription.topic, now, most) >= most:
        raise Unavailable("Too many are listening to this stream. Poll its timeline instead.")
