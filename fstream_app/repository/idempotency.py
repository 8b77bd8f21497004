"""Of the limits table: under which id an Idempotency-Key was posted."""

from typing import NamedTuple

from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.transactions import TransactWrite

from fstream_app.core import clock
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.repository import failures, messages, transactions
from fstream_app.tables import LimitItem


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
    try:
        item.save(condition=LimitItem.key.does_not_exist() | (LimitItem.expires_at <= now // 1000))
    except PutError as error:
        if not failures.is_condition(error):
            raise
        return _posted(key)
    return None


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

    def fill(transaction: TransactWrite) -> None:
        transaction.condition_check(LimitItem, key, condition=LimitItem.deleted.does_not_exist())
        messages.add(transaction, message)

    try:
        transactions.commit(fill)
    except transactions.ConditionFailed:
        return  # deleted, or finished by somebody else: the read that follows tells


def mark_deleted(key: str, message_id: MessageId) -> None:
    """Remember that the message of a key was deleted, so that a late retry can't bring it back: 1 WRU."""
    try:
        LimitItem(key).update([LimitItem.deleted.set(True)], condition=LimitItem.message_id == str(message_id))
    except UpdateError as error:
        if not failures.is_condition(error):
            raise


def forget_post(key: str) -> None:
    """Forget what a key stands for: 1 WRU."""
    LimitItem(key).delete()
