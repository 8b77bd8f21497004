"""The options of a follow: being notified of messages, boosts, languages; of requests, and what these become."""

from typing import Any

import pytest

from fstream_app.people import following
from fstream_app.tables import EdgeItem, NotificationItem
from tests.support.people import Api, Person

WEEK = 7 * 86_400


def options(relationship: dict[str, Any]) -> tuple[object, ...]:
    return tuple(relationship[name] for name in ("notifying", "showing_reblogs", "languages"))


def related(api: Api, by: Person, whom: Person) -> dict[str, Any]:
    (found,) = api.get("/api/v1/accounts/relationships", by, **{"id[]": whom.id}).json
    shown: dict[str, Any] = found
    return shown


def lock(api: Api, by: Person, locked: bool = True) -> None:
    path = "/api/v1/accounts/update_credentials"
    assert api.request("PATCH", path, by, json={"locked": locked}).status == 200


@pytest.fixture
def people(api: Api) -> tuple[Person, Person]:
    return api.sign_up("ada"), api.sign_up("bob")


def test_each_option_is_set_on_a_new_follow_or_an_existing_one_and_stays_until_it_is_changed(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    assert options(api.act(ada, "follow", bob)) == (False, True, None)
    assert options(api.act(ada, "follow", bob, notify=True)) == (True, True, None)
    assert options(api.act(ada, "follow", bob, languages=["EN_us", "German", "de"])) == (True, True, ["en-US", "de"])
    assert options(api.act(ada, "follow", bob, reblogs="false")) == (True, False, ["en-US", "de"])
    assert options(api.act(ada, "follow", bob)) == options(related(api, ada, bob)) == (True, False, ["en-US", "de"])
    path = f"/api/v1/accounts/{bob.id}/follow"
    nothing: dict[str, Any] = {"notify": None, "reblogs": "", "languages": None}
    for without in ({"json": nothing}, {"form": dict.fromkeys(nothing, "")}, dict.fromkeys(nothing, "")):
        assert options(api.request("POST", path, ada, **without).json) == (True, False, ["en-US", "de"])
    form = [("notify", "0"), ("reblogs", "1"), ("languages[]", "")]
    assert options(api.request("POST", path, ada, form=form).json) == (False, True, None)
    assert EdgeItem.get(ada.id, f"f#{bob.id}").attribute_values.keys() <= {"user_id", "edge", "pending"}
    api.act(ada, "follow", bob, notify=True, languages=["de"], reblogs=False)
    assert options(related(api, bob, ada)) == (False, False, None)  # nobody else learns of them
    assert options(api.act(ada, "unfollow", bob)) == (False, False, None)
    assert options(api.act(ada, "follow", bob)) == (False, True, None)  # resumed before it was subtracted
    api.deliver()
    assert api.get(f"/api/v1/accounts/{bob.id}").json["followers_count"] == 1


@pytest.mark.parametrize("way", ["authorize", "unlock"])
def test_the_options_of_a_request_are_those_of_the_follow_that_it_becomes(
    api: Api, people: tuple[Person, Person], way: str
) -> None:
    ada, bob = people
    lock(api, bob)
    first = api.act(ada, "follow", bob, notify=True)
    assert (first["requested"], options(first)) == (True, (True, True, None))
    assert options(api.act(ada, "follow", bob, languages=["de"], reblogs=False)) == (True, False, ["de"])
    api.post(bob, "too early for her")
    api.deliver()
    if way == "authorize":
        assert api.request("POST", f"/api/v1/follow_requests/{ada.id}/authorize", bob).status == 200
    else:
        lock(api, bob, locked=False)
    api.deliver()
    found = related(api, ada, bob)
    assert (found["following"], found["requested"], options(found)) == (True, False, (True, False, ["de"]))
    late = api.post(bob, "in time")
    api.deliver()
    shown = api.get("/api/v1/notifications", ada).json
    assert [(each["type"], each["status"]["id"]) for each in shown] == [("status", late["id"])]
    lock(api, bob)
    assert options(api.act(ada, "follow", bob, notify=False)) == (False, False, ["de"])  # follows, not a request
    assert not related(api, ada, bob)["requested"]


@pytest.mark.parametrize(("asked", "chosen"), [({}, {"notify": True}), ({"notify": True}, {"languages": ["de"]})])
def test_what_is_chosen_after_an_account_was_unlocked_outlasts_the_request(
    api: Api, people: tuple[Person, Person], asked: dict[str, Any], chosen: dict[str, Any]
) -> None:
    ada, bob = people
    lock(api, bob)
    api.act(ada, "follow", bob, **asked)
    api.deliver()
    lock(api, bob, locked=False)
    wanted = options(api.act(ada, "follow", bob, **chosen))  # before the request is accepted
    api.deliver()
    found = related(api, ada, bob)
    assert (found["following"], found["requested"], options(found)) == (True, False, wanted)
    assert not [item for item in EdgeItem.scan() if item.edge.startswith("request#")]
    assert api.get(f"/api/v1/accounts/{bob.id}").json["followers_count"] == 1


def test_a_language_must_be_one_and_there_are_limits(
    api: Api, people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = people
    path, many = f"/api/v1/accounts/{bob.id}/follow", [f"de-{number:03}" for number in range(21)]
    refused = [api.request("POST", path, ada, json={"languages": each}) for each in (["nonsense!"], ["en", "?"], many)]
    assert [answer.status for answer in refused] == [422, 422, 422]
    assert not related(api, ada, bob)["following"]
    monkeypatch.setattr(following, "MAX_NOTIFYING", 1)
    cyd = api.sign_up("cyd")
    api.act(ada, "follow", bob, notify=True)
    answer = api.request("POST", f"/api/v1/accounts/{cyd.id}/follow", ada, json={"notify": True})
    assert (answer.status, "at most 1 accounts" in answer.error) == (422, True)
    api.act(ada, "follow", bob, notify=True)
    api.act(ada, "unfollow", bob)
    assert options(api.act(ada, "follow", cyd, notify=True)) == (True, True, None)


def test_home_shows_the_languages_of_a_follow_their_variants_and_what_has_no_language(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    written = {tag: api.post(bob, f"@ada {tag}", language=tag)["id"] for tag in ("en", "de", "pt-BR", "pt", None)}
    own = api.post(ada, "mine", language="fr")["id"]
    api.deliver()
    api.act(ada, "follow", bob)
    for chosen, shown in (
        (["de", "pt"], ["de", "pt-BR", "pt", None]),
        (["pt-BR"], ["pt-BR", None]),
        (["ja"], [None]),
        ([], list(written)),
    ):
        api.act(ada, "follow", bob, languages=chosen)
        assert sorted(api.home(ada)) == sorted([own, *(written[tag] for tag in shown)])
    api.act(ada, "follow", bob, languages=["ja"])
    assert len(api.read(f"/api/v1/accounts/{bob.id}/statuses", ada)) == 5
    assert len(api.read("/api/v1/timelines/public", ada)) == 6
    assert [each["type"] for each in api.get("/api/v1/notifications", ada).json] == ["mention"] * 5


def test_a_change_of_options_does_not_notify_the_account_again(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    api.act(ada, "follow", bob)
    api.deliver()
    for item in NotificationItem.scan():  # as TTL does once the notification has expired
        item.delete()
    api.clock.advance(WEEK + 1)
    api.act(ada, "follow", bob, notify=True)
    api.deliver()
    assert api.get("/api/v1/notifications", bob).json == []
