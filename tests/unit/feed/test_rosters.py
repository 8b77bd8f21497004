"""Rosters: a page below the tail opens only the heads that it needs, and never misses a message."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from fstream_app.core import ids, packing
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import rosters, sources, tail
from fstream_app.feed.rosters import Rosters, View
from fstream_app.feed.sources import Heads
from fstream_app.feed.tail import Tail
from fstream_app.messages.paging import consider
from fstream_app.messages.sources import Candidate, Merge
from fstream_app.repository import heads
from fstream_app.repository import rosters as stored
from fstream_app.repository.log import HOUR, Appended

START = 500_000 * HOUR
OVERLAP = 5_000
MINUTE = 60_000
DAY = 24 * HOUR
WEEK = 7 * DAY
EVERYTHING = Window()
AUTHORS = [ids.encode(number * 0x1234_5678_9ABC_DEF1 % (1 << 65), 13) for number in range(1, 9)]


class World:
    """The log, the published rosters and the heads, in memory."""

    def __init__(self) -> None:
        self.now = START
        self.items: list[Appended] = []
        self.entries: list[tuple[int, Entry]] = []
        self.headers: dict[int, stored.Header] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.opened: list[str] = []
        self.editions = self.headers_read = 0

    def append(self, author: int, *, late: int = 0, skew: int = 0, lifetime: int = 86_400) -> Entry:
        """Append a message that was posted some time ago, by a function whose clock may be a little wrong."""
        number = len(self.items)
        entry = Entry(MessageId(self.now - late, AUTHORS[author], number), lifetime, Visibility.PUBLIC, is_reply=False)
        self.items.append(Appended(str(number), self.now + skew, packing.pack_log([entry])))
        self.entries.append((self.now, entry))
        return entry

    def read_log(self, _: int, since: int, before: int, limit: int) -> list[Appended]:
        found = [item for item in self.items if since <= item.appended_at < before]
        return sorted(found, key=lambda item: item.appended_at, reverse=True)[:limit]

    def header(self, hour: int) -> stored.Header | None:
        self.headers_read += 1
        return self.headers.get(hour)

    def read(self, hour: int, edition: str, group: stored.Group) -> bytes:
        return self.parts[edition, group.lifetimes]

    def put(self, hour: int, until: int, groups: Sequence[tuple[stored.Group, bytes]], expires_at: int) -> None:
        self.editions += 1
        edition = str(self.editions)
        for group, packed in groups:
            self.parts[edition, group.lifetimes] = packed
        self.headers[hour] = stored.Header(until, edition, tuple(group for group, _ in groups))

    def head(self, author_id: str) -> bytes:
        return packing.pack_head(entry for _, entry in self.entries if entry.id.author_id == author_id)

    def heads(self, author_ids: Sequence[str]) -> dict[str, bytes]:
        self.opened += author_ids
        return {author_id: packed for author_id in author_ids if (packed := self.head(author_id))}


class Function:
    """A warm function, with its own clock."""

    def __init__(self, world: World, capacity: int = 5, room: int = 1_000_000) -> None:
        self.world = world
        self.ahead = 0
        make = partial(Rosters, overlap=OVERLAP, room=room, longest=WEEK, store=world)
        self.tail = Tail(world.read_log, shards=1, capacity=capacity, refresh_every=0, overlap=OVERLAP, rosters=make)

    @property
    def now(self) -> int:
        return self.world.now + self.ahead

    def refresh(self) -> None:
        assert self.tail.refresh(self.now)

    def below(self, window: Window = EVERYTHING) -> tuple[list[MessageId], set[MessageId]]:
        """Return the messages below the tail in a window, in reading order; and those that must be among them."""
        known = self.tail.snapshot(AUTHORS)
        part = window.narrowed(after=lowest_at(self.now - WEEK).previous(), before=known.horizon)
        expected = {
            entry.id
            for appended_at, entry in self.world.entries
            if appended_at <= self.world.now - OVERLAP
            and entry.is_live(self.now)
            and part.after < entry.id < part.before
        }
        with (
            mock.patch.object(heads, "get_many", self.world.heads),
            mock.patch.object(sources, "earliest_live", return_value=part.after.time),
        ):
            source = Heads(AUTHORS, part, known.rosters, self.tail, self.now)
            return consider(Merge[Candidate]([source], window), 1000).considered, expected


def pass_time(world: World, functions: Sequence[Function], duration: int, step: int = MINUTE) -> None:
    """Let time pass, with somebody posting every minute, and every function refreshing its tail."""
    for _ in range(duration // step):
        world.now += step
        world.append(0)
        world.now += 1
        for function in functions:
            function.refresh()


@contextmanager
def small() -> Iterator[None]:
    """Publish at every opportunity; use pages of the log that cover half an hour, and filters that fill up."""
    with (
        mock.patch.multiple(rosters, LOOKS=1, FRESH=45 * MINUTE, RETRY=0, _LEAST=1),
        mock.patch.object(tail, "PAGE", 3),
    ):
        yield


def around(entry: Entry) -> Window:
    """Return the window of two minutes around a message."""
    return Window(after=lowest_at(entry.id.time - MINUTE), before=lowest_at(entry.id.time + MINUTE))


def test_a_page_below_the_tail_opens_only_the_heads_of_authors_who_posted_there() -> None:
    world = World()
    function = Function(world)
    function.refresh()
    early = world.append(1)
    pass_time(world, [function], 2 * HOUR)
    late = world.append(2)
    pass_time(world, [function], 2 * HOUR)
    assert late.id in function.below(around(late))[0]
    assert set(world.opened) == {AUTHORS[0], AUTHORS[2]}
    world.opened.clear()
    assert early.id in function.below(Window(after=lowest_at(START)))[0]
    assert set(world.opened) == {AUTHORS[0], AUTHORS[1], AUTHORS[2]}


def stages(known: View, window: Window, authors: Sequence[str] = AUTHORS) -> list[tuple[list[str], bool]]:
    return [(list(stage.authors), stage.is_known) for stage in known.stages(authors, window, START)]


def test_what_may_have_been_appended_before_rosters_begin_is_not_known() -> None:
    known = Rosters(START, overlap=OVERLAP, room=1_000, longest=WEEK).view()
    # By clocks that differ, a message appended before START may have been posted within the overlap after it.
    assert stages(known, Window(after=lowest_at(START + OVERLAP - 1))) == [([], True), (AUTHORS, False)]
    assert stages(known, Window(after=lowest_at(START + OVERLAP))) == [([], True)]
    assert stages(known, Window(before=lowest_at(START + OVERLAP))) == [(AUTHORS, False)]
    assert stages(known, Window(after=lowest_at(START), oldest_first=True)) == [(AUTHORS, False)]


def test_a_tail_without_room_for_rosters_opens_all_heads() -> None:
    world = World()
    function = Function(world, room=0)
    pass_time(world, [function], 3 * HOUR)
    function.below()
    assert sorted(world.opened) == sorted(AUTHORS)
    assert world.editions == world.headers_read == 0


def test_what_arrives_above_a_stage_that_is_over_waits_for_the_next_page() -> None:
    world = World()
    function = Function(world)
    function.refresh()
    old = world.append(2)
    pass_time(world, [function], 2 * HOUR)
    known = function.tail.snapshot(AUTHORS)
    world.append(2, late=MINUTE)  # comes into the head, and the function has not seen it in the log
    window = Window(limit=1, before=lowest_at(world.now - 10 * MINUTE))
    source = Heads(AUTHORS, window.narrowed(after=lowest_at(START)), known.rosters, function.tail, function.now)
    world.now += 1
    world.append(2, late=20 * MINUTE)
    with mock.patch.object(heads, "get_many", world.heads):
        found = consider(Merge[Candidate]([source], window), 1000).considered
    assert found == sorted(found, reverse=True)
    assert found[-1] == old.id


def test_a_function_whose_clock_was_ahead_does_not_publish_that_it_has_read_what_it_has_not() -> None:
    world = World()
    wrong, right = Function(world), Function(world)
    pass_time(world, [wrong], 70 * MINUTE)
    wrong.ahead = 30 * MINUTE
    wrong.refresh()
    missed = world.append(1)
    with small():
        for _ in range(30):
            world.now += MINUTE
            world.append(0)
            wrong.ahead -= MINUTE  # its clock stands still until the time has come
            wrong.refresh()
        pass_time(world, [wrong], 30 * MINUTE)
        assert world.headers[START // HOUR].until == START + HOUR
        read = world.headers.get(START // HOUR + 1)
        assert read is None or read.until <= missed.id.time
        pass_time(world, [right], HOUR)
        for _ in range(5):
            right.tail.extend(START)
        assert missed.id in right.below()[0]


def test_what_was_dropped_for_lack_of_room_is_not_known_any_more() -> None:
    world = World()
    function = Function(world, room=3 * 5_120)
    pass_time(world, [function], 6 * HOUR)
    known = function.tail.snapshot(AUTHORS).rosters
    assert START + 3 * HOUR <= known.complete_from - OVERLAP <= START + 4 * HOUR
    assert sum(group.size for group in known.groups) <= 3 * 5_120
    assert world.entries[0][1].id in function.below()[0]


def test_an_hour_that_does_not_fit_is_never_published() -> None:
    world = World()
    function = Function(world, room=63)  # a filter takes 64 bytes at least
    with small():
        pass_time(world, [function], 4 * HOUR)
    assert world.editions == 0
    assert world.entries[0][1].id in function.below()[0]


def test_rosters_that_cannot_be_read_are_not_asked_for_again_at_once() -> None:
    world = World()
    long_running, cold = Function(world), Function(world)
    with mock.patch.multiple(rosters, LOOKS=1, FRESH=45 * MINUTE, _LEAST=1), mock.patch.object(tail, "PAGE", 3):
        pass_time(world, [long_running], 4 * HOUR)
        pass_time(world, [long_running, cold], HOUR)
        known_from = cold.tail.snapshot(()).rosters.complete_from
        with mock.patch.object(world, "read", side_effect=TimeoutError) as read:
            for _ in range(5):
                cold.tail.extend(START)
        assert read.call_count == 1
        cold.tail.extend(START)
        assert cold.tail.snapshot(()).rosters.complete_from == known_from
        pass_time(world, [long_running, cold], MINUTE)
        cold.tail.extend(START)
        assert cold.tail.snapshot(()).rosters.complete_from < known_from


def test_what_has_expired_takes_no_room() -> None:
    world = World()
    function = Function(world)
    function.refresh()
    world.append(1, lifetime=60)
    pass_time(world, [function], HOUR)
    assert all(group.expires_at > world.now for group in function.tail.snapshot(()).rosters.groups)
    pass_time(world, [function], 26 * HOUR, 10 * MINUTE)
    known = function.tail.snapshot(()).rosters
    assert min(group.oldest for group in known.groups) >= world.now - 25 * HOUR
    assert known.complete_from <= START + OVERLAP  # that nothing else is live is known


class Time(NamedTuple):
    """Time passes, ten minutes at a time; each time somebody posts."""

    times: int
    author: int
    late: int
    """How much later than posted the messages are appended, by clocks that differ."""
    skew: int
    """How much the clock that appends is ahead."""
    lifetime: int

    def pass_by(self, world: World, functions: Sequence[Function]) -> None:
        for number in range(self.times):
            world.now += 10 * MINUTE - 1
            world.append((self.author + number) % len(AUTHORS), late=self.late, skew=self.skew, lifetime=self.lifetime)
            world.now += 1
            for function in functions:
                function.refresh()


class Change(NamedTuple):
    """A function restarts, is read below its tail, or has another clock."""

    what: str
    function: int
    ahead: int

    def apply(self, functions: Sequence[Function]) -> None:
        function = functions[self.function]
        if self.what == "restart":
            function.tail.clear()
        elif self.what == "clock":
            function.ahead = self.ahead
        else:
            function.tail.extend(0)
        function.refresh()


TIMES = st.builds(
    Time,
    times=st.integers(1, 14),
    author=st.integers(0, 7),
    late=st.sampled_from([0, 0, 500, 4_000, -2_500, 20 * MINUTE, 3 * HOUR, 20 * HOUR]),
    skew=st.sampled_from([0, 0, -2_400, 2_400]),
    lifetime=st.sampled_from([60, 3_600, 86_400, 86_400, WEEK // 1000]),
)
CHANGES = st.builds(
    Change,
    what=st.sampled_from(["restart", "extend", "extend", "clock"]),
    function=st.integers(0, 2),
    ahead=st.sampled_from([0, 2_400, -2_400, 30 * MINUTE, -30 * MINUTE, 2 * HOUR, 26 * HOUR]),
)
BOUNDS = st.tuples(st.integers(0, 20 * 6), st.sampled_from([-2_500, -1, 0, 1, 2_500]))
"""Tens of minutes before now, and milliseconds more."""
WINDOWS = st.tuples(BOUNDS, BOUNDS, st.booleans(), st.sampled_from([1, 2, 20]))


@settings(max_examples=40)
@given(
    steps=st.lists(st.one_of(TIMES, TIMES, CHANGES), min_size=5, max_size=15),
    windows=st.lists(WINDOWS, min_size=3, max_size=3),
    capacity=st.sampled_from([4, 12]),
)
def test_no_page_misses_a_message(steps: list[Time | Change], windows: list[Any], capacity: int) -> None:
    world = World()
    functions = [Function(world, capacity) for _ in range(3)]
    with small():
        Time(13, 0, 0, 0, 86_400).pass_by(world, functions)
        for step in steps:
            if isinstance(step, Time):
                step.pass_by(world, functions)
            else:
                step.apply(functions)
            for function in functions:
                if abs(function.ahead) <= OVERLAP:
                    check(function, windows)


def check(function: Function, windows: Sequence[Any]) -> None:
    """Hold what a function returns against everything that was posted."""
    for one, other, upwards, limit in windows:
        low, high = sorted(lowest_at(function.world.now - 10 * MINUTE * tens + more) for tens, more in (one, other))
        window = Window(after=low, before=high, oldest_first=upwards, limit=limit)
        found, expected = function.below(window)
        assert found == sorted(set(found), reverse=not upwards)
        assert expected <= set(found)
