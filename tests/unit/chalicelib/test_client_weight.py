"""The weight of the web client's first view: few requests, few bytes, and no waves."""

import re
from gzip import compress
from posixpath import dirname, normpath
from urllib.parse import urljoin

import pytest
from chalice.test import Client

from app import app
from chalicelib import client
from tests.support.visitor import Page

MOST_BYTES, MOST_REQUESTS = 40_000, 10
BROWSER = {"accept-encoding": "gzip, deflate, br, zstd"}


@pytest.fixture(scope="module")
def first_view() -> dict[str, int]:
    """The compressed size of each file that the first view of a logged-in reader needs, by path."""
    with Client(app) as browser:
        document = browser.http.get("/", headers=BROWSER)
        page = Page(browser.http.get("/").body.decode())
        links = [each["href"] for each in page.all("link") if each["rel"] in {"stylesheet", "modulepreload"}]
        scripts = [each["src"] for each in page.all("script") if "src" in each]
        found = {"/": len(document.body)}
        for address in dict.fromkeys([*links, *scripts]):
            answer = browser.http.get(urljoin("/", address), headers=BROWSER)
            assert answer.status_code == 200, address
            found[address.partition(f"{client.shipped().version}/")[2]] = len(answer.body)
        return found


def test_the_first_view_is_light(first_view: dict[str, int]) -> None:
    assert sum(first_view.values()) <= MOST_BYTES, first_view
    assert len(first_view) <= MOST_REQUESTS


def test_another_language_weighs_no_more_than_english_and_a_little() -> None:
    sizes = {name: len(compress(client.shipped().texts[f"lang/{name}-first.js"].encode())) for name in ("en", "de")}
    assert sizes["de"] < 1.3 * sizes["en"]


def test_whatever_the_first_view_imports_is_loaded_with_it(first_view: dict[str, int]) -> None:
    texts = client.shipped().texts
    loaded = {path for path in first_view if path.endswith(".js")}
    for path in loaded:
        for needed in re.findall(r'\b(?:import|export) ?\{[^}]*\} ?from ?"(\.[^"]+)";', texts[path]):
            assert normpath(f"{dirname(path) or '.'}/{needed}") in loaded, path
    assert client.MAIN in client.shipped().joined
