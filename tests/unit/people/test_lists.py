"""Lists: their properties and members, and what ends a membership."""

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

import chalicelib.lists
from fstream_app.people import lists
from fstream_app.repository import relationships
from tests.support.departing import DELETE
from tests.support.engines import cool_down
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races, one_way

LISTS = "/api/v1/lists"


@dataclass
class World:
    """Bob, who follows Ada and Cyd, and has a list."""

    api: Api
    bob: Person
    ada: Person
    cyd: Person
    path: str
    """The path of Bob's list."""

    def create(self, **fields: object) -> Answer:
        return self.api.request("POST", LISTS, self.bob, json={"title": "More"} | fields)

    def add(self, *others: Person, path: str = "") -> Answer:
        sent = {"account_ids": [other.id for other in others]}
        return self.api.request("POST", f"{path or self.path}/accounts", self.bob, json=sent)

    def remove(self, *others: Person) -> Answer:
        sent = {"account_ids": [other.id for other in others]}
        return self.api.request("DELETE", f"{self.path}/accounts", self.bob, json=sent)

    def change(self, **fields: object) -> Answer:
        return self.api.request("PUT", self.path, self.bob, json=fields)

    def delete(self) -> Answer:
        return self.api.request("DELETE", self.path, self.bob)

    def members(self, **query: object) -> set[str]:
        return set(self.api.read(f"{self.path}/accounts", self.bob, **query))

    def lists_of(self, other: Person) -> list[str]:
        return [each["title"] for each in self.api.get(f"/api/v1/accounts/{other.id}/lists", self.bob).json]

    def off_home(self) -> frozenset[str]:
        """Return the ids of those whom Bob's lists keep off his home."""
        return relationships.of(self.bob.id, self.api.clock.now).apart


_made: list[tuple[World, int, dict[str, Any]]] = []


@pytest.fixture
def world(api: Api) -> World:
    """Bob's world, made once and copied for each test."""
    backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
    if not _made:
        world = make_world(api)
        _made.append((world, api.clock.now, copy.deepcopy(backend.tables)))
        return world
    world, now, kept = _made[0]
    backend.tables = copy.deepcopy(kept)
    api.go_on_with(world.api.application, now)
    cool_down()
    return replace(world, api=api)


def make_world(api: Api) -> World:
    bob, ada, cyd = (api.sign_up(name) for name in ("bob", "ada", "cyd"))
    for other in (ada, cyd):
        api.act(bob, "follow", other)
    api.deliver()
    made = api.request("POST", LISTS, bob, json={"title": "Friends"}).json
    return World(api, bob, ada, cyd, f"{LISTS}/{made['id']}")


def test_a_list_has_what_was_set_and_keeps_what_a_change_leaves_out(world: World) -> None:
    first = world.api.get(world.path, world.bob).json
    assert first == {"id": first["id"], "title": "Friends", "replies_policy": "list", "exclusive": False}
    world.api.clock.advance(1)
    form = {"title": "  Close\nfriends ", "replies_policy": "none", "exclusive": "true"}
    second = world.api.request("POST", LISTS, world.bob, form=form).json
    assert second | {"id": ""} == {"id": "", "title": "Close friends", "replies_policy": "none", "exclusive": True}
    path = f"{LISTS}/{second['id']}"
    for change in ({"title": "Closest"}, {"replies_policy": "followed"}, {"exclusive": "0"}, {}):
        second |= {key: False if value == "0" else value for key, value in change.items()}
        assert world.api.request("PUT", path, world.bob, form=change).json == second
    assert [each["title"] for each in world.api.get(LISTS, world.bob).json] == ["Going soon", "Friends", "Closest"]
    assert world.api.request("DELETE", path, world.bob).json == {}
    for method in ("GET", "PUT", "DELETE"):
        assert world.api.request(method, path, world.bob).status == 404
    assert world.api.get(f"{path}/accounts", world.bob).status == 404


def test_a_title_that_is_blank_or_too_long_and_an_unknown_policy_are_refused(world: World) -> None:
    too_long = "é" * (lists.MAX_TITLE + 1)
    for fields in ({"title": ""}, {"title": " \u200b\n"}, {"title": too_long}, {"replies_policy": "all"}):
        assert world.create(**fields).status == world.change(**fields).status == 422
    assert world.api.request("POST", LISTS, world.bob, json={}).status == 422
    assert world.create(title=too_long[1:]).status == 200


def test_members_are_added_and_removed_in_every_spelling(world: World) -> None:
    api, path = world.api, f"{world.path}/accounts"
    assert api.request("POST", path, world.bob, form=[("account_ids[]", world.ada.id)]).json == {}
    assert api.request("POST", path, world.bob, form={"account_ids": world.cyd.id}).status == 200
    assert world.members() == {world.ada.id, world.cyd.id}
    assert world.lists_of(world.ada) == ["Friends"]
    assert api.request("DELETE", f"{path}?account_ids[]={world.ada.id}", world.bob).json == {}
    assert world.members() == {world.cyd.id}
    assert world.remove(world.ada, world.cyd).status == 200
    assert world.members() == set() == set(world.lists_of(world.ada))
    assert api.request("POST", path, world.bob).json == {}


