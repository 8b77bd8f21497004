"""The pages on which people see their sessions, change the password and use the recovery code."""

from collections.abc import Callable
from urllib.parse import urljoin

import pytest

from chalicelib import account
from fstream_app.access import guesses
from tests.support.people import PASSWORD, Api, Person
from tests.support.visitor import BROWSER, Page, Seen, Visitor

HOME = "/api/v1/timelines/home"
NEW = "battery staple"
PATHS = (account.SESSIONS, account.PASSWORD, account.NEW_CODE, account.RECOVER)
ADA = {"username": "ada", "password": PASSWORD}


@pytest.fixture
def visitor(api: Api) -> Visitor:
    return Visitor(api, registered={"client_name": "Fern <b>"})


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def submit(visitor: Visitor, page: Page, *chosen: str, **typed: str) -> Seen:
    """Fill in a page's form, tick the chosen boxes, and press its button."""
    (form,) = page.all("form")
    kept = [(field["name"], field["value"]) for field in page.all("input") if field.get("type") != "checkbox"]
    fields = list((dict(kept) | typed).items()) + [("session[]", each) for each in chosen]
    return visitor.browse(form["method"].upper(), form["action"], fields)


def fill_in(visitor: Visitor, path: str, **typed: str) -> Seen:
    return submit(visitor, visitor.browse("GET", path).page, **typed)


def code_on(seen: Seen) -> str:
    return seen.page.texts["recovery-code"]


def boxes(page: Page) -> list[str]:
    return [field["value"] for field in page.all("input") if field.get("type") == "checkbox"]


def log_in(api: Api, password: str = PASSWORD) -> Person | None:
    answer = api.token("password", username="ada", password=password)
    return Person("ada", "", answer.json["access_token"]) if answer.status == 200 else None


def works(api: Api, *sessions: Person | None) -> list[bool]:
    return [each is not None and api.get(HOME, each).status == 200 for each in sessions]


def test_the_overview_leads_to_every_page(visitor: Visitor) -> None:
    links = {urljoin("/account", link["href"]) for link in visitor.browse("GET", "/account").page.all("a")}
    assert links >= set(PATHS)
    assert "./account" in {link["href"] for link in visitor.browse("GET", "/about").page.all("a")}
    assert f"..{account.RECOVER}" in {link["href"] for link in visitor.open().page.all("a")}
    for path in PATHS:
        assert visitor.browse("GET", path).status == 200


def test_a_person_sees_sessions_and_ends_some(visitor: Visitor, ada: Person) -> None:
    fern = Person("", "", visitor.exchange(visitor.log_in("ada", PASSWORD).answer["code"]).json["access_token"])
    visitor.api.clock.advance(3 * 86_400)
    assert works(visitor.api, ada) == [True]
    seen = fill_in(visitor, account.SESSIONS, **ADA)
    assert seen.status == 200
    assert "Fern <b> Began on 1 January 2040. Last used on 1 January 2040." in seen.page.text
    assert "tests Began on 1 January 2040. Last used on 4 January 2040." in seen.page.text
    first, second = boxes(seen.page)
    seen = submit(visitor, seen.page, second, password=PASSWORD)
    assert "Ended: 1 session." in seen.page.text
    assert boxes(seen.page) == [first]
    assert works(visitor.api, ada, fern) == [True, False]
    seen = submit(visitor, seen.page, first, password=PASSWORD)
    assert "not logged in anywhere" in seen.page.text
    assert works(visitor.api, ada) == [False]


def test_ending_a_session_needs_the_password(visitor: Visitor, ada: Person) -> None:
    seen = fill_in(visitor, account.SESSIONS, **ADA)
    failed = submit(visitor, seen.page, *boxes(seen.page), password="wrong")
    assert failed.status == 401
    assert works(visitor.api, ada) == [True]
    bob = visitor.api.sign_up("bob")
    submit(visitor, seen.page, *boxes(seen.page), username=bob.name, password=PASSWORD)
    assert works(visitor.api, ada, bob) == [True, True]


def test_a_person_changes_the_password_and_gets_a_new_recovery_code(visitor: Visitor, ada: Person) -> None:
    seen = fill_in(visitor, account.PASSWORD, **ADA, new_password=NEW)
    assert seen.status == 200
    assert works(visitor.api, ada, log_in(visitor.api), log_in(visitor.api, NEW)) == [False, False, True]
    seen = fill_in(visitor, account.RECOVER, username="@Ada", code=code_on(seen), new_password=PASSWORD)
    assert seen.status == 200
    assert works(visitor.api, log_in(visitor.api, NEW), log_in(visitor.api)) == [False, True]


def test_a_new_user_recovers_with_the_code_of_the_sign_up_page(visitor: Visitor) -> None:
    signed_up = visitor.sign_up("ada", PASSWORD)
    seen = fill_in(visitor, account.RECOVER, username="ada", code=code_on(signed_up), new_password=NEW)
    assert (seen.status, visitor.exchange(signed_up.answer["code"]).status) == (200, 400)
    assert works(visitor.api, log_in(visitor.api, NEW)) == [True]


