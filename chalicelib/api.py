"""Declaring routes: each states its path, who may call it, and its parameters; everything else is shared.

A handler takes a `Call` and returns a struct or a `Response`. `chalicelib.errors` turns what it raises into a response.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_type_hints
from urllib.parse import unquote

import msgspec
from chalice.app import Blueprint as ChaliceBlueprint
from chalice.app import CORSConfig, Request, Response

from chalicelib import acceptance, bodies, deadlines, errors, methods, relative, words
from chalicelib.layout import ACCOUNT
from chalicelib.rates import Limits
from fstream_app.access import oauth
from fstream_app.access.rates import Action
from fstream_app.core import clock, settings
from fstream_app.core.errors import Invalid, NoToken, Unauthenticated
from fstream_app.core.grants import Token

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
    expose_headers=[
        "Link",
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "X-Request-Id",
    ],
    max_age=86_400,
)
AUTHORIZATION = "/oauth/authorize"
FORMS = AUTHORIZATION, ACCOUNT
"""Paths without CORS, with those below them: other sites' pages must not read or submit them (RFC 9700, 2.6)."""
_NO_TOKEN = frozenset({"", "null", "undefined", "NaN", "None", "nil"})
"""Values that clients send after `Bearer` without a token: the missing values of JavaScript, Python, Ruby and Swift."""
PRIVATE = "private, no-store"
"""The Cache-Control of responses that do not set their own."""
PUBLIC = "public, max-age=300"
"""The Cache-Control of documents that are the same for everybody until the next deployment."""

P = TypeVar("P", bound=msgspec.Struct)


class Access(Enum):
    """Who may call a route."""

    ANYBODY = "anybody; tokens are ignored"
    READER = "anybody; a token is optional, must be valid, and may show more"
    APPLICATION = "any valid token"
    USER = "a user's token"


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Call(Generic[P]):
    """A request, parsed and authorised."""

    parameters: P
    now: int
    """Milliseconds since the epoch."""
    path: Mapping[str, str]
    """The variable parts of the path, without percent-encoding: API Gateway decodes them, the local server does not."""
    request: Request
    limits: Limits
    """The caller's rate limits. Handlers take from those that apply beyond the number of requests."""
    token: Token | None = None

    @property
    def reader_id(self) -> str | None:
        """The calling user's id, if any."""
        return self.token.user_id if self.token else None

    @property
    def user_id(self) -> str:
        """The calling user's id.

        Raises:
            Invalid: the token is an application's own.
        """
        if self.reader_id is None:
            raise Invalid("This method requires an authenticated user")
        return self.reader_id


@dataclass(frozen=True, slots=True)
class Route:
    """A route's declaration."""

    method: str
    path: str
    access: Access
    scope: str
    parameters: type[msgspec.Struct] = Nothing
    in_body: bool = False
    """Whether parameters are read from the body alone: URLs, with any secrets in them, end up in logs."""
    answer: Any = None
    """The type of a successful response's body; None leaves the route out of the API description."""
    summary: str = ""
    limited: bool = True
    """Whether calls count as requests, so that responses carry the rate limit headers; others count as public ones."""
    status: int = 200
    """The status of a successful response."""


