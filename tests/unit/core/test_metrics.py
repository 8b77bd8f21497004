"""Counts belong to the request that caused them, in every thread, and to no other."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from threading import Barrier, Thread

import pytest
from botocore.exceptions import ClientError

from fstream_app import tables
from fstream_app.core import clock as fstream_clock
from fstream_app.core import metrics
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric, Tally
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import fanout
from fstream_app.repository import batch, heads
from tests.support.delivery import changes_of
from tests.support.logs import Log, written
from tests.support.people import Api, Person


@pytest.fixture
def log() -> Iterator[Log]:
    with written() as log:
        yield log


@pytest.fixture
def ada(api: Api) -> Person:
    """The author, who signs up a minute into the hour, so that this hour's log reaches back before her messages."""
    api.clock.advance(60)
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api, ada: Person) -> Person:
    """A reader who follows ada."""
    person = api.sign_up("bob")
    api.act(person, "follow", ada)
    return person


def test_nothing_is_counted_where_nobody_looks() -> None:
    metrics.count(Metric.POSTS)
    metrics.note(Metric.FAN_OUT_LAG, [1])
    metrics.charge("GetItem", {"CapacityUnits": 1})
    with metrics.tally() as tally:
        pass
    assert (tally.calls, tally.counts, tally.values) == (0, {}, {})


def test_what_did_not_happen_is_not_counted() -> None:
    with metrics.tally() as tally:
        metrics.count(Metric.LATE_DELIVERIES, 0)
        metrics.note(Metric.FAN_OUT_LAG, [])
    assert (tally.counts, tally.values) == ({}, {})


def test_of_a_stream_what_is_taken_is_counted() -> None:
    with metrics.tally() as tally:
        assert list(islice(metrics.counted(Metric.PULLED, iter("abc")), 2)) == ["a", "b"]
    assert tally.counts == {Metric.PULLED: 2}


@pytest.mark.parametrize(
    ("operation", "consumed", "units"),
    [
        ("GetItem", {"TableName": "t", "CapacityUnits": 0.5}, (0.5, 0)),
        ("Query", {"TableName": "t", "CapacityUnits": 2.0}, (2, 0)),
        (
            "BatchGetItem",
            [{"TableName": "t", "CapacityUnits": 1.5}, {"TableName": "u", "CapacityUnits": 1.0}],
            (2.5, 0),
        ),
        ("PutItem", {"TableName": "t", "CapacityUnits": 1.0}, (0, 1)),
        ("TransactWriteItems", [{"TableName": "t", "CapacityUnits": 4.0}], (0, 4)),
        ("PutItem", None, (0, 0)),
        ("BatchWriteItem", [], (0, 0)),
    ],
)
def test_a_call_takes_the_units_that_dynamodb_reports(
    operation: str, consumed: object, units: tuple[float, float]
) -> None:
    with metrics.tally() as tally:
        metrics.charge(operation, consumed)  # type: ignore[arg-type]
    assert (tally.calls, tally.read_units, tally.write_units) == (1, *units)


def test_a_call_that_fails_is_one(mocked: None, configure: Callable[..., None]) -> None:
    configure(stage="elsewhere")
    with metrics.tally() as tally, pytest.raises(ClientError):
        list(batch.get(tables.HeadItem, ["a"]))
    assert (tally.calls, tally.read_units) == (1, 0)


def test_what_is_done_at_the_same_time_counts_at_whatever_depth() -> None:
    one = partial(metrics.count, Metric.PULLED)
    with metrics.tally() as tally:
        gather(lambda: gather_all([one] * 20), lambda: gather_all([lambda: gather(one, one)] * 10))
    assert tally.counts == {Metric.PULLED: 40}


