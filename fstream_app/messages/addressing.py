"""Whom a message addresses: the users that it mentions, the author that it answers, and the author that it quotes."""

from collections.abc import Collection
from functools import partial

from fstream_app.core.entities import Message
from fstream_app.core.notices import NotificationKind
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather_all
from fstream_app.core.relations import Relations
from fstream_app.messages.visibility import why_hidden
from fstream_app.repository import relationships

Receiver = tuple[str, NotificationKind]
"""A user to notify of a message, and of what."""


def receivers(message: Message, now: int, *, known: Collection[Receiver] = ()) -> list[Receiver]:
    """Return the users to notify of a message, and of what; 4 RRU per user.

    These are the users that it mentions, the author that it answers, and the author that it quotes. Users who may not
    see the message, who have muted the author's notifications, or who are `known` are left out. Of a message that is
    scheduled for later, all are returned, because only a read can decide.
    """
    wanted = [each for each in addressed(message) if each not in known]
    if not message.is_due(now):
        return wanted
    people = list({user_id: None for user_id, _ in wanted})
    relations = gather_all([partial(_relations, user_id, message.author_id, now) for user_id in people])
    reached = {
        user_id
        for user_id, theirs in zip(people, relations, strict=True)
        if why_hidden(message, user_id, theirs, now) is None and message.author_id not in theirs.muting_notifications
    }
    return [(user_id, kind) for user_id, kind in wanted if user_id in reached]


def addressed(message: Message) -> list[Receiver]:
    """Return the users whom a message notifies if they may see it, and of what."""
    mentioned = dict.fromkeys(mention.user_id for mention in message.mentions)
    if message.in_reply_to is not None and message.visibility is not Visibility.DIRECT:
        mentioned[message.in_reply_to.author_id] = None  # whom a private reply mentions only if it names them
    mentioned.pop(message.author_id, None)
    quoted = {message.quote.of.author_id} if message.quote and not message.quote.revoked else set()
    return [
        *((user_id, NotificationKind.MENTION) for user_id in mentioned),
        *((user_id, NotificationKind.QUOTE) for user_id in quoted - {message.author_id}),
    ]


def knows(user_id: str, message: Message, now: int) -> bool:
    """Return whether a message that does not mention a user has notified the user all the same.

    It has if it answers the user, who follows its author and so sees it; 4 RRU for such an answer.
    """
    if (user_id, NotificationKind.MENTION) not in addressed(message):
        return False
    return why_hidden(message, user_id, _relations(user_id, message.author_id, now), now) is None


def arrival(message: Message, receiver: Receiver) -> int | None:
    """Return the time (ms) of the notification of a message to a user whom it addresses; None if it is not stored."""
    user_id, kind = receiver
    mentioned = message.mentions if kind is NotificationKind.MENTION else ()
    added = next((each.since for each in mentioned if each.user_id == user_id), None)
    return message.notified_at if added is None else added


def _relations(user_id: str, actor_id: str, now: int) -> Relations:
    return relationships.between(user_id, [actor_id], now)
