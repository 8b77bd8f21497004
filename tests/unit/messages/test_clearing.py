"""Deleting all messages of a user: no read returns them, an interruption is finished, and new messages stay."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.events import on_relationship
from fstream_app import tables
from fstream_app.core import deadline
from fstream_app.core.edges import EdgeKind
from fstream_app.core.ids import MessageId
from fstream_app.messages import clearing
from fstream_app.people import profiles
from fstream_app.repository import clearings, messages, users
from tests.support.departing import TEXT, World, copy_of_world, one_call_at_a_time
from tests.support.interruptions import interrupted, left_the_same, snapshot
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.records import record, run

CLEAR = "/api/v1/statuses/delete_all"
LISTS = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/tag",
    "/api/v1/accounts/{ada}/statuses",
    "/api/v1/accounts/{ada}/statuses?pinned=true",
    "/api/v1/trends/statuses",
    "/api/v1/statuses?id[]={first}",
    "/api/v1/favourites",
    "/api/v1/bookmarks",
    "/api/v1/notifications",
    "/api/v2/search?q=https://fstream.test/@ada/{first}",
    "/api/v1/statuses/{replied}/context",
    "/@ada",
)
GONE = (
    "/api/v1/statuses/{first}",
    "/api/v1/statuses/{first}/source",
    "/api/v1/statuses/{first}/context",
    "/api/v1/statuses/{first}/favourited_by",
    "/@ada/{first}",
)


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    made = copy_of_world(api)
    api.request("POST", f"/api/v1/statuses/{made.statuses[0]['id']}/bookmark", made.cyd)
    return made


def clear(world: World, password: str = PASSWORD) -> Answer:
    return world.api.request("POST", CLEAR, world.ada, json={"password": password})


def seen(world: World, by: Person | None) -> set[str]:
    """Return the reads that show a message of Ada's, with her text."""
    places = {"ada": world.ada.id, "first": world.statuses[0]["id"], "replied": world.replied_to["id"]}
    shown = {path for path in LISTS if TEXT in world.api.get(path.format_map(places), by).text}
    return shown | {path for path in GONE if world.api.get(path.format_map(places), by).status == 200}


def everybody(world: World) -> set[str]:
    return set().union(*(seen(world, by) for by in (None, world.ada, world.bob, world.cyd)))


def activity(world: World) -> set[tuple[int, str | None]]:
    """Return how many messages Ada's account shows, and when the last was posted."""
    places = (f"/api/v1/accounts/{world.ada.id}", f"/api/v1/accounts?id[]={world.ada.id}")
    found = [world.api.get(path, world.bob).json for path in places]
    accounts: list[Any] = [found[0], *found[1]]
    return {(account["statuses_count"], account["last_status_at"]) for account in accounts}


def rounds(world: World) -> list[str]:
    marks = tables.EdgeItem.query(world.ada.id, tables.EdgeItem.edge.startswith(f"{EdgeKind.CLEAR}#"))
    return [item.edge for item in marks]


def run_rounds(world: World) -> None:
    while marks := rounds(world):
        assert run(on_relationship, record({"u": world.ada.id, "e": marks[0]}, "INSERT", "1")) == []


def kept(world: World) -> list[str]:
    return [str(message.id) for message in messages.all_of(world.ada.id, 100)]


def test_once_all_messages_are_deleted_no_read_returns_any(world: World) -> None:
    assert everybody(world) == {*LISTS, *GONE}
    favourites = world.replied_to_counts()[1]
    remembered = users.get(world.ada.id)
    assert remembered is not None
    answer = clear(world)
    assert (answer.status, answer.json) == (200, {})
    assert TEXT not in str(stored()["MessageItem"])
    assert everybody(world) == set()
    assert activity(world) == {(0, None)}
    profiles.remember([remembered])  # as in another warm function, which has not heard of it
    assert everybody(world) == set()
    world.api.deliver()
    assert everybody(world) == set()
    assert (rounds(world), world.replied_to_counts()) == ([], (0, favourites))
    assert world.api.get("/api/v1/accounts/verify_credentials", world.ada).json["following_count"] == 1


def test_what_is_posted_during_and_after_the_deletion_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[str] = []
    begin = clearings.begin

    def post_first(user_id: str, until: int) -> None:
        begin(user_id, until)
        posted.append(world.api.post(world.ada, "during")["id"])

    with monkeypatch.context() as patch:
        patch.setattr(clearings, "begin", post_first)
        assert clear(world).status == 200
    posted.append(world.api.post(world.ada, "after")["id"])
    assert kept(world) == sorted(posted)
    world.api.deliver()
    world.api.clock.advance(10)
    assert [each for each in world.api.home(world.cyd) if each in posted] == sorted(posted)[::-1]
    assert {count for count, _ in activity(world)} == {2}
    assert clear(world).status == 200
    assert kept(world) == []


def test_a_message_of_a_function_with_a_faster_clock_is_deleted_and_a_slower_one_posts_above(world: World) -> None:
    world.api.clock.advance(5)
    world.api.post(world.ada, TEXT)
    world.api.clock.advance(-5)
    assert clear(world).status == 200
    assert kept(world) == []
    after = world.api.post(world.ada, "after")
    assert world.api.get(f"/api/v1/statuses/{after['id']}", world.bob).status == 200
    run_rounds(world)
    assert kept(world) == [after["id"]]


