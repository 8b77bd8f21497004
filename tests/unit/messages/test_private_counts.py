"""Private counts: others see 0 favourites and nobody who favourited; the author sees both."""

from typing import Any

import pytest

from tests.support.people import Api, Person

ME = "/api/v1/accounts/update_credentials"


@pytest.fixture
def people(api: Api) -> tuple[Person, Person, Person, dict[str, Any]]:
    """Ada, whose counts are private, Bob, who follows her and has favourited her message, and Cyd."""
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(bob, "follow", ada)
    status = api.post(ada, "hello #tag @bob")
    for by in (bob, ada):
        assert api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", by).json["favourites_count"] >= 1
    api.post(cyd, "reply", in_reply_to_id=status["id"])
    api.deliver()
    api.clock.advance(5)
    return ada, bob, cyd, status


def keep_private(api: Api, by: Person, *, on: bool = True) -> dict[str, Any]:
    changed: dict[str, Any] = api.request("PATCH", ME, by, form={"source[private_counts]": str(on).lower()}).json
    return changed


def counts(content: Any, status_id: str) -> set[int]:
    """Return the favourites counts of a message wherever it is in a response."""
    if isinstance(content, list):
        return set().union(*(counts(each, status_id) for each in content))
    if not isinstance(content, dict):
        return set()
    own = {content["favourites_count"]} if content.get("id") == status_id and "favourites_count" in content else set()
    return own | counts(list(content.values()), status_id)


READS = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/tag",
    "/api/v1/accounts/{ada}/statuses",
    "/api/v1/statuses/{id}",
    "/api/v1/statuses?id[]={id}",
    "/api/v1/statuses/{reply}/context",
    "/api/v1/favourites",
    "/api/v1/notifications",
    "/api/v2/search?q=https://fstream.test/@ada/{id}",
)


def seen(api: Api, people: tuple[Person, Person, Person, dict[str, Any]], by: Person | None) -> set[int]:
    ada, _, cyd, status = people
    (reply,) = api.read(f"/api/v1/accounts/{cyd.id}/statuses")
    places = {"ada": ada.id, "id": status["id"], "reply": reply}
    found = [counts(api.get(path.format_map(places), by).json, status["id"]) for path in READS]
    assert sum(map(bool, found)) >= 6
    return set().union(*found)


def test_others_see_no_favourites_and_the_author_sees_them_all(
    api: Api, people: tuple[Person, Person, Person, dict[str, Any]]
) -> None:
    ada, bob, cyd, status = people
    path = f"/api/v1/statuses/{status['id']}"
    readers = (None, ada, bob, cyd)
    assert [seen(api, people, by) for by in readers] == [{2}] * 4
    changed = keep_private(api, ada)
    assert changed["source"]["private_counts"] is True
    assert [seen(api, people, by) for by in readers] == [{0}, {2}, {0}, {0}]
    assert [len(api.get(f"{path}/favourited_by", by).json) for by in readers] == [0, 2, 0, 0]
    shown = api.get(path, bob).json
    assert (shown["favourited"], shown["replies_count"]) == (True, 1)
    assert [api.get(page).text.count("favourite") for page in ("/@ada", f"/@ada/{status['id']}")] == [0, 0]
    assert "2 favourites" not in api.get("/tags/tag").text
    keep_private(api, ada, on=False)
    assert [seen(api, people, by) for by in readers] == [{2}] * 4


def test_a_favourite_is_counted_for_the_author_alone_while_it_is_not_in_the_count_yet(
    api: Api, people: tuple[Person, Person, Person, dict[str, Any]]
) -> None:
    ada, bob, cyd, status = people
    keep_private(api, ada)
    path = f"/api/v1/statuses/{status['id']}"
    for by, verb, count in (
        (cyd, "favourite", 0),
        (ada, "unfavourite", 1),
        (ada, "favourite", 2),
        (bob, "bookmark", 0),
    ):
        shown = api.request("POST", f"{path}/{verb}", by).json
        assert shown["favourites_count"] == count, (by.name, verb)
    api.deliver()
    assert api.get(path, ada).json["favourites_count"] == 3
    assert api.delete(ada, status).json["favourites_count"] == 3
