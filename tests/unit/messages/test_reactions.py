"""Favourites and bookmarks: exact counts, lists, and expiry with the message."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from fstream_app.core.entities import Part
from fstream_app.messages import reactions, reading
from fstream_app.messages.posting import Draft
from fstream_app.messages.posting import post as post_message
from fstream_app.people import departures, users
from fstream_app.repository import reactions as items
from ops.pump import Pump
from tests.support.clock import Clock
from tests.support.people import Answer, Api, Person

LISTS = {"favourite": "/api/v1/favourites", "bookmark": "/api/v1/bookmarks"}


def react(api: Api, by: Person, verb: str, status: dict[str, Any]) -> Answer:
    return api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by)


def shown(api: Api, status: dict[str, Any], by: Person | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/api/v1/statuses/{status['id']}", by).json
    return answer


def favourited_by(api: Api, status: dict[str, Any], by: Person | None = None) -> list[str]:
    return api.read(f"/api/v1/statuses/{status['id']}/favourited_by", by)


@pytest.mark.parametrize("delivers", [True, False])
def test_a_favourite_is_counted_once_and_shown_to_its_user_at_once(api: Api, delivers: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")

    def counts(verb: str) -> list[tuple[object, object]]:
        """Return what Bob sees in the response and in a read by id, and again once it may be counted."""
        answers = [react(api, bob, verb, status).json, shown(api, status, bob)]
        if delivers:
            api.deliver()
        return [(each["favourited"], each["favourites_count"]) for each in (*answers, shown(api, status, bob))]

    for _ in range(2):
        assert counts("favourite") == [(True, 1)] * 3
    api.deliver()
    assert react(api, ada, "favourite", status).json["favourites_count"] == 2
    assert sorted(favourited_by(api, status)) == sorted([ada.id, bob.id])
    api.deliver()
    assert [shown(api, status, by)["favourites_count"] for by in (ada, bob, None)] == [2, 2, 2]
    for _ in range(2):
        assert counts("unfavourite") == [(False, 1)] * 3
    assert favourited_by(api, status) == [ada.id]
    api.deliver()
    assert [shown(api, status, by)["favourites_count"] for by in (ada, bob, None)] == [1, 1, 1]


def test_the_favourite_that_a_page_shows_is_in_its_count_before_it_is_counted(api: Api) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "hello")

    def seen() -> list[tuple[object, object]]:
        pages = [api.get(path, ada).json for path in ("/api/v1/timelines/home", f"/api/v1/accounts/{ada.id}/statuses")]
        return [(each["favourited"], each["favourites_count"]) for page in pages for each in page]

    for verb, expected in (("favourite", (True, 1)), ("unfavourite", (False, 0))):
        react(api, ada, verb, status)
        assert seen() == [expected] * 2
        api.deliver()
        assert seen() == [expected] * 2


def test_a_bookmark_is_visible_only_to_its_owner(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    for _ in range(2):
        assert react(api, bob, "bookmark", status).json["bookmarked"] is True
    assert (shown(api, status, bob)["bookmarked"], shown(api, status, ada)["bookmarked"]) == (True, False)
    assert (shown(api, status)["bookmarked"], shown(api, status)["favourites_count"]) == (False, 0)
    assert favourited_by(api, status) == []
    for _ in range(2):
        assert react(api, bob, "unbookmark", status).json["bookmarked"] is False


@pytest.mark.parametrize("verb", LISTS)
def test_a_list_is_paged_both_ways_and_marks_what_is_on_it(api: Api, verb: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    posted: list[dict[str, Any]] = []
    for number in range(7):
        posted.insert(0, api.post(ada, str(number)))
        api.clock.advance(1)
    for status in posted[:-1]:
        react(api, bob, verb, status)
    ids = [status["id"] for status in posted[:-1]]
    first = api.get(LISTS[verb], bob, limit=4)
    assert [status["id"] for status in first.json] == ids[:4]
    assert all(status["favourited" if verb == "favourite" else "bookmarked"] for status in first.json)
    second = api.follow_link(str(first.link("next")), bob)
    assert [status["id"] for status in second.json] == ids[4:]
    assert api.follow_link(str(second.link("prev")), bob).json == first.json
    assert api.read(LISTS[verb], ada) == []


@pytest.mark.parametrize("end", ["delete", "expire", "block"])
@pytest.mark.parametrize("verb", LISTS)
def test_what_is_gone_or_hidden_is_on_no_list(api: Api, verb: str, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello", expires_in=60)
    react(api, bob, verb, status)
    ends: dict[str, Callable[[], object]] = {
        "delete": lambda: api.delete(ada, status),
        "expire": lambda: api.clock.advance(60),
        "block": lambda: api.act(ada, "block", bob),
    }
    assert api.read(LISTS[verb], bob) == [status["id"]]
    ends[end]()
    assert api.read(LISTS[verb], bob) == []
    for again in (verb, f"un{verb}"):
        assert react(api, bob, again, status).status == 404
    if end != "block":
        assert api.get(f"/api/v1/statuses/{status['id']}/favourited_by", bob).status == 404


def test_timelines_show_the_readers_favourites_and_bookmarks(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    statuses = [api.post(ada, f"{number} #tag") for number in range(3)]
    react(api, bob, "favourite", statuses[0])
    react(api, bob, "bookmark", statuses[1])
    api.deliver()
    for path in (
        "/api/v1/timelines/home",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/tag",
        f"/api/v1/accounts/{ada.id}/statuses",
    ):
        states = {each["id"]: (each["favourited"], each["bookmarked"]) for each in api.get(path, bob).json}
        assert [states[each["id"]] for each in statuses] == [(True, False), (False, True), (False, False)], path
    states = {each["id"]: (each["favourited"], each["bookmarked"]) for each in api.get("/api/v1/timelines/public").json}
    assert set(states.values()) == {(False, False)}


def test_every_page_shows_the_readers_reactions_however_many_a_query_returns(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_PAGE", 2)
    ada = api.sign_up("ada")
    expected = {}
    for favourite, bookmark in zip("1011011", "1101101", strict=True):
        status = api.post(ada, "hello")
        expected[status["id"]] = favourite == "1", bookmark == "1"
        for verb, wanted in (("favourite", favourite), ("bookmark", bookmark)):
            if wanted == "1":
                react(api, ada, verb, status)
        api.clock.advance(1)
    shown: dict[str, tuple[bool, bool]] = {}
    while page := api.get(f"/api/v1/timelines/home?limit=3&max_id={min(shown, default='')}", ada).json:
        shown |= {each["id"]: (each["favourited"], each["bookmarked"]) for each in page}
    assert shown == expected


def test_users_hidden_by_a_block_are_not_listed_among_those_whose_favourite_it_is(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status = api.post(ada, "hello")
    react(api, bob, "favourite", status)
    api.act(eve, "block", bob)
    assert (favourited_by(api, status, ada), favourited_by(api, status, eve)) == ([bob.id], [])


def test_a_private_message_can_be_favourited_by_those_who_may_see_it(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status = api.post(ada, "@bob hello", visibility="direct")
    assert react(api, bob, "favourite", status).status == 200
    assert react(api, eve, "favourite", status).status == 404
    assert api.get(f"/api/v1/statuses/{status['id']}/favourited_by", eve).status == 404


@pytest.mark.parametrize("verb", ["favourite", "unfavourite", "bookmark", "unbookmark"])
def test_reactions_want_a_token_of_their_scope(api: Api, verb: str) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "hello")
    reading = api.token("password", username="ada", password="correct horse", scope="read").json["access_token"]
    path = f"/api/v1/statuses/{status['id']}/{verb}"
    assert api.request("POST", path).status == 401
    assert api.request("POST", path, headers={"authorization": f"Bearer {reading}"}).status == 403
    assert api.request("POST", "/api/v1/statuses/nonsense/" + verb, ada).status == 404


def test_counts_are_exact_when_many_react_at_the_same_time(
    ministack: None, clock: Clock, quick_passwords: None, make_pump: Callable[[], Pump]
) -> None:
    author = users.sign_up("author", "password", clock.now)
    readers = [users.sign_up(f"reader{number}", "password", clock.now) for number in range(6)]
    message = post_message(author, Draft("hello"), clock.now)
    verbs = [reactions.favourite, reactions.favourite, reactions.unfavourite, reactions.favourite]

    def act(user_id: str) -> None:
        for verb in verbs:
            verb(user_id, str(message.id), clock.now)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, [reader.id for reader in readers] * 2))
    pump = make_pump()
    pump.drain()
    found = reactions.favourited_by(str(message.id), None, Part(40), clock.now).users
    counted = reading.get(str(message.id), None, clock.now).favourites_count
    assert counted == len(found)
    list(map(partial(reactions.unfavourite, message_id=str(message.id), now=clock.now), [each.id for each in readers]))
    pump.drain()
    assert reading.get(str(message.id), None, clock.now).favourites_count == 0


def test_all_of_somebodys_reactions_can_be_undone_in_steps(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_TOGETHER", 4)
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    statuses = [api.post(ada, str(number)) for number in range(3)]
    for status in statuses:
        react(api, bob, "favourite", status)
        react(api, bob, "bookmark", status)
    assert list(departures._reactions(bob.id)) == [4]  # and a batch that is not full, so it was the last
    assert [shown(api, status, bob)["favourites_count"] for status in statuses] == [0, 0, 0]
    assert api.read(LISTS["bookmark"], bob) == []
