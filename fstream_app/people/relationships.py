"""Following, blocking and muting. A change applies to the next read after it has returned."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from fstream_app.core import clock
from fstream_app.core.edges import VISIBILITY_KINDS, EdgeKind
from fstream_app.core.entities import NO_RELATIONS, Part, Relations, User
from fstream_app.core.errors import Forbidden, Invalid, NotFound
from fstream_app.core.parallel import gather
from fstream_app.people import profiles, users
from fstream_app.repository import relationships


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


MAX_MUTE_SECONDS = 10 * 365 * 86_400
_READ_ONE_BY_ONE = 8


def between(user_id: str, other_ids: Collection[str], now: int) -> Relations:
    """Return a user's relations with some others, including `followed_by`; 5 RRU for each of them.

    For more than eight others, it reads all of the user's edges (1 RRU per 117), and 1 RRU for each of the others.
    """
    others = [other_id for other_id in other_ids if other_id != user_id]
    if len(others) <= _READ_ONE_BY_ONE:
        return relationships.between(user_id, others, now, followed_by=True)
    mine, theirs = gather(
        partial(relationships.of, user_id, now),
        partial(relationships.between, user_id, others, now, (), followed_by=True),
    )
    return Relations(
        following=mine.following,
        blocking=mine.blocking,
        blocked_by=mine.blocked_by,
        muting=mine.muting,
        muting_notifications=mine.muting_notifications,
        muted_until=mine.muted_until,
        followed_by=theirs.followed_by,
    )


def of_reader(reader_id: str | None, now: int) -> Relations:
    """Return all relations of a reader, or none without a login (None); 1 RRU per 117 edges."""
    return relationships.of(reader_id, now) if reader_id else NO_RELATIONS


def of_reader_with(reader_id: str | None, author_id: str, now: int) -> Relations:
    """Return a reader's follow and blocks with an author, which decide what the reader may see; 3 RRU.

    No relations if the reader has no login (None) or is the author.
    """
    if reader_id is None or reader_id == author_id:
        return NO_RELATIONS
    return relationships.between(reader_id, [author_id], now, VISIBILITY_KINDS)


def follow(user_id: str, other_id: str, now: int) -> Relations:
    """Follow another user; 10 WRU. Idempotent.

    Raises:
        Forbidden: one of the two blocks the other.
        Invalid: the other user is the user.
        NotFound: no such account.
    """
    _require_other(user_id, other_id, "follow")
    try:
        relationships.follow(user_id, other_id)
    except relationships.Blocked:
        raise Forbidden("This action is not allowed") from None
    except relationships.NoSuchUser:
        raise NotFound("Account not found") from None
    return _changed(user_id, other_id, now)


def unfollow(user_id: str, other_id: str, now: int) -> Relations:
    """Unfollow another user; 6 WRU. Idempotent."""
    _require_other(user_id, other_id, "unfollow")
    relationships.unfollow(user_id, other_id)
    return _changed(user_id, other_id, now)


def remove_follower(user_id: str, other_id: str, now: int) -> Relations:
    """Remove a follower; 6 WRU. Idempotent."""
    _require_other(user_id, other_id, "unfollow")
    relationships.unfollow(other_id, user_id)
    return _changed(user_id, other_id, now)


def block(user_id: str, other_id: str, now: int) -> Relations:
    """Block another user, hide the two from each other and end their follows; 8 WRU, 12 if follows end."""
    _require_other(user_id, other_id, "block")
    try:
        relationships.block(user_id, other_id, now)
    except relationships.NoSuchUser:
        raise NotFound("Account not found") from None
    return _changed(user_id, other_id, now)


def unblock(user_id: str, other_id: str, now: int) -> Relations:
    """Unblock another user; 4 WRU. Idempotent."""
    _require_other(user_id, other_id, "unblock")
    relationships.unblock(user_id, other_id)
    return _changed(user_id, other_id, now)


def mute(user_id: str, other_id: str, now: int, *, notifications: bool, seconds: int) -> Relations:
    """Mute another user for some seconds (0: forever), with or without their notifications; 2 WRU."""
    _require_other(user_id, other_id, "mute")
    if seconds < 0:
        raise Invalid("The duration of a mute can't be negative. Set 0 to mute for good", "duration")
    if seconds > MAX_MUTE_SECONDS:
        raise Invalid(f"A mute can last at most {MAX_MUTE_SECONDS} seconds (duration), or 0 for good", "duration")
    expires_at = clock.ttl_seconds(now + 1000 * seconds) if seconds else None
    relationships.mute(user_id, other_id, notifications=notifications, expires_at=expires_at)
    return _changed(user_id, other_id, now)


def unmute(user_id: str, other_id: str, now: int) -> Relations:
    """Unmute another user; 2 WRU. Idempotent."""
    _require_other(user_id, other_id, "unmute")
    relationships.unmute(user_id, other_id)
    return _changed(user_id, other_id, now)


def following(user: User, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the accounts a user follows, by id, excluding blocked ones; 2 RRU and 0.5 for each.

    Other readers get an empty page if the user hides these lists.
    """
    if _hides_people(user, reader_id):
        return NOBODY
    return people(partial(relationships.others, user.id, EdgeKind.FOLLOW, part, now), reader_id, part, now)


