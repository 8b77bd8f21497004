"""The documentation page, whose viewer and other files all come from FSTREAM itself."""

import re
from collections.abc import Callable

from chalice.test import Client

from app import app
from chalicelib import docs
from tests.support.people import Api


def page() -> tuple[str, str]:
    """Return the page and its Content-Security-Policy."""
    response = Client(app).http.get("/docs")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return response.body.decode(), response.headers["Content-Security-Policy"]


def test_the_page_loads_from_its_own_origin_alone() -> None:
    text, policy = page()
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self';")
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert re.findall(r'(?:src|href|spec-url)="([^"]*)"', text)
    assert all(address.startswith("/") for address in re.findall(r'(?:src|href|spec-url)="([^"]*)"', text))


def test_no_script_is_in_the_page_itself() -> None:
    text, _ = page()
    assert re.findall(r"<script[^>]*>([^<]*)</script>", text) == [""]
    assert not re.search(r"\son[a-z]+=", text)


def test_what_the_page_refers_to_is_there(api: Api) -> None:
    text, _ = page()
    for address in re.findall(r'(?:src|href|spec-url)="([^"]*)"', text):
        assert Client(app).http.get(address).status_code == 200, address


def test_the_viewer_is_kept_for_ever_since_its_name_has_its_version() -> None:
    response = Client(app).http.get(f"/docs/{docs.VIEWER}")
    assert re.search(r"\d+\.\d+\.\d+", docs.VIEWER)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_viewer_fits_into_an_answer_of_lambda_and_into_the_package() -> None:
    assert len(Client(app).http.get(f"/docs/{docs.VIEWER}").body) < 1_000_000


def test_the_viewers_licence_is_beside_it() -> None:
    name = docs.VIEWER.replace(".min.js", ".LICENSE.txt")
    assert b"Apache License" in Client(app).http.get(f"/docs/{name}").body


def test_other_files_are_not_given(api: Api) -> None:
    for name in ("..", "%2e%2e%2fdocs.py", "docs.py", "x", docs.VIEWER + "x"):
        assert api.get(f"/docs/{name}").status == 404, name


def test_a_title_is_escaped(configure: Callable[..., None]) -> None:
    configure(title="<b>&")
    assert "<title>&lt;b&gt;&amp; API</title>" in page()[0]
