"""Rosters: which authors posted in which hour, so that a page below the tail opens only the heads that it needs.

A roster has all authors of the messages that were appended to the log in one hour, as Bloom filters: ten bits per
author. An author who is not in it certainly has no message there. A function adds to its own rosters what it reads from
the log for its tail. What was appended before it started, it loads from the rosters that longer-running functions
publish every few minutes.

**When is it certain that an author has nothing in a range?** A message posted at a time is appended later (by clocks
that differ by less than the overlap), perhaps much later. If everything that was appended since a time is in rosters,
then everything that was posted since that time + overlap is. Each group of a roster knows when its oldest and newest
messages were posted. So an author is certain to have nothing in a range if the rosters are complete down to its lower
end, and no group with messages in the range has the author. Late messages only widen a group's range.

**Times.** Rosters go by the times in the log, and by the reader's clock only to leave out what has expired, as the
entries of the tail and the heads do. A function with a wrong clock must not publish that it has read what it has not:
a roster is published up to the newest item that the function has seen in the log, and only if each refresh began at
something already seen.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import NamedTuple, Protocol

from fstream_app.core import ids, packing
from fstream_app.core.bloom import Filter, mask
from fstream_app.core.entities import Window
from fstream_app.core.ids import MAX_TIME, MessageId, lowest_at
from fstream_app.core.parallel import gather_all
from fstream_app.repository import rosters as stored
from fstream_app.repository.log import HOUR, Appended

LIFETIMES = (3_600, 86_400, packing.MAX_LIFETIME)
"""Classes of lifetimes, by their longest (seconds). The filters of a class are given up once its messages expired."""
FRESH = 120_000
"""Milliseconds after which a published roster is published again."""
LOOKS = 600_000
"""Milliseconds within which a function looks once, at random, whether a roster is to be published."""
RETRY = 30_000
"""Milliseconds after which a roster that was not found, or could not be read, is looked for again."""
STEP = 16_000_000
"""Bytes that one call of `fetch` loads, unless the first roster is larger."""
HEADERS = 8
"""Headers that one call of `fetch` reads."""
_MINUTE = 60_000
_LEAST = 4_096
ROOM = 1.3
"""How many more authors than in the hour before a filter has room for."""


class Store(Protocol):
    """Where rosters are published: `fstream_app.repository.rosters`."""

    def header(self, hour: int) -> stored.Header | None:
        """Read the header of an hour."""

    def read(self, hour: int, edition: str, group: stored.Group) -> bytes:
        """Read the filters of a group."""

    def put(self, hour: int, until: int, groups: Sequence[tuple[stored.Group, bytes]], expires_at: int) -> None:
        """Put a new edition."""


@dataclass(slots=True)
class Group:
    """The authors of an hour whose messages' lifetimes are in the same class."""

    filters: list[Filter]
    oldest: int
    """Time of posting of the oldest message (ms)."""
    newest: int
    expires_at: int
    """When the last message expires (ms)."""

    def add(self, time: int, author: int, expires_at: int) -> None:
        """Add a message's author. A full filter is followed by one that is twice as large."""
        self.oldest = min(self.oldest, time)
        self.newest = max(self.newest, time)
        self.expires_at = max(self.expires_at, expires_at)
        if self.filters[-1].is_full:
            self.filters.append(Filter(2 * self.filters[-1].count))
        self.filters[-1].add(author)

    def has(self, author: int, mask: int) -> bool:
        """Return whether an author (number and mask) is perhaps in it; False is certain."""
        return any(each.has(author, mask) for each in self.filters)

    @property
    def count(self) -> int:
        """Number of authors."""
        return sum(each.count for each in self.filters)

    @property
    def size(self) -> int:
        """Number of bytes of the filters."""
        return sum(each.size for each in self.filters)


Roster = dict[int, Group]
"""An hour's groups, by the longest lifetime of their class (seconds)."""


class Stage(NamedTuple):
    """A part of a timeline, and the authors whose heads are to be opened when a page gets there."""

    authors: Sequence[str]
    ends_at: MessageId | None
    """A bound, in reading order: no author who is left has a message before it. None if none is left to be opened."""
    is_known: bool = True
    """Whether rosters chose the authors; otherwise these are all that were left."""


