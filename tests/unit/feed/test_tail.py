"""The memory of the log, alone: complete from its horizon on, bounded, safe for threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import ids, packing
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import tail
from fstream_app.feed.tail import Tail
from fstream_app.repository.log import HOUR, Appended

START = 500_000 * HOUR + HOUR // 2
OVERLAP = 5_000
AUTHORS = [ids.encode(number, 13) for number in range(5)]


class Log:
    """A log in memory that answers as the repository does."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, Appended]] = []
        self.entries: list[tuple[int, Entry]] = []
        self.reads: list[tuple[int, int, int]] = []
        self.broken = False

    def append(self, entries: list[Entry], now: int, shard: int = 0) -> None:
        self.batches.append((shard, Appended(f"{shard}#{len(self.batches)}", now, packing.pack_log(entries))))
        self.entries += [(now, entry) for entry in entries]

    def read(self, shard: int, above: int, below: int, limit: int) -> list[Appended]:
        assert above // HOUR == (below - 1) // HOUR, "one hour at a time"
        self.reads.append((shard, above, below))
        if self.broken:
            raise OSError("unreachable")
        found = [batch for place, batch in self.batches if place == shard and above <= batch.appended_at < below]
        found.sort(key=lambda batch: batch.appended_at, reverse=True)
        return found[:limit] + [batch for batch in found[limit:] if batch.appended_at == found[limit - 1].appended_at]


def make_entry(time: int, author: int = 0, lifetime: int = 7 * 86_400) -> Entry:
    return Entry(MessageId.new(AUTHORS[author], time), lifetime, Visibility.PUBLIC, is_reply=False)


def make_tail(log: Log, capacity: int = 1000, shards: int = 1, refresh_every: int = 500) -> Tail:
    return Tail(log.read, shards=shards, capacity=capacity, refresh_every=refresh_every, overlap=OVERLAP)


def known(remembered: Tail) -> list[Entry]:
    view = remembered.snapshot(AUTHORS)
    return sorted(entry for author, packed in view.entries.items() for entry in packing.ascending(author, packed))


def test_a_tail_that_was_never_refreshed_knows_nothing() -> None:
    assert make_tail(Log()).snapshot(AUTHORS) == tail.Snapshot(0, HIGHEST)


def test_a_refresh_finds_what_was_appended_since() -> None:
    log = Log()
    remembered = make_tail(log)
    remembered.refresh(START)
    entry = make_entry(START + 1000)
    log.append([entry], START + 1100)
    remembered.refresh(START + 2000)
    assert known(remembered) == [entry]


def test_a_refresh_within_half_a_second_reads_nothing() -> None:
    log = Log()
    remembered = make_tail(log)
    remembered.refresh(START)
    reads = len(log.reads)
    assert remembered.refresh(START + 499)
    assert len(log.reads) == reads
    remembered.refresh(START + 500)
    assert len(log.reads) == reads + 1


def test_what_becomes_visible_late_is_found_by_the_overlap() -> None:
    log = Log()
    remembered = make_tail(log)
    remembered.refresh(START)
    remembered.refresh(START + 4000)
    entry = make_entry(START + 100)
    log.append([entry], START + 200)  # by a slow clock, or not yet on this replica
    remembered.refresh(START + 4600)
    assert known(remembered) == [entry]


def test_a_batch_that_is_read_again_counts_once() -> None:
    log = Log()
    remembered = make_tail(log)
    log.append([make_entry(START), make_entry(START, 1)], START)
    for step in range(5):
        remembered.refresh(START + 1000 * step)
    log.append([entry for _, entry in log.entries], START + 4500)  # the stream gave the batch twice
    remembered.refresh(START + 5000)
    assert remembered.count == len(known(remembered)) == 2


def test_a_refresh_reads_two_hours_right_after_a_full_one() -> None:
    log = Log()
    remembered = make_tail(log)
    next_hour = START + HOUR // 2
    remembered.refresh(next_hour - 2000)
    entries = [make_entry(next_hour - 1), make_entry(next_hour + 1)]
    log.append(entries[:1], next_hour - 1)
    log.append(entries[1:], next_hour + 1)
    remembered.refresh(next_hour + 100)
    assert known(remembered) == entries


def test_a_cold_tail_loads_the_newest_page_and_reaches_down_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAGE", 3)
    log = Log()
    entries = [make_entry(START + 1000 * number) for number in range(10)]
    for entry in entries:
        log.append([entry], entry.id.time)
    remembered = make_tail(log)
    remembered.refresh(START + 20_000)
    assert known(remembered) == entries[-3:]
    assert len(log.reads) == 1
    remembered.extend(oldest=0)
    assert known(remembered)[-5:] == entries[-5:]
    for _ in range(10):
        remembered.extend(oldest=START)
    assert known(remembered) == entries
    assert remembered.floor <= START


