"""The form of the authorization page: its fields, its folded part, and its errors."""

import re

import pytest

from tests.support.people import PASSWORD, Api
from tests.support.visitor import Seen, Visitor


@pytest.fixture
def visitor(api: Api) -> Visitor:
    """A user sent to the page by an application."""
    return Visitor(api)


def test_scopes_are_folded_and_what_is_asked_for_stands_below_the_fields(visitor: Visitor) -> None:
    for page in (visitor.open().page, visitor.open(prompt="create").page):
        tags = [tag for tag, attributes in page.elements if attributes.get("type") != "hidden"]
        assert page.all("details") == [{"class": "scopes"}]
        fields = [place for place, tag in enumerate(tags) if tag == "input"]
        assert len(fields) == 2
        assert fields[-1] < tags.index("details") < tags.index("button")


def test_a_name_reads_with_its_host_while_it_is_typed(visitor: Visitor) -> None:
    html = visitor.open(prompt="create").html
    assert re.search(
        r'<span aria-hidden="true">@</span><input id="username"[^>]*>'
        r'<span aria-hidden="true">@fstream\.test</span>',
        html,
    )


@pytest.mark.parametrize(
    ("username", "password", "status", "wrong", "alert"),
    [
        ("", PASSWORD, 422, ["username"], "Enter your username"),
        (" ", PASSWORD, 422, ["username"], "Enter your username"),
        ("ada", "", 422, ["password"], "Enter your password"),
        ("ada", "wrong horse", 401, ["username", "password"], "The username or password is incorrect"),
        ("nobody", PASSWORD, 401, ["username", "password"], "The username or password is incorrect"),
        ("nobody@fstream.test", PASSWORD, 401, ["username", "password"], "The username or password is incorrect"),
    ],
)
def test_an_error_in_logging_in_is_shown_in_its_place(
    visitor: Visitor, username: str, password: str, status: int, wrong: list[str], alert: str
) -> None:
    visitor.api.sign_up("ada")
    check_form(visitor.log_in(username, password), username, status, wrong, alert)


@pytest.mark.parametrize(
    ("username", "password", "wrong", "alert"),
    [
        ("", PASSWORD, "username", "Username must be 1 to 30 letters a-z, digits and underscores"),
        ("ada lovelace", PASSWORD, "username", "Username must be 1 to 30 letters a-z, digits and underscores"),
        ("a" * 31, PASSWORD, "username", "Username must be 1 to 30 letters a-z, digits and underscores"),
        ("admin", PASSWORD, "username", "Username is reserved"),
        ("ADA", PASSWORD, "username", "Username has already been taken"),
        ("bob", "", "password", "Password must have 8 to 256 characters"),
        ("bob", "1234567", "password", "Password must have 8 to 256 characters"),
        ("bob", "x" * 257, "password", "Password must have 8 to 256 characters"),
    ],
)
def test_an_error_in_signing_up_is_shown_in_its_place(
    visitor: Visitor, username: str, password: str, wrong: str, alert: str
) -> None:
    visitor.api.sign_up("ada")
    check_form(visitor.sign_up(username, password), username, 422, [wrong], alert)


def check_form(seen: Seen, username: str, status: int, wrong: list[str], alert: str) -> None:
    page = seen.page
    assert (seen.status, page.alert) == (status, alert)
    assert page.title.startswith("Error: ")
    assert (page.field("username")["value"], page.field("password")["value"]) == (username, "")
    assert [field["name"] for field in page.all("input") if field.get("aria-invalid") == "true"] == wrong
    distinct = len(wrong) == 1 or alert.count(".")  # a wrong username or password is not distinguished
    first = wrong[0] if distinct else "password"
    assert [field["name"] for field in page.all("input") if "autofocus" in field] == [first]
    assert [alert in page.described(name) for name in wrong] == [True] * len(wrong)
    links = [link["href"] for link in page.all("a") if link["href"].startswith("#")]
    assert links == ([f"#{name}" for name in wrong] if distinct else [])


