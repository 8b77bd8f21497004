"""Markers: how far a user has read home and the notifications, so that all of the user's clients know it."""

from collections.abc import Collection, Mapping

from fstream_app.core import clock, settings
from fstream_app.core.errors import Invalid, Unauthenticated
from fstream_app.core.ids import LOWEST, MessageId
from fstream_app.core.notices import Marker
from fstream_app.repository import markers, users

HOME, NOTIFICATIONS = "home", "notifications"
TIMELINES = (HOME, NOTIFICATIONS)


def read(user_id: str, timelines: Collection[str], now: int) -> dict[str, Marker]:
    """Return a user's markers of these timelines, without those that were never set; 1 RRU each."""
    wanted = [each for each in TIMELINES if each in timelines]
    return markers.of_user(user_id, wanted, now) if wanted else {}


def read_to(user_id: str, now: int) -> MessageId:
    """Return the id to which a user has read the notifications; LOWEST without a marker. 1 RRU."""
    marker = read(user_id, [NOTIFICATIONS], now).get(NOTIFICATIONS)
    return marker.last_read if marker else LOWEST


def move(user_id: str, positions: Mapping[str, str], now: int) -> dict[str, Marker]:
    """Set markers to ids, forwards or backwards; 1 WRU each, 1 RRU.

    The ids may be of messages and notifications that no longer exist. Of two calls at the same time, the one that comes
    last counts. A marker expires when everything that existed when it was set has expired.

    Raises:
        Invalid: a position is not an id. Then no marker is set.
        Unauthenticated: the user's account is being deleted.
    """
    parsed = {timeline: _position(timeline, text) for timeline, text in positions.items()}
    expires_at = clock.ttl_seconds(now + 1000 * settings.get().max_lifetime)
    moved = {timeline: markers.move(user_id, timeline, to, now, expires_at) for timeline, to in parsed.items()}
    if moved and not users.staying([user_id]):
        markers.delete(user_id, moved)
        raise Unauthenticated("The access token is invalid")
    return moved


def _position(timeline: str, text: str) -> MessageId:
    try:
        return MessageId.parse(text)
    except ValueError:
        raise Invalid("A marker must be at the id of a message or notification (last_read_id)", timeline) from None
