"""The notifications table: what happened to a user, by ids derived from the events."""

from fstream_app.entities import Notification
from fstream_app.repository import batch
from fstream_app.tables import NotificationItem


def item(notification: Notification) -> batch.Item:
    """Make the item of a notification; a repeat overwrites itself."""
    return NotificationItem(
        notification.user_id,
        notification.id,
        kind=notification.kind,
        actor_id=notification.actor_id,
        message_id=str(notification.message_id) if notification.message_id else None,
        expires_at=-(-notification.expires_at // 1000),
    )
