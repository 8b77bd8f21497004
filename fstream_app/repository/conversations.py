"""Conversations, in the timelines table: a user's direct messages, sent and received, are in `direct#<user>`.

Each entry names its conversation: a thread and a set of participants. A mark `!<conversation>` beside the entries says
how far the user has read or removed it, and when the user last marked it as unread.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from fstream_app.core import clock, ids, settings
from fstream_app.core.entities import Message, Window
from fstream_app.core.ids import CONVERSATION_ID_LENGTH, LOWEST, MESSAGE_ID_LENGTH, MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, conditional, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import TimelineItem

_MARK = "!"
_DIGEST_LENGTH = CONVERSATION_ID_LENGTH - MESSAGE_ID_LENGTH
"""Characters of a conversation's id after the id of its thread's first message: a digest of the participants' ids."""
_UNIT = 50
"""Entries of the first page; half a read unit reads some 35."""
_CONVERSATION = str(TimelineItem.conversation.attr_name)


class Entry(NamedTuple):
    """A direct message of a conversation."""

    message_id: MessageId
    conversation_id: str


class Mark(NamedTuple):
    """What a user has done with a conversation; LOWEST for nothing."""

    read_to: MessageId = LOWEST
    removed_to: MessageId = LOWEST
    unread_to: MessageId = LOWEST


def view(user_id: str) -> str:
    """Return the key of a user's direct messages."""
    return f"direct#{user_id}"


def participants(message: Message) -> list[str]:
    """Return the ids of a message's author and of the users that it mentions."""
    return list(dict.fromkeys([message.author_id, *(mention.user_id for mention in message.mentions)]))


def of_message(message: Message) -> str:
    """Return the id of a direct message's conversation."""
    digest = int.from_bytes(sha256("#".join(sorted(participants(message))).encode()).digest())
    return f"{message.thread or message.id}{ids.encode(digest % (1 << 5 * _DIGEST_LENGTH), _DIGEST_LENGTH)}"


def first_of(conversation_id: str) -> MessageId:
    """Return the id of the first message of a conversation's thread. Its entries are not below it.

    Raises:
        ValueError: the text can't be the id of a conversation.
    """
    if len(conversation_id) != CONVERSATION_ID_LENGTH:
        raise ValueError("not a conversation's id")
    return MessageId.parse(conversation_id[:MESSAGE_ID_LENGTH])


def views_of(message: Message) -> list[str]:
    """Return the keys under which a message is in conversations: one for each participant of a direct message."""
    return list(map(view, participants(message))) if message.visibility is Visibility.DIRECT else []


def items(message: Message) -> list[batch.Item]:
    """Return the entries of a message in its participants' conversations. A repeat overwrites them."""
    expires_at = clock.ttl_seconds(message.expires_at)
    return [
        TimelineItem(each, str(message.id), conversation=of_message(message), expires_at=expires_at)
        for each in views_of(message)
    ]


def pages(user_id: str, window: Window, now: int) -> Iterator[list[Entry]]:
    """Read a user's direct messages in a window, lazily, page by page.

    Key `timeline`, `message_id` between, eventually consistent; 0.5 RRU per 4 KB (some 35 entries). Entries that have
    expired are left out, to the second.
    """
    if (bounds := window.bounds()) is None:
        return
    lowest, highest = bounds
    read = wire.pages(
        TimelineItem,
        view(user_id),
        range_key_condition=TimelineItem.message_id.between(str(lowest), str(highest)),
        filter_condition=TimelineItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=_UNIT,
        grows=True,
    )
    for page in read:
        yield [Entry(MessageId.parse(item["message_id"]["S"]), item[_CONVERSATION]["S"]) for item in page]


def is_mark(item: WireItem) -> bool:
    """Return whether an item of the timelines table is a mark, not an entry."""
    return str(wire.value(item, "message_id")).startswith(_MARK)


def marks(user_id: str) -> Mapping[str, Mark]:
    """Read a user's marks by conversation: key `timeline`, beginning with `!`, consistent; 1 RRU per 4 KB (some 25)."""
    marked = TimelineItem.message_id.startswith(_MARK)
    found = wire.query(TimelineItem, view(user_id), range_key_condition=marked, consistent_read=True)
    return {
        item["message_id"]["S"].removeprefix(_MARK): Mark(*(_position(wire.value(item, name)) for name in Mark._fields))
        for item in found
    }


def _position(text: str | None) -> MessageId:
    return MessageId.parse(text) if text else LOWEST


def mark_read(user_id: str, conversation_id: str, to: MessageId, now: int) -> None:
    """Note that a user has read a conversation, unless further already: key `timeline`, `!<id>`; 1 WRU.

    The mark expires when everything posted before now has expired.
    """
    _move(TimelineItem.read_to, user_id, conversation_id, to, now)


def mark_answered(user_id: str, conversation_id: str, to: MessageId, now: int) -> None:
    """As `mark_read`, unless the user has marked the conversation as unread since the message `to` was posted."""
    unread = TimelineItem.unread_to
    _move(TimelineItem.read_to, user_id, conversation_id, to, now, unread.does_not_exist() | (unread < str(to)))


def mark_unread(user_id: str, conversation_id: str, now: int) -> None:
    """Note that a user has not read a conversation, even if the newest message is the user's own; as `mark_read`."""
    TimelineItem(view(user_id), _MARK + conversation_id).update(
        [
            TimelineItem.read_to.remove(),
            TimelineItem.unread_to.set(str(ids.highest_at(now))),
            TimelineItem.expires_at.set(_expiry(now)),
        ]
    )


def mark_removed(user_id: str, conversation_id: str, to: MessageId, now: int) -> None:
    """Note that a user has removed what a conversation contains; as `mark_read`."""
    _move(TimelineItem.removed_to, user_id, conversation_id, to, now)


def _move(
    position: UnicodeAttribute,
    user_id: str,
    conversation_id: str,
    to: MessageId,
    now: int,
    condition: Condition | None = None,
) -> None:
    is_ahead = position.does_not_exist() | (position < str(to))
    conditional.update(
        TimelineItem(view(user_id), _MARK + conversation_id),
        [position.set(str(to)), TimelineItem.expires_at.set(_expiry(now))],
        is_ahead if condition is None else is_ahead & condition,
    )


def _expiry(now: int) -> int:
    return clock.ttl_seconds(now + 1000 * settings.get().max_lifetime)


def forget(user_ids: Iterable[str], found: Iterable[Message]) -> None:
    """Delete the entries and marks of users in the conversations of some messages; 1 WRU each. Idempotent."""
    batch.delete(
        TimelineItem,
        {
            (view(user_id), key)
            for message in found
            for user_id in set(user_ids).intersection(participants(message))
            for key in (str(message.id), _MARK + of_message(message))
        },
    )


def delete_some(user_id: str, limit: int) -> Sequence[str]:
    """Delete at most `limit` entries and marks of a user; return their keys.

    Key `timeline`, consistent; 1 RRU per 4 KB, 1 WRU per item.
    """
    found = [item.message_id for item in TimelineItem.query(view(user_id), limit=limit, consistent_read=True)]
    batch.delete(TimelineItem, [(view(user_id), each) for each in found])
    return found
