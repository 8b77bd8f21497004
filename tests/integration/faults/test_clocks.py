"""Functions with different clocks, slow ones, and ones that cannot read the log: each message is read once."""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import pytest

from fstream_app.core.entities import Message, User, Window
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import LOWEST, MessageId
from fstream_app.feed import tail
from fstream_app.feed.home import read as read_home
from fstream_app.feed.tail import Tail
from fstream_app.repository import log
from fstream_app.repository.log import Appended
from tests.integration.faults import SEEDS
from tests.integration.faults.injector import LOST, Call, Faults
from tests.integration.faults.world import SETTLING, World
from tests.support.clock import Clock
from tests.support.delivery import changes_of, deliver

APART = 3000
"""Milliseconds between two clocks."""
DURATION = 15_000
"""Milliseconds for which users write and read."""
POSTS, POLLS = 15, 30
BOUND = 30_000
"""Milliseconds for which readers wait for late messages."""
COLD = 0.1
"""Share of polls that meet a cold function."""
FAILING = 0.3
"""Share of reads of the log that fail, in tests with such failures."""


class Function:
    """A function that serves home timelines, with its own clock and tail."""

    def __init__(self, clock: Clock, ahead: int = 0, failing: Random | None = None) -> None:
        self.failed = 0
        self.blind = False
        """Whether all its reads of the log fail."""
        self.tail = Tail(self._read, shards=1, capacity=1000, refresh_every=500, overlap=5000)
        self._clock = clock
        self._ahead = ahead
        self._failing = failing

    def _read(self, shard: int, above: int, below: int, limit: int) -> list[Appended]:
        if self.blind or (self._failing and self._failing.random() < FAILING):
            self.failed += 1
            raise TimeoutError
        return log.read(shard, above, below, limit)

    def home(self, reader: User, since: MessageId = LOWEST) -> list[MessageId]:
        tail.shared.use(self.tail)
        page = read_home(reader.id, Window(after=since, limit=40), self._clock.now + self._ahead)
        return [message.id for message in page.messages]


class Traffic:
    """Users who post at random times, a slow fan-out, and a client that polls for new messages."""

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
        changes = changes_of([self.posted[number].id])
        assert deliver(changes, self.clock.now + self._fan_out_ahead) == set()

    def poll(self, function: Function) -> None:
        newest = self.seen[-1] if self.seen else self.posted[0].id.previous()
        self.seen += reversed(function.home(self.reader, newest))

    def run(self, functions: list[Function], seed: int, lags: Sequence[int] = ()) -> None:
        """Run all events in order of time, let everything settle, then poll each function.

        The fan-out is late by one of the lags (ms), by default by some time up to the settling time.
        """
        random, start = Random(seed), self.clock.now
        agenda: list[tuple[int, Callable[[], None]]] = []
        delivered: dict[str, int] = {}
        for number, time in enumerate(sorted(random.sample(range(0, DURATION, 101), POSTS)), len(self.posted)):
            author = random.choice([*self.authors, self.reader])
            lag = random.choice(lags or [0, random.randrange(SETTLING), SETTLING])
            # Records of one author stay in order.
            delivered[author.id] = max(time + lag, delivered.get(author.id, 0))
            agenda += [(time, partial(self.post, author)), (delivered[author.id], partial(self.deliver, number))]
        for _ in range(POLLS):
            agenda.append((random.randrange(DURATION), partial(self._ask, random.choice(functions), random)))
        for time, happen in sorted(agenda, key=lambda each: each[0]):
            self.clock.now = start + time
            happen()
        self.clock.now = start + DURATION + 2 * BOUND
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
def test_a_polling_client_sees_each_message_once_when_fan_out_takes_up_to_the_settling_time(
    world: World, seed: int, fan_out_ahead: int
) -> None:
    traffic = Traffic(world, fan_out_ahead)
    functions = [Function(world.clock), Function(world.clock, -APART)]
    traffic.run(functions, seed)
    assert traffic.seen == traffic.all
    for function in functions:
        assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_polling_client_sees_each_message_once_when_the_log_cannot_always_be_read(world: World, seed: int) -> None:
    traffic = Traffic(world)
    functions = [Function(world.clock, failing=Random(seed)) for _ in range(2)]
    traffic.run(functions, seed)
    assert traffic.seen == traffic.all
    assert all(function.failed for function in functions)


def test_a_function_that_can_no_longer_read_the_log_shows_what_is_new_after_the_bound(world: World) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    assert function.home(traffic.reader) == traffic.all
    function.blind = True
    traffic.post(traffic.authors[1])
    traffic.deliver(1)
    world.clock.advance(SETTLING / 1000)
    assert function.home(traffic.reader) == traffic.all[:1]  # it cannot see that the message has been delivered
    world.clock.advance(BOUND / 1000)
    assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_function_whose_clock_is_ahead_needs_to_let_messages_settle_for_so_much_longer(
    world: World, configure: Callable[..., None], seed: int
) -> None:
    configure(settling_time=(SETTLING + APART) / 1000)
    traffic = Traffic(world)
    traffic.run([Function(world.clock), Function(world.clock, APART)], seed)
    assert traffic.seen == traffic.all


@pytest.mark.parametrize("seed", SEEDS)
def test_a_polling_client_sees_each_message_once_when_fan_out_takes_up_to_the_bound(world: World, seed: int) -> None:
    traffic = Traffic(world)
    traffic.run([Function(world.clock), Function(world.clock)], seed, lags=[0, SETTLING, 5_000, BOUND])
    assert traffic.seen == traffic.all


def test_a_message_delivered_after_the_bound_is_missed_by_polling_but_not_by_reading(world: World) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    for author in traffic.authors[:2]:
        traffic.post(author)
    traffic.deliver(2)
    world.clock.advance(BOUND / 1000 - 0.1)
    traffic.poll(function)
    assert traffic.seen == traffic.all[:1]
    world.clock.advance(1)
    traffic.poll(function)
    traffic.deliver(1)
    world.clock.advance(SETTLING / 1000)
    traffic.poll(function)
    assert traffic.seen == [traffic.all[0], traffic.all[2]]
    assert function.home(traffic.reader) == traffic.all[::-1]


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_entries_appended_after_time_outs_are_read_by_functions_that_have_refreshed_meanwhile(
    world: World, faults: Faults, operation: str
) -> None:
    traffic, function = Traffic(world), Function(world.clock)
    function.home(traffic.reader)
    traffic.post(traffic.authors[0])
    left = [2]

    def hang(call: Call) -> bool:
        """Lose the first two calls of the operation: botocore waits 2 s for each, while the other function reads."""
        if call.operation != operation or not left[0]:
            return False
        left[0] -= 1
        world.clock.advance(2)
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
    """Make appends to the log take these times (ms), in turn; return the times passed to them."""
    times: list[int] = []

    def append(_entries: object, _shard: int, now: int, _tags: object, *, is_new: bool) -> None:
        assert is_new
        clock.now += durations[len(times)]
        times.append(now)

    monkeypatch.setattr(log, "append", append)
    return times
