"""Searching people through the API, by the beginning of their names."""

from typing import Any

import pytest

from fstream_app.core import ids
from fstream_app.core.entities import User
from fstream_app.repository import users
from ops.meter import metered
from tests.support import crowds
from tests.support.people import Api, Person

ALL = "/api/v2/search"
ACCOUNTS = "/api/v1/accounts/search"


def names(api: Api, query: str, by: Person | None = None, path: str = ACCOUNTS, **parameters: Any) -> list[str]:
    """Return the names of the accounts found."""
    answer = api.get(path, by, q=query, **parameters)
    assert answer.status == 200, answer.json
    found = answer.json if path == ACCOUNTS else answer.json["accounts"]
    return [account["username"] for account in found]


def hide(api: Api, person: Person) -> None:
    api.request("PATCH", "/api/v1/accounts/update_credentials", person, json={"discoverable": False})


def make_many(number: int) -> None:
    for each in range(number):
        users.create(User(id=ids.new_user_id(), name=f"many{each:02}", created_at=0, password_hash="hash"))


@pytest.fixture
def people(api: Api) -> dict[str, Person]:
    return {name: api.sign_up(name) for name in ("maria", "mark", "martin", "mar", "m", "ma_2", "nora")}


@pytest.mark.parametrize("path", [ALL, ACCOUNTS])
def test_names_are_found_by_their_beginning_the_exact_one_first(api: Api, people: dict[str, Person], path: str) -> None:
    found = {query: names(api, query, path=path) for query in ("mar", "@mar", " MAR ", "mart", "ma", "martinx", "ark")}
    begun = ["mar", "maria", "mark", "martin"]
    wanted = {"mar": begun, "@mar": begun, " MAR ": begun, "mart": ["martin"], "ma": ["ma_2", *begun]}
    assert found == wanted | {"martinx": [], "ark": []}


def test_one_character_finds_that_name_alone(api: Api, people: dict[str, Person]) -> None:
    assert [names(api, query) for query in ("m", "M", "@m", "n")] == [["m"]] * 3 + [[]]


def test_a_host_or_the_address_of_a_profile_makes_it_the_whole_name(api: Api, people: dict[str, Person]) -> None:
    mine = ["mar@fstream.test", "@Mar@FSTREAM.test", "https://fstream.test/@mar", "https://FSTREAM.test/@Mar"]
    assert [names(api, query) for query in mine] == [["mar"]] * 4
    others = ["ma@fstream.test", "mar@elsewhere.test", "https://elsewhere.test/@mar", "https://fstream.test/@ma"]
    assert [query for query in others if names(api, query)] == []


def test_what_is_no_name_finds_nobody(api: Api, people: dict[str, Person]) -> None:
    queries = ["", " ", "@", "@@mar", "mar mark", "mar%", "#mar", "\u212aora", "m" * 31, "https://fstream.test/mar"]
    assert [query for query in queries if names(api, query)] == []
    assert api.get(ACCOUNTS).status == 422
    assert api.get(ALL).status == 422


def test_whom_the_reader_follows_comes_before_the_others(api: Api, people: dict[str, Person]) -> None:
    api.act(people["nora"], "follow", people["martin"])
    assert names(api, "mar", people["nora"]) == ["mar", "martin", "maria", "mark"]
    assert names(api, "mar", people["nora"], following=True) == ["martin"]
    assert names(api, "mar", people["nora"], path=ALL, following="true", type="accounts") == ["martin"]
    assert names(api, "mar", following=True) == []


def test_pages_are_cut_by_offset_and_limit(api: Api, people: dict[str, Person]) -> None:
    for path in (ALL, ACCOUNTS):
        pages = [names(api, "ma", path=path, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
        assert pages == [["ma_2", "mar"], ["maria", "mark"], ["martin"], []], path
        for parameters, status in (("limit=0", 422), ("limit=-1", 422), ("limit=x", 422), ("offset=-1", 422)):
            assert api.get(f"{path}?q=ma&{parameters}").status == status, (path, parameters)


def test_no_more_than_40_are_found_however_many_there_are(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fstream_app.people.search.MAX_FOUND", 3)
    for name in ("mary", "marx", "marc", "mara", "mar"):
        api.sign_up(name)
    assert names(api, "ma", limit=80) == ["mar", "mara", "marc"]
    assert names(api, "mary", limit=80) == ["mary"]


def test_a_limit_of_80_counts_as_40(api: Api) -> None:
    make_many(41)
    assert len(names(api, "many00")) == 1
    assert [len(names(api, "many", limit=limit)) for limit in (39, 40, 41, 80)] == [39, 40, 40, 40]
    assert len(names(api, "many", path=ALL)) == 20


def test_who_blocks_the_reader_is_not_found(api: Api, people: dict[str, Person]) -> None:
    api.act(people["mark"], "block", people["nora"])
    assert names(api, "mar", people["nora"]) == ["mar", "maria", "martin"]
    assert names(api, "mark", people["nora"]) == []
    assert names(api, "mark") == ["mark"]


def test_whom_the_reader_blocks_is_found_by_the_whole_name_alone(api: Api, people: dict[str, Person]) -> None:
    api.act(people["nora"], "block", people["mark"])
    assert names(api, "mar", people["nora"]) == ["mar", "maria", "martin"]
    assert names(api, "mark", people["nora"]) == ["mark"]


def test_who_does_not_want_to_be_discovered_is_found_by_name_or_by_followers(
    api: Api, people: dict[str, Person]
) -> None:
    hide(api, people["mark"])
    api.act(people["maria"], "follow", people["mark"])
    assert names(api, "mar", people["nora"]) == ["mar", "maria", "martin"]
    assert names(api, "mar") == ["mar", "maria", "martin"]
    assert names(api, "mark", people["nora"]) == ["mark"]
    assert names(api, "mar", people["maria"]) == ["mar", "mark", "maria", "martin"]


def test_what_a_search_costs_does_not_grow_with_the_number_of_names(api: Api) -> None:
    make_many(45)
    reader = api.sign_up("reader")
    with metered(latency=0.02) as cost:
        assert len(names(api, "many", reader)) == 40
    # 1 each for the token, the name and the edges, 0.5 for the index, 1 for each profile.
    assert (cost.read_units, cost.write_units, cost.round_trips) == (43.5, 0, 3)


def test_accounts_that_are_not_shown_take_no_room_in_a_search(api: Api) -> None:
    reader = api.sign_up("reader")
    crowds.strangers(150, "many", discoverable=False)
    followed = crowds.strangers(1, "manyx")[0]
    blocked = api.sign_up("manz")
    api.act(blocked, "block", reader)
    shown = api.sign_up("manzz")
    assert names(api, "man", reader) == ["manyx0000", "manzz"]
    assert api.request("POST", f"/api/v1/accounts/{followed.id}/follow", reader, json={}).status == 200
    assert names(api, "ma", reader, following=True) == ["manyx0000"]
    assert shown.name == "manzz"
