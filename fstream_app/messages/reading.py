"""Reading one message by its id, if its reader may see it."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core.entities import Message, Page, Reactions, User
from fstream_app.core.errors import NotFound
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated, joined
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import why_hidden
from fstream_app.people import profiles, relationships
from fstream_app.repository import filters, messages, reactions, stills

NO_MESSAGE = "Message not found"


def get(message_id: str, reader_id: str | None, now: int) -> Message:
    """Return a message that the reader may see; for a boost, its original. RRU and errors as for `with_author`."""
    return with_author(message_id, reader_id, now)[0]


def exactly(message_id: str, reader_id: str | None, now: int) -> tuple[Message, User]:
    """Return a message that the reader may see, and its author; for a boost, not its original.

    RRU and errors as for `with_author`, except for boosts: the reader may not see the original.
    """
    return _read(parse(message_id), reader_id, now)[:2]


def own(message_id: str, user_id: str, now: int, action: str) -> tuple[Message, User]:
    """Return one of the user's own messages or boosts, for an action (a verb), and the user. RRU as for `exactly`.

    Raises:
        NotFound: as for `exactly`; or it is somebody else's.
    """
    message, author = exactly(message_id, user_id, now)
    if message.author_id != user_id:
        raise NotFound(f"You can only {action} your own messages")
    return message, author


def with_author(
    message_id: str,
    reader_id: str | None,
    now: int,
    read: Callable[[list[str]], dict[str, User]] = profiles.get_many,
) -> tuple[Message, User]:
    """Return a message that the reader may see, and its author; for a boost, its original and the original's author.

    1 RRU, 4 for somebody else's message when the reader is logged in; and the author's, by default 0.5 unless cached.
    As much again for a boost, in another round trip.

    Args:
        message_id: the message's id, as the client sent it.
        reader_id: the reader; None for an anonymous reader.
        now: milliseconds.
        read: reads users.

    Raises:
        NotFound: the message does not exist, has expired, or is hidden from this reader; or its author is gone, or has
            deleted all messages of its time.
    """
    found, author, _ = _read(parse(message_id), reader_id, now, read)
    if found.boost_of is not None:
        found, author, _ = _read(found.boost_of, reader_id, now, read)
    return found, author


class _Found(NamedTuple):
    """A message, its author, and the reader's relations with the author."""

    message: Message
    author: User
    relations: Relations


def _read(
    parsed: MessageId, reader_id: str | None, now: int, read: Callable[[list[str]], dict[str, User]] = profiles.get_many
) -> _Found:
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
    return _Found(found, author, relations)


def show(message_id: str, reader_id: str | None, now: int) -> Page:
    """Return a message that the reader may see, as a page of one.

    As `get`; 3 RRU more for the reader's reactions and muted conversations. For somebody else's message, also those of
    `filters.read_lazily`.

    For a reply, another round trip reads the message that it answers: 1 RRU, and 0.5 for its author. A boost or a quote
    is shown with its original: as `Viewer.with_originals`; for a boost, also 3 RRU for the reader's reactions to it.

    Raises:
        NotFound: the message does not exist, has expired, or is hidden from this reader; or it boosts such a message.
    """
    parsed = parse(message_id)
    (message, author, relations), known, found = gather(
        partial(_read, parsed, reader_id, now),
        partial(_known, reader_id, parsed, now),
        partial(filters_about, reader_id, parsed.author_id, now),
    )
    known = msgspec.structs.replace(known, relations=relations)
    page = Page([message], {author.id: author}, known, filters=found)
    if message.boost_of is not None:
        page, known = gather(partial(in_full, page, relations, now), partial(_known, reader_id, message.boost_of, now))
        if not isinstance(page.originals[message.boost_of], Message):
            raise NotFound(NO_MESSAGE)
    else:
        page = in_full(page, relations, now)
    # Those to the message itself were read consistently, so that readers see at once what they have just done.
    others = page.reactions.without(message.boost_of or message.id)
    return msgspec.structs.replace(page, reactions=joined([known, others]))


def in_full(page: Page, relations: Relations, now: int) -> Page:
    """Return a page of one message with what it boosts or quotes, even of a muted author, and as `answers.as_shown`.

    RRU: as for `show`.

    Args:
        page: the message, its author, and the reader's reactions and filters.
        relations: those of the reader with the author.
        now: milliseconds.
    """
    (message,) = page.messages
    if message.original is None:
        return answers.of_page(page, now)
    viewer = Viewer(page.reactions.reader_id, relations, now, filters=page.filters, about=message.author_id)
    found = viewer.with_originals(Hydrated({message.id: message}, page.users, page.reactions), even_muted=True)
    page = msgspec.structs.replace(
        page, users=found.users, reactions=found.reactions, filters=viewer.filters, originals=found.originals
    )
    return answers.of_page(page, now)


def filters_about(reader_id: str | None, author_id: str, now: int) -> Filters:
    """Return a reader's filters for messages of one author; no filters without a login or for the reader's own.

    RRU: as `filters.read_lazily`.
    """
    if reader_id is None or reader_id == author_id:
        return NO_FILTERS
    return filters.read_lazily(reader_id, now)


def _known(reader_id: str | None, message_id: MessageId, now: int) -> Reactions:
    if reader_id is None:
        return Reactions()
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
