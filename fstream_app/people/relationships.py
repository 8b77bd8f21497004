"""Relationships between users, blocking and muting. A change applies to the next read after it has returned."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Generic, NamedTuple, TypeVar

import msgspec

from fstream_app.core import clock, ids
from fstream_app.core.edges import VISIBILITY_KINDS, EdgeKind
from fstream_app.core.entities import Part, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.following import FollowOptions
from fstream_app.core.parallel import gather
from fstream_app.core.relations import NO_RELATIONS, Relations
from fstream_app.people import profiles, users
from fstream_app.repository import edges, follows, notes, relationships, requests, senders, stills
from fstream_app.repository.follows import Follow

T = TypeVar("T")


class People(NamedTuple):
    """A page of users."""

    users: list[User]
    after: str | None
    """Cursor for the next page, which is above this id; None if there are no more users."""
    before: str | None
    """Cursor for the previous page, which is below this id; None if this is the first."""


NOBODY = People([], None, None)


class Muted(NamedTuple):
    """A page of muted users."""

    people: People
    until: Mapping[str, int]
    """End of timed mutes, in milliseconds, by user id."""


class Valued(NamedTuple, Generic[T]):
    """A page of users, with a value of each that was read with the user's id."""

    people: People
    values: Mapping[str, T]
    """By user id. Those of users who are not on the page may be in it, too."""


MAX_MUTE_SECONDS = 10 * 365 * 86_400
_READ_ONE_BY_ONE = 8
_LARGEST_CHUNK = 100
_MAX_CONSIDERED = 1000
"""Limit of ids that a page of a list considers."""


def between(user_id: str, found: Collection[User], now: int) -> Relations:
    """Return a user's relations with some others, including `followed_by`; 5 RRU for each of them.

    1 RRU more for each other who is locked, and for each if the user is locked: their requests to each other; and for
    each if the user writes notes. For more than eight others, it reads all of the user's edges (1 RRU per 136), and 1
    or 2 RRU for each of the others.

    Args:
        user_id: the user.
        found: the others, and the user, as they were just read.
        now: milliseconds.
    """
    others = [other for other in found if other.id != user_id]
    other_ids = [other.id for other in others]
    if other_ids and any(user.writes_notes for user in found if user.id == user_id):
        relations, about = gather(
            partial(_between, user_id, found, others, now), partial(notes.about, user_id, other_ids)
        )
        return msgspec.structs.replace(relations, notes=about)
    return _between(user_id, found, others, now)


def _between(user_id: str, found: Collection[User], others: Collection[User], now: int) -> Relations:
    other_ids = [other.id for other in others]
    is_locked = any(user.locked for user in found if user.id == user_id)
    received = [Follow(other_id, user_id) for other_id in other_ids if is_locked]
    if len(others) <= _READ_ONE_BY_ONE:
        made = [Follow(user_id, other.id) for other in others if other.locked]
        return relationships.between(user_id, other_ids, now, followed_by=True, requests=made + received)
    mine, theirs = gather(
        partial(relationships.of, user_id, now),
        partial(relationships.between, user_id, other_ids, now, (), followed_by=True, requests=received),
    )
    return msgspec.structs.replace(
        knowing(mine, user_id, other_ids), followed_by=theirs.followed_by, requested_by=theirs.requested_by
    )


def of_reader(reader_id: str | None, now: int) -> Relations:
    """Return the relations of a reader, or none without a login (None); 1 RRU per 136 edges.

    `knowing` adds what they leave out if many users block the reader.
    """
    return relationships.of(reader_id, now) if reader_id else NO_RELATIONS


def knowing(relations: Relations, reader_id: str | None, user_ids: Collection[str]) -> Relations:
    """Return a reader's relations, including which of these users block the reader; 1 RRU for each not read yet."""
    unsure = relations.unsure(user_ids) - {reader_id}
    if reader_id is None or not unsure:
        return relations
    return msgspec.structs.replace(
        relations,
        blocked_by=relations.blocked_by | edges.blockers_among(reader_id, unsure),
        blockers_asked=relations.blockers_asked | unsure,
    )


def of_reader_with(reader_id: str | None, author_id: str, now: int) -> Relations:
    """Return a reader's follow and blocks with an author, which decide what the reader may see; 3 RRU.

    No relations if the reader has no login (None) or is the author.
    """
    if reader_id is None or reader_id == author_id:
        return NO_RELATIONS
    return relationships.between(reader_id, [author_id], now, VISIBILITY_KINDS)


