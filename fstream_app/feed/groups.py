"""Groups of a user's notifications, made while notifications are read: see `fstream_app.core.grouping`."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import NamedTuple

from fstream_app.core import grouping
from fstream_app.core.entities import Window
from fstream_app.core.errors import NotFound
from fstream_app.core.grouping import Group
from fstream_app.core.notices import Held, NotificationKind, Query
from fstream_app.feed import inbox
from fstream_app.messages.notifications import NotificationPage, Notified
from fstream_app.messages.paging import GroupPager
from fstream_app.repository import notifications

MAX_LIMIT = 80
"""Limit of groups on a page, and of the notifications that are read of a single group."""
MAX_UNREAD = 1000
"""Unread groups are counted up to this number."""
_MAX_DISMISSED = 1000
"""Notifications that one request dismisses. Those of larger groups remain for the next one."""


class Grouped(NamedTuple):
    """A group of notifications, or the part of it that is on a page."""

    key: str
    members: list[Notified]
    """Newest first."""

    @property
    def newest(self) -> Notified:
        """The newest notification, which says what the group is about."""
        return self.members[0]


def of_user(
    user_id: str, window: Window, now: int, query: Query, kinds: Collection[NotificationKind]
) -> tuple[NotificationPage, list[Grouped]]:
    """Read a page of groups, newest first, and its notifications; RRU as `inbox.of_user` for these.

    The notifications of a page are at most about twice as many as groups are asked for. A group of which there are more
    is also on the next page, with those that are older. See `GroupPager`.

    Args:
        user_id: the user.
        window: the part of the list of notifications; its limit is a number of groups.
        now: milliseconds.
        query: which notifications.
        kinds: the kinds whose notifications are grouped.
    """
    page = inbox.of_user(user_id, window, now, query, GroupPager(window, partial(key, kinds=kinds)))
    return page, of_page(page.shown, kinds)


def of_page(shown: Iterable[Notified], kinds: Collection[NotificationKind] = grouping.GROUPABLE) -> list[Grouped]:
    """Return the groups of notifications, in the order of the newest notification of each."""
    found: dict[str, list[Notified]] = {}
    for each in shown:
        found.setdefault(key(each, kinds), []).append(each)
    return [Grouped(*each) for each in found.items()]


def key(notified: Notified, kinds: Collection[NotificationKind] = grouping.GROUPABLE) -> str:
    """Return the key of a notification's group. Those that the user's policy filters are not grouped.

    So a group shows and dismisses nothing that waits among the requests.
    """
    return grouping.key(notified.notification, () if notified.is_filtered else kinds)


def count(user_id: str, limit: int, now: int, query: Query, kinds: Collection[NotificationKind]) -> int:
    """Count a user's groups of unread notifications, up to a limit; RRU as `inbox.unread`."""
    pager = GroupPager(Window(limit=limit), partial(key, kinds=kinds))
    return len(of_page(inbox.unread(user_id, now, query, pager), kinds))


def get(user_id: str, group_key: str, now: int) -> NotificationPage:
    """Return the newest notifications of a group, at most 80; RRU as `inbox.of_user`.

    Raises:
        NotFound: it has none, or `of_user` does not show it.
    """
    page = members(user_id, group_key, Window(limit=MAX_LIMIT), now)
    if not page.shown:
        raise _not_found()
    return page


def members(user_id: str, group_key: str, window: Window, now: int) -> NotificationPage:
    """Read a page of the notifications of a group; RRU as `inbox.of_user`.

    Raises:
        NotFound: no group can have this key.
    """
    return _members(user_id, _parse(group_key), window, now)


def _members(user_id: str, group: Group, window: Window, now: int) -> NotificationPage:
    held = Held.INCLUDED if group.kind is None else Held.LEFT_OUT
    query = Query(kinds=group.kinds, about=group.about, held=held)
    return inbox.of_user(user_id, group.within(window), now, query)


def dismiss(user_id: str, group_key: str, now: int) -> None:
    """Dismiss the notifications that a group has at this time (ms), at most 1,000; 1 WRU each, and as `inbox.of_user`.

    Idempotent.

    Raises:
        NotFound: no group can have this key.
    """
    group = _parse(group_key)
    dismiss_all(lambda window: _members(user_id, group, window, now))


def dismiss_all(read: Callable[[Window], NotificationPage]) -> int:
    """Dismiss the notifications that a function returns page by page, at most about 1,000; return how many.

    1 WRU each.
    """
    window, dismissed = Window(limit=MAX_LIMIT), 0
    for _ in range(_MAX_DISMISSED // MAX_LIMIT + 1):
        page = read(window)
        notifications.dismiss(each.notification for each in page.shown)
        dismissed += len(page.shown)
        if page.older is None:
            break
        window = Window(limit=MAX_LIMIT, before=page.older)
    return dismissed


def _parse(group_key: str) -> Group:
    try:
        return grouping.parse(group_key)
    except ValueError:
        raise _not_found() from None


def _not_found() -> NotFound:
    return NotFound("Notification group not found")
