"""Rendering a user's filters as the client API's entities, in both versions of the API."""

import msgspec

from chalicelib import filter_entities, rendering
from chalicelib.filter_entities import FilterKeyword, FilterStatus, FilterV1
from fstream_app.core.filters import Filter, FilterAction, FilteredMessage, Keyword
from fstream_app.messages.filters import Found


def filter_(made: Filter) -> filter_entities.Filter:
    """Render a filter."""
    return filter_entities.Filter(
        **msgspec.structs.asdict(rendering.applied_filter(made)),
        keywords=tuple(map(keyword, made.keywords)),
        statuses=tuple(map(status, made.messages)),
    )


def keyword(made: Keyword) -> FilterKeyword:
    """Render a keyword."""
    return FilterKeyword(id=str(made.id), keyword=made.text, whole_word=made.whole_word)


def status(made: FilteredMessage) -> FilterStatus:
    """Render a single message of a filter."""
    return FilterStatus(id=str(made.id), status_id=str(made.message_id))


def filter_v1(found: Found) -> FilterV1:
    """Render a keyword as a filter of version 1."""
    applied = rendering.applied_filter(found.filter)
    return FilterV1(
        id=str(found.keyword.id),
        phrase=found.keyword.text,
        context=applied.context,
        whole_word=found.keyword.whole_word,
        expires_at=applied.expires_at,
        irreversible=found.filter.action is FilterAction.HIDE,
    )
