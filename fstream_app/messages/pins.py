"""Messages pinned to their authors' profiles. A pin ends with its message, which lives no longer for it."""

from collections.abc import Callable, Sequence

from fstream_app.core.entities import Message
from fstream_app.core.errors import Invalid, NotFound, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.retry import attempts
from fstream_app.messages import reading
from fstream_app.repository import messages, pins

MAX_PINNED = 5
"""Limit of a user's pinned messages that are live."""


def pin(user_id: str, message_id: str, now: int) -> None:
    """Pin one of the user's own messages. Idempotent: a message that is pinned stays in its place.

    2.5 RRU and 1 per pinned message, 4 WRU.

    Raises:
        Invalid: the message is somebody else's, a boost, or a direct one, or five others are pinned.
        NotFound: the message does not exist, or the user may not see it.
    """
    message, _ = reading.exactly(message_id, user_id, now)
    if message.author_id != user_id:
        raise Invalid("Someone else's post cannot be pinned")
    if message.boost_of is not None:
        raise Invalid("Boosts cannot be pinned")
    if message.visibility is Visibility.DIRECT:
        raise Invalid("Posts that are only visible to mentioned users cannot be pinned")

    def pinned(before: Sequence[MessageId]) -> list[MessageId]:
        others = _live(before, now)
        if len(others) >= MAX_PINNED:
            raise Invalid("You have already pinned the maximum number of posts")
        return [message.id, *others]

    _change(message, pinned, wanted=True)


def unpin(user_id: str, message_id: str, now: int) -> None:
    """Unpin a message. Idempotent: a message that the user has not pinned is ignored. 2.5 RRU, 4 WRU.

    Raises:
        NotFound: the message does not exist, or the user may not see it.
    """
    message = reading.get(message_id, user_id, now)
    if message.author_id == user_id:
        _change(message, lambda before: [each for each in before if each != message.id], wanted=False)


def _change(message: Message, change: Callable[[Sequence[MessageId]], list[MessageId]], *, wanted: bool) -> None:
    """Change an author's list of pinned messages, again if another request changes it meanwhile."""
    for _ in attempts():
        before = pins.of_user(message.author_id)
        if (message.id in before) is wanted:
            return
        try:
            pins.replace(before, change(before), message.id)
        except pins.Changed:
            continue
        except pins.Gone:
            raise NotFound(reading.NO_MESSAGE) from None
        return
    raise Unavailable("Too many changes at once. Try again in a moment.")


def _live(message_ids: Sequence[MessageId], now: int) -> list[MessageId]:
    """Return those of these messages that exist and have not expired, in the same order; 1 RRU each."""
    found = messages.get_many(message_ids)
    return [each for each in message_ids if each in found and found[each].is_live(now)]
