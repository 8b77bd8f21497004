"""Users with a browser, and the pages that they see."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from fstream_app.access import authorization
from tests.support.people import Answer, Api

PATH = "/oauth/authorize"
REDIRECT_URI = "https://client.test/back"
STATE = "what the client remembers"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""The Accept header of a browser that opens a page."""
VERIFIER = secrets.token_urlsafe(32)


class Page(HTMLParser):
    """A page as a browser parses it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        """Texts by the id of their element."""
        self.text = ""
        self.title = ""
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in {"meta", "input", "br", "img", "path", "circle", "rect"}:
            self._open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if "title" in tags:
            self.title += data
        elif "style" not in tags:
            self.text += data
        for _, name in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of all elements with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    def field(self, name: str) -> dict[str, str]:
        """Return the attributes of a form's field."""
        (found,) = [attributes for attributes in self.all("input") if attributes["name"] == name]
        return found

    def described(self, name: str) -> str:
        """Return the description that a screen reader reads after a field's label."""
        return " ".join(self.texts[part] for part in self.field(name).get("aria-describedby", "").split())

    @property
    def alert(self) -> str:
        """The text that a screen reader announces when the page opens."""
        return " ".join(
            self.texts[attributes["id"]] for _, attributes in self.elements if attributes.get("role") == "alert"
        )


@dataclass(frozen=True)
class Seen:
    """A response that the browser received."""

    status: int
    html: str
    headers: Mapping[str, str]

    @property
    def page(self) -> Page:
        return Page(self.html)

    @property
    def location(self) -> str:
        """Where the browser goes next: by a redirect, or by the link of the page that shows a new recovery code."""
        if "Location" in self.headers:
            return self.headers["Location"]
        (address,) = [link["href"] for link in self.page.all("a") if link.get("id") == "continue"]
        return address

    @property
    def answer(self) -> dict[str, str]:
        """The query of the URL to which the browser is redirected."""
        return dict(parse_qsl(urlsplit(self.location).query, keep_blank_values=True))


@dataclass
class Visitor:
    """A user sent to the authorization page by an application."""

    api: Api
    redirect_uri: str = REDIRECT_URI
    registered: Mapping[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(init=False)
    address: str = field(init=False, default="/")
    """Of the page that was opened last, without its query: what addresses in it are relative to."""

    def __post_init__(self) -> None:
        wanted = {"client_name": "Client", "redirect_uris": [self.redirect_uri], "scopes": "read write"}
        answer = self.api.request("POST", "/api/v1/apps", json={**wanted, **self.registered})
        assert answer.status == 200, answer.json
        self.application = answer.json

    @property
    def request(self) -> dict[str, str]:
        """The parameters of the application's authorization request."""
        return {
            "client_id": self.application["client_id"],
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "read write",
            "state": STATE,
            "code_challenge": authorization.challenge(VERIFIER),
            "code_challenge_method": "S256",
        }

    def open(self, *more: tuple[str, str], without: str = "", **changed: str) -> Seen:
        """Open the page; `more` adds parameters, `without` leaves one out, `changed` replaces some."""
        asked = {**self.request, **changed}
        asked.pop(without, None)
        return self.browse("GET", f"{PATH}?{urlencode([*asked.items(), *more])}")

    def submit(self, page: Page, decision: str, **typed: str) -> Seen:
        """Fill the form in and press a button."""
        (form,) = page.all("form")
        assert decision in {button["value"] for button in page.all("button")}
        fields = {attributes["name"]: attributes["value"] for attributes in page.all("input")}
        return self.browse(form["method"].upper(), form["action"], fields | typed | {"decision": decision})

    def log_in(self, username: str, password: str) -> Seen:
        """Open the page and log in."""
        return self.submit(self.open().page, "log_in", username=username, password=password)

    def sign_up(self, username: str, password: str) -> Seen:
        """Open the page and sign up."""
        return self.submit(self.open(prompt="create").page, "sign_up", username=username, password=password)

    def exchange(self, code: str, **changed: str) -> Answer:
        """Exchange a code for a token; parameters changed to an empty text are left out."""
        client = {name: self.application[name] for name in ("client_id", "client_secret")}
        wanted = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        form = client | wanted | {"code_verifier": VERIFIER} | changed
        return self.api.request("POST", "/oauth/token", form={name: value for name, value in form.items() if value})

    def browse(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        *,
        accept: str = BROWSER,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Seen:
        """Make a request as a browser makes it, without following redirects."""
        headers = {"accept": accept, **headers}
        headers |= {"content-type": "application/x-www-form-urlencoded"} if form is not None else {}
        body = urlencode(form or {}).encode()
        address = urljoin(self.address, address)
        self.address = address.partition("?")[0]
        response = self.api._client.http.request(method, address, headers=headers, body=body)
        return Seen(response.status_code, response.body.decode(), response.headers)
