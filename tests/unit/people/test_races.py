"""What names a user does not outlive the account, and a block ends every follow, in whatever order calls happen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fstream_app.moderation import suspension
from tests.support.departing import DELETE
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races, one_way

KEPT = {"UserItem", "TokenItem", "LimitItem", "ApplicationItem", "LogItem", "TimelineItem", "HeadItem"}
"""Tables that these races do not concern, or whose items expire with messages."""


@dataclass
class World:
    """Ada, whose account ends, and Bob; each with a message."""

    api: Api
    ada: Person
    bob: Person
    adas: dict[str, Any]
    bobs: dict[str, Any]

    def on(self, path: str, by: Person, **fields: object) -> Answer:
        return self.api.request("POST", f"/api/v1/{path}", by, json=fields)


@pytest.fixture
def world(api: Api) -> World:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    world = World(api, ada, bob, api.post(ada, "hello"), api.post(bob, "hello"))
    api.deliver()
    return world


REQUESTS: dict[str, Callable[[World], Answer]] = {
    "follow by": lambda world: world.on(f"accounts/{world.bob.id}/follow", world.ada),
    "follow of": lambda world: world.on(f"accounts/{world.ada.id}/follow", world.bob),
    "block by": lambda world: world.on(f"accounts/{world.bob.id}/block", world.ada),
    "block of": lambda world: world.on(f"accounts/{world.ada.id}/block", world.bob),
    "mute by": lambda world: world.on(f"accounts/{world.bob.id}/mute", world.ada),
    "mute of": lambda world: world.on(f"accounts/{world.ada.id}/mute", world.bob),
    "favourite by": lambda world: world.on(f"statuses/{world.bobs['id']}/favourite", world.ada),
    "favourite of": lambda world: world.on(f"statuses/{world.adas['id']}/favourite", world.bob),
    "bookmark by": lambda world: world.on(f"statuses/{world.bobs['id']}/bookmark", world.ada),
    "report by": lambda world: world.on("reports", world.ada, account_id=world.bob.id, comment="why"),
    "report of": lambda world: world.on("reports", world.bob, account_id=world.ada.id),
    "reply by": lambda world: world.on(
        "statuses", world.ada, status="unforgettable", in_reply_to_id=world.bobs["id"], expires_in=604_800
    ),
    "dismissal of": lambda world: world.api.request("DELETE", f"/api/v1/suggestions/{world.ada.id}", world.bob),
    "mention of": lambda world: world.on("statuses", world.bob, status="@ada"),
}


def leave(world: World) -> None:
    """Delete Ada's account, to the end."""
    assert world.api.request("POST", DELETE, world.ada, json={"password": PASSWORD}).status == 200
    world.api.deliver()


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
def test_nothing_names_a_user_who_leaves_meanwhile(
    world: World, races: Races, request_of: Callable[[World], Answer]
) -> None:
    for run in one_way(races.between(lambda: request_of(world), lambda: leave(world))):
        world.api.deliver()
        left = {
            table: [item for item in items if world.ada.id in item and not _is_anothers(table, item, world.bob.id)]
            for table, items in stored().items()
            if table not in KEPT
        }
        assert {table: items for table, items in left.items() if items} == {}, run
        shown = world.api.get(f"/api/v1/accounts/{world.bob.id}").json
        assert (shown["followers_count"], shown["following_count"]) == (0, 0), run
        status = world.api.get(f"/api/v1/statuses/{world.bobs['id']}").json
        assert (status["favourites_count"], status["replies_count"]) == (0, 0), run
        assert run.result.status < 500, run


def _is_anothers(table: str, item: str, user_id: str) -> bool:
    """Return whether an item is Bob's own message, or a notification of his, which expire."""
    return table in {"MessageItem", "NotificationItem"} and f'"S": "{user_id}"' in item


@pytest.mark.parametrize("request_of", [REQUESTS[name] for name in ("follow by", "follow of")])
def test_a_follow_and_a_block_at_the_same_time_leave_the_block_alone(
    world: World, races: Races, request_of: Callable[[World], Answer]
) -> None:
    for blocker, blocked in ((world.ada, world.bob), (world.bob, world.ada)):

        def block(blocker: Person = blocker, blocked: Person = blocked) -> None:
            assert world.on(f"accounts/{blocked.id}/block", blocker).status == 200

        for run in races.between(lambda: request_of(world), block):
            world.api.deliver()
            assert "f#" not in str(stored()["EdgeItem"]), run
            for each in (world.ada, world.bob):
                shown = world.api.get(f"/api/v1/accounts/{each.id}").json
                assert (shown["followers_count"], shown["following_count"]) == (0, 0), run
        for other in one_way(races.between(block, lambda: request_of(world))):
            world.api.deliver()
            assert "f#" not in str(stored()["EdgeItem"]), other


@pytest.mark.parametrize("name", ["follow of", "follow by", "reply by", "favourite by"])
def test_counts_are_exact_when_a_user_is_suspended_meanwhile_and_lifted(world: World, races: Races, name: str) -> None:
    for run in races.between(lambda: REQUESTS[name](world), lambda: suspension.suspend("ada", "", world.api.clock.now)):
        world.api.deliver()
        suspended = world.api.get(f"/api/v1/statuses/{world.bobs['id']}/context").json["descendants"]
        assert suspended == [], run
        suspension.lift("ada", world.api.clock.now)
        edges, reactions = stored()["EdgeItem"], stored()["ReactionItem"]
        shown = world.api.get(f"/api/v1/accounts/{world.bob.id}").json
        follows = sum("f#" in item for item in edges)
        assert shown["followers_count"] + shown["following_count"] == follows, run
        status = world.api.get(f"/api/v1/statuses/{world.bobs['id']}").json
        assert status["favourites_count"] == len(reactions), run
        assert all('"p"' not in item and '"x"' not in item for item in (*edges, *reactions)), run


@pytest.mark.parametrize("state", ["suspended", "leaving", "gone"])
def test_a_relation_can_be_ended_whatever_the_other_sides_state(world: World, state: str) -> None:
    api, ada, bob = world.api, world.ada, world.bob
    for verb in ("follow", "mute"):
        api.act(bob, verb, ada)
    api.act(ada, "follow", bob)
    api.deliver()
    if state == "suspended":
        suspension.suspend("ada", "", api.clock.now)
    else:
        assert api.request("POST", DELETE, ada, json={"password": PASSWORD}).status == 200
    if state == "gone":
        api.deliver()
    for verb in ("unfollow", "unmute", "remove_from_followers", "unblock"):
        if state == "suspended":
            api.deliver()  # moto loses records when a transaction fails, as that of this unblock does
        assert world.on(f"accounts/{ada.id}/{verb}", bob).status == (404 if state == "gone" else 200), verb
    api.deliver()
    assert ada.id not in str(stored()["EdgeItem"])
    shown = api.get(f"/api/v1/accounts/{bob.id}").json
    assert (shown["followers_count"], shown["following_count"]) == (0, 0)
