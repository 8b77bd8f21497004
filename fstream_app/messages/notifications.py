"""Notifications: how events cause them, and how they are read.

Their ids contain the time at which they arrive, so a client that polls misses none, however late they are. That time is
stored with what causes them, so a repeat overwrites itself. A read shows the present state: it leaves out notifications
of messages that are gone, and of people who are blocked, or whose notifications are muted, by then.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import partial

import msgspec

from fstream_app.core import clock, settings
from fstream_app.core.entities import Mention, Message, Originals, Page, Reactions, User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.core.notices import ALL, Held, Notification, NotificationKind, Query
from fstream_app.core.notices import event_id as _id
from fstream_app.core.parallel import gather
from fstream_app.core.policies import Choice
from fstream_app.messages import addressing, answers, causes, endings, markers, muting, paging
from fstream_app.messages.computed import Compute, Computed, announcers, none
from fstream_app.messages.hydration import Hydrated, joined
from fstream_app.messages.paging import Pager
from fstream_app.messages.screening import Screen
from fstream_app.messages.sources import Merge, Pages
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import settled_before, why_not_followed
from fstream_app.people import profiles
from fstream_app.repository import notifications, relationships, users
from fstream_app.repository.follows import Follow

_LONGEST_DELAY = 900_000
"""Milliseconds between a post and its notifications that are believed; a polling client may miss later ones."""
MAX_UNREAD = 100
"""Unread notifications are counted up to this number."""
_NOT_FOUND = "Notification not found"


class Notified(msgspec.Struct, frozen=True):
    """A notification with its actor and, unless it is about the actor alone, its message."""

    notification: Notification
    actor: User
    message: Message | None
    is_filtered: bool = False
    """The user's policy filters it: see `fstream_app.messages.screening`."""


class NotificationPage(msgspec.Struct, frozen=True):
    """Notifications, newest first, with the reader's reactions and filters, and the cursors of the next pages."""

    shown: list[Notified]
    users: dict[str, User]
    reactions: Reactions
    older: MessageId | None = None
    newer: MessageId | None = None
    filters: Filters = NO_FILTERS
    originals: Originals = {}
    """Of what the messages quote."""


def arrivals(posted: Iterable[Message], now: int) -> dict[MessageId, int]:
    """Return the times (ms) at which the notifications of messages arrive: now, or a little earlier.

    Those that notify somebody are a millisecond apart, in the order in which they were posted. If now is before a
    message was posted, or long after, this function's clock may be wrong: the time of posting is used instead.
    """
    times: dict[MessageId, int] = {}
    later = 0
    for message in sorted(posted, key=lambda message: message.id, reverse=True):
        time = now if 0 <= now - message.id.time <= _LONGEST_DELAY else message.id.time
        times[message.id] = time - later
        later += bool(addressing.addressed(message))
    return times


def is_late(time: int, now: int) -> bool:
    """Return whether a notification that is put now has to get a new time instead of one stored earlier (both ms).

    Polling clients may have gone past the earlier time, if the function that stored it was interrupted.
    """
    return now - time >= 500 * settings.get().settling_time


def of_message(message: Message, receiver: addressing.Receiver, time: int) -> Notification:
    """Return the notification of a message that arrives at this time (ms). It expires with the message.

    That of a quote expires with the quoted message, if that is earlier.
    """
    user_id, kind = receiver
    ends = [message.quote.until] if message.quote and kind is NotificationKind.QUOTE else []
    return Notification(
        user_id=user_id,
        id=_id(time, message.author_id, kind, str(message.id), user_id),
        kind=kind,
        expires_at=min([message.expires_at, *ends]),
        message_id=message.id,
    )


def of_follow(follow: Follow, time: int, kind: NotificationKind = NotificationKind.FOLLOW) -> Notification:
    """Return the notification of a follow, or of a request to follow, that arrives at this time (ms).

    It expires after the longest lifetime of a message.
    """
    return Notification(
        user_id=follow.followed_id,
        id=_id(time, follow.follower_id, kind, *follow),
        kind=kind,
        expires_at=_longest(time),
    )


def reaction_id(kind: NotificationKind, user_id: str, message_id: MessageId, time: int) -> MessageId:
    """Return the id of the notification of a user's favourite or boost that arrives at this time (ms)."""
    return _id(time, user_id, kind, str(message_id))


def of_reaction(kind: NotificationKind, message: Message, notification_id: MessageId) -> Notification:
    """Return the notification of a favourite or boost, which expires with the message."""
    return Notification(
        user_id=message.author_id,
        id=notification_id,
        kind=kind,
        expires_at=message.expires_at,
        message_id=message.id,
    )


def of_edit(message: Message, receiver: str, time: int) -> Notification:
    """Return the notification of an edit to a booster, which arrives at this time (ms) and expires with the message."""
    made = _id(time, message.author_id, NotificationKind.UPDATE, str(message.id), receiver)
    return Notification(receiver, made, NotificationKind.UPDATE, message.expires_at, message.id)


