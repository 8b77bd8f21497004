"""What every status says of its reader's filters."""

from typing import Any

import pytest

from tests.support.people import Answer, Api, Person

V2 = "/api/v2/filters"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def make(api: Api, by: Person, *keywords: str, **fields: object) -> dict[str, Any]:
    """Make a filter with these keywords."""
    wanted = {"title": "news", "context": ["home"], "keywords_attributes": [{"keyword": each} for each in keywords]}
    answer = api.request("POST", V2, by, json=wanted | fields)
    assert answer.status == 200, answer.json
    made: dict[str, Any] = answer.json
    return made


def statuses_of(content: object) -> list[dict[str, Any]]:
    """Return all statuses in a response."""
    if isinstance(content, list):
        return [status for each in content for status in statuses_of(each)]
    if not isinstance(content, dict):
        return []
    inner = [status for each in content.values() for status in statuses_of(each)]
    return [content, *inner] if "spoiler_text" in content else inner


def shown_to(api: Api, reader: Person, by: Person, above: str, status: str, below: str) -> dict[str, Answer]:
    """Make every request whose response has a status, which is between two others in its thread; return them."""
    path = f"/api/v1/statuses/{status}"
    asked = [("POST", f"{path}/{verb}") for verb in ("favourite", "bookmark")]
    asked += [("GET", f"/api/v1/timelines/{each}") for each in ("home", "public", "tag/tag")]
    asked += [("GET", f"/api/v1/{each}") for each in ("notifications", "favourites", "bookmarks")]
    asked += [("GET", f"/api/v1/statuses/{each}/context") for each in (above, below)]
    asked += [("GET", path), ("GET", f"/api/v1/statuses?id[]={status}"), ("GET", f"/api/v1/accounts/{by.id}/statuses")]
    asked += [("GET", f"/api/v2/search?resolve=true&q=https://fstream.test/@{by.name}/{status}")]
    asked += [("POST", f"{path}/{verb}") for verb in ("unfavourite", "unbookmark")]
    answers = {f"{method} {path}": api.request(method, path, reader) for method, path in asked}
    made = next(each["id"] for each in answers["GET /api/v1/notifications"].json if each["status"]["id"] == status)
    return answers | {"notification": api.get(f"/api/v1/notifications/{made}", reader)}


def test_every_status_that_a_reader_is_shown_says_which_filters_it_matches(api: Api, ada: Person, bob: Person) -> None:
    api.act(ada, "follow", bob)
    api.post(ada, "my storm #tag")
    above = api.post(bob, "nothing")["id"]
    status = api.post(bob, "@ada a STORM #tag", spoiler_text="rain", in_reply_to_id=above)["id"]
    below = api.post(bob, "nothing @ada", in_reply_to_id=status)["id"]
    api.deliver()
    old = make(api, ada, "rain", title="old", expires_in=1)
    word = make(api, ada, "storm", title="weather", context=["thread"], filter_action="hide")
    single = make(api, ada, title="single")
    path = f"{V2}/{single['id']}/statuses"
    assert api.request("POST", path, ada, json={"status_id": status}).status == 200
    api.clock.advance(1)
    assert api.request("PUT", f"{V2}/{old['id']}", ada, json={"title": "older", "expires_in": -1}).status == 200
    expected = [
        {"filter": properties(word), "keyword_matches": ["STORM"], "status_matches": None},
        {"filter": properties(single), "keyword_matches": None, "status_matches": [status]},
    ]
    for reader, theirs in ((ada, expected), (bob, []), (None, [])):
        answers = shown_to(api, ada, bob, above, status, below) if reader is ada else {}
        for public in () if answers else ("timelines/public", f"statuses/{status}", f"statuses/{above}/context"):
            answers[public] = api.get(f"/api/v1/{public}", reader)
        for asked, answer in answers.items():
            found = {each["id"]: each["filtered"] for each in statuses_of(answer.json)}
            assert found.pop(status) == theirs, asked
            assert not any(found.values()), asked  # her own, and what does not match


def test_lists_trends_conversations_and_the_export_say_it_too(api: Api, ada: Person, bob: Person) -> None:
    api.request("PATCH", "/api/v1/accounts/update_credentials", bob, form={"discoverable": "true"})
    api.act(ada, "follow", bob, notify=True)
    status = api.post(bob, "storm #tag", expires_in=1800)["id"]
    direct = api.post(bob, "@ada storm", visibility="direct", expires_in=1800)["id"]
    api.deliver()
    made = make(api, ada, "storm")
    expected = [{"filter": properties(made), "keyword_matches": ["storm"], "status_matches": None}]
    close = api.request("POST", "/api/v1/lists", ada, form={"title": "close"}).json["id"]
    api.request("POST", f"/api/v1/lists/{close}/accounts", ada, form={"account_ids[]": bob.id})
    api.request("POST", f"/api/v1/statuses/{status}/pin", bob)
    lists = [each["id"] for each in api.get("/api/v1/lists", ada).json]
    conversation = api.get("/api/v1/conversations", ada).json[0]["id"]
    asked = [("POST", f"statuses/{status}/{verb}") for verb in ("mute", "unmute", "favourite", "bookmark")]
    asked += [("GET", f"timelines/list/{each}") for each in lists]
    asked += [("GET", each) for each in ("trends/statuses", "notifications", "export", "conversations")]
    asked += [("GET", f"accounts/{bob.id}/statuses?pinned=true"), ("POST", f"conversations/{conversation}/read")]
    assert len(lists) == 2  # with Going soon
    for method, path in asked:
        shown = statuses_of(api.request(method, f"/api/v1/{path}", ada).json)
        assert {each["id"] for each in shown} & {status, direct}, path
        assert [each["filtered"] for each in shown] == [expected] * len(shown), path


def properties(made: dict[str, Any]) -> dict[str, Any]:
    return {name: made[name] for name in ("id", "title", "context", "expires_at", "filter_action")}
