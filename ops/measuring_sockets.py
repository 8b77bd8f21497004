"""Measures what WebSockets and live arrival cost, for `ops.measuring`.

The handlers are the real ones. API Gateway and the queue are replaced, so that nothing is sent anywhere; requests to
API Gateway are made and signed all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib import live, streaming
from fstream_app.core import clock, connections, queue, settings
from fstream_app.feed import fanout
from fstream_app.feed.changes import Change
from fstream_app.live import online
from fstream_app.repository import batch, sockets
from fstream_app.tables import EdgeItem, SocketItem
from ops.costs import SocketCosts
from ops.counting import LATENCY, Counted, count, largest
from ops.meter import item_size

_GATEWAY, _QUEUE = "https://sockets.invalid/measured", "https://queue.invalid/live"
_MOST = 6
"""Sockets that are open at once. With more than eight of a user, the oldest are closed."""
_REMEMBERED = (queue.client, connections.http, connections.signer, online.shared, online.presence)


class _Wires:
    """Takes what is put into the queue, and what is sent to WebSockets."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.frames: list[bytes] = []

    def send_message(self, *, MessageBody: str, **_: object) -> None:  # noqa: N803  # as botocore's client of SQS
        self.entries.append(MessageBody)

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        self.frames.append(request.body)
        return AWSResponse(request.url, 200, {}, None)


@contextmanager
def _wired() -> Iterator[_Wires]:
    """Turn streaming on in this block."""
    wires, before = _Wires(), settings.process()
    settings.process.use(msgspec.structs.replace(before, connections=_GATEWAY, live_queue=_QUEUE))
    for each in _REMEMBERED:
        each.clear()
    queue.client.use(wires)
    connections.http.use(wires)
    try:
        yield wires
    finally:
        settings.process.use(before)
        for each in _REMEMBERED:
            each.clear()


def measure(tokens: tuple[str, str], post: Callable[[], Sequence[Change]], rounds: int) -> SocketCosts:
    """Measure on the engine.

    Args:
        tokens: the secrets of tokens of a follower, and of a user who follows nobody.
        post: lets the followed account post a message; returns the change in the stream.
        rounds: how many times to run each operation.
    """
    with _wired() as wires:
        follower, stranger = (_Sockets(token, min(rounds, _MOST)) for token in tokens)
        return SocketCosts(**follower.costs(), **_of_messages(wires, follower, stranger, post))


class _Sockets:
    """A user who opens WebSockets."""

    def __init__(self, token: str, rounds: int) -> None:
        self.rounds = rounds
        self._token = token
        self._opened: list[str] = []

    def open(self, **query: str) -> None:
        """Open a WebSocket, with a query."""
        self._opened.append(f"{len(self._opened)}{self._token}")
        self._call(streaming.connect, self._opened[-1], query)

    def subscribe(self, number: int = -1) -> None:
        """Subscribe to the home timeline."""
        self._call(streaming.message, self._opened[number], body='{"type": "subscribe", "stream": "user"}')

    def close(self, number: int) -> None:
        """Close a WebSocket."""
        self._call(streaming.disconnect, self._opened[number])

    def _call(
        self,
        handler: Callable[[streaming.Event, object], streaming.Answer],
        connection_id: str,
        query: dict[str, str] | None = None,
        body: str | None = None,
    ) -> None:
        event: streaming.Event = {
            "requestContext": {"connectionId": connection_id},
            "headers": {"Authorization": f"Bearer {self._token}"},
            "queryStringParameters": query,
            "body": body,
        }
        answer = handler(event, None)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{handler.__name__}: {answer['statusCode']}")

    def costs(self) -> dict[str, Any]:
        """Return the costs of opening, subscribing and closing.

        Functions count these for the limits in memory, and write every tenth of a user or socket within minutes. So
        clients that do no more than is counted here write none.
        """
        found: dict[str, Any] = {}
        steps: tuple[tuple[str, Callable[[int], None]], ...] = (
            ("connect", lambda _: self.open()),
            ("frame", self.subscribe),
            ("close", self.close),
            ("query", lambda _: self.open(stream="user")),
        )
        for name, step in steps:
            first, counted = self._counted(step)
            found |= {
                f"{name}_rru": counted.read() - counted.read("limits"),
                f"{name}_wru": counted.written() - counted.written("limits"),
                f"{name}_trips": first.trips,
                f"{name}_cpu": counted.cpu,
            }
            if name == "frame":
                found["online_bytes"] = item_size(largest(SocketItem))
            if name == "close":
                _expire()
        for number in range(-self.rounds - 1, 0):
            self.close(number)
        return found

    def _counted(self, step: Callable[[int], None]) -> tuple[Counted, Counted]:
        """Run a step for the first socket, counting round trips, and then for the others."""
        numbers = iter(range(1, self.rounds + 1))
        return count(lambda: step(0), latency=LATENCY), count(lambda: step(next(numbers)), self.rounds)


def _expire() -> None:
    """Delete what leads to sockets, which are all closed, as TTL does. Few users open more than eight in two hours."""
    batch.delete(SocketItem, [(item.user_id, item.id) for item in SocketItem.scan() if item.opened])


def _of_messages(
    wires: _Wires, follower: _Sockets, stranger: _Sockets, post: Callable[[], Sequence[Change]]
) -> dict[str, Any]:
    """Return the costs of a message while somebody is online, and of a follower who is."""
    stranger.open()
    stranger.subscribe()
    asked = count(lambda: sockets.is_anybody_online(clock.now()))
    alone = _announced(wires, post, follower.rounds)
    follower.open()
    follower.subscribe()
    together, once = _announced(wires, post, follower.rounds), _announced(wires, post, 1, LATENCY)
    edge = largest(EdgeItem)
    return {
        "presence_rru": asked.read(),
        "follower_bytes": item_size({name: edge[name] for name in EdgeItem.key_names()}),
        "live_rru": alone.read() - alone.read("sockets") - alone.read("relationships"),
        "recipient_rru": together.read() - alone.read(),
        "live_trips": once.trips,
        "live_cpu": alone.cpu,
        "send_cpu": max(0.0, together.cpu - alone.cpu),
        "frame_bytes": max(map(len, wires.frames)),
    }


def _announced(wires: _Wires, post: Callable[[], Sequence[Change]], times: int, latency: float = 0.0) -> Counted:
    """Let messages be posted and fanned out; count what the function `live` does about each."""
    wires.entries.clear()
    for _ in range(times):
        fanout.deliver(post(), clock.now())
    first = {"ApproximateReceiveCount": "1"}
    entries = iter([{"Records": [{"body": text, "receiptHandle": "", "attributes": first}]} for text in wires.entries])
    online.shared().refresh(clock.now())
    return count(lambda: live.live(next(entries), None), times, latency)