def test_reaching_down_ends_at_the_oldest_time_asked_for() -> None:
    log = Log()
    remembered = make_tail(log)
    remembered.refresh(START)
    for _ in range(10):
        remembered.extend(oldest=START - 2 * HOUR)
    assert START - 3 * HOUR <= remembered.floor <= START - 2 * HOUR


def test_over_a_quiet_time_it_reaches_down_by_more_and_more_hours() -> None:
    log = Log()
    oldest = make_entry(START - 100 * HOUR)
    log.append([oldest], oldest.id.time)
    remembered = make_tail(log)
    remembered.refresh(START)
    extensions = 0
    while remembered.floor > START - 168 * HOUR:
        remembered.extend(oldest=START - 168 * HOUR)
        extensions += 1
    assert known(remembered) == [oldest]
    assert extensions <= 10  # 1, 2, 4, 8, 16, 32, 32, …
    assert len(log.reads) <= 1 + 169


def test_over_a_busy_time_it_reaches_down_page_by_page_and_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAGE", 4)
    log = Log()
    busy = [make_entry(START - 4 * HOUR + 60_000 * number) for number in range(40)]
    for entry in busy:
        log.append([entry], entry.id.time)
    remembered = make_tail(log)
    remembered.refresh(START)
    for _ in range(40):
        remembered.extend(oldest=START - 10 * HOUR)
        horizon = remembered.snapshot(AUTHORS).horizon
        assert {entry for entry in busy if entry.id >= horizon} <= set(known(remembered))
    assert known(remembered) == busy


def test_what_has_expired_makes_room_before_anything_live_is_forgotten() -> None:
    log = Log()
    brief = [make_entry(START + number, lifetime=60) for number in range(15)]
    lasting = [make_entry(START + number, 1) for number in range(5)]
    remembered = make_tail(log, capacity=20)
    log.append(brief + lasting, START)
    remembered.refresh(START + 1000)
    floor = remembered.floor
    assert remembered.count == 20
    newest = [make_entry(START + 70_000 + number, 2) for number in range(5)]
    log.append(newest, START + 70_000)
    remembered.refresh(START + 71_000)
    assert known(remembered) == lasting + newest
    assert remembered.floor == floor


def test_a_tail_that_slept_for_long_is_rebuilt() -> None:
    log = Log()
    remembered = make_tail(log)
    log.append([make_entry(START)], START)
    remembered.refresh(START)
    missed = make_entry(START + HOUR)
    log.append([missed], START + HOUR)
    now = START + 3 * HOUR
    remembered.refresh(now)
    assert remembered.floor >= now // HOUR * HOUR
    assert known(remembered) == []


def test_a_gap_longer_than_a_refresh_may_read_rebuilds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAGE", 2)
    log = Log()
    remembered = make_tail(log)
    old = make_entry(START)
    log.append([old], START)
    remembered.refresh(START)
    for number in range(100):
        log.append([make_entry(START + 10_000 + number)], START + 10_000 + number)
    remembered.refresh(START + 20_000)
    assert old not in known(remembered)
    assert remembered.snapshot(AUTHORS).horizon > old.id


def test_the_floor_rises_when_the_tail_is_full() -> None:
    log = Log()
    remembered = make_tail(log, capacity=10)
    remembered.refresh(START)
    entries = [make_entry(START + 1000 * number, number % 5) for number in range(1, 31)]
    for entry in entries:
        log.append([entry], entry.id.time)
        remembered.refresh(entry.id.time)
        assert remembered.count <= 10
    kept = known(remembered)
    assert kept == entries[-len(kept) :]
    assert remembered.count == len(kept) >= 8
    assert remembered.floor <= kept[0].id.time


def test_a_failed_refresh_is_reported_and_the_next_one_tries_again() -> None:
    log = Log()
    remembered = make_tail(log)
    log.append([make_entry(START)], START)
    log.broken = True
    assert not remembered.refresh(START + 1000)
    assert remembered.snapshot(AUTHORS).horizon == HIGHEST
    log.broken = False
    assert remembered.refresh(START + 1001)
    assert len(known(remembered)) == 1


def test_a_failure_to_reach_down_changes_nothing() -> None:
    log = Log()
    remembered = make_tail(log)
    remembered.refresh(START)
    floor = remembered.floor
    log.broken = True
    remembered.extend(oldest=0)
    assert remembered.floor == floor


