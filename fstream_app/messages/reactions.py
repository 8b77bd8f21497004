"""Favourites, which are counted exactly, and bookmarks, which are private. Both expire with the message."""

from collections.abc import Collection
from functools import partial

from fstream_app.core.entities import Page, Part, ReactionKind, Window
from fstream_app.core.ids import MessageId
from fstream_app.messages import paging, reading
from fstream_app.messages.sources import Candidate, Pages
from fstream_app.people import profiles, relationships
from fstream_app.people.relationships import NOBODY, People
from fstream_app.repository import reactions, reactors


def favourite(user_id: str, message_id: str, now: int) -> None:
    """Make a message a favourite. Idempotent. RRU as `reading.get`, 1 WRU.

    The stream function counts it and notifies the author.

    Raises:
        NotFound: the message does not exist, or is hidden from this user.
    """
    reactions.favourite(user_id, reading.get(message_id, user_id, now))


def unfavourite(user_id: str, message_id: str, now: int) -> None:
    """Remove a favourite. Idempotent. RRU as `reading.get`, 1 WRU.

    Raises:
        NotFound: the message does not exist, or is hidden from this user.
    """
    reactions.unfavourite(user_id, reading.get(message_id, user_id, now).id)


def bookmark(user_id: str, message_id: str, now: int) -> None:
    """Bookmark a message. Idempotent. RRU as `reading.get`, 1 WRU.

    Raises:
        NotFound: the message does not exist, or is hidden from this user.
    """
    reactions.bookmark(user_id, reading.get(message_id, user_id, now))


def unbookmark(user_id: str, message_id: str, now: int) -> None:
    """Remove a bookmark. Idempotent. RRU as `reading.get`, 1 WRU.

    Raises:
        NotFound: the message does not exist, or is hidden from this user.
    """
    reactions.unbookmark(user_id, reading.get(message_id, user_id, now).id)


def favourites(user_id: str, window: Window, now: int) -> Page:
    """Read a page of a user's favourites, ordered by message; 1 RRU per 4 KB, and as `paging.of_source`."""
    return _kept(user_id, ReactionKind.FAVOURITE, window, now)


def bookmarks(user_id: str, window: Window, now: int) -> Page:
    """Read a page of a user's bookmarks, ordered by message; 1 RRU per 4 KB, and as `paging.of_source`."""
    return _kept(user_id, ReactionKind.BOOKMARK, window, now)


def _kept(user_id: str, kind: ReactionKind, window: Window, now: int) -> Page:
    kept = Pages[Candidate](reactions.pages_of_user(user_id, kind, window, now), window)
    return paging.of_source(kept, user_id, window, now)


def favourited_by(message_id: str, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the users whose favourite a message is; as `_reacting`."""
    return _reacting(ReactionKind.FAVOURITE, message_id, reader_id, part, now)


def boosted_by(message_id: str, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the users who boost a message, and not for their followers only; as `_reacting`."""
    return _reacting(ReactionKind.BOOST, message_id, reader_id, part, now)


def _reacting(kind: ReactionKind, message_id: str, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the users who react to a message, ordered by id, excluding blocked and blocking ones.

    Other readers get an empty page if the author keeps these counts private. The id of a wrapper means the message that
    it boosts.

    As `reading.get`, but 1 RRU for the author; 1 per 136 edges of the reader, 0.5 per page of ids and 2 per user.

    Raises:
        NotFound: the message does not exist, or the reader may not see it.
    """
    message, author = reading.with_author(message_id, reader_id, now, profiles.read)
    if author.private_counts and reader_id != author.id:
        return NOBODY
    read, still = partial(reactors.by_message, kind, message.id, part), partial(_still, kind, message.id)
    return relationships.people(read, reader_id, part, now, confirmed=still)


def _still(kind: ReactionKind, message_id: MessageId, user_ids: Collection[str]) -> set[str]:
    """Return those of these users who react to a message, and let others see it."""
    found = reactors.among(kind, [(each, message_id) for each in user_ids], shown=True)
    return {user_id for user_id, _ in found}
