"""Boosting and undoing it: what is allowed, exact counts, who boosts a message, and the end of the wrapper."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from fstream_app import tables
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId
from fstream_app.messages import boosting
from fstream_app.moderation import removal, suspension
from fstream_app.people import users
from fstream_app.repository import messages, reactions
from tests.support.departing import DELETE
from tests.support.people import Answer, Api, Person
from tests.support.racing import Races, one_way

Status = dict[str, Any]


def boost(api: Api, by: Person, status: Status, **fields: object) -> Answer:
    return api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", by, json=fields)


def unboost(api: Api, by: Person, status: Status) -> Answer:
    return api.request("POST", f"/api/v1/statuses/{status['id']}/unreblog", by)


def boosters(api: Api, status: Status, by: Person | None = None) -> list[str]:
    return api.read(f"/api/v1/statuses/{status['id']}/reblogged_by", by)


def seen(api: Api, status: Status, by: Person | None = None) -> tuple[bool, int]:
    found = api.get(f"/api/v1/statuses/{status['id']}", by).json
    return found["reblogged"], found["reblogs_count"]


def wrappers(by: Person) -> list[str]:
    """Return the ids of the wrappers that are stored."""
    return [item.id for item in tables.MessageItem.query(by.id) if item.boost_of]


def marks(by: Person) -> list[str]:
    return [item.reaction for item in tables.ReactionItem.query(by.id) if item.reaction.startswith("forwarded#")]


def lasting_marks(by: Person) -> list[str]:
    return [item.reaction for item in tables.ReactionItem.query(by.id) if item.wrapper and not item.ended]


def notified(api: Api, by: Person) -> list[tuple[str, str, str]]:
    api.clock.advance(2)
    found = api.get("/api/v1/notifications", by).json
    return [(each["type"], each["account"]["id"], each["status"]["id"]) for each in found]


@pytest.mark.parametrize("delivers", [True, False])
def test_a_boost_is_counted_once_and_undone_once(api: Api, delivers: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")

    def deliver() -> None:
        if delivers:
            api.deliver()

    ids = set()
    for _ in range(2):
        answer = boost(api, bob, status)
        ids.add(answer.json["id"])
        assert (answer.json["reblogged"], answer.json["reblogs_count"], answer.json["content"]) == (True, 1, "")
        assert (answer.json["account"]["id"], answer.json["reblog"]["id"]) == (bob.id, status["id"])
        assert (answer.json["reblog"]["reblogged"], answer.json["reblog"]["reblogs_count"]) == (True, 1)
        deliver()
        assert seen(api, status, bob) == (True, 1)
    assert wrappers(bob) == list(ids)
    assert boosters(api, status) == [bob.id]
    for _ in range(2):
        answer = unboost(api, bob, status)
        assert (answer.json["id"], answer.json["reblogged"], answer.json["reblog"]) == (status["id"], False, None)
        assert answer.json["reblogs_count"] == 0
        deliver()
        assert seen(api, status, bob) == (False, 0)
    assert (wrappers(bob), boosters(api, status)) == ([], [])
    assert boost(api, bob, status).json["id"] not in ids
    api.deliver()
    assert [seen(api, status, by) for by in (ada, bob, None)] == [(False, 1), (True, 1), (False, 1)]
    assert len(wrappers(bob)) == 1


def test_the_author_is_notified_while_the_boost_lasts(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status, quiet = api.post(ada, "hello"), api.post(ada, "quiet")
    api.request("POST", f"/api/v1/statuses/{quiet['id']}/mute", ada)
    api.act(ada, "mute", eve)
    for by, what in ((ada, status), (bob, status), (eve, status), (bob, quiet)):
        assert boost(api, by, what).status == 200
    api.deliver()
    assert notified(api, ada) == [("reblog", bob.id, status["id"])]
    unboost(api, bob, status)
    assert notified(api, ada) == []
    boost(api, bob, status)
    api.deliver()
    api.deliver()
    assert notified(api, ada) == [("reblog", bob.id, status["id"])]
    api.act(ada, "block", bob)
    assert notified(api, ada) == []


def test_who_may_boost_what_and_for_whom(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    api.act(bob, "follow", ada)
    api.act(eve, "block", ada)
    api.request("PATCH", "/api/v1/accounts/update_credentials", bob, json={"source": {"privacy": "direct"}})
    made = {name: api.post(ada, "@bob hello", visibility=name) for name in ("public", "unlisted", "private", "direct")}
    found = {
        (name, wanted, by.name): (answer.status, answer.json.get("visibility"))
        for name, status in made.items()
        for by in (ada, bob, eve)
        for wanted in ("", "public", "unlisted", "private")
        for answer in [boost(api, by, status, visibility=wanted)]
        if unboost(api, by, status)
    }
    order = ["public", "unlisted", "private"]
    expected: dict[tuple[str, str, str], tuple[int, str | None]] = {}
    for name, wanted, by in found:
        default = {"ada": "public", "bob": "private", "eve": "public"}[by]
        if by == "eve":
            expected[name, wanted, by] = 404, None
        elif name == "direct" or (name == "private" and by == "bob"):
            expected[name, wanted, by] = 403, None
        else:
            expected[name, wanted, by] = 200, max(wanted or default, name, key=order.index)
    assert found == expected
    assert boost(api, bob, made["public"], visibility="direct").status == 422


def test_private_boosts_and_private_counts_are_not_shown(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status = api.post(ada, "hello")
    boost(api, bob, status, visibility="private")
    boost(api, eve, status, visibility="unlisted")
    api.deliver()
    assert boosters(api, status, ada) == [eve.id]
    assert seen(api, status) == (False, 2)
    unboost(api, bob, status)
    boost(api, bob, status)
    assert sorted(boosters(api, status, ada)) == sorted([bob.id, eve.id])
    api.act(ada, "block", eve)
    assert boosters(api, status, ada) == [bob.id]
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, form={"source[private_counts]": "true"})
    assert [boosters(api, status, by) for by in (None, bob, ada)] == [[], [], [bob.id]]
    assert [seen(api, status, by)[1] for by in (None, bob, ada)] == [0, 0, 2]


def test_boosters_are_paged(api: Api) -> None:
    ada, *people = [api.sign_up(name) for name in ("ada", "bob", "cyd", "dan")]
    status = api.post(ada, "hello")
    for each in people:
        boost(api, each, status)
    first = api.get(f"/api/v1/statuses/{status['id']}/reblogged_by", limit=2)
    second = api.follow_link(str(first.link("next")))
    assert [each["id"] for each in (*first.json, *second.json)] == sorted(each.id for each in people)
    assert api.follow_link(str(second.link("prev"))).json == first.json


def test_an_id_of_a_wrapper_means_the_boosted_message(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status = api.post(ada, "hello")
    wrapper = boost(api, bob, status).json
    own = boost(api, eve, wrapper).json
    assert own["reblog"]["id"] == status["id"]
    assert sorted(boosters(api, wrapper)) == sorted([bob.id, eve.id])
    for verb in ("favourite", "bookmark", "mute"):
        answer = api.request("POST", f"/api/v1/statuses/{wrapper['id']}/{verb}", eve)
        assert (answer.status, answer.json["id"]) == (200, wrapper["id"])
    found = api.get(f"/api/v1/statuses/{status['id']}", eve).json
    assert (found["favourited"], found["bookmarked"], found["muted"]) == (True, True, True)
    assert api.read("/api/v1/favourites", eve) == api.read("/api/v1/bookmarks", eve) == [status["id"]]
    assert api.post(eve, "well", in_reply_to_id=wrapper["id"])["in_reply_to_id"] == status["id"]
    assert unboost(api, eve, wrapper).json["id"] == status["id"]
    assert (wrappers(eve), wrappers(bob)) == ([], [wrapper["id"]])
    assert api.request("POST", f"/api/v1/statuses/{wrapper['id']}/pin", bob).status == 422


def test_filters_quotes_and_searches_by_a_wrapper_find_the_boosted_message(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    status = api.post(ada, "hello")
    wrapper = boost(api, bob, status).json
    made = api.request("POST", "/api/v2/filters", eve, json={"title": "t", "context": ["home"]}).json
    path = f"/api/v2/filters/{made['id']}/statuses"
    assert api.request("POST", path, eve, json={"status_id": wrapper["id"]}).json["status_id"] == status["id"]
    assert len(api.get(f"/api/v1/statuses/{status['id']}", eve).json["filtered"]) == 1
    assert api.post(eve, "look", quoted_status_id=wrapper["id"])["quote"]["quoted_status"]["id"] == status["id"]
    url = f"https://fstream.test/@bob/{wrapper['id']}"
    several = api.get("/api/v1/statuses", eve, **{"id[]": wrapper["id"]}).json
    for found in (several, api.get("/api/v2/search", eve, q=url, resolve="true").json["statuses"]):
        assert [each["reblog"]["id"] for each in found] == [status["id"]]
    for route in ("favourited_by", "reblogged_by", "quotes", "context", "history"):
        assert api.get(f"/api/v1/statuses/{wrapper['id']}/{route}", eve).status == 200, route


def test_deleting_a_wrapper_undoes_the_boost(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    wrapper = boost(api, bob, status).json
    api.deliver()
    assert api.request("DELETE", f"/api/v1/statuses/{wrapper['id']}", ada).status == 404
    answer = api.request("DELETE", f"/api/v1/statuses/{wrapper['id']}", bob)
    assert (answer.status, answer.json["id"], answer.json["reblog"]["id"]) == (200, wrapper["id"], status["id"])
    assert (seen(api, status, bob), boosters(api, status)) == ((False, 0), [])
    api.deliver()
    assert (seen(api, status), wrappers(bob), marks(bob), notified(api, ada)) == ((False, 0), [], [], [])


ENDS: dict[str, Callable[[Api, Person, Status], object]] = {
    "deleted": lambda api, by, status: api.delete(by, status),
    "expired": lambda api, _, __: api.clock.advance(60),
    "removed": lambda api, _, status: removal.remove(status["id"], "rude", api.clock.now),
    "cleared": lambda api, by, _: api.request(
        "POST", "/api/v1/statuses/delete_all", by, json={"password": "correct horse"}
    ),
    "suspended": lambda api, by, _: suspension.suspend(by.name, "", api.clock.now),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_boost_is_gone_when_its_original_is(api: Api, end: str) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    api.act(eve, "follow", bob)
    status = api.post(ada, "hello", expires_in=60)
    api.clock.advance(2.5)
    wrapper = boost(api, bob, status).json
    assert wrapper["pleroma"]["expires_at"] <= status["pleroma"]["expires_at"]
    api.deliver()
    api.clock.advance(2)
    assert [each["reblog"]["id"] for each in api.get("/api/v1/timelines/home", eve).json] == [status["id"]]
    ENDS[end](api, ada, status)
    for path in ("/api/v1/timelines/home", f"/api/v1/accounts/{bob.id}/statuses"):
        assert api.get(path, eve).json == []
    for path in (f"/api/v1/statuses/{wrapper['id']}", f"/api/v1/statuses/{status['id']}/reblogged_by"):
        assert api.get(path, eve).status == 404
    for verb in (boost, unboost):
        assert verb(api, bob, status).status == 404
    api.deliver()


def test_a_boost_is_hidden_with_its_booster_and_ends_with_the_wrapper(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    api.act(eve, "follow", bob)
    status = api.post(ada, "hello")
    wrapper = boost(api, bob, status).json
    api.deliver()
    api.clock.advance(2)

    def places() -> list[list[str]]:
        return [api.home(eve), boosters(api, status), [each for _, each, _ in notified(api, ada)]]

    assert places() == [[wrapper["id"]], [bob.id], [bob.id]]
    assert api.get(f"/api/v1/accounts/{bob.id}").json["statuses_count"] == 1
    suspension.suspend("bob", "", api.clock.now)
    assert places() == [[], [], []]
    suspension.lift("bob", api.clock.now)
    assert places() == [[wrapper["id"]], [bob.id], [bob.id]]
    report = {"account_id": bob.id, "status_ids": [wrapper["id"]], "comment": "rude"}
    assert api.request("POST", "/api/v1/reports", eve, json=report).status == 200
    removal.remove(wrapper["id"], "rude", api.clock.now)
    assert places() == [[], [], []]
    api.deliver()
    assert (seen(api, status, bob), wrappers(bob), marks(bob)) == ((False, 0), [], [])


@pytest.mark.parametrize("leaves", [False, True])
def test_the_boosts_of_who_deletes_everything_are_subtracted(api: Api, leaves: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    statuses = [api.post(ada, "hello") for _ in range(2)]
    boost(api, bob, statuses[0])
    api.deliver()
    boost(api, bob, statuses[1])
    path, fields = "/api/v1/statuses/delete_all", {"password": "correct horse"}
    if leaves:
        assert api.request("POST", DELETE, bob, json=fields).status == 200
    else:
        assert api.request("POST", path, bob, json=fields).status == 200
    assert [boosters(api, each) for each in statuses] == [[], []]
    assert notified(api, ada) == []
    api.deliver()
    assert [seen(api, each) for each in statuses] == [(False, 0)] * 2
    assert (wrappers(bob), marks(bob)) == ([], [])


@pytest.mark.parametrize("end", ["deletes", "leaves"])
def test_a_boost_of_what_is_deleted_meanwhile_leaves_nothing(api: Api, races: Races, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    request = partial(boosting.boost, users.get(bob.id), status["id"], None, api.clock.now)
    ends: dict[str, Callable[[], object]] = {
        "deletes": partial(api.delete, ada, status),
        "leaves": partial(leave, api, bob),
    }
    for run in one_way(races.between(partial(outcome, request), ends[end])):
        assert boosters(api, status) == [] if end == "leaves" else seen_by_anybody(api, status) == 404, run
        api.deliver()
        assert (wrappers(bob), marks(bob)) == ([], []), run


def leave(api: Api, by: Person) -> None:
    assert api.request("POST", DELETE, by, json={"password": "correct horse"}).status == 200


def outcome(request: Callable[[], object]) -> bool:
    """Make a request; return whether it succeeded."""
    try:
        request()
    except NotFound:
        return False
    return True


def seen_by_anybody(api: Api, status: Status) -> int:
    return api.get(f"/api/v1/statuses/{status['id']}").status


@pytest.mark.parametrize("first", ["boost", "undo"])
@pytest.mark.parametrize("second", ["boost", "undo"])
def test_boosts_and_undoing_at_the_same_time(api: Api, races: Races, first: str, second: str) -> None:
    """Whatever is interleaved, there is a wrapper exactly where there is a mark, and the count is that of marks."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    if "undo" in {first, second}:
        boost(api, bob, status)
    actions: dict[str, Callable[[], object]] = {
        "boost": partial(boosting.boost, users.get(bob.id), status["id"], None, api.clock.now),
        "undo": partial(boosting.undo, bob.id, status["id"]),
    }
    for run in one_way(races.between(actions[first], actions[second])):
        lasting = lasting_marks(bob)
        assert len(wrappers(bob)) == len(lasting), run
        if first == second:
            assert len(lasting) == (first == "boost"), run
        api.deliver()
        assert (len(wrappers(bob)), seen(api, status, bob)) == (len(lasting), (bool(lasting), len(lasting))), run


def test_an_undo_that_was_interrupted_is_completed(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    for again in (unboost, lambda *_: api.deliver(), boost):
        first = boost(api, bob, status).json["id"]
        reactions.end([(bob.id, f"forwarded#{status['id']}")])  # as if the wrapper had not been deleted then
        assert wrappers(bob) == [first]
        again(api, bob, status)
        assert first not in wrappers(bob)


def test_a_wrapper_that_is_missing_is_replaced(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    first = boost(api, bob, status).json["id"]
    messages.address(MessageId.parse(first)).delete()  # as a version that knows no boosts does
    second = boost(api, bob, status).json["id"]
    assert (wrappers(bob), seen(api, status, bob)) == ([second], (True, 1))
    api.deliver()
    assert seen(api, status) == (False, 1)
