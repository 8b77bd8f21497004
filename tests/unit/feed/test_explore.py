"""Trends and suggestions: what apps show under Explore."""

import pytest

from fstream_app.core.settings import DAY
from fstream_app.feed import suggestions, tail, trends
from fstream_app.moderation import suspension
from ops.meter import metered
from tests.support.people import Api, Person


def say(api: Api, by: Person, text: str, **fields: object) -> str:
    """Post a message after all others; return its id."""
    api.clock.advance(0.01)
    return str(api.post(by, text, **fields)["id"])


def change(api: Api, person: Person, **fields: str) -> None:
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", person, json=fields).status == 200
    api.clock.advance(trends.REFRESH / 1000)


def names(api: Api, by: Person | None = None, **query: int) -> list[str]:
    return [tag["name"] for tag in api.get("/api/v1/trends/tags", by, **query).json]


def trending(api: Api, by: Person | None = None, **query: int) -> list[str]:
    return api.read("/api/v1/trends/statuses", by, **query)


def suggested(api: Api, by: Person) -> dict[str, str]:
    found = api.get("/api/v2/suggestions", by).json
    assert [each["account"] for each in found] == api.get("/api/v1/suggestions", by).json
    return {each["account"]["username"]: each["sources"][0] for each in found}


def test_hashtags_trend_by_the_number_of_accounts(api: Api) -> None:
    ada, bob, cleo, dan = (api.sign_up(name) for name in ("ada", "bob", "cleo", "dan"))
    for number in range(9):
        say(api, ada, f"#loud #louder {number}")
    for person in (ada, bob):
        say(api, person, "#tea")
    for person in (bob, cleo, dan):
        say(api, person, "#milk")
    say(api, bob, "#hidden", visibility="unlisted")
    say(api, cleo, "#naked", sensitive=True)
    api.deliver()
    assert names(api)[:2] == ["milk", "tea"]
    assert len({"loud", "louder"}.intersection(names(api))) == 1
    assert not {"hidden", "naked"}.intersection(names(api))
    assert names(api, limit=1) + names(api, limit=1, offset=1) == ["milk", "tea"]
    assert api.get("/api/v1/trends", limit=2).json == api.get("/api/v1/trends/tags", limit=2).json
    [milk, tea] = api.get("/api/v1/trends/tags", dan, limit=2).json
    assert (milk["history"][0]["uses"], milk["history"][0]["accounts"], tea["history"][0]["accounts"]) == (
        "3",
        "3",
        "2",
    )
    api.act(dan, "mute", ada)
    api.act(dan, "block", bob)
    assert "loud" not in names(api, dan)
    assert names(api, dan)[0] == "milk"


def test_no_account_makes_a_trend_of_hashtags_or_ends_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "_TAGS", 3)
    ada, bob, shy, loud = (api.sign_up(name) for name in ("ada", "bob", "shy", "loud"))
    change(api, shy, discoverable="false")
    for person in (ada, bob, shy):
        say(api, person, "#tea")
    for person, text in ((bob, "#solo"), (ada, "#lone")):
        say(api, person, text)
    for _ in range(3):
        say(api, loud, " ".join(f"#loud{number}" for number in range(20)))
    say(api, loud, "#tea", sensitive=True)
    api.deliver()
    found = names(api)
    assert found[0] == "tea"  # although the two newest messages with it must not be shown
    assert [each.startswith("loud") for each in found] == [False, True, False]
    assert found[2] == "lone"


