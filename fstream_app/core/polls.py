"""Polls, which are part of their messages, and what a reader has voted for in them. Times are milliseconds."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from fstream_app.core.ids import MessageId

MIN_OPTIONS = 2
MAX_OPTIONS = 4
MAX_OPTION = 50
"""Limit of the characters of an option."""
MIN_SECONDS = 300
"""Shortest time that a poll can be open. It ends with its message, which may be earlier."""


class Poll(msgspec.Struct, frozen=True):
    """A poll, with the votes that are counted."""

    options: tuple[str, ...]
    closes_at: int
    """When it was made to end. It ends with its message if that is earlier: `ends_at`."""
    multiple: bool = False
    """Whether a user can vote for several options."""
    hides_totals: bool = False
    """Whether nobody sees the votes of each option before the end."""
    version: int = 0
    """Changes when all votes are discarded, because an edit has changed what they were for: the time of that edit."""
    voters: int = 0
    """How many users have voted."""
    votes: tuple[int, ...] = ()
    """The number of votes of each option."""

    def ends_at(self, expires_at: int) -> int:
        """Return the millisecond from which nobody can vote; `expires_at` is that of the message."""
        return min(self.closes_at, expires_at)


class Vote(NamedTuple):
    """Options that a user has voted for at one time, or in their first vote."""

    version: int
    """The version of the poll, as then."""
    choices: tuple[int, ...]
    """The indexes of the options."""
    is_first: bool
    """Whether it is the user's first vote in this version, which counts the user as a voter."""
    is_counted: bool
    """Whether the poll's counts contain it."""


class Result(NamedTuple):
    """A poll's votes as one reader sees them: with the reader's own, even if these are not counted yet."""

    votes: tuple[int, ...]
    """By option."""
    voters: int
    own: tuple[int, ...]
    """The options that the reader has voted for, in order."""


def result(poll: Poll, message_id: MessageId, votes: Iterable[tuple[MessageId, Vote]]) -> Result:
    """Return the result of a message's poll for a reader who has cast these votes.

    Those in other messages' polls, and in other versions of this one, are left out.
    """
    mine = {vote for voted, vote in votes if voted == message_id and vote.version == poll.version}
    # A page that is read chunk by chunk may have read a vote both before and after it was counted.
    uncounted = [vote for vote in mine if not vote.is_counted and vote._replace(is_counted=True) not in mine]
    own = {choice for vote in mine for choice in vote.choices}
    counted = [*poll.votes, *[0] * (len(poll.options) - len(poll.votes))]
    # The counts may have been read before the reader's vote was counted, and the vote after.
    totals = (
        max(number + sum(index in vote.choices for vote in uncounted), int(index in own))
        for index, number in enumerate(counted)
    )
    voters = poll.voters + sum(vote.is_first for vote in uncounted)
    return Result(tuple(totals), max(voters, int(bool(own))), tuple(sorted(own)))
