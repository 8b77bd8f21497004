"""Settling: polling clients miss nothing while delivery is late, and wait no longer than they must."""

from collections.abc import Collection
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import ids, packing
from fstream_app.core.entities import Message
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId, lowest_at
from fstream_app.core.packing import Entry
from fstream_app.feed import settling
from fstream_app.feed.notes import Notes
from fstream_app.feed.tail import Tail
from fstream_app.messages import awaited
from fstream_app.messages.awaited import HOME, Awaited
from fstream_app.repository import log as stored_log
from fstream_app.repository.log import HOUR, Appended, Lag

START = 500_000 * HOUR + HOUR // 2
SETTLING, BOUND = 1_500, 30_000
AUTHORS = [ids.encode(number, 13) for number in range(6)]


class Log:
    """A log in memory, with the items that the functions append."""

    def __init__(self) -> None:
        self.items: list[Appended] = []

    def append(self, entries: Collection[Entry], now: int) -> None:
        late = stored_log.lag((entry.id.time for entry in entries), now)
        self.items.append(Appended(str(len(self.items)), now, packing.pack_log(entries), late))

    def note(self, message_ids: Collection[MessageId], now: int) -> None:
        self.items.append(Appended(str(len(self.items)), now, b"", awaited=tuple(message_ids)))

    def read(self, _: int, since: int, before: int, limit: int) -> list[Appended]:
        found = [item for item in self.items if since <= item.appended_at < before]
        return sorted(found, key=lambda item: item.appended_at, reverse=True)[:limit]


class Process:
    """A warm function: what it has in memory, and its reads of home."""

    def __init__(self, log: Log, refresh_every: int = 500) -> None:
        self.awaited = Awaited()
        self.tail = Tail(
            log.read, shards=1, capacity=1000, refresh_every=refresh_every, overlap=5000, notes=Notes(write=log.note)
        )

    def accept(self, message: Message) -> None:
        self.awaited.expect(message)

    def home(self, since: MessageId, now: int) -> list[MessageId]:
        awaited.shared.use(self.awaited)
        assert self.tail.refresh(now)
        view = self.tail.snapshot(AUTHORS)
        known = (entry.id for author, packed in view.entries.items() for entry in packing.ascending(author, packed))
        return sorted(each for each in known if since < each < view.settled_before(now))


class Client:
    """A client that polls for what is newer than what it has."""

    def __init__(self) -> None:
        self.seen: list[MessageId] = []

    def poll(self, process: Process, now: int) -> None:
        self.seen += process.home(self.seen[-1] if self.seen else LOWEST, now)


class Post(NamedTuple):
    """A post at a time, which one process accepts and the stream's shard of its author delivers after a while."""

    time: int
    author: int
    lag: int
    process: int


def run(posts: list[Post], polls: list[tuple[int, int, int]], processes: list[Process], log: Log) -> list[MessageId]:
    """Run posts, deliveries and polls (time, client, process) in order; assert that each client saw all posts once."""
    awaited.shared.clear()  # for each example
    agenda: list[tuple[int, int, object]] = [(time, 3, (client, process)) for time, client, process in polls]
    delivered = dict.fromkeys(range(len(AUTHORS)), 0)
    posted: list[MessageId] = []
    for post in sorted(posts):
        shard = post.author % 3
        message = Message(id=MessageId.new(AUTHORS[post.author], START + post.time), text="", lifetime=7 * 86_400)
        posted.append(message.id)
        agenda.append((post.time, 1, (message, processes[post.process])))
        delivered[shard] = max(delivered[shard], post.time + post.lag)  # a shard's records stay in order
        agenda.append((delivered[shard], 2, message))
    clients = [Client() for _ in range(3)]
    for time, _, what in sorted(agenda, key=lambda each: each[:2]):
        match what:
            case Message():
                log.append([what.entry], START + time)
            case (Message() as message, Process() as process):
                process.accept(message)
            case (int() as client, int() as number):
                clients[client].poll(processes[number], START + time)
    for each in clients:
        for process in processes:
            each.poll(process, START + 3 * BOUND)
        assert each.seen == sorted(posted)
    return posted


