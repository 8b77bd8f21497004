"""Secrets stay out of errors, and users' markup stays out of pages."""

import logging
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from fstream_app.core import settings
from tests.security.attacks import ATTACKS
from tests.support.people import Api

TEXT, PASSWORD = "unspeakable message", "unspeakable password"
ALLOWED = {
    "a": {"href", "target", "rel", "class"},
    "br": set(),
    "p": set(),
    "span": {"class"},
}


class Markup(HTMLParser):
    """Collects markup, as a browser would see it, of kinds that FSTREAM does not write."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in ALLOWED.get(tag, ()) or (name == "href" and not _is_web_address(value)):
                self.found.append((tag, name, value))
        if tag not in ALLOWED:
            self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def unknown_decl(self, data: str) -> None:
        self.found.append(data)


def _is_web_address(value: str | None) -> bool:
    return (value or "").startswith(("https://", "http://")) and not set(value or "") & set('<>" \n')


def markup(html: str) -> list[object]:
    parser = Markup()
    parser.feed(html)
    parser.close()
    return parser.found


def test_no_error_shows_a_secret(api: Api) -> None:
    ada = api.sign_up("ada", PASSWORD)
    wrong = [
        api.token("password", username="ada", password=PASSWORD + "!"),
        api.request("POST", "/api/v1/statuses", ada, json={"status": [TEXT]}),
        api.request("POST", "/oauth/token", form={"client_id": "x", "client_secret": PASSWORD, "grant_type": PASSWORD}),
        api.request("GET", "/api/v1/timelines/home", headers={"authorization": f"Bearer {PASSWORD}"}),
    ]
    assert [answer for answer in wrong if answer.status < 400 or "unspeakable" in str(answer.json)] == []


@pytest.mark.parametrize("logger", ["botocore", "pynamodb", "urllib3"])
def test_what_libraries_would_log_of_requests_is_off(logger: str) -> None:
    assert not logging.getLogger(logger).isEnabledFor(logging.DEBUG)


def test_nothing_that_people_write_is_markup(api: Api) -> None:
    ada = api.sign_up("ada")
    for attack in ATTACKS:
        status = api.post(ada, attack)
        assert markup(status["content"]) == [], attack
        profile = {"note": attack, "display_name": attack[:30]}
        account = api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json=profile).json
        assert markup(account["note"]) == [], attack


def test_what_is_no_html_stays_as_it_was_written_and_has_its_type(api: Api) -> None:
    ada = api.sign_up("ada")
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"display_name": "<b>Ada</b>"})
    status = api.post(ada, "x", spoiler_text="<b>cw</b>")
    assert (status["account"]["display_name"], status["spoiler_text"]) == ("<b>Ada</b>", "<b>cw</b>")
    for path in ("/api/v1/statuses/" + status["id"], f"/api/v1/accounts/{ada.id}", "/api/v1/statuses/<b>"):
        headers = api.get(path).headers
        assert headers["Content-Type"].startswith("application/json")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_of_the_instance_escapes_its_settings_and_runs_no_scripts(
    api: Api, configure: Callable[..., None]
) -> None:
    configure(title="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    answer = api._client.http.get("/about")
    page = answer.body.decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert settings.get().host in page
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_picture_cannot_run_scripts(api: Api) -> None:
    answer = api._client.http.get(f"/avatars/{'0' * 13}.png")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert api.get('/avatars/"><script>.png').status == 404
    assert api.get('/avatars/"><script>.svg').status == 404
