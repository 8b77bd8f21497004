"""Filters: what a user wants to be warned of, or not to see at all, when it is in other people's messages."""

from enum import StrEnum

import msgspec

from fstream_app.core.ids import MessageId


class FilterContext(StrEnum):
    """A place where a filter applies. Clients choose by it; the server matches messages regardless of place."""

    HOME = "home"
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    THREAD = "thread"
    ACCOUNT = "account"


class FilterAction(StrEnum):
    """What a client does with a message that matches."""

    WARN = "warn"
    HIDE = "hide"


class Keyword(msgspec.Struct, frozen=True, array_like=True):
    """A word or phrase of a filter."""

    id: int
    text: str
    whole_word: bool


class FilteredMessage(msgspec.Struct, frozen=True):
    """A single message that a filter matches, as long as it lives."""

    id: int
    filter_id: int
    message_id: MessageId
    expires_at: int
    """The millisecond at which the message expires."""


class Filter(msgspec.Struct, frozen=True):
    """A filter with its keywords and messages."""

    id: int
    title: str
    contexts: frozenset[FilterContext]
    action: FilterAction
    expires_at: int | None = None
    """The millisecond from which it matches nothing; None: never."""
    keywords: tuple[Keyword, ...] = ()
    messages: tuple[FilteredMessage, ...] = ()


class FilterMark(msgspec.Struct, frozen=True):
    """The mark among a user's edges that the user has filters."""

    version: int
    """The version of the filters when the edges were read."""
    messages_until: int = 0
    """When (ms) the last of the single messages that they match expires; 0: there are no such messages."""


class Filters(msgspec.Struct, frozen=True):
    """All filters of a user, in the order in which they were made."""

    user_id: str = ""
    all: tuple[Filter, ...] = ()
    version: int = 0
    """Changes with each change of the filters; 0 without filters."""


NO_FILTERS = Filters()
"""The filters of a reader without a login."""


class Match(msgspec.Struct, frozen=True):
    """A filter that a message matches."""

    filter: Filter
    keyword: str | None
    """The first part of the message that matches a keyword, as the message has it; None if none does."""
    is_single: bool
    """Whether the filter matches this single message."""