def of_reader_here(reader_id: str | None, author_id: str, now: int) -> Relations:
    """Return what `of_reader_with` does, and the conversations that the reader mutes.

    4 RRU, or 1 if the reader is the author.
    """
    if reader_id is None:
        return NO_RELATIONS
    relations, muted = gather(
        partial(of_reader_with, reader_id, author_id, now), partial(stills.of_user, reader_id, now)
    )
    return msgspec.structs.replace(relations, stills=muted)


def block(user_id: str, other_id: str, now: int) -> Relations:
    """Block another user, hide the two from each other and end their follows; 5 WRU, 1 more per follow or request.

    The user no longer accepts the other's notifications, if they were accepted.
    """
    require_other(user_id, other_id, "block")
    relationships.block(user_id, other_id)
    senders.delete_all([(user_id, other_id)])
    # Also the requests to an account that was unlocked a moment ago, and that is about to accept them.
    relations, found = relationships.with_users(user_id, other_id, now, requests=True)
    # A follow or request that was put after this read sees the block: see `following`.
    follows.end_between(user_id, other_id, relations)
    requests.end_between(user_id, other_id, relations)
    if not stay(found, user_id, other_id):
        relationships.unblock(user_id, other_id)
        raise not_found()
    nobody = frozenset[str]()
    return msgspec.structs.replace(
        relations, following=nobody, followed_by=nobody, requested=nobody, requested_by=nobody
    )


def unblock(user_id: str, other_id: str, now: int) -> Relations:
    """Unblock another user, whatever their state; 4 WRU. Idempotent."""
    check(user_id, other_id, "unblock")
    return ended(user_id, other_id, now, existed=relationships.unblock(user_id, other_id))


def mute(user_id: str, other_id: str, now: int, *, notifications: bool, seconds: int) -> Relations:
    """Mute another user for some seconds (0: forever), with or without their notifications; 1 WRU."""
    require_other(user_id, other_id, "mute")
    if seconds < 0:
        raise Invalid("The duration of a mute can't be negative. Set 0 to mute for good", "duration")
    if seconds > MAX_MUTE_SECONDS:
        raise Invalid(f"A mute can last at most {MAX_MUTE_SECONDS} seconds (duration), or 0 for good", "duration")
    expires_at = clock.ttl_seconds(now + 1000 * seconds) if seconds else None
    relationships.mute(user_id, other_id, notifications=notifications, expires_at=expires_at)
    relations, found = relationships.with_users(user_id, other_id, now)
    if not stay(found, user_id, other_id):
        relationships.unmute(user_id, other_id)
        raise not_found()
    return relations


def unmute(user_id: str, other_id: str, now: int) -> Relations:
    """Unmute another user, whatever their state; 1 WRU. Idempotent."""
    check(user_id, other_id, "unmute")
    return ended(user_id, other_id, now, existed=relationships.unmute(user_id, other_id))


