"""The policies grant exactly the calls that the functions make.

The steps do everything that an instance does in a day, and every call to DynamoDB is recorded. Each call must be
granted, and each grant must be needed by a step, which would fail without it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import moto
import pytest
from argon2 import PasswordHasher

from chalicelib import live as live_handler
from chalicelib import streaming
from chalicelib.events import fan_out, on_reaction, on_relationship, views
from fstream_app import tables
from fstream_app.core import clock
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.moderation import suspension
from fstream_app.people import departures, passwords
from fstream_app.repository import messages
from fstream_app.repository.reactions import sort_key
from ops.deployment import functions
from tests.support import gateway, listening
from tests.support.clock import Clock
from tests.support.curating import (
    do_things_while_leaving,
    filter_messages,
    listen,
    make_a_list,
    open_sockets,
    pin_and_unpin,
    repeat_a_post,
    schedule,
    talk,
    use_notifications,
)
from tests.support.departing import World, make_world, one_call_at_a_time, stream
from tests.support.editing import edit, edit_a_boosted_message, quote
from tests.support.engines import cool_down, fresh_tables
from tests.support.hearing import catch_up, hear
from tests.support.people import PASSWORD, Api, Person
from tests.support.permissions import Grant, Need, Recorder, grants, recording
from tests.support.records import followed, posted, record, run
from tests.support.visitor import Visitor

Step = Callable[[World], object]


OPERATOR = "operator"
"""Moderates by commands, with permissions of their own."""


class Undelivered:
    """A pump that delivers nothing, because the steps call the functions themselves."""

    def drain(self) -> None:
        pass


def apply(world: World) -> None:
    visitor = Visitor(world.api)
    code = visitor.sign_up("eve", PASSWORD).answer["code"]
    token = visitor.exchange(code).json["access_token"]
    client = {name: visitor.application[name] for name in ("client_id", "client_secret")}
    assert world.api.request("POST", "/oauth/revoke", form={**client, "token": token}).status == 200


def keep(world: World) -> None:
    answer = world.api.token("password", username="ada", password=PASSWORD)
    assert answer.status == 200


def change_the_password(world: World) -> None:
    fields = {"password": PASSWORD, "new_password": PASSWORD}
    assert world.api.request("POST", "/api/pleroma/change_password", world.cyd, json=fields).status == 200


def look_at_sessions(world: World) -> None:
    assert len(world.api.get("/api/oauth_tokens", world.cyd).json) == 1


def get_to_know(world: World) -> None:
    for path in (
        f"/api/v1/accounts/{world.ada.id}",
        "/api/v1/accounts/search?q=ad",
        "/api/v1/accounts/lookup?acct=ada",
    ):
        assert world.api.get(path, world.bob).status == 200
    assert (
        world.api.request("PATCH", "/api/v1/accounts/update_credentials", world.ada, json={"note": "!"}).status == 200
    )
    for whose in ("followers", "following"):
        assert world.api.get(f"/api/v1/accounts/{world.ada.id}/{whose}", world.bob).status == 200
    world.api.get("/api/v1/accounts/relationships", world.bob, **{"id[]": [world.ada.id]})


def look_at_the_instance(world: World) -> None:
    cool_down()
    for version in ("v1", "v2"):
        assert world.api.get(f"/api/{version}/instance").status == 200


def fall_out(world: World) -> None:
    for verb in ("unfollow", "follow", "block", "unblock", "mute", "unmute", "follow"):
        world.api.act(world.bob, verb, world.cyd)


def react(world: World) -> None:
    status = world.api.post(world.bob, "well", poll={"options": ["a", "b"], "expires_in": 300})
    voted = world.api.request("POST", f"/api/v1/polls/{status['id']}/votes", world.cyd, json={"choices": [0]})
    assert voted.status == 200
    for verb in ("favourite", "bookmark"):
        assert world.api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", world.ada).status == 200
        assert world.api.get(f"/api/v1/{verb}s", world.ada).status == 200
    assert world.api.get(f"/api/v1/statuses/{status['id']}/favourited_by", world.ada).status == 200
    for verb in ("unfavourite", "unbookmark"):
        assert world.api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", world.ada).status == 200


def read(world: World) -> None:
    cool_down()
    status = world.replied_to["id"]
    for path in ("home", "public", "tag/tag"):
        assert world.api.get(f"/api/v1/timelines/{path}", world.cyd).status == 200
    for path in (f"statuses/{status}", f"statuses/{status}/context", f"accounts/{world.ada.id}/statuses"):
        assert world.api.get(f"/api/v1/{path}", world.cyd).status == 200
    assert world.api.get("/api/v2/search?q=%23ta", world.cyd).status == 200


def leave(world: World) -> None:
    for _ in range(2):
        world.api.token("password", username="ada", password=PASSWORD)
    assert world.leave().status == 200


GONE = "0" * 13
"""A user who does not exist."""
EXPIRES = 4_000_000_000


def deliver(world: World) -> None:
    cool_down()
    reply = world.api.post(world.bob, "so #many #tags @cyd", in_reply_to_id=world.replied_to["id"])
    for function in (fan_out, views):
        assert run(function, *map(posted, (world.replied_to, reply, *world.statuses))) == []
    world.api.clock.advance(1)
    assert run(views, posted(reply)) == []  # the record comes again


def wait_for_what_is_late(world: World) -> None:
    status = world.api.post(world.bob, "late")
    world.api.clock.advance(3)
    assert status["id"] not in world.api.home(world.cyd)
    newer = world.api.post(world.bob, "on time")
    assert run(views, posted(newer)) == []
    world.api.clock.advance(3)
    # No page reaches down to the late one, so it is looked for.
    below = str(MessageId.parse(status["id"]).previous())
    assert world.api.read("/api/v1/timelines/public", world.cyd, since_id=below) == []
    assert run(views, posted(status)) == []


def take_back(world: World) -> None:
    statuses = [world.api.post(world.dan, "no")]
    for status in statuses:
        world.api.delete(world.dan, status)
    assert run(fan_out, posted(statuses[0], "REMOVE")) == []


def welcome(world: World) -> None:
    assert run(on_relationship, followed(world.cyd, world.bob)) == []


def fall_out_meanwhile(world: World) -> None:
    """What the function finds when it is late: follows that have ended, and blocks and mutes of a user who is gone."""
    world.api.act(world.bob, "unfollow", world.cyd)
    tables.EdgeItem(world.bob.id, edge(EdgeKind.FOLLOW, GONE), pending=True).save()
    blocks = [
        followed(world.bob, Person("", GONE, ""), kind=kind)
        for kind in (EdgeKind.FOLLOW, EdgeKind.BLOCK, EdgeKind.MUTE)
    ]
    assert run(on_relationship, followed(world.bob, world.cyd, "MODIFY"), *blocks) == []


def reactions_to(status: dict[str, Any]) -> list[str]:
    keys = [sort_key(kind, MessageId.parse(status["id"])) for kind in ReactionKind]
    return [f"{key}.0" if key.startswith(ReactionKind.VOTE) else key for key in keys]


def count_reactions(world: World) -> None:
    status = world.api.post(world.bob, "well")
    for verb in ("favourite", "bookmark", "reblog", "unfavourite", "unreblog"):
        assert world.api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", world.cyd).status == 200
        keys = [{"user_id": world.cyd.id, "reaction": each} for each in reactions_to(status)]
        for _ in range(2):
            assert run(on_reaction, *(record(each, "INSERT", str(n)) for n, each in enumerate(keys))) == []
    keys = [{"user_id": GONE, "reaction": each} for each in reactions_to(status)]
    for each in keys:
        wrapper = status["id"] if each["reaction"].startswith(ReactionKind.BOOST) else None
        key = each["user_id"], each["reaction"]
        tables.ReactionItem(*key, pending=True, wrapper=wrapper, expires_at=EXPIRES).save()
    assert run(on_reaction, *(record(each, "INSERT", str(n)) for n, each in enumerate(keys))) == []


def deliver_what_was_posted_too_late(world: World) -> None:
    headers = {"Idempotency-Key": "late"}
    fields = {"status": "late", "in_reply_to_id": world.replied_to["id"]}
    status = world.api.request("POST", "/api/v1/statuses", world.dan, json=fields, headers=headers).json
    boost = world.api.request("POST", f"/api/v1/statuses/{world.replied_to['id']}/reblog", world.dan).json
    assert run(views, posted(status)) == []
    suspension.suspend("dan", "", world.api.clock.now)
    suspension.lift("dan", world.api.clock.now)
    tables.UserItem(world.dan.id).update([tables.UserItem.leaving.set(True)])
    assert run(views, posted(status), posted(boost, sequence="2")) == []


def count_what_ada_has_done(world: World) -> None:
    assert run(on_relationship, followed(world.ada, world.bob)) == []
    assert run(views, *(posted(each, sequence=str(n)) for n, each in enumerate(world.statuses))) == []


def decide_about_requests(world: World) -> None:
    """A locked account accepts one request, then all of them by unlocking."""
    api = world.api
    for locked in (True, False):
        answer = api.request("PATCH", "/api/v1/accounts/update_credentials", world.dan, json={"locked": locked})
        assert answer.status == 200, answer.json
        if locked:
            for each in (world.bob, world.cyd):
                api.act(each, "follow", world.dan)
                assert run(on_relationship, followed(each, world.dan, kind="request")) == []
            api.get("/api/v1/follow_requests", world.dan)
            assert api.request("POST", f"/api/v1/follow_requests/{world.bob.id}/authorize", world.dan).status == 200
    assert run(on_relationship, record({"u": world.dan.id, "e": "unlock#1"}, "INSERT", "1")) == []


def delete_all_messages(world: World) -> None:
    """The request deletes what there is. The stream functions delete what comes later."""
    api = world.api
    headers, path = {"Idempotency-Key": "meanwhile"}, "/api/v1/statuses"
    late = api.request("POST", path, world.dan, json={"status": "late"}, headers=headers).json

    stored = messages.get(MessageId.parse(late["id"]))
    assert stored is not None
    for finish in (
        lambda: run(views, posted(late)),
        lambda: run(on_relationship, record({"u": world.dan.id, "e": "clear#1"}, "INSERT", "1")),
    ):
        answer = api.request("POST", f"{path}/delete_all", world.dan, json={"password": PASSWORD})
        assert answer.status == 200, answer.json
        messages.put(stored)
        assert finish() == []
        assert messages.get(stored.id) is None


def finish_leaving(world: World) -> None:
    assert stream(world) == []


STEPS: tuple[Step, ...] = (
    deliver,
    wait_for_what_is_late,
    take_back,
    welcome,
    catch_up,
    hear,
    listen,
    open_sockets,
    apply,
    keep,
    look_at_sessions,
    change_the_password,
    get_to_know,
    look_at_the_instance,
    fall_out,
    make_a_list,
    repeat_a_post,
    edit,
    edit_a_boosted_message,
    quote,
    schedule,
    react,
    read,
    use_notifications,
    pin_and_unpin,
    talk,
    do_things_while_leaving,
    fall_out_meanwhile,
    decide_about_requests,
    filter_messages,
    delete_all_messages,
    count_reactions,
    leave,
    deliver_what_was_posted_too_late,
)


@contextmanager
def instance(recorder: Recorder) -> Iterator[World]:
    """Make a new instance on moto, with Ada and the users around her."""
    recorder.step = "meet"
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws(), fresh_tables("moto"):
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", lambda: hasher)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setenv("FSTREAM_RATE_LIMITS", "on")
        patch.setenv("FSTREAM_CONNECTIONS", gateway.ADDRESS)
        patch.setenv("FSTREAM_LIVE_QUEUE", listening.QUEUE)
        patch.setenv("FSTREAM_RATE_SIGN_UPS", "100/1800")
        cool_down()
        standing = Clock()
        patch.setattr(clock, "now", standing)
        one_call_at_a_time(patch)
        with recording(recorder):
            yield make_world(Api(standing, Undelivered()))  # type: ignore[arg-type]
    cool_down()


def live(recorder: Recorder, world: World, steps: Iterable[Step]) -> None:
    for step in steps:
        recorder.step = step.__name__.replace("_", " ")
        step(world)


@pytest.fixture(scope="module")
def lived() -> Recorder:
    """The recorded needs of all steps."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{__name__}.fan_out", recorder.attributed("fan_out", fan_out))
        attributed = recorder.attributed("views", views)
        patch.setattr(f"{__name__}.views", attributed)
        for module in ("curating", "editing"):
            patch.setattr(f"tests.support.{module}.views", attributed)
        attributed = recorder.attributed("on_reaction", on_reaction)
        for module in (__name__, "tests.support.editing"):
            patch.setattr(f"{module}.on_reaction", attributed)
        attributed = recorder.attributed("on_relationship", on_relationship)
        patch.setattr(f"{__name__}.on_relationship", attributed)
        patch.setattr("tests.support.departing.on_relationship", attributed)
        for handler in (streaming.connect, streaming.message, streaming.disconnect):
            attributed = recorder.attributed(f"websocket_{handler.__name__}", handler)
            patch.setattr(streaming, handler.__name__, attributed)
        for name in ("fan_out", "views", "on_relationship", "on_reaction"):
            patch.setattr(f"tests.support.hearing.{name}", globals()[name])
        patch.setattr(live_handler, "live", recorder.attributed("live", live_handler.live))
        for name in ("suspend", "lift"):
            patch.setattr(suspension, name, recorder.attributed(OPERATOR, getattr(suspension, name)))
        with instance(recorder) as world:
            live(recorder, world, STEPS)
        with instance(recorder) as world:
            # The request deletes almost nothing, so the stream function deletes the rest, in rounds.
            patch.setattr(departures, "ITEMS_AT_ONCE", 1)
            patch.setattr(departures, "ITEMS_A_ROUND", 1)
            live(recorder, world, [count_what_ada_has_done, leave, open_sockets, finish_leaving])
    return recorder


