"""Scheduled messages, in the messages table under ids with the time at which they are due."""

from fstream_app.core.entities import Message
from fstream_app.repository import log, messages, replies, timelines
from fstream_app.repository.transactions import Writes
from fstream_app.tables import LimitItem, MessageItem


class Changed(Exception):
    """The message was moved, cancelled or counted meanwhile, or its new id is taken."""


class _Forgotten(Exception):
    """The record of its Idempotency-Key has expired, or is another message's."""


def move(message: Message, moved: Message) -> None:
    """Replace a scheduled message by the same one under another id, in one transaction; 4 WRU.

    Keys: `author_id` and both ids, the old one present, the new one absent. 2 WRU more for a counted reply, and for a
    counted quote, as for `replies.delete`; and 2 if it has an Idempotency-Key, whose record then has the new id: key
    `key`, of the old id.

    Raises:
        Changed: a condition does not hold, so nothing was written.
    """
    try:
        _move(message, moved, record=message.idempotency)
    except _Forgotten:
        _move(message, moved, record=None)


def _move(message: Message, moved: Message, record: str | None) -> None:
    writes = Writes()
    if record:
        recorded = LimitItem.message_id == str(message.id)
        writes.update(LimitItem(record), [LimitItem.message_id.set(str(moved.id))], recorded, otherwise=_Forgotten)
    there = MessageItem.id.exists()
    left = list(replies.left_of(message))
    if left:
        pending = MessageItem.pending
        there &= pending.exists() if message.uncounted else pending.does_not_exist()
    writes.delete(messages.address(message.id), there, otherwise=Changed)
    for each in () if message.uncounted else left:
        writes.save(each)
    writes.save(messages.item(moved), messages.absent(), otherwise=Changed)
    writes.commit()


def take_out(message: Message) -> None:
    """Delete a scheduled message's items of the log and of views, which lead to nothing; 1 WRU each. Idempotent."""
    log.remove_scheduled(message.id)
    timelines.remove(message)
