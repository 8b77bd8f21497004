"""Security of the authorization page: redirects, content security policy, escaping, secrets."""

import logging
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app import app
from fstream_app.core.cleaning import one_line
from tests.security.attacks import ATTACKS
from tests.support.people import Api, stored
from tests.support.visitor import PATH, REDIRECT_URI, STATE, Seen, Visitor

PASSWORD = "unspeakable password"
ELEMENTS = frozenset(
    "html body meta title link style header main footer svg path div span h1 h2 p a b bdi ul li details summary form "
    "input label button code".split()
)
"""The elements that pages may contain."""


@pytest.fixture
def visitor(api: Api) -> Visitor:
    """A user sent to the page by an application."""
    return Visitor(api)


def policy(seen: Seen) -> dict[str, list[str]]:
    directives = [part.split() for part in seen.headers["Content-Security-Policy"].split(";")]
    assert len({directive[0] for directive in directives}) == len(directives)
    return {directive[0]: directive[1:] for directive in directives}


def all_pages(visitor: Visitor) -> list[Seen]:
    return [
        visitor.open(),
        visitor.open(prompt="create"),
        visitor.open(client_id="unknown"),
        visitor.open(("state[]", "x")),
        visitor.log_in("ada", "wrong"),
        visitor.sign_up("admin", PASSWORD),
        Visitor(visitor.api, "urn:ietf:wg:oauth:2.0:oob").sign_up("ada", PASSWORD),
        visitor.browse("GET", "/about"),
        *(visitor.browse("GET", path) for path in pages_with(visitor.api, "x", "attacker")),
        *(visitor.browse("GET", path) for path in ("/@nobody", "/no/such", "/tags/-", "/x")),
    ]


def pages_with(api: Api, attack: str, name: str) -> list[str]:
    """Write this as a new user, wherever possible; return the paths of the pages that show it."""
    person = api.sign_up(name)
    fields = [{"name": attack[:255], "value": attack[:255]}]
    profile = {"note": attack, "display_name": attack[:30], "fields_attributes": fields}
    api.request("PATCH", "/api/v1/accounts/update_credentials", person, json=profile)
    status = api.post(person, f"#tag {attack}", spoiler_text=attack)
    reply = api.post(person, f"{attack} #tag", in_reply_to_id=status["id"])
    api.deliver()
    return [f"/@{name}", "/tags/tag", f"/@{name}/{status['id']}", f"/@{name}/{reply['id']}"]


def test_a_page_loads_nothing_runs_nothing_and_stands_in_no_frame(visitor: Visitor) -> None:
    start = visitor.browse("GET", "/about")
    for seen in all_pages(visitor):
        allowed = policy(seen)
        assert allowed["default-src"] == allowed["base-uri"] == allowed["frame-ancestors"] == ["'none'"]
        assert allowed["img-src"] == ["'self'"]
        assert [source[:8] for source in allowed["style-src"]] == ["'sha256-"]
        assert allowed.keys() == {
            "default-src",
            "base-uri",
            "frame-ancestors",
            "img-src",
            "style-src",
            "form-action",
        }
        assert seen.headers["X-Frame-Options"] == "DENY"
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        # Only the page about the instance, which is the same for everybody, may be kept.
        assert ("no-store" in seen.headers["Cache-Control"]) == (seen.html != start.html)
        assert "<script" not in seen.html
        assert not [name for _, attributes in seen.page.elements for name in attributes if name.startswith("on")]


def test_the_redirect_is_not_cached_and_sends_no_referrer(visitor: Visitor) -> None:
    seen = visitor.sign_up("ada", PASSWORD)
    assert "no-store" in seen.headers["Cache-Control"]
    assert seen.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("https://client.test/back?x=1", "https://client.test"),
        ("http://127.0.0.1:8123/cb", "http://127.0.0.1:8123"),
        ("https://user@client.test/", "https://client.test"),
        ("https://client.test@evil.test/", "https://evil.test"),
        ("http://[::1]:8123/cb", "http:"),
        ("https://a.test;script-src/", "https:"),
        ("https://a.test,b.test/", "https:"),
        ("https://*/", "https:"),
        ("https://'unsafe-inline'/", "https:"),
        ("HTTPS://CLIENT.test/", "https://CLIENT.test"),
        ("myapp://callback", "myapp:"),
        ("com.example.app:/cb", "com.example.app:"),
        ("urn:ietf:wg:oauth:2.0:oob", None),
    ],
)
def test_the_form_leads_here_and_to_the_application_alone(api: Api, redirect_uri: str, source: str | None) -> None:
    visitor = Visitor(api, redirect_uri)
    assert policy(visitor.open())["form-action"] == ["'self'", *([source] if source else [])]
    assert policy(visitor.open(client_id="unknown"))["form-action"] == ["'none'"]


