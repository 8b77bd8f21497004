"""Deleting an account: items of a later version are deleted too, and a step without progress does not run forever."""

from collections.abc import Callable
from itertools import repeat
from typing import Any

import pytest

from chalicelib.events import on_relationship
from fstream_app import tables
from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.progress import NoProgress
from fstream_app.people import departures
from fstream_app.repository import (
    batch,
    follows,
    messages,
    notifications,
    oauth,
    reactions,
    relationships,
    replies,
    reports,
)
from fstream_app.repository.follows import Follow
from fstream_app.repository.relationships import OwnEdge
from tests.support.departing import World, copy_of_world, left_behind, one_call_at_a_time, rounds
from tests.support.people import Api
from tests.support.records import record, run

EXPIRES = 4_000_000_000
MORE_THAN_A_BATCH = 100


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    return copy_of_world(api)


@pytest.mark.parametrize("kind", ["applause", "celebration", "zap"])
def test_reactions_of_later_kinds_go_with_the_account(world: World, kind: str) -> None:
    batch.put(
        tables.ReactionItem(world.ada.id, f"{kind}#{number}", favourite_of=world.replied_to["id"], expires_at=EXPIRES)
        for number in range(MORE_THAN_A_BATCH)
    )
    assert world.leave().status == 200
    world.api.deliver()
    assert left_behind(world) == {}


@pytest.mark.parametrize("kind", ["admire#", "fear#", "zoom#", "malformed"])
def test_edges_of_later_kinds_go_with_the_account(world: World, kind: str) -> None:
    batch.put(tables.EdgeItem(world.ada.id, f"{kind}{number}") for number in range(MORE_THAN_A_BATCH))
    batch.put([tables.EdgeItem(world.ada.id, "admire#")])
    assert world.leave().status == 200
    world.api.deliver()
    assert left_behind(world) == {}


def test_notifications_of_later_kinds_go_with_the_account(world: World) -> None:
    batch.put(
        tables.NotificationItem(world.ada.id, f"{number:026}", kind="poll", expires_at=EXPIRES)
        for number in range(MORE_THAN_A_BATCH)
    )
    assert world.leave().status == 200
    world.api.deliver()
    assert left_behind(world) == {}


def always(answer: object) -> Callable[..., Any]:
    return lambda *_, **__: answer


SOMEBODY = ids.new_user_id()
MESSAGE = Message(id=MessageId.new(SOMEBODY, 1_000), text="x", lifetime=60)
KEYS = [f"zap#{number}" for number in range(40)]
STUCK: dict[str, list[tuple[object, str, Callable[..., Any]]]] = {
    "tokens": [(oauth, "tokens_of", always(["a", "b"])), (oauth, "delete_tokens", always(None))],
    "messages": [(messages, "all_of", always([MESSAGE])), (replies, "delete", always(None))],
    "follows": [
        (relationships, "all_of", always([OwnEdge(edge(EdgeKind.FOLLOW, SOMEBODY), EdgeKind.FOLLOW, SOMEBODY)])),
        (follows, "end", always(False)),
    ],
    "edges": [
        (relationships, "all_of", always([OwnEdge(f"zoom#{SOMEBODY}", None, SOMEBODY)])),
        (relationships, "delete", always(None)),
    ],
    "followers": [
        (follows, "of_followed", always([Follow(SOMEBODY, SOMEBODY)])),
        (follows, "end", always(False)),
    ],
    "muters": [(relationships, "muters", lambda *_: repeat(SOMEBODY)), (relationships, "unmute", always(None))],
    "reactions": [(reactions, "all_of", always([(SOMEBODY, key) for key in KEYS]))],
    "notifications": [(notifications, "delete_some", always(KEYS))],
    "reports by": [(reports, "by", always([("open", "1")])), (reports, "delete", always(None))],
    "reports about": [(reports, "about", always([("open", "1")])), (reports, "delete", always(None))],
}


@pytest.mark.parametrize("stuck", STUCK.values(), ids=STUCK)
def test_a_step_that_changes_nothing_is_an_error(
    stuck: list[tuple[object, str, Callable[..., Any]]], mocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, replacement in stuck:
        monkeypatch.setattr(module, name, replacement)
    with pytest.raises(NoProgress):
        departures._erase(SOMEBODY, 1_000_000, departures.STEPS)


def test_a_round_that_changes_nothing_is_reported_and_begins_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(departures, "_erase", always(False))
        world.leave()
    with monkeypatch.context() as patch:
        patch.setattr(reactions, "all_of", always([(SOMEBODY, key) for key in KEYS]))
        assert run(on_relationship, record({"u": world.ada.id, "e": "leave#1"}, "INSERT", "7")) == ["7"]
    assert rounds(world) == ["leave#1"]
    assert run(on_relationship, record({"u": world.ada.id, "e": "leave#1"}, "INSERT", "7")) == []
    assert left_behind(world) == {}
