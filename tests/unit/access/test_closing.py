"""Whatever ends a token closes the WebSockets that were opened with it, before the request has been answered."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chalicelib.events import on_relationship
from fstream_app.access import credentials, sessions
from fstream_app.access.oauth import hash_secret
from fstream_app.core import retry
from fstream_app.moderation import suspension
from fstream_app.people import sockets
from fstream_app.repository import sockets as items
from fstream_app.tables import EdgeItem
from tests.support import gateway
from tests.support.departing import DELETE
from tests.support.gateway import Gateway
from tests.support.people import PASSWORD, Api, Person
from tests.support.records import record, run
from tests.support.visitor import Visitor

NEW = "another long password"


class World(NamedTuple):
    """Ada, with a phone and a laptop, and Bob, each with an open WebSocket."""

    api: Api
    ws: Gateway
    phone: Person
    laptop: Person
    visitor: Visitor
    code: str
    """The code that the laptop's token was issued for."""
    opened: dict[str, str]
    """The names of the connections."""

    def request(self, method: str, path: str, by: Person | None, **fields: Any) -> None:
        assert self.api.request(method, path, by, json=fields).status < 300

    def form(self, path: str, **fields: str) -> None:
        form = {"username": "ada", **fields}
        assert self.api.request("POST", path, form=form, headers={"accept": "text/html"}).status == 200

    def closed(self) -> set[str]:
        return {self.opened[each] for each in self.ws.closed}


@pytest.fixture
def world(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> World:
    configure(connections=gateway.ADDRESS)
    monkeypatch.setattr(retry, "pause", lambda _: 0)
    phone, bob, visitor, ws = api.sign_up("ada"), api.sign_up("bob"), Visitor(api), Gateway()
    ws.install()
    code = visitor.log_in("ada", PASSWORD).answer["code"]
    laptop = Person("ada", phone.id, visitor.exchange(code).json["access_token"])
    opened = {}
    for name, person in (("phone", phone), ("laptop", laptop), ("bob", bob)):
        opened[ws.connect(person.token, stream="user").id] = name
    return World(api, ws, phone, laptop, visitor, code, opened)


def revoke(world: World) -> None:
    client = {name: world.visitor.application[name] for name in ("client_id", "client_secret")}
    assert world.api.request("POST", "/oauth/revoke", form={**client, "token": world.laptop.token}).status == 200


def end_a_session(world: World) -> None:
    session = sessions.session_id(hash_secret(world.laptop.token))
    world.request("DELETE", f"/api/oauth_tokens/{session}", world.phone)


def recover(world: World) -> None:
    asked = world.api.request("POST", "/api/v1/recovery_code", world.phone, json={"password": PASSWORD})
    world.form("/account/recover", code=asked.json["recovery_code"], new_password=NEW)


def suspend_again(world: World) -> None:
    """The second run, which the operator's command makes, finds what was opened during the first."""
    suspension.suspend("ada", "", world.api.clock.now)
    world.ws.closed.clear()
    late = world.ws.opened(world.phone.id, world.phone.token, world.api.clock.now)
    world.opened[late.id] = "late"
    suspension.suspend("ada", "", world.api.clock.now)


def finish_leaving(world: World) -> None:
    """A round of the stream function finds what was opened during the request."""
    world.request("POST", DELETE, world.phone, password=PASSWORD)
    world.ws.closed.clear()
    late = world.ws.opened(world.phone.id, world.phone.token, world.api.clock.now)
    world.opened[late.id] = "late"
    assert [item.edge for item in EdgeItem.query(world.phone.id)] == ["leave#1"]
    assert run(on_relationship, record({"u": world.phone.id, "e": "leave#1"}, "INSERT", "1")) == []


BOTH = {"phone", "laptop"}
WAYS: list[tuple[Callable[[World], object], set[str]]] = [
    (revoke, {"laptop"}),
    (end_a_session, {"laptop"}),
    (lambda world: world.request("DELETE", "/api/oauth_tokens", world.phone), {"laptop"}),
    (lambda world: world.visitor.exchange(world.code), {"laptop"}),
    (
        lambda world: world.request(
            "POST", "/api/pleroma/change_password", world.phone, password=PASSWORD, new_password=NEW
        ),
        {"laptop"},
    ),
    (lambda world: world.form("/account/password", password=PASSWORD, new_password=NEW), BOTH),
    (
        lambda world: world.form(
            "/account/sessions",
            password=PASSWORD,
            **{"session[]": str(sessions.session_id(hash_secret(world.phone.token)))},
        ),
        {"phone"},
    ),
    (recover, BOTH),
    (lambda world: credentials.reset("ada", world.api.clock.now), BOTH),
    (lambda world: suspension.suspend("ada", "", world.api.clock.now), BOTH),
    (suspend_again, {"late"}),
    (lambda world: world.request("POST", DELETE, world.phone, password=PASSWORD), BOTH),
    (finish_leaving, {"late"}),
]


@pytest.mark.parametrize(("end", "closed"), WAYS)
def test_what_ends_a_token_closes_its_sockets_and_no_others(
    world: World, end: Callable[[World], object], closed: set[str]
) -> None:
    end(world)
    assert world.closed() == closed
    left = {world.opened[each] for each in world.opened if items.find(each, world.api.clock.now)}
    assert left.isdisjoint(closed)
    assert "bob" in left


def test_a_failure_to_close_them_does_not_keep_a_token_alive(world: World) -> None:
    world.ws.failures = dict.fromkeys(world.opened, 500)
    world.form("/account/password", password=PASSWORD, new_password=NEW)
    assert world.api.get("/api/v1/timelines/home", world.phone).status == 401
    assert len(gateway.kept()) == 1  # Bob's


def test_what_ends_no_token_closes_nothing(world: World) -> None:
    suspension.lift("ada", world.api.clock.now)
    world.form("/account/sessions", password=PASSWORD)
    assert world.visitor.log_in("ada", PASSWORD).answer["code"]
    assert list(sockets.leave("nobody")) == [0]
    assert world.ws.closed == []
