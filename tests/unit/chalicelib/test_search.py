"""The search endpoints: pages of accounts and hashtags together, messages by their address, scopes."""

import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import addresses
from tests.support.people import Api, Person

ALL = "/api/v2/search"
ACCOUNTS = "/api/v1/accounts/search"


@pytest.fixture
def people(api: Api) -> dict[str, Person]:
    return {name: api.sign_up(name) for name in ("maria", "mark", "martin", "mar", "m", "ma_2", "nora")}


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


OWN = [
    "{}",
    " {}\n",
    "{}/",
    "{}//",
    "{}?utm_source=x",
    "{}?a=https://elsewhere.test/@x/y",
    "{}#part",
    "{}/?a=b#part",
]
"""Ways to write an address besides its scheme and host."""
ORIGINS = [
    "https://fstream.test",
    "http://fstream.test",
    "HTTPS://FSTREAM.TEST",
    "https://Fstream.Test",
    "https://fstream.test:443",
    "http://fstream.test:80",
    "//fstream.test",
    "fstream.test",
]
ELSEWHERE = [
    "https://elsewhere.test",
    "https://fstream.test.elsewhere.test",
    "https://xfstream.test",
    "https://fstream.test:8443",
    "https://fstream.test@elsewhere.test",
    "https://elsewhere.test/fstream.test",
    "ftp://fstream.test",
]


def results(api: Api, address: str) -> tuple[list[str], list[str], list[str]]:
    answer = api.get(ALL, q=address, resolve="true", type="")
    assert answer.status == 200
    found = answer.json
    return (
        [account["acct"] for account in found["accounts"]],
        [tag["name"] for tag in found["hashtags"]],
        [status["id"] for status in found["statuses"]],
    )


def test_the_instances_own_addresses_are_found_however_they_are_written(api: Api) -> None:
    ada, _ = api.sign_up("ada"), api.sign_up("adam")
    status = api.post(ada, "#mars #marsh #grün")
    api.deliver()
    wanted: dict[str, tuple[list[str], list[str], list[str]]] = {
        "/@ada": (["ada"], [], []),
        "/@ADA": (["ada"], [], []),
        "/%40ada": (["ada"], [], []),
        "/@ada@fstream.test": (["ada"], [], []),
        f"/@ada/{status['id']}": ([], [], [status["id"]]),
        f"/%40ada/{status['id']}": ([], [], [status["id"]]),
        "/tags/mars": ([], ["mars"], []),
        "/tags/MARS": ([], ["mars"], []),
        "/tags/gr%C3%BCn": ([], ["grün"], []),
        "/tags/grün": ([], ["grün"], []),
    }
    for path, found in wanted.items():
        for origin in ORIGINS:
            assert results(api, origin + path) == found, origin + path
        for template in OWN:
            assert results(api, template.format(f"https://fstream.test{path}")) == found, template
    assert results(api, status["url"])[2] == [status["id"]]


def test_a_message_is_found_by_its_address_only_with_its_authors_name(api: Api) -> None:
    status = api.post(api.sign_up("ada"), "x")
    api.sign_up("bob")
    for name in ("ada", "ADA", "ada@fstream.test", "bob", "wrong", "ada@x.test", ""):
        found = results(api, f"https://fstream.test/@{name}/{status['id']}")[2]
        assert bool(found) == (name in {"ada", "ADA", "ada@fstream.test"}), name


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_other_addresses_are_not_the_instances_own(api: Api, origin: str) -> None:
    status = api.post(api.sign_up("ada"), "#mars")
    api.deliver()
    for path in ("/@ada", f"/@ada/{status['id']}", "/tags/mars"):
        assert results(api, origin + path) == ([], [], []), origin + path


@pytest.mark.parametrize("path", ["", "/", "/ada", "/tags", "/tags/", "/tags/a b", "/@", "/@ada/1", "/@ada/x/y", "/%"])
def test_an_own_address_that_leads_nowhere_finds_nothing(api: Api, path: str) -> None:
    api.sign_up("ada")
    assert results(api, f"https://fstream.test{path}") == ([], [], [])


def test_the_default_port_of_the_instance_makes_no_difference(configure: Callable[..., None]) -> None:
    configure(base_url="https://Fstream.test:443")
    assert addresses.own_path("https://fstream.test/@ada/") == ("@ada",)
    configure(base_url="http://127.0.0.1:8000")
    assert addresses.own_path("http://127.0.0.1:8000/@ada?x") == ("@ada",)
    assert addresses.own_path("http://127.0.0.1/@ada") is None


@given(st.text("htps:/@.#?fream%2 \n", max_size=40))
def test_any_text_is_an_own_address_or_not(text: str) -> None:
    path = addresses.own_path(text)
    assert path is None or all(path)


def test_a_long_text_is_read_in_linear_time() -> None:
    began = time.process_time()
    for text in ("/" * 10**6, "https://fstream.test" + "/" * 10**6, "?" * 10**6, "a" * 10**6, "a/" * 10**6 + " "):
        addresses.own_path(text)
    assert time.process_time() - began < 5


def test_cursors_of_a_search_that_are_not_ids_are_below_everything(api: Api) -> None:
    status = api.post(api.sign_up("ada"), "x")
    for number in ("0", "1", "109000000000000000", "z", "x" * 26):
        for cursor in ("min_id", "max_id"):
            found = api.get(f"{ALL}?{urlencode({cursor: number, 'q': status['url']})}").json["statuses"]
            assert [each["id"] for each in found] == [status["id"]], (cursor, number)


def test_what_clients_send_besides_is_accepted(api: Api, people: dict[str, Person]) -> None:
    everything = {"resolve": "true", "exclude_unreviewed": "true", "account_id": "", "max_id": "", "min_id": ""}
    reader = people["nora"]
    together = api.get(ALL, reader, q="mart", **everything).json["accounts"]
    alone = api.get(ACCOUNTS, reader, q="mart", resolve="1").json
    assert [[each["username"] for each in found] for found in (together, alone)] == [["martin"]] * 2


def test_a_token_must_cover_searching(api: Api) -> None:
    api.sign_up("ada")
    for scope, statuses in (("read:search", [200, 403]), ("read:accounts", [403, 200]), ("read", [200, 200])):
        token = api.application_token(scope)
        assert [api.get(path, Person("", "", token), q="ada").status for path in (ALL, ACCOUNTS)] == statuses, scope
