"""The log table: recent messages of all authors, in order of appending. A partition is an hour of a shard."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from fstream_app.core import clock, ids, packing, settings, tagging
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry
from fstream_app.repository import batch, wire
from fstream_app.tables import LogItem

HOUR = 3_600_000
"""Milliseconds."""
_TIME_LENGTH = 10
_RANDOM_LENGTH = 5
_ENTRIES_PER_ITEM = 2_000
_IDS_PER_NOTE = 2_000
_LEAST = 60_000
"""Milliseconds for which an item stays at least: readers must see it even if all its messages are gone."""


class Lag(NamedTuple):
    """How late a batch was: the ages (ms) of its oldest and its newest message, each 0 within the settling time."""

    oldest: int = 0
    newest: int = 0


NO_LAG = Lag()


class Appended(NamedTuple):
    """One item of the log."""

    key: str
    """Unique in the log: shard and sort key."""
    appended_at: int
    """Milliseconds, by the clock of the function that appended it."""
    packed: bytes
    lag: Lag = NO_LAG
    """How late the batch was; if nothing is packed, a batch of the function `views`."""
    awaited: Sequence[MessageId] = ()
    """Messages that a process has posted and not seen delivered."""
    tags: bytes = b""
    """Hashtags of the entries, packed (`core.tagging`); empty if an older version wrote the item."""
    changing: str | None = None
    """The beginning of the id of a user whose profile changes, or is hidden, within the next seconds."""


def _hour(time: int, shard: int) -> str:
    return f"{time // HOUR}#{shard}"


def _moment(time: int) -> str:
    return ids.encode(max(time, 0), _TIME_LENGTH)


def append(
    entries: Sequence[Entry],
    shard: int,
    now: int,
    tags: Mapping[MessageId, Collection[str]] = MappingProxyType({}),
    *,
    is_new: bool = True,
) -> None:
    """Append a fan-out batch: key `hour#shard`, time (ms) and 5 random characters; 1 WRU per KB.

    An entry takes 20 bytes, and each of its hashtags 6 more. An item holds at most 2,000 entries and expires with the
    last of its messages.

    Args:
        entries: the messages.
        shard: the shard of the log.
        now: milliseconds.
        tags: the hashtags of those that are public.
        is_new: whether they have just been posted; if so, timelines wait for those that are late.
    """
    late = lag((entry.id.time for entry in entries), now) if is_new else NO_LAG
    parts = list(batch.chunks(entries, _ENTRIES_PER_ITEM))
    items = [
        _item(shard, now, max(entry.expires_at for entry in part), entries=packing.pack_log(part), late=late)
        for part in parts
    ]
    for item, part in zip(items, parts, strict=True):
        item.tags = tagging.pack([tags.get(entry.id, ()) for entry in part])
    batch.put(items)


def append_scheduled(entries: Iterable[Entry], tags: Mapping[MessageId, Collection[str]]) -> None:
    """Put scheduled messages where they would be appended when they are due: key `hour#0`, the id; 1 WRU each.

    Every function reads shard 0, however many shards there are by then. A repeat overwrites the items.

    Args:
        entries: the messages.
        tags: the hashtags of those that are public.
    """
    batch.put(
        LogItem(
            _hour(entry.id.time, 0),
            str(entry.id),
            entries=packing.pack_log([entry]),
            tags=tagging.pack([tags.get(entry.id, ())]),
            expires_at=clock.ttl_seconds(max(entry.expires_at, entry.id.time + _LEAST)),
        )
        for entry in entries
    )


def remove_scheduled(message_id: MessageId) -> None:
    """Delete the item that `append_scheduled` has put: key `hour#0`, the id; 1 WRU. Idempotent."""
    LogItem(_hour(message_id.time, 0), str(message_id)).delete()


def lag(posted: Iterable[int], now: int) -> Lag:
    """Return how late a batch of messages posted at these times (ms) is.

    Messages older than the bound on settling do not count: timelines no longer wait for them.
    """
    current = settings.get()
    ages = [age for time in posted if (age := now - time) <= 1000 * current.settling_bound]
    if not ages:
        return NO_LAG
    return Lag(*(age if age > 1000 * current.settling_time else 0 for age in (max(ages), min(ages))))


def note_views_lag(late: Lag, shard: int, now: int) -> None:
    """Append how late the function `views` is: key as for `append`; 1 WRU."""
    _item(shard, now, now, late=late).save()


def note_awaited(message_ids: Collection[MessageId], now: int) -> None:
    """Append the ids of posted messages that are not delivered yet: key as for `append`, in shard 0; 1 WRU per 60."""
    packed = b"".join(message_id.pack() for message_id in sorted(message_ids)[:_IDS_PER_NOTE])
    _item(0, now, now, awaited=packed).save()


def note_change(users: str, now: int) -> None:
    """Append that a user whose id begins like this is about to change: key as for `append`, in shard 0; 1 WRU.

    It stays for two hours: functions that have not read the log for an hour forget all profiles.
    """
    _item(0, now, now + 2 * HOUR, changing=users).save()


def _item(
    shard: int,
    now: int,
    expires_at: int,
    *,
    entries: bytes | None = None,
    late: Lag = NO_LAG,
    awaited: bytes | None = None,
    changing: str | None = None,
) -> LogItem:
    return LogItem(
        _hour(now, shard),
        _moment(now) + ids.encode(secrets.randbits(5 * _RANDOM_LENGTH), _RANDOM_LENGTH),
        entries=entries,
        lag=late.oldest or None,
        newest_lag=late.newest or None,
        awaited=awaited,
        changing=changing,
        expires_at=clock.ttl_seconds(max(expires_at, now + _LEAST)),
    )


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
        found.append(_appended(shard, key, appended_at, item))
    return found


def _appended(shard: int, key: str, appended_at: int, item: wire.WireItem) -> Appended:
    return Appended(
        f"{shard}#{key}",
        appended_at,
        wire.value(item, "entries") or b"",
        Lag(int(wire.value(item, "lag") or 0), int(wire.value(item, "newest_lag") or 0)),
        packing.unpack_ids(wire.value(item, "awaited") or b""),
        wire.value(item, "tags") or b"",
        wire.value(item, "changing"),
    )
