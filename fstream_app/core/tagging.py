"""The hashtags of the log's entries: which public messages have which hashtag, as far as a small hash tells.

A log item has a byte for the format and 6 bytes for each hashtag of an entry, big-endian: 16 bits of the entry's place
among the item's entries, 32 bits of a hash of the hashtag's normalised name. Two hashtags may have the same hash, so
what is found by it is only a candidate: the message itself says which hashtags it has.
"""

import struct
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b

from fstream_app.core import ids, packing
from fstream_app.core.ids import MAX_TIME, MessageId
from fstream_app.core.packing import Entry

_FORMAT = b"\x01"
"""The first byte. Items of versions that knew no hashtags do not have it."""
_TAG = struct.Struct(">HI")
_HASH_BYTES = 4
_ID_DIGEST, ID_LENGTH = 8, 13
"""Bytes of the hash that is a hashtag's id, and its characters in base32."""
SIZE = packing.LOG_ENTRY_SIZE
"""Bytes of an entry, packed as in the log."""
_TIME_BYTES = 6
_ID_BYTES = 16


def hash_of(name: str) -> int:
    """Return the hash of a hashtag, given by its normalised name."""
    return _digest(name, _HASH_BYTES)


def id_of(name: str) -> str:
    """Return the id of a hashtag for clients: always the same for a normalised name."""
    return ids.encode(_digest(name, _ID_DIGEST), ID_LENGTH)


def _digest(name: str, size: int) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=size).digest())


def pack(names: Sequence[Collection[str]]) -> bytes:
    """Pack the hashtags of a log item's entries, given for each entry in turn."""
    tags = (_TAG.pack(place, hash_of(name)) for place, some in enumerate(names) for name in some)
    return _FORMAT + b"".join(tags)


def is_known(tags: bytes) -> bool:
    """Return whether packed hashtags of a log item are all that its entries have; not if another version wrote it."""
    return tags.startswith(_FORMAT)


def unpack(packed: bytes, tags: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each hashtag's hash with its entry, packed as in the log.

    Args:
        packed: a log item's entries.
        tags: their hashtags, which are known.

    Raises:
        ValueError: the length is not a whole number of hashtags.
    """
    if len(tags) % _TAG.size != len(_FORMAT):
        raise ValueError("not packed hashtags")
    for place, number in _TAG.iter_unpack(tags[len(_FORMAT) :]):
        yield number, packed[SIZE * place : SIZE * (place + 1)]


def insert(packed: bytes, entry: bytes) -> bytes:
    """Insert an entry into sorted ones of any authors, all packed as in the log. Idempotent."""
    message_id = entry[:_ID_BYTES]
    if packed[-SIZE:] < message_id:  # nearly always: the entry is the newest
        return packed + entry
    start = _place(packed, message_id)
    known = packed[start : start + _ID_BYTES] == message_id
    return packed if known else packed[:start] + entry + packed[start:]


def has(packed: bytes, message_id: MessageId) -> bool:
    """Return whether a message is among sorted entries."""
    key = message_id.pack()
    start = _place(packed, key)
    return packed[start : start + _ID_BYTES] == key


def ascending(packed: bytes, above: int = 0) -> Iterator[Entry]:
    """Unpack sorted entries from this time (ms) on, lazily, oldest first."""
    for start in range(_from(packed, above), len(packed), SIZE):
        yield from packing.unpack_log(packed[start : start + SIZE])


def descending(packed: bytes, below: int = MAX_TIME) -> Iterator[Entry]:
    """Unpack sorted entries up to this time (ms, inclusive), lazily, newest first."""
    for start in range(_from(packed, below + 1) - SIZE, -1, -SIZE):
        yield from packing.unpack_log(packed[start : start + SIZE])


def times(packed: bytes) -> Iterator[int]:
    """Yield the times (ms) of sorted entries, oldest first."""
    return (int.from_bytes(packed[start : start + _TIME_BYTES]) for start in range(0, len(packed), SIZE))


def newest(packed: bytes) -> int:
    """Return the time (ms) of the newest of sorted entries. There must be at least one."""
    return int.from_bytes(packed[-SIZE:][:_TIME_BYTES])


def latest(packed: bytes, number: int) -> bytes:
    """Return at most `number` of sorted entries, the newest ones."""
    return packed[-SIZE * number :]


def authors(packed: bytes, since: int, now: int) -> set[int]:
    """Return the authors, as ids encode them, of live entries that were posted after a time, and until now (ms)."""
    entries = packing.authors_in_log(packed)
    return {author for time, author, lifetime in entries if since < time <= now < time + 1000 * lifetime}


def from_time(packed: bytes, time: int) -> bytes:
    """Return sorted entries from this time (ms) on."""
    return packed[_from(packed, time) :]


def live_from(packed: bytes, now: int, until: int | None = None) -> bytes:
    """Return the entries that are live at this time (ms), and that expire by another one (ms), if given."""
    entries = (packed[start : start + SIZE] for start in range(0, len(packed), SIZE))
    return b"".join(entry for entry in entries if packing.is_live_in_log(entry, now, until))


def _from(packed: bytes, time: int) -> int:
    return len(packed) if time > MAX_TIME else _place(packed, max(time, 0).to_bytes(_TIME_BYTES))


def _place(packed: bytes, key: bytes) -> int:
    """Return the byte offset of the first entry that is not below a key."""
    return SIZE * bisect_left(range(0, len(packed), SIZE), key, key=lambda start: packed[start : start + SIZE])
