"""Deleting an account: it disappears from every read at once, and all its items are deleted."""

import json

import pytest

from fstream_app import tables
from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.errors import NotFound
from fstream_app.people import departures, following, profiles
from fstream_app.repository import batch, follows, users
from fstream_app.repository.follows import Follow
from fstream_app.repository.transactions import Writes
from tests.support.clock import Clock
from tests.support.departing import (
    DELETE,
    SHARED,
    TEXT,
    World,
    assert_counted,
    copy_of_world,
    left_behind,
    one_call_at_a_time,
    rounds,
    stream,
)
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.replicas import Replicas
from tests.support.sightings import LISTS, READS, shown


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    return copy_of_world(api)


def test_nothing_of_an_account_stays_when_it_is_deleted(world: World) -> None:
    assert left_behind(world).keys() >= {"UserItem", "EdgeItem", "TokenItem", "HeadItem", "LimitItem", *SHARED} - {
        "TimelineItem"
    }
    answer = world.leave()
    assert (answer.status, answer.json) == (200, {"status": "success"})
    allowed = {"UserItem", "TokenItem", "EdgeItem", "NotificationItem", "ReactionItem", "TimelineItem"}
    assert left_behind(world).keys() <= allowed
    assert TEXT not in str(stored())
    assert rounds(world) == ["leave#1"]
    world.api.deliver()
    assert left_behind(world) == {}


def test_a_token_that_the_index_does_not_show_yet_is_gone(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Replicas(clock, monkeypatch).lag(2)
    token = world.api.token("password", username=world.ada.name, password=PASSWORD).json["access_token"]
    assert world.leave().status == 200
    assert world.api.get("/api/v1/timelines/home", Person("", "", token)).status == 401


def test_what_others_hold_of_a_deleted_account_goes_with_the_messages(world: World) -> None:
    world.leave()
    world.api.deliver()
    soonest_gone = world.api.clock.now // 1000 + 604_800 + 1
    for table in SHARED:
        for item in stored()[table]:
            if world.ada.id in item:
                assert int(json.loads(item)["expires_at"]["N"]) <= soonest_gone, item


def test_the_counts_of_others_are_exact_when_somebody_has_left(world: World) -> None:
    assert (world.counts(), world.replied_to_counts()) == ([(2, 1), (0, 2), (0, 0)], (1, 2))
    world.leave()
    world.api.deliver()
    assert_counted(world)


def test_no_read_shows_a_deleted_account(world: World) -> None:
    seen = shown(world, world.bob) | shown(world, world.cyd)
    assert seen == {*READS, *LISTS}
    world.leave()
    assert shown(world, world.bob) | shown(world, world.cyd) == set()


def test_no_read_shows_a_leaving_user_even_before_anything_is_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "_erase", lambda *_, **__: False)
    assert world.leave().status == 200
    assert TEXT in str(stored()["MessageItem"])
    assert shown(world, world.bob) | shown(world, world.cyd) == set()
    assert api_error(world.api.token("password", username="ada", password=PASSWORD)) == (400, "invalid_grant")
    assert world.api.act(world.cyd, "unmute", world.dan)["muting"] is False
    for verb in ("follow", "block", "mute"):
        assert world.api.request("POST", f"/api/v1/accounts/{world.ada.id}/{verb}", world.dan).status == 404
    assert world.api.post(world.bob, "hello @ada")["mentions"] == []
    assert world.api.request("PATCH", "/api/v1/accounts/update_credentials", world.ada, json={}).status == 404


def api_error(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def test_a_warm_function_that_remembers_the_profile_shows_nothing_once_the_text_is_deleted(world: World) -> None:
    remembered = users.get(world.ada.id)
    assert remembered
    world.leave()
    profiles.remember([remembered])
    assert shown(world, world.bob) | shown(world, world.cyd) == set()


def test_a_follow_of_or_by_a_user_whose_deletion_has_begun_is_refused_and_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "_erase", lambda *_, **__: False)
    eve = world.api.sign_up("eve")
    before = users.get_many([world.ada.id, world.cyd.id])
    world.leave()
    monkeypatch.setattr("fstream_app.people.users.get", before.__getitem__)
    for follower, followed in ((eve, world.ada), (world.ada, world.cyd)):
        with pytest.raises(NotFound):
            following.follow(follower.id, followed.id, world.api.clock.now)
        assert [each.ended for each in follows.read([Follow(follower.id, followed.id)])] == [True]
    monkeypatch.undo()
    world.api.deliver()
    assert_counted(world)


