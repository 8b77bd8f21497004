"""The search endpoints: pages of accounts and hashtags together, messages by their address, scopes."""

import pytest

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
