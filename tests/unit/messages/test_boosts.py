"""Boosts as they are read: who sees which, once on a page, where, with what fields, and what their ids mean."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from fstream_app import tables
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, messages, timelines
from fstream_app.tables import EdgeItem
from ops.meter import metered
from tests.support.people import Api, Person

HOME = "/api/v1/timelines/home"
Status = dict[str, Any]


def boost(api: Api, by: Person, status: Status, **fields: object) -> Status:
    answer = api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", by, json=fields)
    assert answer.status == 200, answer.json
    made: Status = answer.json
    return made


class Scene(NamedTuple):
    """Eve follows Bob, who boosts what Ada wrote about Dan; Eve has Bob in a list."""

    api: Api
    ada: Person
    bob: Person
    dan: Person
    eve: Person
    original: Status
    wrapper: Status
    list_path: str

    def seen(self) -> list[list[str]]:
        """Return what Eve sees on home, in the list, and on Bob's profile."""
        paths = (HOME, self.list_path, f"/api/v1/accounts/{self.bob.id}/statuses")
        return [self.api.read(path, self.eve) for path in paths]


@pytest.fixture
def scene(api: Api) -> Scene:
    ada, bob, dan, eve = (api.sign_up(name) for name in ("ada", "bob", "dan", "eve"))
    api.act(eve, "follow", bob)
    list_id = api.request("POST", "/api/v1/lists", eve, json={"title": "some"}).json["id"]
    api.request("POST", f"/api/v1/lists/{list_id}/accounts", eve, json={"account_ids": [bob.id]})
    original = api.post(ada, "Hello @dan #tag", language="en", expires_in=3600)
    api.clock.advance(0.5)
    wrapper = boost(api, bob, original)
    api.deliver()
    return Scene(api, ada, bob, dan, eve, original, wrapper, f"/api/v1/timelines/list/{list_id}")


def test_the_next_read_obeys_what_the_reader_decides_about_the_booster_the_author_and_the_mentioned(
    scene: Scene,
) -> None:
    api, ada, bob, dan, eve = scene[:5]
    shown = [scene.wrapper["id"]]
    assert scene.seen() == [shown, shown, shown]
    on_the_profile = [[], [], shown]
    nowhere: list[list[str]] = [[], [], []]
    for by, verb, undo, whom, left in (
        (eve, "block", "unblock", ada, nowhere),
        (ada, "block", "unblock", eve, nowhere),
        (eve, "mute", "unmute", ada, nowhere),
        (eve, "block", "unblock", dan, on_the_profile),
        (eve, "mute", "unmute", dan, on_the_profile),
        (eve, "mute", "unmute", bob, on_the_profile),
    ):
        api.act(by, verb, whom)
        assert scene.seen() == left, (by.name, verb, whom.name)
        api.act(by, undo, whom)
        assert scene.seen() == [shown, shown, shown], (by.name, undo, whom.name)
    for change, back in (({"reblogs": False}, {"reblogs": True}), ({"languages": ["de"]}, {"languages": ["en"]})):
        api.act(eve, "follow", bob, **change)
        assert scene.seen() == on_the_profile, change
        api.act(eve, "follow", bob, **back)
        assert scene.seen() == [shown, shown, shown], back
    api.act(eve, "unfollow", bob)
    assert scene.seen()[::2] == [[], shown]


def test_an_author_who_is_one_of_many_who_block_the_reader_is_in_no_boost(scene: Scene) -> None:
    batch.put(EdgeItem(scene.eve.id, edge(EdgeKind.BLOCKED_BY, f"{number:013}")) for number in range(400))
    assert all(scene.seen())
    scene.api.act(scene.ada, "block", scene.eve)
    assert scene.seen() == [[], [], []]


def test_a_boost_of_a_followers_message_is_for_those_who_see_the_message(api: Api) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    api.act(bob, "follow", ada)
    original = api.post(ada, "for followers", visibility="private")
    api.clock.advance(0.1)
    wrapper = boost(api, ada, original)
    api.deliver()
    profile = f"/api/v1/accounts/{ada.id}/statuses"
    assert (wrapper["visibility"], api.home(bob)) == ("private", [wrapper["id"]])
    assert [api.read(profile, by) for by in (bob, ada)] == 2 * [[wrapper["id"], original["id"]]]
    assert [api.read(profile, by) for by in (eve, None)] == [[], []]
    assert api.get(f"/api/v1/statuses/{wrapper['id']}", eve).status == 404
    api.act(bob, "unfollow", ada)
    assert (api.home(bob), api.read(profile, bob)) == ([], [])


