"""What follows from changes of relationships: counts and notifications of follows, notifications of requests.

The stream reports that an edge changed, not how. So each step looks at the edge as it is now, and may be repeated, in
any order. An edge that names a user who is leaving or gone is removed: a request that was interrupted, or that raced
with the deletion, may have left it.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple, assert_never

from fstream_app.core import clock, metrics
from fstream_app.core.edges import NAMELESS, EdgeKind
from fstream_app.core.entities import User
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import Relations
from fstream_app.feed import notifying
from fstream_app.messages import notifications
from fstream_app.repository import follows, notes, relationships, requests, stills, users
from fstream_app.repository import notifications as notification_items
from fstream_app.repository.follows import Follow, Found

logger = logging.getLogger(__name__)

_ABOUT_FOLLOWER = (EdgeKind.BLOCK, EdgeKind.BLOCKED_BY, EdgeKind.MUTE)


class Changed(NamedTuple):
    """An edge that was put or changed, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    user_id: str
    kind: EdgeKind
    other_id: str
    """The other user; the first message of a muted conversation."""
    inserted: bool = True
    """Whether the edge is new; otherwise it was changed."""


def deliver(changes: Sequence[Changed], now: int) -> set[str]:
    """Count follows, notify users of new followers and requests, and remove edges to users who are gone.

    Per follow: RRU: 7 and 1 per user for a new one, 3 for one that is counted. WRU: 2 for the edge and 2 for each user
    whose count changes, per transaction of up to 100 items, and 2 for the notification and its time.
    Per request: RRU: 7 and 1 per user. WRU: 2.

    Returns:
        The sequence numbers of the changes to be retried.
    """
    by_follow: dict[Follow, set[str]] = defaultdict(set)
    inserted = {Follow(change.user_id, change.other_id) for change in changes if change.inserted}
    asked, others = set[Follow](), dict[Changed, None]()
    for change in changes:
        follow = Follow(change.user_id, change.other_id)
        if change.kind is EdgeKind.FOLLOW:
            by_follow[follow].add(change.sequence)
        elif change.kind is EdgeKind.REQUEST:
            asked.add(follow)
        else:
            others[change] = None
    try:
        again = _follow(by_follow, inserted, now) if by_follow else set()
        if asked:
            _ask(asked, now)
        _tidy(list(others), now)
    except Exception as error:  # noqa: BLE001
        logger.warning("changes of relationships to be tried again: %s", type(error).__name__)
        return {change.sequence for change in changes}
    return {sequence for follow in again for sequence in by_follow[follow]}


def _follow(changed: Collection[Follow], inserted: Collection[Follow], now: int) -> set[Follow]:
    """Count follows and notify the users who are followed; return the follows to be tried again.

    A change of a follow's options, long after its notification has expired, notifies nobody again.
    """
    found = follows.read(changed)
    live = [each for each in found if not each.ended]
    times = notification_items.follow_times(NotificationKind.FOLLOW, [each.follow for each in live], now)
    unsure = [each.follow for each in live if each.pending or each.follow not in times]
    relations, staying = _circumstances(unsure, now)
    refused = {follow for follow in unsure if _is_refused(follow, relations, staying)}
    follows.end_all(refused)
    again = follows.settle([_refused(each) if each.follow in refused else each for each in found])
    new = set(inserted).union(each.follow for each in live if each.pending)
    welcome = [each for each in unsure if each in new and each not in refused and not _is_muted(each, relations)]
    _notify(NotificationKind.FOLLOW, [each.follow for each in live if each.follow not in again], times, welcome, now)
    return again


def _ask(changed: Collection[Follow], now: int) -> None:
    """Notify users of requests to follow them, and accept or remove requests that have no place."""
    found = requests.read(changed)
    relations, staying = _circumstances(found, now)
    followed = {each.follow for each in follows.read(found) if not each.ended}
    refused = {
        each
        for each in found
        if each in followed or _is_refused(each, relations, staying) or staying[each.follower_id].suspended
    }
    requests.end_all(refused)
    asked = found - refused
    for each in asked:
        if not staying[each.followed_id].locked:  # the request was put just after the account was unlocked
            requests.admit([each], now, if_open=True)
    times = notification_items.follow_times(NotificationKind.FOLLOW_REQUEST, asked, now)
    welcome = [each for each in asked if not _is_muted(each, relations)]
    _notify(NotificationKind.FOLLOW_REQUEST, list(requests.read(asked)), times, welcome, now)


def _circumstances(unsure: Collection[Follow], now: int) -> tuple[dict[str, Relations], dict[str, User]]:
    """Return what decides about follows and requests: the relations of the followed, and the users who stay."""
    return gather(
        partial(_relations, unsure, now), partial(users.staying, {user_id for follow in unsure for user_id in follow})
    )