def retract(made: Collection[Notification]) -> None:
    """Delete the notifications, just put, of users who are leaving or gone; 1 RRU per user."""
    staying = users.staying({each.user_id for each in made})
    notifications.delete(each for each in made if each.user_id not in staying)


def of_warning(user_id: str, message_id: MessageId, reason: str, now: int) -> Notification:
    """Return the notification that a moderator has removed one of the user's messages.

    It expires after the longest lifetime of a message. Its actor is the user, because moderators have no accounts.
    """
    return Notification(
        user_id=user_id,
        id=_id(now, user_id, NotificationKind.WARNING, str(message_id)),
        kind=NotificationKind.WARNING,
        expires_at=_longest(now),
        reason=reason,
    )


def of_user(
    user_id: str,
    window: Window,
    now: int,
    query: Query = ALL,
    compute: Compute = none,
    pager: Pager[Notified] | None = None,
) -> NotificationPage:
    """Read a page of a user's notifications; the pager says how many are on it, by default the window's limit.

    As on timelines, notifications younger than the settling time are not shown yet.

    A notification is shown only while it is true: while the follow, the request, the reaction or the message that it
    is about exists, regardless of who ended it. Those that the query omits, and of what happened in conversations
    while the user muted them, take no room on the page.

    RRU: 1 per 136 edges, 1 for the mark below which all were cleared, 1 per 4 KB of notifications; 1 per message,
    follow, request and reaction; 0.5 to 1 per user not in the profile cache, 1 for the user's reactions; for replies,
    also those of `answers.as_shown`. If the user has a policy, also those of `screening.Screen.learn`.
    """
    page = _page(user_id, now, query, compute, pager or Pager(window))
    messages = [each.message for each in page.shown if each.message]
    found = answers.of_page(Page(messages, page.users, originals=page.originals), now)
    shown = iter(found.messages)
    notified = [msgspec.structs.replace(each, message=next(shown)) if each.message else each for each in page.shown]
    return msgspec.structs.replace(page, shown=_mentioning(user_id, notified), originals=found.originals)


def _mentioning(user_id: str, shown: list[Notified]) -> list[Notified]:
    """Return notifications whose replies to the user mention the user.

    Private replies are stored without this mention, because it would let the user see them after they stop following.
    """
    silent = {
        each.notification.id: each.message
        for each in shown
        if each.notification.kind == NotificationKind.MENTION
        and each.message
        and not each.message.mentions_user(user_id)
    }
    user = profiles.get_many([user_id]).get(user_id) if silent else None
    if user is None:
        return shown
    mention = Mention(user.id, user.name)
    return [
        msgspec.structs.replace(each, message=msgspec.structs.replace(found, mentions=(mention, *found.mentions)))
        if (found := silent.get(each.notification.id))
        else each
        for each in shown
    ]


def unread(user_id: str, now: int, query: Query, compute: Compute, pager: Pager[Notified]) -> list[Notified]:
    """Return a user's unread notifications, which are newer than the marker, as far as the pager has room.

    RRU as for `of_user`, without those for replies, and 1 for the marker.
    """
    return _page(user_id, now, query, compute, pager, unread=True).shown


def _candidates(
    user_id: str, computed: Computed, window: Window, now: int, dismissed: set[MessageId]
) -> Merge[Notification]:
    shown = window.narrowed(before=computed.before)
    stored = Pages(notifications.pages_of_user(user_id, shown, now, dismissed), shown)
    return Merge[Notification]([stored, *computed.sources], shown)


def _page(
    user_id: str, now: int, query: Query, compute: Compute, pager: Pager[Notified], *, unread: bool = False
) -> NotificationPage:
    relations, cleared, read_to = gather(
        partial(relationships.of, user_id, now),
        partial(notifications.cleared_to, user_id),
        partial(markers.read_to, user_id, now) if unread else _nothing_read,
    )
    shown = pager.window.narrowed(after=max(cleared.previous(), read_to), before=settled_before(now))
    since, dismissed = announcers(relations, query), set[MessageId]()
    candidates = _candidates(user_id, compute(since, shown, now) if since else Computed(), shown, now, dismissed)
    viewer, screen = Viewer(user_id, relations, now), Screen(user_id, relations, now, query)
    users: dict[str, User] = {}
    known, met, originals = list[Reactions](), list[Message](), dict[MessageId, Message | Hidden]()

    def passed_over(each: Notification) -> bool:
        if query.omits(each) or screen.passes_over(each) or not _is_welcome(each, viewer):
            return True
        return each.kind is NotificationKind.STATUS and (each.id.time < since[each.actor_id] or each.id in dismissed)

    while pager.wanted and not screen.leaves_nothing:
        chunk = paging.consider(candidates, pager.wanted, passed_over, at_most=pager.left)
        hydrated, true, _ = gather(
            partial(_hydrate, viewer, chunk.kept),
            partial(causes.lasting, user_id, chunk.kept),
            partial(screen.learn, chunk.kept),
        )
        found = [made for each in true if (made := _notified(each, hydrated, viewer)) is not None]
        pager.add(chunk, {each.notification.id: each for each in _screened(found, screen)})
        users |= hydrated.users
        known.append(hydrated.reactions)
        met += hydrated.messages.values()
        originals |= hydrated.originals
    muting.renew(user_id, relations, met, now)
    page = pager.slice()
    return NotificationPage(page.shown, users, joined(known), page.older, page.newer, viewer.filters, originals)


