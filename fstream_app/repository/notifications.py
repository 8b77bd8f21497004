"""The notifications table: what happened to a user, by ids derived from the events.

A notification that its user dismissed stays, and beside it stands `<id>-`; that all were cleared is one item,
`!cleared`. Both hold against records of the stream that come again.
"""

from collections.abc import Iterator
from itertools import groupby

from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from fstream_app.core.entities import Notification
from fstream_app.core.ids import LOWEST, MESSAGE_ID_LENGTH, MessageId
from fstream_app.repository import batch
from fstream_app.tables import NotificationItem

_CLEARED = "!cleared"
_DISMISSED = "-"


def item(notification: Notification) -> batch.Item:
    """Make the item of a notification; a repeat overwrites itself."""
    return NotificationItem(
        notification.user_id,
        str(notification.id),
        kind=notification.kind,
        message_id=str(notification.message_id) if notification.message_id else None,
        reason=notification.reason,
        expires_at=-(-notification.expires_at // 1000),
    )


def remove(transaction: TransactWrite, user_id: str, notification_id: MessageId) -> None:
    """Let a transaction delete a notification."""
    transaction.delete(NotificationItem(user_id, str(notification_id)))


def of_user(
    user_id: str, above: MessageId, below: MessageId, *, now: int, page: int, oldest_first: bool = False
) -> Iterator[Notification]:
    """Read a user's notifications between two ids (exclusive), in order, a page at a time as they are asked for.

    Key `user_id`, `id` between, consistent; 1 RRU per 4 KB (some 30). Dismissed and expired ones are left out.
    """
    low, high = above.next(), below.previous()
    if low > high:
        return
    items = NotificationItem.query(
        user_id,
        NotificationItem.id.between(str(low), str(high) + _DISMISSED),
        NotificationItem.expires_at > now // 1000,
        scan_index_forward=oldest_first,
        page_size=page,
        consistent_read=True,
    )
    # A dismissal stands right behind what it dismisses, so it is beside it in either order.
    for _, together in groupby(items, key=lambda item: item.id[:MESSAGE_ID_LENGTH]):
        beside = list(together)
        if len(beside) == 1 and not beside[0].id.endswith(_DISMISSED):
            yield _notification(beside[0])


def get(user_id: str, notification_id: MessageId) -> Notification | None:
    """Read a notification that was not dismissed: both keys, consistent; 2 RRU."""
    key = str(notification_id)
    found = list(batch.get(NotificationItem, [(user_id, key), (user_id, key + _DISMISSED)], consistent=True))
    return _notification(found[0]) if [item.id for item in found] == [key] else None


def dismiss(notification: Notification) -> None:
    """Put the mark that a notification was dismissed: key `user_id`, `<id>-`; 1 WRU."""
    expires_at = -(-notification.expires_at // 1000)
    NotificationItem(notification.user_id, str(notification.id) + _DISMISSED, expires_at=expires_at).save()


def clear(user_id: str, below: MessageId, expires_at: int) -> None:
    """Put the mark that all notifications below an id were cleared: key `user_id`, `!cleared`; 1 WRU.

    It expires (s) when these have.
    """
    NotificationItem(user_id, _CLEARED, cleared_to=str(below), expires_at=expires_at).save()


def cleared_to(user_id: str) -> MessageId:
    """Read below which id all was cleared: key `user_id`, `!cleared`, consistent; 1 RRU."""
    try:
        mark = NotificationItem.get(user_id, _CLEARED, consistent_read=True)
    except DoesNotExist:
        return LOWEST
    return MessageId.parse(mark.cleared_to or "")


def delete_some(user_id: str, limit: int) -> bool:
    """Delete some items of a user: key `user_id`; 1 RRU per 4 KB, 1 WRU each. Return whether none are left."""
    found = list(NotificationItem.query(user_id, limit=limit, consistent_read=True))
    batch.delete(NotificationItem, [(user_id, item.id) for item in found])
    return len(found) < limit


def _notification(item: NotificationItem) -> Notification:
    return Notification(
        user_id=item.user_id,
        id=MessageId.parse(item.id),
        kind=item.kind or "",
        expires_at=1000 * item.expires_at,
        message_id=MessageId.parse(item.message_id) if item.message_id else None,
        reason=item.reason,
    )
