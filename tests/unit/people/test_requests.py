"""Requests to follow a locked account: what they show and grant, how they end, and what accepts them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fstream_app import tables
from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.moderation import suspension
from fstream_app.people import unlocking
from fstream_app.repository import batch, requests
from tests.support.departing import DELETE
from tests.support.people import PASSWORD, SETTLED, Answer, Api, Person, stored

LIST = "/api/v1/follow_requests"


@dataclass
class World:
    """Ada, whose account is locked, her private message, and Bob, who has requested to follow her."""

    api: Api
    ada: Person
    bob: Person
    private: dict[str, Any]

    def lock(self, *, locked: bool = True) -> dict[str, Any]:
        return change(self.api, self.ada, locked=locked)

    def decide(self, verb: str, about: Person | None = None, by: Person | None = None) -> Answer:
        return self.api.request("POST", f"{LIST}/{(about or self.bob).id}/{verb}", by or self.ada)

    def requested(self) -> list[str]:
        return [account["username"] for account in self.api.get(LIST, self.ada, limit=40).json]

    def relations(self, by: Person, other: Person) -> set[str]:
        (shown,) = self.api.get("/api/v1/accounts/relationships", by, **{"id[]": other.id}).json
        return {name for name, holds in shown.items() if holds is True}

    def notified(self) -> list[tuple[str, str]]:
        self.api.deliver()
        self.api.clock.advance(SETTLED)
        return [(each["type"], each["id"]) for each in self.api.get("/api/v1/notifications", self.ada).json]

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.notified()]

    def counts(self) -> tuple[int, int]:
        """Return the numbers of Ada's followers and of the accounts that Bob follows."""
        self.api.deliver()
        ada, bob = (self.api.get(f"/api/v1/accounts/{each.id}").json for each in (self.ada, self.bob))
        return ada["followers_count"], bob["following_count"]

    def sees(self) -> bool:
        return self.api.get(f"/api/v1/statuses/{self.private['id']}", self.bob).status == 200


def change(api: Api, by: Person, **fields: object) -> dict[str, Any]:
    answer = api.request("PATCH", "/api/v1/accounts/update_credentials", by, json=fields)
    assert answer.status == 200, answer.json
    shown: dict[str, Any] = answer.json
    return shown


@pytest.fixture
def world(api: Api) -> World:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    change(api, ada, locked=True)
    world = World(api, ada, bob, api.post(ada, "hush", visibility="private"))
    assert api.act(bob, "follow", ada) | {"id": ""} == api.act(bob, "follow", ada) | {"id": ""}
    api.deliver()
    api.clock.advance(SETTLED)
    return world