def _screened(found: list[Notified], screen: Screen) -> Iterator[Notified]:
    """Yield the notifications that the user's policy lets this read return."""
    for each in found:
        choice = screen.choice(each.notification, each.actor, each.message)
        if screen.shows(choice):
            yield msgspec.structs.replace(each, is_filtered=True) if choice is Choice.FILTER else each


def _nothing_read() -> MessageId:
    return LOWEST


def _is_welcome(notification: Notification, viewer: Viewer) -> bool:
    actor_id = notification.actor_id
    return viewer.why_passed_over(actor_id) is None and actor_id not in viewer.relations.muting_notifications


def _hydrate(viewer: Viewer, chunk: list[Notification]) -> Hydrated:
    message_ids = {each.message_id for each in chunk if each.message_id}
    alone = {each.actor_id for each in chunk if not each.message_id or each.message_id.author_id != each.actor_id}
    return viewer.hydrate(message_ids, {each.actor_id for each in chunk}, alone)


def _notified(notification: Notification, hydrated: Hydrated, viewer: Viewer) -> Notified | None:
    actor, message_id = hydrated.users.get(notification.actor_id), notification.message_id
    if actor is None or not _is_welcome(notification, viewer):
        return None
    if message_id is None:
        return Notified(notification, actor, None)
    if hydrated.why_hidden(message_id, viewer.why_not) is not None:
        return None
    message = hydrated.messages[message_id]
    # Some notifications of a batch have times a little before their messages were posted: see `arrivals`.
    if muting.silences(viewer.relations, message, max(notification.id.time, message.id.time)):
        return None
    return Notified(notification, actor, message) if _is_true(notification, message, viewer, hydrated) else None


def _is_true(notification: Notification, message: Message, viewer: Viewer, hydrated: Hydrated) -> bool:
    """Return whether a visible message is what a notification says, and the one that counts if it was put twice."""
    receiver = notification.user_id, notification.kind
    match notification.kind:
        case NotificationKind.STATUS:
            # Also of accounts that an exclusive list keeps off home, and not because of a hashtag that brings it there.
            hidden = why_not_followed(message, viewer.id, viewer.relations, viewer.now, answering=())
            return hidden is None and not message.is_reply and message.boost_of is None
        case NotificationKind.QUOTE if not isinstance(hydrated.originals.get(message.quote_of or LOWEST), Message):
            return False
        case NotificationKind.MENTION | NotificationKind.QUOTE:
            return receiver in addressing.addressed(message) and addressing.arrival(message, receiver) in {
                None,
                notification.id.time,
            }
        case NotificationKind.POLL:
            return endings.is_true(notification, message, viewer.now)
        case NotificationKind.UPDATE:  # of its last edit
            return message.edited_at is not None and message.edited_at <= notification.id.time
        case _:
            return True


def get(user_id: str, notification_id: str, now: int, compute: Compute = none) -> NotificationPage:
    """Return one notification, as a page of one; 4 RRU, plus its message, users and reactions as in `of_user`.

    Raises:
        NotFound: it does not exist, or `of_user` does not show it.
    """
    parsed = _parse(notification_id)
    only = Window(after=parsed.previous(), before=parsed.next(), limit=1)
    page = of_user(user_id, only, now, Query(actor_id=parsed.author_id, held=Held.INCLUDED), compute)
    if not page.shown:
        raise NotFound(_NOT_FOUND)
    return page


def dismiss(user_id: str, notification_id: str, now: int, compute: Compute = none) -> None:
    """Dismiss a notification, so that no read shows it any more; 2 RRU, 1 WRU. RRU as for `get` if it is not stored.

    Raises:
        NotFound: it does not exist, or was dismissed already.
    """
    found = notifications.get(user_id, _parse(notification_id))
    if found is None or found.id.time > now:  # the end of a poll that is still open
        found = get(user_id, notification_id, now, compute).shown[0].notification
    notifications.dismiss([found])


def clear(user_id: str, now: int, before: MessageId = HIGHEST) -> None:
    """Dismiss all notifications that a read can show at this time (ms), below an id; 1 WRU, whatever their number."""
    notifications.clear(user_id, min(settled_before(now), before), clock.ttl_seconds(_longest(now)))


def _longest(time: int) -> int:
    """Return until when (ms) a message that is posted at this time can live."""
    return time + 1000 * settings.get().max_lifetime


def _parse(notification_id: str) -> MessageId:
    try:
        return MessageId.parse(notification_id)
    except ValueError:
        raise NotFound(_NOT_FOUND) from None