def test_what_a_redirect_uri_says_it_is_shown_without_a_name_that_looks_like_a_host(api: Api) -> None:
    page = Visitor(api, "https://bank.test@evil.test/").open().page
    assert "You will be sent to evil.test." in page.text
    assert "bank.test" not in page.text


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_is_sent_is_markup(api: Api, attack: str) -> None:
    registered = {"client_name": attack, "website": f"https://a.test/{quote(attack)}"}
    visitor = Visitor(api, registered=registered)
    typed = visitor.submit(visitor.open(state=attack).page, "log_in", username=attack, password=attack)
    wrong = visitor.open(client_id=attack)
    german = visitor.open(state=attack, lang="de")
    for seen in (visitor.open(state=attack, prompt="create"), typed, wrong, german):
        page = seen.page
        assert {tag for tag, _ in page.elements} <= ELEMENTS
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        own = ("../", "?", "#", "https://a.test/")
        assert [link for link in page.all("a") if not link["href"].startswith(own)] == []
        assert len(page.all("svg")) == 1
    assert (typed.page.field("username")["value"], typed.page.field("state")["value"]) == (attack, attack)
    assert typed.page.title == f"Error: Log in to use {one_line(attack)}"


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_people_write_is_markup_on_a_page(api: Api, attack: str) -> None:
    pages = pages_with(api, attack, "attacker")
    for path in pages:
        seen = Visitor(api).browse("GET", path)
        assert seen.status == 200
        extra = {"article", "img", "circle", "rect", "time", "br", "dl", "dt", "dd", "section"}
        assert {tag for tag, _ in seen.page.elements} <= ELEMENTS | extra
        assert not [name for _, attributes in seen.page.elements for name in attributes if name.startswith("on")]
        root = "../" * (path.count("/") - 1) or "./"
        assert all(image["src"].startswith(f"{root}avatars/") for image in seen.page.all("img"))
        assert all(link["href"].startswith((root, "https://", "http://")) for link in seen.page.all("a"))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_nobody_is_ever_sent_to_an_address_that_is_not_registered(visitor: Visitor, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(REDIRECT_URI)))
    inserted = data.draw(
        st.one_of(st.sampled_from([".evil.test", "@evil.test", "/../", "?", "#", "%2e", "\\", "\t", "\r\n"]), st.text())
    )
    address = (REDIRECT_URI[:cut] + inserted + REDIRECT_URI[cut:]).encode("utf-8", "ignore").decode()
    seen = visitor.open(redirect_uri=address, scope=data.draw(st.sampled_from(["read", "unknown"])))
    if address == REDIRECT_URI:
        assert seen.status in {200, 303}
    else:
        assert seen.status == 422
        assert "Location" not in seen.headers


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///x",
        "blob:https://a.test/x",
    ],
)
def test_what_runs_in_the_browser_is_no_redirect_uri(api: Api, redirect_uri: str) -> None:
    wanted = {"client_name": "x", "redirect_uris": [redirect_uri]}
    assert api.request("POST", "/api/v1/apps", json=wanted).status == 422


def test_no_header_can_be_put_into_the_redirect(visitor: Visitor) -> None:
    seen = visitor.submit(visitor.open(state="x\r\nSet-Cookie: a=b").page, "refuse")
    assert seen.location.isprintable()
    assert seen.answer["state"] == "x\r\nSet-Cookie: a=b"


def test_passwords_codes_and_states_are_in_no_log_and_codes_are_not_stored_readable(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fstream_app", "chalicelib", "chalice", app.app_name):
        caplog.set_level(logging.DEBUG, name)
    code = visitor.sign_up("ada", PASSWORD).answer["code"]
    assert code not in str(stored())
    token = visitor.exchange(code)
    visitor.exchange(code)
    visitor.log_in("ada", PASSWORD + "!")
    monkeypatch.setattr("fstream_app.people.users.authenticate", _fail)
    assert visitor.log_in("ada", PASSWORD).status == 500
    assert "RuntimeError" in caplog.text
    secrets = [code, token.json["access_token"], PASSWORD, STATE]
    assert [secret for secret in secrets if secret in caplog.text or secret in str(stored())] == []


def _fail(name: str, password: str) -> None:
    raise RuntimeError(name, password)


def test_a_password_comes_back_on_no_page(visitor: Visitor, configure: Callable[..., None]) -> None:
    visitor.sign_up("ada", PASSWORD)
    wrong = PASSWORD + "!"
    pages = [visitor.log_in("ada", wrong), visitor.sign_up("ada", wrong), visitor.sign_up("admin", wrong)]
    form = visitor.open(prompt="create").page
    configure(registrations="off")
    pages.append(visitor.submit(form, "sign_up", username="bob", password=wrong))
    sent = visitor.request | {"decision": "log_in", "password": wrong}
    pages.append(visitor.browse("POST", f"{PATH}?{urlencode({'password': wrong})}", sent | {"redirect_uri": "x"}))
    assert [seen.status for seen in pages] == [401, 422, 422, 403, 422]
    assert [seen for seen in pages if "unspeakable" in seen.html] == []
