"""One person whom everybody follows, and a message in whose poll everybody votes: no request meets a conflict.

`FSTREAM_TEST_HOT=2000` sets the number of people, 40 by default; `make test-long` runs it with 2,000.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import boto3
import pytest

from chalicelib import events
from fstream_app.core import database, ids
from fstream_app.core.entities import User
from fstream_app.core.ids import MessageId
from fstream_app.messages import polls, posting, reactions, reading
from fstream_app.messages.posting import Draft
from fstream_app.people import following, users
from fstream_app.repository import batch, follows
from fstream_app.repository.follows import Follow
from fstream_app.tables import EdgeItem, ReactionItem, UserItem
from ops import provisioning
from ops.streams import Record, Shard, describe_shards
from tests.integration.conflicts import Conflicts, Killed, Life, living
from tests.support.clock import Clock

PEOPLE = int(os.environ.get("FSTREAM_TEST_HOT", "40"))
THREADS = 50
HELD_SECONDS = 0.015
FUNCTIONS = 3
"""Batches of a stream that are handled at the same time."""
_REPORT = logging.getLogger(__name__)


@pytest.fixture
def conflicts(ministack: None, monkeypatch: pytest.MonkeyPatch) -> Conflicts:
    session = database.connection().client._endpoint.http_session
    between = Conflicts(session.send, HELD_SECONDS)
    monkeypatch.setattr(session, "send", between.send)
    return between


class Functions:
    """Calls the stream functions in parallel, with batches in any order, some of them twice, and kills some calls."""

    def __init__(self) -> None:
        self._random = Random(1)
        self._shards = [
            (handler, shard) for model, handler in _STREAMS for shard in _shards(provisioning.stream_arn(model))
        ]
        self.killed = 0
        self.failed = 0

    def run(self, is_over: Callable[[], bool]) -> None:
        """Deliver until the streams have nothing more, after `is_over` has returned true."""
        with ThreadPoolExecutor(FUNCTIONS) as pool:
            while True:
                was_over = is_over()
                batches = [each for handler, shard in self._shards for each in self._batches(handler, shard.read())]
                self._random.shuffle(batches)
                list(pool.map(self._until_done, batches))
                if was_over and not batches:
                    return

    def _batches(self, handler: Any, records: list[Record]) -> Iterator[tuple[Any, list[Record]]]:
        self._random.shuffle(records)
        for part in batch.chunks(records, 50):
            yield handler, part
            if self._random.random() < 0.3:
                yield handler, part

    def _until_done(self, work: tuple[Any, list[Record]]) -> None:
        handler, records = work
        calls: int | None = self._random.randrange(8)
        while True:
            try:
                with living(Life(calls)):
                    outcome = handler({"Records": records}, None)
            except Killed:
                self.killed += 1
                calls = None if self._random.random() < 0.5 else self._random.randrange(8)
                continue
            if not outcome["batchItemFailures"]:
                return
            self.failed += 1


_STREAMS = ((EdgeItem, events.on_relationship), (ReactionItem, events.on_reaction))


def _shards(arn: str) -> list[Shard]:
    client = boto3.client("dynamodbstreams")
    return [Shard(client, arn, description) for description in describe_shards(client, arn)]


def people(number: int, now: int) -> list[str]:
    made = [ids.new_user_id() for _ in range(number)]
    batch.put(UserItem(each, name=each, created_at=now, followers_count=0, following_count=0) for each in made)
    return made


def at_once(functions: Functions, calls: Iterable[Callable[[], object]]) -> None:
    """Make calls from 50 threads while the stream functions run; raise what any of them raises."""
    is_over = threading.Event()
    streaming = ThreadPoolExecutor(1)
    delivering = streaming.submit(functions.run, is_over.is_set)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda call: call(), calls))
    finally:
        is_over.set()
        delivering.result()
        streaming.shutdown()


@dataclass
class Star:
    """A person and a message of theirs, and their fans."""

    id: str
    message: MessageId
    fans: list[str]
    now: int

    def follow(self, fan: str) -> None:
        following.follow(fan, self.id, self.now)

    def unfollow(self, fan: str) -> None:
        following.unfollow(fan, self.id, self.now)

    def favourite(self, fan: str) -> None:
        reactions.favourite(fan, str(self.message), self.now)

    def unfavourite(self, fan: str) -> None:
        reactions.unfavourite(fan, str(self.message), self.now)

    def vote(self, fan: str) -> None:
        polls.vote(fan, str(self.message), [self.fans.index(fan) % 2], self.now)

    def counts(self) -> tuple[int, int]:
        """Return the numbers of followers and of favourites."""
        user = users.get(self.id, consistent=True)
        return user.followers_count, reading.get(str(self.message), None, self.now).favourites_count

    def result(self) -> tuple[int, tuple[int, ...]]:
        """Return the numbers of voters, and of votes by option."""
        poll = reading.get(str(self.message), None, self.now).poll
        assert poll is not None
        return poll.voters, poll.votes

    def followers(self) -> set[str]:
        """Return who is stored as a follower, ended or not."""
        return {found.follow.follower_id for found in follows.read(Follow(fan, self.id) for fan in self.fans)}


@pytest.fixture
def star(conflicts: Conflicts, clock: Clock) -> Star:
    user = User(id=people(1, clock.now)[0], name="star", created_at=0, password_hash="")
    message = posting.post(user, Draft("hello", poll=polls.Draft(("a", "b"), 300)), clock.now)
    return Star(user.id, message.id, people(PEOPLE, clock.now), clock.now)


@pytest.mark.timeout(1800)
def test_no_request_fails_or_retries_however_many_follow_one_person_and_counts_are_exact(
    conflicts: Conflicts, star: Star
) -> None:
    functions = Functions()
    staying, keeping = star.fans[: PEOPLE // 10], star.fans[: PEOPLE // 4]
    at_once(functions, [partial(act, fan) for fan in star.fans for act in (star.follow, star.favourite, star.vote)])
    assert star.counts() == (PEOPLE, PEOPLE)
    assert star.result() == (PEOPLE, (-(-PEOPLE // 2), PEOPLE // 2))
    at_once(functions, [partial(star.unfollow, fan) for fan in star.fans[len(staying) :]])
    at_once(functions, [partial(star.unfavourite, fan) for fan in star.fans[len(keeping) :]])
    assert star.counts() == (len(staying), len(keeping))
    assert star.followers() == set(staying)
    following = [users.get(fan, consistent=True).following_count for fan in (star.fans[0], star.fans[-1])]
    assert following == [1, 0]
    _REPORT.info("%s in conflict, %s transactions, %s killed", conflicts.met, conflicts.transactions, functions.killed)
    assert conflicts.met["request"] == 0
    assert conflicts.met["function"] > 0 or PEOPLE < 500  # with fewer, functions seldom meet
    assert functions.killed > 0
