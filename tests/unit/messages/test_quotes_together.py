"""Quotes together with boosts, edits, scheduled messages, reactions and notifications."""

from collections.abc import Callable
from typing import Any

import pytest

from fstream_app.core.ids import MessageId
from fstream_app.repository import reactions
from tests.support.people import PASSWORD, Api, Person
from tests.support.quotes import STATUSES, quote, settle, show


def boost(api: Api, by: Person, status: dict[str, Any]) -> dict[str, Any]:
    api.clock.advance(0.001)
    made: dict[str, Any] = api.request("POST", f"{STATUSES}/{status['id']}/reblog", by).json
    return made


@pytest.mark.parametrize("boosted_last", [False, True])
def test_a_message_that_is_boosted_and_quoted_on_one_page_shows_in_both_what_it_quotes(
    api: Api, boosted_last: bool
) -> None:
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for whom in (bob, cyd):
        api.act(dan, "follow", whom)
    first = api.post(ada, "first")
    middle = quote(api, ada, first)
    last = quote(api, ada, middle)
    made = None if boosted_last else boost(api, cyd, last)
    quote(api, bob, last)
    made = made or boost(api, cyd, last)
    settle(api)
    (shown,) = (each for each in api.get("/api/v1/timelines/home", dan).json if each["id"] == made["id"])
    inner = shown["reblog"]["quote"]["quoted_status"]
    assert (inner["id"], inner["quote"]) == (middle["id"], {"state": "accepted", "quoted_status_id": first["id"]})


GONE: dict[str, Callable[[Api, Person, dict[str, Any]], object]] = {
    "expired": lambda api, *_: api.clock.advance(600),
    "deleted": lambda api, by, status: api.delete(by, status),
    "cleared": lambda api, by, _: api.request("POST", f"{STATUSES}/delete_all", by, json={"password": PASSWORD}),
}
VERBS = {"favourite": "favourited", "bookmark": "bookmarked", "reblog": "reblogged"}


def reacted(status: dict[str, Any]) -> set[bool]:
    return {status[name] for name in VERBS.values()}


def test_a_message_alone_shows_the_readers_reactions_to_it_and_to_what_it_quotes(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, "quoted")
    made = quote(api, ada, quoted)
    wrapper = boost(api, ada, made)
    for status in (quoted, made):
        for verb in VERBS:
            api.request("POST", f"{STATUSES}/{status['id']}/{verb}", bob)
    for shown in (show(api, made, bob), show(api, wrapper, bob)["reblog"]):
        assert reacted(shown) == reacted(shown["quote"]["quoted_status"]) == {True}
    late = reactions.of_page(bob.id, [MessageId.parse(each["id"]) for each in (quoted, made)])
    monkeypatch.setattr(reactions, "of_page", lambda *_: late)  # from a replica that does not know the following yet
    for verb in ("unfavourite", "unbookmark", "unreblog"):
        shown = api.request("POST", f"{STATUSES}/{made['id']}/{verb}", bob).json
    assert (reacted(shown), shown["favourites_count"]) == ({False}, 0)
    assert (reacted(show(api, wrapper, bob)["reblog"]), reacted(shown["quote"]["quoted_status"])) == ({False}, {True})


@pytest.mark.parametrize("end", GONE)
def test_nobody_is_notified_of_a_quote_of_a_message_that_is_gone(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, "quoted", expires_in=600)
    quote(api, bob, quoted)
    settle(api)
    (notice,) = api.get("/api/v1/notifications", ada).json
    assert notice["type"] == "quote"
    GONE[end](api, ada, quoted)
    assert api.get(f"/api/v1/notifications/{notice['id']}", ada).status == 404
    assert api.get("/api/v1/notifications", ada).json == []
    assert api.get("/api/v2/notifications", ada).json["notification_groups"] == []
    assert api.get("/api/v2/notifications/unread_count", ada).json == {"count": 0}


def test_a_quote_needs_no_text(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, "quoted")
    made = quote(api, bob, quoted, " #5m ")
    assert made["pleroma"]["expires_at"] == "2040-01-01T00:05:00.001Z"
    assert made["content"].count("<p") == 1
    assert "quote-inline" in made["content"]
    assert api.get(f"/@bob/{made['id']}").text.count('class="text"') == 1
    assert api.request("PUT", f"{STATUSES}/{made['id']}", bob, json={"status": "look"}).json["edited_at"]
    emptied = api.request("PUT", f"{STATUSES}/{made['id']}", bob, json={"status": ""}).json
    assert emptied["content"] == made["content"]
    api.delete(ada, quoted)
    assert (show(api, made)["content"], show(api, made)["quote"]["state"]) == ("", "deleted")
    for nothing in ("", None):
        answer = api.request("POST", STATUSES, bob, json={"status": "", "quoted_status_id": nothing})
        assert (answer.status, answer.error) == (422, "Text can't be blank")


def test_a_quote_is_revoked_also_by_the_id_of_a_boost_of_it(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    quoted = api.post(ada, "quoted")
    made = quote(api, bob, quoted)
    wrapper = boost(api, cyd, made)
    path = f"{STATUSES}/{quoted['id']}/quotes"
    assert api.request("POST", f"{path}/{boost(api, cyd, quoted)['id']}/revoke", ada).status == 404
    shown = api.request("POST", f"{path}/{wrapper['id']}/revoke", ada).json
    assert (shown["id"], shown["reblog"]["quote"]["state"]) == (wrapper["id"], "revoked")
    assert show(api, made)["quote"] == {"state": "revoked", "quoted_status": None}
