"""/api/v2/notifications: the user's notifications in groups."""

from collections.abc import Collection
from typing import Literal

import msgspec
from chalice.app import Response

from chalicelib import entities, notification_rendering, pages, rendering, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.notification_entities import GroupedNotifications
from chalicelib.notifications import Count, Unread, Wanted, counted_to, query
from chalicelib.pages import Cursors
from fstream_app.core import grouping
from fstream_app.core.notices import NotificationKind
from fstream_app.feed import groups
from fstream_app.feed.groups import MAX_LIMIT, MAX_UNREAD

api = Blueprint(__name__)

NOTIFICATIONS = "/api/v2/notifications"
_PAGE = 40
Expansion = Literal["full", "partial_avatars"]


class WantedGroups(Wanted, frozen=True):
    """Filters for notifications, how they are grouped, and cursors, which are ids of notifications."""

    limit: shapes.Limit = _PAGE
    """Number of groups on a page: 1 to 80. Larger values count as 80."""
    grouped_types: tuple[str, ...] = ()
    """Types whose notifications are grouped; all by default that can be: `favourite`, `reblog` and `follow`."""
    expand_accounts: Expansion = "full"
    """Which accounts are returned in full: all (`full`), or the newest of each group (`partial_avatars`)."""


class UnreadGroups(Unread, frozen=True):
    """Filters for counting groups."""

    limit: shapes.Limit = 100
    """Highest number to count to: 1 to 1,000. Larger values count as 1,000."""
    grouped_types: tuple[str, ...] = ()
    """Types whose notifications are grouped; all by default that can be."""


class MemberCursors(Cursors, frozen=True):
    """Cursors of the notifications of a group."""

    limit: shapes.Limit = MAX_LIMIT
    """Page size: 1 to 80. Larger values count as 80."""


@api.declare("GET", NOTIFICATIONS, scope="read:notifications", parameters=WantedGroups, answer=GroupedNotifications)
def show_all(call: Call[WantedGroups]) -> Response:
    """List the user's notifications in groups."""
    wanted = call.parameters
    window, kinds = pages.window(wanted, MAX_LIMIT), _grouped(wanted.grouped_types)
    page, found = groups.of_user(call.user_id, window, call.now, query(wanted, call.token), kinds)
    shown = notification_rendering.groups(
        page, found, call.now, in_list=True, with_partial=wanted.expand_accounts == "partial_avatars"
    )
    return pages.linked(shown, call, str(page.older or ""), str(page.newer or ""))


@api.declare("GET", f"{NOTIFICATIONS}/unread_count", scope="read:notifications", parameters=UnreadGroups)
def unread_count(call: Call[UnreadGroups]) -> Count:
    """Count the groups of the user's unread notifications."""
    wanted = call.parameters
    limit, kinds = counted_to(wanted, MAX_UNREAD), _grouped(wanted.grouped_types)
    return Count(count=groups.count(call.user_id, limit, call.now, query(wanted, call.token), kinds))


@api.declare("GET", f"{NOTIFICATIONS}/{{group_key}}", scope="read:notifications")
def show(call: Call[msgspec.Struct]) -> GroupedNotifications:
    """Return a group of notifications."""
    page = groups.get(call.user_id, call.path["group_key"], call.now)
    return notification_rendering.groups(
        page, [groups.Grouped(call.path["group_key"], page.shown)], call.now, in_list=False
    )


@api.declare(
    "GET",
    f"{NOTIFICATIONS}/{{group_key}}/accounts",
    scope="read:notifications",
    parameters=MemberCursors,
    answer=list[entities.Account],
)
def show_accounts(call: Call[MemberCursors]) -> Response:
    """List the accounts that caused the notifications of a group, newest first."""
    window = pages.window(call.parameters, MAX_LIMIT)
    page = groups.members(call.user_id, call.path["group_key"], window, call.now)
    people = {each.actor.id: each.actor for each in page.shown}
    accounts = rendering.accounts(list(people.values()), call.now)
    return pages.linked(accounts, call, str(page.older or ""), str(page.newer or ""))


@api.declare("POST", f"{NOTIFICATIONS}/{{group_key}}/dismiss", scope="write:notifications")
def dismiss(call: Call[msgspec.Struct]) -> entities.Empty:
    """Dismiss the notifications of a group."""
    groups.dismiss(call.user_id, call.path["group_key"], call.now)
    return entities.Empty()


def _grouped(types: tuple[str, ...]) -> Collection[NotificationKind]:
    """Return the kinds whose notifications are grouped. Types that do not exist, or can't be grouped, are ignored."""
    return grouping.GROUPABLE.intersection(types) if types else grouping.GROUPABLE
