"""One way to page: candidates in order, read in chunks, filtered, until the page is full or the range ends."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Generic, TypeVar

import msgspec

from fstream_app.core.entities import NO_RELATIONS, Message, Reactions, Relations, User
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.core.parallel import gather
from fstream_app.messages.visibility import may_see
from fstream_app.people import profiles
from fstream_app.repository import messages, reactions, relationships

LIMIT = 20
MAX_LIMIT = 40
_LARGEST_CHUNK = 80
_MAX_CHUNKS = 12

T = TypeVar("T")
C = TypeVar("C")

Candidate = MessageId | Message
"""Something that may be on a page of messages: an id to be hydrated, or the message itself."""


class Window(msgspec.Struct, frozen=True):
    """Which part of a timeline is asked for: ids between `low` and `high`, both exclusive."""

    low: MessageId = LOWEST
    high: MessageId = HIGHEST
    limit: int = LIMIT
    oldest_first: bool = False
    """The page right above `low` (the client API's `min_id`) rather than the newest one; shown newest first."""


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """What is shown of a range, newest first, and the cursors to go on with."""

    shown: list[T]
    older: MessageId | None
    """Go on below this id; None when there is nothing more."""
    newer: MessageId | None
    """Go on above this id."""


class Page(msgspec.Struct, frozen=True):
    """Messages, newest first, with their authors, what they are to the reader, and the cursors to go on with."""

    messages: list[Message]
    users: dict[str, User]
    reactions: Reactions = Reactions()
    older: MessageId | None = None
    """Go on below this id; None when there is nothing more."""
    newer: MessageId | None = None
    """Go on above this id."""


def id_of(candidate: Candidate) -> MessageId:
    """Return the id of a candidate."""
    return candidate.id if isinstance(candidate, Message) else candidate


def take(
    candidates: Iterator[C],
    window: Window,
    key: Callable[[C], MessageId],
    load: Callable[[list[C]], Mapping[MessageId, T]],
) -> Slice[T]:
    """Take candidates, in the window's order, until `limit` are shown or none are left.

    `load` reads a chunk and returns what may be shown of it. The first chunk is as large as the page; when some were
    dropped the next one is as large as it must be if as many are dropped again, so that what was read for nothing is
    little, and a stretch of deleted messages costs few trips. After twelve chunks the page is given as it is: its
    cursor is the last id considered, not the last shown, so nothing is skipped.
    """
    shown: dict[MessageId, T] = {}
    last: MessageId | None = None
    size = window.limit
    considered = 0
    ended = False
    for _ in range(_MAX_CHUNKS):
        chunk = list(islice(candidates, size))
        ended = len(chunk) < size
        loaded = load(chunk) if chunk else {}
        for candidate in chunk:
            last = key(candidate)
            if last in loaded:
                shown[last] = loaded[last]
                if len(shown) == window.limit:
                    ended = False
                    break
        if ended or len(shown) == window.limit:
            break
        considered += len(chunk)
        missing = window.limit - len(shown)
        size = min(-(-missing * considered // max(len(shown), 1)), _LARGEST_CHUNK)
    return _slice(shown, window, None if ended else last)


def _slice(shown: dict[MessageId, T], window: Window, last: MessageId | None) -> Slice[T]:
    ids, values = list(shown), list(shown.values())
    if window.oldest_first:
        return Slice(values[::-1], older=ids[0] if ids else None, newer=last or (ids[-1] if ids else None))
    return Slice(values, older=last, newer=ids[0] if ids else None)


def fill(
    candidates: Iterator[Candidate], window: Window, reader_id: str | None, accept: Callable[[Message], bool]
) -> Page:
    """Take messages that exist and are accepted; a chunk is one round trip for all that is shown of it.

    0.5 RRU for each message and each author that is not remembered, 1 for what they are to the reader.
    """
    users: dict[str, User] = {}
    known: list[Reactions] = []

    def load(chunk: list[Candidate]) -> dict[MessageId, Message]:
        (found, authors), theirs = gather(partial(_hydrate, chunk), partial(_reactions, reader_id, chunk))
        users.update(authors)
        known.append(theirs)
        return {
            message_id: message
            for message_id, message in found.items()
            if message.author_id in users and accept(message)
        }

    page = take(candidates, window, id_of, load)
    return Page(page.shown, users, joined(known), older=page.older, newer=page.newer)


def joined(parts: Iterable[Reactions]) -> Reactions:
    """Join what was read of a page's chunks."""
    all_parts = list(parts)
    return Reactions(
        favourites=frozenset(each for part in all_parts for each in part.favourites),
        bookmarks=frozenset(each for part in all_parts for each in part.bookmarks),
    )


def _reactions(reader_id: str | None, chunk: list[Candidate]) -> Reactions:
    return reactions.of_page(reader_id, [id_of(candidate) for candidate in chunk]) if reader_id else Reactions()


def _hydrate(chunk: list[Candidate]) -> tuple[dict[MessageId, Message], dict[str, User]]:
    found = {candidate.id: candidate for candidate in chunk if isinstance(candidate, Message)}
    missing = [candidate for candidate in chunk if isinstance(candidate, MessageId)]
    authors = {id_of(candidate).author_id for candidate in chunk}
    read, users = hydrate(missing, authors)
    return found | read, users


def hydrate(
    message_ids: Collection[MessageId], user_ids: Collection[str], anew: Collection[str] = ()
) -> tuple[dict[MessageId, Message], dict[str, User]]:
    """Read messages, and users that are not remembered, in one round trip; eventually consistent, 0.5 RRU each.

    Users whom nothing else shows to be there still, such as a message of theirs, are to be read anew.
    """
    users = profiles.known(set(user_ids) - set(anew))
    unknown = set(user_ids) - users.keys()
    if not message_ids and not unknown:
        return {}, users
    found, read = messages.get_with_users(message_ids, unknown)
    profiles.remember(read.values())
    return found, users | read


def of_ids(message_ids: Iterator[MessageId], reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of messages by their ids, newest first, as far as they may be seen; 1 RRU per 117 edges."""
    relations, ids = gather(partial(_relations_of, reader_id, now), partial(started, message_ids))
    return fill(ids, window, reader_id, lambda message: may_see(message, reader_id, relations, now))


def _relations_of(reader_id: str | None, now: int) -> Relations:
    return relationships.of(reader_id, now) if reader_id else NO_RELATIONS


def started(stream: Iterator[T]) -> Iterator[T]:
    """Fetch the first page of a lazy stream now."""
    first = next(stream, None)
    return iter(()) if first is None else chain([first], stream)
