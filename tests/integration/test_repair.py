"""Repair rebuilds what fan-out writes from the messages: the same as before, and nothing twice."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fstream_app import tables
from fstream_app.core import database, ids, metrics, packing, retry
from fstream_app.core.entities import User
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Tally
from fstream_app.feed import fanout
from fstream_app.feed.changes import Change
from fstream_app.repository import follows, messages, recounting, users
from fstream_app.repository.follows import Follow
from ops.operations import repair
from ops.operations.bookmark import Bookmark
from ops.operations.errors import OperationError
from ops.operations.pace import Pace
from tests.support.clock import Clock
from tests.support.engines import cool_down
from tests.support.people import Api, Person, stored

MADE = (tables.HeadItem, tables.LogItem, tables.TimelineItem, tables.NotificationItem)
"""The tables that fan-out writes."""


def lose(*models: type[tables.Table]) -> None:
    """Delete all items of tables, and clear the warm function's memory."""
    client = database.connection().client
    for model in models:
        name = model.table_name()
        for item in client.scan(TableName=name)["Items"]:
            client.delete_item(TableName=name, Key={key: item[key] for key in model.key_names()})
    cool_down()


@pytest.fixture
def again(real_api: Api, tmp_path: Path) -> Callable[..., int]:
    """Repair everything; return the number of live messages."""

    def run(*, restart: bool = False) -> int:
        return repair.everything(
            tmp_path / "repair.json", Pace(1e9, Tally()), real_api.clock, restart=restart, quiet=True
        )

    return run


def seen(api: Api, ada: Person, bob: Person, *, mentions_only: bool = True) -> dict[str, Any]:
    """Return what Bob sees of fan-out's writes."""
    kinds = {"types[]": ["mention"]} if mentions_only else {}
    first = api.read(f"/api/v1/accounts/{ada.id}/statuses", bob)[-1]
    return {
        "home": api.home(bob),
        "profile": api.read(f"/api/v1/accounts/{ada.id}/statuses", bob),
        "public": api.read("/api/v1/timelines/public", bob),
        "tag": api.read("/api/v1/timelines/tag/news", bob),
        "thread": [each["id"] for each in api.get(f"/api/v1/statuses/{first}/context", bob).json["descendants"]],
        "found": [each["name"] for each in api.get("/api/v2/search", bob, q="new", type="hashtags").json["hashtags"]],
        "notifications": [each["id"] for each in api.get("/api/v1/notifications", bob, **kinds).json],
    }


def post_all_sorts(api: Api, ada: Person, bob: Person) -> None:
    first = api.post(ada, "first of all")
    api.clock.advance(1)
    api.post(bob, "an answer", in_reply_to_id=first["id"])
    api.post(ada, "some #news for @bob")
    api.post(ada, "for followers alone @bob", visibility="private")
    api.post(ada, "for @bob alone", visibility="direct")
    gone = api.post(ada, "deleted #news @bob")
    api.post(ada, "expired #news @bob", expires_in=60)
    api.deliver()
    api.delete(ada, gone)
    api.deliver()
    api.clock.advance(60)


def test_all_that_was_lost_is_as_before(
    real_api: Api, people: tuple[Person, Person], again: Callable[..., int]
) -> None:
    post_all_sorts(real_api, *people)
    before = seen(real_api, *people)
    assert all(before.values())
    lose(*MADE)
    assert seen(real_api, *people)["public"] == []
    assert again() == 5
    real_api.clock.advance(1.5)
    assert seen(real_api, *people) == before


def test_where_nothing_was_lost_nothing_is_there_twice(
    real_api: Api, people: tuple[Person, Person], again: Callable[..., int]
) -> None:
    post_all_sorts(real_api, *people)
    before, items = seen(real_api, *people, mentions_only=False), stored()
    again()
    again()
    real_api.clock.advance(1.5)
    assert seen(real_api, *people, mentions_only=False) == before
    cool_down()  # no message is in the whole log twice
    assert seen(real_api, *people, mentions_only=False) == before
    now = stored()
    for model in (tables.NotificationItem, tables.TimelineItem):
        keys = [[json.loads(each)[key] for key in model.key_names()] for each in now[model.__name__]]
        assert len(keys) == len(items[model.__name__])


