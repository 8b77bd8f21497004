"""/api/v1/notifications: the user's notifications."""

from typing import TypeVar

import msgspec
from chalice.app import Response

from chalicelib import entities, notification_rendering, pages, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.core import ids
from fstream_app.core.entities import Window
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.grants import Token
from fstream_app.core.notices import KINDS, Held, NotificationKind, Query
from fstream_app.feed import inbox
from fstream_app.messages.notifications import MAX_UNREAD
from fstream_app.messages.paging import Pager

api = Blueprint(__name__)

NEWER_KINDS = frozenset({NotificationKind.WARNING})
"""Kinds that Mastodon has had since 4.3, so apps that are made for older versions do not know them."""
FAILING_APPS = frozenset({"fedistar", "milktea", "trunks", "tut", "tut-tui"})
"""Apps that crash, report an error or show no notifications if one is of an unknown kind:
trunks-social/trunks-public#277, h3poteto/fedistar#793, pantasystem/Milktea#1894, RasmusLindroth/tut#284. They get newer
kinds only if they ask for these by name. All other apps get them, so that no user misses a moderator's warning.
"""


class Wanted(Cursors, frozen=True):
    """Filters for notifications, with cursors."""

    types: tuple[str, ...] = ()
    """Only notifications of these types; all types by default."""
    include_types: tuple[str, ...] = ()
    """The same as `types` (Pleroma's name)."""
    exclude_types: tuple[str, ...] = ()
    """No notifications of these types."""
    account_id: shapes.UserId | None = None
    """Only notifications that this account caused, also those that the user's policy filters."""
    include_filtered: bool = False
    """Whether notifications that the user's policy filters are returned, too."""


class Unread(Wanted, frozen=True):
    """Filters for counting notifications."""

    limit: shapes.Limit = MAX_UNREAD
    """Highest number to count to: 1 to 100. Larger values count as 100."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A count."""

    count: shapes.Number


class One(msgspec.Struct, frozen=True):
    """The notification to dismiss."""

    id: shapes.MessageId


W = TypeVar("W", bound=Wanted)


@api.declare(
    "GET",
    "/api/v1/notifications",
    scope="read:notifications",
    parameters=Wanted,
    answer=list[entities.Notification],
)
def show_all(call: Call[Wanted]) -> Response:
    """List the user's notifications."""
    window = pages.window(call.parameters)
    page = inbox.of_user(call.user_id, window, call.now, query(call.parameters, call.token))
    shown = notification_rendering.notifications(page, call.now)
    return pages.linked(shown, call, str(page.older or ""), str(page.newer or ""))


@api.declare("GET", "/api/v1/notifications/unread_count", scope="read:notifications", parameters=Unread)
def unread_count(call: Call[Unread]) -> Count:
    """Count the user's unread notifications: those newer than the marker of notifications that are not dismissed."""
    window = Window(limit=counted_to(call.parameters, MAX_UNREAD))
    found = inbox.unread(call.user_id, call.now, query(call.parameters, call.token), Pager(window))
    return Count(count=len(found))


def counted_to(wanted: Unread, most: int) -> int:
    """Return the number up to which notifications are counted.

    Raises:
        Invalid: it is less than 1.
    """
    if wanted.limit < 1:
        raise Invalid("Notifications are counted to at least 1 (limit)", "limit")
    return min(wanted.limit, most)


def clear(call: Call[msgspec.Struct]) -> entities.Empty:
    """Dismiss all notifications."""
    inbox.clear(call.user_id, call.now)
    return entities.Empty()


for _version in ("v1", "v2"):
    api.declare("POST", f"/api/{_version}/notifications/clear", scope="write:notifications")(clear)


@api.declare("POST", "/api/v1/notifications/dismiss", scope="write:notifications", parameters=One)
def dismiss_by_parameter(call: Call[One]) -> entities.Empty:
    """Dismiss a notification (older form)."""
    inbox.dismiss(call.user_id, call.parameters.id, call.now)
    return entities.Empty()


@api.declare("GET", "/api/v1/notifications/{id}", scope="read:notifications")
def show(call: Call[msgspec.Struct]) -> entities.Notification:
    """Return a notification."""
    return notification_rendering.notifications(inbox.get(call.user_id, call.path["id"], call.now), call.now)[0]


@api.declare("POST", "/api/v1/notifications/{id}/dismiss", scope="write:notifications")
def dismiss(call: Call[msgspec.Struct]) -> entities.Empty:
    """Dismiss a notification."""
    inbox.dismiss(call.user_id, call.path["id"], call.now)
    return entities.Empty()


def query(wanted: Wanted, token: Token | None) -> Query:
    """Return which notifications are asked for. Types that do not exist are ignored.

    Apps show the notifications of a request by asking for those of its account.

    Raises:
        NotFound: the actor can't be an account.
    """
    if wanted.account_id and not ids.is_user_id(wanted.account_id):
        raise NotFound("Account not found")
    known = {each for each in KINDS if not fails_on(token, each)}
    types = wanted.types + wanted.include_types
    kinds = (KINDS.intersection(types) if types else known).difference(wanted.exclude_types)
    return Query(
        kinds=kinds,
        actor_id=wanted.account_id or None,
        held=Held.INCLUDED if wanted.include_filtered or wanted.account_id else Held.LEFT_OUT,
    )


def fails_on(token: Token | None, kind: NotificationKind) -> bool:
    """Return whether the application of a token fails on a kind of notification, unless it has asked for it."""
    return kind in NEWER_KINDS and token is not None and token.application_name.casefold() in FAILING_APPS