@dataclass(frozen=True, slots=True)
class View:
    """The rosters at one moment."""

    complete_from: int = MAX_TIME
    """Everything posted since this time (ms) is in the groups, unless it was appended after the last refresh."""
    groups: Sequence[Group] = ()

    def stages(self, authors: Collection[str], window: Window, now: int) -> Iterator[Stage]:
        """Divide a window into stages, in reading order.

        A stage ends where a group begins, as soon as it has as many authors as the page has places. So most pages open
        one stage, and a page that is not full reaches the end of the window in a few.
        """
        if self.complete_from >= (window.after.time + 1 if window.oldest_first else window.before.time):
            yield Stage(list(authors), None, is_known=False)
            return
        left = {author: (number := ids.decode(author), mask(number)) for author in authors}
        due: list[str] = []
        for begins_at, group in self._in_order(window, now):
            if len(due) >= window.limit:
                yield Stage(due, begins_at)
                due = []
            found = [author for author, (number, bits) in left.items() if group.has(number, bits)]
            due += found
            for author in found:
                del left[author]
        if window.oldest_first or self.complete_from <= window.after.time:
            yield Stage(due, None)
            return
        yield Stage(due, lowest_at(self.complete_from))
        yield Stage(list(left), None, is_known=False)

    def _in_order(self, window: Window, now: int) -> list[tuple[MessageId, Group]]:
        """Return the groups that may have live messages in the window, each with the bound at which it begins."""
        low, high = window.after.time, window.before.time
        groups = [
            (each.oldest, each.newest, number)
            for number, each in enumerate(self.groups)
            if each.expires_at > now and each.newest >= max(low, self.complete_from) and each.oldest <= high
        ]
        if window.oldest_first:
            return [(max(lowest_at(oldest), window.after), self.groups[number]) for oldest, _, number in sorted(groups)]
        groups.sort(key=lambda each: each[1], reverse=True)
        return [(min(lowest_at(newest + 1), window.before), self.groups[number]) for _, newest, number in groups]


UNKNOWN = View()
"""A view without rosters: all heads are opened."""


