"""Changes of filters at the same time: none is lost, none outlives the account, and no replica hides one."""

from typing import Any

import pytest

from tests.support.departing import DELETE
from tests.support.people import PASSWORD, Api, Person, stored
from tests.support.racing import Races, one_way
from tests.support.replicas import Replicas

FILTERS = "/api/v2/filters"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def make(api: Api, by: Person, word: str) -> dict[str, Any]:
    fields = {"title": word, "context": ["home"], "keywords_attributes": [{"keyword": word}]}
    answer = api.request("POST", FILTERS, by, json=fields)
    assert answer.status == 200, answer.json
    made: dict[str, Any] = answer.json
    return made


def words(api: Api, by: Person) -> list[str]:
    return [word["keyword"] for each in api.get(FILTERS, by).json for word in each["keywords"]]


@pytest.mark.parametrize("first", [True, False])
def test_no_change_is_lost(api: Api, races: Races, ada: Person, first: bool) -> None:
    known = [] if first else [make(api, ada, "known")["keywords"][0]["keyword"]]
    for run in one_way(races.between(lambda: make(api, ada, "one"), lambda: make(api, ada, "two"))):
        assert sorted(words(api, ada)) == sorted([*known, "one", "two"]), run


def test_a_keyword_that_is_changed_and_removed_at_the_same_time_is_removed(api: Api, races: Races, ada: Person) -> None:
    path = f"{FILTERS}/keywords/{make(api, ada, 'one')['keywords'][0]['id']}"

    def change() -> int:
        return api.request("PUT", path, ada, json={"keyword": "two"}).status

    def remove() -> int:
        return api.request("DELETE", path, ada).status

    for run in one_way(races.between(change, remove)):
        assert (words(api, ada), run.event) == ([], 200)
        assert run.result in {200, 404}


def test_no_filter_outlives_its_account(api: Api, races: Races, ada: Person) -> None:
    def leave() -> None:
        assert api.request("POST", DELETE, ada, json={"password": PASSWORD}).status == 200

    def add() -> int:
        fields = {"title": "late", "context": ["home"]}
        return api.request("POST", FILTERS, ada, json=fields).status

    for run in one_way(races.between(add, leave)):
        assert run.result in {200, 401}
        api.deliver()
        assert not [item for item in stored()["EdgeItem"] if ada.id in item], run


def test_replicas_that_lag_show_no_old_filters(api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = api.sign_up("bob")
    api.act(ada, "follow", bob)
    status = api.post(bob, "one two")["id"]
    api.deliver()
    made = make(api, ada, "one")
    replicas = Replicas(api.clock, monkeypatch)
    replicas.lag(60)

    def matched() -> list[Any]:
        (shown,) = api.get("/api/v1/timelines/home", ada).json
        return [(each["keyword_matches"], each["status_matches"]) for each in shown["filtered"]]

    assert matched() == [(["one"], None)]
    path = f"{FILTERS}/{made['id']}"
    api.request("POST", f"{path}/statuses", ada, json={"status_id": status})
    api.request("PUT", f"{FILTERS}/keywords/{made['keywords'][0]['id']}", ada, json={"keyword": "two"})
    assert matched() == [(["two"], [status])]
    api.request("DELETE", path, ada)
    assert matched() == []
    assert replicas.stale_reads
