"""Notifications of edits, to those who boost the message.

An edit writes one mark, whatever the number of boosts, and the stream function of the reactions table notifies the
boosters in rounds. Their number is bounded, so that nobody can cause more by editing a popular message again and again.
To compute these notifications when boosters read theirs would cost every reader of notifications a read.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fstream_app.core import progress
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Notification
from fstream_app.feed import notifying
from fstream_app.messages import notifications
from fstream_app.repository import messages, reactors, updates
from fstream_app.repository import notifications as notification_items

TOGETHER = 100
"""Number of boosters that are notified in one round."""
ROUNDS = 10


class Edited(NamedTuple):
    """A mark of an edit that was put or changed, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    message_id: MessageId


def parse(sequence: str, reaction: str) -> Iterator[Edited]:
    """Yield an edit by its record's sequence number and sort key, if it is the key of one.

    Raises:
        ValueError: the key names no message.
    """
    if message_id := updates.parse(reaction):
        yield Edited(sequence, message_id)


def deliver(edits: Sequence[Edited], now: int) -> set[str]:
    """Notify the next hundred boosters of each edited message, at most a thousand in ten rounds.

    Which of them may see the message, and want notifications of its author, is decided when they read.

    A round that is late gets a new time, unless an interrupted attempt has put some of its notifications.

    Per message: RRU: 2, 1 for the index, and 2 for each booster, 3 if late. WRU: 1 for each booster, and 1.

    Returns:
        The sequence numbers of the records that must be retried.
    """
    return progress.try_each(edits, lambda each: _notify(each.message_id, now), "notifications of an edit")


def _notify(message_id: MessageId, now: int) -> None:
    update, message = updates.read(message_id), messages.get_many([message_id]).get(message_id)
    if update is None:
        return
    if message is None or message.edited_at != update.version:
        updates.forget(update)
        return
    found = updates.boosters(update, TOGETHER)
    receivers = _receivers(message, found, update.version)
    made = _made(message, receivers, update.time)
    if notifications.is_late(update.time, now) and notification_items.missing(made) == made:
        if not updates.renew(update, now):
            return  # the change has a record of its own
        made = _made(message, receivers, now)
        update = update._replace(time=now)
    notifying.deliver(made, now)
    if len(found) == TOGETHER and update.round + 1 < ROUNDS:
        updates.begin_next(update, found[-1], now)
    else:
        updates.forget(update)


def _receivers(message: Message, boosters: Sequence[str], version: int) -> list[str]:
    """Return those of the boosters, without the author, who boosted a message before it was edited."""
    boosts = reactors.wrappers({(each, message.id) for each in boosters if each != message.author_id})
    return [user_id for (user_id, _), wrapper in boosts.items() if wrapper.time <= version]


def _made(message: Message, receivers: Sequence[str], time: int) -> list[Notification]:
    return [notifications.of_edit(message, each, time) for each in receivers]
