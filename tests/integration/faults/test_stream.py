"""Stream records that are repeated, reordered, late or unreadable: no message is lost or delivered twice."""

import json
from collections.abc import Callable, Iterator
from random import Random

import pytest

from fstream_app import tables
from fstream_app.core import database
from fstream_app.core.entities import Window
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.feed import timelines
from fstream_app.feed.home import read as read_home
from fstream_app.messages import notifications
from fstream_app.people import users
from ops.pump import Pump
from tests.integration.faults import SEEDS
from tests.integration.faults.injector import Records, Streams
from tests.integration.faults.world import NEWEST, World, something_of_everything


def test_every_record_twice(world: World, streams: Streams) -> None:
    something_of_everything(world)
    streams.change = lambda records: [record for record in records for _ in range(2)]
    world.deliver()
    world.check()


def test_every_batch_twice_and_everything_once_more_later(
    world: World, streams: Streams, make_pump: Callable[[], Pump]
) -> None:
    something_of_everything(world)
    streams.change = lambda records: records * 2
    world.deliver()
    world.pump = make_pump()
    world.deliver()
    world.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_records_of_different_authors_in_any_order(world: World, streams: Streams, seed: int) -> None:
    random = Random(seed)
    orders = []

    def interleave(records: Records) -> Records:
        """Shuffle the authors over the positions; the records of each author stay in order."""
        owners = [_owner(record) for record in records]
        theirs: dict[str, Iterator[dict[str, object]]] = {
            owner: iter([record for record in records if _owner(record) == owner]) for owner in owners
        }
        random.shuffle(owners)
        mixed = [next(theirs[owner]) for owner in owners]
        orders.append(mixed != records)
        return mixed

    something_of_everything(world)
    streams.change = interleave
    world.deliver()
    world.check()
    assert any(orders)


def _owner(record: dict[str, object]) -> str:
    keys = record["dynamodb"]["Keys"]  # type: ignore[index]
    return str(next(keys[name] for name in ("author_id", "u", "user_id") if name in keys)["S"])


def test_a_bad_record_in_a_batch_of_100_goes_to_the_dead_letters_and_all_behind_it_is_delivered(
    world: World, streams: Streams
) -> None:
    sizes = []
    streams.change = lambda records: sizes.append(len(records)) or records  # type: ignore[func-returns-value]
    reader, *authors = world.join("reader", *(f"author{number}" for number in range(9)))
    for author in authors:
        world.follow(reader, author)
    for number in range(50):
        world.post(authors[number % 9])
    put_unreadable(authors[0].id, "unspeakable")
    for number in range(50, 99):
        world.post(authors[number % 9], "unspeakable", mentioned=reader)
    world.deliver()
    assert 100 in sizes
    assert home_to_its_end(world, reader.id) == world.network.home(reader.id, world.clock.now, polled=False)[0]
    assert [users.activity(author, world.clock.now).messages for author in authors] == [11] * 9
    page = notifications.of_user(reader.id, NEWEST, world.clock.now)
    assert (len(page.shown), page.older is None) == (40, False)
    assert len(world.dead_letters) == 2  # of `fan_out` and of `views`
    for letter in world.dead_letters:
        assert letter["DDBStreamBatchInfo"]["batchSize"] == 1  # type: ignore[index]
        assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"  # type: ignore[index]
        assert "unspeakable" not in json.dumps(letter)


def put_unreadable(author_id: str, text: str) -> None:
    """Put an item that is not a message into the messages table."""
    item = {"author_id": {"S": author_id}, "id": {"S": "not an id"}, "text": {"S": text}}
    database.connection().client.put_item(TableName=tables.MessageItem.table_name(), Item=item)


def home_to_its_end(world: World, reader_id: str) -> list[MessageId]:
    read: list[MessageId] = []
    older: MessageId | None = HIGHEST
    while older is not None:
        page = read_home(reader_id, Window(before=older, limit=40), world.clock.now)
        read += [message.id for message in page.messages]
        older = page.older
    return read


def test_a_reader_whose_position_was_trimmed_goes_on_with_the_oldest_record_there_is(
    world: World, streams: Streams
) -> None:
    ada, bob = world.join("ada", "bob")
    world.follow(bob, ada)
    first = world.post(ada, mentioned=bob)
    world.deliver()
    streams.trim()
    world.pump.drain()
    world.follow(ada, bob)
    world.post(bob, to=first)
    world.deliver()
    world.check()


def test_what_was_trimmed_unread_is_still_on_its_authors_page_and_all_that_follows_is_delivered(
    world: World, streams: Streams
) -> None:
    """A stream keeps records for a day, which is longer than most messages live."""
    ada, bob = world.join("ada", "bob")
    world.follow(bob, ada)
    first = world.post(ada)
    world.deliver()
    unread = world.post(ada)
    streams.trim()
    world.pump.drain()
    last = world.post(ada)
    world.deliver()
    assert home_to_its_end(world, bob.id) == [last.id, first.id]
    theirs = timelines.of_account(ada.id, bob.id, NEWEST, world.clock.now)
    assert [message.id for message in theirs.messages] == [last.id, unread.id, first.id]
    assert users.activity(ada, world.clock.now).messages == 3
