"""Pins: at most five live messages on a profile, for the readers who may see each; only the author sees the mark."""

from typing import Any

import pytest

from fstream_app.repository import pins
from tests.support.people import Answer, Api, Person
from tests.support.racing import Races, one_way

MAXIMUM = "You have already pinned the maximum number of posts"


def act(api: Api, by: Person, verb: str, status: dict[str, Any]) -> Answer:
    return api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by)


def pinned(api: Api, whose: Person, by: Person | None = None, **query: object) -> list[str]:
    return api.read(f"/api/v1/accounts/{whose.id}/statuses", by, pinned="true", **query)


def post_several(api: Api, by: Person, *texts: str, **fields: object) -> list[dict[str, Any]]:
    """Post messages a second apart, so that they are in the order of posting."""
    posted = []
    for text in texts:
        posted.append(api.post(by, text, **fields))
        api.clock.advance(1)
    return posted


def ids(*statuses: dict[str, Any]) -> list[str]:
    return [status["id"] for status in statuses]


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def test_the_last_pinned_is_first_and_paging_loses_none(api: Api, ada: Person) -> None:
    first, second, third = post_several(api, ada, "one", "two #tea", "three")
    for status in (third, first, second):
        assert act(api, ada, "pin", status).json["pinned"] is True
    assert act(api, ada, "pin", third).json["pinned"] is True  # it stays in its place
    assert pinned(api, ada) == ids(second, first, third)
    assert pinned(api, ada, tagged="tea") == ids(second)
    assert pinned(api, ada, only_media="true") == []
    page = api.get(f"/api/v1/accounts/{ada.id}/statuses", pinned="true", limit=2)
    assert [each["id"] for each in page.json] == ids(second, third)
    older = api.follow_link(page.link("next") or "")
    assert [each["id"] for each in older.json] == ids(first)
    for _ in range(2):
        assert act(api, ada, "unpin", second).json["pinned"] is False
    assert pinned(api, ada) == ids(first, third)
    assert pinned(api, ada, min_id=first["id"]) == ids(third)


def test_only_the_author_sees_on_any_page_that_a_message_is_pinned(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    api.act(bob, "follow", ada)
    other, status = api.post(ada, "not this"), api.post(ada, "hello #tea @bob @ada")
    act(api, ada, "pin", status)
    api.deliver()
    paths = ["timelines/home", "timelines/public", "timelines/tag/tea", f"accounts/{ada.id}/statuses"]
    for path, (by, expected) in [(path, each) for path in paths for each in ((ada, True), (bob, False), (None, False))]:
        if by is None and path == "timelines/home":
            continue
        shown = {each["id"]: each["pinned"] for each in api.get(f"/api/v1/{path}", by).json}
        assert shown[status["id"]] is expected, (path, by)
        assert not shown.get(other["id"])
    one = f"/api/v1/statuses/{status['id']}"
    assert [api.get(one, by).json["pinned"] for by in (ada, bob, None)] == [True, False, False]
    (notified,) = [each for each in api.get("/api/v1/notifications", bob).json if each["type"] == "mention"]
    assert notified["status"]["pinned"] is False


def test_each_reader_sees_what_may_be_seen_and_nothing_that_is_gone(api: Api, ada: Person) -> None:
    bob, cyd, dan = (api.sign_up(name) for name in ("bob", "cyd", "dan"))
    api.act(bob, "follow", ada)
    statuses = [
        api.post(ada, "for everybody"),
        api.post(ada, "for followers", visibility="private"),
        api.post(ada, "brief", expires_in=60),
        api.post(ada, "deleted"),
    ]
    for status in statuses:
        act(api, ada, "pin", status)
    public, private, brief, deleted = statuses
    api.act(ada, "block", dan)
    assert pinned(api, ada, bob) == ids(deleted, brief, private, public)
    assert pinned(api, ada, cyd) == pinned(api, ada) == ids(deleted, brief, public)
    assert pinned(api, ada, dan) == []
    assert api.delete(ada, deleted).status == 200
    api.clock.advance(60)
    assert pinned(api, ada, ada) == ids(private, public)


def test_five_live_messages_can_be_pinned_and_one_that_is_gone_frees_its_place(api: Api, ada: Person) -> None:
    assert api.get("/api/v2/instance").json["configuration"]["accounts"]["max_pinned_statuses"] == 5
    statuses = [api.post(ada, str(number), expires_in=60 if number == 0 else 3600) for number in range(8)]
    for status in statuses[:5]:
        assert act(api, ada, "pin", status).status == 200
    answer = act(api, ada, "pin", statuses[5])
    assert (answer.status, answer.error) == (422, MAXIMUM)
    assert act(api, ada, "pin", statuses[4]).status == 200
    api.clock.advance(60)
    assert act(api, ada, "pin", statuses[5]).status == 200
    assert act(api, ada, "pin", statuses[6]).error == MAXIMUM
    api.delete(ada, statuses[1])
    assert act(api, ada, "pin", statuses[6]).status == 200
    assert pinned(api, ada) == ids(*[statuses[number] for number in (6, 5, 4, 3, 2)])


def test_what_cannot_be_pinned_is_refused_with_the_reason(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    theirs, direct = api.post(bob, "hello"), api.post(ada, "@bob psst", visibility="direct")
    hidden = api.post(bob, "not for ada", visibility="direct")
    assert act(api, ada, "pin", theirs).error == "Someone else's post cannot be pinned"
    assert act(api, ada, "pin", direct).error == "Posts that are only visible to mentioned users cannot be pinned"
    assert act(api, ada, "unpin", theirs).json["pinned"] is False
    assert [act(api, ada, verb, hidden).status for verb in ("pin", "unpin")] == [404, 404]
    assert [act(api, ada, verb, {"id": "1"}).status for verb in ("pin", "unpin")] == [404, 404]
    token = api.token("password", username="ada", password="correct horse", scope="read write:statuses")
    statuses_only = Person("ada", ada.id, token.json["access_token"])
    assert act(api, statuses_only, "pin", api.post(ada, "mine")).status == 403


@pytest.mark.parametrize("free", [1, 2])
def test_of_two_pins_at_the_same_time_none_is_lost_and_none_is_too_many(
    api: Api, ada: Person, races: Races, free: int
) -> None:
    statuses = [api.post(ada, str(number)) for number in range(7 - free)]
    for status in statuses[:-2]:
        act(api, ada, "pin", status)
    runs = races.between(lambda: act(api, ada, "pin", statuses[-2]), lambda: act(api, ada, "pin", statuses[-1]))
    for run in one_way(runs):
        assert isinstance(run.event, Answer)
        answers = {status["id"]: answer for status, answer in zip(statuses[-2:], (run.result, run.event), strict=True)}
        accepted = {each for each, answer in answers.items() if answer.status == 200}
        assert len(accepted) == free, str(run)
        assert set(pinned(api, ada)) == accepted.union(ids(*statuses[:-2])), str(run)
        marked = [api.get(f"/api/v1/statuses/{each}", ada).json["pinned"] for each in answers]
        assert marked == [each in accepted for each in answers], str(run)


def test_a_message_that_is_deleted_while_it_is_pinned_is_not_found(api: Api, ada: Person, races: Races) -> None:
    status = api.post(ada, "brief")
    for run in one_way(races.between(lambda: act(api, ada, "pin", status), lambda: api.delete(ada, status))):
        assert (run.result.status == 404) or not run.before or pins.of_user(ada.id), str(run)
        assert pinned(api, ada) == [], str(run)
