"""Every URL that FSTREAM writes is served, and where a person would open it, it is a page or a picture.

One exception: the link of a mention, in a text, a note or `mentions`, stays when the mentioned user leaves. A message
stores name and id of the user, and only a read of each mentioned user would show that it is gone. The link leads to
a page that says so, with status 404, until somebody else takes the name, which is free again.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

import pytest

from app import app
from chalicelib.http_api import Event, Http, Resources, translate
from tests.support import contract
from tests.support.people import PASSWORD, Answer, Api, Person
from tests.support.visitor import BROWSER, REDIRECT_URI, Visitor

ORIGIN = "https://fstream.test"
START = ["/", "/@ada", "/tags/löwe", "/docs", "/@ada/gone", "/@nobody", "/no/such/path", "/oauth/authorize"]
MACHINES = re.compile(r"/(api|oauth|nodeinfo|web|\.well-known)/.*|/openapi\.json|/manifest\.webmanifest")
"""Paths that programs read."""
DOCUMENTED = {
    "/oauth/authorize": 422,
    "/oauth/token": 405,
    "/oauth/revoke": 405,
    "/oauth/userinfo": 401,
    "/api/v1/apps": 405,
}
"""Statuses of URLs that are written as endpoints, without the parameters or the method that they need."""
_WRITTEN = re.compile(r"https?://[^\s\"'<>`]+")


class References(HTMLParser):
    """The URLs to which a page's or a text's elements refer."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"href", "src", "action", "poster", "srcset"}]

    def handle_data(self, data: str) -> None:
        self.found += _WRITTEN.findall(data)


def strings(value: Any) -> Iterator[str]:
    """Return all strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def references(answer: Answer, address: str) -> set[str]:
    """Return the URLs of this origin, without fragments, that a response contains, in its headers, too."""
    found = [*re.findall(r"<([^>]+)>", answer.headers.get("Link", "")), answer.headers.get("Location", "")]
    if answer.headers["Content-Type"].startswith("text/html"):
        found += References(answer.text).found
    elif answer.json is not None:
        for text in strings(answer.json):
            found += References(text).found
    whole = {urljoin(address, each).partition("#")[0] for each in found if each}
    return {each for each in whole if each == ORIGIN or each.startswith(f"{ORIGIN}/")}


@pytest.fixture
def ada(api: Api) -> Person:
    """A user of an instance that has something of every kind."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    profile = {
        "display_name": "Ada #löwe @bob",
        "note": "#löwe @bob https://fstream.test/@bob",
        "fields_attributes": [{"name": "x", "value": "#löwe"}],
    }
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json=profile)
    api.act(bob, "follow", ada)
    api.act(ada, "follow", bob)
    first = api.post(ada, "#Löwe @bob #日本語 #c_1 https://fstream.test/@bob x", spoiler_text="#löwe")
    second = api.post(bob, "@ada yes #löwe", in_reply_to_id=first["id"])
    api.post(ada, "@bob and no #löwe", in_reply_to_id=second["id"])
    for by, status in ((bob, first), (ada, second), (ada, first)):
        for verb in ("favourite", "bookmark"):
            api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by)
    for number in range(3):
        api.clock.advance(1)
        api.post(ada, f"{number} #löwe")
    api.deliver()
    return ada


def routes(api: Api, ada: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return path and query of every GET route of the OpenAPI document, also as pages of a single entry."""
    status = api.get(f"/api/v1/accounts/{ada.id}/statuses", ada).json[-1]["id"]
    notification = api.get("/api/v1/notifications", ada).json[0]["id"]
    variables = {"/api/v1/statuses": status, "/api/v1/accounts": ada.id, "/api/v1/notifications": notification}
    queries = {"acct": "ada", "q": "ada", "id[]": ada.id}
    for template, methods in contract.document()["paths"].items():
        if "get" not in methods:
            continue
        known = next((value for prefix, value in variables.items() if template.startswith(prefix)), "x")
        path = template.replace("{id}", known).replace("{name}", "löwe")
        names = {parameter["name"] for parameter in methods["get"].get("parameters", [])}
        query = {name: value for name, value in queries.items() if name in names}
        yield re.sub(r"\{\w+\}", "x", path), query
        if "limit" in names:
            yield path, {**query, "limit": 1}


def from_api(api: Api, ada: Person) -> set[str]:
    """Return the URLs that the API's responses contain."""
    found, answered = set(), 0
    for path, query in routes(api, ada):
        answer = api.get(path, ada, **query)
        answered += answer.status == 200
        found |= references(answer, ORIGIN + path)
    assert answered > 40
    return found


def test_every_url_in_any_response_is_served(api: Api, ada: Person) -> None:
    left = {urljoin(ORIGIN, path) for path in START} | from_api(api, ada)
    seen: set[str] = set()
    while left:
        address = left.pop()
        seen.add(address)
        parts = urlsplit(address)
        path = parts.path or "/"
        by = ada if path.startswith("/api/") else None
        answer = api.request("GET", path + (f"?{parts.query}" if parts.query else ""), by, headers={"accept": BROWSER})
        if path not in START[4:]:
            assert answer.status == DOCUMENTED.get(path, 200), (address, answer.text)
        if not MACHINES.fullmatch(path):
            assert answer.headers["Content-Type"].startswith(("text/html", "image/")), address
        left |= references(answer, address) - seen
    paths = {urlsplit(address).path for address in seen}
    assert {"/@ada", "/@bob", "/tags/l%C3%B6we", "/tags/%E6%97%A5%E6%9C%AC%E8%AA%9E", "/docs", "/openapi.json"} <= paths
    assert len([path for path in paths if re.fullmatch(r"/@(ada|bob)/\w{26}", path)]) == 6
    assert any("max_id=" in address for address in seen)


def test_pages_alone_are_where_people_are_led(api: Api, ada: Person) -> None:
    statuses = api.get(f"/api/v1/accounts/{ada.id}/statuses", ada).json
    people = [status["account"] for status in statuses] + [each for status in statuses for each in status["mentions"]]
    tags = [tag for status in statuses for tag in status["tags"]] + api.get("/api/v2/search", ada, q="#löwe").json[
        "hashtags"
    ]
    assert all((statuses, people, tags))
    for entity in [*statuses, *people, *tags]:
        answer = api.get(entity["url"].removeprefix(ORIGIN), headers={"accept": BROWSER})
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), entity["url"]


