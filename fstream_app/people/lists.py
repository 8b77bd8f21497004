"""Lists of the accounts that a user follows. Their timelines are in `fstream_app.feed.lists`."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from fstream_app.core import cleaning, ids
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Part, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.lists import ENDORSED, RepliesPolicy, UserList
from fstream_app.core.parallel import gather
from fstream_app.people import relationships, users
from fstream_app.people.relationships import NOBODY, People
from fstream_app.repository import edges, lists
from fstream_app.text import limits

MAX_LISTS = 50
MAX_MEMBERS = 500
MOST_AT_ONCE = lists.MOST_AT_ONCE
"""Limit of accounts that are added or removed together."""
MAX_TITLE = 256
"""Limit of a title, in grapheme clusters."""
GOING_SOON = UserList("going-soon", "Going soon", RepliesPolicy.FOLLOWED)
"""The list that every user has: what is on home and expires within the hour. It is not stored and has no members."""


class Next(NamedTuple):
    """One of a user's lists with its members."""

    of: UserList
    members: list[User]
    is_last: bool


def of_user(user_id: str) -> list[UserList]:
    """Return a user's lists, oldest first, after the one that everybody has; 1 RRU per 4 KB."""
    return [GOING_SOON, *lists.of_user(user_id)]


def of_user_who_follows(user_id: str) -> list[UserList]:
    """Return the same, without the list that everybody has if the user follows nobody and no hashtag.

    1 RRU per 136 follows more, and 1 for hashtags if the user follows nobody.
    """
    follows = any(edges.number_of(user_id, kind, 1) for kind in (EdgeKind.FOLLOW, EdgeKind.TAG))
    return of_user(user_id) if follows else lists.of_user(user_id)


def get(user_id: str, list_id: str) -> UserList:
    """Return one of a user's lists; 1 RRU.

    Raises:
        NotFound: the user has no such list.
    """
    found = GOING_SOON if list_id == GOING_SOON.id else lists.get(user_id, list_id)
    if found is None:
        raise not_found()
    return found


def with_member(user_id: str, other_id: str) -> list[UserList]:
    """Return the user's lists that a user is in, oldest first; 1 RRU, 1 per 4 KB of lists, and 0.5.

    Raises:
        NotFound: no such account.
    """
    found, wanted, _ = gather(
        partial(lists.of_user, user_id), partial(lists.with_member, user_id, other_id), partial(users.get, other_id)
    )
    return [each for each in found if each.id in wanted]


def next_of(user_id: str, after: str, now: int) -> Next | None:
    """Return the user's list that comes after one, by id, with its members; None if there are no more.

    1 RRU per 4 KB of lists, 1 per 136 accounts that the user follows, and 1 for each member.
    """
    found = sorted((each for each in lists.of_user(user_id) if each.id > after), key=lambda each: each.id)
    if not found:
        return None
    part = Part(MAX_MEMBERS)
    read = partial(lists.members, user_id, found[0].id, part)
    return Next(found[0], relationships.people(read, None, part, now).users, is_last=len(found) == 1)


def create(user_id: str, title: str, policy: RepliesPolicy, now: int, *, exclusive: bool) -> UserList:
    """Create a list; 4 WRU, 2 more if it is exclusive, and 1 RRU per 4 KB of the user's lists.

    Raises:
        Invalid: the title is blank or too long, or the user has as many lists as a user can have.
        NotFound: the user's account is being deleted.
    """
    new = lists.create(user_id, _title(title), policy, now, exclusive=exclusive)
    if new is None:
        raise relationships.not_found()
    # After the put, so that of requests at the same time none goes beyond the limit.
    if len(lists.of_user(user_id)) > MAX_LISTS:
        lists.delete(user_id, new.id)
        raise Invalid(f"You can have at most {MAX_LISTS} lists. Delete one of them first.", code="ERR_TOO_MANY")
    return new


def change(
    user_id: str, list_id: str, *, title: str | None, policy: RepliesPolicy | None, exclusive: bool | None
) -> UserList:
    """Change what is given of a list; 1 WRU, or 4 with `exclusive`, and 1 RRU.

    Raises:
        Invalid: the title is blank or too long, or it is the list that everybody has.
        NotFound: the user has no such list.
    """
    _require_changeable(list_id)
    wanted = None if title is None else _title(title)
    if not lists.change(user_id, list_id, title=wanted, policy=policy, exclusive=exclusive):
        raise not_found()
    return get(user_id, list_id)


