"""Suspension, which hides a user from every read at once and leaves no trace when lifted; removal of messages."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from app import BLUEPRINTS
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.messages.posting import Draft, post
from fstream_app.moderation import removal, suspension
from fstream_app.moderation.reasons import MAX_REASON
from fstream_app.moderation.suspension import NOTICE
from fstream_app.people import departures, following, profiles
from fstream_app.repository import follows, users
from fstream_app.repository.follows import Follow
from ops.meter import metered
from tests.support.departing import TEXT, World, copy_of_world, one_call_at_a_time
from tests.support.engines import cool_down
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.sightings import LISTS, READS, shown
from tests.support.visitor import Visitor

HOME, STATUSES, NOTIFICATIONS = "/api/v1/timelines/home", "/api/v1/statuses", "/api/v1/notifications"
OTHERS = frozenset({"mentions", "in_reply_to_id", "in_reply_to_account_id", "content"})
"""Fields in which other users' messages may still name a suspended user."""


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    return copy_of_world(api)


def suspend(world: World, reason: str = "") -> None:
    """Suspend Ada as from another process: the warm profile cache is kept."""
    remembered = profiles.known([world.ada.id])
    suspension.suspend("ada", reason, world.api.clock.now)
    profiles.remember(remembered.values())


def remember(world: World) -> None:
    """Put Ada's profile into the cache."""
    profiles.read([world.ada.id])


def seen_by_others(world: World) -> set[str]:
    return shown(world, world.bob) | shown(world, world.cyd)


def test_no_read_shows_a_suspended_user_and_lifting_restores_all_of_it(world: World) -> None:
    everything = {*READS, *LISTS}
    assert seen_by_others(world) == everything
    for warm in (True, False):
        remember(world)
        suspend(world)
        if not warm:
            cool_down()
        assert seen_by_others(world) == set()
        suspension.lift("ada", world.api.clock.now)
        assert seen_by_others(world) == everything


def named(value: Any, user_id: str) -> bool:
    """Return whether a response contains the user's id or text, except in the fields of OTHERS."""
    if isinstance(value, dict):
        return any(named(each, user_id) for name, each in value.items() if name not in OTHERS)
    if isinstance(value, list):
        return any(named(each, user_id) for each in value)
    return isinstance(value, str) and (user_id in value or TEXT in value)


