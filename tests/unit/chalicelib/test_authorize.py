"""The page on which users authorize an application."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from chalicelib import consent
from chalicelib.languages import en
from fstream_app.access import oauth
from fstream_app.access.authorization import Callback
from fstream_app.access.oauth import OUT_OF_BAND
from fstream_app.people import names, users
from tests.support.people import PASSWORD, Api, Person
from tests.support.visitor import PATH, REDIRECT_URI, STATE, Seen, Visitor

SCOPES = en.LANGUAGE.scopes
CODE = "([0-9a-z]{5}-){3}[0-9a-z]{5}"


@pytest.fixture
def visitor(api: Api) -> Visitor:
    """A user sent to the page by an application."""
    return Visitor(api)


def is_failure(seen: Seen) -> bool:
    """Return whether it is an error page without a form or a redirect."""
    page = seen.page
    return seen.status == 422 and "Location" not in seen.headers and not page.all("form") and "went wrong" in page.title


def test_the_page_shows_who_asks_for_what_and_where_one_ends_up(api: Api) -> None:
    visitor = Visitor(api, registered={"client_name": "Fern", "website": "https://fern.test/about"})
    seen = visitor.open()
    assert seen.status == 200
    assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert seen.page.title == "Log in to use Fern"
    assert {"href": "https://fern.test/about", "rel": "noopener noreferrer nofollow"} in seen.page.all("a")
    for text in ("Fern", "fern.test", "fstream.test", "client.test", SCOPES["read"], SCOPES["write"]):
        assert text in seen.page.text


def test_scopes_that_allow_nothing_here_say_so() -> None:
    supported = {
        route.scope
        for blueprint in app.BLUEPRINTS
        for route in blueprint.routes
        if route.scope and not blueprint.module.endswith((".unsupported", ".empty"))
    }
    groups = {"read", "write", "follow", "profile"}
    promised = {scope for scope, words in SCOPES.items() if not words.endswith("(not supported here)")}
    assert promised == supported | groups


def test_every_scope_is_described_in_plain_words() -> None:
    assert SCOPES.keys() == oauth.SCOPES
    assert len(set(SCOPES.values())) == len(SCOPES)


def test_what_another_scope_includes_is_not_repeated() -> None:
    words = SCOPES
    for asked, expected in (
        (("read", "read:search", "write:blocks"), {"Read": ["read"], "Change": ["write:blocks"]}),
        (("read", "write", "follow"), {"Read": ["read"], "Change": ["write"]}),
        (("read", "follow"), {"Read": ["read"], "Change": ["follow"]}),
        (("follow", "read:mutes", "profile", "read:accounts"), {"Read": ["read:accounts"], "Change": ["follow"]}),
        (("push", "profile"), {"Read": ["profile"], "Other": ["push"]}),
    ):
        described = {heading: [words[scope] for scope in scopes] for heading, scopes in expected.items()}
        assert consent.in_words(asked) == described


def test_a_scope_less_than_registered_is_shown_alone(visitor: Visitor) -> None:
    page = visitor.open(scope="read:search").page
    assert SCOPES["read:search"] in page.text
    assert SCOPES["write"] not in page.text


def test_without_a_scope_all_that_is_registered_is_asked_for(visitor: Visitor) -> None:
    page = visitor.open(without="scope").page
    assert SCOPES["write"] in page.text


def test_who_logs_in_is_sent_back_with_a_code(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    seen = visitor.log_in("ada", PASSWORD)
    assert (seen.status, seen.html) == (303, "")
    assert seen.location.startswith(f"{REDIRECT_URI}?code=")
    assert seen.answer.keys() == {"code", "state", "iss"}
    assert (seen.answer["state"], seen.answer["iss"]) == (STATE, "https://fstream.test")
    token = visitor.exchange(seen.answer["code"]).json
    account = visitor.api.get("/api/v1/accounts/verify_credentials", Person("", "", token["access_token"])).json
    assert (account["username"], token["scope"]) == ("ada", "read write")


def test_who_signs_up_sees_the_recovery_code_and_goes_on_with_a_code(visitor: Visitor) -> None:
    seen = visitor.sign_up(" Ada ", PASSWORD)
    assert (seen.status, seen.headers["Cache-Control"]) == (200, "private, no-store")
    assert re.fullmatch(CODE, seen.page.texts["recovery-code"])
    assert seen.location.startswith(f"{REDIRECT_URI}?code=")
    token = visitor.exchange(seen.answer["code"]).json
    account = visitor.api.get("/api/v1/accounts/verify_credentials", Person("", "", token["access_token"])).json
    assert account["username"] == "ada"
    assert visitor.log_in("@ada@fstream.test ", PASSWORD).status == 303


def test_who_refuses_is_sent_back_without_one(visitor: Visitor) -> None:
    for page in (visitor.open().page, visitor.open(prompt="create").page):
        seen = visitor.submit(page, "refuse", username="ada")
        assert seen.status == 303
        assert seen.answer == {
            "error": "access_denied",
            "error_description": "Access was denied",
            "state": STATE,
            "iss": "https://fstream.test",
        }


def test_logging_in_and_signing_up_lead_to_one_another(visitor: Visitor) -> None:
    there = next(link["href"] for link in visitor.open().page.all("a") if "prompt=create" in link["href"])
    signing_up = visitor.browse("GET", there).page
    assert signing_up.title == "Sign up to use Client"
    assert str(users.MIN_PASSWORD) in signing_up.described("password")
    back = next(link["href"] for link in signing_up.all("a") if link["href"].startswith("?"))
    assert visitor.browse("GET", back).page.text == visitor.open().page.text
    assert visitor.submit(signing_up, "sign_up", username="ada", password=PASSWORD).answer["state"] == STATE


def test_there_is_no_signing_up_where_there_are_no_registrations(
    visitor: Visitor, configure: Callable[..., None]
) -> None:
    earlier = visitor.open(prompt="create").page
    configure(registrations="off")
    for page in (visitor.open().page, visitor.open(prompt="create").page):
        assert [button["value"] for button in page.all("button")] == ["log_in", "refuse"]
        assert "Sign up" not in page.text
    seen = visitor.submit(earlier, "sign_up", username="ada", password=PASSWORD)
    assert (seen.status, seen.page.alert) == (403, "This instance does not accept new accounts")


def test_after_an_error_one_goes_on_where_one_was(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    seen = visitor.log_in("ada", "wrong horse")
    seen = visitor.submit(seen.page, "log_in", username="ada", password=PASSWORD)
    assert (seen.status, seen.answer["state"]) == (303, STATE)
    seen = visitor.sign_up("bob", "short")
    assert visitor.submit(seen.page, "sign_up", username="bob", password=PASSWORD).answer["code"]


def test_who_wants_a_name_that_is_taken_sees_free_ones_like_it(visitor: Visitor) -> None:
    longest = "a" * names.MAX_LENGTH
    for taken in ("ada", "ada2", longest):
        visitor.api.sign_up(taken)
    seen = visitor.sign_up("Ada", PASSWORD)
    assert seen.status == 422
    assert "Free right now: ada_, ada7, ada_too." in seen.page.described("username")
    for typed in ("ada7", longest[:-1] + "_"):
        assert visitor.submit(seen.page, "sign_up", username=typed, password=PASSWORD).answer["code"]
        seen = visitor.sign_up(longest, PASSWORD)
        assert longest[:-1] + "2" in seen.page.described("username")
    assert "Free right now" not in visitor.sign_up("admin", PASSWORD).page.text


def test_every_field_has_a_label_and_every_page_its_structure(visitor: Visitor) -> None:
    pages = [visitor.open(), visitor.open(prompt="create"), visitor.open(client_id="x"), visitor.log_in("a", "b")]
    pages.append(visitor.sign_up("about", PASSWORD))
    for page in [seen.page for seen in pages]:
        shown = [field for field in page.all("input") if field.get("type") != "hidden"]
        assert [field["id"] for field in shown] == [label["for"] for label in page.all("label")]
        named = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
        pointed_at = {part for field in shown for part in field.get("aria-describedby", "").split()}
        assert pointed_at <= named
        assert page.all("html") == [{"lang": "en"}]
        assert len(page.all("h1")) == len(page.all("main")) == 1
        assert page.title
        assert not page.all("script")


def test_password_managers_know_the_fields(visitor: Visitor) -> None:
    for parameters, password in (({}, "current-password"), ({"prompt": "create"}, "new-password")):
        page = visitor.open(**parameters).page
        assert [page.field(name)["autocomplete"] for name in ("username", "password")] == ["username", password]
        assert page.field("password")["type"] == "password"
        assert page.all("button")[0]["value"] != "refuse"  # Enter presses the first button


@pytest.mark.parametrize(
    "redirect_uri",
    ["myapp://callback", "com.example.app:/cb", "myapp:cb", "http://127.0.0.1:8123/", "http://[::1]:8123/cb"],
)
def test_native_applications_are_called_back(api: Api, redirect_uri: str) -> None:
    visitor = Visitor(api, redirect_uri)
    seen = visitor.sign_up("ada", PASSWORD)
    assert seen.location.startswith(f"{redirect_uri}?code=")
    assert visitor.exchange(seen.answer["code"]).status == 200


def test_an_application_without_an_address_gets_its_code_by_hand(api: Api) -> None:
    visitor = Visitor(api, OUT_OF_BAND)
    assert "You will get a code" in visitor.open().page.text
    seen = visitor.sign_up("ada", PASSWORD)
    assert seen.status == 200
    assert "Location" not in seen.headers
    (code,) = [part for part in seen.page.text.split() if len(part) == 43]
    assert visitor.exchange(code).status == 200
    refused = visitor.submit(visitor.open().page, "refuse")
    assert (refused.status, "Access was denied" in refused.page.text) == (400, True)


@given(
    address=st.sampled_from(["https://a.test", "https://a.test/cb", "myapp://cb", "com.example.app:/cb"]),
    query=st.lists(st.tuples(st.text("ab", min_size=1), st.text("cd", min_size=1))),
    ending=st.sampled_from(["", "&"]),
    state=st.text(),
    code=st.text(min_size=1),
)
def test_an_answer_is_added_to_what_the_redirect_uri_has(
    address: str, query: list[tuple[str, str]], ending: str, state: str, code: str
) -> None:
    redirect_uri = f"{address}?{'&'.join(f'{name}={value}' for name, value in query)}{ending if query else ''}"
    state = state.encode("utf-8", "ignore").decode()
    code = code.encode("utf-8", "replace").decode()
    answered = Callback(redirect_uri, state).address(code=code)
    assert answered.startswith(redirect_uri)
    assert answered.isascii()
    assert answered.isprintable()
    expected = [*query, ("code", code), *([("state", state)] if state else []), ("iss", "https://fstream.test")]
    assert parse_qsl(urlsplit(answered).query) == expected


def test_without_a_state_none_comes_back(visitor: Visitor) -> None:
    for page in (visitor.open(without="state").page, visitor.open(state="").page):
        assert visitor.submit(page, "refuse").answer.keys() == {"error", "error_description", "iss"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ""},
        {"client_id": "unknown"},
        {"client_id": "x" * 5000},
        {"redirect_uri": ""},
        {"redirect_uri": "https://elsewhere.test/back"},
        {"redirect_uri": f"{REDIRECT_URI}/"},
        {"redirect_uri": f"{REDIRECT_URI}?x=1"},
        {"redirect_uri": f"{REDIRECT_URI}#"},
        {"redirect_uri": "https://CLIENT.test/back"},
        {"redirect_uri": "https://client.test/back/../back"},
        {"redirect_uri": "https://client.test"},
        {"redirect_uri": OUT_OF_BAND},
        {"state": "x" * 2001},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_applications_own(visitor: Visitor, wrong: dict[str, str]) -> None:
    assert is_failure(visitor.open(**wrong))
    assert is_failure(visitor.submit(visitor.open().page, "refuse", **wrong))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_client_and_redirect_uri_must_be_given(visitor: Visitor, name: str) -> None:
    seen = visitor.open(without=name)
    assert is_failure(seen)
    assert f"has no {name}" in seen.page.text


def test_a_state_has_at_most_2000_characters(visitor: Visitor) -> None:
    state = "é" * 2000
    seen = visitor.submit(visitor.open(state=state).page, "refuse")
    assert seen.answer["state"] == state
    assert is_failure(visitor.open(state=state + "x"))


def test_a_request_without_a_challenge_is_a_request(visitor: Visitor) -> None:
    asked = {name: value for name, value in visitor.request.items() if not name.startswith("code_challenge")}
    seen = visitor.browse("POST", PATH, asked | {"decision": "sign_up", "username": "ada", "password": PASSWORD})
    assert visitor.exchange(seen.answer["code"], code_verifier="").status == 200


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_client_and_redirect_uri_are_given_once(visitor: Visitor, name: str) -> None:
    seen = visitor.open((name, visitor.request[name]))
    assert is_failure(seen)
    assert f"more than one {name}" in seen.page.text


def test_a_malformed_form_is_refused(visitor: Visitor) -> None:
    assert is_failure(visitor.open(("state[]", "x"), without="state"))
    assert is_failure(visitor.browse("POST", PATH, visitor.request))  # without a decision
    assert is_failure(visitor.browse("POST", PATH, visitor.request | {"decision": "both"}))


def test_what_other_servers_take_is_taken(visitor: Visitor) -> None:
    expected = visitor.open().page.text
    assert visitor.open(force_login="true", lang="tlh", prompt="login", unknown="x").page.text == expected


def test_what_is_in_the_address_of_the_form_is_not_read(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    fields = visitor.request | {"decision": "log_in", "username": "ada"}
    assert visitor.browse("POST", f"{PATH}?password=correct+horse", fields).status == 422
    assert visitor.browse("POST", f"{PATH}?password=x", fields | {"password": PASSWORD}).status == 303


def test_a_limit_that_is_used_up_is_shown_on_the_page(visitor: Visitor, configure: Callable[..., None]) -> None:
    visitor.api.sign_up("ada")
    configure(rate_limits="on", rate_wrong_passwords="1/300")
    assert visitor.log_in("ada", "wrong horse").status == 401
    seen = visitor.log_in("ada", PASSWORD)
    assert seen.status == 429
    assert "Too many wrong passwords" in seen.page.alert
    assert seen.page.field("username")["value"] == "ada"
    assert int(seen.headers["Retry-After"]) > 0
    visitor.api.clock.advance(300)
    assert visitor.submit(seen.page, "log_in", username="ada", password=PASSWORD).status == 303


def test_a_defect_is_shown_as_an_error_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    form = visitor.open().page
    monkeypatch.setattr(users, "authenticate", lambda *_: 1 / 0)
    seen = visitor.submit(form, "log_in", username="ada", password=PASSWORD)
    assert (seen.status, seen.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "The server made an error" in seen.page.text


@pytest.mark.parametrize("more", [{}, {"prompt": "create"}, {"lang": "de"}])
def test_the_page_leads_on_below_any_prefix(visitor: Visitor, more: dict[str, str]) -> None:
    page = visitor.open(**more).page
    led = [page.all("form")[0]["action"], *(link["href"] for link in page.all("a") if "client_id" in link["href"])]
    assert len(led) == 2
    for each in led:
        assert urlsplit(urljoin(f"https://fstream.test/stage{PATH}", each)).path == f"/stage{PATH}"
