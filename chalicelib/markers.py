"""/api/v1/markers: how far the user has read, for all of the user's clients."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib import rendering, shapes
from chalicelib.api import Blueprint, Call
from fstream_app.core import notices
from fstream_app.messages import markers

api = Blueprint(__name__)


class Wanted(msgspec.Struct, frozen=True):
    """The timelines whose markers to return."""

    timeline: tuple[str, ...] = ()
    """`home` or `notifications`; others are ignored."""


class Position(msgspec.Struct, frozen=True):
    """A position in a timeline."""

    last_read_id: shapes.MessageIdOrNone = ""
    """The newest message or notification that was read. It may have expired. Empty: no change."""


class Positions(msgspec.Struct, frozen=True):
    """New positions."""

    home: Position = Position()
    notifications: Position = Position()


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """How far a timeline has been read."""

    last_read_id: shapes.MessageId
    version: shapes.Number
    """How many times the marker was set."""
    updated_at: shapes.Time


class Markers(msgspec.Struct, frozen=True, kw_only=True):
    """Markers by timeline, without those that were not asked for or never set."""

    home: Marker | UnsetType = UNSET
    notifications: Marker | UnsetType = UNSET


@api.declare("GET", "/api/v1/markers", scope="read:statuses", parameters=Wanted)
def show(call: Call[Wanted]) -> Markers:
    """Return the user's markers of some timelines, without those that were never set."""
    return _rendered(markers.read(call.user_id, call.parameters.timeline, call.now))


@api.declare("POST", "/api/v1/markers", scope="write:statuses", parameters=Positions)
def move(call: Call[Positions]) -> Markers:
    """Set the user's markers, forwards or backwards; returns those that were set."""
    sent = {markers.HOME: call.parameters.home, markers.NOTIFICATIONS: call.parameters.notifications}
    positions = {timeline: position.last_read_id for timeline, position in sent.items() if position.last_read_id}
    return _rendered(markers.move(call.user_id, positions, call.now))


def _rendered(found: Mapping[str, notices.Marker]) -> Markers:
    return Markers(**{timeline: shown(marker) for timeline, marker in found.items()})


def shown(marker: notices.Marker) -> Marker:
    """Render a marker."""
    return Marker(
        last_read_id=str(marker.last_read), version=marker.version, updated_at=rendering.date(marker.updated_at)
    )