def test_accounts_are_open_until_they_are_locked_and_say_so(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    assert api.get(f"/api/v1/accounts/{ada.id}").json["locked"] is False
    for locked in (True, False, False, True):
        assert change(api, ada, locked=locked)["locked"] is locked
        assert change(api, ada, bot=locked)["locked"] is locked
        assert api.get(f"/api/v1/accounts/{ada.id}", bob).json["locked"] is locked
    assert api.get("/api/v1/accounts/verify_credentials", ada).json["source"]["follow_requests_count"] == 0


def test_a_request_is_shown_to_both_and_grants_nothing(world: World) -> None:
    api, ada, bob = world.api, world.ada, world.bob
    for _ in range(2):
        relation = api.act(bob, "follow", ada)
        assert (relation["following"], relation["requested"], relation["requested_by"]) == (False, True, False)
    assert world.relations(bob, ada) == {"requested", "showing_reblogs"}
    assert world.relations(ada, bob) == {"requested_by"}
    assert world.requested() == ["bob"]
    assert api.get("/api/v1/accounts/verify_credentials", ada).json["source"]["follow_requests_count"] == 1
    assert world.kinds() == ["follow_request"]
    assert not world.sees()
    assert api.home(bob) == []
    assert world.counts() == (0, 0)
    for path, by in ((f"accounts/{ada.id}/followers", ada), (f"accounts/{bob.id}/following", bob)):
        assert api.get(f"/api/v1/{path}", by).json == []


def test_relationships_with_many_show_requests_too(world: World) -> None:
    api, ada, bob = world.api, world.ada, world.bob
    others = [api.sign_up(f"user{number}") for number in range(9)]
    change(api, bob, locked=True)
    api.act(others[0], "follow", bob)
    found = api.get("/api/v1/accounts/relationships", bob, **{"id[]": [ada.id, *(each.id for each in others)]}).json
    assert [each["requested"] for each in found] == [True] + 9 * [False]
    assert [each["requested_by"] for each in found] == [False, True] + 8 * [False]
    found = api.get("/api/v1/accounts/relationships", ada, **{"id[]": [bob.id, *(each.id for each in others)]}).json
    assert [each["requested_by"] for each in found] == [True] + 9 * [False]


def test_an_authorized_request_is_a_follow(world: World) -> None:
    shown = world.decide("authorize").json
    assert (shown["id"], shown["followed_by"], shown["requested_by"]) == (world.bob.id, True, False)
    assert world.relations(world.bob, world.ada) == {"following", "showing_reblogs"}
    assert world.sees()
    assert world.requested() == []
    assert world.counts() == (1, 1)
    assert world.kinds() == ["follow"]
    assert world.api.home(world.bob) == [world.private["id"]]
    assert world.decide("reject").status == 404
    assert world.api.act(world.bob, "follow", world.ada)["following"] is True
    assert world.requested() == []
    assert world.api.act(world.bob, "unfollow", world.ada)["following"] is False
    assert not world.sees()
    assert world.api.act(world.bob, "follow", world.ada)["requested"] is True
    assert world.counts() == (0, 0)
    assert [world.decide("authorize").status for _ in range(2)] == [200, 404]


def test_a_rejected_request_is_gone_and_the_next_brings_its_notification_back(world: World) -> None:
    before = world.notified()
    assert [kind for kind, _ in before] == ["follow_request"]
    shown = world.decide("reject").json
    assert (shown["followed_by"], shown["requested_by"]) == (False, False)
    assert world.decide("reject").status == 404
    assert world.relations(world.bob, world.ada) == set()
    assert (world.requested(), world.notified()) == ([], [])
    world.api.act(world.bob, "follow", world.ada)
    assert world.notified() == before  # the same, so it is not new
    assert world.requested() == ["bob"]


@pytest.mark.parametrize("verb", ["unfollow", "remove_from_followers", "block", "block of"])
def test_a_request_is_withdrawn_rejected_or_ended_by_a_block(world: World, verb: str) -> None:
    api, ada, bob = world.api, world.ada, world.bob
    by, whom = (bob, ada) if verb in {"unfollow", "block of"} else (ada, bob)
    shown = api.act(by, verb.removesuffix(" of"), whom)
    assert (shown["requested"], shown["requested_by"]) == (False, False)
    assert world.requested() == []
    assert "request#" not in str(stored()["EdgeItem"])
    api.act(by, "unblock", whom)
    assert (world.requested(), world.kinds(), world.counts()) == ([], [], (0, 0))
    assert world.decide("authorize").status == 404


def test_a_block_ends_the_request_to_an_account_that_was_unlocked_a_moment_ago(world: World) -> None:
    world.lock(locked=False)
    for verb in ("block", "unblock"):
        world.api.act(world.ada, verb, world.bob)
    assert world.counts() == (0, 0)
    assert (world.requested(), world.sees()) == ([], False)


def test_a_blocked_user_cannot_request(world: World) -> None:
    world.api.act(world.ada, "block", world.bob)
    assert world.api.request("POST", f"/api/v1/accounts/{world.ada.id}/follow", world.bob).status == 403
    assert "request#" not in str(stored()["EdgeItem"])


def test_the_notification_of_somebody_whose_notifications_are_muted_is_not_made(world: World) -> None:
    cyd = world.api.sign_up("cyd")
    world.api.act(world.ada, "mute", cyd)
    world.api.act(cyd, "follow", world.ada)
    assert world.kinds() == ["follow_request"]
    assert sorted(world.requested()) == ["bob", "cyd"]


def test_only_the_account_itself_sees_requests_and_decides_about_them(world: World) -> None:
    assert world.api.get(LIST, world.bob).json == []
    assert world.decide("authorize", about=world.bob, by=world.bob).status == 404
    assert world.decide("authorize", about=world.ada, by=world.bob).status == 404
    for odd in ("x", "x" * 2000, ids.new_user_id()):
        assert world.api.request("POST", f"{LIST}/{odd}/authorize", world.ada).status == 404
        assert world.api.request("POST", f"{LIST}/{odd}/reject", world.ada).status == 404


def test_requests_are_listed_page_by_page(world: World) -> None:
    others = [world.api.sign_up(f"user{number}") for number in range(4)]
    for each in others:
        world.api.act(each, "follow", world.ada)
    everybody = sorted([world.bob.id, *(each.id for each in others)])
    first = world.api.get(LIST, world.ada, limit=2)
    second = world.api.follow_link(str(first.link("next")), world.ada)
    third = world.api.follow_link(str(second.link("next")), world.ada)
    assert [account["id"] for page in (first, second, third) for account in page.json] == everybody
    assert third.link("next") is None
    back = world.api.follow_link(str(second.link("prev")), world.ada)
    assert back.json == first.json


def test_a_follower_stays_when_the_account_is_locked(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    change(api, ada, locked=True)
    shown = api.act(bob, "follow", ada)
    assert (shown["following"], shown["requested"]) == (True, False)
    assert "request#" not in str(stored()["EdgeItem"])


def test_unlocking_accepts_all_requests_in_rounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocking, "ITEMS_A_ROUND", 2)
    monkeypatch.setattr(unlocking, "_TOGETHER", 2)
    others = [world.api.sign_up(f"user{number}") for number in range(4)]
    for each in others:
        world.api.act(each, "follow", world.ada)
    world.api.act(others[0], "unfollow", world.ada)
    world.lock(locked=False)
    world.api.deliver()
    assert world.api.get(f"/api/v1/accounts/{world.ada.id}").json["followers_count"] == 4
    assert world.requested() == []
    assert not [item for item in stored()["EdgeItem"] if "unlock#" in item or "request#" in item]
    assert world.sees()
    assert world.kinds() == 4 * ["follow"]


def test_an_interrupted_round_is_resumed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.lock(locked=False)
    admit, failures = requests.admit, iter([True, True])

    def fail(*arguments: Any, **options: Any) -> Any:
        if next(failures, False):
            raise TimeoutError
        return admit(*arguments, **options)

    monkeypatch.setattr(requests, "admit", fail)
    world.api.deliver()
    assert world.counts() == (1, 1)
    assert "unlock#" not in str(stored()["EdgeItem"])


def test_locking_again_ends_the_rounds(world: World) -> None:
    world.lock(locked=False)
    world.lock()
    world.api.deliver()
    assert world.requested() == ["bob"]
    assert not world.sees()
    assert "unlock#" not in str(stored()["EdgeItem"])
    world.lock(locked=False)
    assert world.counts() == (1, 1)


def test_a_request_that_the_rounds_have_missed_accepts_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "requesters", lambda *_: iter(()))  # as if the index lagged behind
    world.decide("reject")
    cyd = world.api.sign_up("cyd")
    world.api.act(cyd, "follow", world.ada)
    world.lock(locked=False)
    world.api.deliver()
    assert world.api.get(f"/api/v1/accounts/{world.ada.id}").json["followers_count"] == 1
    assert "request#" not in str(stored()["EdgeItem"])


