"""The authorization endpoint leads nobody anywhere unless a person has decided it, and answers no other origin."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import app
from tests.support.people import PASSWORD, Api, stored
from tests.support.visitor import PATH, REDIRECT_URI, STATE, Seen, Visitor


@pytest.fixture
def visitor(api: Api) -> Visitor:
    """A user sent to the page by an application."""
    return Visitor(api)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"without": "response_type"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"scope": "push"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"without": "code_challenge_method"}, "invalid_request"),
        ({"without": "code_challenge"}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "+"}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"code_challenge": "x" * 43 + "\n"}, "invalid_request"),
    ],
)
def test_other_errors_lead_to_the_application_by_a_link(visitor: Visitor, wrong: dict[str, str], error: str) -> None:
    answer = reported(visitor.open(**wrong))
    assert answer.pop("error_description")
    assert answer == {"error": error, "state": STATE, "iss": "https://fstream.test"}


def reported(seen: Seen) -> dict[str, str]:
    """Return the error that the application gets if the person goes back to it, from a page that names its host."""
    assert (seen.status, "Location" in seen.headers, "Refresh" in seen.headers) == (400, False, False)
    assert not seen.page.all("form")
    assert "client.test" in seen.page.alert
    (link,) = [link["href"] for link in seen.page.all("a") if link["href"].startswith(f"{REDIRECT_URI}?")]
    return dict(parse_qsl(urlsplit(link).query))


def test_what_comes_with_the_form_is_checked_again(visitor: Visitor) -> None:
    form = visitor.open().page
    for wrong, error in (
        ({"scope": "read write follow"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ):
        seen = visitor.submit(form, "log_in", username="ada", password=PASSWORD, **wrong)
        assert reported(seen)["error"] == error


@pytest.mark.parametrize("name", ["scope", "response_type", "code_challenge", "lang"])
def test_nothing_is_asked_twice(visitor: Visitor, name: str) -> None:
    seen = visitor.open(("lang", "en"), (name, "read"), (name, "read"))
    answer = reported(seen)
    assert (answer["error"], answer["error_description"]) == ("invalid_request", f"Repeated parameter: {name}")


def every_request(visitor: Visitor) -> Iterator[tuple[str, str, dict[str, str] | None]]:
    """Yield requests that pages of other sites can make, with every parameter valid, missing and wrong."""
    asked = visitor.request
    variants = [asked, *({**asked, name: wrong} for name in asked for wrong in ("", "x", "none"))]
    for variant in variants:
        for prompt in ("", "none", "login", "create"):
            yield "GET", f"{PATH}?{urlencode({**variant, 'prompt': prompt})}", None
        for decision in ("refuse", "log_in", "sign_up", "both"):
            yield "POST", PATH, {**variant, "decision": decision, "username": "ada", "password": PASSWORD}


def test_no_link_and_no_page_of_another_site_leads_anybody_to_a_registered_address(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    before = stored()["TokenItem"]
    for method, address, form in every_request(visitor):
        for header in (
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.test"},
        ):
            seen = visitor.browse(method, address, form, headers=header)
            assert "Location" not in seen.headers, (method, address, form)
            assert "Refresh" not in seen.headers
            assert not [meta for meta in seen.page.all("meta") if "http-equiv" in meta]
    assert stored()["TokenItem"] == before


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "code_challenge"])
@pytest.mark.parametrize("decision", ["refuse", "log_in", "sign_up", "both"])
def test_no_form_that_is_not_valid_leads_anybody_to_a_registered_address(
    visitor: Visitor, name: str, decision: str
) -> None:
    form = {**visitor.request, name: "x", "decision": decision, "username": "ada", "password": PASSWORD}
    seen = visitor.browse("POST", PATH, form)
    assert seen.status in {400, 422}
    assert "Location" not in seen.headers


@pytest.mark.parametrize("origin", ["https://client.test", "null"])
def test_the_page_is_for_no_other_origin(visitor: Visitor, origin: str) -> None:
    http, headers = visitor.api._client.http, {"origin": origin, "access-control-request-method": "POST"}
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    answers = [
        http.get(f"{PATH}?{urlencode(visitor.request)}", headers=headers),
        http.get(PATH, headers=headers),
        http.post(PATH, headers=form, body=urlencode({**visitor.request, "decision": "refuse"}).encode()),
        http.post(PATH, headers=form, body=b""),
        *(http.request(method, PATH, headers=headers) for method in ("PUT", "PATCH", "DELETE", "HEAD")),
    ]
    for answer in answers:
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert not any(route.cors for route in app.app.routes[PATH].values())  # so the gateway answers no preflight
    assert http.post("/oauth/token", headers=form, body=b"").headers["Access-Control-Allow-Origin"] == "*"
    assert http.post("/oauth/revoke", headers=form, body=b"").headers["Access-Control-Allow-Origin"] == "*"


def test_no_response_of_the_page_is_kept_or_framed_or_says_where_one_was(visitor: Visitor) -> None:
    pages = [visitor.open(), visitor.open(scope="x"), visitor.open(client_id="x"), visitor.log_in("a", "b")]
    for seen in [*pages, visitor.sign_up("ada", PASSWORD), visitor.submit(visitor.open().page, "refuse")]:
        assert seen.headers["Cache-Control"] == "private, no-store"
        assert seen.headers["Pragma"] == "no-cache"
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        if seen.status != 303:
            assert "frame-ancestors 'none'" in seen.headers["Content-Security-Policy"]
            assert seen.headers["X-Frame-Options"] == "DENY"


def test_what_a_request_repeats_is_quoted_only_as_a_name(visitor: Visitor) -> None:
    for name, quoted in (
        ("x_y", "Repeated parameter: x_y"),
        ('"\\é\n', "Repeated parameter"),
        ("<b>", "Repeated parameter"),
    ):
        assert reported(visitor.open((name, "1"), (name, "2")))["error_description"] == quoted


def test_a_form_repeats_nothing(visitor: Visitor) -> None:
    fields = [*visitor.request.items(), ("decision", "refuse"), ("scope", "read")]
    seen = visitor.browse("POST", PATH, fields)
    assert reported(seen)["error"] == "invalid_request"
