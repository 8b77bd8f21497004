"""Notifications in groups: what a page of them is, a single group, and what they cost."""

from typing import Any

import pytest

from ops.meter import metered
from tests.support.people import Api, Person

V1, V2 = "/api/v1/notifications", "/api/v2/notifications"

Scene = tuple[Person, list[Person], dict[str, Any]]


def favourite(api: Api, by: Person, status: dict[str, Any]) -> None:
    assert api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", by).status == 200
    api.clock.advance(1)


def read(api: Api, by: Person, path: str = "", **query: Any) -> dict[str, Any]:
    answer = api.get(V2 + path, by, **query)
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def groups(api: Api, by: Person, **query: Any) -> list[tuple[str, int]]:
    """Return the types and sizes of the groups on a page."""
    found = read(api, by, **query)["notification_groups"]
    return [(each["type"], each["notifications_count"]) for each in found]


@pytest.fixture
def scene(api: Api) -> Scene:
    """Ada, whom three people followed, whose message they favourited, and whom the first one then mentioned."""
    ada, *others = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    status = api.post(ada, "hello")
    for each in others:
        api.act(each, "follow", ada)
        favourite(api, each, status)
        api.deliver()
    api.post(others[0], "@ada hi")
    api.deliver()
    return ada, others, status


def test_favourites_of_a_message_and_follows_are_one_group_each_with_what_clients_need(api: Api, scene: Scene) -> None:
    ada, (bob, cyd, dan), status = scene
    ids = {(each["type"], each["account"]["id"]): each for each in api.get(V1, ada).json}
    found = read(api, ada)
    by_type = {each["type"]: each for each in found["notification_groups"]}
    assert sorted(groups(api, ada)) == [("favourite", 3), ("follow", 3), ("mention", 1)]
    favourites = by_type["favourite"]
    newest, oldest = ids["favourite", dan.id], ids["favourite", bob.id]
    assert favourites == {
        "group_key": newest["group_key"],
        "notifications_count": 3,
        "type": "favourite",
        "most_recent_notification_id": newest["id"],
        "page_max_id": newest["id"],
        "page_min_id": oldest["id"],
        "latest_page_notification_at": newest["created_at"],
        "sample_account_ids": [dan.id, cyd.id, bob.id],
        "status_id": status["id"],
    }
    assert by_type["mention"]["group_key"] == f"ungrouped-{ids['mention', bob.id]['id']}"
    assert {each["group_key"] for each in api.get(V1, ada).json} == {each["group_key"] for each in by_type.values()}
    assert {each["id"] for each in found["accounts"]} == {bob.id, cyd.id, dan.id}
    assert {each["id"] for each in found["statuses"]} == {status["id"], ids["mention", bob.id]["status"]["id"]}
    short = read(api, ada, expand_accounts="partial_avatars")
    assert {each["id"] for each in short["accounts"]} == {bob.id, dan.id}
    assert [each["id"] for each in short["partial_accounts"]] == [cyd.id]
    assert api.get(V2, ada, expand_accounts="none").status == 422
    some = groups(api, ada, **{"grouped_types[]": ["follow", "mention", "unheard_of"]})
    assert sorted(some) == [*[("favourite", 1)] * 3, ("follow", 3), ("mention", 1)]
    assert len(groups(api, ada, **{"grouped_types[]": "unheard_of"})) == 7
    assert groups(api, ada, **{"types[]": ["favourite", "unheard_of"]}) == [("favourite", 3)]
    assert groups(api, ada, **{"types[]": "unheard_of"}) == []
    assert groups(api, ada, account_id=cyd.id, **{"exclude_types[]": "follow"}) == [("favourite", 1)]


def test_a_group_is_read_counted_and_dismissed_by_its_key_which_stays_when_more_arrives(api: Api, scene: Scene) -> None:
    ada, others, status = scene
    before = {each["type"]: each for each in read(api, ada)["notification_groups"]}
    key = before["favourite"]["group_key"]
    favourite(api, eve := api.sign_up("eve"), status)
    api.deliver()
    assert read(api, ada)["notification_groups"][0]["group_key"] == key
    alone = read(api, ada, f"/{key}")
    assert [each["notifications_count"] for each in alone["notification_groups"]] == [4]
    assert not {"page_min_id", "page_max_id"} & alone["notification_groups"][0].keys()
    wanted = [eve.id, *(each.id for each in others[::-1])]
    assert [each["id"] for each in api.get(f"{V2}/{key}/accounts", ada).json] == wanted
    first = api.get(f"{V2}/{key}/accounts", ada, limit=3)
    rest = api.follow_link(first.link("next") or "", ada).json
    assert [each["id"] for each in first.json + rest] == wanted
    assert read(api, ada, "/unread_count") == {"count": 3}
    assert read(api, ada, "/unread_count", limit=2) == {"count": 2}
    assert read(api, ada, "/unread_count", **{"types[]": "follow", "grouped_types[]": "favourite"}) == {"count": 3}
    assert api.request("POST", f"{V2}/{key}/dismiss", others[0]).status == 200  # this user has no such group
    assert len(read(api, ada)["notification_groups"]) == 3
    for _ in range(2):
        assert api.request("POST", f"{V2}/{key}/dismiss", ada).status == 200
    assert [each["type"] for each in api.get(V1, ada).json].count("favourite") == 0
    assert api.get(f"{V2}/{key}", ada).status == api.get(f"{V2}/nothing", ada).status == 404
    assert api.request("POST", f"{V2}/nothing/dismiss", ada).status == 404
    favourite(api, fay := api.sign_up("fay"), status)
    api.deliver()
    assert [each["id"] for each in api.get(f"{V2}/{key}/accounts", ada).json] == [fay.id]


def test_a_group_that_spans_pages_is_on_each_with_its_part(api: Api, scene: Scene) -> None:
    ada, others, _ = scene
    statuses = [api.post(ada, f"{number}") for number in range(2)]
    for each in others:
        for status in statuses:
            favourite(api, each, status)
            api.deliver()
    wanted = [each["id"] for each in api.get(V1, ada, **{"types[]": "favourite"}).json]
    pages: list[list[dict[str, Any]]] = []
    address: str | None = f"{V2}?limit=2&types[]=favourite"
    while address:
        answer = api.follow_link(address, ada)
        pages.append(answer.json["notification_groups"])
        address = answer.link("next")
    assert [[each["notifications_count"] for each in page] for page in pages] == [[3, 3], [3]]
    assert pages[0][0]["page_max_id"] == wanted[0]
    assert pages[-1][-1]["page_min_id"] == wanted[-1]
    newer = read(api, ada, min_id=wanted[-1], limit=1, **{"types[]": "favourite"})
    assert newer["notification_groups"][0]["page_min_id"] == wanted[-2]
    assert read(api, ada, since_id=wanted[0])["notification_groups"] == []


def test_a_page_costs_as_much_as_its_notifications_in_a_list(api: Api, scene: Scene) -> None:
    ada, _, _ = scene
    costs = []
    for path in (V1, V2):
        api.get(path, ada)  # caches the profiles
        with metered(0.01) as cost:
            api.get(path, ada, limit=20)
        costs.append((cost.read_units, cost.write_units, cost.round_trips))
    assert costs[0] == costs[1]
