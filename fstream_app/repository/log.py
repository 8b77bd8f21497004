"""The log table: recent messages of all authors, in order of appending. A partition is an hour of a shard."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from fstream_app.core import clock, ids, packing
from fstream_app.core.packing import Entry
from fstream_app.repository import batch, wire
from fstream_app.tables import LogItem

HOUR = 3_600_000
"""Milliseconds."""
_TIME_LENGTH = 10
_RANDOM_LENGTH = 5
_ENTRIES_PER_ITEM = 2_000


class Appended(NamedTuple):
    """One item of the log."""

    key: str
    """Unique in the log: shard and sort key."""
    appended_at: int
    """Milliseconds, by the clock of the function that appended it."""
    packed: bytes


def _hour(time: int, shard: int) -> str:
    return f"{time // HOUR}#{shard}"


def _moment(time: int) -> str:
    return ids.encode(max(time, 0), _TIME_LENGTH)


def append(entries: Sequence[Entry], shard: int, now: int) -> None:
    """Append a fan-out batch: key `hour#shard`, time (ms) and 5 random characters; 1 WRU per 50 entries.

    An item holds at most 2,000 entries and expires with the last of its messages.
    """
    items = [
        LogItem(
            _hour(now, shard),
            _moment(now) + ids.encode(secrets.randbits(5 * _RANDOM_LENGTH), _RANDOM_LENGTH),
            entries=packing.pack_log(part),
            expires_at=clock.ttl_seconds(max(entry.expires_at for entry in part)),
        )
        for part in batch.chunks(entries, _ENTRIES_PER_ITEM)
    ]
    batch.put(items)


def read(shard: int, since: int, before: int, limit: int) -> list[Appended]:
    """Read the newest items of one hour and shard, newest first: key `hour#shard`, time in [since, before).

    Eventually consistent; 0.5 RRU per 4 KB. Both times (ms) must be in the same hour, or `before` the start of the next
    hour. Fewer than `limit` items mean that no more exist. Items of one millisecond are never split, even above the
    limit, so the next read can continue before the last item's time.
    """
    found: list[Appended] = []
    items = wire.query(
        LogItem,
        _hour(since, shard),
        range_key_condition=LogItem.appended_at.between(_moment(since), _moment(before)),
        scan_index_forward=False,
        limit=limit + 1,
    )
    for item in items:
        key = item["appended_at"]["S"]
        appended_at = ids.decode(key[:_TIME_LENGTH])
        if len(found) >= limit and appended_at != found[-1].appended_at:
            break
        found.append(Appended(f"{shard}#{key}", appended_at, item["entries"]["B"]))
    return found
