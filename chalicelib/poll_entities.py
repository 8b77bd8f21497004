"""The client API's polls."""

from typing import Annotated, Any

import msgspec

from chalicelib.shapes import MessageId, Number, PollDuration, PollOptions, Time, rule
from fstream_app.core.polls import MAX_OPTIONS, MIN_OPTIONS
from fstream_app.messages import polls


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


class EditedOption(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a version's poll."""

    title: str


class EditedPoll(msgspec.Struct, frozen=True, kw_only=True):
    """The poll of a version of a status."""

    options: tuple[EditedOption, ...]


class NewPoll(msgspec.Struct, frozen=True):
    """A new poll. Without any option and time, there is no poll."""

    options: PollOptions = ()
    """At least two, all different. Blank ones are left out."""
    expires_in: PollDuration | None = None
    """Seconds for which the poll is open; required."""
    multiple: bool = False
    """Whether several options can be chosen."""
    hide_totals: bool = False
    """Whether nobody sees the votes of each option before the end."""


def draft(new: NewPoll | None) -> polls.Draft | None:
    """Return the draft of a new poll; None if it has neither an option nor a time."""
    if new is None or (not new.options and new.expires_in is None):
        return None
    return polls.Draft(new.options, new.expires_in, new.multiple, new.hide_totals)