def test_what_was_dismissed_stays_dismissed(
    real_api: Api, people: tuple[Person, Person], again: Callable[..., int]
) -> None:
    ada, bob = people
    real_api.post(ada, "psst @bob")
    real_api.deliver()
    (notification,) = real_api.get("/api/v1/notifications", bob, **{"types[]": ["mention"]}).json
    real_api.request("POST", f"/api/v1/notifications/{notification['id']}/dismiss", bob)
    again()
    assert real_api.get("/api/v1/notifications", bob, **{"types[]": ["mention"]}).json == []


def test_the_messages_of_one_author_are_repaired_alone(real_api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    theirs = real_api.post(ada, "hers #news")
    real_api.post(bob, "his #news")
    real_api.deliver()
    lose(*MADE)
    assert repair.author("@Ada", Pace(1e9, Tally()), real_api.clock) == 1
    assert real_api.read("/api/v1/timelines/tag/news", bob) == [theirs["id"]]


def test_an_unknown_name_is_reported(real_api: Api) -> None:
    with pytest.raises(OperationError, match="No user is named eve"):
        repair.author("eve", Pace(1e9, Tally()), real_api.clock)


def test_a_head_whose_messages_are_all_gone_goes_too(real_api: Api, people: tuple[Person, Person]) -> None:
    ada, _ = people
    status = real_api.post(ada, "soon gone")
    real_api.deliver()
    real_api.delete(ada, status)  # its stream record is lost
    assert stored()["HeadItem"]
    assert repair.author("ada", Pace(1e9, Tally()), real_api.clock) == 0
    assert stored()["HeadItem"] == []


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "PAGE", 2)


