"""Searching people by the beginning of their names, hashtags by their name, messages by their address."""

from typing import Any

import pytest

from fstream_app.core import ids
from fstream_app.core.entities import User
from fstream_app.feed.hashtags import MAX_HASHTAGS
from fstream_app.repository import users
from ops.meter import metered
from tests.support.people import Api, Person

ALL = "/api/v2/search"
ACCOUNTS = "/api/v1/accounts/search"


def names(api: Api, query: str, by: Person | None = None, path: str = ACCOUNTS, **parameters: Any) -> list[str]:
    """The names of the accounts found."""
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
    # 1 each for the token, the name and the edges, 0.5 for the index, 0.5 for each profile.
    assert (cost.read_units, cost.write_units, cost.round_trips) == (23.5, 0, 3)


def test_pages_are_of_accounts_and_of_hashtags(api: Api, people: dict[str, Person]) -> None:
    api.post(people["maria"], "#mars #martini #marzipan #march")
    api.deliver()
    first, second = (api.get(ALL, q="mar", limit=3, offset=offset).json for offset in (0, 3))
    assert (len(first["accounts"]), len(second["accounts"])) == (3, 1)
    assert [[tag["name"] for tag in page["hashtags"]] for page in (first, second)] == [
        ["march", "mars", "martini"],
        ["marzipan"],
    ]


def test_a_type_leaves_out_the_others(api: Api, people: dict[str, Person]) -> None:
    api.post(people["maria"], "#mars")
    api.deliver()
    found = {
        kind: [name for name, each in api.get(ALL, q="mar", type=kind).json.items() if each]
        for kind in ("accounts", "hashtags", "statuses")
    }
    assert found == {"accounts": ["accounts"], "hashtags": ["hashtags"], "statuses": []}
    assert api.get(ALL, q="mar", type="people").status == 422


def hashtags(api: Api, query: str, by: Person | None = None) -> list[str]:
    return [tag["name"] for tag in api.get(ALL, by, q=query, type="hashtags").json["hashtags"]]


def test_hashtags_are_found_by_the_beginning_of_their_name_whatever_its_case(api: Api) -> None:
    ada = api.sign_up("ada")
    api.post(ada, "#Maths #mathematics #math #tea #t")
    api.deliver()
    assert hashtags(api, "#MATH") == hashtags(api, "math") == ["math", "mathematics", "maths"]
    assert hashtags(api, "maths") == ["maths"]
    assert hashtags(api, "t") == ["t"]
    for query in ("mathsy", "no tag", "1", "#", "", "é" * 101):
        assert hashtags(api, query) == [], query


def test_ones_own_hashtags_are_found_at_once(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(ada, "#secret_garden", visibility="private")
    assert hashtags(api, "secret", ada) == ["secret_garden"]
    api.deliver()
    assert hashtags(api, "secret", bob) == hashtags(api, "secret") == []


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_a_hashtag_is_found_for_as_long_as_a_message_has_it(api: Api, end: str) -> None:
    ada = api.sign_up("ada")
    brief = api.post(ada, "#passing #staying", expires_in=60)
    api.post(ada, "#staying", expires_in=3600)
    api.deliver()
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == (["passing"], ["staying"])
    if end == "delete":
        api.delete(ada, brief)
    else:
        api.clock.advance(60)
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == ([], ["staying"])


def test_twenty_hashtags_are_found_and_what_that_costs_is_bounded(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(2):
        api.post(ada, " ".join(f"#tag{number}{letter}" for letter in "abcdefghijklmno"))
    api.deliver()
    with metered() as cost:
        assert len(hashtags(api, "tag")) == MAX_HASHTAGS
    assert cost.read_units <= 35


def test_a_message_is_found_by_its_address_for_as_long_as_the_reader_may_see_it(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "x", visibility="private", expires_in=60)

    def found(by: Person | None, **parameters: str) -> list[str]:
        return [each["id"] for each in api.get(ALL, by, q=status["url"], resolve="true", **parameters).json["statuses"]]

    assert (found(ada), found(bob), found(None)) == ([status["id"]], [], [])
    narrowed = [
        {"account_id": ada.id},
        {"max_id": status["id"] + "0"},
        {"min_id": status["id"][:-1]},
        {"account_id": ""},
    ]
    assert [found(ada, **parameters) for parameters in narrowed] == [[status["id"]]] * 4
    others = [{"account_id": bob.id}, {"max_id": status["id"]}, {"min_id": status["id"]}, {"type": "accounts"}]
    assert [found(ada, **parameters) for parameters in others] == [[]] * 4
    api.clock.advance(60)
    assert found(ada) == []


def test_what_clients_send_besides_is_accepted(api: Api, people: dict[str, Person]) -> None:
    everything = {"resolve": "true", "exclude_unreviewed": "true", "account_id": "", "max_id": "", "min_id": ""}
    assert names(api, "mart", people["nora"], path=ALL, **everything) == ["martin"]
    assert names(api, "mart", people["nora"], resolve="1") == ["martin"]


def test_a_token_must_cover_searching(api: Api) -> None:
    api.sign_up("ada")
    for scope, statuses in (("read:search", [200, 403]), ("read:accounts", [403, 200]), ("read", [200, 200])):
        token = api.application_token(scope)
        assert [api.get(path, Person("", "", token), q="ada").status for path in (ALL, ACCOUNTS)] == statuses, scope