def _is_refused(follow: Follow, relations: Mapping[str, Relations], staying: Mapping[str, User]) -> bool:
    return relations[follow.followed_id].hides(follow.follower_id) or not staying.keys() >= set(follow)


def _is_muted(follow: Follow, relations: Mapping[str, Relations]) -> bool:
    return follow.follower_id in relations[follow.followed_id].muting_notifications


def _refused(found: Found) -> Found:
    return found._replace(ended=True)


def _relations(unsure: Collection[Follow], now: int) -> dict[str, Relations]:
    """Return what the followed users' edges say about these followers; 3 RRU per follow."""
    followers: dict[str, list[str]] = defaultdict(list)
    for follow in unsure:
        followers[follow.followed_id].append(follow.follower_id)
    read = [
        partial(relationships.between, user_id, theirs, now, _ABOUT_FOLLOWER) for user_id, theirs in followers.items()
    ]
    return dict(zip(followers, gather_all(read), strict=True))


def _notify(
    kind: NotificationKind,
    live: Sequence[Follow],
    times: Mapping[Follow, int],
    welcome: Collection[Follow],
    now: int,
) -> None:
    """Put the notifications of follows, or of requests, that are not stored yet.

    A follow that ended and was made again keeps its notification, as long as that lasts.
    """
    known = [notifications.of_follow(follow, times[follow], kind) for follow in live if follow in times]
    unknown = [follow for follow in live if follow in welcome and follow not in times]
    new = gather_all([partial(_first, kind, follow, now) for follow in unknown])
    made = gather_all([partial(_again, each, now) for each in notification_items.missing(known)]) + new
    notifying.deliver(made, now)
    metrics.count(Metric.DELIVERIES, len(made))


def _again(missing: Notification, now: int) -> Notification:
    """Return a notification whose time is stored, as it arrives now."""
    follow = Follow(missing.actor_id, missing.user_id)
    return (
        _first(missing.kind, follow, now, missing.id.time) if notifications.is_late(missing.id.time, now) else missing
    )


def _first(kind: NotificationKind, follow: Follow, now: int, instead_of: int | None = None) -> Notification:
    made = notifications.of_follow(follow, now, kind)
    time = notification_items.note_follow(kind, follow, now, clock.ttl_seconds(made.expires_at), instead_of)
    return made if time == now else notifications.of_follow(follow, time, kind)


def _tidy(changes: Sequence[Changed], now: int) -> None:
    """Remove edges of and to users who are leaving or gone, other than follows, and those below blocks.

    2 RRU for each edge, 5 more for a block; 1 for a muted conversation.
    """
    staying = users.staying({user_id for change in changes for user_id in _named(change)})
    for change in changes:
        if not staying.keys() >= _named(change):
            _remove(change)
        elif change.kind is EdgeKind.BLOCK:
            _end_follows(change.user_id, change.other_id, now)


def _named(change: Changed) -> set[str]:
    """Return the users whom an edge names."""
    return {change.user_id} if change.kind in NAMELESS else {change.user_id, change.other_id}


def _end_follows(user_id: str, other_id: str, now: int) -> None:
    """End the follows and requests that a block has not ended, because its request was interrupted."""
    kinds, both = (EdgeKind.BLOCK, EdgeKind.FOLLOW), (Follow(user_id, other_id), Follow(other_id, user_id))
    relations = relationships.between(user_id, [other_id], now, kinds, followed_by=True, requests=both)
    if other_id in relations.blocking:
        follows.end_between(user_id, other_id, relations)
        requests.end_between(user_id, other_id, relations)


def _remove(change: Changed) -> None:
    match change.kind:
        case EdgeKind.BLOCK:
            relationships.unblock(change.user_id, change.other_id)
        case EdgeKind.BLOCKED_BY:
            relationships.unblock(change.other_id, change.user_id)
        case EdgeKind.MUTE:
            relationships.unmute(change.user_id, change.other_id)
        case EdgeKind.STILL:
            stills.delete(change.user_id, MessageId.parse(change.other_id))
        case EdgeKind.NOTE:
            notes.delete(change.user_id, change.other_id)
        case (
            EdgeKind.FOLLOW
            | EdgeKind.REQUEST
            | EdgeKind.EXCLUSIVE
            | EdgeKind.LIST
            | EdgeKind.TAG
            | EdgeKind.DISMISSAL
            | EdgeKind.SENDER
            | EdgeKind.POLICY
            | EdgeKind.LEAVE
            | EdgeKind.UNLOCK
            | EdgeKind.CLEAR
            | EdgeKind.FILTER
        ):
            pass
        case _:
            assert_never(change.kind)