class Rosters:
    """The rosters of a function's tail. The tail serializes the calls; `fetch` and `publish` read and write the store.

    Args:
        since: the append time (ms) from which the tail reads the log.
        overlap: as of the tail.
        room: how many bytes all filters may have; 0 to keep none.
        longest: how long a message may live (ms).
        store: where rosters are published; None to publish and load none.
    """

    def __init__(self, since: int, *, overlap: int, room: int, longest: int, store: Store | None = None) -> None:
        self._since = self._evident_since = self._complete_from = since
        self._overlap = overlap
        self._room = room
        self._longest = longest
        self._store = store
        self._own: dict[int, Roster] = {}
        self._loaded: dict[int, Roster] = {}
        self._newest = 0
        self._looks_at: int | None = None
        self._retries_at = 0
        self._headers = 1
        self._published: set[int] = set()

    def read_from(self, since: int) -> None:
        """Prepare for what a refresh has read from this append time (ms) on.

        If nothing was seen at that time or later, nothing proves that no item was missed: this function's clock may
        have been ahead. Such an hour is not published.
        """
        if since > self._newest:
            self._evident_since = since

    def add(self, batch: Appended) -> None:
        """Add the authors of an item of the log."""
        self._newest = max(self._newest, batch.appended_at)
        if not self._room or batch.appended_at < self._since:
            return
        hour = batch.appended_at // HOUR
        roster = self._own.setdefault(hour, {})
        for time, author, lifetime in packing.authors_in_log(batch.packed):
            if not lifetime:  # it was deleted before it was delivered
                continue
            lifetimes = next(longest for longest in LIFETIMES if lifetime <= longest)
            group = roster.get(lifetimes)
            if group is None:
                group = roster[lifetimes] = Group([Filter(self._expected(hour, lifetimes))], time, time, 0)
            group.add(time, author, time + 1000 * lifetime)

    def _expected(self, hour: int, lifetimes: int) -> int:
        """Return the number of authors to make room for: a little more than in the hour before."""
        loaded, own = self._loaded.get(hour - 1, {}).get(lifetimes), self._own.get(hour - 1, {}).get(lifetimes)
        known = min(HOUR, hour * HOUR - self._since)
        if own is not None and known >= _MINUTE:
            return max(_LEAST, int(ROOM * own.count * HOUR / known))
        return max(_LEAST, int(ROOM * loaded.count)) if loaded is not None else _LEAST

    def trim(self) -> None:
        """Give up what has expired, and the oldest hours if there is no room for all.

        Time is that of the log, not this function's: with a clock that is ahead, it would publish rosters without
        messages that are live.
        """
        for roster in (*self._own.values(), *self._loaded.values()):
            for lifetimes in [key for key, group in roster.items() if group.expires_at <= self._newest - self._overlap]:
                del roster[lifetimes]
        self._drop_until((self._newest - self._longest - self._overlap) // HOUR)
        while self.size > self._room:
            self._drop_until(1 + min(self._own.keys() | self._loaded.keys()))

    def _drop_until(self, hour: int) -> None:
        for rosters in (self._own, self._loaded):
            for each in [each for each in rosters if each < hour]:
                del rosters[each]
        self._complete_from = max(self._complete_from, hour * HOUR)
        self._since = max(self._since, hour * HOUR)

    @property
    def size(self) -> int:
        """Number of bytes of all filters."""
        rosters = (*self._own.values(), *self._loaded.values())
        return sum(group.size for roster in rosters for group in roster.values())

    def view(self) -> View:
        """Return the rosters as they are now."""
        rosters = (*self._own.values(), *self._loaded.values())
        groups = tuple(group for roster in rosters for group in roster.values())
        return View(self._complete_from + self._overlap, groups) if self._room else UNKNOWN

    def fetch(self, oldest: int, now: int) -> Mapping[int, Roster]:
        """Read the published rosters of some hours below those that are known, down to this append time (ms).

        0.5 RRU for each of at most 8 headers (first 1, then twice as many each time) and per 4 KB of filters. Nothing
        is read if all is known, if there is no room, or for a while after nothing was found or a read failed.

        Returns:
            Hour → roster, for `take`.
        """
        store = self._store
        waits = 0 < self._retries_at - now <= RETRY
        if store is None or not self._room or waits or self._complete_from <= oldest:
            return {}
        self._retries_at = now + RETRY  # unless all is read: a busy partition must not be asked for every page
        first = (self._complete_from - 1) // HOUR
        hours = range(first, max(oldest // HOUR, first - self._headers + 1) - 1, -1)
        headers = gather_all([partial(store.header, hour) for hour in hours])
        chosen = self._chosen(zip(hours, headers, strict=True))
        self._headers = min(2 * self._headers, HEADERS) if chosen else 1
        wanted = [(hour, header.edition, group) for hour, header, groups in chosen for group in groups]
        read = gather_all([partial(store.read, *each) for each in wanted])
        found: dict[int, Roster] = {hour: {} for hour, _, _ in chosen}
        for (hour, _, group), packed in zip(wanted, read, strict=True):
            found[hour][group.lifetimes] = _unpacked(group, packed)
        if chosen:
            self._retries_at = 0
        return found

    def _chosen(
        self, headers: Iterable[tuple[int, stored.Header | None]]
    ) -> list[tuple[int, stored.Header, list[stored.Group]]]:
        """Return hour, header and live groups of the rosters that leave no gap and for which there is room."""
        chosen: list[tuple[int, stored.Header, list[stored.Group]]] = []
        known_from, size, step = self._complete_from, self.size, 0
        for hour, header in headers:
            if header is None or header.until < known_from:
                break
            groups = [group for group in header.groups if group.expires_at > self._newest - self._overlap]
            step += sum(group.size for group in groups)
            if size + step > self._room or (chosen and step > STEP):
                break
            chosen.append((hour, header, groups))
            known_from = hour * HOUR
        return chosen

    def take(self, found: Mapping[int, Roster]) -> None:
        """Take in what `fetch` returned."""
        self._loaded.update(found)
        self._complete_from = min([self._complete_from, *(hour * HOUR for hour in found)])

    def publish(self, now: int) -> None:
        """Look once in a while whether a roster that this function has is to be published, and publish it.

        0.5 RRU per look; 1 WRU per KB for a roster.
        """
        if self._store is None or not self._room:
            return
        if self._looks_at is None or self._looks_at - now > LOOKS:
            self._looks_at = now + secrets.randbelow(LOOKS)
        if now < self._looks_at:
            return
        self._looks_at = now + secrets.randbelow(LOOKS)
        seen = self._newest - 2 * self._overlap
        first = -(-max(self._since, self._evident_since) // HOUR)
        for hour in range(max(first, seen // HOUR - 2), seen // HOUR + 1):
            if hour not in self._published:
                self._publish(self._store, hour, min(seen, (hour + 1) * HOUR))
        self._published = {hour for hour in self._published if hour >= seen // HOUR - 2}

    def _publish(self, store: Store, hour: int, until: int) -> None:
        end = (hour + 1) * HOUR
        header = store.header(hour)
        if header is None or header.until < (end if until == end else until - FRESH):
            groups = [_packed(lifetimes, group) for lifetimes, group in self._own.get(hour, {}).items()]
            store.put(hour, until, groups, end + self._longest)
        if until == end:
            self._published.add(hour)


def _packed(lifetimes: int, group: Group) -> tuple[stored.Group, bytes]:
    sizes, counts = (tuple(each) for each in zip(*((one.size, one.count) for one in group.filters), strict=True))
    header = stored.Group(lifetimes, group.oldest, group.newest, group.expires_at, sizes, counts, first=0)
    return header, b"".join(each.pack() for each in group.filters)


def _unpacked(group: stored.Group, packed: bytes) -> Group:
    ends = accumulate(group.sizes)
    parts = [packed[end - size : end] for size, end in zip(group.sizes, ends, strict=True)]
    filters = [Filter.unpack(part, count) for part, count in zip(parts, group.counts, strict=True)]
    return Group(filters, group.oldest, group.newest, group.expires_at)
