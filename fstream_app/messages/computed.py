"""Notifications that are computed on each read: of each message of the accounts that a user chose (`notify`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fstream_app.core import settings
from fstream_app.core.entities import Window
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.notices import ALL, Held, Notification, NotificationKind, Query
from fstream_app.core.relations import Relations
from fstream_app.messages.sources import Source


class Computed(NamedTuple):
    """Notifications that are not stored: see `fstream_app.feed.inbox`."""

    sources: Sequence[Source[Notification]] = ()
    before: MessageId = HIGHEST
    """A bound: the order of notifications below it no longer changes."""


Compute = Callable[[Mapping[str, int], Window, int], Computed]
"""Opens the sources of notifications of messages of some authors, each from a time (ms) on: window, now."""


def none(_: Mapping[str, int], __: Window, ___: int) -> Computed:
    """Open no sources."""
    return Computed()


def of_status(message_id: MessageId, receiver: str) -> Notification:
    """Return the notification of an account's message to a follower who wants it, which has the message's id."""
    expires_at = message_id.time + 1000 * settings.get().max_lifetime
    return Notification(receiver, message_id, NotificationKind.STATUS, expires_at, message_id)


def announcers(relations: Relations, query: Query = ALL) -> dict[str, int]:
    """Return the accounts of whose messages a user is notified, with the time (ms) from which on.

    None if the query wants none of these notifications.
    """
    if NotificationKind.STATUS not in query.kinds or query.about is not None or query.held is Held.ALONE:
        return {}
    return {
        user_id: options.notifies_from
        for user_id, options in relations.follow_options.items()
        if options.notifies_from is not None and user_id in relations.following and query.actor_id in {None, user_id}
    }