def test_a_mention_of_a_user_who_has_left_leads_to_a_page_until_the_name_is_taken_again(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "@bob hello")
    assert api.request("POST", "/api/pleroma/delete_account", bob, form={"password": PASSWORD}).status == 200
    api.deliver()
    [mention] = api.get(f"/api/v1/statuses/{status['id']}").json["mentions"]
    assert mention["url"] == f"{ORIGIN}/@bob"
    page = api.get("/@bob", headers={"accept": BROWSER})
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    api.sign_up("bob")
    assert api.get("/@bob", headers={"accept": BROWSER}).status == 200


PREFIX = "/fstream"
BELOW = ORIGIN + PREFIX
LEAVES = re.compile(r"/(api|web)/.*|/openapi\.json|/manifest\.webmanifest|/.*\.png|/docs")
"""Paths that another test follows. They lead to no others, except for /docs, which takes long to make."""
TYPED = f"{ORIGIN}/@bob"
"""What Ada has typed herself: it leads where she says."""


def through_a_rest_api(method: str, path: str, form: dict[str, str] | None) -> tuple[int, str]:
    """Call the function as a REST API does, whose stage is the prefix: only its context has the whole path.

    Returns:
        status and body.
    """
    path, _, query = path.partition("?")
    headers = {"accept": BROWSER} | ({"content-type": "application/x-www-form-urlencoded"} if form is not None else {})
    http: Http = {"method": method, "sourceIp": "192.0.2.7"}
    event: Event = {
        "version": "2.0",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": http, "requestId": "1"},
        "body": urlencode(form or {}),
        "isBase64Encoded": False,
    }
    rest: dict[str, Any] = translate(event, *Resources(app.routes).find(path))
    rest["requestContext"] |= {"stage": PREFIX[1:], "path": PREFIX + path}
    answer: Any = app(rest, None)
    return answer["statusCode"], answer["body"]


class Links(HTMLParser):
    """The addresses to which a page's elements lead, and those to which its forms are sent."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.forms: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"}:
                self.found.add(value or "")
            elif name == "action":
                self.forms.add(value or "")


def pages_of(api: Api, ada: Person) -> set[str]:
    """Return paths of pages of every kind, and of what leads elsewhere."""
    application = Visitor(api).application
    asked = {"client_id": application["client_id"], "redirect_uri": REDIRECT_URI, "response_type": "code"}
    sign_up = f"/oauth/authorize?{urlencode({**asked, 'scope': 'read', 'prompt': 'create', 'lang': 'de'})}"
    avatars = [f"/avatars/{ada.id}.svg", "/avatars/header.svg"]
    plain = ["/@ada/", "/@ada?limit=1", "/@ada/tagged/löwe", "/about", "/account?lang=de"]
    return {*START, *plain, sign_up, *avatars}


def test_below_a_prefix_all_that_pages_lead_to_is_below_it(api: Api, ada: Person) -> None:
    """Both below a stage of API Gateway and behind a proxy that takes the prefix away."""
    left = {("GET", urljoin(BELOW, PREFIX + path)) for path in pages_of(api, ada)}
    seen: set[tuple[str, str]] = set()
    while left:
        seen.add(asked := left.pop())
        method, address = asked
        path = address.removeprefix(BELOW)
        assert path.startswith("/"), address
        if LEAVES.fullmatch(path):
            continue
        form = {"username": "ada"} if method == "POST" else None
        answer = api.request(method, path, headers={"accept": BROWSER}, form=form)
        assert through_a_rest_api(method, path, form) == (answer.status, answer.text), address
        known = 422 if method == "POST" else 200
        assert answer.status in {known, 301} or unquote(urlsplit(path).path) in START[4:], (address, answer.text)
        links = Links(answer.text)
        places = {
            urljoin(address, each).partition("#")[0] for each in [*links.found, answer.headers.get("Location", "")]
        }
        left |= {("GET", each) for each in places if each.startswith(ORIGIN) and each != TYPED} - seen
        left |= {("POST", urljoin(address, each)) for each in links.forms} - seen
    paths = {method + urlsplit(address).path.removeprefix(PREFIX) for method, address in seen}
    assert {"GET/@bob", "GET/tags/c_1", "GET/docs", "GET/api/v2/instance", "GET/"} <= paths
    assert {f"GET/avatars/{ada.id}.png", "GET/icons/thumbnail.png", "GET/manifest.webmanifest"} <= paths
    assert {"POST/oauth/authorize", "POST/account/password", "POST/account/recover", "GET/account/recover"} <= paths
    assert any("max_id=" in address for _, address in seen)
    assert any("unfold=" in address for _, address in seen)