@pytest.mark.usefixtures("small_pages")
def test_a_repair_that_was_interrupted_goes_on_where_it_stopped(
    real_api: Api,
    people: tuple[Person, Person],
    again: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    ada, bob = people
    posted = [real_api.post(ada, f"number {number} #news")["id"] for number in range(5)]
    deliver, calls = fanout.deliver, []

    def dies(changes: list[Change], now: int) -> set[str]:
        calls.append(changes)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return deliver(changes, now)

    monkeypatch.setattr(fanout, "deliver", dies)
    with pytest.raises(KeyboardInterrupt):
        again()
    assert (tmp_path / "repair.json").exists()
    assert again() == 3
    assert not (tmp_path / "repair.json").exists()
    real_api.clock.advance(1.5)
    assert sorted(real_api.read("/api/v1/timelines/tag/news", bob)) == sorted(posted)


@pytest.mark.usefixtures("small_pages")
def test_a_repair_can_start_over(
    real_api: Api, people: tuple[Person, Person], again: Callable[..., int], tmp_path: Path
) -> None:
    ada, _ = people
    for number in range(3):
        real_api.post(ada, f"number {number}")
    name = tables.MessageItem.table_name()
    arn = database.connection().client.describe_table(TableName=name)["Table"]["TableArn"]
    last = {"author_id": {"S": "z" * 13}, "id": {"S": "z" * 26}}
    bookmark = Bookmark(tmp_path / "repair.json", arn)
    bookmark.put(last)
    assert bookmark.position() == last
    assert again(restart=True) == 3


def test_a_bookmark_in_another_table_is_none(tmp_path: Path) -> None:
    Bookmark(tmp_path / "build" / "repair.json", "one").put({"id": {"S": "a"}})
    assert Bookmark(tmp_path / "build" / "repair.json", "other").position() is None
    assert Bookmark(tmp_path / "build" / "repair.json", "one").position() == {"id": {"S": "a"}}


def test_messages_that_cannot_be_delivered_stop_the_repair(
    real_api: Api, people: tuple[Person, Person], again: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_api.post(people[0], "stubborn")
    monkeypatch.setattr(fanout, "deliver", lambda changes, _: {change.sequence for change in changes})
    monkeypatch.setattr(retry, "attempts", range)
    with pytest.raises(OperationError, match="1 messages could not be repaired"):
        again()


def test_a_repair_reads_keys_and_counts_what_it_uses(
    real_api: Api, people: tuple[Person, Person], clock: Clock, tmp_path: Path
) -> None:
    real_api.post(people[0], "a text that stays where it is")
    sent = []
    events = database.connection().client.meta.events

    def note(parsed: dict[str, Any], **_: object) -> None:
        sent.append(parsed)

    events.register("after-call.dynamodb.Scan", note)
    try:
        with metrics.tally() as tally:
            pace = Pace(1e9, tally)
            repair.everything(tmp_path / "repair.json", pace, clock, quiet=True)
    finally:
        events.unregister("after-call.dynamodb.Scan", note)
    assert [set(item) for page in sent for item in page["Items"]] == [{"id"}]
    assert pace.used > 3


def test_units_are_spread_over_the_time_that_they_are_worth() -> None:
    slept: list[float] = []
    tally = Tally()
    pace = Pace(100, tally, monotonic=lambda: 1.0, sleep=slept.append)
    pace.wait()
    tally.charge(200.0, 50.0)
    pace.wait()
    assert slept == [2.5]


def counts(api: Api, ada: Person, status: dict[str, Any]) -> tuple[int, ...]:
    account = api.get(f"/api/v1/accounts/{ada.id}").json
    shown = api.get(f"/api/v1/statuses/{status['id']}").json
    return (
        account["followers_count"],
        account["following_count"],
        shown["favourites_count"],
        shown["replies_count"],
    )


def test_wrong_counts_are_corrected_exactly_whatever_is_not_counted_or_subtracted_yet(
    real_api: Api,
    people: tuple[Person, Person],
    again: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, bob = people
    cyd, dan = real_api.sign_up("cyd"), real_api.sign_up("dan")
    status = real_api.post(ada, "hello")
    replies = {}
    for each in (bob, cyd):
        real_api.act(each, "follow", ada)
        real_api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", each)
        replies[each.name] = real_api.post(each, "re", in_reply_to_id=status["id"], expires_in=604_800)
    real_api.act(ada, "follow", bob)
    real_api.deliver()
    right = counts(real_api, ada, status)
    assert right == (2, 1, 2, 2)
    # Dan's are not counted yet; Cyd's have ended and are not subtracted yet.
    real_api.act(dan, "follow", ada)
    real_api.act(cyd, "unfollow", ada)
    real_api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", dan)
    real_api.request("POST", f"/api/v1/statuses/{status['id']}/unfavourite", cyd)
    real_api.delete(cyd, replies["cyd"])
    tables.UserItem(ada.id).update([tables.UserItem.followers_count.set(7), tables.UserItem.following_count.remove()])
    tables.MessageItem(ada.id, status["id"]).update(
        [tables.MessageItem.favourites_count.set(9), tables.MessageItem.lasting_replies.set(-4)]
    )
    monkeypatch.setattr(repair, "_INDEX_LAG", 0)
    for corrected in (1, 0):
        assert repair.people(tmp_path / "people.json", Pace(1e9, Tally()), quiet=True) == corrected
        again(restart=True)
        assert counts(real_api, ada, status) == right
    real_api.deliver()
    assert counts(real_api, ada, status) == (2, 1, 2, 1)


def test_a_count_that_changes_while_it_is_recounted_is_recounted_again(
    mocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (User(id=ids.new_user_id(), name=name, created_at=0, password_hash="") for name in ("one", "other"))
    for user in (one, other):
        users.create(user)
    tables.UserItem(other.id).update([tables.UserItem.followers_count.set(5)])
    waits = []

    def wait() -> None:
        """Count a follow between the two comparisons of the first attempt."""
        waits.append(1)
        if len(waits) == 1:
            follows.put(Follow(one.id, other.id))
            assert follows.settle(follows.read([Follow(one.id, other.id)])) == set()

    assert recounting.of_user(other.id, wait)
    assert len(waits) == 2
    corrected = users.get(other.id)
    assert corrected
    assert corrected.followers_count == 1


@pytest.mark.parametrize("stored", [[], ["gone"], ["one", "gone"]])
def test_the_replies_that_expire_first_are_recounted_too(api: Api, stored: list[str]) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello", expires_in=86_400)
    replies = {
        name: api.post(bob, "re", in_reply_to_id=status["id"], expires_in=3600)["id"] for name in ("one", "two", "gone")
    }
    api.deliver()
    found = messages.get(MessageId.parse(status["id"]))
    assert found is not None
    packed = {str(next(packing.unpack_log(each)).id): each for each in found.brief_replies}
    assert set(packed) == set(replies.values())
    api.delete(bob, {"id": replies["gone"]})
    api.deliver()
    members = {packed[replies[name]] for name in stored}
    attribute = tables.MessageItem.brief_replies
    tables.MessageItem(ada.id, status["id"]).update([attribute.set(members) if members else attribute.remove()])
    for was_wrong in (True, False):
        assert recounting.of_message(found, api.clock.now, lambda: None) is was_wrong
        assert api.get(f"/api/v1/statuses/{status['id']}").json["replies_count"] == 2
    api.clock.advance(3600)
    assert not recounting.of_message(found, api.clock.now, lambda: None)
