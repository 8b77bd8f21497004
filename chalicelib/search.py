"""/api/v2/search and /api/v1/accounts/search: accounts and hashtags by name, statuses by address."""

from typing import Annotated, Any

import msgspec

from chalicelib import entities, pages, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.tag_entities import Tag
from fstream_app.core import addresses, settings
from fstream_app.core.entities import PAGE
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import HIGHEST, LOWEST
from fstream_app.feed import hashtags
from fstream_app.messages import reading
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people import names, search, tags
from fstream_app.people.tags import NO_STANDING

api = Blueprint(__name__)

_KINDS = ("accounts", "hashtags", "statuses")


class Accounts(msgspec.Struct, frozen=True):
    """Parameters of a search for accounts."""

    q: str
    """The beginning of a name, a full name with its host (`name@host`), or the address of a profile."""
    limit: shapes.Limit = MAX_LIMIT
    """Maximum number of results: 1 to 40. Larger values count as 40."""
    offset: shapes.Number = 0
    """Number of results to skip."""
    following: bool = False
    """Only accounts that the user follows."""
    resolve: bool = False
    """Accepted and ignored: there are no other servers to search."""


class Query(Accounts, frozen=True):
    """Parameters of a search. `q` may also be a hashtag or the address of a status."""

    limit: shapes.Limit = PAGE
    type: Annotated[str, shapes.rule(enum=list(_KINDS))] | None = None
    """`accounts`, `hashtags` or `statuses`; all of them by default."""
    account_id: str | None = None
    """Only statuses by this account."""
    max_id: str | None = None
    """Only statuses with lower ids."""
    min_id: str | None = None
    """Only statuses with higher ids."""
    exclude_unreviewed: bool = False
    """Accepted and ignored: hashtags are not reviewed."""


@api.declare("GET", "/api/v2/search", access=Access.READER, scope="read:search", parameters=Query)
def search_all(call: Call[Query]) -> entities.Search:
    """Search for accounts and hashtags by the beginning of their name, and for statuses by address."""
    query = call.parameters
    if query.type and query.type not in _KINDS:
        raise Invalid(f"Search finds {', '.join(_KINDS)}, and no other type", "type")
    wanted = {query.type} if query.type else set(_KINDS)
    part = pages.by_offset(query.limit, query.offset)
    return entities.Search(
        accounts=_accounts(call, part) if "accounts" in wanted else [],
        hashtags=_hashtags(call, part) if "hashtags" in wanted else [],
        statuses=_statuses(call)[part] if "statuses" in wanted else [],
    )


@api.declare("GET", "/api/v1/accounts/search", access=Access.READER, scope="read:accounts", parameters=Accounts)
def search_accounts(call: Call[Accounts]) -> list[entities.Account]:
    """Search for accounts by the beginning of their name."""
    return _accounts(call, pages.by_offset(call.parameters.limit, call.parameters.offset))


def _accounts(call: Call[Any], part: slice) -> list[entities.Account]:
    query = call.parameters
    found = search.people(query.q, call.reader_id, call.now, following=query.following)
    return rendering.accounts(found[part], call.now)


def _hashtags(call: Call[Query], part: slice) -> list[Tag]:
    found = hashtags.find(call.parameters.q, call.reader_id, call.now)
    standing = tags.standing(call.reader_id) if found else NO_STANDING
    return [rendering.tag(name, history, standing) for name, history in list(found.items())[part]]


def _statuses(call: Call[Query]) -> list[entities.Status]:
    query = call.parameters
    path = addresses.own_path(query.q)
    if path is None or len(path) != 2 or not path[0].startswith("@"):
        return []
    try:
        page = reading.show(path[1], call.reader_id, call.now)
    except NotFound:
        return []
    above, below = pages.message_id(query.min_id) or LOWEST, pages.message_id(query.max_id) or HIGHEST
    found = [message for message in page.messages if above < message.id < below]
    name = names.local(path[0], settings.get().host)
    return [
        status
        for status in rendering.statuses(msgspec.structs.replace(page, messages=found), call.now)
        if query.account_id in {None, "", status.account.id} and status.account.username == name
    ]
