"""Accounts through the API: signing up, and finding and showing users."""

from collections.abc import Callable
from typing import Any

from tests.support.people import PASSWORD, Answer, Api, Person, stored

ME = "/api/v1/accounts/verify_credentials"
ACCOUNT_FIELDS = set(
    "id username acct display_name note url uri avatar avatar_static header header_static locked bot created_at "
    "followers_count following_count statuses_count emojis fields group last_status_at".split()
)


def sign_up(api: Api, **fields: object) -> Answer:
    headers = {"authorization": f"Bearer {api.application_token()}"}
    values = {"username": "ada", "password": PASSWORD, "agreement": True} | fields
    return api.request("POST", "/api/v1/accounts", headers=headers, json=values)


def test_a_name_of_1_to_30_letters_digits_and_underscores_is_taken_in_lower_case(api: Api) -> None:
    for name in ("a", "ADA_99", "x" * 30):
        answer = sign_up(api, username=name)
        assert answer.json["token_type"] == "Bearer"
        assert api.get(ME, Person("", "", answer.json["access_token"])).json["username"] == name.lower()


def test_other_names_are_refused(api: Api) -> None:
    names = ["", "x" * 31, "a b", "a-b", "a.b", "é", "ada\n", "@ada", "a@b", "../x", "admin", "API", 7, None]
    assert {name: sign_up(api, username=name).status for name in names} == dict.fromkeys(names, 422)


def test_a_letter_that_only_looks_like_one_of_a_to_z_is_none(api: Api) -> None:
    kelvin = "\u212a"
    assert sign_up(api, username=f"{kelvin}ate").status == 422


def test_a_name_is_given_once_whatever_its_case(api: Api) -> None:
    assert sign_up(api, username="Ada").status == 200
    assert sign_up(api, username="aDA").json["details"]["username"][0]["error"] == "ERR_TAKEN"


def test_a_password_has_8_to_256_characters_and_all_of_them_count(api: Api) -> None:
    lengths = {7: 422, 8: 200, 256: 200, 257: 422}
    assert {n: sign_up(api, username=f"user{n}", password="é" * n).status for n in lengths} == lengths
    logins = {255: 400, 256: 200, 257: 400}
    assert {n: api.token("password", username="user256", password="é" * n).status for n in logins} == logins


def test_an_email_address_is_accepted_and_stored_nowhere(api: Api) -> None:
    assert sign_up(api, email="lovelace@engine.example").status == 200
    assert "ada" in str(stored())
    assert [part for part in ("lovelace", "engine.example") if part in str(stored())] == []


def test_who_does_not_agree_is_not_signed_up(api: Api) -> None:
    assert sign_up(api, agreement=False).status == 422
    assert sign_up(api, agreement=True).status == 200


def test_signing_up_needs_the_token_of_an_application(api: Api) -> None:
    fields = {"username": "ada", "password": PASSWORD}
    assert api.request("POST", "/api/v1/accounts", json=fields).status == 401
    reader = {"authorization": f"Bearer {api.application_token('read')}"}
    assert api.request("POST", "/api/v1/accounts", json=fields, headers=reader).status == 403


def test_a_closed_instance_takes_nobody(api: Api, configure: Callable[..., None]) -> None:
    configure(registrations="off")
    assert sign_up(api).status == 403


def test_an_account_has_the_fields_that_clients_need(api: Api) -> None:
    ada = api.sign_up("ada")
    account = api.get(f"/api/v1/accounts/{ada.id}").json
    assert account.keys() >= ACCOUNT_FIELDS
    assert account["url"] == "https://fstream.test/@ada"
    assert account["created_at"] == "2040-01-01T00:00:00.000Z"
    mine = api.get(ME, ada).json
    assert mine.keys() >= ACCOUNT_FIELDS
    defaults = {"privacy": "public", "sensitive": False, "language": None, "note": "", "expires_in": None}
    assert mine["source"] == defaults | {
        "fields": [],
        "follow_requests_count": 0,
        "discoverable": True,
        "hide_collections": False,
        "expires_in_by_visibility": dict.fromkeys(("public", "unlisted", "private", "direct")),
        "lifetime_in_text": True,
        "private_counts": False,
        "quote_policy": "public",
        "thread_ends_together": False,
    }


def test_an_account_is_found_by_name_with_or_without_the_host(api: Api) -> None:
    ada = api.sign_up("ada")
    names = ["ada", "@ada", "Ada", "ada@fstream.test", "@ADA@Fstream.Test"]
    found = {name: api.get("/api/v1/accounts/lookup", acct=name).json.get("id") for name in names}
    assert found == dict.fromkeys(names, ada.id)


def test_lookup_and_show_find_nobody_else(api: Api) -> None:
    api.sign_up("ada")
    names = ["bob", "", "@", "ada@elsewhere.test", "ada@fstream.test@x", "a" * 31, "ad a", "%00"]
    assert {name: api.get("/api/v1/accounts/lookup", acct=name).status for name in names} == dict.fromkeys(names, 404)
    assert api.get("/api/v1/accounts/lookup").status == 422
    unknown = ["0" * 13, "x", "ada", "@ada", "0" * 26]
    assert {each: api.get(f"/api/v1/accounts/{each}").status for each in unknown} == dict.fromkeys(unknown, 404)


def test_the_count_of_statuses_is_that_of_the_live_ones(api: Api) -> None:
    ada = api.sign_up("ada")
    for lifetime in (60, 120, 180):
        api.post(ada, "x", expires_in=lifetime)
    deleted = api.post(ada, "x")
    api.deliver()
    counts = [api.get(ME, ada).json["statuses_count"]]
    api.delete(ada, deleted)
    api.deliver()
    counts.append(api.get(ME, ada).json["statuses_count"])
    api.clock.advance(60)
    counts.append(api.get(ME, ada).json["statuses_count"])
    assert counts == [4, 3, 2]


def test_several_accounts_are_shown_in_the_order_asked(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked: dict[str, Any] = {"id[]": [bob.id, ada.id, bob.id, "x", "0" * 13]}
    assert [each["acct"] for each in api.get("/api/v1/accounts", **asked).json] == ["bob", "ada"]
    for number, status in ((40, 200), (41, 422)):
        answer = api.get("/api/v1/accounts", ada, **{"id[]": [f"{n:013}" for n in range(number)]})
        assert answer.status == status


def test_direct_messages_are_not_counted_for_others(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    for visibility in ("public", "unlisted", "private", "direct"):
        api.post(ada, "@bob", visibility=visibility)
    api.deliver()
    assert api.get(f"/api/v1/accounts/{ada.id}", bob).json["statuses_count"] == 3
