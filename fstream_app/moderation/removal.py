"""Removal of a message by a moderator, with a reason for its author."""

from fstream_app.core.entities import Message
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.messages import notifications, posting, reading
from fstream_app.moderation import reasons
from fstream_app.repository import batch, users
from fstream_app.repository import messages as message_items
from fstream_app.repository import notifications as notification_items


def remove(message_id: str, reason: str, now: int) -> Message:
    """Delete a message as its author would, and notify the author; 2 RRU, 2 WRU, and what `posting.delete` adds.

    Raises:
        Invalid: the reason is missing or too long.
        NotFound: no such message, or it has expired.
    """
    why = reasons.validate(reason)
    if not why:
        raise Invalid("Give a reason, which the author will read", "reason", "ERR_BLANK")
    message = message_items.get(reading.parse(message_id))
    if message is None or not message.is_live(now):
        raise NotFound(reading.NO_MESSAGE)
    author = users.get(message.author_id, consistent=True, include_hidden=True)
    if author is not None and not author.leaving:
        # Notify before deleting: if this is interrupted, a duplicate notification is better than none.
        batch.put([notification_items.item(notifications.of_warning(author.id, message.id, why, now))])
    posting.remove(message)
    return message
