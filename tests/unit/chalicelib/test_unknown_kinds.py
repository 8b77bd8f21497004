"""A later version wrote new kinds of edges, reactions and notifications, and was rolled back: reads ignore them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.events import on_relationship
from fstream_app import tables
from fstream_app.core import database, metrics
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.people import profiles
from fstream_app.repository import batch, relationships
from tests.support.logs import Log, written
from tests.support.people import Api, Person, stored
from tests.support.records import followed, record, run

EXPIRES = 4_000_000_000
EDGES = ("admire", "celebrate", "fear", "kudos", "zoom")
"""Before, between and behind the known kinds in the order of keys."""
REACTIONS = ("applause", "celebration", "zap")
READS = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/tag",
    "/api/v1/notifications",
    "/api/v1/notifications/unread_count",
    "/api/v1/notifications?types[]=mention",
    "/api/v1/accounts/relationships?id[]={ada}",
    "/api/v1/accounts/relationships?" + "&".join(f"id[]={{ada}}&id[]={{cyd}}&id[]={n:013}" for n in range(9)),
    "/api/v1/accounts/{ada}/followers",
    "/api/v1/accounts/{ada}/following",
    "/api/v1/accounts/{bob}/followers",
    "/api/v1/accounts/{bob}/following",
    "/api/v1/accounts/{ada}/statuses",
    "/api/v1/accounts/{bob}",
    "/api/v1/blocks",
    "/api/v1/mutes",
    "/api/v1/favourites",
    "/api/v1/bookmarks",
    "/api/v1/statuses/{status}",
    "/api/v1/statuses?id[]={status}",
    "/api/v1/statuses/{status}/context",
    "/api/v1/statuses/{status}/favourited_by",
    "/api/v2/search?q=ada",
)


@pytest.fixture
def log() -> Iterator[Log]:
    with written() as log:
        yield log


@dataclass
class Scene:
    """Bob, the reader, and the users and message that he reads."""

    api: Api
    ada: Person
    bob: Person
    cyd: Person
    status: str

    def read(self) -> dict[str, Any]:
        """Return the responses to Bob's reads, by path."""
        ids = {"ada": self.ada.id, "bob": self.bob.id, "cyd": self.cyd.id, "status": self.status}
        answers = {path: self.api.get(path.format_map(ids), self.bob) for path in READS}
        assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(READS, 200)
        return {path: answer.json for path, answer in answers.items()}


@pytest.fixture
def scene(api: Api) -> Scene:
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for by, verb, whom in (
        (bob, "follow", ada), (ada, "follow", bob), (bob, "block", cyd), (bob, "mute", dan),
    ):  # fmt: skip
        api.act(by, verb, whom)
    status = api.post(ada, "hello @bob #tag")["id"]
    for by, verb in ((bob, "favourite"), (bob, "bookmark"), (ada, "favourite")):
        assert api.request("POST", f"/api/v1/statuses/{status}/{verb}", by).status == 200
    api.post(bob, "well @ada", in_reply_to_id=status)
    api.deliver()
    profiles.memory.clear()  # which has profiles from before they were counted
    return Scene(api, ada, bob, cyd, status)


def write_new_kinds(scene: Scene) -> None:
    """Write unknown kinds everywhere that Bob reads."""
    for one, other in ((scene.bob, scene.ada), (scene.ada, scene.bob)):
        batch.put(tables.EdgeItem(one.id, f"{kind}#{other.id}", mutes_notifications=True) for kind in EDGES)
        batch.put(
            tables.ReactionItem(one.id, f"{kind}#{scene.status}", favourite_of=scene.status, expires_at=EXPIRES)
            for kind in REACTIONS
        )
        made = MessageId.new(other.id, scene.api.clock.now - 60_000)
        batch.put([tables.NotificationItem(one.id, str(made), kind="tomorrow", expires_at=EXPIRES)])


def test_no_read_shows_what_a_later_version_wrote_or_fails_for_it(scene: Scene) -> None:
    before = scene.read()
    assert all(before[path] for path in READS)
    write_new_kinds(scene)
    assert scene.read() == before


def test_attributes_of_a_later_version_are_ignored(scene: Scene) -> None:
    before = scene.read()
    client = database.connection().client
    later = {"later": {"N": "1"}, "later_still": {"M": {"a": {"BOOL": True}}}}
    for model in (tables.UserItem, tables.MessageItem, tables.ReactionItem, tables.NotificationItem):
        for item in client.scan(TableName=model.table_name())["Items"]:
            client.put_item(TableName=model.table_name(), Item=item | later)
    assert scene.read() == before


def test_skipped_edges_are_counted(scene: Scene, log: Log) -> None:
    write_new_kinds(scene)
    log.clear()
    scene.api.home(scene.bob)
    assert log.figure(Metric.UNKNOWN_EDGES) == len(EDGES)
    with metrics.tally() as tally:
        relations = relationships.of(scene.bob.id, scene.api.clock.now)
    assert tally.counts == {Metric.UNKNOWN_EDGES: len(EDGES)}
    assert relations.muting_notifications <= relations.muting


def test_a_notification_of_a_later_kind_cannot_be_shown_or_dismissed_but_cleared(scene: Scene) -> None:
    write_new_kinds(scene)
    made = next(item.id for item in tables.NotificationItem.query(scene.bob.id) if item.kind == "tomorrow")
    path = f"/api/v1/notifications/{made}"
    assert scene.api.get(path, scene.bob).status == 404
    assert scene.api.request("POST", f"{path}/dismiss", scene.bob).status == 404
    assert scene.api.request("POST", "/api/v1/notifications/clear", scene.bob).status == 200
    assert scene.api.get("/api/v1/notifications", scene.bob).json == []


def test_what_is_done_among_new_kinds_works_as_ever(scene: Scene) -> None:
    write_new_kinds(scene)
    new = [items for table, items in stored().items() if table in {"EdgeItem", "ReactionItem"}]
    assert scene.api.act(scene.bob, "unfollow", scene.ada)["following"] is False
    assert scene.api.act(scene.bob, "block", scene.ada)["blocking"] is True
    assert scene.api.act(scene.bob, "unblock", scene.ada)["blocking"] is False
    assert scene.api.request("POST", f"/api/v1/statuses/{scene.status}/unfavourite", scene.bob).status == 200
    later = [items for table, items in stored().items() if table in {"EdgeItem", "ReactionItem"}]
    kept = {item for items in new for item in items if any(f'"{kind}#' in item for kind in (*EDGES, *REACTIONS))}
    assert kept <= {item for items in later for item in items}


def test_a_record_of_a_later_kind_is_skipped_and_counted(scene: Scene, log: Log) -> None:
    before = stored()
    records = [followed(scene.bob, scene.ada, sequence=str(n), kind=kind) for n, kind in enumerate(EDGES)]
    assert run(on_relationship, *records, followed(scene.bob, scene.ada, "REMOVE", kind="zoom")) == []
    assert stored() == before
    assert log.figure(Metric.UNKNOWN_EDGES) == len(EDGES)


@pytest.mark.parametrize("key", ["", "#", "follow", "follow#", "zoom", "zoom#", "#0123456789abc", "leave#zoom"])
def test_a_malformed_record_is_reported(scene: Scene, key: str) -> None:
    bad = record({"u": scene.bob.id, "e": key}, "INSERT", "2")
    assert run(on_relationship, bad, followed(scene.bob, scene.ada, sequence="1")) == ["2"]
