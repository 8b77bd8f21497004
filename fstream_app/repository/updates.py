"""Marks of edits, in the reactions table, whose stream function notifies the boosters of the message.

The mark `edited#<message id>` is among the author's reactions. It has the version that the edit made, and how far the
boosters have been notified of it. A later edit replaces it.
"""

from functools import partial
from heapq import merge
from itertools import islice
from typing import NamedTuple

from pynamodb.expressions.condition import Condition

from fstream_app.core import clock
from fstream_app.core.entities import Message, Part, ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, conditional, reactors
from fstream_app.tables import ReactionItem

EDITED = "edited"
"""The kind of the items of the reactions table that are marks of edits: `edited#<message id>`."""


class Update(NamedTuple):
    """An edit whose boosters are being notified."""

    message_id: MessageId
    version: int
    """The time of the edit (ms)."""
    time: int
    """The time of the next notifications (ms)."""
    after: str
    """The booster to whom the last one was sent; empty before the first."""
    round: int


def mark(message: Message) -> batch.Item:
    """Return the mark of a message that was just edited."""
    return ReactionItem(
        *_key(message.id),
        version=message.edited_at,
        time=message.edited_at,
        expires_at=clock.ttl_seconds(message.expires_at),
    )


def parse(reaction: str) -> MessageId | None:
    """Return the message of a mark, given by its sort key; None if it is the key of something else.

    Raises:
        ValueError: the mark names no message.
    """
    kind, _, text = reaction.partition("#")
    return MessageId.parse(text) if kind == EDITED else None


def read(message_id: MessageId) -> Update | None:
    """Read the mark of a message: key `user_id`, `edited#id`, consistent; 1 RRU."""
    for item in batch.get(ReactionItem, [_key(message_id)], consistent=True):
        version, time = int(item.version or 0), int(item.time or 0)
        return Update(message_id, version, time, item.after or "", int(item.round or 0))
    return None


def is_boosted(message: Message) -> bool:
    """Return whether anybody boosts a message: from its count, or as `boosters` if that is 0.

    The count does not have the boosts of the last moments.
    """
    return message.boosts_count > 0 or bool(_boosters(message.id, Part(1)))


def boosters(update: Update, limit: int) -> list[str]:
    """Read the next boosters of a message, private ones too, in the order of their ids.

    Index keys `favourite_of`, `user_id` above, eventually consistent; 1 RRU per 100.
    """
    return _boosters(update.message_id, Part(limit, update.after or None))


def _boosters(message_id: MessageId, part: Part) -> list[str]:
    both = gather_all([partial(_some, message_id, part, private=private) for private in (False, True)])
    return list(islice(merge(*both), part.limit))


def _some(message_id: MessageId, part: Part, *, private: bool) -> list[str]:
    return list(islice(reactors.by_message(ReactionKind.BOOST, message_id, part, private=private), part.limit))


def renew(update: Update, now: int) -> bool:
    """Change the time (ms) of the next notifications, unless the mark has changed: its key; 1 WRU. Return whether."""
    return conditional.update(_item(update), [ReactionItem.time.set(now)], _is_still(update))


def begin_next(update: Update, after: str, now: int) -> None:
    """Note that boosters have been notified up to one, unless the mark has changed: its key; 1 WRU.

    The stream function continues with this change.
    """
    actions = [
        ReactionItem.after.set(after),
        ReactionItem.time.set(now),
        ReactionItem.round.set(update.round + 1),
    ]
    conditional.update(_item(update), actions, _is_still(update))


def forget(update: Update) -> None:
    """Delete the mark, unless it has changed: its key; 1 WRU."""
    conditional.delete(_item(update), _is_still(update))


def _is_still(update: Update) -> Condition:
    first = ReactionItem.after.does_not_exist()
    same: Condition = (ReactionItem.version == update.version) & (ReactionItem.time == update.time)
    still: Condition = same & ((ReactionItem.after == update.after) if update.after else first)
    return still


def _item(update: Update) -> ReactionItem:
    return ReactionItem(*_key(update.message_id))


def _key(message_id: MessageId) -> tuple[str, str]:
    return message_id.author_id, f"{EDITED}#{message_id}"
