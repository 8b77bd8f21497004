"""The reasons why a reader does not see a message."""

from enum import StrEnum


class Hidden(StrEnum):
    """Why a reader does not see a message."""

    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    """Not in the table: deleted, or never posted."""
    BLOCKED = "BLOCKED"
    """The reader or the author blocks the other."""
    MUTED = "MUTED"
    OTHER_LANGUAGE = "OTHER_LANGUAGE"
    """The reader follows the author in other languages, so home omits it."""
    NOT_FOLLOWED = "NOT_FOLLOWED"
    NOT_MENTIONED = "NOT_MENTIONED"
    IN_EXCLUSIVE_LIST = "IN_EXCLUSIVE_LIST"
    """The author is in a list whose members are not on home."""
    REPLY_TO_STRANGER = "REPLY_TO_STRANGER"
    """A reply to a user whom the reader does not follow, which home omits."""
    SUSPENDED = "SUSPENDED"
    LEAVING = "LEAVING"
    """The author's account is deleted, or its deletion is in progress."""
    NOT_DUE = "NOT_DUE"
    """Scheduled for later."""
    IS_BOOST = "IS_BOOST"
    """Boosts are on home, in lists and on profiles only."""
    BOOSTS_HIDDEN = "BOOSTS_HIDDEN"
    """The reader follows the booster without boosts."""
    ORIGINAL_GONE = "ORIGINAL_GONE"
    """A boost of a message that has expired or was deleted, or whose author is suspended or has left."""
    ORIGINAL_HIDDEN = "ORIGINAL_HIDDEN"
    """A boost of a message that the reader may not see, or whose author the reader mutes."""
    MENTIONS_HIDDEN = "MENTIONS_HIDDEN"
    """A boost of a message that mentions somebody whom the reader blocks or mutes."""
    NOT_SETTLED = "NOT_SETTLED"
    """Younger than the settling time, or than a late message that timelines wait for: the order may still change."""


GONE = frozenset({Hidden.EXPIRED, Hidden.DELETED, Hidden.SUSPENDED, Hidden.LEAVING})
"""The reasons for which nobody sees a message."""
