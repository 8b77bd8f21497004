"""Announcing what has happened, by ids in a queue, to the function that sends to WebSockets.

Nobody waits for it, and it costs nothing while nobody is online, except the question whether anybody is. What fails
here is counted and logged, never raised: a message that is not sent live is on the next page all the same.
"""

import logging
from collections.abc import Collection, Mapping

from fstream_app.core import metrics, queue, settings
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.notices import Notification
from fstream_app.core.streams import Socket
from fstream_app.core.warm import remembered
from fstream_app.live import online
from fstream_app.live.entries import Edit, Entries, Filtering, Notice, Opened, Reach, Removal, texts
from fstream_app.live.repeats import Done
from fstream_app.repository import sockets

logger = logging.getLogger(__name__)

_MOST_SKEW = 5000
"""Milliseconds: what has a later time was dated ahead on purpose. Nothing runs when that time comes."""
_REST = 5000
"""Milliseconds without announcements after one has failed: a queue that hangs must not hold up every batch."""
_CATCH_UP = 3
"""Seconds after the first socket has opened. By then, functions know that somebody is online, and what was posted until
they did has settled. So everything that a socket that opens from then on may lack has been announced.
"""

_REMEMBERED = 10_000
"""Limit of the events whose announcement is remembered: some 1 MB."""


class Trouble:
    """When an announcement has failed last."""

    def __init__(self) -> None:
        self.at = -_REST
        """Milliseconds."""


@remembered
def trouble() -> Trouble:
    """Return this process's memory of trouble with the queue."""
    return Trouble()


@remembered
def announced() -> Done:
    """Return this process's memory of what it has put into the queue: a batch that failed in part comes again."""
    return Done(_REMEMBERED)


def posts(message_ids: Collection[MessageId], now: int) -> None:
    """Announce messages that were posted, for when they have settled. Those scheduled for later are left out."""
    due = [each for each in message_ids if each.time <= now + _MOST_SKEW]
    _announce(Entries(posted=texts(due)), now, max((each.time for each in due), default=0))


def removals(removed: Mapping[MessageId, Reach], now: int) -> None:
    """Announce that messages are gone."""
    _announce(Entries(removed=tuple(Removal(str(each), int(reach)) for each, reach in removed.items())), now)


def removal(message: Message, now: int) -> None:
    """Announce that a message is gone to the people whom it mentions, whose ids were in the message alone."""
    if people := tuple(each.user_id for each in message.mentions):
        _announce(Entries(removed=(Removal(str(message.id), int(Reach.PEOPLE), people),)), now)


def edit(message_id: MessageId, time: int, now: int) -> None:
    """Announce that a message was changed at a time (ms), for when it has settled."""
    _announce(Entries(edited=(Edit(str(message_id), time),)), now, message_id.time)


def notifications(made: Collection[Notification], now: int) -> None:
    """Announce notifications that were put, for when they have settled; not those that are dated ahead."""
    due = [each for each in made if each.id.time <= now + _MOST_SKEW]
    notified = tuple(Notice(each.user_id, str(each.id)) for each in due)
    _announce(Entries(notified=notified), now, max((each.id.time for each in due), default=0))


def filters(user_id: str, now: int) -> None:
    """Announce that a user's filters have changed, to the user's other clients."""
    _announce(Entries(filtering=(Filtering(user_id, now),)), now)


def opened(socket: Socket, now: int) -> None:
    """Announce a socket that has subscribed to a stream of its user, unless somebody else has been online for a while.

    What was posted just before may be on no page yet, because it has not settled, and nobody has announced it. Clients
    that open several sockets at once, or connect again at the same time, all need it. 0.5 RRU.
    """
    if not _is_open(1, now):
        return
    try:
        if not sockets.is_anybody_online(now, until=now - 1000 * _CATCH_UP):
            for text in Entries(opened=(Opened(socket.user_id, socket.id, now),)).encoded():
                queue.put(text, _CATCH_UP)
    except Exception as error:  # noqa: BLE001
        _failed(error, 1, now)


def _announce(entries: Entries, now: int, newest: int | None = None) -> None:
    """Put entries into the queue if anybody is online, unless they are there; 0.5 RRU, at most every half second.

    Args:
        entries: the events.
        now: milliseconds.
        newest: the time (ms) of the newest of them, from which they have to settle. The queue delays whole seconds, and
            the function that sends waits for what is left.
    """
    entries = entries.without(announced())
    if not entries.count or not _is_open(entries.count, now):
        return
    left = 0 if newest is None else newest + int(1000 * settings.get().settling_time) - now
    try:
        if online.presence()(now):
            for text in entries.encoded():
                queue.put(text, min(max(left, 0) // 1000, queue.LONGEST_DELAY))
            for each in entries.events():
                announced().add(each)
    except Exception as error:  # noqa: BLE001  # whatever it is, nothing else may fail because of it
        _failed(error, entries.count, now)


def _is_open(events: int, now: int) -> bool:
    """Return whether there is a queue, and no trouble with it; otherwise count these events as missed."""
    if settings.get().live_queue and abs(now - trouble().at) < _REST:
        metrics.count(Metric.LIVE_MISSED, events)
        return False
    return settings.get().live_queue != ""


def _failed(error: Exception, events: int, now: int) -> None:
    logger.warning("not announced: %s", type(error).__name__)
    metrics.count(Metric.LIVE_MISSED, events)
    trouble().at = now
