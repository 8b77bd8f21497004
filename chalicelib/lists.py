"""/api/v1/lists, the lists that an account is in, and the timelines of lists."""

from typing import Annotated, Literal

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.entities import Empty
from chalicelib.pages import Cursors
from fstream_app.core.entities import Part
from fstream_app.core.errors import Invalid
from fstream_app.core.lists import RepliesPolicy, UserList
from fstream_app.feed import lists as timelines
from fstream_app.people import lists

api = Blueprint(__name__)

APPS_THAT_COUNT = frozenset({"toot - a mastodon cli client"})
"""Apps that say "You have no lists" to people without any, and whose tests expect it. Their users get the list that
everybody has once they follow somebody or a hashtag: before that, nobody else's message can be on it.
"""
LIST = "/api/v1/lists/{id}"
_PAGE, _LARGEST_PAGE = 40, 80

Policy = Literal["list", "followed", "none"]
AccountIds = Annotated[tuple[str, ...], shapes.rule(maxItems=lists.MOST_AT_ONCE)]
Title = Annotated[str, shapes.text(lists.MAX_TITLE)]
MembersLimit = Annotated[int, shapes.rule(minimum=0)]


class List(msgspec.Struct, frozen=True, kw_only=True):
    """A list of accounts that the user follows."""

    id: str
    title: str
    replies_policy: Policy
    """Whose messages replies on its timeline may answer: members', also those of others whom the user follows, none."""
    exclusive: bool
    """Whether the members' messages are kept off home."""


class NewList(msgspec.Struct, frozen=True):
    """A new list."""

    title: Title
    replies_policy: Policy = "list"
    exclusive: bool = False


class ListChange(msgspec.Struct, frozen=True):
    """A change to a list. What is missing stays as it is."""

    title: Title | None = None
    replies_policy: Policy | None = None
    exclusive: bool | None = None


class MemberCursors(Cursors, frozen=True):
    """Cursors of a list's members."""

    limit: MembersLimit = _PAGE
    """Page size: 1 to 80. Larger values count as 80; 0 returns all."""


class Members(msgspec.Struct, frozen=True):
    """Accounts to add to a list, or to remove from it."""

    account_ids: AccountIds = ()


@api.declare("GET", "/api/v1/lists", scope="read:lists")
def show_all(call: Call[msgspec.Struct]) -> list[List]:
    """Return the user's lists, after Going soon, which everybody has."""
    is_counted = call.token is not None and call.token.application_name.casefold() in APPS_THAT_COUNT
    found = lists.of_user_who_follows(call.user_id) if is_counted else lists.of_user(call.user_id)
    return [shown(each) for each in found]


@api.declare("POST", "/api/v1/lists", scope="write:lists", parameters=NewList)
def create(call: Call[NewList]) -> List:
    """Create a list."""
    new = call.parameters
    policy = RepliesPolicy(new.replies_policy)
    return shown(lists.create(call.user_id, new.title, policy, call.now, exclusive=new.exclusive))


@api.declare("GET", LIST, scope="read:lists")
def show(call: Call[msgspec.Struct]) -> List:
    """Return a list."""
    return shown(lists.get(call.user_id, call.path["id"]))


@api.declare("PUT", LIST, scope="write:lists", parameters=ListChange)
def change(call: Call[ListChange]) -> List:
    """Change a list's title, policy for replies or exclusiveness."""
    wanted = call.parameters
    policy = None if wanted.replies_policy is None else RepliesPolicy(wanted.replies_policy)
    changed = lists.change(call.user_id, call.path["id"], title=wanted.title, policy=policy, exclusive=wanted.exclusive)
    return shown(changed)


@api.declare("DELETE", LIST, scope="write:lists")
def delete(call: Call[msgspec.Struct]) -> Empty:
    """Delete a list."""
    lists.delete(call.user_id, call.path["id"])
    return Empty()


@api.declare("GET", f"{LIST}/accounts", scope="read:lists", parameters=MemberCursors, answer=list[entities.Account])
def members(call: Call[MemberCursors]) -> Response:
    """List the accounts in a list."""
    return pages.accounts(lists.members(call.user_id, call.path["id"], _part(call.parameters), call.now), call)


def _part(cursors: MemberCursors) -> Part:
    if cursors.limit < 0:
        raise Invalid("The limit can't be negative", "limit")
    limit = min(cursors.limit, _LARGEST_PAGE) if cursors.limit else lists.MAX_MEMBERS
    return pages.part(cursors, limit)


@api.declare("POST", f"{LIST}/accounts", scope="write:lists", parameters=Members)
def add(call: Call[Members]) -> Empty:
    """Add accounts that the user follows to a list, all or none."""
    lists.add(call.user_id, call.path["id"], call.parameters.account_ids)
    return Empty()


@api.declare("DELETE", f"{LIST}/accounts", scope="write:lists", parameters=Members)
def remove(call: Call[Members]) -> Empty:
    """Remove accounts from a list. Those that are not in it are ignored."""
    lists.remove(call.user_id, call.path["id"], call.parameters.account_ids)
    return Empty()


@api.declare("GET", "/api/v1/accounts/{id}/lists", scope="read:lists")
def with_account(call: Call[msgspec.Struct]) -> list[List]:
    """Return the user's lists that an account is in."""
    return [shown(each) for each in lists.with_member(call.user_id, call.path["id"])]


@api.declare("GET", "/api/v1/timelines/list/{id}", scope="read:lists", parameters=Cursors, answer=list[entities.Status])
def timeline(call: Call[Cursors]) -> Response:
    """List the messages of a list's members."""
    page = timelines.read(call.user_id, call.path["id"], pages.window(call.parameters), call.now)
    return pages.statuses(page, call)


def shown(found: UserList) -> List:
    """Render a list."""
    return List(id=found.id, title=found.title, replies_policy=found.replies_policy.value, exclusive=found.exclusive)