POSTS = st.lists(
    st.builds(
        Post,
        time=st.integers(0, BOUND),
        author=st.integers(0, len(AUTHORS) - 1),
        lag=st.one_of(st.integers(0, SETTLING), st.integers(0, BOUND)),
        process=st.integers(0, 2),
    ),
    max_size=12,
)
POLLS = st.lists(st.tuples(st.integers(0, 2 * BOUND), st.integers(0, 2), st.just(0)), max_size=25)


@pytest.fixture(autouse=True)
def own_awaited() -> None:
    awaited.shared.clear()


@given(posts=POSTS, polls=POLLS)
def test_a_polling_client_misses_nothing_that_its_process_accepted_however_late_it_is(
    posts: list[Post], polls: list[tuple[int, int, int]]
) -> None:
    log = Log()
    run([post._replace(process=0) for post in posts], polls, [Process(log)], log)


@given(posts=POSTS, offsets=st.lists(st.integers(0, 199), min_size=3, max_size=3))
def test_a_polling_client_misses_nothing_that_another_busy_process_accepted(
    posts: list[Post], offsets: list[int]
) -> None:
    log = Log()
    # Each process is read every 200 ms, by the clients in turn.
    polls = [
        (time + offset, (time // 200 + process) % 3, process)
        for time in range(0, 2 * BOUND + 1000, 200)
        for process, offset in enumerate(offsets)
    ]
    run(posts, polls, [Process(log) for _ in range(3)], log)


@given(posts=POSTS, reads=st.lists(st.integers(0, BOUND + SETTLING), max_size=20))
def test_nothing_waits_longer_than_the_settling_time_when_delivery_is_on_time(
    posts: list[Post], reads: list[int]
) -> None:
    log = Log()
    process = Process(log, refresh_every=0)
    events: list[tuple[int, int, Message | None]] = [(time, 2, None) for time in reads]
    messages = []
    for post in posts:
        message = Message(id=MessageId.new(AUTHORS[post.author], START + post.time), text="", lifetime=86_400)
        messages.append(message)
        events += [(post.time, 0, message), (post.time + post.lag % (SETTLING + 1), 1, message)]
    for time, kind, found in sorted(events, key=lambda event: event[:2]):
        if found is None:
            due = [each.id for each in messages if each.id.time <= START + time - SETTLING]
            assert process.home(LOWEST, START + time) == sorted(due)
        elif kind == 0:
            process.accept(found)
        else:
            log.append([found.entry], START + time)


def post(process: Process, author: int, time: int) -> Message:
    message = Message(id=MessageId.new(AUTHORS[author], time), text="", lifetime=86_400)
    process.accept(message)
    return message


def test_after_the_bound_readers_go_on() -> None:
    log = Log()
    process = Process(log)
    lost, shown = post(process, 0, START), post(process, 1, START + 1)
    log.append([shown.entry], START + 100)
    assert process.home(LOWEST, START + BOUND) == []
    assert process.home(LOWEST, START + BOUND + 501) == [shown.id]
    log.append([lost.entry], START + BOUND + 600)
    assert process.home(LOWEST, START + BOUND + 1200) == [lost.id, shown.id]


def test_a_message_that_was_deleted_before_its_delivery_holds_nothing_back() -> None:
    log = Log()
    process = Process(log)
    gone, shown = post(process, 0, START), post(process, 1, START + 1)
    log.append([Entry(gone.id, 0, gone.visibility, is_reply=False), shown.entry], START + 100)
    assert shown.id in process.home(LOWEST, START + SETTLING + 1)


def test_a_message_that_could_not_be_posted_is_not_awaited() -> None:
    message = Message(id=MessageId.new(AUTHORS[0], START), text="", lifetime=60)

    def fail() -> None:
        with awaited.expecting(message):
            assert awaited.shared().ids(HOME, START) == {message.id}
            raise TimeoutError

    with pytest.raises(TimeoutError):
        fail()
    assert awaited.shared().ids(HOME, START) == set()


def test_a_process_notes_what_it_awaits_once_and_at_most_every_second() -> None:
    log = Log()
    process = Process(log)
    first, second = post(process, 0, START), post(process, 1, START + 500)
    for time in range(0, 3000, 100):
        process.home(LOWEST, START + time)
        if time == 1500:
            third = post(process, 2, START + 1500)
    noted = [(item.appended_at - START, set(item.awaited)) for item in log.items]
    assert noted == [(1000, {first.id, second.id}), (2500, {third.id})]


def test_another_process_waits_for_what_was_noted_until_it_has_come() -> None:
    log = Log()
    one, other = Process(log), Process(log)
    late, shown = post(one, 0, START), post(one, 1, START + 1)
    log.append([shown.entry], START + 100)
    one.home(LOWEST, START + 1000)
    assert other.home(LOWEST, START + 2000) == []
    log.append([late.entry], START + 5000)
    assert other.home(LOWEST, START + 5500) == [late.id, shown.id]


def test_what_was_late_long_ago_holds_nothing_back_when_a_tail_is_extended() -> None:
    log = Log()
    failed = MessageId.new(AUTHORS[0], START - 2 * HOUR)  # it was noted, and never posted
    log.note([failed], failed.time + 1000)
    for author in (1, 2):
        late = Entry(MessageId.new(AUTHORS[author], failed.time), 86_400, packing.Visibility.PUBLIC, is_reply=False)
        log.append([late], failed.time + 9000)
    process = Process(log)
    process.home(LOWEST, START)
    for _ in range(3):
        process.tail.extend(0)
    view = process.tail.snapshot(AUTHORS)
    assert view.entries
    assert (view.missing, view.lag) == (HIGHEST, 0)


def test_nothing_noted_holds_back_longer_than_the_bound_while_the_log_cannot_be_read() -> None:
    log = Log()
    process = Process(log)
    noted = MessageId.new(AUTHORS[0], START)
    log.note([noted], START + 1000)
    process.tail.refresh(START + 1500)
    assert process.tail.blind(START + BOUND).missing == noted
    assert process.tail.blind(START + BOUND + 1).missing == HIGHEST


@pytest.mark.parametrize(
    ("batches", "lag"),
    [
        ([], 0),
        ([Lag(9000, 0)], 0),  # it has caught up
        ([Lag(9000, 4000)], 4000),
        ([Lag(9000, 0), Lag(7000, 0)], 7000),  # it is late again and again
        ([Lag(9000, 8000), Lag(7000, 0)], 8000),
        ([Lag(2 * BOUND, 2 * BOUND)], BOUND),
    ],
)
def test_readers_settle_by_how_late_batches_were_in_the_last_ten_seconds(batches: list[Lag], lag: int) -> None:
    signals = settling.Signals()
    for number, late in enumerate(batches):
        signals.add(Appended(str(number), START + number, b"packed", late))
        signals.add(Appended(f"views {number}", START + number, b"", Lag(late.oldest + 1, 0)))
    assert signals.lag() == lag
    assert signals.lag(of_views=True) == (batches[1].oldest + 1 if len(batches) > 1 else 0)
    signals.prune(START + settling.RECENT + 100)
    assert signals.lag() == 0


def test_lag_moves_what_home_shows() -> None:
    log = Log()
    process = Process(log)
    log.append([Entry(MessageId.new(AUTHORS[0], START - 6000), 86_400, packing.Visibility.PUBLIC, False)], START)
    process.tail.refresh(START + 1)
    view = process.tail.snapshot(())
    assert (view.lag, view.missing) == (6000, HIGHEST)
    assert view.settled_before(START + 1) == lowest_at(START + 1 - 6000 + 1)


@pytest.mark.parametrize(
    ("ages", "lag"),
    [
        ([], Lag()),
        ([0, SETTLING], Lag()),
        ([SETTLING + 1], Lag(SETTLING + 1, SETTLING + 1)),
        ([9000, 20], Lag(9000, 0)),
        ([BOUND + 1, 9000], Lag(9000, 9000)),
        ([BOUND + 1], Lag()),
        ([-5000], Lag()),
    ],
)
def test_a_batch_is_late_by_the_ages_of_what_timelines_still_wait_for(ages: list[int], lag: Lag) -> None:
    assert stored_log.lag((START - age for age in ages), START) == lag
