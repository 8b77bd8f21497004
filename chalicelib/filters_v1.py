"""/api/v1/filters: the user's keywords, each with the properties of its filter. Version 2 is in `filters`."""

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib import entities, filter_entities
from chalicelib.api import Blueprint, Call
from chalicelib.filter_rendering import filter_v1
from chalicelib.filters import Contexts, Lifetime, Phrase, announced
from fstream_app.core.filters import FilterAction
from fstream_app.live import announcing
from fstream_app.messages import filters
from fstream_app.messages.filter_changes import Change, KeywordChange
from fstream_app.messages.filters import Found

api = Blueprint(__name__)


class NewFilterV1(msgspec.Struct, frozen=True):
    """A new filter with one keyword, or a change to both, which leaves absent fields as they are."""

    phrase: Phrase | None = None
    """The keyword, and the filter's title while the filter has no other keyword. Required in a new filter."""
    context: Contexts | None = None
    """Where clients apply the filter. Required in a new filter."""
    irreversible: bool | None = None
    """Whether to hide matching statuses instead of warning of them."""
    whole_word: bool | None = None
    """Whether the phrase matches whole words only; true in a new filter by default."""
    expires_in: Lifetime | UnsetType | None = UNSET
    """Seconds until the filter expires; empty, null or 0: never. Negative if it has expired and stays so."""


@api.declare("GET", "/api/v1/filters", scope="read:filters")
def show_all(call: Call[msgspec.Struct]) -> list[filter_entities.FilterV1]:
    """List the keywords of all filters."""
    found = filters.all_of(call.user_id, call.now)
    return [filter_v1(Found(each, keyword)) for each in found for keyword in each.keywords]


@api.declare("POST", "/api/v1/filters", scope="write:filters", parameters=NewFilterV1)
def create(call: Call[NewFilterV1]) -> filter_entities.FilterV1:
    """Make a filter with one keyword."""
    made = announced(call, filters.create(call.user_id, _change(call.parameters), call.now))
    return filter_v1(Found(made, made.keywords[0]))


@api.declare("GET", "/api/v1/filters/{id}", scope="read:filters")
def show(call: Call[msgspec.Struct]) -> filter_entities.FilterV1:
    """Return a keyword."""
    return filter_v1(filters.find_keyword(call.user_id, call.path["id"]))


@api.declare("PUT", "/api/v1/filters/{id}", scope="write:filters", parameters=NewFilterV1)
def update(call: Call[NewFilterV1]) -> filter_entities.FilterV1:
    """Change a keyword, and its filter if that has no other keyword."""
    return filter_v1(
        announced(call, filters.change_by_keyword(call.user_id, call.path["id"], _change(call.parameters), call.now))
    )


@api.declare("DELETE", "/api/v1/filters/{id}", scope="write:filters")
def delete(call: Call[msgspec.Struct]) -> entities.Empty:
    """Delete a keyword, and its filter if nothing else is in it."""
    filters.remove_keyword(call.user_id, call.path["id"], call.now, with_empty_filter=True)
    announcing.filters(call.user_id, call.now)
    return entities.Empty()


def _change(new: NewFilterV1) -> Change:
    action = None
    if new.irreversible is not None:
        action = FilterAction.HIDE if new.irreversible else FilterAction.WARN
    return Change(
        title=new.phrase,
        contexts=new.context,
        action=action,
        lifetime=new.expires_in,
        keywords=[KeywordChange(None, new.phrase, new.whole_word)],
    )
