"""The notifications table: what happened to a user, under ids derived from the events.

A dismissed notification is kept, and marked by a second item, `<id>-`. Notifications of kind STATUS are computed and
not stored, so they have the mark alone. One more item per user, `!cleared`, holds the id
below which all were cleared. So a stream record that comes again brings no notification back. An item
`follow#<follower>` holds the time of the only notification of a follow that this follower causes while it lasts, and
`follow_request#<requester>` likewise that of a request to follow.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from pynamodb.exceptions import DoesNotExist

from fstream_app.core import clock
from fstream_app.core.entities import Window
from fstream_app.core.ids import LOWEST, MESSAGE_ID_LENGTH, MessageId
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, conditional, wire
from fstream_app.repository.follows import Follow
from fstream_app.tables import NotificationItem, has_expired

_KNOWN = {kind.value: kind for kind in NotificationKind}
_CLEARED = "!cleared"
_DISMISSED = "-"


def item(notification: Notification) -> batch.Item:
    """Return the item of a notification. A repeat has the same key and overwrites it."""
    return NotificationItem(
        notification.user_id,
        str(notification.id),
        kind=notification.kind,
        message_id=str(notification.message_id) if notification.message_id else None,
        reason=notification.reason,
        expires_at=clock.ttl_seconds(notification.expires_at),
    )


def put(made: Collection[Notification]) -> None:
    """Put notifications: keys `user_id`, `id`; 1 WRU each."""
    batch.put({_key(each): item(each) for each in made}.values())


def delete(made: Iterable[Notification]) -> None:
    """Delete notifications: keys `user_id`, `id`; 1 WRU each. Idempotent."""
    batch.delete(NotificationItem, {_key(each) for each in made})


def remove(notification: Notification) -> None:
    """Delete a notification: key `user_id`, `id`; 1 WRU. Idempotent."""
    NotificationItem(*_key(notification)).delete()


def missing(made: Collection[Notification]) -> list[Notification]:
    """Return the notifications that are not stored: keys `user_id`, `id`, consistent; 1 RRU each."""
    stored = {(each.user_id, each.id) for each in batch.get(NotificationItem, map(_key, made), consistent=True)}
    return [each for each in made if _key(each) not in stored]


def _key(notification: Notification) -> tuple[str, str]:
    return notification.user_id, str(notification.id)


def follow_times(kind: NotificationKind, follows: Iterable[Follow], now: int) -> dict[Follow, int]:
    """Read the times (ms) of the notifications of follows or of requests to follow; 1 RRU each.

    Keys `user_id`, `<kind>#id`, consistent. Times that are older than the notifications last are left out.
    """
    found = batch.get(NotificationItem, {_time_key(kind, follow) for follow in follows}, consistent=True)
    return {
        Follow(each.id.removeprefix(f"{kind}#"), each.user_id): int(each.time or 0)
        for each in found
        if not has_expired(each.expires_at, now)
    }


def note_follow(
    kind: NotificationKind, follow: Follow, time: int, expires_at: int, instead_of: int | None = None
) -> int:
    """Store the time (ms) of the notification of a follow, unless one is stored: key `user_id`, `<kind>#id`; 1 WRU.

    Args:
        kind: the kind of the notification: of a follow, or of a request to follow.
        follow: the follow.
        time: milliseconds, now.
        expires_at: when the notification expires (s).
        instead_of: a time (ms) that is replaced.

    Returns:
        The time that is stored.
    """
    free = NotificationItem.id.does_not_exist() | (NotificationItem.expires_at <= time // 1000)
    if instead_of is not None:
        free |= NotificationItem.time == instead_of
    if conditional.put(NotificationItem(*_time_key(kind, follow), time=time, expires_at=expires_at), free):
        return time
    return follow_times(kind, [follow], time).get(follow, time)


def _time_key(kind: NotificationKind, follow: Follow) -> tuple[str, str]:
    return follow.followed_id, f"{kind}#{follow.follower_id}"


def pages_of_user(
    user_id: str, window: Window, now: int, dismissed: set[MessageId] | None = None
) -> Iterator[list[Notification]]:
    """Read a user's notifications in a window, lazily, page by page; add the ids that were dismissed to a set.

    Key `user_id`, `id` between, consistent; 1 RRU per 4 KB (some 30). Notifications that are dismissed, expired, or of
    a kind that this version does not know are left out.
    """
    if (bounds := window.bounds()) is None:
        return
    lowest, highest = bounds
    pages = wire.pages(
        NotificationItem,
        user_id,
        range_key_condition=NotificationItem.id.between(str(lowest), str(highest) + _DISMISSED),
        filter_condition=NotificationItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=window.limit,
        grows=True,
        consistent_read=True,
    )
    held: list[NotificationItem] = []
    for page in pages:
        items = held + [NotificationItem.from_raw_data(item) for item in page]
        # A dismissal is next to its notification, in either order, so the items of the last id wait for the next page.
        last = items[-1].id[:MESSAGE_ID_LENGTH] if items else ""
        held = [item for item in items if item.id[:MESSAGE_ID_LENGTH] == last]
        yield _without_dismissed(items[: len(items) - len(held)], dismissed)
    yield _without_dismissed(held, dismissed)


def _without_dismissed(items: Sequence[NotificationItem], dismissed: set[MessageId] | None) -> list[Notification]:
    found: list[Notification] = []
    for _, together in groupby(items, key=lambda item: item.id[:MESSAGE_ID_LENGTH]):
        beside = list(together)
        is_dismissed = len(beside) > 1 or beside[0].id.endswith(_DISMISSED)
        if is_dismissed and dismissed is not None:
            dismissed.add(MessageId.parse(beside[0].id[:MESSAGE_ID_LENGTH]))
        if not is_dismissed and (made := _notification(beside[0])) is not None:
            found.append(made)
    return found


def get(user_id: str, notification_id: MessageId) -> Notification | None:
    """Read a notification that is of a known kind and not dismissed: keys `<id>` and `<id>-`, consistent; 2 RRU."""
    key = str(notification_id)
    found = list(batch.get(NotificationItem, [(user_id, key), (user_id, key + _DISMISSED)], consistent=True))
    return _notification(found[0]) if [item.id for item in found] == [key] else None


def dismiss(several: Iterable[Notification]) -> None:
    """Put the marks that notifications are dismissed: keys `user_id`, `<id>-`; 1 WRU each."""
    marks = [
        NotificationItem(each.user_id, str(each.id) + _DISMISSED, expires_at=clock.ttl_seconds(each.expires_at))
        for each in several
    ]
    gather_all([mark.save for mark in marks])


def clear(user_id: str, below: MessageId, expires_at: int) -> None:
    """Put the mark that all notifications below an id are cleared: key `user_id`, `!cleared`; 1 WRU.

    It expires (s) when these notifications have expired.
    """
    NotificationItem(user_id, _CLEARED, cleared_to=str(below), expires_at=expires_at).save()


def cleared_to(user_id: str) -> MessageId:
    """Read the id below which all notifications are cleared: key `user_id`, `!cleared`, consistent; 1 RRU."""
    try:
        mark = NotificationItem.get(user_id, _CLEARED, consistent_read=True)
    except DoesNotExist:
        return LOWEST
    return MessageId.parse(mark.cleared_to or "")


def delete_some(user_id: str, limit: int) -> list[str]:
    """Delete at most `limit` items of a user; return their ids.

    Key `user_id`, consistent; 1 RRU per 4 KB, 1 WRU per item.
    """
    found = [item.id for item in NotificationItem.query(user_id, limit=limit, consistent_read=True)]
    batch.delete(NotificationItem, [(user_id, each) for each in found])
    return found


def _notification(item: NotificationItem) -> Notification | None:
    """Return the notification of an item, or None if this version does not know its kind."""
    kind = _KNOWN.get(item.kind or "")
    if kind is None:
        return None
    return Notification(
        user_id=item.user_id,
        id=MessageId.parse(item.id),
        kind=kind,
        expires_at=1000 * item.expires_at,
        message_id=MessageId.parse(item.message_id) if item.message_id else None,
        reason=item.reason,
    )
