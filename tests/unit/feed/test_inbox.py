"""Notifications of each message of an account (`notify`): which there are, their order and pages, and their cost."""

from typing import Any

import pytest

from fstream_app.core import packing
from fstream_app.core.entities import Window
from fstream_app.feed import inbox, tail
from ops.meter import metered
from tests.support.ends import ENDS
from tests.support.people import Api, Person

PATH = "/api/v1/notifications"
WEEK = 7 * 86_400


def notifications(api: Api, by: Person, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(PATH, by, **query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def announced(api: Api, by: Person, **query: Any) -> list[str]:
    """Return the ids of the messages of notifications of kind `status`."""
    return [each["status"]["id"] for each in notifications(api, by, **query) if each["type"] == "status"]


@pytest.fixture
def people(api: Api) -> tuple[Person, Person]:
    """Ada, who is notified of Bob's messages."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob)
    api.post(bob, "before")
    api.clock.advance(1)
    api.act(ada, "follow", bob, notify=True)
    return ada, bob


def test_a_follower_is_notified_of_what_the_follower_may_see_except_replies_to_others(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    cyd, host = api.sign_up("cyd"), api.sign_up("host")
    api.act(cyd, "follow", bob)
    question = api.post(host, "well?")
    public = api.post(bob, "public")
    wanted = [
        public["id"],
        api.post(bob, "for followers", visibility="private")["id"],
        api.post(bob, "unlisted", visibility="unlisted")["id"],
        api.post(bob, "to myself", in_reply_to_id=public["id"])["id"],
        api.post(bob, "direct to @ada", visibility="direct")["id"],
    ]
    api.post(bob, "direct to @cyd", visibility="direct")
    api.post(bob, "a reply", in_reply_to_id=question["id"])
    api.deliver()
    assert sorted(announced(api, ada)) == sorted(wanted)
    assert announced(api, cyd) == announced(api, bob) == []
    shown = next(each for each in notifications(api, ada) if each["id"] == public["id"])
    assert (shown["id"], shown["account"]["id"], shown["type"]) == (public["id"], bob.id, "status")
    assert api.get(f"{PATH}/{shown['id']}", ada).json == shown
    assert api.get(f"{PATH}/{shown['id']}", cyd).status == 404
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 6}  # with the mention
    api.act(ada, "follow", bob, notify=False)
    assert announced(api, ada) == []
    api.clock.advance(1)
    api.act(ada, "follow", bob, notify=True)
    assert announced(api, ada) == []
    assert api.get(f"{PATH}/{shown['id']}", ada).status == 404


def test_lists_and_hashtags_do_not_decide_of_what_a_follower_is_notified(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    api.request("POST", "/api/v1/tags/tea/follow", ada)
    api.act(ada, "follow", bob, languages=["de"])
    wanted, other = (api.post(bob, "#tea", language=language)["id"] for language in ("de", "en"))
    api.deliver()
    assert set(api.home(ada)) >= {wanted, other}
    assert announced(api, ada) == [wanted]
    made = api.request("POST", "/api/v1/lists", ada, json={"title": "apart", "exclusive": True}).json
    sent = {"account_ids": [bob.id]}
    assert api.request("POST", f"/api/v1/lists/{made['id']}/accounts", ada, json=sent).status == 200
    assert api.home(ada) == []
    assert announced(api, ada) == [wanted]


@pytest.mark.parametrize("capacity", [80, 2])
@pytest.mark.parametrize("cold", [False, True])
def test_they_are_in_order_with_the_others_on_pages_in_both_directions(
    api: Api, people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch, capacity: int, cold: bool
) -> None:
    monkeypatch.setattr(packing, "HEAD_CAPACITY", capacity)
    monkeypatch.setattr(tail, "PAGE", 2)
    ada, bob = people
    cyd = api.sign_up("cyd")
    for number in range(8):
        api.post(bob if number % 2 else cyd, "@ada hello" if number % 4 < 2 else "hello", expires_in=WEEK)
        api.deliver()
        api.clock.advance(3600 if cold else 1)
    if cold:
        tail.shared().clear()
    everything = notifications(api, ada)
    assert [each["type"] for each in everything].count("status") == 4
    assert [each["type"] for each in everything].count("mention") == 4
    ids = [each["id"] for each in everything]
    assert ids == sorted(ids, reverse=True)
    for start, links in (({"limit": 3}, "next"), ({"limit": 3, "min_id": "0" * 26}, "prev")):
        seen: list[str] = []
        page = api.get(PATH, ada, **start)
        while page.json:
            read = [each["id"] for each in page.json]
            seen = seen + read if links == "next" else read + seen
            if (link := page.link(links)) is None:
                break
            page = api.follow_link(link, ada)
        assert seen == ids
    assert [each["id"] for each in notifications(api, ada, since_id=ids[2])] == ids[:2]
    assert [each["id"] for each in notifications(api, ada, max_id=ids[2], limit=2)] == ids[3:5]
    assert {each["type"] for each in notifications(api, ada, **{"types[]": "status"})} == {"status"}
    assert {each["type"] for each in notifications(api, ada, **{"exclude_types[]": "status"})} == {"mention"}
    assert {each["account"]["id"] for each in notifications(api, ada, account_id=cyd.id)} == {cyd.id}
    assert len(notifications(api, ada, account_id=bob.id)) == 6


def test_one_that_is_dismissed_or_cleared_does_not_come_back(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    first, second = (api.post(bob, "hello", expires_in=WEEK)["id"] for _ in range(2))
    api.deliver()
    cyd = api.sign_up("cyd")
    assert api.request("POST", f"{PATH}/{first}/dismiss", cyd).status == 404
    assert api.request("POST", f"{PATH}/{first}/dismiss", ada).status == 200
    assert announced(api, ada) == [second]
    assert api.get(f"{PATH}/{first}", ada).status == 404
    assert api.request("POST", f"{PATH}/{first}/dismiss", ada).status == 404
    late = api.post(bob, "on its way", expires_in=WEEK)["id"]
    api.clock.advance(2)
    assert api.request("POST", f"{PATH}/clear", ada).status == 200  # before this message was delivered
    api.deliver()
    assert announced(api, ada) == [late]
    api.clock.advance(2)
    assert api.request("POST", f"{PATH}/clear", ada).status == 200
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 0}
    api.clock.advance(30)  # until nothing settles later because of the late one
    newest = api.post(bob, "again")["id"]
    api.deliver()
    assert announced(api, ada) == [newest]


def test_a_polling_client_misses_none_when_a_message_is_delivered_late(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    cyd = api.sign_up("cyd")
    api.act(ada, "follow", cyd, notify=True)
    api.deliver()
    seen = "0" * 26
    got: list[str] = []
    posted = []
    for step in range(12):
        if step < 6:
            posted.append(api.post(bob if step % 2 else cyd, "hello @ada" if step % 3 else "hello")["id"])
        if step % 4 == 3 or step > 6:
            api._pump.drain()
        api.clock.advance(1)
        page = notifications(api, ada, since_id=seen)
        got += [each["status"]["id"] for each in page[::-1] if each["type"] == "status"]
        seen = page[0]["id"] if page else seen
    assert sorted(got) == sorted(posted)


@pytest.mark.parametrize("end", ["delete", "expire", "leave", "suspend", "block", "blocked", "mute", "unfollow"])
def test_one_goes_with_its_message_its_author_and_the_follow(api: Api, people: tuple[Person, Person], end: str) -> None:
    ada, bob = people
    status = api.post(bob, "hello", expires_in=60)
    api.deliver()
    assert announced(api, ada) == [status["id"]]
    match end:
        case "delete":
            api.delete(bob, status)
        case "expire":
            api.clock.advance(60)
        case "leave" | "suspend":
            ENDS["left" if end == "leave" else "suspended"](api, bob, {})
        case "blocked":
            api.act(bob, "block", ada)
        case _:
            api.act(ada, end, bob)
    assert announced(api, ada) == []
    assert api.get(f"{PATH}/{status['id']}", ada).status == 404
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 0}


def test_it_costs_a_read_of_the_tail_and_nothing_those_who_want_none(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    cyd = api.sign_up("cyd")
    api.deliver()
    api.post(bob, "hello")
    api.deliver()
    found = []
    for reader in (ada, cyd):
        api.get("/api/v1/timelines/home", reader)
        api.clock.advance(1)
        with metered() as cost:
            shown = inbox.of_user(reader.id, Window(), api.clock.now).shown
        read = {call.table: call.read_units for call in cost.calls}
        found.append((len(shown), read.get("log", 0.0), read.get("heads", 0.0)))
    assert found == [(1, 0.5, 0.0), (0, 0.0, 0.0)]