def suspend(world: World, who: Person) -> None:
    suspension.suspend(who.name, "", world.api.clock.now)


def leave(world: World, who: Person) -> None:
    assert world.api.request("POST", DELETE, who, json={"password": PASSWORD}).status == 200
    world.api.deliver()


@pytest.mark.parametrize("end", [suspend, leave])
def test_a_requester_who_is_suspended_or_leaves_has_no_request(
    world: World, end: Callable[[World, Person], None]
) -> None:
    end(world, world.bob)
    assert "request#" not in str(stored()["EdgeItem"])
    assert (world.requested(), world.kinds()) == ([], [])
    assert world.decide("authorize").status == 404
    assert world.api.get("/api/v1/accounts/verify_credentials", world.ada).json["source"]["follow_requests_count"] == 0


def test_nothing_is_left_of_requests_to_a_user_who_leaves(world: World) -> None:
    batch.put(tables.EdgeItem(ids.new_user_id(), edge(EdgeKind.REQUEST, world.ada.id)) for _ in range(50))
    world.lock(locked=False)  # and the rounds have not begun
    leave(world, world.ada)
    left = [item for item in stored()["EdgeItem"] if world.ada.id in item]
    assert left == []


def test_requests_and_follows_together_are_limited(world: World, configure: Callable[..., None]) -> None:
    cyd = world.api.sign_up("cyd")
    change(world.api, cyd, locked=True)
    configure(max_follows=1)
    answer = world.api.request("POST", f"/api/v1/accounts/{cyd.id}/follow", world.bob)
    assert (answer.status, answer.error) == (422, "You can follow at most 1 accounts. Unfollow one of them first.")
    assert world.relations(world.bob, cyd) == set()
    assert world.api.act(world.bob, "follow", world.ada)["requested"] is True


def test_the_number_of_requests_is_counted_to_a_limit(world: World) -> None:
    batch.put(tables.EdgeItem(ids.new_user_id(), edge(EdgeKind.REQUEST, world.ada.id)) for _ in range(250))
    assert (
        world.api.get("/api/v1/accounts/verify_credentials", world.ada).json["source"]["follow_requests_count"] == 200
    )
    # None of them is by somebody who exists, except Bob's.
    assert world.requested() == ["bob"]
