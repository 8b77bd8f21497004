"""Boosting a message, and undoing it.

A boost is a message of the booster's that has no text: the wrapper, which has the id of the boosted message. It reaches
home timelines as any message does. It ends with the boosted message, and is seen by nobody who may not see that one.
"""

from fstream_app.core import metrics
from fstream_app.core.entities import Message, User
from fstream_app.core.errors import Forbidden, NotFound, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Visibility
from fstream_app.messages import awaited, reading
from fstream_app.repository import boosts, messages
from fstream_app.repository.messages import IdTaken

_ID_ATTEMPTS = 5


def boost(user: User, message_id: str, visibility: Visibility | None, now: int) -> MessageId:
    """Boost a message, unless the user boosts it already. The id may be that of a wrapper, whose message is boosted.

    As `reading.get` and `boosts.start`. The stream functions count the boost, notify the message's author, and bring
    the wrapper to home timelines.

    Args:
        user: the booster.
        message_id: the message's id, as the client sent it.
        visibility: of the wrapper; None: the user's default. It is never wider than that of the message.
        now: milliseconds.

    Returns:
        The wrapper's id.

    Raises:
        NotFound: the message does not exist, or the user may not see it; or it ends within a second.
        Forbidden: it is direct, or a private one of somebody else.
        Unavailable: no free id was found.
    """
    boosted = reading.get(message_id, user.id, now)
    if boosted.visibility > _most_private(boosted, user.id):
        raise Forbidden("This action is not allowed")
    wanted = user.default_visibility if visibility is None else visibility
    shown_to = min(max(wanted, boosted.visibility), Visibility.PRIVATE)
    for _ in range(_ID_ATTEMPTS):
        wrapper = _wrapper(user, boosted, shown_to, now)
        try:
            with awaited.expecting(wrapper):
                wrapper_id = boosts.start(wrapper, boosted)
        except IdTaken:
            continue
        if wrapper_id == wrapper.id:
            metrics.count(Metric.POSTS)
        else:
            awaited.shared().discard(wrapper.id)
        return wrapper_id
    raise Unavailable("The message could not be boosted. Try again in a moment.")


def _most_private(boosted: Message, user_id: str) -> Visibility:
    """Return the narrowest visibility of a message that a user may boost."""
    return Visibility.PRIVATE if boosted.author_id == user_id else Visibility.UNLISTED


def _wrapper(user: User, boosted: Message, visibility: Visibility, now: int) -> Message:
    time = max(now, user.cleared_until, boosted.id.time)
    lifetime = (boosted.expires_at - time) // 1000
    if lifetime < 1:
        raise NotFound(reading.NO_MESSAGE)
    return Message(MessageId.new(user.id, time), "", lifetime, visibility, boost_of=boosted.id)


def undo(user_id: str, message_id: str) -> MessageId:
    """End a user's boost of a message, whether the user may still see that or not. Idempotent.

    1 RRU, and as `boosts.end`. The stream function subtracts the boost and deletes its notification.

    Args:
        user_id: the booster.
        message_id: the id of the boosted message, or of a wrapper.

    Returns:
        The id of the message that is no longer boosted.

    Raises:
        NotFound: the text is not a message id.
    """
    parsed = reading.parse(message_id)
    found = messages.get(parsed)
    boosted = parsed if found is None or found.boost_of is None else found.boost_of
    if wrapper := boosts.end(user_id, boosted):
        awaited.shared().discard(wrapper)
        metrics.count(Metric.DELETIONS)
    return boosted