def delete(user_id: str, list_id: str) -> None:
    """Delete a list; 4 WRU, 1 for each member, and 1 RRU per 136 accounts that the user follows.

    If it was exclusive, the members' messages are back on home with the first write. If this is interrupted before the
    members are removed, the next attempt removes them.

    Raises:
        Invalid: it is the list that everybody has.
        NotFound: the user has no such list.
    """
    _require_changeable(list_id)
    existed = lists.delete(user_id, list_id)
    # From now on, nobody is added.
    lists.remove(user_id, list_id, list(lists.members(user_id, list_id, Part(MAX_MEMBERS))))
    if not existed:
        raise not_found()


def members(user_id: str, list_id: str, part: Part, now: int) -> People:
    """Return a page of a list's members, by id; 1 RRU, 1 per 136 accounts that the user follows, and 1 for each.

    Raises:
        NotFound: the user has no such list.
    """
    if get(user_id, list_id) is GOING_SOON:
        return NOBODY
    return relationships.people(partial(lists.members, user_id, list_id, part), None, part, now)


def add(user_id: str, list_id: str, other_ids: Sequence[str]) -> None:
    """Add accounts that the user follows to a list, all or none.

    4 WRU for one, 2 for each other; 2 RRU each; 1 RRU per 136 accounts that the user follows.

    Raises:
        Invalid: it is the list that everybody has, an account is in the list, or these are too many.
        NotFound: the user has no such list, or does not follow one of the accounts.
    """
    _require_changeable(list_id)
    others = _distinct(other_ids)
    get(user_id, list_id)
    if not others:
        return
    if not all(map(ids.is_user_id, others)):
        raise _not_followed()
    try:
        lists.add(user_id, list_id, others)
    except lists.NoSuchList:
        raise not_found() from None
    except lists.NotFollowed:
        raise _not_followed() from None
    except lists.AlreadyMember:
        raise Invalid("The account is already in the list", "account_ids", "ERR_TAKEN") from None
    # After the write, so that of requests at the same time none goes beyond the limit.
    if sum(1 for _ in lists.members(user_id, list_id, Part(MAX_MEMBERS))) > MAX_MEMBERS:
        lists.remove(user_id, list_id, others)
        raise Invalid(f"A list can have at most {MAX_MEMBERS} accounts", "account_ids", "ERR_TOO_MANY")


def remove(user_id: str, list_id: str, other_ids: Sequence[str]) -> None:
    """Remove accounts from a list; 1 RRU, and 1 WRU each. Idempotent: accounts that are not in it are ignored.

    Raises:
        Invalid: it is the list that everybody has, or the accounts are too many.
        NotFound: the user has no such list.
    """
    _require_changeable(list_id)
    others = _distinct(other_ids)
    get(user_id, list_id)
    lists.remove(user_id, list_id, list(filter(ids.is_user_id, others)))


def _distinct(other_ids: Sequence[str]) -> list[str]:
    others = list(dict.fromkeys(other_ids))
    if len(others) > MOST_AT_ONCE:
        raise Invalid(f"A request can name at most {MOST_AT_ONCE} accounts", "account_ids", "ERR_TOO_MANY")
    return others


def not_found() -> NotFound:
    """Return the error for a list that the user does not have."""
    return NotFound("List not found")


def _not_followed() -> NotFound:
    return NotFound("You can only add accounts that you follow")


def _require_changeable(list_id: str) -> None:
    if list_id == ENDORSED:  # a follow has it among the ids of lists
        raise not_found()
    if list_id == GOING_SOON.id:
        raise Invalid(f"The list {GOING_SOON.title} is everybody's and has no members. It can't be changed or deleted.")


def _title(written: str) -> str:
    title = cleaning.name(written)
    if not title:
        raise Invalid("A list needs a title", "title", "ERR_BLANK")
    limits.check("A title", "title", MAX_TITLE, title)
    return title
