"""What follows from changes of relationships: counts and notifications of follows.

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
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Notification, Relations
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather, gather_all
from fstream_app.messages import notifications
from fstream_app.repository import follows, relationships, users
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


def deliver(changes: Sequence[Changed], now: int) -> set[str]:
    """Count follows, notify users of new followers, and remove edges to users who are gone.

    Per follow: RRU: 7 and 1 per user for a new one, 3 for one that is counted. WRU: 2 for the edge and 2 for each user
    whose count changes, per transaction of up to 100 items, and 2 for the notification and its time.

    Returns:
        The sequence numbers of the changes to be retried.
    """
    by_follow: dict[Follow, set[str]] = defaultdict(set)
    others: dict[Changed, None] = {}
    for change in changes:
        if change.kind is EdgeKind.FOLLOW:
            by_follow[Follow(change.user_id, change.other_id)].add(change.sequence)
        else:
            others[change] = None
    try:
        again = _follow(by_follow, now) if by_follow else set()
        _tidy(list(others), now)
    except Exception as error:  # noqa: BLE001
        logger.warning("changes of relationships to be tried again: %s", type(error).__name__)
        return {change.sequence for change in changes}
    return {sequence for follow in again for sequence in by_follow[follow]}


def _follow(changed: Collection[Follow], now: int) -> set[Follow]:
    """Count follows and notify the users who are followed; return the follows to be tried again."""
    found = follows.read(changed)
    live = [each for each in found if not each.ended]
    times = notification_items.follow_times([each.follow for each in live], now)
    unsure = [each.follow for each in live if each.pending or each.follow not in times]
    relations, staying = gather(
        partial(_relations, unsure, now), partial(users.staying, {user_id for follow in unsure for user_id in follow})
    )
    refused = {
        follow
        for follow in unsure
        if relations[follow.followed_id].hides(follow.follower_id) or not staying.keys() >= set(follow)
    }
    follows.end_all(refused)
    again = follows.settle([_refused(each) if each.follow in refused else each for each in found])
    welcome = {
        follow
        for follow in unsure
        if follow not in refused and follow.follower_id not in relations[follow.followed_id].muting_notifications
    }
    _notify([each.follow for each in live if each.follow not in again], times, welcome, now)
    return again


def _refused(found: Found) -> Found:
    return found._replace(ended=True)


def _relations(unsure: Sequence[Follow], now: int) -> dict[str, Relations]:
    """Return what the followed users' edges say about these followers; 3 RRU per follow."""
    followers: dict[str, list[str]] = defaultdict(list)
    for follow in unsure:
        followers[follow.followed_id].append(follow.follower_id)
    read = [
        partial(relationships.between, user_id, theirs, now, _ABOUT_FOLLOWER) for user_id, theirs in followers.items()
    ]
    return dict(zip(followers, gather_all(read), strict=True))


def _notify(live: Sequence[Follow], times: Mapping[Follow, int], welcome: Collection[Follow], now: int) -> None:
    """Put the notifications of follows that are not stored yet.

    A follow that ended and was made again keeps its notification, as long as that lasts.
    """
    known = [notifications.of_follow(follow, times[follow]) for follow in live if follow in times]
    unknown = [follow for follow in live if follow in welcome and follow not in times]
    new = gather_all([partial(_first, follow, now) for follow in unknown])
    made = gather_all([partial(_again, each, now) for each in notification_items.missing(known)]) + new
    notifications.deliver(made)
    metrics.count(Metric.DELIVERIES, len(made))


def _again(missing: Notification, now: int) -> Notification:
    """Return a notification whose time is stored, as it arrives now."""
    follow = Follow(missing.actor_id, missing.user_id)
    return _first(follow, now, missing.id.time) if notifications.is_late(missing.id.time, now) else missing


def _first(follow: Follow, now: int, instead_of: int | None = None) -> Notification:
    made = notifications.of_follow(follow, now)
    time = notification_items.note_follow(follow, now, clock.ttl_seconds(made.expires_at), instead_of)
    return made if time == now else notifications.of_follow(follow, time)


def _tidy(changes: Sequence[Changed], now: int) -> None:
    """Remove blocks and mutes of and by users who are leaving or gone, and follows below blocks.

    2 RRU for each block or mute, 3 more for a block.
    """
    staying = users.staying({user_id for change in changes for user_id in (change.user_id, change.other_id)})
    for change in changes:
        if not staying.keys() >= {change.user_id, change.other_id}:
            _remove(change)
        elif change.kind is EdgeKind.BLOCK:
            _end_follows(change.user_id, change.other_id, now)


def _end_follows(user_id: str, other_id: str, now: int) -> None:
    """End the follows that a block has not ended, because its request was interrupted."""
    kinds = (EdgeKind.BLOCK, EdgeKind.FOLLOW)
    relations = relationships.between(user_id, [other_id], now, kinds, followed_by=True)
    if other_id in relations.blocking:
        follows.end_between(user_id, other_id, relations)


def _remove(change: Changed) -> None:
    match change.kind:
        case EdgeKind.BLOCK:
            relationships.unblock(change.user_id, change.other_id)
        case EdgeKind.BLOCKED_BY:
            relationships.unblock(change.other_id, change.user_id)
        case EdgeKind.MUTE:
            relationships.unmute(change.user_id, change.other_id)
        case EdgeKind.FOLLOW | EdgeKind.LEAVE:
            pass
        case _:
            assert_never(change.kind)
