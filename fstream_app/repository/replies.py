"""Replies, which are counted at the messages that they answer, as `counting` describes.

A reply is never marked as ended: its text is deleted at once. What must still be subtracted remains as an item of the
reactions table, whose stream function settles it.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from fstream_app.core import clock, packing
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.repository import conditional, counting, messages
from fstream_app.repository.counting import Key, Owner, Share, Thing
from fstream_app.repository.transactions import Writes
from fstream_app.tables import MessageItem, ReactionItem

DELETED = "reply"
"""The kind of the items of the reactions table that deleted replies leave: `reply#<reply's id>`."""
MAX_BRIEF_REPLIES = 40
"""Limit of counted replies that expire before the message they answer: each takes 20 bytes of its item."""


class _Gone(Exception):
    """The reply was deleted meanwhile."""


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
    """Count replies, and store the times of their notifications; see `counting.settle`.

    Args:
        replies: messages that were just read; those that are not counted replies are left out.
        times: the times (ms) to store.

    Returns:
        The stored times of those that are counted, and the replies to be tried again.
    """
    latest = {messages.key(reply.id): reply for reply in replies if reply.is_counted}

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
    )


def _shares(reply: Message) -> Iterable[Share]:
    if reply.in_reply_to is not None:
        yield share(reply.in_reply_to, brief(reply))


def brief(reply: Message) -> bytes | None:
    """Return a reply's entry, packed as in the log, if it expires before the message that it answers."""
    return None if reply.outlives_answered else packing.pack_log([reply.entry])


def delete(message: Message) -> None:
    """Delete a message, whether it is a reply or not: key `author_id`, `id`; 1 WRU, 4 for a counted reply. Idempotent.

    The transaction that deletes a counted reply also puts what must be subtracted: key `author_id`, `reply#id`.
    """
    item = messages.address(message.id)
    if not message.is_counted:
        item.delete()
        return
    if message.uncounted and conditional.delete(item, MessageItem.pending.exists()):
        return
    writes = Writes()
    writes.delete(item, MessageItem.id.exists() & MessageItem.pending.does_not_exist(), otherwise=_Gone)
    writes.save(left_of(message))
    with suppress(_Gone):
        writes.commit()


def left_of(reply: Message) -> ReactionItem:
    """Return what a counted reply leaves when it is deleted: what must still be subtracted."""
    return ReactionItem(
        reply.author_id,
        f"{DELETED}#{reply.id}",
        ended=True,
        favourite_of=str(reply.in_reply_to),
        brief=brief(reply),
        expires_at=clock.ttl_seconds(reply.expires_at),
    )
