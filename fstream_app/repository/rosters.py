"""Rosters in the log table: which authors posted in an hour, as Bloom filters. Warm functions write and read them.

A roster is stored as a header and parts. The header, in the partition `roster#hour`, names the current edition. The
edition's parts, each in a partition `roster#hour#number` of its own, are written before the header, and are never
changed. So a header leads to a complete edition, and many functions can load one at the same time.
"""

import secrets
from collections.abc import Sequence
from functools import partial

import msgspec

from fstream_app.core import clock, ids
from fstream_app.core.bloom import Filter
from fstream_app.core.parallel import gather_all
from fstream_app.repository import wire
from fstream_app.tables import LogItem

PART = 345_600
"""Bytes of a part; an item may have 400 KB."""
_PREFIX, _HEADER = "roster#", "header"
_RANDOM_LENGTH = 10


class Incomplete(Exception):
    """Not all parts of a roster can be read yet."""


class Group(msgspec.Struct, frozen=True, array_like=True):
    """The header of the messages whose lifetimes are in the same class."""

    lifetimes: int
    """The longest lifetime of the class (seconds)."""
    oldest: int
    """Time of posting of the oldest message (ms)."""
    newest: int
    expires_at: int
    """When the last message expires (ms)."""
    sizes: tuple[int, ...]
    """Bytes of each filter."""
    counts: tuple[int, ...]
    """Authors in each filter."""
    first: int
    """Number of the first part; the filters are stored one after the other."""

    @property
    def size(self) -> int:
        """Number of bytes of the filters."""
        return sum(self.sizes)


class Header(msgspec.Struct, frozen=True, array_like=True):
    """The header of an hour's roster."""

    until: int
    """It is complete for what was appended in this hour before this time (ms)."""
    edition: str
    groups: tuple[Group, ...]


_decode = msgspec.msgpack.Decoder(Header).decode
_encode = msgspec.msgpack.Encoder().encode


def header(hour: int) -> Header | None:
    """Read the header of an hour (counted from the epoch): key `roster#hour`; eventually consistent, 0.5 RRU."""
    found = _entries(_hour(hour), _HEADER)
    return _decode(found) if found else None


def read(hour: int, edition: str, group: Group) -> bytes:
    """Read the filters of a group: keys `roster#hour#number`, in parallel; eventually consistent, 0.5 RRU per 4 KB.

    Raises:
        Incomplete: this replica does not have all parts yet.
    """
    numbers = range(group.first, group.first + _parts(group.size))
    found = gather_all([partial(_entries, _part(hour, number), edition) for number in numbers])
    packed = b"".join(found)
    if len(packed) != group.size:
        raise Incomplete
    return packed


def put(hour: int, until: int, groups: Sequence[tuple[Group, bytes]], expires_at: int) -> None:
    """Put a new edition, parts in parallel and the header last; 1 WRU per KB.

    Args:
        hour: counted from the epoch.
        until: as in the header.
        groups: each group with its filters, one after the other. The number of its first part is filled in here.
        expires_at: when nothing of this hour can be live any more (ms). Until then the header says what was posted,
            even if that is nothing.
    """
    edition = ids.encode(secrets.randbits(5 * _RANDOM_LENGTH), _RANDOM_LENGTH)
    items: list[LogItem] = []
    numbered: list[Group] = []
    for group, packed in groups:
        numbered.append(msgspec.structs.replace(group, first=len(items)))
        items += [
            _item(
                _part(hour, len(items) + number), edition, packed[PART * number : PART * (number + 1)], group.expires_at
            )
            for number in range(_parts(len(packed)))
        ]
    gather_all([item.save for item in items])
    _item(_hour(hour), _HEADER, _encode(Header(until, edition, tuple(numbered))), expires_at).save()


def is_part(item: wire.WireItem) -> bool:
    """Return whether an item of the log table belongs to a roster."""
    return str(wire.value(item, "hour")).startswith(_PREFIX)


def is_readable(item: wire.WireItem) -> bool:
    """Return whether a roster's header or part can be decoded."""
    packed = wire.value(item, "entries") or b""
    try:
        if wire.value(item, "appended_at") == _HEADER:
            return bool(_decode(packed))
        return bool(Filter.unpack(packed, 0))
    except (ValueError, msgspec.MsgspecError):
        return False


def _hour(hour: int) -> str:
    return f"{_PREFIX}{hour}"


def _part(hour: int, number: int) -> str:
    return f"{_PREFIX}{hour}#{number}"


def _parts(size: int) -> int:
    return -(-size // PART)


def _entries(key: str, range_key: str) -> bytes:
    found = list(wire.query(LogItem, key, range_key_condition=LogItem.appended_at == range_key))
    packed: bytes = wire.value(found[0], "entries") if found else b""
    return packed


def _item(key: str, range_key: str, entries: bytes, expires_at: int) -> LogItem:
    return LogItem(key, range_key, entries=entries, expires_at=clock.ttl_seconds(expires_at))