def following(user: User, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the accounts a user follows, by id, excluding blocked ones; 2 RRU and 1 for each.

    Other readers get an empty page if the user hides these lists or blocks them.
    """
    if _hides_people(user, reader_id):
        return NOBODY
    read = partial(relationships.others, user.id, EdgeKind.FOLLOW, part, now)
    return people(read, reader_id, part, now, owner_id=user.id)


def followers(user: User, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of a user's followers, by id, excluding blocked ones; 1.5 RRU and 2 for each.

    Other readers get an empty page if the user hides these lists or blocks them.
    """
    if _hides_people(user, reader_id):
        return NOBODY
    read, still = partial(relationships.followers, user.id, part), partial(edges.followers_among, user.id)
    return people(read, reader_id, part, now, owner_id=user.id, confirmed=still)


def _hides_people(user: User, reader_id: str | None) -> bool:
    return user.hide_collections and reader_id != user.id


def blocked(user_id: str, part: Part, now: int) -> People:
    """Return a page of the accounts a user blocks, by id; 1 RRU and 1 for each."""
    return people(partial(relationships.others, user_id, EdgeKind.BLOCK, part, now), None, part, now)


def muted(user_id: str, part: Part, now: int) -> Muted:
    """Return a page of the accounts a user mutes, by id; 1 RRU and 1 for each."""
    found = with_values(lambda: relationships.mutes(user_id, part, now), None, part, now)
    return Muted(found.people, {other_id: until for other_id, until in found.values.items() if until is not None})


def chosen(user_id: str, kind: EdgeKind, part: Part, now: int) -> Valued[FollowOptions]:
    """Return a page of the accounts that a user follows, or has requested to follow, with the user's options.

    RRU: as `following`.
    """
    return with_values(lambda: relationships.chosen(user_id, kind, part, now), user_id, part, now)


def with_values(read: Callable[[], Iterator[tuple[str, T]]], reader_id: str | None, part: Part, now: int) -> Valued[T]:
    """Return a page of users as `people` does, with what `read` yields with each id."""
    values: dict[str, T] = {}

    def read_ids() -> Iterator[str]:
        for other_id, value in read():
            values[other_id] = value
            yield other_id

    return Valued(people(read_ids, reader_id, part, now), values)


def people(
    read: Callable[[], Iterator[str]],
    reader_id: str | None,
    part: Part,
    now: int,
    *,
    owner_id: str | None = None,
    confirmed: Callable[[Collection[str]], Collection[str]] | None = None,
) -> People:
    """Return a page of users, excluding those blocked in either direction. RRU as for `shown_of`.

    Args:
        read: yields their ids.
        reader_id: the reader; None for an anonymous reader.
        part: the part of the list.
        now: milliseconds.
        owner_id: the user whose list it is. Readers whom this user blocks get an empty page.
        confirmed: as for `shown_of`.
    """
    relations, ids = gather(partial(of_reader, reader_id, now), partial(_started, read, part))
    if owner_id is not None:
        relations = knowing(relations, reader_id, [owner_id])
        if owner_id in relations.blocked_by:
            return NOBODY
    shown, more = shown_of(ids, part.limit, reader_id, relations, confirmed=confirmed)
    if part.before:
        return People(shown[::-1], after=shown[0].id if shown else None, before=more)
    return People(shown, after=more, before=shown[0].id if shown and part.after else None)


class Shown(NamedTuple):
    """The first users of a list that a reader is shown."""

    users: list[User]
    last: str | None
    """The id of the last one considered; None if the list is at its end."""


def _is_not_hidden(user: User, relations: Relations) -> bool:
    return not relations.hides(user.id)


def shown_of(
    ids: Iterator[str],
    limit: int,
    reader_id: str | None,
    relations: Relations,
    *,
    confirmed: Callable[[Collection[str]], Collection[str]] | None = None,
    is_shown: Callable[[User, Relations], bool] = _is_not_hidden,
) -> Shown:
    """Return the first users of a list that the reader is shown; 1 RRU each.

    Reads on until there are enough, because clients treat an empty page as the end; but through at most 1,000 ids.

    Args:
        ids: the list.
        limit: the number of users wanted.
        reader_id: the reader; None for an anonymous reader.
        relations: the reader's relations.
        confirmed: for ids of an index, which lags behind its table: returns those that the table confirms.
        is_shown: whether a reader with these relations is shown a user.
    """
    shown: list[User] = []
    last, considered, wanted = None, 0, limit
    while considered < _MAX_CONSIDERED:
        chunk = list(islice(ids, wanted))
        if not chunk:
            return Shown(shown, None)
        found, relations, present = gather(
            partial(profiles.read, chunk),
            partial(knowing, relations, reader_id, chunk),
            partial(confirmed or list, chunk),
        )
        for last in chunk:
            if last in found and last in present and is_shown(found[last], relations):
                shown.append(found[last])
                if len(shown) == limit:
                    return Shown(shown, last)
        considered += len(chunk)
        wanted = min(-(-(limit - len(shown)) * considered // max(len(shown), 1)), _LARGEST_CHUNK)
    return Shown(shown, last)


def _started(read: Callable[[], Iterator[str]], part: Part) -> Iterator[str]:
    """Return the ids that `read` yields, with the first page already read."""
    ids = read()
    return chain(list(islice(ids, part.limit)), ids)


def check(user_id: str, other_id: str, verb: str) -> None:
    """Check that an id can be that of another user.

    Raises:
        Invalid: it is the user's own.
        NotFound: it can't be an id.
    """
    if user_id == other_id:
        raise Invalid(f"You can't {verb} yourself")
    if not ids.is_user_id(other_id):
        raise not_found()


def require_other(user_id: str, other_id: str, verb: str) -> User:
    """Return another user, as `users.get` does.

    Raises:
        Invalid: it is the user.
        NotFound: no such user.
    """
    check(user_id, other_id, verb)
    return users.get(other_id)


def ended(user_id: str, other_id: str, now: int, *, existed: bool) -> Relations:
    """Return the relations after one has ended. Ending nothing is idempotent, unless no such user exists."""
    relations, found = relationships.with_users(user_id, other_id, now)
    if not existed and other_id not in found:
        raise not_found()
    return relations


def stay(found: Mapping[str, User], *user_ids: str) -> bool:
    """Return whether none of these users is leaving or gone. A suspended user's relationships are kept."""
    return all(user_id in found and not found[user_id].leaving for user_id in user_ids)


def not_found() -> NotFound:
    """Return the error for an account that does not exist."""
    return NotFound("Account not found")
