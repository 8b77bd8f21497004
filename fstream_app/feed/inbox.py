"""A user's notifications: those that are stored, and those of each message of accounts that the user chose (`notify`).

Nobody writes anything for the latter, however many users want them. They are computed on each read from what home
reads: the tail and, below it, the heads of these accounts. The id of such a notification is that of its message, so it
is the same on each read, and takes its place among the others by time. It is dismissed by the same mark as they are.

Those that are stored have the time at which they arrived, and a polling client must miss none of either kind. So if any
are computed, the whole page settles like a home timeline.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from fstream_app.core import packing
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.feed import home, tail
from fstream_app.messages import notifications
from fstream_app.messages.computed import Computed, announcers, of_status
from fstream_app.messages.notifications import KINDS, NotificationPage
from fstream_app.messages.sources import Candidate, Source, id_of
from fstream_app.repository import relationships


class Announced:
    """A source of messages, as one of notifications of these messages."""

    def __init__(self, source: Source[Candidate], user_id: str) -> None:
        self._source = source
        self._user_id = user_id

    @property
    def taken(self) -> int:
        """Number of candidates taken so far."""
        return self._source.taken

    @taken.setter
    def taken(self, number: int) -> None:
        self._source.taken = number

    @property
    def position(self) -> MessageId:
        """A bound, as that of the messages."""
        return self._source.position

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to read."""
        return self._source.is_complete

    def peek(self) -> Notification | None:
        """Return the notification of the next message that is known."""
        candidate = self._source.peek()
        return None if candidate is None else of_status(id_of(candidate), self._user_id)

    def take(self) -> Notification:
        """Take the candidate that `peek` returns."""
        return of_status(id_of(self._source.take()), self._user_id)

    def advance(self) -> "Sequence[Announced]":
        """Read on; return the sources that replace this one."""
        sources = self._source.advance()
        return [self if each is self._source else Announced(each, self._user_id) for each in sources]


def of_user(
    user_id: str, window: Window, now: int, *, kinds: Collection[NotificationKind] = KINDS, actor_id: str | None = None
) -> NotificationPage:
    """Read a page of a user's notifications, as `notifications.of_user`.

    For a user who is notified of messages, one more round trip refreshes the tail (0.5 RRU), and another reads the
    heads of these accounts, if the page reaches below the tail's horizon, and notifications were on by then (0.5 RRU
    each).
    """
    compute = partial(_compute, user_id)
    return notifications.of_user(user_id, window, now, kinds=kinds, actor_id=actor_id, compute=compute)


def count(
    user_id: str, window: Window, now: int, *, kinds: Collection[NotificationKind] = KINDS, actor_id: str | None = None
) -> int:
    """Count a user's notifications in a window, up to its limit, as `notifications.count` and `of_user`."""
    compute = partial(_compute, user_id)
    return notifications.count(user_id, window, now, kinds=kinds, actor_id=actor_id, compute=compute)


def get(user_id: str, notification_id: str, now: int) -> NotificationPage:
    """Return one notification, as a page of one: see `notifications.get`.

    Raises:
        NotFound: it does not exist, or `of_user` does not show it.
    """
    return notifications.get(user_id, notification_id, now, partial(_compute, user_id))


def dismiss(user_id: str, notification_id: str, now: int) -> None:
    """Dismiss a notification: see `notifications.dismiss`.

    Raises:
        NotFound: it does not exist, or was dismissed already.
    """
    notifications.dismiss(user_id, notification_id, now, partial(_compute, user_id))


def clear(user_id: str, now: int) -> None:
    """Dismiss all notifications that a read can show at this time (ms); 1 WRU, 1 RRU per 136 edges."""
    authors = announcers(relationships.of(user_id, now), KINDS)
    computed = _compute(user_id, authors, Window(), now) if authors else Computed()
    notifications.clear(user_id, now, computed.before)


def _without_boosts(_: str, packed: bytes) -> bytes:
    return packing.without_boosts(packed)


def _compute(user_id: str, authors: Mapping[str, int], window: Window, now: int) -> Computed:
    """Open the sources of notifications of messages of these authors, each from a time (ms) on."""
    known = home.remembered(authors, now, is_fresh=tail.shared().refresh(now))
    since = lowest_at(min(authors.values())).previous()
    entries, heads = home.open_sources(authors, known, window.narrowed(after=since), now, _without_boosts)
    sources: list[Source[Candidate]] = [*entries, heads]
    return Computed([Announced(source, user_id) for source in sources], known.settled_before(now))
