"""Views: one pass of batched writes, in which each author's trouble is their own."""

from collections import Counter
from typing import Any

import pytest

from chalicelib.events import views as function
from fstream_app import tables
from fstream_app.core import database, retry
from fstream_app.messages import addressing, awaited
from fstream_app.repository import batch, timelines
from ops.meter import Call, metered
from tests.support.people import Api, Person
from tests.support.records import posted, run


@pytest.fixture
def people(api: Api) -> list[Person]:
    return [api.sign_up(name) for name in ("ada", "bob", "cyd", "dan")]


def writes(calls: list[Call]) -> Counter[tuple[str, str]]:
    """Count the calls that write, by operation and tables."""
    return Counter((call.operation, call.table) for call in calls if call.write_units)


def timeline(name: str) -> list[str]:
    return [item.message_id for item in tables.TimelineItem.query(name)]


def test_all_authors_items_go_into_the_same_calls_one_call_for_each_table(api: Api, people: list[Person]) -> None:
    records = [posted(api.post(each, "#one #two @ada @bob"), sequence=each.id) for each in people]
    with metered() as cost:
        assert run(function, *records) == []
    # Four public posts with two hashtags each are 12 items of timelines; two are mentioned by three others each.
    assert writes(cost.calls) == {
        ("BatchWriteItem", "timelines"): 1,
        ("BatchWriteItem", "notifications"): 1,
        ("UpdateItem", "timelines"): 2,
        ("UpdateItem", "messages"): 4,  # the time of each message's notifications
    }


def test_a_batch_indexes_each_hashtag_once_until_the_last_message_with_it_has_expired(
    api: Api, people: list[Person]
) -> None:
    lifetimes = (7200, 86_400, 60, 3600)
    records = [
        posted(api.post(each, "#tea", expires_in=lifetime), sequence=each.id)
        for each, lifetime in zip(people, lifetimes, strict=True)
    ]
    with metered() as cost:
        assert run(function, *records) == []
    assert writes(cost.calls)["UpdateItem", "timelines"] == 1
    (indexed,) = tables.TimelineItem.query("tags#te")
    assert 86_400 <= indexed.expires_at - api.clock.now // 1000 < 86_400 + 3600


