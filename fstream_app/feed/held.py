"""Notifications that a user's policy filters, by sender: the requests, which the user accepts or dismisses.

Nothing is stored for them. They are found among the user's notifications when they are read, so a request exists as
long as one of its notifications does. Its id is the sender's.
"""

from collections.abc import Collection
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core.entities import Message, Part, User, Window
from fstream_app.core.errors import NotFound, Unavailable
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId, is_user_id
from fstream_app.core.notices import Held, Query
from fstream_app.core.parallel import gather_all
from fstream_app.core.policies import Choice, Policy
from fstream_app.core.retry import attempts
from fstream_app.feed import groups, inbox
from fstream_app.messages.notifications import NotificationPage, Notified
from fstream_app.messages.paging import Glance
from fstream_app.messages.screening import MOST_OF_A_SENDER
from fstream_app.people import relationships
from fstream_app.people.relationships import People
from fstream_app.repository import policies, senders

_CONSIDERED = 400
"""Notifications that may be held among which requests are found: the newest."""
_HELD = Query(held=Held.ALONE)
_NOT_FOUND = "Notification request not found"


class Request(NamedTuple):
    """The notifications of one sender that the policy filters, newest first."""

    notifications: list[Notified]

    @property
    def sender(self) -> User:
        """Who has sent them."""
        return self.notifications[0].actor

    @property
    def newest(self) -> MessageId:
        """The id of the newest one."""
        return self.notifications[0].notification.id

    @property
    def oldest(self) -> MessageId:
        """The id of the oldest one, of those that are counted."""
        return self.notifications[-1].notification.id

    @property
    def message(self) -> Notified | None:
        """The newest one that is about a message of the sender."""
        return next((each for each in self.notifications if each.message and _is_by(each.message, self.sender)), None)


class Requests(NamedTuple):
    """Some of a user's requests, the one with the newest notification first."""

    shown: list[Request]
    page: NotificationPage
    """Their notifications, and more."""
    older: MessageId | None = None
    newer: MessageId | None = None
    """Cursors, as those of a page of notifications."""


class Cursors(NamedTuple):
    """The part of the list of requests that a reader wants: bounds are ids of notifications or of requests."""

    limit: int
    below: str | None = None
    above: str | None = None
    upwards: bool = False
    """Whether to return those next to `above` instead of those next to `below`."""


def _is_by(message: Message, user: User) -> bool:
    return message.author_id == user.id


def policy(user_id: str) -> Policy:
    """Return a user's policy; 1 RRU."""
    return policies.read(user_id)


def accepted(user_id: str, part: Part, now: int) -> People:
    """Return a page of the accounts whose notifications a user accepts, by id; 1 RRU and 1 for each."""
    return relationships.people(partial(senders.of, user_id, part), None, part, now)


def change_policy(user_id: str, change: dict[str, Choice]) -> Policy:
    """Change some choices of a user's policy, by name, and return it; 1 RRU, 4 WRU.

    Raises:
        Unauthenticated: the user's account is being deleted.
    """
    for _ in attempts():
        before = policies.read(user_id)
        changed = msgspec.structs.replace(before, **change)
        if changed == before or policies.put(user_id, before, changed):
            return changed
    raise Unavailable("Too many changes at once. Try again in a moment.")


def all_of(user_id: str, now: int) -> Requests:
    """Return a user's requests, among the newest 400 notifications that may be filtered, at most 40 of each sender.

    RRU as `inbox.of_user` for these.
    """
    return _find(user_id, now, _HELD)


def of_user(user_id: str, wanted: Cursors, now: int) -> Requests:
    """Return a page of a user's requests; RRU as `all_of`."""
    every = all_of(user_id, now)
    places = {each.sender.id: each.newest for each in every.shown}
    below = _place(wanted.below, places) if wanted.below else HIGHEST
    above = _place(wanted.above, places) if wanted.above else LOWEST
    within = [each for each in every.shown if above < each.newest < below]
    shown = within[-wanted.limit :] if wanted.upwards else within[: wanted.limit]
    if not shown:
        return Requests([], every.page)
    has_older = shown[-1] is not every.shown[-1]
    return Requests(shown, every.page, shown[-1].newest if has_older else None, shown[0].newest)


def get(user_id: str, sender_id: str, now: int) -> Requests:
    """Return one request; RRU as `inbox.of_user` for its notifications.

    Raises:
        NotFound: nothing of this sender waits.
    """
    found = _find(user_id, now, _of_sender(sender_id), MOST_OF_A_SENDER)
    if not found.shown:
        raise NotFound(_NOT_FOUND)
    return found


def accept(user_id: str, sender_id: str, now: int) -> None:
    """Accept all notifications of a sender from now on, those that wait included; 6 WRU, and as `get`.

    Raises:
        NotFound: nothing of this sender waits.
    """
    get(user_id, sender_id, now)
    _accept(user_id, sender_id)


def accept_several(user_id: str, sender_ids: Collection[str], now: int) -> None:
    """Accept the senders of which something waits; 6 WRU for each, and as `all_of`."""
    found = (each.sender.id for each in all_of(user_id, now).shown)
    gather_all([partial(_accept, user_id, each) for each in found if each in sender_ids])


def _accept(user_id: str, sender_id: str) -> None:
    try:
        senders.put(user_id, sender_id)
    except senders.Absent:
        raise NotFound(_NOT_FOUND) from None


def dismiss(user_id: str, sender_id: str, now: int) -> None:
    """Dismiss the notifications of a sender that wait, as `groups.dismiss_all`.

    Raises:
        NotFound: nothing of this sender waits.
    """
    if not _dismiss(user_id, sender_id, now):
        raise NotFound(_NOT_FOUND)


def dismiss_several(user_id: str, sender_ids: Collection[str], now: int) -> None:
    """Dismiss what waits of some senders, as `dismiss`."""
    gather_all([partial(_dismiss, user_id, each, now) for each in sender_ids if is_user_id(each)])


def _dismiss(user_id: str, sender_id: str, now: int) -> int:
    query = _of_sender(sender_id)
    return groups.dismiss_all(lambda window: inbox.of_user(user_id, window, now, query))


def _of_sender(sender_id: str) -> Query:
    return msgspec.structs.replace(_HELD, actor_id=sender_id)


def _find(user_id: str, now: int, query: Query, most: int = _CONSIDERED) -> Requests:
    window = Window(limit=most)
    page = inbox.of_user(user_id, window, now, query, Glance(window))
    found: dict[str, list[Notified]] = {}
    for each in page.shown:
        found.setdefault(each.actor.id, []).append(each)
    return Requests([Request(each) for each in found.values()], page)


def _place(cursor: str, places: dict[str, MessageId]) -> MessageId:
    """Return the notification id of a cursor. As in other lists, what is not an id is below everything."""
    try:
        return places.get(cursor) or MessageId.parse(cursor)
    except ValueError:
        return LOWEST
