"""Functions whose clocks differ, that are slow, or cannot read the log: everything is read exactly once."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from fstream_app.core.entities import Message, User
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import LOWEST, MessageId
from fstream_app.feed import fanout, timelines
from fstream_app.feed.fanout import Change
from fstream_app.feed.tail import Tail
from fstream_app.messages.paging import Window
from fstream_app.repository import log
from fstream_app.repository.log import Batch
from tests.integration.faults import SEEDS
from tests.integration.faults.injector import LOST, Call, Faults
from tests.integration.faults.world import SETTLING, World
from tests.support.clock import Clock

APART = 3000
"""Milliseconds between two clocks."""
DURATION = 15_000
"""Milliseconds for which people write and read."""
POSTS, POLLS = 15, 30
COLD = 0.1
"""Of the polls, those that meet a cold function."""
FAILING = 0.3
"""Of the reads of the log, those that fail where some do."""


class Function:
    """A function that serves home timelines, with a clock and a memory of the log of its own."""

    def __init__(self, clock: Clock, ahead: int = 0, failing: Random | None = None) -> None:
        self.failed = 0
        self.blind = False
        """Whether it cannot read the log at all."""
        self.tail = Tail(self._read, shards=1, capacity=1000, refresh_every=500, overlap=5000)
        self._clock = clock
        self._ahead = ahead
        self._failing = failing

    def _read(self, shard: int, above: int, below: int, limit: int) -> list[Batch]:
        if self.blind or (self._failing and self._failing.random() < FAILING):
            self.failed += 1
            raise TimeoutError
        return log.read(shard, above, below, limit)

    def home(self, reader: User, since: MessageId = LOWEST) -> list[MessageId]:
        timelines.tail.use(self.tail)
        page = timelines.home(reader.id, Window(low=since, limit=40), self._clock.now + self._ahead)
        return [message.id for message in page.messages]


class Traffic:
    """People who write at random times, a fan-out that takes its time, and a client that asks only what is new."""

    def __init__(self, world: World, fan_out_ahead: int = 0) -> None:
        self.clock = world.clock
        self.reader, *self.authors = world.join("reader", "ada", "bob", "cyd")
        for author in self.authors:
            world.follow(self.reader, author)
        self.posted: list[Message] = []
        self.seen: list[MessageId] = []
        self._world = world
        self._fan_out_ahead = fan_out_ahead
        self.post(self.authors[0])
        self.deliver(0)
        self.clock.advance(10)

    def post(self, author: User) -> None:
        self.posted.append(self._world.post(author))

    def deliver(self, number: int) -> None:
        changes = [Change("1", self.posted[number].id, inserted=True)]
        assert fanout.deliver(changes, self.clock.now + self._fan_out_ahead) == set()

    def poll(self, function: Function) -> None:
        newest = self.seen[-1] if self.seen else self.posted[0].id.previous()
        self.seen += reversed(function.home(self.reader, newest))

    def run(self, functions: list[Function], seed: int) -> None:
        """Let everything happen in the order of its time; in the end all has settled, and each function is asked."""
        random, start = Random(seed), self.clock.now
        agenda: list[tuple[int, Callable[[], None]]] = []
        delivered: dict[str, int] = {}
        for number, time in enumerate(sorted(random.sample(range(0, DURATION, 101), POSTS)), len(self.posted)):
            author = random.choice([*self.authors, self.reader])
            lag = random.choice([0, random.randrange(SETTLING), SETTLING])
            # The records of one author come in their order.
            delivered[author.id] = max(time + lag, delivered.get(author.id, 0))
            agenda += [(time, partial(self.post, author)), (delivered[author.id], partial(self.deliver, number))]
        for _ in range(POLLS):
            agenda.append((random.randrange(DURATION), partial(self._ask, random.choice(functions), random)))
        for time, happen in sorted(agenda, key=lambda each: each[0]):
            self.clock.now = start + time
            happen()
        self.clock.now = start + DURATION
        self.clock.advance(20)
        for function in functions:
            self.poll(function)

    def _ask(self, function: Function, random: Random) -> None:
        if random.random() < COLD:
            function.tail.clear()
        self.poll(function)

    @property
    def all(self) -> list[MessageId]:
        return [message.id for message in self.posted]


@pytest.mark.parametrize("fan_out_ahead", [0, APART, -APART])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_only_polls_sees_each_message_once_when_fan_out_takes_up_to_the_settling_time(
    world: World, seed: int, fan_out_ahead: int
) -> None:
    traffic = Traffic(world, fan_out_ahead)
    functions = [Function(world.clock), Function(world.clock, -APART)]
    traffic.run(functions, seed)
    assert traffic.seen == traffic.all
    for function in functions:
        assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_who_only_polls_sees_each_message_once_when_the_log_cannot_always_be_read(world: World, seed: int) -> None:
    traffic = Traffic(world)
    functions = [Function(world.clock, failing=Random(seed)) for _ in range(2)]
    traffic.run(functions, seed)
    assert traffic.seen == traffic.all
    assert all(function.failed for function in functions)


def test_a_function_that_can_no_longer_read_the_log_shows_what_is_new_all_the_same(world: World) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    assert function.home(traffic.reader) == traffic.all
    function.blind = True
    traffic.post(traffic.authors[1])
    traffic.deliver(1)
    world.clock.advance(SETTLING / 1000)
    assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_function_whose_clock_is_ahead_needs_to_let_messages_settle_for_so_much_longer(
    world: World, configure: Callable[..., None], seed: int
) -> None:
    configure(settling_time=(SETTLING + APART) / 1000)
    traffic = Traffic(world)
    traffic.run([Function(world.clock), Function(world.clock, APART)], seed)
    assert traffic.seen == traffic.all


def test_what_is_delivered_later_than_it_settles_is_missed_by_who_only_polls_but_not_by_who_reads(
    world: World,
) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    for author in traffic.authors[:2]:
        traffic.post(author)
    traffic.deliver(2)
    world.clock.advance(SETTLING / 1000)
    traffic.poll(function)
    traffic.deliver(1)
    world.clock.advance(SETTLING / 1000)
    traffic.poll(function)
    assert traffic.seen == [traffic.all[0], traffic.all[2]]
    assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_what_is_appended_after_time_outs_is_read_by_functions_that_have_read_on_meanwhile(
    world: World, faults: Faults, operation: str
) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    function.home(traffic.reader)
    traffic.post(traffic.authors[0])
    left = [3]

    def hang(call: Call) -> bool:
        """Let the first calls of a kind be lost; botocore waits for each, and the other function reads on."""
        if call.operation != operation or not left[0]:
            return False
        left[0] -= 1
        world.clock.advance(5)
        function.tail.refresh(world.clock.now)
        return True

    with faults.happening(LOST, share=1, seed=0, only=hang):
        traffic.deliver(1)
    world.clock.advance(SETTLING / 1000)
    assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize(
    ("durations", "appended_after"), [([1000], [0]), ([1001, 1000], [0, 1001]), ([6000, 2000, 5], [0, 6000, 8000])]
)
def test_an_append_of_more_than_a_second_is_repeated_under_a_later_time(
    world: World, monkeypatch: pytest.MonkeyPatch, durations: list[int], appended_after: list[int]
) -> None:
    traffic = Traffic(world)
    traffic.post(traffic.authors[0])
    start, times = world.clock.now, slow_appends(world.clock, monkeypatch, durations)
    traffic.deliver(1)
    assert times == [start + after for after in appended_after]


def test_appends_that_all_take_too_long_fail_the_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic = Traffic(world)
    traffic.post(traffic.authors[0])
    slow_appends(world.clock, monkeypatch, [1001, 1001, 1001])
    with pytest.raises(Unavailable):
        traffic.deliver(1)


def slow_appends(clock: Clock, monkeypatch: pytest.MonkeyPatch, durations: list[int]) -> list[int]:
    """Let appending to the log take so many milliseconds, one after the other; return the times under which it is."""
    times: list[int] = []

    def append(_entries: object, _shard: int, now: int) -> None:
        clock.now += durations[len(times)]
        times.append(now)

    monkeypatch.setattr(log, "append", append)
    return times