@pytest.mark.parametrize("jump", [1, 499, 501, 4_999, 5_001, HOUR - 1, HOUR, 50 * HOUR])
def test_a_clock_that_jumps_back_or_ahead_and_back_is_served_at_once(jump: int) -> None:
    log = Log()
    remembered = make_tail(log)
    old = make_entry(START - 1000)
    log.append([old], START - 900)
    assert remembered.refresh(START)
    assert remembered.refresh(START + jump)
    log.append([new := make_entry(START + 100)], START + 200)
    for time in (START + 1100, START + 1700):
        assert remembered.refresh(time)
        assert known(remembered) == [old, new]
        view = remembered.snapshot(AUTHORS)
        assert abs(view.refreshed_at - time) < 500
        assert view.horizon <= new.id


def test_a_clock_that_jumps_back_finds_what_others_append_by_the_right_time() -> None:
    log = Log()
    remembered = make_tail(log)
    assert remembered.refresh(START)
    entry = make_entry(START + 1000)
    log.append([entry], START + 1100)
    assert remembered.refresh(START - 4_000)
    assert known(remembered) == [entry]


@pytest.mark.parametrize("jump", [4_000, 40_000, 3 * HOUR])
def test_a_full_tail_loses_nothing_that_is_live_to_a_clock_that_jumps_ahead(jump: int) -> None:
    log = Log()
    remembered = make_tail(log, capacity=10)
    live = make_entry(START - 1000, lifetime=4)
    entries = [live, *(make_entry(START - 900 + number, lifetime=60) for number in range(8))]
    log.append(entries, START - 500)
    assert remembered.refresh(START)
    log.append([make_entry(START - 400 + number, lifetime=60) for number in range(4)], START - 300)
    assert remembered.refresh(START + jump)  # the capacity is exceeded: what has expired is dropped
    assert remembered.refresh(START + 1000)
    view = remembered.snapshot(AUTHORS)
    assert live in known(remembered) or view.horizon > live.id  # else readers would not ask the heads


def test_live_messages_are_counted() -> None:
    log = Log()
    remembered = make_tail(log)
    log.append([make_entry(START, lifetime=60), make_entry(START, lifetime=61)], START)
    remembered.refresh(START)
    assert [remembered.activity(AUTHORS[0], START + 1000 * age).messages for age in (0, 60, 61)] == [2, 1, 0]


def test_threads_see_each_entry_once_and_read_the_log_once_at_a_time() -> None:
    log = Log()
    remembered = make_tail(log, refresh_every=0)
    remembered.refresh(START)
    entries = [make_entry(START + number, number % 5) for number in range(200)]
    barrier = threading.Barrier(8)

    def work(worker: int) -> None:
        barrier.wait(10)
        for number in range(worker, 200, 8):
            log.append([entries[number]], START + number)
            remembered.refresh(START + 1000)
            remembered.snapshot(AUTHORS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    remembered.refresh(START + 1001)
    assert known(remembered) == sorted(entries)


@given(
    capacity=st.sampled_from([5, 20, 1000]),
    shards=st.integers(1, 3),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["append", "refresh", "extend"]),
            st.integers(0, 4),  # author
            st.integers(-4_000, 4_000),  # how much later it is appended than posted, by clocks that differ
            st.sampled_from([1, 700, 2_000, 30_000, HOUR]),  # how long until the next step
            st.sampled_from([1, 60, 7 * 86_400]),  # lifetime
        ),
        min_size=5,
        max_size=30,
    ),
)
def test_it_is_complete_from_its_horizon_on(
    capacity: int, shards: int, steps: list[tuple[str, int, int, int, int]]
) -> None:
    log = Log()
    remembered = make_tail(log, capacity=capacity, shards=shards, refresh_every=0)
    now = START + HOUR // 2 - 3_000  # just before a full hour
    for number, (what, author, late, pause, lifetime) in enumerate(steps):
        if what == "append":
            entries = [make_entry(now - late + each, author, lifetime) for each in range(3)]
            log.append(entries, now, shard=number % shards)
        elif what == "refresh":
            remembered.refresh(now)
        else:
            remembered.extend(oldest=START - 3 * HOUR)
        now += pause
        view = remembered.snapshot(AUTHORS)
        seen = set(known(remembered))
        assert remembered.count == len(seen) <= capacity
        for appended_at, entry in log.entries:
            if appended_at < view.refreshed_at and entry.id >= view.horizon and entry.is_live(now):
                assert entry in seen
