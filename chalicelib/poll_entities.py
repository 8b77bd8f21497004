"""The client API's polls."""

from typing import Annotated, Any

import msgspec

from chalicelib.shapes import MessageId, Number, Time, rule
from fstream_app.core.polls import MAX_OPTIONS, MIN_OPTIONS


class PollOption(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a poll."""

    title: str
    votes_count: Number | None
    """Null until the poll ends, if it hides its totals."""


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """The poll of a status."""

    id: MessageId
    """The id of its status."""
    expires_at: Time
    """When the poll ends: with its status at the latest."""
    expired: bool
    multiple: bool
    votes_count: Number
    """Number of votes for all options together."""
    voters_count: Number
    """Number of accounts that have voted."""
    options: Annotated[tuple[PollOption, ...], rule(minItems=MIN_OPTIONS, maxItems=MAX_OPTIONS)]
    emojis: tuple[Any, ...] = ()
    voted: bool
    """Whether the user has voted, or has made the poll, in which one can't vote oneself."""
    own_votes: tuple[Number, ...]
    """The indexes of the options that the user has voted for."""