class Blueprint(ChaliceBlueprint):
    """A Chalice blueprint with FSTREAM's way of declaring routes.

    Args:
        import_name: the module's name.
        limited: whether calls count as requests. Routes that read no table need not: they have a wider limit, which is
            not shown, because CloudFront gives their responses to others as well.
        respond: turns an exception into a response; pages for people have their own.
        translated: whether responses are in the reader's language, so that they must not be cached for others.
    """

    def __init__(
        self,
        import_name: str,
        *,
        limited: bool = True,
        respond: Callable[[Exception], Response] = errors.respond,
        translated: bool = False,
    ) -> None:
        super().__init__(import_name)
        self.module = import_name
        self._translated = translated
        self._limited = limited
        self._respond = respond
        self.routes: list[Route] = []
        """The declared routes, in order."""

    def declare(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        *,
        access: Access = Access.USER,
        scope: str = "",
        parameters: type[P] = Nothing,  # type: ignore[assignment]
        in_body: bool = False,
        answer: Any = None,  # noqa: ANN401
        status: int = 200,
    ) -> Callable[[Callable[[Call[P]], Any]], Callable[[Call[P]], Any]]:
        """Register a handler.

        Args:
            method: the HTTP method.
            path: the path, with variable parts in braces.
            access: who may call.
            scope: the scope that a token must cover, if any.
            parameters: the struct that query string and body are read into.
            in_body: whether parameters are read from the body alone.
            answer: the type of the response's body, for handlers annotated with `Response`.
            status: the status of a successful response, for all other handlers.
        """

        def decorate(handler: Callable[[Call[P]], Any]) -> Callable[[Call[P]], Any]:
            returned = get_type_hints(handler).get("return")
            shape = answer if returned is Response else returned
            summary = (handler.__doc__ or "").partition("\n")[0]
            route = Route(method, path, access, scope, parameters, in_body, shape, summary, self._limited, status)
            self.routes.append(route)
            self._register(route, self._view(route, parameters, handler))
            return handler

        return decorate

    def _view(self, route: Route, parameters: type[P], handler: Callable[[Call[P]], Any]) -> Callable[..., Response]:
        """Return the function that Chalice calls: it reads the request, calls the handler and answers errors."""

        @functools.wraps(handler)
        def view(**values: str) -> Response:
            request = self.current_request
            limits = Limits(request, clock.now())
            language = words.choose(request) if self._translated else None
            with (
                deadlines.of_request(request.lambda_context),
                settings.addressed(request.headers.get("host")),
                words.speaking(language),
                relative.to(relative.path(request)),
            ):
                try:
                    answer = handler(self._call(route, parameters, values, limits))
                    if not isinstance(answer, Response):
                        answer = Response(answer, status_code=route.status)
                except Exception as error:  # noqa: BLE001
                    answer = self._respond(error)
                return finish(answer, request, limits.headers)

        return view

    def _register(self, route: Route, view: Callable[..., Response]) -> None:
        self.route(
            route.path,
            methods=[route.method, "HEAD"] if route.method == "GET" else [route.method],
            # Chalice would reject all other types, even where no body is sent; `bodies` decides instead.
            content_types=["*/*"],
            cors=None if _has_form(route.path) else CORS,
            api_key_required=requires_key(),
        )(view)

    def _call(self, route: Route, parameters: type[P], path: Mapping[str, str], limits: Limits) -> Call[P]:
        request = self.current_request
        token = _authenticate(route, request, limits)
        if token is not None and route.scope:
            oauth.require(token, route.scope)
        if token is None and route.access in {Access.APPLICATION, Access.USER}:
            raise NoToken("The access token is invalid")
        # Without parameters the body is not read, whatever it is: clients send `{}`, a blank or a picture.
        read = parameters() if parameters is Nothing else bodies.read(request, parameters, in_body=route.in_body)
        decoded = {name: unquote(part) for name, part in path.items()}
        call = Call(read, limits.now, decoded, request, limits, token)
        if route.access is Access.USER:
            _ = call.user_id
        return call


def _has_form(path: str) -> bool:
    return any(path == form or path.startswith(f"{form}/") for form in FORMS)


def requires_key() -> bool:
    """Return whether the REST API requires a key, as behind CloudFront, whose requests come through the HTTP API.

    No key exists, so nobody bypasses CloudFront. Chalice needs the value when it decorates, so the settings are read at
    import.
    """
    return settings.get().trusted_proxies > 0


def _authenticate(route: Route, request: Request, limits: Limits) -> Token | None:
    """Return the token, if any, and count the request against its user, or else against the address.

    A request with a wrong token counts against the address. The token is read (1 RRU) even when the address has no
    requests left: rejecting earlier would save less than an invocation costs, and would lock out people who share
    their address with a broken client.
    """
    token: Token | None = None
    try:
        if route.access is not Access.ANYBODY:
            token = _token(request, limits.now)
    finally:
        limits.user_id = token.user_id if token else None
        limits.take(Action.REQUEST if route.limited else Action.PUBLIC)
    return token


def _token(request: Request, now: int) -> Token | None:
    header = request.headers.get("authorization", "")
    kind, _, secret = header.strip().partition(" ")
    if kind.lower() in {"", "bearer"} and secret.strip() in _NO_TOKEN:
        return None
    if kind.lower() != "bearer":
        raise Unauthenticated("The access token is invalid")
    return oauth.verify(secret.strip(), now)


def finish(answer: object, request: Request, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Turn a handler's result into a response, with the headers that all responses have, and `more`.

    The response to HEAD is that to GET, without the body.
    """
    response = answer if isinstance(answer, Response) else Response(answer)
    errors.translate(response, request)
    if not isinstance(response.body, str | bytes):
        response.body = msgspec.json.encode(response.body).decode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": PRIVATE,
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": getattr(request.lambda_context, "aws_request_id", ""),
    }
    response.headers = {**headers, **more, **response.headers}
    if request.method == "HEAD":
        response.body = response.body[:0]
    if response.headers["Cache-Control"] == PRIVATE:
        response.headers["Pragma"] = "no-cache"  # required where there are secrets (RFC 6749, section 5.1)
    return response


def reshape_errors(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """HTTP middleware: give Chalice's own errors (405, 415, …) the body, or page, and headers of all other errors."""
    response = get_response(request)
    if isinstance(response.body, dict) and response.body.keys() == {"Code", "Message"}:
        with words.speaking(words.choose(request)), relative.to(relative.path(request)):
            if response.status_code == 405:
                shown = acceptance.respond(methods.refusal(str(response.headers["Allow"])), request)
            else:
                response.body = {"error": response.body["Message"]}
                shown = acceptance.present(response, request)
        cors = {} if _has_form(request.context["resourcePath"]) else CORS.get_access_control_headers()
        return finish(shown, request, cors)
    return response