def test_an_author_whose_notifications_fail_is_retried_alone(
    api: Api, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [posted(api.post(each, "#tea"), sequence=each.id) for each in people]
    receivers = addressing.receivers

    def fail_for_bob(message: Any, now: int) -> Any:
        if message.author_id == people[1].id:
            raise TimeoutError
        return receivers(message, now)

    monkeypatch.setattr(addressing, "receivers", fail_for_bob)
    assert run(function, *records) == [people[1].id]
    assert len(timeline("tag#tea")) == 3
    monkeypatch.undo()
    assert run(function, records[1]) == []
    assert len(timeline("tag#tea")) == 4


@pytest.mark.parametrize("refuses", ["raises", "leaves unprocessed"])
def test_an_author_whose_items_are_refused_is_retried_alone(
    api: Api, people: list[Person], monkeypatch: pytest.MonkeyPatch, refuses: str
) -> None:
    records = [posted(api.post(each, "#tea"), sequence=each.id) for each in people]
    monkeypatch.setattr(retry, "pause", lambda attempt: 0)
    connection, bob = database.connection(), people[1].id
    dispatch = connection.dispatch

    def refusing(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchWriteItem":
            return dispatch(operation, request)
        ((table, puts),) = request["RequestItems"].items()
        refused = [each for each in puts if each["PutRequest"]["Item"]["message_id"]["S"][10:23] == bob]
        if refused and refuses == "raises":
            raise ValueError
        answer = dispatch(operation, {"RequestItems": {table: [each for each in puts if each not in refused]}})
        return answer | ({"UnprocessedItems": {table: refused}} if refused else {})

    monkeypatch.setattr(connection, "dispatch", refusing)
    assert run(function, *records) == [bob]
    assert len(timeline("tag#tea")) == 3


def test_only_the_authors_who_use_a_hashtag_that_cannot_be_indexed_are_retried(
    api: Api, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = ("#tea", "#cake", "#tea", "#rain")
    records = [posted(api.post(each, tag), sequence=each.id) for each, tag in zip(people, tags, strict=True)]
    remember = timelines.remember_tag

    def fail_for_tea(name: str, until: int) -> None:
        if name == "tea":
            raise TimeoutError
        remember(name, until)

    monkeypatch.setattr(timelines, "remember_tag", fail_for_tea)
    assert run(function, *records) == sorted([people[0].id, people[2].id])
    monkeypatch.undo()
    assert run(function, records[0], records[2]) == []
    assert list(timelines.tags_beginning("te", api.clock.now, 10)) == ["tea"]


@pytest.mark.parametrize("path", ["public", "tag/tea"])
@pytest.mark.parametrize("bound", ["", "since_id", "min_id"])
def test_a_polling_client_misses_nothing_when_views_are_late_for_one_author(
    api: Api, people: list[Person], path: str, bound: str
) -> None:
    ada, bob, *_ = people
    first = api.post(ada, "#tea")
    api.deliver()
    api.clock.advance(60)
    late = api.post(ada, "#tea")
    api.clock.advance(0.1)
    on_time = api.post(bob, "#tea")
    assert run(function, posted(on_time)) == []

    def poll(newest: str) -> list[str]:
        query: dict[str, Any] = {bound: newest} if bound else {}
        return api.read(f"/api/v1/timelines/{path}", **query)

    api.clock.advance(10)
    assert poll(first["id"]) == ([] if bound else [first["id"]])
    assert run(function, posted(late)) == []
    api.clock.advance(0.5)
    assert [each for each in poll(first["id"]) if each > first["id"]] == [on_time["id"], late["id"]]


@pytest.mark.parametrize("text", ["which?", "which, @cyd?"])
def test_a_polling_client_misses_no_end_of_a_poll_whose_delivery_was_interrupted(
    api: Api, people: list[Person], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    ada, bob, *_ = people
    path = "/api/v1/notifications"
    status = api.post(ada, text, poll={"options": ["a", "b"], "expires_in": 300})
    api.clock.advance(400)
    with monkeypatch.context() as interruption:
        interruption.setattr(batch, "put_together", lambda items: {author for author, _ in items})
        assert run(function, posted(status)) == ["1"]
    api.clock.advance(1)
    assert run(function, posted(api.post(bob, "hi @ada"))) == []
    api.clock.advance(10)
    (newest,) = api.get(path, ada).json
    assert run(function, posted(status)) == []
    api.clock.advance(1.5)
    assert [each["type"] for each in api.get(path, ada, since_id=newest["id"]).json] == ["poll"]
    assert run(function, posted(status)) == []
    assert len(api.get(path, ada).json) == 2


def test_a_public_page_waits_no_longer_for_what_is_below_it_or_deleted(api: Api, people: list[Person]) -> None:
    deleted = api.post(people[3], "gone at once")
    tables.MessageItem(people[3].id, deleted["id"]).delete()  # by another process
    api.clock.advance(0.1)
    statuses = [api.post(people[number % 3], "hello") for number in range(6)]
    api.clock.advance(0.1)
    last = api.post(people[0], "last")
    assert run(function, *(posted(each, sequence=each["id"]) for each in (*statuses, deleted, last))) == []
    api.clock.advance(1.5)
    with metered() as cost:
        assert api.read("/api/v1/timelines/public", limit=1) == [last["id"]]
    assert [call.operation for call in cost.calls if call.table == "timelines"] == ["Query", "BatchGetItem"]
    assert api.read("/api/v1/timelines/public", limit=1) == [last["id"]]
    with metered() as cost:
        assert api.read("/api/v1/timelines/public", limit=1) == [last["id"]]
    assert [call.operation for call in cost.calls if call.table == "timelines"] == ["Query"]


def test_public_timelines_settle_by_the_lag_of_views(api: Api, people: list[Person]) -> None:
    late = [api.post(each, "hello") for each in people[:2]]
    api.clock.advance(6)
    assert run(function, posted(late[0])) == []
    awaited.shared.clear()  # another process reads
    api.clock.advance(1)
    fresh = api.post(people[2], "on time")
    awaited.shared.clear()
    assert run(function, posted(fresh)) == []
    api.clock.advance(2)
    assert api.read("/api/v1/timelines/public") == [late[0]["id"]]
    assert run(function, posted(late[1])) == []
    api.clock.advance(10.1)
    assert set(api.read("/api/v1/timelines/public")) == {status["id"] for status in (fresh, *late)}