def reads(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Return every path of a read with its query, filled with every id that leads to Ada."""
    ids = [world.ada.id, world.bob.id, world.replied_to["id"], *(status["id"] for status in world.statuses)]
    ids += [each["id"] for each in world.api.get(NOTIFICATIONS, world.bob).json]
    query = {"q": "ada", "acct": "ada", "id[]": [world.ada.id]}
    written = {"id[]": [status["id"] for status in world.statuses]}
    paths = [route.path for api in BLUEPRINTS for route in api.routes if route.method == "GET"]
    # Except the catch-all paths, which always return 404, and the read that repeats the requested ids.
    paths = [path for path in paths if "{part3}" not in path and not path.endswith("/familiar_followers")]
    special = {"{name}": ["tag"], "{file}": ["header.svg"], "{part1}": ["@ada"], "{part2}": ids}
    found = []
    for path in paths:
        variables = re.findall(r"{\w+}", path) or [""]
        choices = [special.get(variable, ids) for variable in variables]
        filled = [path]
        for variable, values in zip(variables, choices, strict=True):
            filled = [each.replace(variable, value) if variable else each for each in filled for value in values[:8]]
        found += [(each, written if each == STATUSES else query) for each in dict.fromkeys(filled)]
    return found


def mentioning_ada(world: World, asked: list[tuple[str, dict[str, Any]]], reader: Person | None) -> set[str]:
    """Return the paths whose responses contain something of Ada."""
    found = set()
    for path, query in asked:
        remember(world)
        answer = world.api.get(path, reader, **query)
        assert answer.status < 500, path
        content = answer.json if answer.json is not None else answer.text
        if answer.status == 200 and named(content, world.ada.id):
            found.add(path)
    return found


@pytest.mark.parametrize("who", ["bob", "cyd", "nobody"])
def test_no_response_contains_anything_of_a_suspended_user(world: World, who: str) -> None:
    reader = getattr(world, who, None)
    asked = reads(world)
    assert len(mentioning_ada(world, asked, reader)) >= 7
    suspend(world)
    assert mentioning_ada(world, asked, reader) == set()


def test_a_notification_by_a_suspended_user_is_not_shown(world: World) -> None:
    def kinds() -> set[str]:
        remember(world)
        return {each["type"] for each in world.api.get(NOTIFICATIONS, world.bob, account_id=world.ada.id).json}

    assert kinds() == {"mention", "favourite", "reblog", "follow"}
    suspend(world)
    assert kinds() == set()
    suspension.lift("ada", world.api.clock.now)
    assert kinds() == {"mention", "favourite", "reblog", "follow"}


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def test_tokens_and_log_ins_are_refused_at_once_with_a_sentence(world: World) -> None:
    visitor = Visitor(world.api)
    suspend(world, "spam,\n again")
    message = f"{NOTICE}: spam, again"
    for person in (world.ada, world.other_token):
        assert refused(world.api.get(HOME, person)) == (403, message)
        assert refused(world.api.request("POST", "/api/v1/statuses", person, json={"status": "x"})) == (403, message)
        assert refused(world.api.get("/api/v1/timelines/public", person)) == (403, message)
    assert refused(world.api.token("password", username="ada", password=PASSWORD)) == (403, message)
    page = visitor.log_in("ada", PASSWORD)
    assert page.status == 403
    assert message in page.page.text
    assert world.api.token("password", username="ada", password="wrong").error == "invalid_grant"
    suspension.lift("ada", world.api.clock.now)
    for person in (world.ada, world.other_token):
        assert world.api.get(HOME, person).status == 200
    assert world.api.token("password", username="ada", password=PASSWORD).status == 200


def test_without_a_reason_the_sentence_stands_alone(world: World) -> None:
    suspend(world)
    assert refused(world.api.get(HOME, world.ada)) == (403, NOTICE)


def test_a_code_that_was_given_before_buys_nothing(api: Api) -> None:
    visitor = Visitor(api)
    code = visitor.sign_up("ada", PASSWORD).answer["code"]
    suspension.suspend("ada", "", api.clock.now)
    assert visitor.exchange(code).status == 400
    suspension.lift("ada", api.clock.now)
    assert visitor.exchange(code).status == 400


def test_a_token_of_a_suspended_user_can_be_revoked_and_lifting_does_not_restore_it(world: World) -> None:
    suspend(world)
    client = {name: world.api.application[name] for name in ("client_id", "client_secret")}
    assert world.api.request("POST", "/oauth/revoke", form=client | {"token": world.ada.token}).status == 200
    suspension.lift("ada", world.api.clock.now)
    assert [world.api.get(HOME, each).status for each in (world.ada, world.other_token)] == [401, 200]


def test_nobody_can_interact_with_a_suspended_user(world: World) -> None:
    eve = world.api.sign_up("eve")
    suspend(world)
    for verb in ("follow", "block", "mute"):
        assert world.api.request("POST", f"/api/v1/accounts/{world.ada.id}/{verb}", world.dan).status == 404
    fields = {"account_id": world.ada.id}
    assert world.api.request("POST", "/api/v1/reports", world.dan, json=fields).status == 404
    with pytest.raises(NotFound):
        following.follow(world.ada.id, eve.id, world.api.clock.now)
    assert [each.ended for each in follows.read([Follow(world.ada.id, eve.id)])] == [True]
    fields = {"status": "no", "in_reply_to_id": world.statuses[0]["id"]}
    assert world.api.request("POST", "/api/v1/statuses", world.bob, json=fields).status == 404


def test_the_counts_of_others_stay(world: World) -> None:
    before = world.counts(), world.replied_to_counts()
    suspend(world)
    assert (world.counts(), world.replied_to_counts()) == before


def test_lifting_leaves_no_mark(world: World) -> None:
    before = stored()
    suspend(world, "spam")
    marked = [table for table, items in stored().items() if items != before[table]]
    assert marked == ["UserItem", "MessageItem", "LogItem", "TokenItem"]  # the log: a note to caches of profiles
    suspension.lift("ada", world.api.clock.now)
    assert stored() | {"LogItem": before["LogItem"]} == before


def test_a_second_call_finds_what_a_concurrent_request_wrote(world: World) -> None:
    author = users.get(world.ada.id)
    assert author
    suspend(world)
    message = post(author, Draft("late"), world.api.clock.now)
    marked = suspension.suspend("ada", "", world.api.clock.now)
    assert (marked.messages, marked.tokens) == (1, 2)
    profiles.remember([author])
    assert world.api.get(f"/api/v1/statuses/{message.id}", world.bob).status == 404
    assert suspension.suspend("ada", "", world.api.clock.now).messages == 0


def test_suspending_again_changes_the_reason(world: World) -> None:
    suspend(world, "spam")
    suspend(world, "no spam")
    assert world.api.get(HOME, world.ada).error == f"{NOTICE}: no spam"


def test_lifting_without_a_suspension_changes_nothing(world: World) -> None:
    before = stored()
    assert suspension.lift("ada", world.api.clock.now).messages == 0
    assert stored() == before


@pytest.mark.parametrize("name", ["eve", "", "@", "ada@elsewhere.test"])
def test_an_unknown_user_is_neither_suspended_nor_restored(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        suspension.suspend(name, "", world.api.clock.now)
    with pytest.raises(NotFound):
        suspension.lift(name, world.api.clock.now)


@pytest.mark.parametrize("name", ["ada", "@Ada", "ada@fstream.test"])
def test_a_name_is_meant_however_it_is_written(world: World, name: str) -> None:
    suspension.suspend(name, "", world.api.clock.now)
    assert world.api.get(HOME, world.ada).status == 403


def test_a_leaving_user_is_not_suspended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "_erase", lambda *_, **__: False)
    world.leave()
    with pytest.raises(NotFound):
        suspension.suspend("ada", "", world.api.clock.now)
    assert not users.suspend(world.ada.id, NOTICE)


def test_a_reason_has_a_maximum_length(world: World) -> None:
    suspend(world, "x" * MAX_REASON)
    with pytest.raises(Invalid):
        suspend(world, "x" * (MAX_REASON + 1))


def test_suspending_costs_no_read_of_the_readers(real_api: Api) -> None:
    ada, bob = real_api.sign_up("ada"), real_api.sign_up("bob")
    real_api.act(bob, "follow", ada)
    for _ in range(3):
        real_api.post(ada, "hello")
    real_api.deliver()

    def cost() -> float:
        with metered() as counted:
            real_api.home(bob)
        return sum(call.read_units for call in counted.calls if call.table != "log")

    profiles.read([ada.id])
    before, remembered = cost(), profiles.known([ada.id])
    suspension.suspend("ada", "", real_api.clock.now)
    profiles.remember(remembered.values())
    assert cost() <= before
    assert real_api.home(bob) == []


def warnings(api: Api, by: Person, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(NOTIFICATIONS, by, **query).json
    return [each for each in found if each["type"] == "moderation_warning"]


def test_a_message_is_removed_as_by_its_author_who_gets_the_reason(world: World) -> None:
    status = world.statuses[2]
    replies, favourites = world.replied_to_counts()
    removal.remove(status["id"], " against\nthe rules ", world.api.clock.now)
    world.api.deliver()
    assert world.api.get(f"/api/v1/statuses/{status['id']}", world.ada).status == 404
    assert world.replied_to_counts() == (replies - 1, favourites)
    (notification,) = warnings(world.api, world.ada)
    assert notification["account"]["id"] == world.ada.id
    assert notification["status"] is None
    warning = notification["moderation_warning"]
    assert (warning["action"], warning["text"]) == ("delete_statuses", "against the rules")
    assert (warning["target_account"]["id"], warning["status_ids"]) == (world.ada.id, None)
    assert warning["created_at"] == notification["created_at"]
    assert world.api.get(f"{NOTIFICATIONS}/{notification['id']}", world.ada).json == notification
    assert warnings(world.api, world.bob) == []


def test_a_warning_is_asked_for_and_left_out_by_its_type_dismissed_and_gone_in_time(api: Api) -> None:
    ada = api.sign_up("ada")
    for _ in range(2):
        removal.remove(api.post(ada, "hello")["id"], "spam", api.clock.now)
    api.clock.advance(2)
    assert len(warnings(api, ada, **{"types[]": "moderation_warning"})) == 2
    assert warnings(api, ada, **{"exclude_types[]": "moderation_warning"}) == []
    first, second = warnings(api, ada)
    assert api.request("POST", f"{NOTIFICATIONS}/{first['id']}/dismiss", ada).status == 200
    assert warnings(api, ada) == [second]
    api.clock.advance(7 * 86_400 - 2.001)
    assert warnings(api, ada) == [second]
    api.clock.advance(0.001)
    assert warnings(api, ada) == []


def test_a_message_of_a_suspended_user_can_be_removed(world: World) -> None:
    suspend(world)
    removal.remove(world.statuses[0]["id"], "spam", world.api.clock.now)
    world.api.clock.advance(2)
    suspension.lift("ada", world.api.clock.now)
    assert world.api.get(f"/api/v1/statuses/{world.statuses[0]['id']}", world.bob).status == 404
    assert len(warnings(world.api, world.ada)) == 1


def test_without_a_reason_nothing_is_removed(world: World) -> None:
    status = world.statuses[0]
    for reason in ("", " \n", "x" * (MAX_REASON + 1)):
        with pytest.raises(Invalid):
            removal.remove(status["id"], reason, world.api.clock.now)
    assert world.api.get(f"/api/v1/statuses/{status['id']}", world.bob).status == 200
    removal.remove(status["id"], "x" * MAX_REASON, world.api.clock.now)


def test_what_is_gone_is_not_removed(world: World) -> None:
    removal.remove(world.statuses[0]["id"], "spam", world.api.clock.now)
    for message_id in (world.statuses[0]["id"], world.statuses[3]["id"], "0" * 26, "x"):  # the last has expired
        with pytest.raises(NotFound):
            removal.remove(message_id, "spam", world.api.clock.now)
    world.api.clock.advance(2)
    assert len(warnings(world.api, world.ada)) == 1


@pytest.mark.parametrize(
    ("name", "shown"), [("Trunks", False), ("tut-tui", False), ("FediStar", False), ("Tusky", True), ("Trunk", True)]
)
def test_an_app_that_fails_on_new_kinds_is_spared_them_unless_it_asks(api: Api, name: str, shown: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    removal.remove(api.post(ada, "x")["id"], "spam", api.clock.now)
    api.post(bob, "@ada")
    api.deliver()
    fields = {"client_name": name, "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    client = api.request("POST", "/api/v1/apps", json=fields).json
    secret = {each: client[each] for each in ("client_id", "client_secret")}
    asked = {"grant_type": "password", "username": "ada", "password": PASSWORD}
    token = api.request("POST", "/oauth/token", form=secret | asked).json["access_token"]
    app = Person("ada", ada.id, token)

    def kinds(**query: str) -> set[str]:
        return {each["type"] for each in api.request("GET", f"/api/v1/notifications?{urlencode(query)}", app).json}

    expected = {"mention", "moderation_warning"} if shown else {"mention"}
    assert kinds() == expected
    assert kinds(**{"exclude_types[]": "mention"}) == expected - {"mention"}
    assert api.get("/api/v1/notifications/unread_count", app).json["count"] == len(expected)
    assert kinds(**{"types[]": "moderation_warning"}) == {"moderation_warning"}