def test_requests_at_the_same_time_are_not_mixed(mocked: None) -> None:
    heads.put("author", b"x", 4_000_000_000)
    both, tallies = Barrier(2), dict[int, Tally]()

    def request(number: int) -> None:
        with metrics.tally() as tally:
            both.wait()
            for _ in range(number):
                gather(partial(heads.get, "author"), partial(metrics.count, Metric.POSTS))
            both.wait()
        tallies[number] = tally

    threads = [Thread(target=request, args=[number]) for number in (3, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: (tally.calls, tally.counts) for number, tally in tallies.items()} == {
        3: (3, {Metric.POSTS: 3}), 11: (11, {Metric.POSTS: 11}),
    }  # fmt: skip


def test_the_figures_that_are_there_without_trouble_are_free_of_charge() -> None:
    trouble = {
        Metric.LATE_DELIVERIES,
        Metric.UNKNOWN_EDGES,
        Metric.THROTTLES,
        Metric.LIVE_MISSED,
        Metric.LIVE_CUT,
    }
    assert len(set(Metric) - trouble) <= 10


def test_posts_and_deletions_are_counted_once(api: Api, ada: Person, log: Log) -> None:
    for _ in range(2):
        headers = {"idempotency-key": "k"}
        status = api.request("POST", "/api/v1/statuses", ada, json={"status": "x"}, headers=headers).json
    api.request("POST", "/api/v1/statuses", ada, json={"status": ""})
    assert api.delete(ada, status).status == 200
    assert api.delete(ada, status).status == 404
    assert (log.figure("Posts"), log.figure("Deletions")) == (1, 1)


def test_a_delivery_is_an_entry_in_a_view(api: Api, ada: Person, bob: Person, log: Log) -> None:
    api.deliver()
    log.clear()
    api.post(ada, "#one #two @bob")
    api.deliver()
    # The log, the public timeline, two hashtags and a notification.
    assert log.figure("Deliveries") == 5


def test_being_followed_is_a_delivery(api: Api, ada: Person, bob: Person, log: Log) -> None:
    api.deliver()
    assert log.figure("Deliveries") == 1


@pytest.mark.parametrize(("lag", "late"), [(0, 0), (30_000, 0), (30_001, 1)])
def test_what_comes_later_than_readers_wait_is_late(
    mocked: None, monkeypatch: pytest.MonkeyPatch, api: Api, ada: Person, lag: int, late: int
) -> None:
    monkeypatch.setattr(fstream_clock, "monotonic", lambda: 0)
    message_id = MessageId.parse(api.post(ada, "x")["id"])
    with metrics.tally() as tally:
        fanout.deliver(changes_of([message_id]), api.clock.now + lag)
    assert tally.values == {Metric.FAN_OUT_LAG: [lag]}
    assert tally.counts.get(Metric.LATE_DELIVERIES, 0) == late


def test_what_appending_takes_is_part_of_the_lag(monkeypatch: pytest.MonkeyPatch, api: Api, ada: Person) -> None:
    ticks = iter(range(0, 10_000, 100))
    monkeypatch.setattr(fstream_clock, "monotonic", lambda: next(ticks))
    message_id = MessageId.parse(api.post(ada, "x")["id"])
    before = next(ticks)
    with metrics.tally() as tally:
        fanout.deliver(changes_of([message_id]), api.clock.now)
    ((lag,),) = tally.values.values()
    assert 0 < lag <= next(ticks) - before


def test_home_distinguishes_what_was_remembered_from_what_was_pulled(
    api: Api, ada: Person, bob: Person, log: Log
) -> None:
    for _ in range(3):
        api.post(ada, "x")
    api.deliver()
    assert len(api.home(bob)) == 3
    assert (log.figure("Remembered"), log.figure("Pulled")) == (3, 0)
    api.clock.advance(2 * 3600)
    api.post(ada, "y")
    api.deliver()
    log.clear()
    assert len(api.home(bob)) == 4
    assert log.figure("Remembered") + log.figure("Pulled") == 4
    assert log.figure("Pulled") > 0


def test_ones_own_messages_are_neither_remembered_nor_pulled(api: Api, ada: Person, bob: Person, log: Log) -> None:
    api.act(ada, "follow", bob)
    api.post(ada, "my own")
    api.deliver()
    assert len(api.home(ada)) == 1
    assert (log.figure("Remembered"), log.figure("Pulled")) == (0, 0)
