"""Notifications that a poll has ended, for its author and everybody who voted in it.

Nothing happens when a poll ends. The notification is put when the message is posted, or the vote counted, under an id
whose time is the end of the poll, so no read shows it before: not even by its id. If an edit changes the poll, it puts
another one for the author, under the new end. Those of voters stay, because an edit does not write to each of them: if
it moves the end, they are shown once the poll has really ended; if it discards the votes, they are not shown.
"""

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Notification, NotificationKind, event_id
from fstream_app.core.polls import Poll


def of_poll(message: Message, user_id: str, notification_id: MessageId) -> Notification:
    """Return the notification to a user that a message's poll has ended; it expires with the message."""
    return Notification(
        user_id=user_id,
        id=notification_id,
        kind=NotificationKind.POLL,
        expires_at=message.expires_at,
        message_id=message.id,
    )


def id_at(message: Message, poll: Poll, time: int) -> MessageId:
    """Return the id of the notifications that a message's poll has ended, if they arrive at a time (ms)."""
    return event_id(time, message.author_id, NotificationKind.POLL, str(message.id), str(poll.version))


def due(message: Message) -> tuple[Poll, int] | None:
    """Return a message's poll and when it ends (ms); None without a poll, or if the message ends with it, unseen."""
    poll = message.poll
    if poll is None or poll.closes_at >= message.expires_at:
        return None
    return poll, poll.closes_at


def is_true(notification: Notification, message: Message, now: int) -> bool:
    """Return whether a notification is of the poll that a message has now, and this has ended."""
    poll, time = message.poll, notification.id.time
    if poll is None or now < poll.ends_at(message.expires_at):
        return False
    # The author's is put for each end that the poll has had; if it was late, under the time of the message's own.
    if notification.user_id == message.author_id and time not in {poll.closes_at, message.notified_at}:
        return False
    return notification.id == id_at(message, poll, time)


def of_author(message: Message) -> list[Notification]:
    """Return the notifications to its author that may be stored of the end of a message's poll: one, if it is in time.

    If it was late, it is under the time (ms) that is stored for the message's other notifications.
    """
    if (found := due(message)) is None:
        return []
    poll, ends_at = found
    times = sorted({ends_at, max(ends_at, message.notified_at or 0)})
    return [of_poll(message, message.author_id, id_at(message, poll, time)) for time in times]
