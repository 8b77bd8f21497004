"""Messages that this process has posted and whose delivery it has not seen yet.

Timelines hold back everything from such a message on, so that no polling client advances past it. The stream functions
may be late for one author and on time for another; only the process that accepted a post knows that something is to
come.
"""

import threading
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from fstream_app.core import settings
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.warm import remembered
from fstream_app.repository import conversations, timelines

HOME = "home"
"""The name under which messages are awaited in the log, from which home timelines are read."""
_KEPT_LONGER = 60_000
"""Milliseconds for which a message is kept beyond the bound: readers may look back to an earlier refresh."""
_CAPACITY = 20_000
"""Limit of messages in memory; more than a process can post within any sensible bound."""


class Awaited:
    """The awaited messages, by the name of the timeline in which they have not been seen. Thread-safe.

    Each counts until it is older than the bound on settling, or until the clock has jumped so far.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, set[MessageId]] = {}
        self._order: deque[tuple[MessageId, list[str]]] = deque()

    def expect(self, message: Message) -> None:
        """Await a message in the log, on its public and hashtag timelines, and in its participants' conversations."""
        names = names_of(message)
        with self._lock:
            self._forget_old(message.id.time)
            self._order.append((message.id, names))
            for name in names:
                self._ids.setdefault(name, set()).add(message.id)

    def ids(self, name: str, now: int) -> set[MessageId]:
        """Return the messages that have not been seen in this timeline, and are younger than the bound (now: ms)."""
        with self._lock:
            self._forget_old(now)
            return {message_id for message_id in self._ids.get(name, ()) if not _is_old(message_id, now)}

    def arrived(self, name: str, message_ids: Collection[MessageId]) -> None:
        """Note that these messages are in this timeline."""
        with self._lock:
            self._remove(name, message_ids)

    def discard(self, message_id: MessageId) -> None:
        """Await a message no longer, because it was not posted, or was deleted."""
        with self._lock:
            for name in list(self._ids):
                self._remove(name, [message_id])

    def _forget_old(self, now: int) -> None:
        while self._order and (len(self._order) > _CAPACITY or _is_old(self._order[0][0], now, _KEPT_LONGER)):
            message_id, names = self._order.popleft()
            for name in names:
                self._remove(name, [message_id])

    def _remove(self, name: str, message_ids: Collection[MessageId]) -> None:
        left = self._ids.get(name)
        if left is not None:
            left.difference_update(message_ids)
            if not left:
                del self._ids[name]


def names_of(message: Message) -> list[str]:
    """Return the names of the timelines on which a message appears."""
    return [HOME, *timelines.of_message(message), *conversations.views_of(message)]


def _is_old(message_id: MessageId, now: int, margin: int = 0) -> bool:
    # A message from the future was posted before the clock jumped back.
    return abs(now - message_id.time) > 1000 * settings.get().settling_bound + margin


@remembered
def shared() -> Awaited:
    """Return the messages that this process awaits."""
    return Awaited()


@contextmanager
def expecting(message: Message) -> Iterator[None]:
    """Await a message that the block posts, unless the block raises an exception."""
    shared().expect(message)
    try:
        yield
    except BaseException:
        shared().discard(message.id)
        raise