def test_the_other_tokens_are_gone_at_once_and_the_one_at_hand_can_but_delete(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(departures, "_erase", lambda *_, **__: False)
        world.leave()
    home, post = "/api/v1/timelines/home", "/api/v1/statuses"
    assert world.api.get(home, world.other_token).status == 401
    assert world.api.get(home, world.ada).status == 403
    assert world.api.request("POST", post, world.ada, json={"status": "x"}).status == 403
    assert world.leave("wrong password").status == 403
    assert world.leave().status == 200
    world.api.deliver()
    assert world.leave().status == 401


def test_more_tokens_than_a_transaction_takes_are_gone_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fstream_app.repository.departures.MAX_TOKENS", 1)
    for _ in range(3):
        world.api.token("password", username="ada", password=PASSWORD)
    assert world.leave().status == 200
    assert world.ada.id not in str(stored()["TokenItem"])


def test_the_name_of_a_deleted_account_can_be_taken_again(world: World) -> None:
    world.leave()
    world.api.deliver()
    again = world.api.sign_up("ada")
    assert again.id != world.ada.id
    world.api.deliver()
    assert world.api.get("/api/v1/accounts/lookup", acct="ada").json["id"] == again.id


def test_the_name_is_not_free_before_the_account_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_erase", lambda *_, **__: False)
    world.leave()
    headers = {"authorization": f"Bearer {world.api.application_token()}"}
    fields = {"username": "ada", "password": PASSWORD}
    assert world.api.request("POST", "/api/v1/accounts", headers=headers, json=fields).status == 422


def test_an_account_is_deleted_with_its_password_in_the_body_and_the_scope_alone(world: World) -> None:
    before = stored()
    answer = world.leave("wrong password")
    assert (answer.status, answer.json) == (403, {"error": "Invalid password."})
    assert world.leave("").status == 403
    assert world.api.request("POST", DELETE, world.ada).status == 422
    assert world.api.request("POST", f"{DELETE}?password={PASSWORD.replace(' ', '+')}", world.ada).status == 422
    assert world.api.request("POST", DELETE, json={"password": PASSWORD}).status == 401
    nobody = Person("", "", world.api.application_token())
    assert world.api.request("POST", DELETE, nobody, json={"password": PASSWORD}).status == 422
    without = world.api.token("password", username="ada", password=PASSWORD, scope="read write:statuses").json
    reader = Person("ada", world.ada.id, without["access_token"])
    assert world.api.request("POST", DELETE, reader, json={"password": PASSWORD}).status == 403
    after = stored()
    assert [table for table in before if before[table] != after[table]] == ["TokenItem"]
    assert world.api.request("POST", DELETE, world.ada, form={"password": PASSWORD}).status == 200


def test_follows_of_somebody_who_is_gone_are_ended_and_not_counted(world: World) -> None:
    gone = ids.new_user_id()
    batch.put(
        [
            tables.EdgeItem(world.ada.id, edge(EdgeKind.FOLLOW, gone)),
            tables.EdgeItem(gone, edge(EdgeKind.FOLLOW, world.ada.id)),
        ]
    )
    tables.UserItem(world.ada.id).update(
        [tables.UserItem.followers_count.add(1), tables.UserItem.following_count.add(1)]
    )
    world.leave()
    world.api.deliver()
    assert left_behind(world) == {}
    assert gone not in str(stored())
    assert_counted(world)


def test_two_users_who_follow_each_other_both_delete_their_accounts(world: World) -> None:
    bob = Person("bob", world.bob.id, world.bob.token)
    world.leave()
    assert world.api.request("POST", DELETE, bob, json={"password": PASSWORD}).status == 200
    world.api.deliver()
    assert left_behind(world) == {}
    assert bob.id not in str({table: items for table, items in stored().items() if table not in SHARED})


def test_a_step_whose_follows_cannot_be_subtracted_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.leave()
    with monkeypatch.context() as patch:
        patch.setattr("fstream_app.core.retry.time.sleep", lambda _: None)
        patch.setattr(Writes, "attempt", lambda _: [TimeoutError()])
        assert stream(world) == ["1"]
    assert stream(world) == []
    world.api.deliver()
    assert left_behind(world) == {}
    assert_counted(world)
