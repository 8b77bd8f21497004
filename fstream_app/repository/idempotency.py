"""Of the limits table: under which id an Idempotency-Key was posted."""

from typing import NamedTuple

from pynamodb.exceptions import DoesNotExist

from fstream_app.core import clock
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.repository import conditional, messages
from fstream_app.repository.transactions import Writes
from fstream_app.tables import LimitItem


class _Deleted(Exception):
    """The message of a key was deleted."""


class Posted(NamedTuple):
    """What an idempotency key stands for."""

    message_id: MessageId
    lifetime: int
    """Seconds."""
    deleted: bool


def remember_post(key: str, message: Message, now: int, seconds: int) -> Posted | None:
    """Remember the id under which a key is about to be posted: key, absent or expired; 1 WRU.

    Returns:
        None, or what the key stands for already (1 RRU more).
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
    """Put a message whose key was remembered, unless it was deleted or is there: both keys; 4 to 6 WRU.

    This is how a post that was interrupted between its two writes is finished by the next attempt.
    """
    writes = Writes()
    writes.check(LimitItem, key, condition=LimitItem.deleted.does_not_exist(), otherwise=_Deleted)
    messages.add(writes, message)
    try:
        writes.commit()
    except (_Deleted, messages.IdTaken, messages.NotCounted):
        return  # the caller reads what is there now


def mark_deleted(key: str, message_id: MessageId) -> None:
    """Remember that the message of a key was deleted, so that a late retry can't bring it back: 1 WRU."""
    conditional.update(LimitItem(key), [LimitItem.deleted.set(True)], LimitItem.message_id == str(message_id))


def forget_post(key: str) -> None:
    """Forget what a key stands for: 1 WRU."""
    LimitItem(key).delete()
