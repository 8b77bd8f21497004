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
    make(api, ada, "rain", title="old", expires_in=1)
    word = make(api, ada, "storm", title="weather", context=["thread"], filter_action="hide")
    single = make(api, ada, title="single")
    path = f"{V2}/{single['id']}/statuses"
    assert api.request("POST", path, ada, json={"status_id": status}).status == 200
    api.clock.advance(1)
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


def test_the_last_status_of_a_conversation_says_which_filters_it_matches(api: Api, ada: Person, bob: Person) -> None:
    api.post(bob, "@ada storm", visibility="direct")
    api.deliver()
    made = make(api, ada, "storm")
    (conversation,) = api.get("/api/v1/conversations", ada).json
    assert [each["filter"] for each in conversation["last_status"]["filtered"]] == [properties(made)]


def properties(made: dict[str, Any]) -> dict[str, Any]:
    return {name: made[name] for name in ("id", "title", "context", "expires_at", "filter_action")}
