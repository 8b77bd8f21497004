"""Notifications: made by the fan-out from events, with ids derived from them, so that repeats overwrite themselves."""

from functools import partial
from hashlib import sha256

from fstream_app import ids, settings
from fstream_app.entities import Message, Notification, Relations
from fstream_app.parallel import gather_all
from fstream_app.repository import relationships
from fstream_app.visibility import may_see

MENTION, FOLLOW = "mention", "follow"
_HASH_LENGTH = 10


def _id(time: int, *event: str) -> str:
    digest = int.from_bytes(sha256("#".join(event).encode()).digest()[:8])
    return ids.encode(time, 10) + ids.encode(digest >> 14, _HASH_LENGTH)


def of_message(message: Message, now: int) -> list[Notification]:
    """Return the notifications that a message makes: to those it mentions and whom it answers, if they may see it.

    They live as long as the message does. 4 RRU for each receiver.
    """
    receivers = dict.fromkeys(mention.user_id for mention in message.mentions)
    if message.in_reply_to is not None:
        receivers[message.in_reply_to.author_id] = None
    receivers.pop(message.author_id, None)
    relations = gather_all([partial(_relations, receiver, message.author_id, now) for receiver in receivers])
    return [
        Notification(
            user_id=receiver,
            id=_id(message.id.time, MENTION, str(message.id), receiver),
            kind=MENTION,
            actor_id=message.author_id,
            expires_at=message.expires_at,
            message_id=message.id,
        )
        for receiver, theirs in zip(receivers, relations, strict=True)
        if may_see(message, receiver, theirs, now) and message.author_id not in theirs.muting_notifications
    ]


def of_follow(follower_id: str, followed_id: str, time: int, now: int) -> list[Notification]:
    """Return the notification of a follow at this time (ms), if it is still one and welcome; 5 RRU.

    It lives as long as the longest message may.
    """
    relations = relationships.between(followed_id, [follower_id], now, followed_by=True)
    unwelcome = relations.hides(follower_id) or follower_id in relations.muting_notifications
    if unwelcome or follower_id not in relations.followed_by:
        return []
    return [
        Notification(
            user_id=followed_id,
            id=_id(time, FOLLOW, follower_id, followed_id),
            kind=FOLLOW,
            actor_id=follower_id,
            expires_at=time + 1000 * settings.get().max_lifetime,
        )
    ]


def _relations(user_id: str, actor_id: str, now: int) -> Relations:
    return relationships.between(user_id, [actor_id], now)
