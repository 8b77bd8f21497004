"""/api/v2/search: accounts by name, hashtags by name, statuses by address."""

import msgspec

from chalicelib import entities, rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app import messages, relationships, text, users
from fstream_app.entities import User
from fstream_app.errors import Invalid, NotFound

api = Blueprint(__name__)

_KINDS = ("accounts", "hashtags", "statuses")


class Query(msgspec.Struct, frozen=True):
    """What to search."""

    q: str
    type: str | None = None
    """`accounts`, `hashtags` or `statuses`; all of them if missing."""
    resolve: bool = False
    limit: int = 20
    offset: int = 0


@api.declare("GET", "/api/v2/search", access=Access.READER, scope="read:search", parameters=Query)
def search(call: Call[Query]) -> entities.Search:
    """Search accounts and hashtags by their exact name, statuses by their address."""
    query = call.parameters
    if query.type is not None and query.type not in _KINDS:
        raise Invalid(f"type: one of {', '.join(_KINDS)}", "type")
    wanted = {query.type} if query.type else set(_KINDS)
    # There is never more than one of each, so there is no second page.
    past = query.offset > 0 or query.limit < 1
    return entities.Search(
        accounts=rendering.accounts(_accounts(call), call.now) if "accounts" in wanted and not past else [],
        hashtags=_hashtags(query.q) if "hashtags" in wanted and not past else [],
        statuses=_statuses(call) if "statuses" in wanted and not past else [],
    )


def _accounts(call: Call[Query]) -> list[User]:
    name = call.parameters.q.strip().removeprefix(f"{rendering.base_url()}/")
    found = [] if "/" in name else users.search(name)
    if not found or call.reader_id is None:
        return found
    relations = relationships.between(call.reader_id, [user.id for user in found], call.now)
    # Those whom the reader blocks are found: how else could the block be ended?
    return [user for user in found if user.id not in relations.blocked_by]


def _hashtags(query: str) -> list[entities.Tag]:
    try:
        return [rendering.tag(text.normalise_tag(query.strip().removeprefix("#")))]
    except ValueError:
        return []


def _statuses(call: Call[Query]) -> list[entities.Status]:
    address = call.parameters.q.strip()
    if not address.startswith(f"{rendering.base_url()}/@"):
        return []
    try:
        page = messages.show(address.rpartition("/")[2], call.reader_id, call.now)
    except NotFound:
        return []
    return rendering.statuses(page, call.now)
