"""What an audit finds: an item, its problem, and what helps."""

from dataclasses import dataclass, field
from enum import Enum

_REPAIR = "run `python -m ops repair`"
_DELETE = "delete the item"


class Problem(Enum):
    """What is wrong with an item, and what helps."""

    NO_EXPIRY = "it has no expiry, so it is never deleted", _DELETE
    FAR_EXPIRY = "it expires later than anything may", _DELETE
    WRONG_EXPIRY = "it does not expire with its message", "correct its `expires_at`"
    OVERDUE = "it should have been deleted days ago", "check that TTL is on for this table"

    NO_RESERVATION = "the user's name is not reserved for the user", "put the item `@<name>` back"
    NO_USER_OF_NAME = "the name is reserved for a user who does not exist or has another name", _DELETE
    SEARCH = "the name is in the index for search although the user is hidden, or the reverse", "suspend or lift again"
    STALLED = "the account's deletion has stopped", "let the user request the deletion again"
    FOLLOWERS = "the count of followers is not the number of followers", _REPAIR
    FOLLOWING = "the count of followed accounts is not their number", _REPAIR

    ORPHAN = "it names a user who does not exist", _DELETE
    NO_REPORT = "it is the copy of a report that is resolved or does not exist", _DELETE
    ONE_SIDED = "the other half of the block is missing", "block or unblock again"
    BLOCKED_FOLLOW = "the follow or request exists beside a block between the two", _DELETE
    HALF_EXCLUSIVE = "the list is marked as exclusive only here", "change `exclusive` of the list, or delete the item"
    NOT_LEAVING = "it marks the deletion of an account that is not being deleted", _DELETE
    NO_FILTERS = "a user's filters are without their mark, or the mark without filters", "let the user add a filter"
    NOT_CLEARED = "its author has deleted all messages of its time", "let the user delete all messages again"
    NOT_SUSPENDED = "it is marked as of a suspended user, or the reverse", "suspend or lift again"

    FAVOURITES = "the count of favourites is not their number", _REPAIR
    BOOSTS = "the count of boosts is not their number", _REPAIR
    REPLIES = "the count of replies is not their number", _REPAIR
    QUOTES = "the count of quotes is not their number", _REPAIR
    UNSETTLED = "it is not counted yet, or ended and not subtracted yet", "run `python -m ops redrive`, then repair"
    NOT_IN_LOG = "it is not in the log", _REPAIR
    NOT_IN_HEAD = "it is not in its author's head", _REPAIR
    NOT_PUBLIC = "it is not on the public timeline", _REPAIR
    NOT_TAGGED = "it is missing from the timeline of one of its hashtags", _REPAIR
    NOT_IN_THREAD = "it is missing from its thread", _REPAIR
    NOT_IN_QUOTES = "it is missing from the quotes of the message that it quotes", _REPAIR
    NOT_IN_CONVERSATION = "it is missing from a participant's conversations", _REPAIR
    NOT_PINNED = "it is marked as pinned, but not in its author's list, or the reverse", "unpin it and pin it again"

    NO_MARK = "its author's reactions do not have this boost", _DELETE
    NO_WRAPPER = "the message of this boost does not exist", "let the user boost again, or undo it"

    WRONG_ENTRY = "an entry differs from its message, or does not belong here", "delete the item, then repair"
    GONE_IN_HEAD = "the head has a message that does not exist", "run `python -m ops repair --author NAME`"
    UNREADABLE = "its content cannot be read", _DELETE

    @property
    def what(self) -> str:
        """The problem, as a clause."""
        return self.value[0]

    @property
    def advice(self) -> str:
        """What helps, as an imperative."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """A wrong item. Its key consists of ids; the detail has ids and numbers."""

    table: str
    """The table's name without app and stage."""
    key: str
    problem: Problem
    detail: str = field(default="", compare=False)

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.table} {self.key}: {self.problem.what}{detail}; {self.problem.advice}"
