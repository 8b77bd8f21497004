"""/api/v2/filters: the user's filters, with their keywords and single statuses. Version 1 is in `filters_v1`."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib import entities, filter_entities, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.filter_entities import Context, FilterId, FilterKeyword, FilterStatus
from chalicelib.filter_rendering import filter_, keyword, status
from fstream_app.core.errors import Invalid
from fstream_app.core.filters import FilterAction
from fstream_app.live import announcing
from fstream_app.messages import filters
from fstream_app.messages.filter_changes import MAX_KEYWORD, MAX_SECONDS, MAX_TITLE, Change, KeywordChange

api = Blueprint(__name__)

P = TypeVar("P", bound=msgspec.Struct)
T = TypeVar("T")

_ACTIONS = [action.value for action in FilterAction]
Contexts = Annotated[tuple[Context, ...], shapes.rule(minItems=1)]
Phrase = Annotated[str, shapes.text(MAX_KEYWORD, minLength=1)]
Lifetime = Annotated[int, shapes.rule(minimum=-MAX_SECONDS, maximum=MAX_SECONDS)]


class NewKeyword(msgspec.Struct, frozen=True):
    """A new keyword, or a change to one. A change leaves absent fields as they are."""

    keyword: Phrase | None = None
    whole_word: bool | None = None
    """Whether it matches whole words only; true in a new keyword by default."""


class KeywordAttributes(NewKeyword, frozen=True, rename={"destroy": "_destroy"}):
    """A keyword of a filter that is made or changed."""

    id: FilterId | int | None = None
    """The keyword to change; a new one if it is missing. Some apps read ids as numbers."""
    destroy: bool = False
    """Whether to remove the keyword."""


class NewFilter(msgspec.Struct, frozen=True):
    """A new filter, or a change to one. A change leaves absent fields as they are."""

    title: Annotated[str, shapes.text(MAX_TITLE, minLength=1)] | None = None
    """Required in a new filter."""
    context: Contexts | None = None
    """Where clients apply the filter. Required in a new filter."""
    filter_action: Annotated[str, shapes.rule(enum=_ACTIONS)] | None = None
    """`warn`, which is the default, or `hide`."""
    expires_in: Lifetime | UnsetType | None = UNSET
    """Seconds until the filter expires; empty, null or 0: never. Negative if it has expired and stays so."""
    keywords_attributes: tuple[KeywordAttributes, ...] = ()


class NewFilterStatus(msgspec.Struct, frozen=True):
    """A single status to filter."""

    status_id: shapes.MessageId


@api.declare("GET", "/api/v2/filters", scope="read:filters")
def show_all(call: Call[msgspec.Struct]) -> list[filter_entities.Filter]:
    """List the user's filters, also those that have expired."""
    return [filter_(each) for each in filters.all_of(call.user_id, call.now)]


@api.declare("POST", "/api/v2/filters", scope="write:filters", parameters=NewFilter)
def create(call: Call[NewFilter]) -> filter_entities.Filter:
    """Make a filter."""
    return filter_(announced(call, filters.create(call.user_id, _change(call.parameters), call.now)))


@api.declare("GET", "/api/v2/filters/{id}", scope="read:filters")
def show(call: Call[msgspec.Struct]) -> filter_entities.Filter:
    """Return a filter."""
    return filter_(filters.get(call.user_id, call.path["id"], call.now))


@api.declare("PUT", "/api/v2/filters/{id}", scope="write:filters", parameters=NewFilter)
def update(call: Call[NewFilter]) -> filter_entities.Filter:
    """Change a filter."""
    return filter_(announced(call, filters.update(call.user_id, call.path["id"], _change(call.parameters), call.now)))


@api.declare("DELETE", "/api/v2/filters/{id}", scope="write:filters")
def delete(call: Call[msgspec.Struct]) -> entities.Empty:
    """Delete a filter."""
    filters.delete(call.user_id, call.path["id"], call.now)
    announcing.filters(call.user_id, call.now)
    return entities.Empty()