@pytest.mark.parametrize(
    ("decision", "username", "password", "status", "errors"),
    [
        ("log_in", "", "", 422, {"username": "Enter your username", "password": "Enter your password"}),
        ("log_in", "  ", "", 422, {"username": "Enter your username", "password": "Enter your password"}),
        ("sign_up", "", "", 422, {"username": "Username must be", "password": "Password must have"}),
        ("sign_up", "a b", "x", 422, {"username": "Username must be", "password": "Password must have"}),
        ("sign_up", "admin", "x", 422, {"username": "Username is reserved", "password": "Password must have"}),
        ("sign_up", "ADA", "x", 422, {"username": "already been taken", "password": "Password must have"}),
        ("sign_up", "ada", "x" * 257, 422, {"username": "already been taken", "password": "Password must have"}),
        ("sign_up", "bob", "x", 422, {"password": "Password must have"}),
        ("sign_up", "ada", PASSWORD, 422, {"username": "already been taken"}),
    ],
)
def test_all_errors_are_shown_at_once_beside_their_fields_and_in_a_summary(
    visitor: Visitor, decision: str, username: str, password: str, status: int, errors: dict[str, str]
) -> None:
    visitor.api.sign_up("ada")
    opened = visitor.open(prompt="create" if decision == "sign_up" else "").page
    seen = visitor.submit(opened, decision, username=username, password=password)
    assert seen.status == status
    page = seen.page
    assert [link["href"] for link in page.all("a") if link["href"].startswith("#")] == [f"#{name}" for name in errors]
    for name, words in errors.items():
        assert words in page.alert
        assert words in page.texts[f"{name}-error"]
        assert f"{name}-error" in page.field(name)["aria-describedby"]
        assert page.field(name)["aria-invalid"] == "true"
    assert [field["name"] for field in page.all("input") if "autofocus" in field] == [next(iter(errors))]


def test_a_browser_leaves_the_checks_to_the_server_so_that_all_errors_are_shown(visitor: Visitor) -> None:
    (form,) = visitor.open().page.all("form")
    assert "novalidate" in form


def test_one_may_type_ones_name_with_its_sign(visitor: Visitor) -> None:
    assert visitor.sign_up("@ada", PASSWORD).status == 200
    assert visitor.log_in("ada", PASSWORD).status == 303


@pytest.mark.parametrize(
    ("uri", "is_own"),
    [
        ("https://fstream.test/", True),
        ("https://fstream.test/api/", True),
        ("https://fstream.test/a/b/", True),
        ("https://fstream.test/back", False),
        ("https://fstream.test/back?to=/", False),
        ("https://fstream.test.evil.test/", False),
        ("https://fstream.test@evil.test/", False),
        ("https://fstream.test:444/", False),
    ],
)
def test_the_own_client_is_at_the_root_or_below_a_prefix_of_the_own_origin(api: Api, uri: str, is_own: bool) -> None:
    assert Visitor(api, uri).open().page.title == ("Log in" if is_own else "Log in to use Client")


@pytest.mark.parametrize("prompt", ["", "create"])
def test_to_the_instances_own_client_people_just_log_in_or_sign_up(api: Api, prompt: str) -> None:
    own, other = (Visitor(api, uri).open(prompt=prompt).page for uri in ("https://fstream.test/", "https://a.test/"))
    title = "Sign up" if prompt else "Log in"
    assert (own.title, other.title) == (title, f"{title} to use Client")
    for page, is_own in ((own, True), (other, False)):
        for words in ("Client", "access to your account", "What this app will be able to do", "never sees", "Deny"):
            assert (words in page.text) is not is_own, words
    assert [button["value"] for button in own.all("button")] == [button["value"] for button in other.all("button")]


def test_signing_up_leads_straight_back_to_the_own_client_past_the_recovery_code(api: Api) -> None:
    visitor = Visitor(api, "https://fstream.test/")
    seen = visitor.sign_up("ada", PASSWORD)
    assert re.fullmatch(r"[0-9a-z]{5}(-[0-9a-z]{5}){3}", seen.page.texts["recovery-code"])
    (link,) = [each for each in seen.page.all("a") if each.get("id") == "continue"]
    assert link["href"].startswith("https://fstream.test/?")
    assert "in the app" not in seen.page.text
    back = visitor.log_in("ada", PASSWORD)
    assert back.answer["code"]
    assert "error" in visitor.submit(visitor.open().page, "refuse").answer
