"""Announcing: telling the function that sends to WebSockets what has happened, by ids in a queue.

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
from fstream_app.live import online
from fstream_app.live.entries import Entries, Filtering, Notice, Reach, Removal, texts

logger = logging.getLogger(__name__)

_MOST_SKEW = 5000
"""Milliseconds: what has a later time was dated ahead on purpose. Nothing runs when that time comes."""


def posts(message_ids: Collection[MessageId], now: int) -> None:
    """Announce messages that were posted, for when they have settled. Those scheduled for later are left out."""
    due = [each for each in message_ids if each.time <= now + _MOST_SKEW]
    _announce(Entries(posted=texts(due)), now, max((each.time for each in due), default=0))


def removals(removed: Mapping[MessageId, Reach], now: int) -> None:
    """Announce that messages are gone."""
    _announce(Entries(removed=tuple(Removal(str(each), int(reach)) for each, reach in removed.items())), now)


def removal(message: Message, now: int) -> None:
    """Announce that a message is gone to the people whom it mentions, and whose ids only the message has."""
    people = tuple(each.user_id for each in message.mentions)
    if people:
        _announce(Entries(removed=(Removal(str(message.id), int(Reach.PEOPLE), people),)), now)


def edit(message: Message, now: int) -> None:
    """Announce that a message says something else."""
    _announce(Entries(edited=(str(message.id),)), now)


def notifications(made: Collection[Notification], now: int) -> None:
    """Announce notifications that were put, for when they have settled; not those that are dated ahead."""
    due = [each for each in made if each.id.time <= now + _MOST_SKEW]
    notified = tuple(Notice(each.user_id, str(each.id)) for each in due)
    _announce(Entries(notified=notified), now, max((each.id.time for each in due), default=0))


def filters(user_id: str, now: int) -> None:
    """Announce that a user's filters have changed, to the user's other clients."""
    _announce(Entries(filtering=(Filtering(user_id, now),)), now)


def _announce(entries: Entries, now: int, newest: int | None = None) -> None:
    """Put entries into the queue if anybody is online; 0.5 RRU, at most every half second.

    Args:
        entries: the events.
        now: milliseconds.
        newest: the time (ms) of the newest of them, from which they have to settle. The queue delays whole seconds, and
            the function that sends waits for what is left.
    """
    if not entries.count or not settings.get().live_queue:
        return
    left = 0 if newest is None else newest + int(1000 * settings.get().settling_time) - now
    try:
        if online.presence()(now):
            for text in entries.encoded():
                queue.put(text, min(max(left, 0) // 1000, queue.LONGEST_DELAY))
    except Exception as error:  # noqa: BLE001  # whatever it is, nothing else may fail because of it
        logger.warning("not announced: %s", type(error).__name__)
        metrics.count(Metric.LIVE_MISSED, entries.count)
