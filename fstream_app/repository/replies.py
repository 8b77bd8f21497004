"""Replies, which are counted at the messages that they answer, as `counting` describes; quotes are counted with them.

Neither is ever marked as ended: the text is deleted at once. What must still be subtracted remains as items of the
reactions table, whose stream function settles them.
"""

from collections.abc import Collection, Iterable, Mapping

from pynamodb.expressions.condition import Condition

from fstream_app.core import clock, packing
from fstream_app.core.entities import Message
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.retry import attempts
from fstream_app.repository import conditional, counting, messages, quotes
from fstream_app.repository.counting import Key, Owner, Share, Thing
from fstream_app.repository.transactions import Writes
from fstream_app.tables import MessageItem, ReactionItem

DELETED = "reply"
"""The kind of the items of the reactions table that deleted replies leave: `reply#<reply's id>`."""
MAX_BRIEF_REPLIES = 40
"""Limit of counted replies that expire before the message they answer: each takes 20 bytes of its item."""


class _Gone(Exception):
    """The message was deleted, or its quote revoked, meanwhile."""


def share(answered: MessageId, brief: bytes | None) -> Share:
    """Return what a reply adds to the counts of a message.

    Args:
        answered: the message.
        brief: the reply's entry, packed as in the log, if it expires before the message.
    """
    owner = Owner(MessageItem, *messages.key(answered))
    if brief is None:
        return Share(owner, "lasting_replies")
    return Share(owner, "brief_replies", brief, MAX_BRIEF_REPLIES)


def count(replies: Collection[Message], times: Mapping[MessageId, int]) -> tuple[dict[MessageId, int], set[MessageId]]:
    """Count replies and quotes, and store the times of their notifications; see `counting.settle`.

    Args:
        replies: messages that were just read; those that nothing counts are left out.
        times: the times (ms) to store.

    Returns:
        The stored times of those that are counted, and the messages to be tried again.
    """
    latest = {
        messages.key(reply.id): reply
        for reply in replies
        if reply.uncounted or reply.is_counted or reply.is_counted_quote
    }

    def read(keys: Collection[Key]) -> list[Thing]:
        found = messages.get_many([latest[key].id for key in keys])
        for key in keys:
            del latest[key]
        latest.update((messages.key(reply.id), reply) for reply in found.values())
        return [_thing(reply, times[reply.id]) for reply in found.values()]

    again = counting.settle([_thing(reply, times[reply.id]) for reply in latest.values()], read)
    counted = [reply for key, reply in latest.items() if key not in again]
    stored = {reply.id: times[reply.id] if reply.uncounted else reply.notified_at for reply in counted}
    return (
        {reply_id: time for reply_id, time in stored.items() if time is not None},
        {reply.id for reply in replies if messages.key(reply.id) in again},
    )


def _thing(reply: Message, time: int) -> Thing:
    return Thing(
        messages.address(reply.id),
        messages.key(reply.id),
        pending=reply.uncounted,
        ended=False,
        shares=tuple(_shares(reply)),
        when_counted=(MessageItem.notified_at.set(time),),
        also=_as_quote(reply),
    )


def _shares(reply: Message) -> Iterable[Share]:
    if reply.in_reply_to is not None and reply.is_counted:
        yield share(reply.in_reply_to, brief(reply))
    if reply.quote is not None and reply.is_counted_quote:
        yield quotes.share(reply.quote.of, quotes.brief(reply))


def _as_quote(message: Message) -> Condition | None:
    """Return the condition that a quote is as it was read, revoked or not; None for other messages."""
    if message.quote is None:
        return None
    revoked = MessageItem.revoked
    condition: Condition = revoked.exists() if message.quote.revoked else revoked.does_not_exist()
    return condition


def brief(reply: Message) -> bytes | None:
    """Return a reply's entry, packed as in the log, if it expires before the message that it answers."""
    return None if reply.outlives_answered else packing.pack_log([reply.entry])


def delete(message: Message) -> None:
    """Delete a message, whether it is a reply or not: key `author_id`, `id`; 1 WRU. Idempotent.

    4 WRU for a counted reply or quote, 6 for both: the transaction that deletes it also puts what must be subtracted,
    key `author_id`, `reply#id` or `quote#id`.

    Raises:
        Unavailable: the message changed at every attempt.
    """
    for _ in attempts():
        if _is_deleted(message):
            return
        current = messages.get(message.id)
        if current is None:
            return
        message = current
    raise Unavailable("Too many changes at once. Try again in a moment.")


def _is_deleted(message: Message) -> bool:
    """Delete a message that is still as it was read; return False if it is not."""
    item = messages.address(message.id)
    left = list(left_of(message))
    if not left:
        item.delete()
        return True
    if message.uncounted and conditional.delete(item, MessageItem.pending.exists()):
        return True
    unchanged = MessageItem.id.exists() & MessageItem.pending.does_not_exist()
    as_quote = _as_quote(message)
    writes = Writes()
    writes.delete(item, unchanged if as_quote is None else unchanged & as_quote, otherwise=_Gone)
    for each in left:
        writes.save(each)
    return not writes.attempt()


def left_of(message: Message) -> Iterable[ReactionItem]:
    """Yield what must be subtracted once a message that is counted is deleted."""
    if message.is_counted:
        yield ReactionItem(
            message.author_id,
            f"{DELETED}#{message.id}",
            ended=True,
            favourite_of=str(message.in_reply_to),
            brief=brief(message),
            expires_at=clock.ttl_seconds(message.expires_at),
        )
    if message.is_counted_quote:
        yield quotes.left(message)
