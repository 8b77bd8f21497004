"""Reading one message by its id, if its reader may see it."""

from collections.abc import Callable
from functools import partial

import msgspec

from fstream_app.core.entities import Message, Page, Reactions, Relations, User
from fstream_app.core.errors import NotFound
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated
from fstream_app.messages.visibility import why_hidden
from fstream_app.people import profiles, relationships
from fstream_app.repository import filters, messages, reactions, stills

NO_MESSAGE = "Message not found"


def get(message_id: str, reader_id: str | None, now: int) -> Message:
    """Return a message that the reader may see. RRU and errors as for `with_author`."""
    return with_author(message_id, reader_id, now)[0]


def with_author(
    message_id: str,
    reader_id: str | None,
    now: int,
    read: Callable[[list[str]], dict[str, User]] = profiles.get_many,
) -> tuple[Message, User]:
    """Return a message that the reader may see, and its author.

    1 RRU, 4 for somebody else's message when the reader is logged in; and the author's, by default 0.5 unless cached.

    Args:
        message_id: the message's id, as the client sent it.
        reader_id: the reader; None for an anonymous reader.
        now: milliseconds.
        read: reads users.

    Raises:
        NotFound: the message does not exist, has expired, or is hidden from this reader; or its author is gone, or has
            deleted all messages of its time.
    """
    parsed = parse(message_id)
    found, relations, authors = gather(
        partial(messages.get, parsed),
        partial(relationships.of_reader_with, reader_id, parsed.author_id, now),
        partial(read, [parsed.author_id]),
    )
    author = authors.get(parsed.author_id)
    if (
        found is None
        or author is None
        or author.has_cleared(found.written)
        or why_hidden(found, reader_id, relations, now)
    ):
        raise NotFound(NO_MESSAGE)
    return found, author


def show(message_id: str, reader_id: str | None, now: int) -> Page:
    """Return a message that the reader may see, as a page of one.

    As `get`; 3 RRU more for the reader's reactions and muted conversations. For somebody else's message, also those of
    `filters.read_lazily`.

    For a reply, another round trip reads the message that it answers: 1 RRU, and 0.5 for its author.

    Raises:
        NotFound: the message does not exist, has expired, or is hidden from this reader.
    """
    parsed = parse(message_id)
    (message, author), known, found = gather(
        partial(with_author, message_id, reader_id, now),
        partial(_known, reader_id, parsed, now) if reader_id else Reactions,
        partial(filters_about, reader_id, parsed.author_id, now),
    )
    users = {author.id: author}
    return Page(answers.as_shown([message], Hydrated({}, users), now), users, known, filters=found)


def filters_about(reader_id: str | None, author_id: str, now: int) -> Filters:
    """Return a reader's filters for messages of one author; no filters without a login or for the reader's own.

    RRU: as `filters.read_lazily`.
    """
    if reader_id is None or reader_id == author_id:
        return NO_FILTERS
    return filters.read_lazily(reader_id, now)


def _known(reader_id: str, message_id: MessageId, now: int) -> Reactions:
    known, muted = gather(partial(reactions.of_message, reader_id, message_id), partial(muted_by, reader_id, now))
    return msgspec.structs.replace(known, muted=muted)


def muted_by(reader_id: str, now: int) -> frozenset[MessageId]:
    """Return the first messages of the conversations that a reader mutes; 1 RRU."""
    return Relations(stills=stills.of_user(reader_id, now)).muted_conversations


def parse(message_id: str) -> MessageId:
    """Parse the id of a message.

    Raises:
        NotFound: the text is not a message id.
    """
    try:
        return MessageId.parse(message_id)
    except ValueError:
        raise NotFound(NO_MESSAGE) from None
