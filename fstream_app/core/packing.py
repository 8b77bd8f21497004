"""Packed entries of heads and the log: the properties of a message that readers need before fetching it.

An entry in a head has 12 bytes, big-endian: 48 bits of time (ms), 16 bits that hold the id's 15 random bits, 24 bits of
lifetime (s), 8 bits of flags. The author is the head's key. An entry in the log has 20 bytes: the packed id (16 bytes)
replaces the time and the random bits. Decoding packed binary takes a sixth of the CPU time of maps and lists.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from fstream_app.core.ids import MAX_TIME, MessageId

HEAD_CAPACITY = 80
"""Maximum entries in a head. With key and expiry the item stays within 1 KB, so a write costs one unit."""
MAX_LIFETIME = (1 << 24) - 1
"""Longest lifetime that an entry can hold, in seconds (194 days)."""

MAX_ANCESTORS = 40
"""Maximum ancestors stored with a reply; the nearest are kept."""

_ID_SIZE = 16
_RANDOM_BITS = 15
_USER_BITS = 65
_USER_MASK = (1 << _USER_BITS) - 1
_HEAD_ENTRY = struct.Struct(">QI")
_LOG_ENTRY = struct.Struct(">16sI")
LOG_ENTRY_SIZE = _LOG_ENTRY.size
"""Bytes of an entry in the log."""
_VISIBILITY_MASK = 0b011
_REPLY_BIT = 0b100
_BOOST_BIT = 0b1000
_SCHEDULED_BIT = 0b10000
_NEVER = MAX_TIME + 1000 * MAX_LIFETIME
"""After the end of every message."""


class Visibility(IntEnum):
    """Who may read a message."""

    PUBLIC = 0
    UNLISTED = 1
    """Everybody, but not on public timelines."""
    PRIVATE = 2
    """Followers and mentioned users."""
    DIRECT = 3
    """Mentioned users only."""


_VISIBILITIES = tuple(Visibility)


class Entry(NamedTuple):
    """The properties of a message that heads and the log hold. Entries sort by id."""

    id: MessageId
    lifetime: int
    """Seconds."""
    visibility: Visibility
    is_reply: bool
    """Whether the message answers another user's message."""
    is_boost: bool = False
    """Whether it has no text of its own, and shows another message."""
    is_scheduled: bool = False
    """Whether the message was written before the time in its id, from which on it exists for readers."""

    @property
    def expires_at(self) -> int:
        """The millisecond from which no read returns the message."""
        return self.id.time + 1000 * self.lifetime

    def is_live(self, now: int) -> bool:
        """Return whether the message has not expired at this time (ms), and is due, if it was scheduled."""
        return now < self.expires_at and (not self.is_scheduled or self.id.time <= now)


class Activity(NamedTuple):
    """An author's live messages, except direct ones."""

    messages: int
    last: int | None
    """Time of the newest one (ms)."""


def _meta(entry: Entry) -> int:
    if not 0 <= entry.lifetime <= MAX_LIFETIME:
        raise ValueError("lifetime out of range")
    flags = (_REPLY_BIT if entry.is_reply else 0) | (_BOOST_BIT if entry.is_boost else 0)
    flags |= _SCHEDULED_BIT if entry.is_scheduled else 0
    return entry.lifetime << 8 | entry.visibility | flags


def _entry(message_id: MessageId, meta: int) -> Entry:
    visibility = _VISIBILITIES[meta & _VISIBILITY_MASK]
    is_reply, is_boost, is_scheduled = (bool(meta & bit) for bit in (_REPLY_BIT, _BOOST_BIT, _SCHEDULED_BIT))
    return Entry(message_id, meta >> 8, visibility, is_reply, is_boost, is_scheduled)


def _is_due(time: int, meta: int, now: int) -> bool:
    """Return whether a message with this time (ms) and these flags exists for readers at another time (ms)."""
    return time <= now or not meta & _SCHEDULED_BIT


