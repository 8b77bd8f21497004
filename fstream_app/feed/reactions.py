"""What follows from changes of reactions: counts and notifications, and the counts of deleted replies.

As in `fstream_app.feed.edges`, each step looks at the reaction as it is now, and may be repeated, in any order.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core import metrics
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import notifying
from fstream_app.messages import endings, notifications
from fstream_app.repository import messages, reactions, relationships, users, votes
from fstream_app.repository import notifications as notification_items
from fstream_app.repository.counting import Key
from fstream_app.repository.reactions import Stored

logger = logging.getLogger(__name__)

_NOTIFYING = {
    ReactionKind.FAVOURITE: NotificationKind.FAVOURITE,
    ReactionKind.BOOST: NotificationKind.REBLOG,
}
"""The notifications of the message's author that reactions cause."""


class Reacted(NamedTuple):
    """A reaction that was put or changed, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    key: Key


def parse(sequence: str, user_id: str, reaction: str) -> Iterator[Reacted]:
    """Yield a change by its record's sequence number and keys, if this version knows the kind of the reaction.

    Raises:
        ValueError: the reaction names no message.
    """
    key = user_id, reaction
    if reactions.is_known(key):
        MessageId.parse(reactions.parse(reaction)[1])
        yield Reacted(sequence, key)


def deliver(changes: Sequence[Reacted], now: int) -> set[str]:
    """Count reactions, notify authors of them, and subtract deleted replies.

    Reactions of users who are leaving or gone, and to messages that are gone, are removed; so are the wrappers of such
    boosts.

    Per reaction: RRU: 3 and 1 per message for a new one, 3 for one that is counted. WRU: 2 for the reaction and 2 for
    each message, per transaction of up to 100 items, and 1 for the notification.

    Returns:
        The sequence numbers of the changes to be retried.
    """
    try:
        again = _react({change.key for change in changes}, now)
    except Exception as error:  # noqa: BLE001
        logger.warning("reactions to be counted again: %s", type(error).__name__)
        return {change.sequence for change in changes}
    return {change.sequence for change in changes if change.key in again}


def _react(keys: Collection[Key], now: int) -> set[Key]:
    found = reactions.read(keys)
    live = [each for each in found if not each.ended and each.kind]
    written, staying = gather(
        partial(messages.get_many, {each.message_id for each in live if each.kind is not ReactionKind.BOOKMARK}),
        partial(users.staying, {each.user_id for each in live if each.pending or each.kind is ReactionKind.BOOKMARK}),
    )
    refused = {
        each.key
        for each in live
        if (each.pending and not _is_wanted(each, written.get(each.message_id)))
        or (each.user_id not in staying and (each.pending or each.kind is ReactionKind.BOOKMARK))
    }
    reactions.end(refused)
    now_found = [each._replace(ended=True) if each.key in refused else each for each in found]
    reactions.retract(now_found)
    uncounted = [each for each in now_found if each.pending and not each.ended]
    ids = _ids(uncounted, now) | _ends(uncounted, written, now)
    settled, again = reactions.settle(now_found, ids)
    _notify(settled, ids, written, now)
    return again


def _is_wanted(new: Stored, message: Message | None) -> bool:
    """Return whether the message of a new reaction exists, and has the poll to which a vote belongs."""
    if message is None or new.kind is not ReactionKind.VOTE:
        return message is not None
    return message.poll is not None and message.poll.version == votes.parse(new.reaction).version


def _ends(uncounted: Sequence[Stored], written: Mapping[MessageId, Message], now: int) -> dict[Key, MessageId]:
    """Return the ids of the notifications that polls have ended, by the first votes of those to notify."""
    first = [each for each in uncounted if each.kind is ReactionKind.VOTE and votes.parse(each.reaction).is_first]
    due = [(each, written[each.message_id]) for each in first]
    return {
        each.key: endings.id_at(message, poll, max(now, ends_at))
        for each, message in due
        for poll, ends_at in filter(None, [endings.due(message)])
    }


def _ids(uncounted: Sequence[Stored], now: int) -> dict[Key, MessageId]:
    """Return the ids of the notifications of reactions; none where the author is the user or has muted the user's.

    1 RRU each. Blocks are not checked: the request has read the message for this user.
    """
    notifying = ((_NOTIFYING.get(each.kind), each) for each in uncounted if each.kind)
    others = [(kind, each) for kind, each in notifying if kind and each.user_id != each.message_id.author_id]
    muting = gather_all([partial(_is_muted, each, now) for _, each in others])
    ids: dict[Key, MessageId] = {}
    for kind, each in (other for other, is_muted in zip(others, muting, strict=True) if not is_muted):
        time = now
        while (made := notifications.reaction_id(kind, each.user_id, each.message_id, time)) in ids.values():
            time += 1
        ids[each.key] = made
    return ids


def _is_muted(reaction: Stored, now: int) -> bool:
    author_id = reaction.message_id.author_id
    muting = relationships.between(author_id, [reaction.user_id], now, [EdgeKind.MUTE]).muting_notifications
    return reaction.user_id in muting


def _notify(
    settled: Sequence[Stored], ids: Mapping[Key, MessageId], written: Mapping[MessageId, Message], now: int
) -> None:
    """Put the notifications of reactions that are not stored yet."""
    made: dict[Key, Notification] = {
        each.key: notification
        for each in settled
        if each.message_id in written and (notification := _made(each, written[each.message_id]))
    }
    known = {(each.user_id, each.id): key for key, each in made.items() if ids.get(key) != each.id}
    new = [each for key, each in made.items() if ids.get(key) == each.id]
    missing = notification_items.missing([made[key] for key in known.values()]) if known else []
    late = gather_all([partial(_again, known[each.user_id, each.id], each, now) for each in missing])
    wanted = new + [each for each in late if each is not None]
    notifying.deliver(wanted, now)
    metrics.count(Metric.DELIVERIES, len(wanted))


def _made(settled: Stored, message: Message) -> Notification | None:
    if settled.notification_id is None:
        return None
    if settled.kind is ReactionKind.VOTE:
        return endings.of_poll(message, settled.user_id, settled.notification_id)
    kind = _NOTIFYING.get(settled.kind) if settled.kind else None
    return notifications.of_reaction(kind, message, settled.notification_id) if kind else None


def _again(key: Key, missing: Notification, now: int) -> Notification | None:
    """Return a notification whose id is stored, as it arrives now; None if the reaction has changed meanwhile."""
    if missing.message_id is None or not notifications.is_late(missing.id.time, now):
        return missing
    new = missing.id._replace(time=now)
    return msgspec.structs.replace(missing, id=new) if reactions.renew(key, missing.id, new) else None