def test_members_are_accounts_that_the_user_follows_once_each_and_all_or_none_are_added(world: World) -> None:
    dan = world.api.sign_up("dan")
    assert world.add(world.ada, dan).status == world.add(world.bob).status == 404
    assert world.members() == set()
    assert world.add(world.ada).status == 200
    assert world.add(world.cyd, world.ada).status == 422
    assert world.members() == {world.ada.id}
    assert world.api.request("POST", f"{world.path}/accounts", world.bob, json={"account_ids": ["1"]}).status == 404
    assert world.api.request("POST", f"{world.path}/accounts", dan, json={"account_ids": []}).status == 404


def test_pages_of_members_follow_each_other_and_0_returns_all(world: World) -> None:
    world.add(world.ada, world.cyd)
    first = world.api.get(f"{world.path}/accounts", world.bob, limit=1)
    second = world.api.follow_link(first.link("next") or "", world.bob)
    assert [each["id"] for each in (*first.json, *second.json)] == sorted([world.ada.id, world.cyd.id])
    assert world.api.follow_link(second.link("prev") or "", world.bob).json == first.json
    assert world.members(limit=0) == {world.ada.id, world.cyd.id}
    assert world.api.get(f"{world.path}/accounts", world.bob, limit=-1).status == 422


def test_going_soon_is_everybodys_first_list_and_nobody_can_change_it(world: World) -> None:
    shown = world.api.get(LISTS, world.cyd).json
    assert shown == [{"id": "going-soon", "title": "Going soon", "replies_policy": "followed", "exclusive": False}]
    path = f"{LISTS}/going-soon"
    assert world.api.get(path, world.bob).json == shown[0]
    assert world.api.get(f"{path}/accounts", world.bob).json == []
    sent = {"account_ids": [world.ada.id]}
    for method, rest in (("PUT", ""), ("DELETE", ""), ("POST", "/accounts"), ("DELETE", "/accounts")):
        answer = world.api.request(method, path + rest, world.bob, json=sent)
        assert (answer.status, "can't be changed or deleted" in answer.error) == (422, True)
    assert world.lists_of(world.ada) == []


def test_apps_that_count_lists_get_going_soon_once_something_can_be_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = world.api
    monkeypatch.setattr(chalicelib.lists, "APPS_THAT_COUNT", {"tests"})
    assert api.get(LISTS, world.cyd).json == []
    api.request("POST", "/api/v1/tags/tea/follow", world.cyd)
    api.act(world.ada, "follow", world.cyd)
    for person in (world.cyd, world.ada, world.bob):
        assert api.get(LISTS, person).json[0]["id"] == "going-soon"


