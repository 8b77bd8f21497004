"""Ada, who deletes her account, and her relationships with other users."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.events import on_relationship
from fstream_app import tables
from fstream_app.core import database
from fstream_app.core.edges import EdgeKind
from tests.support import engines
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.records import record, run
from tests.support.walks import add_filter

DELETE = "/api/pleroma/delete_account"
TEXT = "unforgettable"
SHARED = {"MessageItem", "NotificationItem", "ReactionItem", "TimelineItem"}
"""Tables in which items of other users may still name a deleted account."""


_made: list[tuple["World", int, Callable[[], None]]] = []


@dataclass
class World:
    """Ada, who deletes her account, and the users around her."""

    api: Api
    ada: Person
    bob: Person
    cyd: Person
    dan: Person
    other_token: Person
    """Ada, with her second token."""
    statuses: list[dict[str, Any]]
    """Ada's messages."""
    replied_to: dict[str, Any]
    """Bob's message, to which Ada has replied."""

    def leave(self, password: str = PASSWORD) -> Answer:
        return self.api.request("POST", DELETE, self.ada, json={"password": password})

    def counts(self) -> list[tuple[int, int]]:
        """Return the numbers of followers and followed of Bob, Cyd and Dan."""
        shown = [self.api.get(f"/api/v1/accounts/{each.id}").json for each in (self.bob, self.cyd, self.dan)]
        return [(account["followers_count"], account["following_count"]) for account in shown]

    def replied_to_counts(self) -> tuple[int, int]:
        """Return the numbers of replies and favourites of Bob's message."""
        status = self.api.get(f"/api/v1/statuses/{self.replied_to['id']}", self.bob).json
        return status["replies_count"], status["favourites_count"]


def one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serialize calls to moto: it restores all tables when a transaction fails, which is not thread-safe."""
    client, lock = database.connection().client, threading.Lock()
    call: Callable[..., Any] = client._make_api_call

    def locked(*arguments: object) -> Any:
        with lock:
            return call(*arguments)

    monkeypatch.setattr(client, "_make_api_call", locked)


def make_world(api: Api) -> World:
    """Make every kind of item that can connect Ada with other users, and deliver it."""
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    again = api.token("password", username="ada", password=PASSWORD).json["access_token"]
    relations: list[tuple[Person, str, Person]] = [
        (ada, "follow", bob),
        (bob, "follow", ada),
        (cyd, "follow", ada),
        (cyd, "follow", bob),
        (ada, "block", dan),
        (ada, "mute", cyd),
        (bob, "mute", ada),
    ]
    for by, verb, whom in relations:
        api.act(by, verb, whom, notifications=False)
    list_each_other(api, (ada, bob), (cyd, ada))
    replied_to = api.post(bob, "hello @ada")
    headers = {"Idempotency-Key": "key"}
    fields = {"status": f"{TEXT} #tag @bob", "expires_in": 604_800}
    first = api.request("POST", "/api/v1/statuses", ada, json=fields, headers=headers).json
    replies = [api.post(ada, TEXT, in_reply_to_id=replied_to["id"], expires_in=seconds) for seconds in (60, 604_800)]
    expired = api.post(ada, TEXT, expires_in=60)
    api.post(bob, "so?", in_reply_to_id=first["id"])
    for by, verbs, status in (
        (ada, ("favourite", "bookmark", "reblog"), replied_to),
        (cyd, ("favourite",), replied_to),
        (cyd, ("favourite", "reblog"), first),
    ):
        for verb in verbs:
            assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by).status == 200
    for by, status in ((ada, replied_to), (bob, first)):
        add_filter(api, by, "so", status["id"])
    _report_each_other(api, ada, bob, first)
    explore(api, ada, dan)
    direct = curate(api, ada, bob, first)
    api.deliver()
    api.clock.advance(60)
    statuses = [first, *replies, expired, *direct]
    return World(api, ada, bob, cyd, dan, Person("ada", ada.id, again), statuses, replied_to)


def _report_each_other(api: Api, ada: Person, bob: Person, first: dict[str, Any]) -> None:
    for by, about, ids in ((ada, bob, []), (bob, ada, [first["id"]])):
        fields = {"account_id": about.id, "status_ids": ids, "comment": TEXT if by is ada else ""}
        assert api.request("POST", "/api/v1/reports", by, json=fields).status == 200


def explore(api: Api, ada: Person, dan: Person) -> None:
    """Follow and feature a hashtag, and dismiss suggestions."""
    for verb in ("follow", "feature"):
        assert api.request("POST", f"/api/v1/tags/tea/{verb}", ada).status == 200
    for by, whom in ((ada, dan), (dan, ada)):
        assert api.request("DELETE", f"/api/v1/suggestions/{whom.id}", by).status == 200


def curate(api: Api, ada: Person, bob: Person, status: dict[str, Any]) -> list[dict[str, Any]]:
    """Write notes, mute and pin a message, set markers and talk; return Ada's direct messages."""
    note_and_notify(api, ada, bob)
    vote_for_each_other(api, ada, bob)
    for by in (ada, bob):
        assert api.request("POST", f"/api/v1/statuses/{status['id']}/mute", by).status == 200
    assert api.request("POST", f"/api/v1/statuses/{status['id']}/pin", ada).status == 200
    form = {f"{timeline}[last_read_id]": status["id"] for timeline in ("home", "notifications")}
    assert api.request("POST", "/api/v1/markers", ada, form=form).status == 200
    first = api.post(bob, "@ada psst", visibility="direct")
    return [api.post(ada, "@bob psst", visibility="direct", in_reply_to_id=first["id"], expires_in=604_800)]


