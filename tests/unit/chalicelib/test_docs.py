"""The API reference, a page without scripts that is written from the OpenAPI document."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import docs
from tests.support import contract
from tests.support.people import Api
from tests.support.visitor import Page

MOST = 37_000
"""A sixth of the 222 KB that a viewer in JavaScript needed."""


@pytest.fixture
def page(api: Api) -> Page:
    answer = api.get("/docs")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return Page(answer.text)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = contract.document()["paths"]
    return [(method, path, each) for path, methods in paths.items() for method, each in methods.items()]


def test_every_operation_is_shown_with_its_parameters_and_errors(page: Page) -> None:
    for method, path, operation in operations():
        shown = page.texts[operation["operationId"]]
        assert re.match(rf"\s*{method.upper()}\s+{re.escape(path)}\s", shown)
        for parameter in operation.get("parameters", []):
            assert parameter["name"] in shown, (path, parameter)
        for status in operation["responses"]:
            assert status.startswith("2") or f"{status} (" in shown, (path, status)


def test_every_shape_is_shown_with_its_fields_and_descriptions(page: Page) -> None:
    for name, shape in contract.document()["components"]["schemas"].items():
        shown = page.texts[name]
        for field, schema in shape.get("properties", {}).items():
            assert field in shown, (name, field)
            plain = re.sub(r"`|\*\*", "", schema.get("description", ""))
            assert plain in shown, (name, field)


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    named = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(named) == len(set(named))
    inside = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#")}
    assert inside <= set(named)
    assert len(inside) > 50
    assert {link["href"] for link in page.all("a")} >= {"./openapi.json", "./", "./about"}  # also below a prefix


def test_it_is_a_sixth_of_a_viewer_and_needs_nothing_else(api: Api, page: Page) -> None:
    answer = api.get("/docs")
    assert len(gzip.compress(answer.text.encode())) < MOST
    # CloudFront compresses HTML of a thousand bytes to ten million, unless the response forbids storing it.
    assert 1000 <= len(answer.text.encode()) <= 10_000_000
    assert re.search(r"max-age=[1-9]", answer.headers["Cache-Control"])
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert not [tag for tag, _ in page.elements if tag in {"script", "iframe", "object"}]
    assert {attributes["rel"] for attributes in page.all("link")} == {"icon", "apple-touch-icon"}
    assert "script" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("security", "words"),
    [
        ([], "No token is needed."),
        ([{}], "No token is needed."),
        ([{"user": []}], "Needs a user's token."),
        ([{"user": ["read:lists"]}], "Needs a user's token with the scope read:lists."),
        ([{"user": []}, {"application": []}], "Needs a user's or an application's token."),
        ([{}, {"user": ["read"]}, {"application": ["read"]}], "A token with the scope read is optional."),
    ],
)
def test_it_says_who_may_call(security: list[dict[str, list[str]]], words: str) -> None:
    assert docs._access(security) == words


def test_texts_are_escaped(api: Api, configure: Callable[..., None]) -> None:
    configure(title="<b>&")
    answer = api.get("/docs")
    assert "<title>&lt;b&gt;&amp; API</title>" in answer.text
    assert "<h1>&lt;b&gt;&amp; API</h1>" in answer.text
    assert docs._inline("`<b>` **<i>** <u>") == "<code>&lt;b&gt;</code> <b>&lt;i&gt;</b> &lt;u&gt;"
