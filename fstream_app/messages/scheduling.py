"""Scheduled messages: posted now, with an id whose time is that at which they are due.

Nothing happens when a message becomes due, so no scheduler can fail. The stream functions deliver it as soon as it is
written: in the log under the hour and the moment at which it is due, where every tail finds it then; in its author's
head; in the other views and in notifications under ids with that time. Until then, no rule of visibility lets anybody
see it, not even its author (`visibility.why_hidden`), and what counts messages leaves it out (`Entry.is_live`). Its
author finds it here, by an id of its own, which stays the same when the message is moved to another time.

Who may see it is decided when it is read, as for every other message, by the relationships of that time.
"""

from functools import partial

import msgspec

from fstream_app.core import settings
from fstream_app.core.entities import Message, User, Window
from fstream_app.core.errors import Invalid, NotFound, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.messages import addressing, endings, lifetimes, notifications, posting
from fstream_app.repository import idempotency, log, messages, scheduling
from fstream_app.repository import notifications as notification_items

LEAST_AHEAD = 300_000
"""Milliseconds. What is scheduled for a time before that is posted at once."""
MOST_AHEAD = 90 * 1000 * settings.DAY
"""Milliseconds."""
MAX_WAITING = 40
"""Limit of an account's scheduled messages: half of a head, which has them too."""
_NEAR_LIMIT = MAX_WAITING // 2
"""Number of scheduled messages from which they are counted again after another one is written."""
_LEAST_LEFT = 10_000
"""Milliseconds before it is due from which a message can no longer be moved, only cancelled: readers see it on time."""
_ATTEMPTS = 5
_BUSY = "Too many changes at once. Try again in a moment."
_TOO_SOON = "Validation failed: Scheduled at The scheduled date must be in the future"


def post(author: User, draft: posting.Draft, due: int, now: int) -> Message:
    """Schedule a message, or post it at once if it is due (ms) within five minutes.

    As `posting.post`; also 1 RRU per 4 KB of the messages that the author has scheduled, twice if these are many.

    Raises:
        Invalid: also if the time is too far ahead, or the author has scheduled too many messages.
    """
    if due < now + LEAST_AHEAD:
        return posting.post(author, draft, now)
    _check(due, now)
    waiting = messages.waiting_of(author.id, now)
    record = posting.record_of(author.id, draft.idempotency_key)
    is_repeat = record is not None and any(each.idempotency == record for each in waiting)
    if len(waiting) >= MAX_WAITING and not is_repeat:
        raise _too_many()
    message = posting.post(author, draft, now, due)
    if len(waiting) >= _NEAR_LIMIT and not is_repeat and not message.is_due(now):
        _withdraw_if_too_many(message, now)
    return message


def _withdraw_if_too_many(message: Message, now: int) -> None:
    """Withdraw a message, just scheduled, that others written at the same time have brought beyond the limit."""
    if len(messages.waiting_of(message.author_id, now)) <= MAX_WAITING:
        return
    _remove(message)
    if message.idempotency:
        idempotency.forget_post(message.idempotency)
    raise _too_many()


def _too_many() -> Invalid:
    return Invalid(f"You can't schedule more than {MAX_WAITING} messages at a time", "scheduled_at")


def _check(due: int, now: int) -> None:
    if due > now + MOST_AHEAD:
        days = MOST_AHEAD // (1000 * settings.DAY)
        raise Invalid(f"A message can be scheduled for at most {days} days ahead", "scheduled_at")


def of_user(user_id: str, window: Window, now: int) -> tuple[list[Message], bool]:
    """Return a page of the messages that a user has scheduled, the one written last first, and whether more follow.

    The ids in the window are those of `Message.scheduled`. 1 RRU per 4 KB of all of them.
    """
    found = {each.written: each for each in messages.waiting_of(user_id, now)}
    within = sorted((each for each in found if window.after < each < window.before), reverse=not window.oldest_first)
    page = sorted(within[: window.limit], reverse=True)
    return [found[each] for each in page], len(within) > window.limit


def get(user_id: str, scheduled_id: str, now: int) -> Message:
    """Return a message that a user has scheduled, by its id until then; 1 RRU per 4 KB of all of them.

    Raises:
        NotFound: the user has no such message, or it is due.
    """
    if (found := _find(user_id, scheduled_id, now)) is None:
        raise NotFound("Scheduled message not found")
    return found


def _find(user_id: str, scheduled_id: str, now: int) -> Message | None:
    waiting = messages.waiting_of(user_id, now)
    return next((message for message in waiting if str(message.scheduled) == scheduled_id), None)


def move(user_id: str, scheduled_id: str, due: int, now: int) -> Message:
    """Schedule a message for another time (ms).

    It moves in one transaction, so it is posted once, whatever happens: 4 WRU, 2 more for a reply and 2 with an
    Idempotency-Key, and RRU as for `get`; 1 WRU for each view and notification that it is taken out of.

    Raises:
        Invalid: the time is too soon or too far ahead; or the message is due within ten seconds.
        NotFound: the user has no such message, or it is due.
    """
    if due < now + LEAST_AHEAD:
        raise Invalid(_TOO_SOON, "scheduled_at")
    _check(due, now)
    for _ in range(_ATTEMPTS):
        message = get(user_id, scheduled_id, now)
        if message.id.time == due:
            return message
        if message.id.time < now + _LEAST_LEFT:
            raise Invalid("This message is about to be posted. Delete it after that instead.", "scheduled_at")
        moved = _at(message, due)
        try:
            scheduling.move(message, moved)
        except scheduling.Changed:
            continue
        take_out(message)
        return moved
    raise Unavailable(_BUSY)


def _at(message: Message, due: int) -> Message:
    poll, later = message.poll, due - message.id.time
    moved = msgspec.structs.replace(
        message,
        id=MessageId.new(message.author_id, due),
        uncounted=message.is_counted or message.is_counted_quote,
        notified_at=None,
        poll=poll and msgspec.structs.replace(poll, closes_at=poll.closes_at + later),
    )
    return posting.scheduled_within(lifetimes.within_thread(moved))


def cancel(user_id: str, scheduled_id: str, now: int) -> None:
    """Delete a scheduled message, and what was written for the time at which it is due; WRU as `posting.delete`.

    RRU as `get`, twice. If it becomes due meanwhile, or is moved to another time, it is deleted all the same.

    Raises:
        NotFound: the user has no such message, or it is due.
        Unavailable: it was moved at each attempt.
    """
    message = get(user_id, scheduled_id, now)
    for _ in range(_ATTEMPTS):
        _remove(message)
        moved = _find(user_id, scheduled_id, now)  # by a request that had read it before
        if moved is None:
            return
        message = moved
    raise Unavailable(_BUSY)


def _remove(message: Message) -> None:
    log.remove_scheduled(message.id)
    _remove_notifications(message)
    posting.remove(message)


def take_out(message: Message) -> None:
    """Delete what was written for a scheduled message. What a stream function writes later leads nowhere."""
    scheduling.take_out(message)
    _remove_notifications(message)


def _remove_notifications(message: Message) -> None:
    time = message.notified_at
    receivers = addressing.addressed(message) if time is not None else []
    made = [notifications.of_message(message, receiver, time or 0) for receiver in receivers]
    gather_all([partial(notification_items.remove, each) for each in [*made, *endings.of_author(message)]])
