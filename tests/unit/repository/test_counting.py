"""Counting is exact in any order, however often it is repeated, and whatever becomes of the items with the counts."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fstream_app.core import ids
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.repository import follows, messages, replies, users
from fstream_app.repository.follows import Follow
from fstream_app.repository.transactions import ACTIONS, Writes
from fstream_app.tables import EdgeItem, MessageItem, UserItem
from tests.support.engines import fresh_tables

PEOPLE = 4


@pytest.fixture
def fresh_moto(mocked: None) -> Iterator[Callable[[], None]]:
    """Empty the tables for the next example."""
    with ExitStack() as entered:

        def begin() -> None:
            entered.enter_context(fresh_tables("moto"))

        yield begin


def make_people(number: int) -> list[str]:
    made = [ids.new_user_id() for _ in range(number)]
    for each in made:
        UserItem(each, name=each, created_at=0).save()
    return made


def settle(some: Iterable[Follow]) -> set[Follow]:
    return follows.settle(follows.read(some))


def counts(people: Iterable[str]) -> list[tuple[int, int]]:
    found = [users.get(each, consistent=True) for each in people]
    return [(each.followers_count, each.following_count) for each in found if each]


def expected(people: list[str], there: set[Follow]) -> list[tuple[int, int]]:
    return [
        (sum(follow.followed_id == each for follow in there), sum(follow.follower_id == each for follow in there))
        for each in people
    ]


pairs = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(lambda pair: pair[0] != pair[1])
steps = st.lists(st.tuples(st.sampled_from(["put", "end", "settle", "settle old"]), pairs), max_size=25)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, seed=st.integers(0, 1000))
def test_any_sequence_of_follows_ends_and_settlements_counts_exactly(
    steps: list[tuple[str, tuple[int, int]]], seed: int, fresh_moto: Callable[[], None]
) -> None:
    fresh_moto()
    people, there = make_people(PEOPLE), set[Follow]()
    random, stale = Random(seed), list[follows.Found]()
    for verb, (one, other) in steps:
        follow = Follow(people[one], people[other])
        match verb:
            case "put":
                assert follows.put(follow) is (follow not in there)
                there.add(follow)
            case "end":
                assert follows.end(follow) is (follow in there)
                there.discard(follow)
            case "settle":
                assert settle([follow]) == set()
            case _:
                assert follows.settle(stale) == set()  # as read by a function that was slower than others
        if random.random() < 0.3:
            stale = follows.read(Follow(a, b) for a in people for b in people)
        assert {
            each.follow for each in follows.read(Follow(a, b) for a in people for b in people) if not each.ended
        } == there
    everything = [Follow(a, b) for a in people for b in people]
    random.shuffle(everything)
    for _ in range(2):
        assert settle(everything) == set()
        assert counts(people) == expected(people, there)
    assert {each.follow for each in follows.read(everything)} == there


@pytest.mark.parametrize("number", [1, 49, 50, 120])
def test_a_batch_takes_as_few_transactions_as_it_can(
    mocked: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    star, *fans = make_people(number + 1)
    wanted = [Follow(fan, star) for fan in fans]
    for follow in wanted:
        follows.put(follow)
    sizes, attempt = [], Writes.attempt

    def counted(writes: Writes) -> list[Exception]:
        sizes.append(len(writes._writes))
        return attempt(writes)

    monkeypatch.setattr(Writes, "attempt", counted)
    assert settle(wanted) == set()
    assert max(sizes) <= ACTIONS
    assert len(sizes) == -(-number // 49)  # the follow and its follower, and the star once
    assert counts([star]) == [(number, 0)]


def test_what_is_counted_nowhere_any_more_is_settled_without(mocked: None) -> None:
    one, other = make_people(2)
    gone = ids.new_user_id()
    some = [Follow(one, gone), Follow(gone, other), Follow(one, other)]
    for follow in some:
        follows.put(follow)
    assert settle(some) == set()
    assert counts([one, other]) == [(0, 2), (2, 0)]
    for follow in some:
        follows.end(follow)
    assert settle(some) == set()
    assert counts([one, other]) == [(0, 0), (0, 0)]
    assert list(EdgeItem.scan()) == []
    assert {item.id for item in UserItem.scan()} == {one, other}  # a count brings nobody back


def test_a_transaction_that_fails_leaves_the_others_alone(mocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    star, *fans = make_people(60)
    wanted = [Follow(fan, star) for fan in fans]
    for follow in wanted:
        follows.put(follow)
    attempt, calls = Writes.attempt, []

    def fail_once(writes: Writes) -> list[Exception]:
        calls.append(1)
        if len(calls) == 1:
            raise TimeoutError
        return attempt(writes)

    monkeypatch.setattr(Writes, "attempt", fail_once)
    failed = settle(wanted)
    assert len(failed) == 49
    assert counts([star]) == [(10, 0)]
    assert settle(wanted) == set()
    assert counts([star]) == [(59, 0)]


def test_a_reply_and_a_reply_to_it_are_counted_in_one_batch(mocked: None) -> None:
    author = ids.new_user_id()
    root = Message(id=MessageId.new(author, 1_000), text="x", lifetime=60)
    first = Message(id=MessageId.new(author, 2_000), text="x", lifetime=60, in_reply_to=root.id, answered_lifetime=60)
    second = Message(id=MessageId.new(author, 3_000), text="x", lifetime=60, in_reply_to=first.id, answered_lifetime=60)
    for message in (root, first, second):
        messages.put(message)
    written = messages.get_many([root.id, first.id, second.id]).values()
    times, failed = replies.count(written, dict.fromkeys([root.id, first.id, second.id], 5_000))
    assert (times, failed) == ({first.id: 5_000, second.id: 5_000}, set())
    found = messages.get_many([root.id, first.id, second.id])
    assert [found[each.id].lasting_replies for each in (root, first, second)] == [1, 1, 0]
    again, _ = replies.count(found.values(), dict.fromkeys(found, 9_000))
    assert again == times
    replies.delete(found[first.id])
    assert MessageItem.count(author) == 2
