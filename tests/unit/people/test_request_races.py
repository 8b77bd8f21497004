"""Requests to follow, and what ends or accepts them, in whatever order the calls to DynamoDB of two requests happen."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from fstream_app.core.edges import EdgeKind
from fstream_app.moderation import suspension
from tests.support.departing import DELETE
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races, one_way

Call = Callable[["World"], object]


@dataclass
class World:
    """Ada, whose account is locked, and Bob, who has requested to follow her."""

    api: Api
    ada: Person
    bob: Person

    def edges(self) -> set[str]:
        """Return the kinds of the edges between the two."""
        return {
            kind
            for item in stored()["EdgeItem"]
            for kind in (EdgeKind.REQUEST, EdgeKind.FOLLOW, EdgeKind.UNLOCK)
            if f'"{kind}#' in item
        }

    def counts(self) -> set[tuple[int, int]]:
        """Return the numbers of followers and followed of those who exist."""
        answers = [self.api.get(f"/api/v1/accounts/{each.id}") for each in (self.ada, self.bob)]
        shown = [answer.json for answer in answers if answer.status == 200]
        return {(account["followers_count"], account["following_count"]) for account in shown}

    def lock(self, *, locked: bool) -> Answer:
        return self.api.request("PATCH", "/api/v1/accounts/update_credentials", self.ada, json={"locked": locked})

    def relation(self, verb: str, by: Person, whom: Person) -> Answer:
        return self.api.request("POST", f"/api/v1/accounts/{whom.id}/{verb}", by)

    def decide(self, verb: str) -> Answer:
        return self.api.request("POST", f"/api/v1/follow_requests/{self.bob.id}/{verb}", self.ada)


@pytest.fixture
def world(api: Api) -> World:
    world = World(api, api.sign_up("ada"), api.sign_up("bob"))
    assert world.lock(locked=True).status == 200
    assert world.relation("follow", world.bob, world.ada).status == 200
    api.deliver()
    return world


def leave(world: World, who: Person) -> object:
    return world.api.request("POST", DELETE, who, json={"password": PASSWORD})


CALLS: dict[str, Call] = {
    "follow": lambda world: world.relation("follow", world.bob, world.ada),
    "withdraw": lambda world: world.relation("unfollow", world.bob, world.ada),
    "block": lambda world: world.relation("block", world.ada, world.bob),
    "authorize": lambda world: world.decide("authorize"),
    "reject": lambda world: world.decide("reject"),
    "unlock": lambda world: world.lock(locked=False),
    "leave": lambda world: leave(world, world.bob),
    "suspend": lambda world: suspension.suspend("bob", "", world.api.clock.now),
}
ENDINGS: tuple[tuple[str, str, set[str]], ...] = (
    ("authorize", "withdraw", set()),
    ("authorize", "block", set()),
    ("authorize", "leave", set()),
    ("authorize", "follow", {EdgeKind.FOLLOW}),
    ("withdraw", "authorize", set()),
    ("block", "authorize", set()),
    ("follow", "authorize", {EdgeKind.FOLLOW}),
    ("follow", "unlock", {EdgeKind.FOLLOW}),
    ("unlock", "withdraw", set()),
    ("unlock", "follow", {EdgeKind.FOLLOW}),
    ("unlock", "leave", set()),
)
"""A request, what happens meanwhile, and the edges that are left: the same in whatever order they take effect."""


@pytest.mark.parametrize(("name", "meanwhile", "left"), ENDINGS, ids=[f"{one} {other}" for one, other, _ in ENDINGS])
def test_whatever_comes_first_the_end_is_the_same(
    world: World, races: Races, name: str, meanwhile: str, left: set[str]
) -> None:
    for run in one_way(races.between(lambda: CALLS[name](world), lambda: CALLS[meanwhile](world))):
        world.api.deliver()
        assert world.edges() == left, run
        assert world.counts() <= {(1, 0), (0, 1)} if left else world.counts() <= {(0, 0)}, run
        assert all('"p"' not in item and '"x"' not in item for item in stored()["EdgeItem"]), run


@pytest.mark.parametrize(("name", "meanwhile"), [("authorize", "reject"), ("reject", "authorize")])
def test_one_decision_is_made(world: World, races: Races, name: str, meanwhile: str) -> None:
    for run in one_way(races.between(lambda: world.decide(name), lambda: world.decide(meanwhile))):
        world.api.deliver()
        assert isinstance(run.event, Answer)
        answers = {name: run.result.status, meanwhile: run.event.status}
        assert sorted(answers.values()) == [200, 404], run
        assert world.edges() == ({EdgeKind.FOLLOW} if answers["authorize"] == 200 else set()), run


def test_who_follows_while_the_account_is_locked_has_what_the_answer_says(world: World, races: Races) -> None:
    world.lock(locked=False)
    world.relation("unfollow", world.bob, world.ada)
    world.api.deliver()
    for run in one_way(races.between(lambda: CALLS["follow"](world), lambda: world.lock(locked=True))):
        world.api.deliver()
        assert isinstance(run.result, Answer)
        shown = run.result.json
        assert shown["following"] is not shown["requested"], run
        assert world.edges() == ({EdgeKind.FOLLOW} if shown["following"] else {"request"}), run


@pytest.mark.parametrize("name", ["authorize", "follow", "unlock"])
def test_counts_are_exact_when_the_requester_is_suspended_meanwhile(world: World, races: Races, name: str) -> None:
    for run in one_way(races.between(lambda: CALLS[name](world), lambda: CALLS["suspend"](world))):
        world.api.deliver()
        suspension.lift("bob", world.api.clock.now)
        followed = EdgeKind.FOLLOW in world.edges()
        assert world.counts() == ({(1, 0), (0, 1)} if followed else {(0, 0)}), run
        assert "request" not in world.edges(), run