def test_nobody_can_do_anything_with_what_the_mark_hides(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "_erasures", lambda *_: iter(()))
    first = world.statuses[0]["id"]
    assert world.api.request("POST", "/api/v1/tags/tag/feature", world.ada).status == 200
    assert clear(world).status == 200
    before = stored()
    verbs = ("favourite", "unfavourite", "bookmark", "unbookmark", "mute", "unmute", "pin", "unpin")
    asked: list[tuple[str, str, dict[str, str]]] = [("POST", f"/api/v1/statuses/{first}/{verb}", {}) for verb in verbs]
    (made,) = world.api.get("/api/v2/filters", world.ada).json
    asked += [
        ("DELETE", f"/api/v1/statuses/{first}", {}),
        ("POST", f"/api/v2/filters/{made['id']}/statuses", {"status_id": first}),
        ("POST", "/api/v1/statuses", {"status": "so?", "in_reply_to_id": first}),
    ]
    for method, path, sent in asked:
        for by in (world.ada, world.cyd):
            assert world.api.request(method, path, by, json=sent).status == 404, path
    assert stored() == before
    world.api.request("POST", "/api/v1/reports", world.cyd, json={"account_id": world.ada.id, "status_ids": [first]})
    (report,) = [item for item in stored()["ReportItem"] if item not in before["ReportItem"]]
    assert first not in report
    featured = world.api.get(f"/api/v1/accounts/{world.ada.id}/featured_tags", world.bob).json
    assert {(each["statuses_count"], each["last_status_at"]) for each in featured} == {("0", None)}


@pytest.mark.parametrize("deliver", [True, False])
def test_the_mark_alone_hides_what_is_not_deleted_yet(
    world: World, monkeypatch: pytest.MonkeyPatch, *, deliver: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(clearing, "_erasures", lambda *_: iter(()))
        assert clear(world).status == 200
    assert TEXT in str(stored()["MessageItem"])
    assert everybody(world) == set()
    assert activity(world) == {(0, None)}
    if deliver:
        world.api.deliver()
    else:
        run_rounds(world)
    assert TEXT not in str(stored()["MessageItem"])


def test_a_deletion_interrupted_at_any_call_is_finished_by_the_next_attempt_and_by_the_stream_alone(
    world: World,
) -> None:
    whole = snapshot()
    left: list[dict[str, list[str]]] = []
    for number in itertools.count(1):
        whole()
        with interrupted(number) as interruption:
            answer = clear(world)
        if interruption.left > 0:
            break
        if left_the_same(left):
            continue
        assert answer.status in {200, 503}
        broken = snapshot()
        if rounds(world):
            run_rounds(world)
            assert kept(world) == []
            broken()
        assert clear(world).status == 200
        assert kept(world) == []
    assert len(left) > 5


def test_a_request_without_time_fails_and_the_stream_deletes_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "_TOGETHER", 1)
    monkeypatch.setattr(clearing, "ITEMS_A_ROUND", 1)
    with monkeypatch.context() as patch:
        patch.setattr(deadline, "left", lambda: 0.5)
        answer = clear(world)
    assert (answer.status, answer.error) == (503, "Some messages are not deleted yet. Try again in a moment.")
    assert len(kept(world)) == len(world.statuses) + 2 - 1  # with the wrapper of a boost and a poll, without the first
    assert everybody(world) == set()
    run_rounds(world)
    assert kept(world) == []


def test_the_password_is_checked_and_guesses_are_limited(world: World, configure: Callable[..., None]) -> None:
    configure(rate_limits="on")
    assert world.api.request("POST", f"{CLEAR}?password={PASSWORD}", world.ada).status == 403
    assert {clear(world, "wrong password").status for _ in range(6)} == {403, 429}
    before = kept(world)
    assert clear(world).status == 429
    assert kept(world) == before
    world.api.clock.advance(60)
    assert world.api.request("POST", CLEAR, world.ada, form={"password": PASSWORD}).status == 200


def test_a_message_that_was_being_posted_is_deleted_by_the_stream_function(world: World) -> None:
    user = users.get(world.ada.id)
    assert user is not None
    late = messages.get(MessageId.parse(world.statuses[0]["id"]))
    assert late is not None
    assert clear(world).status == 200
    messages.put(late)
    assert everybody(world) == set()
    world.api.deliver()
    assert kept(world) == []


def test_a_retried_post_does_not_come_back(world: World) -> None:
    headers = {"Idempotency-Key": "key"}
    world.api.clock.advance(-60)
    fields = {"status": f"{TEXT} #tag @bob", "expires_in": 604_800}
    again = world.api.request("POST", "/api/v1/statuses", world.ada, json=fields, headers=headers)
    assert again.json["id"] == world.statuses[0]["id"]
    assert clear(world).status == 200
    again = world.api.request("POST", "/api/v1/statuses", world.ada, json=fields, headers=headers)
    assert (again.status, kept(world)) == (422, [])
