"""Edits of boosted messages: each booster is notified of the last edit, once."""

import pytest

from fstream_app import tables
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.feed import notifying
from fstream_app.feed import updates as update_rounds
from fstream_app.repository import updates as mark_items
from tests.support.edits import edit
from tests.support.people import Api, Person


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def updates(api: Api, of: Person) -> list[tuple[str, str]]:
    found = api.get("/api/v1/notifications", of, **{"types[]": "update"}).json
    return [(each["account"]["username"], each["status"]["id"]) for each in found]


def test_boosters_are_notified_of_the_last_edit_while_they_boost(
    api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_rounds, "TOGETHER", 2)
    status = api.post(ada, "one @bob")
    others = [api.sign_up(f"fan{number}") for number in range(4)]
    for number, fan in enumerate(others):
        visibility = "private" if number % 2 else "public"
        assert api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", fan, json={"visibility": visibility})
    api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", bob)
    api.deliver()
    assert edit(api, ada, status, "two @bob").status == 200
    for _ in range(2):
        api.deliver()
        assert [updates(api, fan) for fan in others] == [[("ada", status["id"])]] * 4
    assert updates(api, bob) == updates(api, ada) == []
    assert tables.ReactionItem.count(ada.id) == 0
    edit(api, ada, status, "three")
    assert updates(api, others[0]) == []  # the former edit is nobody's business any more
    api.deliver()
    assert len(updates(api, others[0])) == 1
    api.request("POST", f"/api/v1/statuses/{status['id']}/unreblog", others[0])
    api.act(others[1], "mute", ada)
    assert [len(updates(api, fan)) for fan in others] == [0, 0, 1, 1]
    edit(api, ada, status, "three")
    api.deliver()
    assert [len(updates(api, fan)) for fan in others] == [0, 0, 1, 1]
    monkeypatch.setattr(update_rounds, "ROUNDS", 1)
    edit(api, ada, status, "four")
    api.deliver()
    assert sum(len(updates(api, fan)) for fan in others[1:]) <= 2
    api.delete(ada, status)
    assert [updates(api, fan) for fan in others] == [[]] * 4


def test_who_boosts_after_an_edit_is_not_notified_of_it(api: Api, ada: Person, bob: Person) -> None:
    status, cyd = api.post(ada, "one"), api.sign_up("cyd")
    boost = f"/api/v1/statuses/{status['id']}/reblog"
    api.request("POST", boost, cyd)
    api.deliver()
    edit(api, ada, status, "two")
    api.clock.advance(1)
    api.request("POST", boost, bob)
    for _ in range(2):  # the mark of the edit is delivered only now
        api.deliver()
    assert [updates(api, each) for each in (bob, cyd)] == [[], [("ada", status["id"])]]


@pytest.mark.parametrize("interrupted", ["deliver", "forget"])
def test_boosters_are_notified_once_if_a_round_is_interrupted_and_late(
    api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch, interrupted: str
) -> None:
    status = api.post(ada, "one")
    api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", bob)
    api.deliver()
    edit(api, ada, status, "two")
    mark = update_rounds.Edited("1", MessageId.parse(status["id"]))

    def fail(*_: object) -> None:
        raise Unavailable("interrupted")

    with monkeypatch.context() as broken:
        broken.setattr(notifying if interrupted == "deliver" else mark_items, interrupted, fail)
        assert update_rounds.deliver([mark], api.clock.now) == {"1"}
    api.clock.advance(60)
    seen = api.get("/api/v1/notifications", bob).json
    assert update_rounds.deliver([mark], api.clock.now) == set()
    api.deliver()
    assert updates(api, bob) == [("ada", status["id"])]
    newer = api.get("/api/v1/notifications", bob, since_id=seen[0]["id"] if seen else "0").json
    assert len(newer) == (interrupted == "deliver")


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_those_who_boosted_a_moment_ago_are_notified_of_an_edit(
    api: Api, ada: Person, bob: Person, visibility: str
) -> None:
    status = api.post(ada, "one")
    api.deliver()
    boost = api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", bob, json={"visibility": visibility})
    assert boost.status == 200
    api.clock.advance(0.1)
    edit(api, ada, status, "two")  # before the boost is counted
    for _ in range(2):
        api.deliver()
        assert updates(api, bob) == [("ada", status["id"])]


def test_a_boost_has_nothing_to_edit(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, "one")
    boost = api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", bob).json
    wrapper = {"id": next(item.id for item in tables.MessageItem.query(bob.id))}
    assert boost
    assert edit(api, bob, wrapper, "two").status == 404
    assert api.get(f"/api/v1/statuses/{wrapper['id']}/source", bob).status == 404
    assert "one" in api.get(f"/api/v1/statuses/{wrapper['id']}/history", bob).json[0]["content"]
