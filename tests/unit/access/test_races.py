"""No credential survives the end of its account or application, in whatever order their calls to DynamoDB happen."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from fstream_app import tables
from fstream_app.access import oauth
from fstream_app.core.errors import NotFound
from fstream_app.moderation import suspension
from fstream_app.people import departures
from fstream_app.repository import users
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races, Run
from tests.support.visitor import Seen, Visitor

CLIENT = ("client_id", "client_secret")


@dataclass
class World:
    """A user, and an application that nobody has logged in with."""

    visitor: Visitor
    ada: Person
    code: str = ""

    @property
    def api(self) -> Api:
        return self.visitor.api


@pytest.fixture
def world(api: Api) -> World:
    return World(Visitor(api, registered={"scopes": "read write"}), api.sign_up("ada"))


def log_in(world: World) -> Answer:
    form = {name: world.visitor.application[name] for name in CLIENT}
    form |= {"grant_type": "password", "username": "ada", "password": PASSWORD}
    return world.api.request("POST", "/oauth/token", form=form)


def approve(world: World) -> Seen:
    fields = {"decision": "log_in", "username": "ada", "password": PASSWORD}
    return world.visitor.browse("POST", "/oauth/authorize", world.visitor.request | fields)


def approve_as_new(world: World) -> Seen:
    fields = {"decision": "sign_up", "username": "bob", "password": PASSWORD}
    return world.visitor.browse("POST", "/oauth/authorize", world.visitor.request | fields)


def exchange(world: World) -> Answer:
    return world.visitor.exchange(world.code)


def sign_up(world: World) -> Answer:
    headers = {"authorization": f"Bearer {world.code}"}
    return world.api.request(
        "POST", "/api/v1/accounts", headers=headers, json={"username": "bob", "password": PASSWORD, "agreement": True}
    )


def token_of_client(world: World) -> Answer:
    form = {name: world.visitor.application[name] for name in CLIENT} | {"grant_type": "client_credentials"}
    return world.api.request("POST", "/oauth/token", form=form)


Request = Callable[[World], Answer | Seen]
LOG_INS: dict[str, Request] = {"password": log_in, "consent": approve, "code": exchange}
SIGN_UPS: dict[str, Request] = {"sign up": sign_up, "consent of a new user": approve_as_new}


def prepare(world: World, request: Request) -> None:
    """Get what the request needs beforehand."""
    if request is exchange:
        world.code = approve(world).answer["code"]
    if request is sign_up:
        world.code = token_of_client(world).json["access_token"]


def leave(world: World) -> None:
    departures.leave(world.ada.id, oauth.hash_secret(world.ada.token), PASSWORD, world.api.clock.now)


def leave_for_good(world: World) -> None:
    """Leave, and let the stream function delete everything that it finds."""
    leave(world)
    world.api._pump.drain()


def suspend(world: World) -> None:
    suspension.suspend("ada", "spam", world.api.clock.now)


def credentials(user_id: str) -> list[dict[str, dict[str, str]]]:
    """Return the stored tokens and codes of a user."""
    return [item for text in stored()["TokenItem"] if user_id in text and (item := json.loads(text))]


def assert_useless(world: World, answer: Answer | Seen) -> None:
    """Assert that a response either has no credential, or one that grants nothing."""
    secret = world.code
    if isinstance(answer, Seen):
        assert answer.status in {200, 303, 401, 403}
        if answer.status in {200, 303}:
            assert world.visitor.exchange(answer.answer["code"]).status in {400, 403}
    elif answer.status == 200:
        secret = answer.json["access_token"]
        assert world.api.get("/api/v1/timelines/home", Person("", "", secret)).status in {401, 403}
    else:
        assert answer.status in {400, 403}, answer.json


def assert_late(run: Run[Answer | Seen]) -> None:
    """Assert that a credential was issued only by a run whose event came after the write, which is the last call."""
    if run.result.status in {200, 303}:
        assert not run.before, run


@pytest.mark.parametrize("depart", [leave, leave_for_good])
@pytest.mark.parametrize("request_", LOG_INS.values(), ids=LOG_INS.keys())
def test_no_credential_survives_a_departure(
    world: World, races: Races, request_: Request, depart: Callable[[World], None]
) -> None:
    prepare(world, request_)
    for run in races.between(lambda: request_(world), lambda: depart(world)):
        world.api._pump.drain()
        assert credentials(world.ada.id) == [], run
        assert_useless(world, run.result)
        assert_late(run)


@pytest.mark.parametrize("request_", LOG_INS.values(), ids=LOG_INS.keys())
def test_no_credential_escapes_a_suspension(world: World, races: Races, request_: Request) -> None:
    prepare(world, request_)
    for run in races.between(lambda: request_(world), lambda: suspend(world)):
        assert all("suspended" in token for token in credentials(world.ada.id)), run
        assert_useless(world, run.result)
        assert_late(run)


@pytest.mark.parametrize("request_", SIGN_UPS.values(), ids=SIGN_UPS.keys())
def test_no_credential_of_a_new_user_escapes_a_suspension(world: World, races: Races, request_: Request) -> None:
    came_first: list[Run[Answer | Seen]] = []

    def suspend_bob() -> bool:
        """Return whether the user existed already."""
        with suppress(NotFound):
            return bool(suspension.suspend("bob", "spam", world.api.clock.now))
        return False

    prepare(world, request_)
    for run in races.between(lambda: request_(world), suspend_bob):
        if run.event:
            assert all("suspended" in token for token in credentials(id_of("bob"))), run
            assert_useless(world, run.result)
        else:
            assert run.result.status in {200, 303}, run
            came_first.append(run)
    assert came_first


def id_of(name: str) -> str:
    user_id = users.id_by_name(name)
    assert user_id
    return user_id


@pytest.mark.parametrize(
    "request_", [*LOG_INS.values(), *SIGN_UPS.values(), token_of_client], ids=[*LOG_INS, *SIGN_UPS, "client"]
)
@pytest.mark.parametrize("expires", [True, False], ids=["expires", "is removed"])
def test_an_application_that_ends_meanwhile_is_an_oauth_error(
    world: World, races: Races, request_: Request, *, expires: bool
) -> None:
    prepare(world, request_)
    item = tables.ApplicationItem(world.visitor.application["client_id"])

    def end() -> None:
        if expires:
            item.update([tables.ApplicationItem.expires_at.set(world.api.clock.now // 1000)])
        else:
            item.delete()

    users_before = len(stored()["UserItem"])
    for run in races.between(lambda: request_(world), end):
        status = run.result.status
        assert status in {200, 303} or status in {400, 401, 422}, run
        if isinstance(run.result, Answer) and status != 200 and request_ is not sign_up:
            assert run.result.error == "invalid_client", run
        if status not in {200, 303}:
            assert len(stored()["UserItem"]) == users_before, run


def test_a_token_of_an_application_does_not_outlive_it(world: World) -> None:
    world.api.clock.advance(oauth.APPLICATION_SECONDS - 60)
    token = Person("", "", token_of_client(world).json["access_token"])
    assert world.api.get("/api/v1/apps/verify_credentials", token).status == 200
    world.api.clock.advance(60)
    for path in ("/api/v1/apps/verify_credentials", "/api/v1/timelines/public"):
        assert world.api.get(path, token).status == 401


@pytest.mark.parametrize("request_", SIGN_UPS.values(), ids=SIGN_UPS.keys())
@pytest.mark.parametrize("refused", ["name", "closed"])
def test_a_sign_up_that_is_refused_keeps_no_application(
    world: World, configure: Callable[..., None], request_: Request, refused: str
) -> None:
    prepare(world, request_)
    if refused == "name":
        world.api.sign_up("bob")
    else:
        configure(registrations="off")
    assert request_(world).status in {403, 422}
    assert tables.ApplicationItem.get(world.visitor.application["client_id"]).expires_at is not None
