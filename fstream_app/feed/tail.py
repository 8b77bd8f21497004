"""The tail of the log, as a warm function remembers it: author → packed recent entries.

It is complete from its floor on, an append time. A cold function loads the newest page; each read that needs more
makes it reach further down, over the more hours at a time the less is in them. When it grows beyond its bound it
forgets what has expired, and if that is not enough, its floor rises. Records may be appended late and not in the order
of their ids, so every refresh reads the last seconds again; what is there already is skipped.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial

from fstream_app.core import packing, settings
from fstream_app.core.ids import HIGHEST, MessageId, lowest_at
from fstream_app.core.packing import Activity
from fstream_app.core.parallel import gather_all
from fstream_app.core.warm import remembered
from fstream_app.repository import log
from fstream_app.repository.log import HOUR, Appended

logger = logging.getLogger(__name__)

PAGE = 2000
"""Items of the log in one query: some 20 RRU where all posts come in batches of their own."""
_MOST_HOURS = 32
"""How far a read makes it reach down at most."""
_PAGES_A_REFRESH = 20
_KEPT_WHEN_FULL = 0.8
_MINUTE = 60_000

ReadLog = Callable[[int, int, int, int], list[Appended]]
"""`repository.log.read`: shard, above, below, limit."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the tail knew at one moment of some authors."""

    refreshed_at: int
    """Milliseconds; all that was appended before has been seen."""
    horizon: MessageId
    """Messages from this id on are all in it; older ones may be missing."""
    entries: dict[str, bytes] = field(default_factory=dict)
    """Packed as a head is."""

    @classmethod
    def unknown(cls, now: int) -> "Snapshot":
        """Return what is known where the tail cannot be relied on: nothing."""
        return cls(now, HIGHEST)