def needed_by(recorder: Recorder, grant: Grant) -> set[str]:
    """Return the steps that fail without a grant."""
    others = [other for other in grants(grant.policy) if other != grant]
    return {
        step
        for step, needs in recorder.needs[grant.policy].items()
        if any(not any(other.covers(need) for other in others) for need in needs)
    }


@pytest.mark.parametrize("function", functions.ALL)
def test_what_a_function_does_is_granted(lived: Recorder, function: str) -> None:
    needs = set(chain.from_iterable(lived.needs[function].values()))
    refused: set[Need] = {need for need in needs if not any(grant.covers(need) for grant in grants(function))}
    assert refused == set()


def test_a_call_on_several_tables_is_granted_without_conditions_on_leading_keys(lived: Recorder) -> None:
    """IAM may check the keys of all tables of a batch or transaction against the condition on one of them."""
    calls = [call for call in lived.calls if call[0] != OPERATOR]
    spanning = [call for call in calls if len({need.resource for need in call[1]}) > 1]
    assert {function for function, _ in spanning} >= {"api_handler", "on_relationship"}
    granting = [grant for name, needs in spanning for need in needs for grant in grants(name) if grant.covers(need)]
    assert [grant for grant in granting if grant.keys] == []
    conditioned = [grant for name in functions.ALL for grant in grants(name) if grant.keys]
    written = {need.resource for name, needs in lived.calls for need in needs if name == "views"}
    assert {grant.resource for grant in conditioned} == {"sockets", "timelines"} <= written


@pytest.mark.parametrize("grant", [grant for name in functions.ALL for grant in grants(name)], ids=str)
def test_without_any_grant_a_step_fails(lived: Recorder, grant: Grant) -> None:
    assert needed_by(lived, grant)
