"""Notifications that are put by the stream functions, and announced to those who listen."""

from collections.abc import Collection
from functools import partial

from fstream_app.core.notices import Notification
from fstream_app.core.parallel import gather
from fstream_app.live import announcing
from fstream_app.messages import notifications
from fstream_app.repository import notifications as notification_items


def deliver(made: Collection[Notification], now: int) -> None:
    """Put notifications, except for users who are leaving or gone by then; 1 WRU each, 1 RRU per user."""
    notification_items.put(made)
    announce(made, now)


def announce(made: Collection[Notification], now: int) -> None:
    """Announce notifications that were put, and delete those of users who are leaving or gone; 1 RRU per user."""
    gather(partial(notifications.retract, made), partial(announcing.notifications, made, now))
