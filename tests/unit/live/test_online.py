"""Who is online, in memory; who is found among an author's followers; what is in the queue."""

from collections.abc import Callable

import msgspec
import pytest

from fstream_app.core import ids, queue
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.core.streams import LONGEST, Socket, Stream, Subscription
from fstream_app.live.entries import Entries, Notice, Reach, Removal
from fstream_app.live.online import Online, Presence
from fstream_app.repository import audience
from fstream_app.tables import EdgeItem
from ops.meter import metered
from tests.support.listening import USER

NOW = 1_700_000_000_000
TEA = Subscription(Stream.HASHTAG, "tea", "Tea")


def socket(number: int, *subscriptions: Subscription, since: int = NOW) -> Socket:
    return Socket(f"{number}=", f"user{number}", "ab", frozenset(), frozenset(subscriptions), since, NOW + LONGEST)


def test_the_memory_of_sockets_follows_changes_forgets_what_is_gone_and_rereads_the_last_seconds() -> None:
    stored = [socket(1, USER), socket(2, TEA)]
    asked: list[int] = []

    def read(since: int, _: int) -> list[Socket]:
        asked.append(since)
        return [each for each in stored if each.since >= since]

    online = Online(read)
    online.refresh(NOW)
    assert (online.users(), online.listening(TEA.topic or ""), online.hashtag_topics()) == (
        {"user1"},
        [stored[1]],
        {TEA.topic: TEA.tag},
    )
    stored[:] = [socket(1, since=NOW + 10), socket(2, TEA, USER, since=NOW + 10), socket(3, USER, since=NOW - 4000)]
    online.refresh(NOW + 1000)
    assert asked == [0, NOW - 5000]
    assert online.users() == {"user2", "user3"}
    assert online.of_users(["user1", "user2", "nobody"]) == {"user2": [stored[1]]}
    online.forget(["2=", "none"])
    assert (online.users(), online.listening(TEA.topic or "")) == ({"user3"}, [])
    stored.clear()
    online.refresh(NOW + LONGEST)
    assert not online.is_anybody


def test_whether_anybody_is_online_is_asked_twice_a_second_and_remembered_for_a_minute() -> None:
    answers = iter([False, True, False, False])
    presence = Presence(lambda _: next(answers))
    assert [presence(NOW + after) for after in (0, 499, 500, 999, 1000, 60_499, 60_500)] == [
        False,
        False,
        True,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.usefixtures("mocked")
def test_followers_are_found_in_ranges_of_keys_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [ids.new_user_id() for _ in range(60)]
    for each in people:
        EdgeItem(each, edge(EdgeKind.FOLLOW, "ada")).save()
    EdgeItem(people[0], edge(EdgeKind.FOLLOW, "ada"), ended=True).save()
    wanted = {*people[:20], "somebody else"}
    found = audience.followers_among("ada", wanted, 1000)
    assert found == (set(people[1:20]), False)
    monkeypatch.setattr(audience, "_OF_RANGE", 10)
    with metered() as cost:
        assert audience.followers_among("ada", wanted, 1000, expected=60) == found
    assert len(cost.calls) == 8
    part, is_cut = audience.followers_among("ada", set(people), 30)
    assert (len(part) in {29, 30}, is_cut) == (True, True)
    assert audience.followers_among("ada", wanted, 0) == (set(), True)


def test_entries_of_the_queue_are_split_and_unknown_fields_are_skipped(configure: Callable[..., None]) -> None:
    posted = tuple(str(MessageId.new("0" * 13, NOW + number)) for number in range(2500))
    notified = tuple(Notice("0" * 13, each) for each in posted[:10])
    texts = list(Entries(posted=posted, notified=notified).encoded())
    parts = [Entries.decoded(text) for text in texts]
    assert tuple(each for part in parts for each in part.posted) == posted
    assert tuple(each for part in parts for each in part.notified) == notified
    assert all(len(text) < queue.MOST_BYTES // 2 for text in texts)
    assert Entries.decoded('{"posted": ["a"], "of a later version": 1}') == Entries(posted=("a",))
    with pytest.raises(msgspec.DecodeError):
        Entries.decoded("[]")


@pytest.mark.parametrize(
    ("visibility", "is_boost", "reach"),
    [
        (Visibility.PUBLIC, False, Reach.EVERYBODY),
        (Visibility.PUBLIC, True, Reach.FOLLOWERS),
        (Visibility.UNLISTED, False, Reach.FOLLOWERS),
        (Visibility.PRIVATE, False, Reach.FOLLOWERS),
        (Visibility.DIRECT, False, Reach.PEOPLE),
    ],
)
def test_a_deletion_reaches_those_whom_the_message_reached(
    visibility: Visibility, is_boost: bool, reach: Reach
) -> None:
    entry = Entry(MessageId.new("0" * 13, NOW), 60, visibility, is_reply=False, is_boost=is_boost)
    assert Reach.of(entry) is reach
    assert Reach.of(None) is Reach.PEOPLE
    assert Entries.decoded(next(Entries(removed=(Removal("a", reach, ("b",)),)).encoded())).removed[0].reach == reach