def test_messages_trend_by_favourites_until_they_are_gone(api: Api) -> None:
    ada, bob, cleo = (api.sign_up(name) for name in ("ada", "bob", "cleo"))
    quiet = say(api, ada, "quiet")
    liked = say(api, ada, "liked", expires_in=3600)
    loved = say(api, bob, "loved")
    for _ in range(3):
        say(api, bob, "I answer myself", in_reply_to_id=quiet)
    say(api, cleo, "warned", spoiler_text="careful")
    say(api, cleo, "unlisted", visibility="unlisted")
    many = [say(api, cleo, f"many {number}") for number in range(5)]
    for person, status in ((bob, liked), (ada, loved), (cleo, loved)):
        assert api.request("POST", f"/api/v1/statuses/{status}/favourite", person).status == 200
    api.deliver()
    api.deliver()
    assert trending(api) == [loved, liked, many[4], many[3], many[2], quiet]
    assert trending(api, limit=2, offset=1) == [liked, many[4]]
    assert trending(api, offset=99) == []
    api.act(cleo, "mute", bob)
    assert trending(api, cleo, limit=1) == [liked]
    api.act(bob, "block", ada)
    assert (trending(api, ada)[0], loved in trending(api, ada)) == (liked, False)
    api.request("DELETE", f"/api/v1/statuses/{loved}", bob)
    assert trending(api)[0] == liked
    api.clock.advance(3600)
    assert trending(api) == [many[4], many[3], many[2], quiet]
    change(api, cleo, discoverable="false")
    assert trending(api) == [quiet]
    suspension.suspend(ada.name, "for a reason", api.clock.now)
    assert trending(api) == []
    for query in ("limit=0", "offset=-1"):
        assert api.get(f"/api/v1/trends/statuses?{query}").status == 422


def test_trends_outlast_their_sample_and_cost_a_bounded_number_of_reads(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "_CONSIDERED", 6)
    monkeypatch.setattr(trends, "MOST", 3)
    people = [api.sign_up(f"person{number}") for number in range(8)]
    posted = [say(api, person, "hello #world") for person in people for _ in range(2)]
    for status in posted[:3]:
        assert api.request("POST", f"/api/v1/statuses/{status}/favourite", people[-1]).status == 200
    api.deliver()
    api.deliver()
    found = set[str]()
    for _ in range(40):
        found = set(trending(api))
        api.clock.advance(trends.REFRESH / 1000)
    assert found == set(posted[:3])
    tail.shared().clear()
    with metered() as cost:
        trending(api)
    assert cost.read_units <= 40


def test_people_are_suggested_whom_followed_people_follow_then_those_who_post(api: Api) -> None:
    me, friend, shy, other, far, active = (
        api.sign_up(name) for name in ("me", "friend", "shy", "other", "far", "active")
    )
    secret = api.sign_up("secret")
    for by, whom in ((me, friend), (me, shy), (friend, far), (friend, other), (shy, secret), (friend, me)):
        api.act(by, "follow", whom)
    change(api, shy, hide_collections="true")
    say(api, active, "here I am")
    say(api, secret, "psst", visibility="unlisted")
    api.deliver()
    both = {"far": "friends_of_friends", "other": "friends_of_friends"}
    assert suggested(api, me) == both | {"active": "most_interactions"}
    assert len(api.get("/api/v2/suggestions", me, limit=1).json) == 1
    api.act(me, "mute", far)
    api.act(other, "block", me)
    assert suggested(api, me) == {"active": "most_interactions"}
    api.act(me, "unmute", far)
    api.act(other, "unblock", me)
    assert api.request("DELETE", f"/api/v1/suggestions/{far.id}", me).json == {}
    assert "far" not in suggested(api, me)
    assert api.request("DELETE", f"/api/v1/suggestions/{me.id}", me).json == {}
    api.act(me, "follow", other)
    change(api, active, discoverable="false")
    assert suggested(api, me) == {}
    api.clock.advance(suggestions.DISMISSED_FOR)
    assert suggested(api, me) == {"far": "friends_of_friends"}
    for unknown in ("0", "0123456789abc"):
        assert api.request("DELETE", f"/api/v1/suggestions/{unknown}", me).status == 404


def test_explore_is_not_empty_on_a_function_that_has_just_started(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = say(api, ada, "first #day")
    api.deliver()
    api.clock.advance(DAY / 2)
    tail.shared().clear()
    assert (names(api), trending(api), list(suggested(api, bob))) == (["day"], [status], ["ada"])
