"""Recorded requests, and a browser that sends them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import msgspec
import requests

from tests.support.site import Site

SAFE_METHODS = {"GET", "HEAD", "POST"}
SAFE_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
"""What a page may send to another origin without asking first (fetch.spec.whatwg.org, CORS-safelisted)."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
UNESCAPED = "!'()*"
"""Characters that `encodeURIComponent` leaves as they are, besides letters, digits, and `-._~`."""

Names = dict[str, str]
"""Names from the stage and earlier responses, such as `bob` for Bob's id."""


@dataclass(frozen=True)
class Request:
    """A request as a client sends it, and what the client needs of the response.

    In the path, the query and the body, `{name}` is a placeholder for a name of the stage or of an earlier request.
    """

    method: str
    path: str
    """With the query, spelled as masto.js spells it: `id[]=`, and nothing for what is undefined."""
    _: KW_ONLY
    shape: Any
    """The type that the response must fit."""
    json: Mapping[str, object] | None = None
    """The body; without one, no content type is sent."""
    key: str = ""
    """The Idempotency-Key."""
    status: int = 200
    expect: Mapping[str, object] = field(default_factory=dict)
    """Fields that must have these values, by path, such as `0.id`."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Names for values of the response, by path."""
    order: Literal["", "newest first"] = ""
    """The order in which a client shows a list."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Scene = tuple[Request, ...]
"""Requests in the order in which a client sends them."""


class Browser:
    """A page of another origin in a browser, with a preflight request before requests that are not safelisted."""

    def __init__(self, site: Site, origin: str, token: str = "") -> None:
        self._site = site
        self._origin = origin
        self._token = token
        self._asked: set[tuple[str, str]] = set()

    def play(self, scene: Iterable[Request], names: Names) -> None:
        """Send the requests in order, and check each response; the names that are kept are added to `names`."""
        for request in scene:
            answer = self._send(request, names)
            assert answer.status_code == request.status, f"{request}: {answer.status_code} {answer.text}"
            self._check(request, answer, names)

    def _send(self, request: Request, names: Names) -> requests.Response:
        path = re.sub(r"{(\w+)}", lambda name: quote(names[name[1]], safe=UNESCAPED), request.path)
        headers = {"Idempotency-Key": filled(request.key, names)} if request.key else {}
        if request.json is None:
            return self.fetch(request.method, path, headers=headers)
        body = msgspec.json.encode(filled(request.json, names))
        return self.fetch(request.method, path, headers=headers | {"Content-Type": JSON}, body=body)

    def _check(self, request: Request, answer: requests.Response, names: Names) -> None:
        content = answer.json()
        try:
            msgspec.convert(content, request.shape)
        except msgspec.ValidationError as error:
            raise AssertionError(f"{request}: {error}\n{answer.text}") from None
        for path, value in request.expect.items():
            assert found(content, path) == filled(value, names), f"{request}: {path}\n{answer.text}"
        if request.order:
            times = [each["created_at"] for each in content]
            assert times == sorted(times, reverse=True), f"{request}: {times}"
        names |= {name: str(found(content, path)) for name, path in request.keep.items()}

    def fetch(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> requests.Response:
        """Make a request as `fetch` makes it, after a preflight if it needs one; the page may read the response."""
        sent = dict(headers) | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        unsafe = sorted(name.lower() for name, value in sent.items() if not is_safe(name, value))
        if (method not in SAFE_METHODS or unsafe) and (method, path) not in self._asked:
            self._ask(method, path, unsafe)
        answer = self._site.request(
            method, path, headers=sent | {"Origin": self._origin}, data=body or None, allow_redirects=False
        )
        assert answer.headers["Access-Control-Allow-Origin"] in {"*", self._origin}, path
        assert "link" in words(answer.headers["Access-Control-Expose-Headers"]), path
        assert answer.headers["Content-Type"].startswith(JSON), path
        return answer

    def _ask(self, method: str, path: str, unsafe: list[str]) -> None:
        """Send a preflight, which carries no token, and check that it allows the request."""
        asked = {"Origin": self._origin, "Access-Control-Request-Method": method}
        if unsafe:
            asked["Access-Control-Request-Headers"] = ",".join(unsafe)
        answer = self._site.request("OPTIONS", path, headers=asked, allow_redirects=False)
        assert answer.ok, f"OPTIONS {path}: {answer.status_code} {answer.text}"
        assert answer.headers["Access-Control-Allow-Origin"] in {"*", self._origin}, path
        if method not in SAFE_METHODS:
            assert method.lower() in words(answer.headers["Access-Control-Allow-Methods"]), f"{method} {path}"
        assert set(unsafe) <= words(answer.headers["Access-Control-Allow-Headers"]), f"{method} {path}"
        assert int(answer.headers["Access-Control-Max-Age"]) > 0, path
        self._asked.add((method, path))


def is_safe(name: str, value: str) -> bool:
    """Return whether a page may send this header without asking first."""
    return name.lower() == "content-type" and value.partition(";")[0] in SAFE_TYPES


def words(header: str) -> set[str]:
    return {word.strip().lower() for word in header.split(",")}


def filled(value: Any, names: Names) -> Any:
    """Return a value with its `{name}`s replaced."""
    if isinstance(value, str):
        return re.sub(r"{(\w+)}", lambda name: names[name[1]], value)
    if isinstance(value, Mapping):
        return {key: filled(each, names) for key, each in value.items()}
    return [filled(each, names) for each in value] if isinstance(value, list) else value


def found(content: Any, path: str) -> Any:
    """Return the value at a path such as `0.account.id`; `#` is the length of a list."""
    for step in path.split("."):
        if step == "#":
            content = len(content)
            continue
        content = content[int(step) if isinstance(content, list) else step]
    return content
