"""The HTTP API that a full deployment puts in front of the function, which Chalice does not know.

Its requests come in payload format 2.0 (API Gateway's Developer Guide, "Create AWS Lambda proxy integrations for HTTP
APIs"). They are turned into the events of a REST API, which Chalice reads, and Chalice's responses into its own.

The API has one route, `$default`, so this module finds the route, whatever API Gateway's was: `ops.deployment.http_api`
says why.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NotRequired, TypedDict, TypeGuard, cast
from urllib.parse import parse_qs

from chalice.app import Chalice

from chalicelib.api import CORS, PRIVATE
from chalicelib.fallback import DEEPEST
from fstream_app.core import settings

SECRET = "x-origin-secret"  # noqa: S105  # a name
"""The header with the secret that CloudFront adds to requests."""
VIEWER = "cloudfront-viewer-address"
"""The header with CloudFront's caller: its address, a colon, and its port. An IPv6 address may be in brackets."""

Rest = dict[str, object]
"""The event of a REST API."""


class Http(TypedDict):
    """The part of an event about HTTP."""

    method: str
    sourceIp: str
    """The caller: CloudFront."""


class Context(TypedDict):
    """The part of an event about the request."""

    http: Http
    requestId: str


class Event(TypedDict):
    """A request."""

    version: str
    rawPath: str
    """Percent-decoded, except for %25."""
    rawQueryString: str
    headers: dict[str, str]
    """Names in lower case. The values of repeated headers are separated by commas."""
    cookies: NotRequired[list[str]]
    requestContext: Context
    body: NotRequired[str]
    isBase64Encoded: bool


class Answer(TypedDict):
    """A response, as a REST API reads it."""

    statusCode: int
    headers: dict[str, str]
    multiValueHeaders: dict[str, list[str]]
    body: str
    isBase64Encoded: NotRequired[bool]


class Resources:
    """The paths of all routes, to find the one that a request is about."""

    def __init__(self, paths: Iterable[str]) -> None:
        split = {path: _parts(path) for path in paths}
        self._by_length: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
        # Of two paths that match, the one whose first differing part is literal comes first.
        for path, parts in sorted(split.items(), key=lambda item: [_is_variable(part) for part in item[1]]):
            self._by_length.setdefault(len(parts), []).append((path, parts))

    def find(self, path: str) -> tuple[str, dict[str, str]]:
        """Return the resource of a request's path, and the values of its variable parts.

        Variable parts match anything but an empty text. A path that nothing matches is that of the fallback.
        """
        asked = _parts(path)
        for resource, parts in self._by_length.get(len(asked), ()):
            if all(part == value or (value and _is_variable(part)) for part, value in zip(parts, asked, strict=True)):
                return resource, _values(parts, asked)
        parts = _parts(DEEPEST)
        return DEEPEST, _values(parts, (*asked, *[""] * len(parts)))


def _parts(path: str) -> tuple[str, ...]:
    inner = path.removeprefix("/").removesuffix("/")
    return tuple(inner.split("/")) if inner else ()


def _is_variable(part: str) -> bool:
    return part.startswith("{")


def _values(parts: tuple[str, ...], asked: tuple[str, ...]) -> dict[str, str]:
    return {part[1:-1]: value for part, value in zip(parts, asked, strict=False) if _is_variable(part)}


def translate(event: Event, resource: str, values: Mapping[str, str]) -> Rest:
    """Return the event that a REST API would send for a request, without the secret.

    Args:
        event: the request.
        resource: the path of its route.
        values: the variable parts of the path.
    """
    context = event["requestContext"]
    http = context["http"]
    headers = {name: value for name, value in event["headers"].items() if name != SECRET}
    if "cookies" in event:
        headers["cookie"] = "; ".join(event["cookies"])
    headers |= forwarded(headers, http["sourceIp"])
    return {
        "headers": headers,
        "multiValueQueryStringParameters": parse_qs(event["rawQueryString"], keep_blank_values=True) or None,
        "pathParameters": values or None,
        "requestContext": {
            "httpMethod": http["method"],
            "resourcePath": resource,
            "path": event["rawPath"],
            "identity": {"sourceIp": http["sourceIp"]},
            "requestId": context["requestId"],
        },
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


def forwarded(headers: Mapping[str, str], caller: str) -> dict[str, str]:
    """Return the header with CloudFront's caller and that of the API, if CloudFront has named its own.

    CloudFront and a REST API make this chain; HTTP and WebSocket APIs may pass on their own caller alone.
    """
    if VIEWER not in headers:
        return {}
    viewer = headers[VIEWER].rpartition(":")[0].strip("[]")
    return {"x-forwarded-for": f"{viewer}, {caller}"}


def respond(answer: Answer) -> dict[str, object]:
    """Return a REST API's response in the form that an HTTP API reads, which has a place of its own for cookies."""
    headers, cookies = {}, []
    for name, values in (*_listed(answer["headers"]), *answer["multiValueHeaders"].items()):
        if name.lower() == "set-cookie":
            cookies += values
        else:
            headers[name] = ", ".join(values)
    return {
        "statusCode": answer["statusCode"],
        "headers": headers,
        "cookies": cookies,
        "body": answer["body"],
        "isBase64Encoded": answer.get("isBase64Encoded", False),
    }


def _listed(headers: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    return ((name, [value]) for name, value in headers.items())


class Application(Chalice):
    """The Chalice app, called with the events of a REST API or of the HTTP API."""

    def __call__(self, event: Event | Rest, context: object) -> dict[str, object]:
        """Handle a request, if it comes through CloudFront. API Gateway checks that of requests to a REST API."""
        if not _is_of_http_api(event):
            return super().__call__(event, context)
        if not has_secret(event["headers"]):
            return respond(_refusal())
        resource, values = self._resources.find(event["rawPath"])
        if event["requestContext"]["http"]["method"] == "OPTIONS" and (preflight := self._preflight(resource)):
            return respond(preflight)
        rest = super().__call__(translate(event, resource, values), context)
        return respond(cast(Answer, rest))

    @cached_property
    def _resources(self) -> Resources:
        """The paths, once all of them are declared."""
        return Resources(self.routes)

    def _preflight(self, resource: str) -> Answer | None:
        """Return the response to a preflight request, the one of a REST API; None if the route has no CORS."""
        allowed = {name: entry.cors for name, entry in self.routes[resource].items() if entry.cors}
        for cors in allowed.values():  # all of a path's methods have the same
            methods = {"Access-Control-Allow-Methods": ",".join([*allowed, "OPTIONS"])}
            headers = {**methods, **cors.get_access_control_headers()}
            return {"statusCode": 200, "headers": headers, "multiValueHeaders": {}, "body": ""}
        return None


def _refusal() -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": PRIVATE}
    body = '{"error":"This address accepts requests from CloudFront only; use the address of the instance"}'
    return {
        "statusCode": 403,
        "headers": {**headers, **CORS.get_access_control_headers()},
        "multiValueHeaders": {},
        "body": body,
    }


def _is_of_http_api(event: Event | Rest) -> TypeGuard[Event]:
    return event.get("version") == "2.0"


def has_secret(headers: Mapping[str, str]) -> bool:
    """Return whether a request has the deployment's secret.

    Without a secret, everybody may call, except behind CloudFront: a function that has lost its secret refuses all.
    """
    current = settings.get()
    if not current.origin_secret:
        return current.trusted_proxies == 0
    return hmac.compare_digest(headers.get(SECRET, "").encode(), current.origin_secret.encode())