def pack_head(entries: Iterable[Entry]) -> bytes:
    """Pack one author's entries, oldest first."""
    return b"".join(_pack_in_head(entry) for entry in sorted(entries))


def _pack_in_head(entry: Entry) -> bytes:
    return _HEAD_ENTRY.pack(entry.id.time << 16 | entry.id.random, _meta(entry))


def insert(packed: bytes, entry: Entry) -> bytes:
    """Insert an entry into its author's packed entries. Idempotent."""
    new = _pack_in_head(entry)
    size, stamp = _HEAD_ENTRY.size, new[:8]
    if packed[-size:][:8] < stamp:  # nearly always: the entry is the newest
        return packed + new
    place = bisect_left(range(len(packed) // size), stamp, key=lambda index: packed[size * index : size * index + 8])
    start = size * place
    if packed[start : start + 8] == stamp:
        return packed
    return packed[:start] + new + packed[start:]


def contains(packed: bytes, message_id: MessageId) -> bool:
    """Return whether a message is among its author's packed entries."""
    stamp, start = message_id.time << 16 | message_id.random, _place(packed, message_id.time)
    for found, _ in _HEAD_ENTRY.iter_unpack(packed[start:]):
        if found >= stamp:
            return bool(found == stamp)
    return False


def count(packed: bytes) -> int:
    """Count one author's packed entries."""
    return len(packed) // _HEAD_ENTRY.size


def newest(packed: bytes) -> int:
    """Return the time (ms) of one author's newest entry; 0 without entries."""
    return int.from_bytes(packed[-_HEAD_ENTRY.size :][:6])


def ascending(author_id: str, packed: bytes, above: int = 0) -> Iterator[Entry]:
    """Unpack one author's entries from this time (ms) on, lazily, oldest first.

    Raises:
        ValueError: the length is not a whole number of entries.
    """
    first = _place(packed, above)
    for stamp, meta in _HEAD_ENTRY.iter_unpack(packed[first:]):
        yield _entry(MessageId(stamp >> 16, author_id, stamp & 0x7FFF), meta)


def descending(author_id: str, packed: bytes, below: int = MAX_TIME) -> Iterator[Entry]:
    """Unpack one author's entries up to this time (ms, inclusive), lazily, newest first.

    Raises:
        ValueError: the length is not a whole number of entries.
    """
    size = _HEAD_ENTRY.size
    for start in range(_place(packed, below + 1) - size, -1, -size):
        stamp, meta = _HEAD_ENTRY.unpack_from(packed, start)
        yield _entry(MessageId(stamp >> 16, author_id, stamp & 0x7FFF), meta)


def _place(packed: bytes, time: int) -> int:
    """Return the byte offset of the first of one author's packed entries from this time (ms) on."""
    size = _HEAD_ENTRY.size
    if len(packed) % size:
        raise ValueError("not a packed head")
    if time > MAX_TIME:
        return len(packed)
    stamp = (max(time, 0) << 16).to_bytes(8)
    return size * bisect_left(
        range(len(packed) // size), stamp, key=lambda index: packed[size * index : size * index + 8]
    )


def times(packed: bytes) -> Iterator[int]:
    """Yield the times (ms) of one author's entries, oldest first."""
    return (stamp >> 16 for stamp, _ in _HEAD_ENTRY.iter_unpack(packed))


def live_from(packed: bytes, now: int, until: int | None = None) -> bytes:
    """Return one author's entries that are live at this time (ms), and that expire by another one (ms), if given.

    Those that are scheduled for later are among them.
    """
    most = _NEVER if until is None else until
    size = _HEAD_ENTRY.size
    return b"".join(
        packed[start : start + size]
        for start, (stamp, meta) in zip(range(0, len(packed), size), _HEAD_ENTRY.iter_unpack(packed), strict=True)
        if now < (stamp >> 16) + 1000 * (meta >> 8) <= most
    )


def without_boosts(packed: bytes) -> bytes:
    """Return one author's entries that are not boosts."""
    size = _HEAD_ENTRY.size
    return b"".join(
        packed[start : start + size]
        for start in range(0, len(packed), size)
        if not packed[start + size - 1] & _BOOST_BIT
    )


def find(packed: bytes, message_id: MessageId) -> Entry | None:
    """Return a message's entry among its author's packed entries."""
    above = ascending(message_id.author_id, packed, message_id.time)
    return next((entry for entry in above if entry.id == message_id), None)


def from_time(packed: bytes, time: int) -> bytes:
    """Return one author's entries from this time (ms) on."""
    return packed[_place(packed, time) :]


def activity(packed: bytes, now: int, since: int = 0) -> Activity:
    """Count one author's entries that are live at this time (ms), except direct messages, without unpacking them.

    Those posted before `since` (ms) are left out.
    """
    times = [
        stamp >> 16
        for stamp, meta in _HEAD_ENTRY.iter_unpack(packed)
        if since <= stamp >> 16
        and now < (stamp >> 16) + 1000 * (meta >> 8)
        and meta & _VISIBILITY_MASK != Visibility.DIRECT
        and _is_due(stamp >> 16, meta, now)
    ]
    return Activity(len(times), times[-1] if times else None)


def pack_log(entries: Iterable[Entry]) -> bytes:
    """Pack entries of any authors, keeping their order."""
    return b"".join(_LOG_ENTRY.pack(entry.id.pack(), _meta(entry)) for entry in entries)


def unpack_log(packed: bytes) -> Iterator[Entry]:
    """Unpack entries of any authors, in their packed order.

    Raises:
        ValueError: the length is not a whole number of entries.
    """
    if len(packed) % _LOG_ENTRY.size:
        raise ValueError("not a packed log batch")
    for message_id, meta in _LOG_ENTRY.iter_unpack(packed):
        yield _entry(MessageId.unpack(message_id), meta)


def authors_in_log(packed: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield time (ms), author (the number that the id encodes) and lifetime (s) of each entry, without unpacking it.

    Raises:
        ValueError: the length is not a whole number of entries.
    """
    if len(packed) % _LOG_ENTRY.size:
        raise ValueError("not a packed log batch")
    for message_id, meta in _LOG_ENTRY.iter_unpack(packed):
        number = int.from_bytes(message_id) >> _RANDOM_BITS
        yield number >> _USER_BITS, number & _USER_MASK, meta >> 8


def is_live_in_log(packed: bytes, now: int, until: int | None = None) -> bool:
    """Return whether one entry, packed as in the log, is live, or scheduled, at this time (ms), as for `live_from`."""
    message_id, meta = _LOG_ENTRY.unpack(packed)
    expires_at = int.from_bytes(message_id[:6]) + 1000 * (meta >> 8)
    return bool(now < expires_at <= (_NEVER if until is None else until))


def number_shown(entries: Iterable[bytes], now: int) -> int:
    """Count entries, each packed as in the log, that are live at this time (ms) and not scheduled for later."""
    unpacked = (entry for packed in entries for entry in unpack_log(packed))
    return sum(entry.is_live(now) for entry in unpacked)


def descend(ancestors: bytes, parent: MessageId) -> bytes:
    """Return a reply's packed ancestors, oldest first: its parent's ancestors and the parent, the nearest forty."""
    return (ancestors + parent.pack())[-_ID_SIZE * MAX_ANCESTORS :]


def has_id(packed: bytes, message_id: MessageId) -> bool:
    """Return whether packed ids include an id, without unpacking them."""
    wanted = message_id.pack()
    return any(packed[start : start + _ID_SIZE] == wanted for start in range(0, len(packed), _ID_SIZE))


def unpack_ids(packed: bytes) -> list[MessageId]:
    """Unpack ids, in their packed order.

    Raises:
        ValueError: the length is not a whole number of ids.
    """
    return [MessageId.unpack(packed[start : start + _ID_SIZE]) for start in range(0, len(packed), _ID_SIZE)]
