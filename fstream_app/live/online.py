"""Who is online: the open sockets, as warm functions remember them.

The functions that deliver messages ask only whether anybody is online (`Presence`). The function that sends keeps all
open sockets in memory (`Online`), as `fstream_app.feed.tail` keeps the log: each refresh reads what has changed since
the last one, and the last seconds again, because the index lags a little. Nothing lists the sockets that have closed:
they expire here, or API Gateway says that they are gone when something is sent.
"""

import logging
import threading
from collections.abc import Callable, Iterable

from fstream_app.core import settings
from fstream_app.core.streams import Socket, Stream
from fstream_app.core.warm import remembered
from fstream_app.repository import sockets

logger = logging.getLogger(__name__)

_ASK_EVERY = 500
"""Milliseconds for which an answer is remembered."""
_STAYS = 60_000
"""Milliseconds for which somebody counts as online after the last socket has closed.

Clients connect again after seconds, and what was posted shortly before is on no page yet, because it has not settled.
"""


class Presence:
    """Whether anybody is online. Thread-safe: threads that ask at the same time wait for one answer."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asked_at: int | None = None
        self._seen_at: int | None = None

    def __call__(self, now: int) -> bool:
        """Return whether anybody is or was online within a minute; 0.5 RRU per shard, at most every half second.

        Raises:
            PynamoDBException: the table did not respond.
        """
        with self._lock:
            if self._asked_at is None or abs(now - self._asked_at) >= _ASK_EVERY:
                if self._ask(now):
                    self._seen_at = now
                self._asked_at = now
            return self._seen_at is not None and abs(now - self._seen_at) < _STAYS


@remembered
def presence() -> Presence:
    """Return this process's memory of whether anybody is online."""
    return Presence(sockets.is_anybody_online)


class Online:
    """The open sockets that have subscribed to something. Thread-safe."""

    def __init__(self, read: Callable[[int, int], list[Socket]]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._sockets: dict[str, Socket] = {}
        self._of_user: dict[str, set[str]] = {}
        self._private: dict[str, set[str]] = {}
        """By user: those that have subscribed to a private stream."""
        self._of_topic: dict[str, set[str]] = {}
        self._refreshed_at: int | None = None

    def refresh(self, now: int) -> None:
        """Read what has changed since the last refresh; 0.5 RRU per 4 KB. The first time, that is all open sockets.

        Raises:
            PynamoDBException: the table did not respond.
        """
        overlap = int(1000 * settings.get().tail_overlap)
        with self._refreshing:
            last = self._refreshed_at
            since = 0 if last is None else min(last, now) - overlap
            changed = self._read(since, now)
            with self._lock:
                for socket in changed:
                    known = self._sockets.get(socket.id)
                    if known is None or known.since <= socket.since:
                        self._forget(socket.id)
                        self._add(socket)
                for expired in [each.id for each in self._sockets.values() if each.expires_at <= now]:
                    self._forget(expired)
                self._refreshed_at = now

    @property
    def is_anybody(self) -> bool:
        """Whether there is any socket."""
        return bool(self._sockets)

    def of_users(self, user_ids: Iterable[str]) -> dict[str, list[Socket]]:
        """Return the sockets of those of these users who are online."""
        with self._lock:
            return {
                user_id: [self._sockets[each] for each in found]
                for user_id in user_ids
                if (found := self._of_user.get(user_id))
            }

    def listening(self, topic: str) -> list[Socket]:
        """Return the sockets that have subscribed to a topic (`Subscription.topic`)."""
        with self._lock:
            return [self._sockets[each] for each in self._of_topic.get(topic, ())]

    def hashtag_topics(self) -> dict[str, str]:
        """Return the topics of hashtags that some socket has subscribed to, each with its hashtag's normalised name."""
        with self._lock:
            found = {topic: topic.partition("#") for topic in self._of_topic}
        return {topic: name for topic, (stream, _, name) in found.items() if Stream(stream).has_tag}

    def users(self) -> set[str]:
        """Return the users with a socket that listens to a stream of their own, and not to topics alone."""
        with self._lock:
            return set(self._private)

    def forget(self, gone: Iterable[str]) -> None:
        """Forget sockets that are gone, by their ids."""
        with self._lock:
            for each in gone:
                self._forget(each)

    def _add(self, socket: Socket) -> None:
        if not socket.subscriptions:
            return
        self._sockets[socket.id] = socket
        self._of_user.setdefault(socket.user_id, set()).add(socket.id)
        if any(each.stream.is_private for each in socket.subscriptions):
            self._private.setdefault(socket.user_id, set()).add(socket.id)
        for topic in _topics(socket):
            self._of_topic.setdefault(topic, set()).add(socket.id)

    def _forget(self, socket_id: str) -> None:
        socket = self._sockets.pop(socket_id, None)
        if socket is None:
            return
        _discard(self._of_user, socket.user_id, socket_id)
        _discard(self._private, socket.user_id, socket_id)
        for topic in _topics(socket):
            _discard(self._of_topic, topic, socket_id)


def _topics(socket: Socket) -> set[str]:
    return {each.topic for each in socket.subscriptions if each.topic}


def _discard(index: dict[str, set[str]], key: str, socket_id: str) -> None:
    left = index.get(key)
    if left is not None:
        left.discard(socket_id)
        if not left:
            del index[key]


@remembered
def shared() -> Online:
    """Return the sockets that this process remembers."""
    return Online(sockets.changed_since)