def vote_for_each_other(api: Api, ada: Person, bob: Person) -> None:
    """Let each of the two make a poll, in which the other votes."""
    for by, whom, text in ((ada, bob, "yes"), (bob, ada, "tea")):
        status = api.post(whom, text, poll={"options": [text, "no"], "expires_in": 300})
        path = f"/api/v1/polls/{status['id']}/votes"
        assert api.request("POST", path, by, json={"choices": [0]}).status == 200


def list_each_other(api: Api, *pairs: tuple[Person, Person]) -> None:
    """Let the first of each pair make a list with the other in it; the list of the first pair is exclusive."""
    for by, whom in pairs:
        sent = {"title": "list", "exclusive": by is pairs[0][0]}
        made = api.request("POST", "/api/v1/lists", by, json=sent).json["id"]
        added = api.request("POST", f"/api/v1/lists/{made}/accounts", by, json={"account_ids": [whom.id]})
        assert added.status == 200


def note_and_notify(api: Api, *both: Person) -> None:
    """Let two users write notes about each other, and choose options for their follows."""
    for by, whom in (both, both[::-1]):
        api.act(by, "note", whom, comment=TEXT if by.name == "ada" else "her")
        api.act(by, "follow", whom, notify=True, languages=["en"])


def copy_of_world(api: Api) -> World:
    """Return a world on moto. It is slow to make, so it is made once and copied for each test."""
    if not _made:
        made = make_world(api)
        _made.append((made, api.clock.now, engines.keep()))
        return made  # not a copy: its pump continues at its position
    world, now, bring_back = _made[0]
    bring_back()
    api.go_on_with(world.api.application, now)
    return replace(world, api=api)


def left_behind(world: World) -> dict[str, list[str]]:
    """Return the items left of Ada by table, except those of other users that may name her."""
    found = {}
    for table, items in stored().items():
        theirs = [item for item in items if world.ada.id in item or TEXT in item or '"@ada"' in item]
        if table in SHARED:
            theirs = [item for item in theirs if TEXT in item or owner(item) == world.ada.id]
        elif table == "EdgeItem":
            theirs = [item for item in theirs if not is_conversation_of_others(item, world.ada)]
        if theirs:
            found[table] = theirs
    return found


def is_conversation_of_others(item: str, ada: Person) -> bool:
    """Return whether an edge is a conversation muted by another user, which names a message until it expires."""
    attributes = json.loads(item)
    return attributes["e"]["S"].startswith("still#") and attributes["u"]["S"] != ada.id and "expires_at" in attributes


def owner(item: str) -> str:
    attributes = json.loads(item)
    (key,) = attributes.keys() & {"author_id", "user_id", "timeline"}
    return str(attributes[key]["S"]).removeprefix("direct#")


def mark(world: World, number: int) -> str:
    return json.dumps({"e": {"S": f"leave#{number}"}, "u": {"S": world.ada.id}})


def rounds(world: World) -> list[str]:
    """Return the marks of the deletion rounds that the stream function has yet to run."""
    marks = tables.EdgeItem.query(world.ada.id, tables.EdgeItem.edge.startswith(EdgeKind.LEAVE))
    return [item.edge for item in marks]


def stream(world: World) -> list[str]:
    """Run the stream function on each mark until no mark is left; return the sequence numbers that it reports."""
    while rounds(world):
        if failed := stream_once(world):
            return failed
    return []


def stream_once(world: World) -> list[str]:
    return run(on_relationship, record({"u": world.ada.id, "e": rounds(world)[0]}, "INSERT", "1"))


def assert_counted(world: World) -> None:
    """Check the counts of others once everything is delivered, including what was subtracted of deleted replies."""
    world.api.deliver()
    assert (world.counts(), world.replied_to_counts()) == ([(1, 0), (0, 1), (0, 0)], (0, 1))
