"""Sending events to sockets, in order, from a bounded pool and at a bounded rate.

A socket gets its events in the order of their ids. An event that this process has sent to a socket is not sent to it
again when its announcement is repeated.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from fstream_app.core import connections, deadline, metrics, retry, settings
from fstream_app.core.connections import Outcome
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather_all
from fstream_app.core.streams import Socket, Subscription
from fstream_app.core.warm import remembered
from fstream_app.live.events import Event
from fstream_app.live.online import Online
from fstream_app.live.repeats import Done
from fstream_app.live.timing import Time
from fstream_app.people import sockets as people_sockets
from fstream_app.repository import sockets

logger = logging.getLogger(__name__)

_ATTEMPTS = 4
"""Of a frame, while API Gateway is busy or opens the connection. Others are sent once, because a frame without a
response may have arrived.
"""
_OPENING = 1000
"""Milliseconds after a socket was stored in which API Gateway may not have the connection yet: only once the function
that stores it has returned.
"""
_LONGEST_OPENING = 10_000
"""Milliseconds after a socket was stored until which that function may run. A socket without a connection is forgotten
only then: one that is still opened would get nothing as long as it is open.
"""
_MOST_CLOSED = 20
_SLACK = 400
"""Milliseconds whose calls may be made at once after a pause: 200 calls with the default rate."""
_REMEMBERED = 100_000
"""Limit of the events whose sending to a socket is remembered: some 10 MB."""


class Due(NamedTuple):
    """An event for one subscription of a socket."""

    subscription: Subscription
    event: Event


class Outgoing(NamedTuple):
    """The events for one socket."""

    socket: Socket
    due: list[Due]


class _Ended(Enum):
    """Why an event was not sent, other than the outcome of a call."""

    EXPIRED = auto()
    OUT_OF_TIME = auto()
    TOO_EARLY = auto()
    """The connection is still being opened."""


@remembered
def sent() -> Done:
    """Return this process's memory of which events were sent to which subscriptions."""
    return Done(_REMEMBERED)


def _key(socket: Socket, due: Due) -> Hashable:
    return socket.id, due.subscription.key, due.event.key


class Pace:
    """Spreads calls evenly after a burst, so that there are no more than a number per second. Thread-safe.

    Args:
        rate: the number.
        time: the time of the batch.
    """

    def __init__(self, rate: int, time: Time) -> None:
        self._every = 1000 / rate
        self._time = time
        self._lock = threading.Lock()
        self._next = float(time.now() - _SLACK)

    def wait(self) -> bool:
        """Wait for one's turn; return whether there was enough time."""
        with self._lock:
            now = self._time.now()
            turn = max(self._next, now - _SLACK)
            self._next = turn + self._every
        seconds = (turn - now) / 1000
        if seconds >= deadline.left():
            return False
        if seconds > 0:
            self._time.sleep(seconds)
        return True


class Sender:
    """Sends the events of one batch.

    Args:
        frame: makes the frame of an event for a subscription.
        online: the sockets, of which those that are gone are forgotten.
        time: the time of the batch.
    """

    def __init__(self, frame: Callable[[Subscription, Event], bytes], online: Online, time: Time) -> None:
        self._frame = frame
        self._online = online
        self._time = time
        self._pace = Pace(settings.get().live_rate, time)

    def send(self, outgoing: Iterable[Outgoing]) -> list[Outgoing]:
        """Send events, to many sockets at a time and to each in order; return what was sent.

        A socket that fails gets none of the events that follow. It is closed, so that its client connects again and
        fetches what it has missed; not if many fail, because then it is not about them. $1 per million events.
        """
        wanted = [Outgoing(each.socket, _in_order(each)) for each in outgoing if each.due]
        results = gather_all([partial(self._send_to, each) for each in wanted])
        ended = [(each.socket, outcome) for each, (_, outcome) in zip(wanted, results, strict=True)]
        opening = self._time.now() - _LONGEST_OPENING
        gone = [socket for socket, outcome in ended if outcome is Outcome.GONE and socket.opened_at <= opening]
        failed = [socket for socket, outcome in ended if outcome in {Outcome.BUSY, Outcome.FAILED}][:_MOST_CLOSED]
        self._end(gone, failed)
        return [Outgoing(each.socket, due) for each, (due, _) in zip(wanted, results, strict=True) if due]

    def close(self, revoked: Sequence[Socket]) -> None:
        """Close sockets whose tokens are not valid any more."""
        self._end((), revoked)

    def _end(self, gone: Sequence[Socket], closed: Sequence[Socket]) -> None:
        """Forget sockets that are gone, and close others. A failure changes nothing for the sockets that are left."""
        self._online.forget(socket.id for socket in (*gone, *closed))
        try:
            sockets.remove(gone)
            people_sockets.close(closed)
        except Exception as error:  # noqa: BLE001
            logger.warning("sockets not forgotten: %s", type(error).__name__)

    def _send_to(self, outgoing: Outgoing) -> tuple[list[Due], Outcome | _Ended]:
        """Send events to a socket, up to the first that fails; return those that were sent, and the last outcome."""
        done: list[Due] = []
        outcome: Outcome | _Ended = Outcome.DONE
        for number, due in enumerate(outgoing.due):
            key = _key(outgoing.socket, due)
            if not sent().add(key):  # noted before it is sent: another batch may bring the same at this moment
                continue
            outcome = self._post(outgoing.socket, due)
            if outcome is _Ended.EXPIRED:
                continue
            if outcome is not Outcome.DONE:
                sent().forget(key)
                missed = len(outgoing.due) - number if outcome is not Outcome.GONE else 0
                metrics.count(Metric.LIVE_MISSED, missed)
                break
            done.append(due)
        metrics.count(Metric.LIVE_EVENTS, len(done))
        return done, outcome

    def _post(self, socket: Socket, due: Due) -> Outcome | _Ended:
        """Send an event, unless it has expired, or there is no time left."""
        outcome = Outcome.BUSY
        for _ in retry.attempts(_ATTEMPTS):
            if not self._pace.wait():
                return _Ended.OUT_OF_TIME
            if due.event.until is not None and self._time.now() >= due.event.until:
                return _Ended.EXPIRED
            outcome = connections.post(socket.id, self._frame(due.subscription, due.event))
            is_early = outcome is Outcome.GONE and self._time.now() - socket.opened_at < _OPENING
            if outcome is not Outcome.BUSY and not is_early:
                return outcome
        return _Ended.TOO_EARLY if outcome is Outcome.GONE else outcome


def _in_order(outgoing: Outgoing) -> list[Due]:
    """Return the events in the order of their ids; of the same message, it is new before it is changed or gone."""
    return sorted(outgoing.due, key=lambda due: (due.event.id, due.event.order, due.subscription.key))
