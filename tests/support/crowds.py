"""Many messages, users and edges on moto, written without the API and its streams."""

from collections.abc import Iterable
from typing import Any

from fstream_app.core import ids, packing
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Mention, Message, User
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, messages, notifications, timelines, users
from fstream_app.tables import EdgeItem, MessageItem
from tests.support.people import Api, Person

DAY = 86_400


def strangers(number: int, name: str = "stranger", **fields: Any) -> list[User]:
    """Create users, whose names are in alphabetical order."""
    made = [
        User(id=ids.new_user_id(), name=f"{name}{each:04}", created_at=0, password_hash="hash", **fields)
        for each in range(number)
    ]
    for user in made:
        users.create(user)
    return made


def replies(
    authors: Iterable[str],
    status: dict[str, Any],
    visibility: Visibility = Visibility.PUBLIC,
    mentions: Iterable[Person] = (),
) -> list[Message]:
    """Write a reply of each author, directly after the message, into the table and its thread's views.

    Call this after the last delivery, which would delete replies of authors who are not stored.
    """
    answered = messages.get(MessageId.parse(status["id"]))
    assert answered is not None
    made = [
        Message(
            id=MessageId.new(author, answered.id.time + number),
            text="noise",
            lifetime=DAY,
            visibility=visibility,
            in_reply_to=answered.id,
            answered_lifetime=answered.lifetime,
            thread=answered.thread or answered.id,
            ancestors=packing.descend(answered.ancestors, answered.id),
            mentions=tuple(Mention(person.id, person.name) for person in mentions),
        )
        for number, author in enumerate(authors, 1)
    ]
    put(made)
    return made


def put(made: Iterable[Message]) -> None:
    """Write messages into their table and into views."""
    written = list(made)
    batch.put(messages.item(message) for message in written)
    batch.put(item for message in written for item in timelines.items(message))


def forget(made: Iterable[Message]) -> None:
    """Delete messages from their table only, as if views had got them after the deletion."""
    batch.delete(MessageItem, [(message.author_id, str(message.id)) for message in made])


def blockers(user_id: str, number: int) -> list[str]:
    """Let this many users, who are not stored, block a user; return their ids."""
    made = [ids.new_user_id() for _ in range(number)]
    batch.put(EdgeItem(user_id, edge(EdgeKind.BLOCKED_BY, each)) for each in made)
    return made


def favourites(api: Api, user: Person, actors: Iterable[str], message_id: MessageId) -> None:
    """Write notifications that users have favourited a message, a millisecond apart."""
    batch.put(
        notifications.item(
            Notification(
                user_id=user.id,
                id=MessageId.new(actor, int(api.clock.advance(0.001))),
                kind=NotificationKind.FAVOURITE,
                expires_at=api.clock.now + 1000 * DAY,
                message_id=message_id,
            )
        )
        for actor in actors
    )
