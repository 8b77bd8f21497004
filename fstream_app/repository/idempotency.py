"""The limits table's idempotency records: the id of the message that was posted with an Idempotency-Key."""

from typing import NamedTuple

from pynamodb.exceptions import DoesNotExist

from fstream_app.core import clock
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.repository import conditional, messages
from fstream_app.repository.transactions import Writes
from fstream_app.tables import LimitItem


class _Deleted(Exception):
    """The message of this key was deleted."""


class Posted(NamedTuple):
    """The message that an idempotency key was used for."""

    message_id: MessageId
    lifetime: int
    """Seconds."""
    deleted: bool


def remember_post(key: str, message: Message, now: int, seconds: int) -> Posted | None:
    """Remember the id under which a message is about to be posted: key `key`, absent or expired; 1 WRU.

    Returns:
        None, or the message that the key was used for before (consistent, 1 RRU more).
    """
    expires_at = clock.ttl_seconds(now + 1000 * seconds)
    item = LimitItem(key, message_id=str(message.id), lifetime=message.lifetime, expires_at=expires_at)
    is_free = LimitItem.key.does_not_exist() | (LimitItem.expires_at <= now // 1000)
    return None if conditional.put(item, is_free) else _posted(key)


def _posted(key: str) -> Posted | None:
    try:
        item = LimitItem.get(key, consistent_read=True)
    except DoesNotExist:
        return None
    return Posted(MessageId.parse(item.message_id or ""), int(item.lifetime or 0), bool(item.deleted))


def finish_post(key: str, message: Message) -> None:
    """Put a message whose key was remembered, unless the message was deleted or exists; 4 WRU.

    One transaction; keys: `key`, not marked as deleted; `author_id`, `id`, absent. This finishes a post that was
    interrupted between its two writes. Does nothing if a condition does not hold.
    """
    writes = Writes()
    writes.check(LimitItem, key, condition=LimitItem.deleted.does_not_exist(), otherwise=_Deleted)
    writes.save(messages.item(message), messages.absent(), otherwise=messages.IdTaken)
    try:
        writes.commit()
    except (_Deleted, messages.IdTaken):
        return  # the caller reads the message, if it exists


def mark_deleted(key: str, message_id: MessageId) -> None:
    """Mark the message of a key as deleted, so that a late retry cannot bring it back: key `key`, of this id; 1 WRU."""
    conditional.update(LimitItem(key), [LimitItem.deleted.set(True)], LimitItem.message_id == str(message_id))


def forget_post(key: str) -> None:
    """Delete the record of a key: key `key`; 1 WRU. Idempotent."""
    LimitItem(key).delete()
