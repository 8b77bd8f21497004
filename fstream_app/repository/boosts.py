"""Boosts: the wrapper, a message without text among the booster's, and the mark, one of the booster's reactions.

One transaction puts both. The mark is counted (`fstream_app.repository.counting`): when the boost ends, it is marked as
ended, and the wrapper is deleted. If that is interrupted, the stream function deletes the wrapper
(`fstream_app.repository.reactions.retract`).
"""

from contextlib import suppress

from pynamodb.expressions.condition import Condition

from fstream_app.core import clock
from fstream_app.core.entities import Message, ReactionKind
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.retry import attempts
from fstream_app.repository import conditional, counting, messages, reactions, reactors, replies
from fstream_app.repository.messages import IdTaken
from fstream_app.repository.reactions import Stored
from fstream_app.repository.transactions import Writes
from fstream_app.tables import ReactionItem

_KIND = ReactionKind.BOOST


class _Marked(Exception):
    """There is a mark of this user and message, or it has changed since it was read."""


def start(wrapper: Message, boosted: Message) -> MessageId:
    """Put a wrapper and its mark, unless the user boosts the message already. Idempotent.

    Keys `author_id`, `id` and `user_id`, `forwarded#id`, both absent: one transaction, 4 WRU and 1 in the index. If
    there is a mark, 1 RRU, and 1 for its wrapper. If that boost has ended, another transaction: 6 WRU, 1 in the index.

    Returns:
        The id of the wrapper that the boost has now, which is another one's if the user boosts the message already.

    Raises:
        IdTaken: the wrapper's id belongs to another message.
        Unavailable: the mark changed at every attempt.
    """
    for _ in attempts():
        with suppress(_Marked):
            _put(wrapper, boosted)
            return wrapper.id
        for stored in reactions.read([_key(wrapper.author_id, boosted.id)]):
            if stored.wrapper and not stored.ended and messages.get(stored.wrapper):
                return stored.wrapper
            with suppress(_Marked):
                _resume(wrapper, boosted, stored)
                return wrapper.id
    raise Unavailable("Too many changes at once. Try again in a moment.")


def _put(wrapper: Message, boosted: Message) -> None:
    user_id, key = _key(wrapper.author_id, boosted.id)
    mark = ReactionItem(
        user_id,
        key,
        favourite_of=_index_key(wrapper, boosted),
        wrapper=str(wrapper.id),
        pending=True,
        expires_at=clock.ttl_seconds(boosted.expires_at),
    )
    writes = Writes()
    writes.save(mark, ReactionItem.reaction.does_not_exist(), otherwise=_Marked)
    writes.save(messages.item(wrapper), messages.absent(), otherwise=IdTaken)
    writes.commit()


def _resume(wrapper: Message, boosted: Message, stored: Stored) -> None:
    """Let a mark that has ended, or whose wrapper is gone, mark a new boost. What it had wrapped is gone afterwards."""
    changes = [
        ReactionItem.ended.remove(),
        ReactionItem.wrapper.set(str(wrapper.id)),
        ReactionItem.favourite_of.set(_index_key(wrapper, boosted)),
    ]
    unchanged: Condition = ReactionItem.wrapper == str(stored.wrapper)
    ended = ReactionItem.ended.exists() if stored.ended else ReactionItem.ended.does_not_exist()
    writes = Writes()
    writes.update(ReactionItem(*stored.key), changes, unchanged & ended, otherwise=_Marked)
    writes.save(messages.item(wrapper), messages.absent(), otherwise=IdTaken)
    if stored.wrapper:
        writes.delete(messages.address(stored.wrapper))
    writes.commit()


def mark_of(wrapper: Message) -> tuple[str, str]:
    """Return the key of the mark of a wrapper, in the table of reactions."""
    if wrapper.boost_of is None:
        raise ValueError("not a wrapper")
    return _key(wrapper.author_id, wrapper.boost_of)


def _key(user_id: str, message_id: MessageId) -> tuple[str, str]:
    return user_id, reactions.sort_key(_KIND, message_id)


def _index_key(wrapper: Message, boosted: Message) -> str:
    return reactors.index_key(_KIND, boosted.id, private=wrapper.visibility > Visibility.UNLISTED)


def end(user_id: str, message_id: MessageId) -> MessageId | None:
    """End a user's boost of a message: key `user_id`, `forwarded#id`, not ended; then its wrapper. Idempotent.

    2 WRU, 1 in the index. If there is no such boost, 1 RRU, and 1 WRU if it has ended and is still stored.

    Returns:
        The id of the deleted wrapper, or None if there was none.
    """
    mark = ReactionItem(*_key(user_id, message_id))
    if counting.end(mark):
        wrapper = MessageId.parse(mark.wrapper) if mark.wrapper else None
    else:  # the end of a boost may have been interrupted
        wrapper = next((each.wrapper for each in reactions.read([mark.keys()]) if each.ended), None)
    if wrapper is not None:
        messages.address(wrapper).delete()
    return wrapper


def delete(message: Message) -> None:
    """Delete a message, whether it is a wrapper or not. Idempotent. As `replies.delete`; 1 WRU more for a wrapper.

    The mark of a wrapper is marked as ended first, if it is of this wrapper: key `user_id`, `forwarded#id`; 1 WRU, 1 in
    the index.
    """
    if message.boost_of is not None:
        mark = ReactionItem(*mark_of(message))
        is_its = ReactionItem.wrapper == str(message.id)
        conditional.update(mark, [ReactionItem.ended.set(True)], is_its & ReactionItem.ended.does_not_exist())
    replies.delete(message)
