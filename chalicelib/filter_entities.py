"""The client API's entities of filters, in both versions of the API, and what a status says of them."""

from typing import Annotated, Literal

import msgspec

from chalicelib.shapes import MessageId, Time, rule
from fstream_app.core.filters import FilterContext

FilterId = Annotated[str, rule(pattern="^[0-9]{1,10}$")]
"""The id of a filter, or of a keyword or status in one."""
Context = Annotated[str, rule(enum=[context.value for context in FilterContext])]
Action = Literal["warn", "hide"]


class FilterKeyword(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword of a filter."""

    id: FilterId
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A single status of a filter. It disappears with the status."""

    id: FilterId
    status_id: MessageId


class AppliedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter without its keywords and statuses, as a status names it."""

    id: FilterId
    title: str
    context: tuple[Context, ...]
    expires_at: Time | None
    """From then on the filter matches nothing; null if it does not expire."""
    filter_action: Action


class Filter(AppliedFilter, frozen=True, kw_only=True):
    """A filter."""

    keywords: tuple[FilterKeyword, ...]
    statuses: tuple[FilterStatus, ...]


class FilterResult(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of the reader that a status matches, whatever the filter's contexts."""

    filter: AppliedFilter
    keyword_matches: tuple[str, ...] | None
    """The first match of a keyword, as the status has it; null if none matches."""
    status_matches: tuple[MessageId, ...] | None
    """The status's id if it is a single status of the filter, otherwise null."""


class FilterV1(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword with the properties of its filter: version 1 of the API knows no filters with several keywords."""

    id: FilterId
    """The keyword's id."""
    phrase: str
    context: tuple[Context, ...]
    whole_word: bool
    expires_at: Time | None
    irreversible: bool
    """Whether matching statuses are hidden."""