class Tail:
    """The memory of the log; safe for threads. Times are milliseconds."""

    def __init__(self, read: ReadLog, *, shards: int, capacity: int, refresh_every: int, overlap: int) -> None:
        self._read = read
        self._shards = shards
        self._capacity = capacity
        self._refresh_every = refresh_every
        self._overlap = overlap
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything, as a cold function would have it."""
        with self._lock:
            self._entries: dict[str, bytes] = {}
            self._count = 0
            self._floor = 0
            self._was_full = False
            self._hours = 1
            self._refreshed_at: int | None = None
            self._seen: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many entries it remembers."""
        return self._count

    @property
    def floor(self) -> int:
        """The append time from which it is complete."""
        return self._floor

    def refresh(self, now: int) -> bool:
        """Read what was appended since, if the last time was long enough ago.

        One query a shard, two right after a full hour; 0.5 RRU per 4 KB. A failure is no error: the next read tries
        again, and this one goes by the heads.

        Returns:
            Whether the tail can be relied on.
        """
        with self._refreshing:  # whoever waited for another's refresh finds it fresh
            last = self._refreshed_at
            if last is not None and 0 <= now - last < self._refresh_every:
                return True
            try:
                self._load(now, last)
            except Exception as error:  # noqa: BLE001
                logger.warning("tail not refreshed: %s", type(error).__name__)
                return False
            return True

    def extend(self, oldest: int) -> None:
        """Reach a page of an hour further down than the floor, but not below `oldest`, nor after it was full.

        `oldest` is a time of posting; from there on all is known in the end.

        Where all that is in an hour fits into a page, the next time reaches over twice as many hours, at the same time.
        What was forgotten when it was full is not all below the floor by its time of appending, so it could not be
        found again.
        """
        with self._refreshing:
            floor = self._floor
            oldest -= self._overlap
            if self._refreshed_at is None or self._was_full or floor <= oldest:
                return
            hour = (floor - 1) // HOUR * HOUR
            hours = [hour - HOUR * number for number in range(self._hours) if hour - HOUR * number + HOUR > oldest]
            try:
                found = gather_all([partial(self._hour, each, min(each + HOUR, floor)) for each in hours])
            except Exception as error:  # noqa: BLE001
                logger.warning("tail not extended: %s", type(error).__name__)
                return
            for each, (batches, reached) in zip(hours, found, strict=True):
                self._add(batches, floor=reached, now=self._refreshed_at)
                if reached > each or self._was_full:  # what lies further down would leave a gap
                    self._hours = 1
                    return
            self._hours = min(2 * self._hours, _MOST_HOURS)

    def _hour(self, above: int, below: int) -> tuple[list[Appended], int]:
        """Read a page of one hour from all shards; return it and the append time down to which nothing is missing."""
        pages = gather_all([partial(self._page, shard, above, below) for shard in range(self._shards)])
        return [batch for page, _ in pages for batch in page], max(reached for _, reached in pages)

    def snapshot(self, authors: Collection[str]) -> Snapshot:
        """Return what is known of these authors."""
        with self._lock:
            if self._refreshed_at is None:
                return Snapshot(0, HIGHEST)
            entries = {author: packed for author in authors if (packed := self._entries.get(author))}
            return Snapshot(self._refreshed_at, lowest_at(self._floor + self._overlap), entries)

    def activity(self, author_id: str, now: int) -> Activity:
        """Count the live messages of an author that are remembered."""
        with self._lock:
            packed = self._entries.get(author_id, b"")
        return packing.activity(packed, now)

    def _load(self, now: int, last: int | None) -> None:
        until = now + self._overlap
        if last is None or now - last > HOUR:
            # Nothing known, or asleep for long: the newest page will do, the rest when it is needed.
            since, pages = now // HOUR * HOUR, 1 + (until // HOUR != now // HOUR)
        else:
            since, pages = last - self._overlap, _PAGES_A_REFRESH
        results = gather_all([partial(self._since, shard, since, until, pages) for shard in range(self._shards)])
        reached = max(floor for _, floor in results)
        if last is None or reached > since or now - last > HOUR:
            self.clear()
            self._floor = reached
        self._add([batch for found, _ in results for batch in found], floor=self._floor, now=now)
        with self._lock:
            self._refreshed_at = now
            self._seen = {key: time for key, time in self._seen.items() if time >= now - 4 * self._overlap}

    def _since(self, shard: int, since: int, until: int, pages: int) -> tuple[list[Appended], int]:
        """Read a shard down to `since`, at most so many pages; return what was found and how far it reached."""
        found: list[Appended] = []
        reached = until
        for _ in range(pages):
            page, reached = self._page(shard, max(since, (reached - 1) // HOUR * HOUR), reached)
            found += page
            if reached <= since:
                break
        return found, reached

    def _page(self, shard: int, above: int, below: int) -> tuple[list[Appended], int]:
        """Read a page of one hour; return it and the append time down to which nothing is missing."""
        page = self._read(shard, above, below, PAGE)
        return page, above if len(page) < PAGE else page[-1].appended_at

    def _add(self, batches: list[Appended], floor: int, now: int) -> None:
        with self._lock:
            for batch in batches:
                if batch.key not in self._seen:
                    self._seen[batch.key] = batch.appended_at
                    self._insert(batch.packed)
            self._floor = floor
            if self._count > self._capacity:
                self._keep(lambda packed: packing.live_from(packed, now))
                if self._count > self._capacity * _KEPT_WHEN_FULL:  # else there is room for a while
                    self._shrink()

    def _insert(self, packed: bytes) -> None:
        for entry in packing.unpack_log(packed):
            known = self._entries.get(entry.id.author_id, b"")
            grown = packing.insert(known, entry)
            if len(grown) > len(known):
                self._entries[entry.id.author_id] = grown
                self._count += 1

    def _shrink(self) -> None:
        """Forget the oldest fifth and more: one sweep now, none for a while."""
        floor = self._time_of_newest(int(self._capacity * _KEPT_WHEN_FULL)) + 1
        self._was_full = True
        self._keep(lambda packed: packing.from_time(packed, floor))
        # An id's time precedes its append time, by at most the overlap's clock skew the other way.
        self._floor = max(self._floor, floor)

    def _keep(self, part: Callable[[bytes], bytes]) -> None:
        self._entries = {author: kept for author, packed in self._entries.items() if (kept := part(packed))}
        self._count = sum(packing.count(packed) for packed in self._entries.values())

    def _time_of_newest(self, number: int) -> int:
        """Return the time of the oldest among so many newest entries."""
        # By the minute first: to sort the times of millions of entries takes more memory than these.
        minutes = Counter(time // _MINUTE for time in self._times())
        for minute in sorted(minutes, reverse=True):
            if minutes[minute] >= number:
                break
            number -= minutes[minute]
        return sorted(time for time in self._times() if time // _MINUTE == minute)[-number]

    def _times(self) -> Iterator[int]:
        return (time for packed in self._entries.values() for time in packing.times(packed))


@remembered
def shared() -> Tail:
    """Return this function's tail."""
    current = settings.get()
    return Tail(
        log.read,
        shards=current.log_shards,
        capacity=current.tail_entries,
        refresh_every=int(1000 * current.tail_refresh),
        overlap=int(1000 * current.tail_overlap),
    )
