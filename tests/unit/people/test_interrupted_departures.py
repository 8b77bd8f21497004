"""Deleting an account is finished after any interruption; a large account is deleted in rounds."""

import itertools

import pytest

from chalicelib.events import on_relationship
from fstream_app import tables
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.people import departures
from fstream_app.repository import batch, follows, users
from tests.support.departing import (
    TEXT,
    World,
    assert_counted,
    copy_of_world,
    left_behind,
    one_call_at_a_time,
    rounds,
    stream,
    stream_once,
)
from tests.support.interruptions import interrupted, left_the_same, snapshot
from tests.support.people import Api, stored
from tests.support.records import record, run


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    return copy_of_world(api)


def test_a_deletion_interrupted_at_any_call_is_finished_by_the_next_attempt_and_by_the_stream_alone(
    world: World,
) -> None:
    whole = snapshot()
    seen: list[dict[str, list[str]]] = []
    for number in itertools.count(1):
        whole()
        with interrupted(number) as interruption:
            answer = world.leave()
        if interruption.left > 0:
            break
        assert answer.status == 503
        if left_the_same(seen):
            continue
        broken = snapshot()
        if rounds(world):
            assert stream(world) == []
            assert left_behind(world) == {}
            assert_counted(world)
            broken()
        # The last call deletes the token. If its response is lost, a retry gets 401.
        assert world.leave().status in {200, 401}
        assert stream(world) == []
        assert left_behind(world) == {}
        assert_counted(world)
    assert answer.status == 200
    assert number > 15


def test_a_round_of_the_stream_interrupted_at_any_call_comes_again_and_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(departures, "_erase", lambda *_, **__: False)
        world.leave()
    begun = snapshot()
    seen: list[dict[str, list[str]]] = []
    for number in itertools.count(1):
        begun()
        with interrupted(number) as interruption:
            failed = run(on_relationship, record({"u": world.ada.id, "e": "leave#1"}, "INSERT", "7"))
        if interruption.left > 0:
            break
        assert failed == ["7"]
        if left_the_same(seen):
            continue
        assert run(on_relationship, record({"u": world.ada.id, "e": "leave#1"}, "INSERT", "7")) == []
        assert left_behind(world) == {}
        assert_counted(world)
    assert failed == []
    assert number > 30


@pytest.fixture
def small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_TOGETHER", 2), ("ITEMS_AT_ONCE", 2), ("ITEMS_A_ROUND", 2)):
        monkeypatch.setattr(departures, name, value)


def test_a_large_account_is_deleted_round_by_round(world: World, small_rounds: None) -> None:
    assert world.leave().status == 200
    assert left_behind(world).keys() >= {"UserItem", "MessageItem", "EdgeItem"}
    world.api.deliver()
    assert left_behind(world) == {}
    assert_counted(world)


def test_a_round_deletes_no_more_than_its_share(world: World, small_rounds: None) -> None:
    left = [len(list(tables.MessageItem.query(world.ada.id)))]
    for deletes in (lambda: world.leave().status == 200, lambda: stream_once(world) == []):
        assert deletes()
        left.append(len(list(tables.MessageItem.query(world.ada.id))))
    assert left == [7, 5, 3]
    assert rounds(world) == ["leave#2"]


def test_a_record_that_comes_again_does_no_harm(world: World, small_rounds: None) -> None:
    world.leave()
    first = record({"u": world.ada.id, "e": "leave#1"}, "INSERT", "1")
    for _ in range(3):
        assert run(on_relationship, first) == []
    assert rounds(world) == ["leave#2"]
    assert stream(world) == []
    again = world.api.sign_up("ada")
    world.api.act(again, "follow", world.bob)
    world.api.post(again, "back")
    before = stored()
    assert run(on_relationship, first) == []
    assert stored() == before


def test_an_index_that_lags_behind_lets_no_follower_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(follows, "of_followed", lambda *_: [])
        assert world.leave().status == 200
        assert users.get(world.ada.id, consistent=True, include_hidden=True)
        assert stream(world) == ["1"]
    assert stream(world) == []
    assert left_behind(world) == {}
    assert_counted(world)


def test_what_a_concurrent_request_wrote_during_the_first_round_is_deleted_by_the_second(world: World) -> None:
    status = world.api.post(world.ada, "x")
    late = next(iter(tables.MessageItem.query(world.ada.id, tables.MessageItem.id == status["id"])))
    world.leave()
    late.text = TEXT
    batch.put([late, tables.EdgeItem(world.ada.id, edge(EdgeKind.MUTE, world.bob.id))])
    assert left_behind(world).keys() >= {"MessageItem", "EdgeItem"}
    world.api.deliver()
    assert left_behind(world) == {}
