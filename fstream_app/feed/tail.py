"""The tail: the newest part of the log, as a warm function remembers it (author → packed recent entries).

The tail is complete from its *floor* on: it has everything appended since that time. A cold function loads the newest
page. Each read that needs older entries extends it backwards, doubling the number of hours per step while they are
sparse. When it outgrows its capacity, it drops expired entries and, if that is not enough, its oldest ones, which
raises the floor.

Messages may be appended late and not in the order of their ids, so every refresh reads the last seconds (the *overlap*)
again and skips what is known. The *horizon*, floor + overlap, is a time of posting: every message posted since then is
in the tail. The log also says how late deliveries are (`fstream_app.feed.settling`).

The clock may jump. After a jump back, what the tail dropped or skipped by the wrong time may be live again, so it loads
the log as a cold function does.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from fstream_app.core import packing, settings
from fstream_app.core.ids import HIGHEST, MessageId, lowest_at
from fstream_app.core.packing import Activity
from fstream_app.core.parallel import gather_all
from fstream_app.core.warm import remembered
from fstream_app.feed.notes import Notes
from fstream_app.feed.rosters import UNKNOWN, Rosters, View
from fstream_app.feed.settling import Signals, patience
from fstream_app.feed.tagged import TagEntries, Tagged, time_of_newest
from fstream_app.messages import awaited
from fstream_app.messages.awaited import HOME
from fstream_app.messages.visibility import settled_before
from fstream_app.people import profiles
from fstream_app.repository import log
from fstream_app.repository import rosters as published
from fstream_app.repository.log import HOUR, Appended

logger = logging.getLogger(__name__)

PAGE = 2000
"""Limit of log items in one query: some 20 RRU if every message was appended on its own."""
_MOST_HOURS = 32
"""Limit of hours that one call of `extend` reads."""
_PAGES_PER_REFRESH = 20
_KEPT_WHEN_FULL = 0.8
_TAGGED_SHARE = 8
"""Of so many entries that may be kept, one more may be kept for hashtags."""

ReadLog = Callable[[int, int, int, int], list[Appended]]
"""`repository.log.read`: shard, since, before, limit."""
MakeRosters = Callable[[int], Rosters]
"""Makes the rosters of a tail that reads the log from an append time (ms) on."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tail's entries for some authors at one moment."""

    refreshed_at: int
    """Milliseconds; everything appended before this time was read."""
    horizon: MessageId
    """All messages from this id on are in it; older ones may be missing."""
    entries: dict[str, bytes] = field(default_factory=dict)
    """By author, packed like a head."""
    lag: int = 0
    """How late (ms) the fan-out has been recently; 0 if it is on time."""
    missing: MessageId = HIGHEST
    """The lowest id of a message that is known to be on its way."""
    rosters: View = UNKNOWN
    """Who may have messages below the horizon."""
    tagged: dict[str, TagEntries] = field(default_factory=dict)
    """By hashtag."""

    def settled_before(self, now: int) -> MessageId:
        """Return an exclusive upper bound of what home timelines can show to others at this time (ms)."""
        return min(settled_before(min(self.refreshed_at, now), self.lag), self.missing)


def _without_rosters(since: int) -> Rosters:
    return Rosters(since, overlap=0, room=0, longest=0)