def test_a_user_can_have_50_lists(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lists.MAX_LISTS == 50
    monkeypatch.setattr(lists, "MAX_LISTS", 2)
    assert world.create().status == 200
    assert world.create(exclusive=True).status == 422
    assert len(world.api.get(LISTS, world.bob).json) == 3
    assert world.off_home() == frozenset()
    assert world.delete().status == world.create().status == 200


def test_a_list_can_have_500_members(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lists.MAX_MEMBERS == 500
    monkeypatch.setattr(lists, "MAX_MEMBERS", 1)
    assert world.add(world.ada, world.cyd).status == 422
    assert world.members() == set()
    assert world.add(world.ada).status == 200
    assert world.add(world.cyd).status == 422
    assert world.members() == {world.ada.id}
    sent = {"account_ids": [f"{number:013}" for number in range(81)]}
    for method in ("POST", "DELETE"):
        assert world.api.request(method, f"{world.path}/accounts", world.bob, json=sent).status == 422


Act = Callable[[World], Any]
ENDS: dict[str, Act] = {
    "unfollow": lambda world: world.api.act(world.bob, "unfollow", world.ada),
    "block": lambda world: world.api.act(world.bob, "block", world.ada),
    "blocked": lambda world: world.api.act(world.ada, "block", world.bob),
    "removed": lambda world: world.api.act(world.ada, "remove_from_followers", world.bob),
    "leave": lambda world: world.api.request("POST", DELETE, world.ada, json={"password": PASSWORD}),
}


@pytest.mark.parametrize("end", ENDS)
def test_when_a_follow_ends_the_member_leaves_all_lists_and_a_new_follow_does_not_bring_it_back(
    world: World, end: str
) -> None:
    world.change(exclusive=True)
    world.add(world.ada, world.cyd)
    assert world.off_home() == {world.ada.id, world.cyd.id}
    ENDS[end](world)
    assert world.members() == {world.cyd.id}
    if end == "leave":
        world.api.deliver()
    assert sum('"m"' in item for item in stored()["EdgeItem"]) == 1
    if end != "leave":
        for by, whom in ((world.bob, world.ada), (world.ada, world.bob)):
            world.api.act(by, "unblock", whom)
        world.api.act(world.bob, "follow", world.ada)
        assert world.lists_of(world.ada) == []
    assert world.members() == world.off_home() == {world.cyd.id}


def test_home_lacks_exactly_the_members_of_lists_that_are_exclusive(world: World) -> None:
    other = f"{LISTS}/{world.create(exclusive=True).json['id']}"
    both = {world.ada.id, world.cyd.id}
    steps: list[tuple[Act, set[str]]] = [
        (lambda world: world.add(world.ada), set()),
        (lambda world: world.add(world.ada, world.cyd, path=other), both),
        (lambda world: world.change(exclusive=True), both),
        (lambda world: world.api.request("PUT", other, world.bob, json={"exclusive": False}), {world.ada.id}),
        (lambda world: world.api.request("PUT", other, world.bob, json={"exclusive": True}), both),
        (lambda world: world.api.request("DELETE", other, world.bob), {world.ada.id}),
        (lambda world: world.remove(world.ada), set()),
        (lambda world: world.add(world.cyd), {world.cyd.id}),
        (lambda world: world.delete(), set()),
    ]
    for step, off_home in steps:
        assert step(world).status == 200
        assert world.off_home() == off_home


def test_nothing_of_lists_is_left_of_a_user_who_has_left(world: World) -> None:
    world.change(title="unforgettable", exclusive=True)
    world.add(world.ada)
    assert world.api.request("POST", DELETE, world.bob, json={"password": PASSWORD}).status == 200
    world.api.deliver()
    world.api.deliver()
    assert not any(world.bob.id in item or "unforgettable" in item for item in stored()["EdgeItem"])


def test_an_export_has_all_lists_with_their_members(world: World) -> None:
    world.api.clock.advance(1)
    world.create()
    world.add(world.ada)
    exported = [(each.of.title, each.member_ids) for each in lists.everything(world.bob.id)]
    assert exported == [("Friends", [world.ada.id]), ("More", [])]
    assert list(lists.everything(world.ada.id)) == []


RACES: tuple[tuple[str, Act, Act], ...] = (
    ("add, delete", lambda world: world.add(world.ada), World.delete),
    ("add, unfollow", lambda world: world.add(world.ada), ENDS["unfollow"]),
    ("add twice", lambda world: world.add(world.ada), lambda world: world.add(world.ada)),
    ("delete, add", World.delete, lambda world: world.add(world.ada)),
    ("exclusive, delete", lambda world: world.change(exclusive=True), World.delete),
    ("delete, exclusive", World.delete, lambda world: world.change(exclusive=True)),
    (
        "create, leave",
        World.create,
        lambda world: world.api.request("POST", DELETE, world.bob, json={"password": PASSWORD}),
    ),
)


@pytest.mark.parametrize(("name", "request_", "event"), RACES, ids=[name for name, *_ in RACES])
def test_whatever_two_requests_do_at_the_same_time_nobody_is_lost(
    world: World, races: Races, name: str, request_: Act, event: Act
) -> None:
    for run in one_way(races.between(lambda: request_(world), lambda: event(world))):
        assert run.result.status in {200, 401, 404, 422}, run
        edges = stored()["EdgeItem"]
        marks = sum('"exclusive#' in item for item in edges)
        exclusive = [item for item in edges if json.loads(item).get("exclusive", {}).get("BOOL")]
        assert marks == len(exclusive), run
        places = sum('"m"' in item for item in edges)
        if "delete" in name:
            assert world.api.get(world.path, world.bob).status == 404, run
            assert places == marks == 0, run
        if name == "add, unfollow":
            assert places == 0, run
        if name == "add twice":
            assert sorted([run.result.status, run.event.status]) == [200, 422], run  # type: ignore[attr-defined]
        if name == "create, leave":
            world.api.deliver()
            world.api.deliver()
            assert not any(world.bob.id in item for item in stored()["EdgeItem"]), run


def test_two_requests_at_the_same_time_do_not_go_beyond_the_limits(
    world: World, races: Races, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MAX_LISTS", 2)
    monkeypatch.setattr(lists, "MAX_MEMBERS", 1)
    pairs: tuple[tuple[Act, Act], ...] = (
        (World.create, World.create),
        (lambda world: world.add(world.ada), lambda world: world.add(world.cyd)),
    )
    for request_, event in pairs:
        for run in one_way(races.between(lambda: request_(world), lambda: event(world))):  # noqa: B023
            assert len(lists.of_user(world.bob.id)) <= 3, run
            assert len(world.members()) <= 1, run


def test_nobody_is_notified_of_a_place_in_a_list(world: World) -> None:
    """The stream reports only that a follow has changed, also when its notification has expired long ago."""
    world.api.deliver()
    world.api.clock.advance(30 * 86_400)
    for act in (world.add, world.remove):
        assert act(world.ada).status == 200
        world.api.deliver()
        assert world.api.read("/api/v1/notifications", world.ada) == []
