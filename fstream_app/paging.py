"""One way to page: candidates in order, hydrated in chunks, filtered, until the page is full or the range ends."""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from fstream_app import profiles
from fstream_app.entities import Message, User
from fstream_app.ids import HIGHEST, LOWEST, MessageId
from fstream_app.repository import messages

LIMIT = 20
MAX_LIMIT = 40
_LARGEST_CHUNK = 80
_MAX_CHUNKS = 12

Candidate = MessageId | Message
"""Something that may be on the page: an id to be hydrated, or the message itself."""


class Window(msgspec.Struct, frozen=True):
    """Which part of a timeline is asked for: ids between `low` and `high`, both exclusive."""

    low: MessageId = LOWEST
    high: MessageId = HIGHEST
    limit: int = LIMIT
    oldest_first: bool = False
    """The page right above `low` (the client API's `min_id`) rather than the newest one; shown newest first."""


class Page(msgspec.Struct, frozen=True):
    """Messages, newest first, with their authors and the cursors to go on with."""

    messages: list[Message]
    users: dict[str, User]
    older: MessageId | None = None
    """Go on below this id; None when there is nothing more."""
    newer: MessageId | None = None
    """Go on above this id."""


def id_of(candidate: Candidate) -> MessageId:
    """Return the id of a candidate."""
    return candidate.id if isinstance(candidate, Message) else candidate


def fill(candidates: Iterator[Candidate], window: Window, accept: Callable[[Message], bool]) -> Page:
    """Take candidates, in the window's order, until `limit` messages that exist are accepted or none are left.

    A chunk is one round trip for messages and authors together. The first is as large as the page; when some were
    dropped the next ones grow, so that a stretch of deleted messages costs few trips. After twelve chunks the page
    is given as it is: its cursor is the last id considered, not the last shown, so nothing is skipped.
    """
    shown: list[Message] = []
    users: dict[str, User] = {}
    last: MessageId | None = None
    size = window.limit
    ended = False
    for _ in range(_MAX_CHUNKS):
        chunk = list(islice(candidates, size))
        ended = len(chunk) < size
        found, authors = _hydrate(chunk)
        users |= authors
        for candidate in chunk:
            message = found.get(id_of(candidate))
            last = id_of(candidate)
            if message is not None and message.author_id in users and accept(message):
                shown.append(message)
                if len(shown) == window.limit:
                    ended = False
                    break
        if ended or len(shown) == window.limit:
            break
        size = min(2 * (window.limit - len(shown)) + size, _LARGEST_CHUNK)
    return _page(shown, users, window, None if ended else last)


def _page(shown: list[Message], users: dict[str, User], window: Window, last: MessageId | None) -> Page:
    if window.oldest_first:
        shown.reverse()
        older = shown[-1].id if shown else None
        return Page(shown, users, older=older, newer=last or (shown[0].id if shown else None))
    return Page(shown, users, older=last, newer=shown[0].id if shown else None)


def _hydrate(chunk: list[Candidate]) -> tuple[dict[MessageId, Message], dict[str, User]]:
    found = {candidate.id: candidate for candidate in chunk if isinstance(candidate, Message)}
    missing = [candidate for candidate in chunk if isinstance(candidate, MessageId)]
    authors = {id_of(candidate).author_id for candidate in chunk}
    users = profiles.known(authors)
    unknown = authors - users.keys()
    if missing or unknown:
        read, read_users = messages.get_with_users(missing, unknown)
        profiles.remember(read_users.values())
        found |= read
        users |= read_users
    return found, users