def test_a_message_is_on_a_page_once_and_pages_are_full_and_leave_nothing_out(scene: Scene) -> None:
    api, ada, bob, dan, eve = scene[:5]
    for whom in (ada, dan):
        api.act(eve, "follow", whom)
    more = []
    for number in range(5):
        api.clock.advance(0.05)
        more.append(api.post(ada, f"message {number}"))
        api.clock.advance(0.05)
        boost(api, dan, more[number // 2])
        boost(api, bob, more[number // 2])
    api.deliver()
    everything = {scene.original["id"], *(each["id"] for each in more)}
    for limit in (1, 2, 3, 20):
        for start in ({}, {"min_id": "0" * 26}):
            answer, pages = api.get(HOME, eve, limit=limit, **start), []
            while answer.json:
                pages.append([(each["reblog"] or each)["id"] for each in answer.json])
                link = answer.link("prev" if start else "next")
                answer = api.follow_link(link, eve) if link else answer
                if not link:
                    break
            assert all(len(page) == len(set(page)) for page in pages), pages
            assert start or all(len(page) == limit for page in pages[:-1])
            assert {each for page in pages for each in page} == everything
    assert len(pages[0]) == len(everything)


def test_boosts_are_on_home_in_lists_and_on_profiles_and_nowhere_else(scene: Scene) -> None:
    api, bob, eve = scene.api, scene.bob, scene.eve
    api.act(eve, "follow", bob, notify=True)
    wrapper, original = MessageId.parse(scene.wrapper["id"]), scene.original["id"]
    # The previous version's functions know no boosts, and put the wrapper on the public timeline.
    tables.TimelineItem(timelines.public(wrapper.random % 4), str(wrapper), expires_at=2**31).save()
    own = api.post(bob, "own #tag", language="de")
    boost(api, bob, own)
    api.deliver()
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/tag/tag"):
        assert api.read(path, eve) == api.read(path) == [own["id"], original]
    assert [each["status"]["id"] for each in api.get("/api/v1/notifications", eve).json] == [own["id"]]
    assert len(api.read("/api/v1/trends/statuses", eve)) == 2
    assert api.read("/api/v1/timelines/list/going-soon", eve) == [str(wrapper)]
    profile = f"/api/v1/accounts/{bob.id}/statuses"
    every = api.read(profile)
    assert (len(every), every[-1]) == (3, str(wrapper))
    assert api.get(f"/api/v1/accounts/{bob.id}").json["statuses_count"] == 3
    assert api.read(profile, exclude_replies=True) == every
    assert api.read(profile, eve, exclude_reblogs=True) == api.read(profile, eve, tagged="tag") == [own["id"]]
    assert api.read(profile, only_replies=True) == api.read(profile, pinned=True) == []


def test_what_goes_soon_is_listed_once_until_it_goes(scene: Scene) -> None:
    api, ada, bob, dan, eve = scene[:5]
    soon = "/api/v1/timelines/list/going-soon"
    api.act(eve, "follow", ada)
    api.act(eve, "follow", dan, reblogs=False)
    api.clock.advance(3000)
    lasting = [api.post(ada, f"message {number}", expires_in=60 * number) for number in (20, 100)]
    api.clock.advance(0.3)
    for by, status in ((dan, scene.original), (bob, lasting[0]), (dan, lasting[0]), (bob, lasting[1])):
        boost(api, by, status)
    api.deliver()

    def listed() -> list[str]:
        return [(each["reblog"] or each)["id"] for each in api.get(soon, eve).json]

    assert listed() == [scene.original["id"], lasting[0]["id"]]
    api.act(eve, "follow", bob, reblogs=False)
    assert [each["reblog"] for each in api.get(soon, eve).json] == [None, None]
    api.act(eve, "follow", bob, reblogs=True)
    api.delete(ada, lasting[0])
    assert listed() == [scene.original["id"]]
    api.clock.advance(600)
    assert listed() == []


def test_many_boosts_that_are_left_out_take_few_round_trips(scene: Scene) -> None:
    api, bob, eve = scene.api, scene.bob, scene.eve
    older = [api.post(bob, "old")["id"] for _ in range(2)]
    for _ in range(100):
        time = api.clock.advance(0.001)
        original = MessageId.parse(scene.original["id"])
        messages.put(Message(MessageId.new(bob.id, time), "", 600, Visibility.PUBLIC, boost_of=original))
    for start in ({}, {"min_id": "0" * 26}):
        path, found = f"/api/v1/accounts/{bob.id}/statuses", []
        with metered() as cost:
            answer = api.get(path, eve, exclude_reblogs=True, limit=1, **start)
        assert sum(call.table == "messages" for call in cost.calls) <= 8
        while answer.json:
            found += [each["id"] for each in answer.json]
            link = answer.link("prev" if start else "next")
            if not link:
                break
            answer = api.follow_link(link, eve)
        assert sorted(found) == sorted(older)


def test_a_wrapper_has_the_fields_of_its_original_in_which_clients_look(scene: Scene) -> None:
    api, eve, original = scene.api, scene.eve, scene.original
    for verb in ("favourite", "bookmark", "mute"):
        assert api.request("POST", f"/api/v1/statuses/{scene.wrapper['id']}/{verb}", eve).status == 200
    made = {"title": "none", "context": ["home"], "keywords_attributes": [{"keyword": "hello"}]}
    api.request("POST", "/api/v2/filters", eve, json=made)
    api.deliver()
    (shown,) = api.get(HOME, eve).json
    plain = api.get(f"/api/v1/statuses/{original['id']}", eve).json
    assert (plain["favourited"], plain["bookmarked"], plain["muted"], plain["favourites_count"]) == (
        True,
        True,
        True,
        1,
    )
    assert len(plain["filtered"]) == 1
    assert shown["reblog"] == plain
    differing = {name for name in plain if shown[name] != plain[name]}
    assert differing == {"id", "created_at", "content", "account", "application", "reblog"}
    assert (shown["id"], shown["content"], shown["account"]["id"]) == (scene.wrapper["id"], "", scene.bob.id)
    assert shown["pleroma"]["expires_at"] == original["pleroma"]["expires_at"]
    same = [
        api.get(path, eve).json for path in (f"/api/v1/statuses/{shown['id']}", f"/api/v1/statuses?id[]={shown['id']}")
    ]
    assert same == [shown, [shown]]
    api.request("POST", "/api/v2/filters", scene.bob, json=made)
    (own,) = api.get(f"/api/v1/accounts/{scene.bob.id}/statuses", scene.bob).json
    assert own == api.get(f"/api/v1/statuses/{shown['id']}", scene.bob).json
    assert len(own["filtered"]) == len(own["reblog"]["filtered"]) == 1
    assert (own["reblogged"], own["reblog"]["reblogs_count"], own["reblog"]["favourited"]) == (True, 1, False)


def test_a_wrapper_by_its_id_has_the_reactions_to_what_its_original_quotes(scene: Scene) -> None:
    api, ada, bob, eve = scene.api, scene.ada, scene.bob, scene.eve
    api.clock.advance(60)
    quoting = api.post(ada, "look", quoted_status_id=scene.original["id"])
    wrapper = boost(api, bob, quoting)
    for verb, status in (("favourite", scene.original), ("bookmark", scene.original), ("reblog", quoting)):
        assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", eve).status == 200
    api.clock.advance(2)
    shown = api.get(f"/api/v1/statuses/{wrapper['id']}", eve).json
    quoted = shown["reblog"]["quote"]["quoted_status"]
    assert (quoted["favourited"], quoted["bookmarked"], quoted["favourites_count"]) == (True, True, 1)
    assert (shown["reblogged"], shown["favourited"], shown["reblogs_count"]) == (True, False, 1)
    api.request("POST", f"/api/v1/statuses/{quoting['id']}/unreblog", eve)
    assert api.get(f"/api/v1/statuses/{wrapper['id']}", eve).json["reblogged"] is False


ACTS: dict[str, Callable[[Scene, str], bool]] = {
    "reply": lambda it, at: (
        it.api.post(it.eve, "yes", in_reply_to_id=at)["in_reply_to_id"] == it.original["id"]
        and [each["id"] for each in it.api.get(f"/api/v1/statuses/{at}/context", it.eve).json["descendants"]] != []
    ),
    "boost": lambda it, at: boost(it.api, it.eve, {"id": at})["reblog"]["id"] == it.original["id"],
    "pin": lambda it, at: it.api.request("POST", f"/api/v1/statuses/{at}/pin", it.bob).status == 422,
    "favourited_by": lambda it, at: it.api.read(f"/api/v1/statuses/{at}/favourited_by", it.eve) == [],
    "source": lambda it, at: it.api.get(f"/api/v1/statuses/{at}/source", it.bob).status == 404,
}


def test_what_is_done_to_a_wrapper_is_done_to_its_original(scene: Scene) -> None:
    for name, act in ACTS.items():
        assert act(scene, scene.wrapper["id"]), name
    scene.api.deliver()
    api, eve, wrapper = scene.api, scene.eve, scene.wrapper["id"]
    assert api.get(f"/api/v1/statuses/{scene.original['id']}", eve).json["replies_count"] == 1
    for verb in ("favourite", "unfavourite", "bookmark", "unbookmark"):
        done = api.request("POST", f"/api/v1/statuses/{wrapper}/{verb}", eve).json
        mark = f"{verb.removeprefix('un')}d".replace("kd", "ked")
        assert (done["id"], done[mark], done["reblog"][mark]) == (wrapper, *2 * [not verb.startswith("un")])
    assert api.read("/api/v1/favourites", eve) == []
    scene.api.delete(scene.ada, scene.original)
    assert api.get(f"/api/v1/statuses/{wrapper}", eve).status == 404
    assert scene.api.delete(scene.bob, scene.wrapper).status == 200


def test_web_pages_show_what_was_boosted_and_by_whom(scene: Scene) -> None:
    profile = scene.api.get("/@bob").text
    assert '<a href="./@bob">@bob</a> boosted' in profile
    assert f"/@ada/{scene.original['id']}" in profile
    page = scene.api.get(f"/@bob/{scene.wrapper['id']}").text
    assert f"/@ada/{scene.original['id']}" in page
    scene.api.delete(scene.ada, scene.original)
    assert "</a> boosted" not in scene.api.get("/@bob").text
    assert scene.api.get(f"/@bob/{scene.wrapper['id']}").status == 404
