"""Deletion of all messages of a user, while the account stays.

One transaction stores the time until which the user's messages are deleted, which hides them from every page
(`fstream_app.messages.hydration`), and puts a mark, `EdgeKind.CLEAR`, that reaches the relationships stream. Profiles
are cached, so a warm function may not know this time yet. Therefore the request itself deletes the messages too, and
succeeds only when none are left. If they are too many for one request, or it is interrupted, the stream function
deletes the rest, round by round, as it does for a deleted account (see `departures`). The user's next attempt does too.

Messages that are scheduled for later are deleted too. Their ids are later than the time that is stored, so it is
compared with the time at which they were written.

Messages that the user posts meanwhile stay: they have later ids (see `posting`). A message whose request began before
the deletion but wrote after it is deleted by the stream function `views`.

As after the deletion of an account, ids of the messages remain in timelines, the log, notifications, and in the
favourites and bookmarks of others. They lead nowhere, and expire when the messages would have.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from fstream_app.core import deadline, metrics, progress
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, User, Window
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather, gather_all
from fstream_app.messages import awaited, scheduling
from fstream_app.people import profiles
from fstream_app.repository import boosts, clearings, idempotency, messages, rounds, users

ITEMS_A_ROUND = 1000
"""Number of messages that the stream function deletes per batch of records."""
_TOGETHER = 40
_ANSWER_SECONDS = 1
"""Seconds of the request's time that are kept for the answer."""


class Clearing(NamedTuple):
    """The start of a round, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    user_id: str
    round: int


def clear(user: User, now: int) -> None:
    """Delete all messages of a user. When this returns, no read returns any of them. Idempotent.

    3 RRU and 6 WRU, plus 1 RRU per 4 KB of messages, and as `erase` for each; 2 WRU or more for a scheduled one.

    Raises:
        Unavailable: there are more messages than one request can delete. The stream function deletes the rest.
    """
    newest, waiting = gather(partial(_newest, user.id, now), partial(messages.waiting_of, user.id, now))
    until = 1 + max(now, newest)
    profiles.announce(user.id)
    clearings.begin(user.id, until)
    profiles.forget(user.id)
    gather_all([partial(scheduling.take_out, message) for message in waiting])  # it would stay for months
    gather_all([partial(erase, message) for message in waiting])
    for _ in _erasures(partial(clearings.hidden_of, user.id, until, _TOGETHER)):
        if deadline.left() < _ANSWER_SECONDS:
            raise Unavailable("Some messages are not deleted yet. Try again in a moment.")


def resume(found: Sequence[Clearing]) -> set[str]:
    """Delete about 1,000 messages in total, and start another round for the users who have more.

    2 RRU and 1 WRU for a user who has no more.

    Returns:
        The sequence numbers of the records that must be retried.
    """
    return progress.try_each(found, lambda each: _continue(each, ITEMS_A_ROUND // len(found)), "deletion of messages")


def _continue(clearing: Clearing, items: int) -> None:
    user = users.get(clearing.user_id, consistent=True, include_hidden=True)
    # What remains of an account is deleted with it.
    if user is not None and not user.leaving and not _erase_some(user, items):
        rounds.begin_next(EdgeKind.CLEAR, clearing.user_id, clearing.round)
    else:
        rounds.forget(EdgeKind.CLEAR, clearing.user_id, clearing.round)


def _erase_some(user: User, items: int) -> bool:
    """Delete messages until `items` are deleted. Return whether these were all."""
    for erased in _erasures(partial(_left, user.id, user.cleared_until)):
        items -= erased
        if items <= 0:
            return False
    return True


def _newest(user_id: str, now: int) -> int:
    """Return the time (ms) of the newest message that was not scheduled, by the clock of the function that posted it.

    0 if there is no message.
    """
    posted = (each for each in messages.of_author(user_id, Window(limit=1), now) if not each.scheduled)
    return next((each.id.time for each in posted), 0)


def _erasures(find: Callable[[], list[Message]]) -> Iterator[int]:
    """Delete messages, one batch that `find` returns per iteration, and yield the batch's number of messages."""

    def erase_batch() -> list[MessageId]:
        found = find()
        gather_all([partial(erase, message) for message in found])
        return [message.id for message in found]

    yield from map(len, progress.until_empty(erase_batch))


def _left(user_id: str, until: int) -> list[Message]:
    """Return some of a user's messages that were written before this time (ms), also if they are due later."""
    if found := clearings.hidden_of(user_id, until, _TOGETHER):
        return found
    return [message for message in messages.waiting_of(user_id, until - 1) if message.written.time < until]


def erase(message: Message) -> None:
    """Delete a message, but not its id from views. Idempotent. 1 WRU, 4 for a counted reply; 1 more with a key.

    The record of its Idempotency-Key stays, so that a late retry does not bring it back.
    """
    if message.idempotency:
        idempotency.mark_deleted(message.idempotency, message.id)
    boosts.delete(message)
    awaited.shared().discard(message.id)
    metrics.count(Metric.DELETIONS)