def test_a_code_on_request_replaces_the_earlier_one(visitor: Visitor, ada: Person) -> None:
    first, second = (code_on(fill_in(visitor, account.NEW_CODE, **ADA)) for _ in range(2))
    seen = fill_in(visitor, account.RECOVER, username="ada", code=first, new_password=NEW)
    assert (seen.status, seen.page.alert) == (401, "The username or recovery code is incorrect")
    assert fill_in(visitor, account.RECOVER, username="ada", code=second, new_password=NEW).status == 200
    assert fill_in(visitor, account.RECOVER, username="ada", code=second, new_password=NEW).status == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_form_is_shown_again_with_the_error_and_without_what_is_secret(
    visitor: Visitor, ada: Person, path: str
) -> None:
    wrong = {"username": "ada", "password": "wrong secret", "code": "wrong-secret", "new_password": NEW}
    shown = {field["name"] for field in visitor.browse("GET", path).page.all("input")}
    seen = fill_in(visitor, path, **{name: text for name, text in wrong.items() if name in shown})
    assert seen.status == 401
    assert seen.page.title.startswith("Error: ")
    assert "incorrect" in seen.page.alert
    assert seen.page.field("username")["value"] == "ada"
    assert not [text for text in ("wrong secret", "wrong-secret", NEW) if text in seen.html]
    blank = fill_in(visitor, path)
    assert (blank.status, blank.page.alert) == (422, "Enter your username")


@pytest.mark.parametrize("path", [account.PASSWORD, account.RECOVER])
def test_a_new_password_has_the_rule_of_the_first(visitor: Visitor, ada: Person, path: str) -> None:
    typed = {"username": "ada", "password": PASSWORD, "code": "x", "new_password": "short"}
    shown = {field["name"] for field in visitor.browse("GET", path).page.all("input")}
    seen = fill_in(visitor, path, **{name: text for name, text in typed.items() if name in shown})
    assert seen.status == 422
    assert "8 to 256 characters" in seen.page.described("new_password")


@pytest.mark.parametrize("path", PATHS)
def test_forms_of_other_sites_are_refused(visitor: Visitor, ada: Person, path: str) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.test"}):
        seen = visitor.browse("POST", path, ADA | {"new_password": NEW}, headers=headers)
        assert (seen.status, "Another website" in seen.page.alert) == (403, True)
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "https://fstream.test"}):
        assert visitor.browse("POST", path, {}, headers=headers).status == 422


@pytest.mark.parametrize("path", ["/account", *PATHS])
def test_the_pages_are_kept_nowhere_framed_by_nobody_and_read_by_no_other_site(visitor: Visitor, path: str) -> None:
    seen = visitor.browse("GET", path, headers={"origin": "https://evil.test"})
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert "frame-ancestors 'none'" in seen.headers["Content-Security-Policy"]
    assert seen.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in seen.headers
    assert "<script" not in seen.html


def test_password_managers_find_the_fields(visitor: Visitor) -> None:
    page = visitor.browse("GET", account.PASSWORD).page
    asked = {name: page.field(name)["autocomplete"] for name in ("username", "password", "new_password")}
    assert asked == {"username": "username", "password": "current-password", "new_password": "new-password"}


def test_nothing_typed_is_read_from_the_address(visitor: Visitor, ada: Person) -> None:
    seen = visitor.browse("POST", f"{account.SESSIONS}?username=ada&password={PASSWORD}", {})
    assert (seen.status, seen.page.alert) == (422, "Enter your username")


@pytest.fixture
def limited(configure: Callable[..., None]) -> None:
    configure(
        rate_limits="on",
        trusted_proxies="1",
        rate_log_ins="1000000/300",
        rate_requests="1000000/300",
        rate_wrong_passwords="10/86400",
    )


def from_address(visitor: Visitor, source: str, path: str, **typed: str) -> int:
    headers = {"x-forwarded-for": f"{source}, 130.176.0.1", "accept": BROWSER}
    return visitor.browse("POST", path, typed, headers=headers).status


@pytest.mark.usefixtures("limited")
def test_a_stranger_who_guesses_codes_is_slowed_down_and_keeps_nobody_from_recovering(visitor: Visitor) -> None:
    code = code_on(visitor.sign_up("ada", PASSWORD))
    wrong = {"username": "ada", "code": "wrong", "new_password": NEW}
    statuses = [from_address(visitor, "192.0.2.1", account.RECOVER, **wrong) for _ in range(7)]
    assert statuses == [401] * guesses.FREE + [429] * 2
    for number in range(12):  # from more addresses than an account allows wrong passwords
        assert from_address(visitor, f"10.0.0.{number}", account.RECOVER, **wrong) == 401
    assert from_address(visitor, "198.51.100.7", account.RECOVER, **wrong | {"code": code}) == 200


@pytest.mark.usefixtures("limited")
def test_an_owner_who_has_tried_many_passwords_may_still_use_the_code(visitor: Visitor) -> None:
    code = code_on(visitor.sign_up("ada", PASSWORD))
    tried = [from_address(visitor, "192.0.2.1", account.NEW_CODE, username="ada", password="wrong") for _ in range(7)]
    assert tried[-1] == 429
    typed = {"username": "ada", "code": code, "new_password": NEW}
    assert from_address(visitor, "192.0.2.1", account.RECOVER, **typed) == 200
