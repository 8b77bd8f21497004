"""The choice between an HTML page and JSON."""

import pytest
from chalice.app import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.acceptance import prefers_page
from chalicelib.api import reshape_errors
from tests.support.people import Api
from tests.support.visitor import BROWSER

JSON = ["", "*/*", "application/json", "application/json, text/plain, */*", "application/activity+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', "text/plain",
        "image/avif,image/webp,*/*",
        "application/json, text/html;q=0.9", "text/html;q=0", "text/html;q=0, */*", "text/htmlx", "text/*",
        "application/activity+json, text/html;q=0.1", ",", ";;;", "q=1", "x" * 5000]  # fmt: skip
PAGES = [BROWSER, "text/html", "TEXT/HTML", " text/html ; charset=utf-8 ", "application/xhtml+xml",
         "text/html, application/json", "text/html;q=0.9, application/json;q=0.8", "text/html;q=x", "text/html; q=0.1",
         "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]  # fmt: skip


@pytest.mark.parametrize("accept", PAGES)
def test_who_asks_for_html_gets_a_page(accept: str) -> None:
    assert prefers_page(accept)


@pytest.mark.parametrize("accept", JSON)
def test_all_others_get_json(accept: str) -> None:
    assert not prefers_page(accept)


@given(st.text(alphabet="texhml/*+jsonapic;q=.,01 -") | st.text())
def test_every_header_is_read(accept: str) -> None:
    assert prefers_page(accept) in {True, False}


@given(st.lists(st.sampled_from(["text/html", "application/json", "*/*"]), min_size=1), st.data())
def test_the_heavier_of_html_and_json_wins(kinds: list[str], data: st.DataObject) -> None:
    weights = [data.draw(st.integers(0, 10)) for _ in kinds]
    header = ", ".join(f"{kind};q={weight / 10}" for kind, weight in zip(kinds, weights, strict=True))
    heaviest = {kind: max([w for k, w in zip(kinds, weights, strict=True) if k == kind], default=0) for kind in kinds}
    html, json = heaviest.get("text/html", 0), heaviest.get("application/json", 0)
    assert prefers_page(header) == (html > 0 and html >= json)


MISSING = ["/nothing", "/no/such", "/no/such/path", "/a/b/c/d/e/f/g/h", "/@nobody", "/@nobody/x", "/tags/-", "/%00",
           "/é", "/tags/a/b", "/oauth/nothing", "/.well-known/nothing", "/users/ada", "/@", "/index.html",
           "/icons/9.png", "/avatars/zz.png", "/headers/x"]  # fmt: skip
BELOW_API = ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v1/statuses/1/nothing", "/api/a/b/c/d/e/f/g",
             "/api/v1/statuses/1", "/api/v1/accounts/1"]  # fmt: skip


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_a_page_for_browsers_and_json_for_clients(api: Api, path: str) -> None:
    seen = api.get(path, headers={"accept": BROWSER})
    assert (seen.status, seen.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Page not found</h1>" in seen.text
    assert seen.headers["Cache-Control"] == "private, no-store"
    for accept in ("application/json", "*/*", "application/activity+json"):
        answer = api.get(path, headers={"accept": accept})
        assert (answer.status, list(answer.json)) == (404, ["error"])
        assert answer.headers["Vary"] == "Accept, Accept-Language"
        assert seen.headers["Vary"] in {"Accept", "Accept, Accept-Language"}  # that of pictures is not translated


@pytest.mark.parametrize("path", BELOW_API)
def test_below_api_everybody_gets_json(api: Api, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = api.request(method, path, headers={"accept": BROWSER})
        assert answer.status in {401, 404, 405}
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.error


OTHER_METHODS = [("POST", "/"), ("POST", "/docs"), ("GET", "/oauth/token"), ("DELETE", "/icons/16.png")]


@pytest.mark.parametrize(("method", "path"), OTHER_METHODS)
def test_a_method_that_a_path_does_not_have_is_a_page_for_browsers_and_json_for_clients(
    api: Api, method: str, path: str
) -> None:
    seen = api.request(method, path, headers={"accept": BROWSER})
    assert (seen.status, seen.headers["Content-Type"]) == (405, "text/html; charset=utf-8")
    assert "This address does not support this method" in seen.text
    answer = api.request(method, path, headers={"accept": "*/*"})
    assert (answer.status, answer.json) == (405, {"error": "This address does not support this method"})
    for each in (seen, answer):
        assert (each.headers["Vary"], each.headers["Cache-Control"]) == ("Accept, Accept-Language", "private, no-store")
        assert each.headers["Allow"]


def unsupported(_: Request) -> Response:
    return Response({"Code": "UnsupportedMediaType", "Message": "Unsupported media type: x"}, {}, 415)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [("/x", BROWSER, "text/html"), ("/api/x", BROWSER, "application/json"), ("/x", "*/*", "application/json")],
)
def test_an_error_of_chalice_itself_is_a_page_for_browsers_except_below_api(path: str, accept: str, kind: str) -> None:
    context = {"httpMethod": "POST", "resourcePath": path}
    empty = dict.fromkeys(["multiValueQueryStringParameters", "pathParameters", "body", "stageVariables"])
    event = {"headers": {"accept": accept}, "requestContext": context, **empty}
    answer = reshape_errors(Request(event, None), unsupported)
    assert answer.status_code == 415
    assert str(answer.headers["Content-Type"]).startswith(kind)
    assert "Unsupported media type: x" in answer.body