def followers(user: User, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of a user's followers, by id, excluding blocked ones; 1.5 RRU and 0.5 for each.

    Other readers get an empty page if the user hides these lists.
    """
    if _hides_people(user, reader_id):
        return NOBODY
    return people(partial(relationships.followers, user.id, part), reader_id, part, now)


def _hides_people(user: User, reader_id: str | None) -> bool:
    return user.hide_collections and reader_id != user.id


def blocked(user_id: str, part: Part, now: int) -> People:
    """Return a page of the accounts a user blocks, by id; 1 RRU and 0.5 for each."""
    return people(partial(relationships.others, user_id, EdgeKind.BLOCK, part, now), None, part, now)


def muted(user_id: str, part: Part, now: int) -> Muted:
    """Return a page of the accounts a user mutes, by id; 1 RRU and 0.5 for each."""
    until: dict[str, int] = {}

    def read() -> Iterator[str]:
        for other_id, ends_at in relationships.mutes(user_id, part, now):
            if ends_at is not None:
                until[other_id] = ends_at
            yield other_id

    return Muted(people(read, None, part, now), until)


def people(read: Callable[[], Iterator[str]], reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the users whose ids `read` yields, excluding those blocked in either direction; 0.5 RRU each.

    Reads on until the page is full: clients treat an empty page as the end.
    """
    relations, first = gather(partial(of_reader, reader_id, now), partial(_started, read, part))
    shown: list[User] = []
    last, ids = None, first
    while len(shown) < part.limit and (chunk := list(islice(ids, part.limit - len(shown)))):
        found = profiles.read(chunk)
        shown += [found[each] for each in chunk if each in found and not relations.hides(each)]
        last = chunk[-1]
    more = last if len(shown) == part.limit else None
    if part.before:
        return People(shown[::-1], after=shown[0].id if shown else None, before=more)
    return People(shown, after=more, before=shown[0].id if shown and part.after else None)


def _started(read: Callable[[], Iterator[str]], part: Part) -> Iterator[str]:
    """Return the ids that `read` yields, with the first page already read."""
    ids = read()
    return chain(list(islice(ids, part.limit)), ids)


def _require_other(user_id: str, other_id: str, verb: str) -> None:
    if user_id == other_id:
        raise Invalid(f"You can't {verb} yourself")
    users.get(other_id)


def _changed(user_id: str, other_id: str, now: int) -> Relations:
    for changed_id in (user_id, other_id):
        profiles.forget(changed_id)  # their counts
    return between(user_id, [other_id], now)
