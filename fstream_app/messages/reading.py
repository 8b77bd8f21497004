"""Reading one message by its id, as far as its reader may see it."""

from functools import partial

from fstream_app.core.edges import VISIBILITY_KINDS
from fstream_app.core.entities import NO_RELATIONS, Message, Reactions, Relations
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.messages.paging import Page
from fstream_app.messages.visibility import may_see
from fstream_app.people import profiles
from fstream_app.repository import messages, reactions, relationships

NO_MESSAGE = "Message not found"


def get(message_id: str, reader_id: str | None, now: int) -> Message:
    """Return a message that the reader may see; 1 RRU, 3 more for another's when somebody is logged in.

    Raises:
        NotFound: there is none, it has expired, or it is not for this reader.
    """
    parsed = parse(message_id)
    found, relations = gather(partial(messages.get, parsed), partial(_relations, reader_id, parsed, now))
    if found is None or not may_see(found, reader_id, relations, now):
        raise NotFound(NO_MESSAGE)
    return found


def show(message_id: str, reader_id: str | None, now: int) -> Page:
    """Return a message that the reader may see, as a page of one; as `get`, and 2 RRU for what it is to the reader.

    Raises:
        NotFound: there is none, it has expired, or it is not for this reader.
    """
    parsed = parse(message_id)
    message, users, known = gather(
        partial(get, message_id, reader_id, now),
        partial(profiles.get_many, [parsed.author_id]),
        partial(reactions.of_message, reader_id, parsed) if reader_id else Reactions,
    )
    if not users:
        raise NotFound(NO_MESSAGE)
    return Page([message], users, known)


def parse(message_id: str) -> MessageId:
    """Read the id of a message.

    Raises:
        NotFound: it is not one.
    """
    try:
        return MessageId.parse(message_id)
    except ValueError:
        raise NotFound(NO_MESSAGE) from None


def _relations(reader_id: str | None, message_id: MessageId, now: int) -> Relations:
    if reader_id is None or reader_id == message_id.author_id:
        return NO_RELATIONS
    return relationships.between(reader_id, [message_id.author_id], now, VISIBILITY_KINDS)