class Tail:
    """The newest entries of the log, in memory. Thread-safe. Times are milliseconds.

    Args:
        read: reads the log.
        shards: number of shards of the log.
        capacity: number of entries above which entries are dropped.
        refresh_every: time between refreshes.
        overlap: how far back a refresh reads again: the time an append may take, plus clock skew.
        notes: writes and takes the log's notes.
        rosters: makes the rosters, which say who posted what is not in memory.
    """

    def __init__(
        self,
        read: ReadLog,
        *,
        shards: int,
        capacity: int,
        refresh_every: int,
        overlap: int,
        notes: Notes = Notes(),  # noqa: B008  # frozen
        rosters: MakeRosters = _without_rosters,
    ) -> None:
        self._read = read
        self._shards = shards
        self._capacity = capacity
        self._refresh_every = refresh_every
        self._overlap = overlap
        self._notes = notes
        self._make_rosters = rosters
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything, like a cold function."""
        self._start(0)

    def _start(self, floor: int) -> None:
        with self._lock:
            self._entries: dict[str, bytes] = {}
            self._tagged = Tagged(self._capacity // _TAGGED_SHARE)
            self._count = 0
            self._floor = floor
            self._rosters = self._make_rosters(floor)
            self._was_full = False
            self._hours = 1
            self._refreshed_at: int | None = None
            self._seen: dict[str, int] = {}
            self._signals = Signals()

    @property
    def count(self) -> int:
        """Number of entries in memory."""
        return self._count

    @property
    def floor(self) -> int:
        """Append time from which the tail is complete."""
        return self._floor

    def refresh(self, now: int) -> bool:
        """Read what was appended since the last refresh, unless that is recent enough.

        One query per shard, two right after a full hour; 0.5 RRU per 4 KB. A failure is logged, not raised: the caller
        reads the heads instead, and the next refresh tries again.

        Returns:
            Whether the tail can be relied on.
        """
        with self._refreshing:  # a thread that waited for another's refresh finds the tail fresh
            last = self._refreshed_at
            if last is not None and abs(now - last) < self._refresh_every:
                return True
            try:
                self._load(now, last)
            except Exception as error:  # noqa: BLE001
                logger.warning("tail not refreshed: %s", type(error).__name__)
                return False
            self._note_missing(now)
            self._publish(now)
            return True

    def extend(self, oldest: int, least: int = 1) -> None:
        """Extend the tail backwards, by a page of each of the next hours below the floor; 0.5 RRU per 4 KB.

        The first call reads one hour, or `least`. If all that each hour has fits into its page, the next call reads
        twice as many hours in parallel; otherwise one again.

        Nothing is read once everything posted since `oldest` is in memory. Once entries were dropped for lack of room,
        the log is not read either: the dropped ones may have append times above the floor, so extending would miss
        them. Instead, the rosters are extended backwards (`Rosters.fetch`). A failure is logged, not raised.
        """
        with self._refreshing:
            floor = self._floor
            oldest -= self._overlap
            if self._refreshed_at is None or floor <= oldest:
                return
            if self._was_full:
                self._fetch_rosters(oldest, self._refreshed_at)
                return
            hour, self._hours = (floor - 1) // HOUR * HOUR, max(self._hours, least)
            hours = [hour - HOUR * number for number in range(self._hours) if hour - HOUR * number + HOUR > oldest]
            try:
                found = gather_all([partial(self._hour, each, min(each + HOUR, floor)) for each in hours])
            except Exception as error:  # noqa: BLE001
                logger.warning("tail not extended: %s", type(error).__name__)
                return
            for each, (batches, reached) in zip(hours, found, strict=True):
                self._add(batches, floor=reached, now=self._refreshed_at)
                if reached > each or self._was_full:  # older hours would leave a gap
                    self._hours = 1
                    return
            self._hours = min(2 * self._hours, _MOST_HOURS)

    def _fetch_rosters(self, oldest: int, now: int) -> None:
        try:
            found = self._rosters.fetch(oldest, now)
        except Exception as error:  # noqa: BLE001  # a later read below the tail tries again
            logger.warning("rosters not loaded: %s", type(error).__name__)
            return
        with self._lock:
            self._rosters.take(found)

    def _hour(self, since: int, before: int) -> tuple[list[Appended], int]:
        """Read a page of one hour from every shard; return it and the append time from which nothing is missing."""
        pages = gather_all([partial(self._page, shard, since, before) for shard in range(self._shards)])
        return [batch for page, _ in pages for batch in page], max(reached for _, reached in pages)

    def snapshot(self, authors: Collection[str], tags: Collection[str] = ()) -> Snapshot:
        """Return what is known about these authors and hashtags."""
        with self._lock:
            if self._refreshed_at is None:
                return Snapshot(0, HIGHEST)
            entries = {author: packed for author in authors if (packed := self._entries.get(author))}
            missing = min(self._signals.missing(self._arrived, self._refreshed_at), default=HIGHEST)
            horizon = lowest_at(self._floor + self._overlap)
            rosters = self._rosters.view()
            tagged = self._tagged.of(tags)
            return Snapshot(self._refreshed_at, horizon, entries, self._signals.lag(), missing, rosters, tagged)

    def blind(self, now: int) -> Snapshot:
        """Return a snapshot without entries, for when the log cannot be read: only what is missing may be known."""
        with self._lock:
            missing = min(self._signals.missing(self._arrived, now), default=HIGHEST)
            return Snapshot(now, HIGHEST, lag=self._signals.lag(), missing=missing)

    def views_lag(self) -> int:
        """Return how late (ms) the function `views` has been recently; 0 if it was on time."""
        with self._lock:
            return self._signals.lag(of_views=True)

    def activity(self, author_id: str, now: int, since: int = 0) -> Activity:
        """Count an author's live messages in memory, posted at or after `since` (ms), without direct ones."""
        with self._lock:
            packed = self._entries.get(author_id, b"")
        return packing.activity(packed, now, since)

    def sample(self, number: int, chooser: Random) -> dict[str, bytes]:
        """Return the entries of some authors, chosen at random."""
        with self._lock:
            chosen = chooser.sample(list(self._entries), min(number, len(self._entries)))
            return {author_id: self._entries[author_id] for author_id in chosen}

    def most_used_tags(self, number: int, since: int, now: int) -> list[tuple[int, bytes]]:
        """Return hash and newest entries of the hashtags that most accounts use: see `Tagged.most_used`."""
        with self._lock:
            return self._tagged.most_used(number, since, now)

    def _load(self, now: int, last: int | None) -> None:
        is_cold = last is None or not -self._overlap <= now - last <= HOUR
        if last is None or is_cold:
            # Cold, idle for long, or back from the future: load the newest page, and older ones on demand.
            until = now + self._overlap
            since = (now - int(1000 * settings.get().settling_bound)) // HOUR * HOUR
            pages = 1 + until // HOUR - since // HOUR
        else:
            until, since = max(now, last) + self._overlap, min(now, last) - self._overlap
            pages = _PAGES_PER_REFRESH
        results = gather_all([partial(self._since, shard, since, until, pages) for shard in range(self._shards)])
        reached = max(floor for _, floor in results)
        batches = [batch for found, _ in results for batch in found]
        if is_cold or reached > since:
            self._start(reached)
        else:
            self._rosters.read_from(since)
        if self._notes.hear is not None:
            changing = {batch.changing for batch in batches if batch.changing and batch.key not in self._seen}
            self._notes.hear(changing, is_gapless=not (is_cold or reached > since))
        with self._lock:  # first: what the tail drops must be in the rosters
            for batch in batches:
                if batch.key not in self._seen:
                    self._rosters.add(batch)
            self._rosters.trim()
        self._add(batches, floor=self._floor, now=now)
        with self._lock:
            self._refreshed_at = now
            self._seen = {key: time for key, time in self._seen.items() if time >= now - 4 * self._overlap}

    def _note_missing(self, now: int) -> None:
        """Note in the log which messages this process has posted and not seen there, if that takes long."""
        if self._notes.write is None:
            return
        with self._lock:
            self._signals.missing(self._arrived, now)
            overdue = self._signals.overdue(now)
        if not overdue:
            return
        try:
            self._notes.write(overdue, now)
        except Exception as error:  # noqa: BLE001  # the next refresh tries again
            logger.warning("missing messages not noted: %s", type(error).__name__)
            return
        with self._lock:
            self._signals.noted(overdue, now)

    def _publish(self, now: int) -> None:
        """Publish the rosters if there is more than fits in memory; otherwise nobody needs them."""
        if not self._was_full:
            return
        try:
            self._rosters.publish(now)
        except Exception as error:  # noqa: BLE001  # another function does, or this one later
            logger.warning("rosters not published: %s", type(error).__name__)

    def _arrived(self, message_ids: Iterable[MessageId]) -> list[MessageId]:
        """Return the messages that are in the tail, and those posted before its floor, which it cannot know."""
        return [
            each
            for each in message_ids
            if each.time < self._floor or packing.contains(self._entries.get(each.author_id, b""), each)
        ]

    def _since(self, shard: int, since: int, until: int, pages: int) -> tuple[list[Appended], int]:
        """Read a shard back to `since`, at most `pages` pages; return the items and the append time reached."""
        found: list[Appended] = []
        reached = until
        for _ in range(pages):
            page, reached = self._page(shard, max(since, (reached - 1) // HOUR * HOUR), reached)
            found += page
            if reached <= since:
                break
        return found, reached

    def _page(self, shard: int, since: int, before: int) -> tuple[list[Appended], int]:
        """Read a page of one hour; return it and the append time from which nothing is missing."""
        page = self._read(shard, since, before, PAGE)
        return page, since if len(page) < PAGE else page[-1].appended_at

    def _add(self, batches: list[Appended], floor: int, now: int) -> None:
        with self._lock:
            for batch in batches:
                if batch.key not in self._seen:
                    self._seen[batch.key] = batch.appended_at
                    self._insert(batch.packed)
                    self._tagged.add(batch)
                    self._signals.add(batch)
            self._signals.prune(now)  # `extend` reads what was late hours ago
            self._floor = floor
            self._tagged.trim(now - self._overlap)
            if self._count > self._capacity:
                # With a margin, because the clock may jump back by less than the overlap without a reload.
                self._keep(lambda packed: packing.live_from(packed, now - self._overlap))
                if self._count > self._capacity * _KEPT_WHEN_FULL:  # else there is enough room
                    self._shrink()

    def _insert(self, packed: bytes) -> None:
        for entry in packing.unpack_log(packed):
            known = self._entries.get(entry.id.author_id, b"")
            grown = packing.insert(known, entry)
            if len(grown) > len(known):
                self._entries[entry.id.author_id] = grown
                self._count += 1

    def _shrink(self) -> None:
        """Drop the oldest entries down to 80 % of the capacity, so that the next sweep is not needed soon."""
        floor = time_of_newest(self._times, int(self._capacity * _KEPT_WHEN_FULL)) + 1
        self._was_full = True
        self._keep(lambda packed: packing.from_time(packed, floor))
        # What was dropped was posted before the new floor, so everything from the horizon (floor + overlap) on is kept.
        self._floor = max(self._floor, floor)

    def _keep(self, part: Callable[[bytes], bytes]) -> None:
        self._entries = {author: kept for author, packed in self._entries.items() if (kept := part(packed))}
        self._count = sum(packing.count(packed) for packed in self._entries.values())

    def _times(self) -> Iterator[int]:
        return (time for packed in self._entries.values() for time in packing.times(packed))


def watch(now: int) -> None:
    """Refresh the tail if a message of this process has waited too long, so that others learn of it."""
    if any(now - each.time > patience() for each in awaited.shared().ids(HOME, now)):
        shared().refresh(now)


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
        notes=Notes(write=log.note_awaited, hear=profiles.hear),
        rosters=partial(
            Rosters,
            overlap=int(1000 * current.tail_overlap),
            room=current.roster_memory * 1_000_000,
            longest=1000 * current.max_lifetime,
            store=published,
        ),
    )