@api.declare("GET", "/api/v2/filters/{id}/keywords", scope="read:filters")
def show_keywords(call: Call[msgspec.Struct]) -> tuple[FilterKeyword, ...]:
    """List the keywords of a filter."""
    return filter_(filters.get(call.user_id, call.path["id"], call.now)).keywords


@api.declare("POST", "/api/v2/filters/{id}/keywords", scope="write:filters", parameters=NewKeyword)
def add_keyword(call: Call[NewKeyword]) -> FilterKeyword:
    """Add a keyword to a filter."""
    return keyword(
        announced(call, filters.add_keyword(call.user_id, call.path["id"], _keyword(call.parameters), call.now))
    )


@api.declare("GET", "/api/v2/filters/keywords/{id}", scope="read:filters")
def show_keyword(call: Call[msgspec.Struct]) -> FilterKeyword:
    """Return a keyword."""
    return keyword(filters.find_keyword(call.user_id, call.path["id"]).keyword)


@api.declare("PUT", "/api/v2/filters/keywords/{id}", scope="write:filters", parameters=NewKeyword)
def update_keyword(call: Call[NewKeyword]) -> FilterKeyword:
    """Change a keyword."""
    return keyword(
        announced(call, filters.change_keyword(call.user_id, call.path["id"], _keyword(call.parameters), call.now))
    )


@api.declare("DELETE", "/api/v2/filters/keywords/{id}", scope="write:filters")
def remove_keyword(call: Call[msgspec.Struct]) -> entities.Empty:
    """Remove a keyword from its filter."""
    filters.remove_keyword(call.user_id, call.path["id"], call.now)
    announcing.filters(call.user_id, call.now)
    return entities.Empty()


@api.declare("GET", "/api/v2/filters/{id}/statuses", scope="read:filters")
def show_statuses(call: Call[msgspec.Struct]) -> tuple[FilterStatus, ...]:
    """List the single statuses of a filter."""
    return filter_(filters.get(call.user_id, call.path["id"], call.now)).statuses


@api.declare("POST", "/api/v2/filters/{id}/statuses", scope="write:filters", parameters=NewFilterStatus)
def add_status(call: Call[NewFilterStatus]) -> FilterStatus:
    """Add a single status to a filter, as long as it lives."""
    return status(
        announced(call, filters.add_message(call.user_id, call.path["id"], call.parameters.status_id, call.now))
    )


@api.declare("GET", "/api/v2/filters/statuses/{id}", scope="read:filters")
def show_status(call: Call[msgspec.Struct]) -> FilterStatus:
    """Return a single status of a filter."""
    return status(filters.find_message(call.user_id, call.path["id"], call.now))


@api.declare("DELETE", "/api/v2/filters/statuses/{id}", scope="write:filters")
def remove_status(call: Call[msgspec.Struct]) -> entities.Empty:
    """Remove a single status from its filter."""
    filters.remove_message(call.user_id, call.path["id"], call.now)
    announcing.filters(call.user_id, call.now)
    return entities.Empty()


def announced(call: Call[P], changed: T) -> T:
    """Announce a change of the user's filters to the user's clients, and return what was changed."""
    announcing.filters(call.user_id, call.now)
    return changed


def _change(new: NewFilter) -> Change:
    return Change(
        title=new.title,
        contexts=new.context,
        action=_action(new.filter_action),
        lifetime=new.expires_in,
        keywords=_keywords(new.keywords_attributes),
    )


def _action(name: str | None) -> FilterAction | None:
    if name == "blur":
        raise Invalid("There are no pictures to blur: FSTREAM is text only. Choose warn or hide.", "filter_action")
    try:
        return FilterAction(name) if name else None
    except ValueError:
        raise Invalid(f"filter_action must be {' or '.join(_ACTIONS)}", "filter_action") from None


def _keywords(several: Sequence[KeywordAttributes]) -> list[KeywordChange]:
    return [KeywordChange(str(each.id or ""), each.keyword, each.whole_word, each.destroy) for each in several]


def _keyword(new: NewKeyword) -> KeywordChange:
    return KeywordChange(None, new.keyword, new.whole_word)
