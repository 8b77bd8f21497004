"""Groups of notifications: favourites of one message, boosts of one message, and follows, each within twelve hours.

A notification's group follows from the notification alone, so a key stays the same whatever arrives later, and nothing
is stored. The twelve hours of a group of a message are counted from the time of the message. All other notifications
are groups of one.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from fstream_app.core.entities import Window
from fstream_app.core.ids import ALPHABET, MESSAGE_ID_LENGTH, MessageId, lowest_at
from fstream_app.core.notices import KINDS, Notification, NotificationKind

SPAN = 12 * 3_600_000
"""Milliseconds within which a group's notifications arrive."""
_OF_A_MESSAGE, _OF_THE_USER = frozenset({"favourite", "reblog"}), frozenset({"follow"})
GROUPABLE = frozenset(kind for kind in NotificationKind if kind in _OF_A_MESSAGE | _OF_THE_USER)
"""Kinds whose notifications are grouped."""
_ALONE = "ungrouped"
_ID = f"[0-7][{ALPHABET}]{{{MESSAGE_ID_LENGTH - 1}}}"
_NUMBER = "0|[1-9][0-9]{0,5}"
PATTERN = f"({'|'.join(sorted(_OF_A_MESSAGE))})-{_ID}-({_NUMBER})|follow-({_NUMBER})|{_ALONE}-{_ID}"
"""The keys of groups, as a regular expression."""
_PARSED = re.compile(PATTERN)


class Group(NamedTuple):
    """A group by its key."""

    kind: NotificationKind | None
    """None: it consists of one notification of any kind."""
    about: MessageId | None
    """The message that its notifications are about."""
    after: MessageId
    before: MessageId
    """Exclusive bounds of its notifications' ids."""

    @property
    def kinds(self) -> Collection[NotificationKind]:
        """The kinds that its notifications can have."""
        return KINDS if self.kind is None else {self.kind}

    def within(self, window: Window) -> Window:
        """Return the part of a window in which its notifications can be."""
        return window.narrowed(after=self.after, before=self.before)


def key(notification: Notification, kinds: Collection[NotificationKind] = GROUPABLE) -> str:
    """Return the key of a notification's group, if notifications of these kinds are grouped."""
    made, message_id = notification, notification.message_id
    if made.kind in kinds and made.kind in _OF_A_MESSAGE and message_id is not None:
        return f"{made.kind}-{message_id}-{max(0, made.id.time - message_id.time) // SPAN}"
    if made.kind in kinds and made.kind in _OF_THE_USER:
        return f"{made.kind}-{made.id.time // SPAN}"
    return f"{_ALONE}-{made.id}"


def parse(text: str) -> Group:
    """Return the group with a key.

    Raises:
        ValueError: no group can have this key.
    """
    if not _PARSED.fullmatch(text):
        raise ValueError("not the key of a group")
    kind, _, rest = text.partition("-")
    if kind == _ALONE:
        only = MessageId.parse(rest)
        return Group(None, None, only.previous(), only.next())
    about = MessageId.parse(rest[:MESSAGE_ID_LENGTH]) if kind in _OF_A_MESSAGE else None
    start = (about.time if about else 0) + SPAN * int(rest.rpartition("-")[2])
    lowest = lowest_at(0) if about and start == about.time else lowest_at(start)
    return Group(NotificationKind(kind), about, lowest.previous(), lowest_at(start + SPAN))
