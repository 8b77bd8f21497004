"""Markers: how far a user has read a timeline. They are items `!<timeline>` of the notifications table."""

from collections.abc import Iterable

from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Marker
from fstream_app.repository import batch
from fstream_app.tables import NotificationItem, has_expired

_MARK = "!"


def of_user(user_id: str, timelines: Iterable[str], now: int) -> dict[str, Marker]:
    """Read a user's markers by timeline: keys `user_id`, `!<timeline>`, consistent; 1 RRU each."""
    found = batch.get(NotificationItem, {(user_id, _MARK + each) for each in timelines}, consistent=True)
    return {item.id.removeprefix(_MARK): _marker(item) for item in found if not has_expired(item.expires_at, now)}


def move(user_id: str, timeline: str, last_read: MessageId, now: int, expires_at: int) -> Marker:
    """Set a marker at this time (ms), forwards or backwards: key `user_id`, `!<timeline>`; 1 WRU.

    Each call counts in the version, so no two calls return the same one. The marker expires (s) after everything that
    it can be about.
    """
    item = NotificationItem(user_id, _MARK + timeline)
    item.update(
        [
            NotificationItem.read_to.set(str(last_read)),
            NotificationItem.time.set(now),
            NotificationItem.expires_at.set(expires_at),
            NotificationItem.version.add(1),
        ]
    )
    return _marker(item)


def delete(user_id: str, timelines: Iterable[str]) -> None:
    """Delete markers: keys `user_id`, `!<timeline>`; 1 WRU each. Idempotent."""
    for timeline in timelines:
        NotificationItem(user_id, _MARK + timeline).delete()


def _marker(item: NotificationItem) -> Marker:
    return Marker(MessageId.parse(item.read_to or ""), int(item.version or 0), int(item.time or 0))
