"""Routes as FSTREAM declares them: path, who may call, which parameters; the rest is the same for all.

A handler gets a `Call` and returns a struct (or a `Response`); what it raises is answered by the table of errors.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from chalice.app import Blueprint as ChaliceBlueprint
from chalice.app import CORSConfig, Request, Response

from chalicelib import bodies, errors
from chalicelib.rates import Limits
from fstream_app.access import oauth
from fstream_app.access.rates import Action
from fstream_app.core import clock, settings
from fstream_app.core.entities import Token
from fstream_app.core.errors import Invalid, Unauthenticated

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
PRIVATE = "private, no-store"
"""The Cache-Control of everything that no rule makes public."""

P = TypeVar("P", bound=msgspec.Struct)


class Access(Enum):
    """Who may call a route."""

    ANYBODY = "no token is looked at"
    READER = "anybody; a token that is sent must be valid, and shows more"
    APPLICATION = "any valid token"
    USER = "a token of a user"


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Call(Generic[P]):
    """A request, read and authorised."""

    parameters: P
    now: int
    """Milliseconds."""
    path: Mapping[str, str]
    request: Request
    limits: Limits
    """Where a handler takes what is limited beyond the number of requests."""
    token: Token | None = None

    @property
    def reader_id(self) -> str | None:
        """The user who calls, if any."""
        return self.token.user_id if self.token else None

    @property
    def user_id(self) -> str:
        """The user who calls.

        Raises:
            Invalid: the token stands for an application alone.
        """
        if self.reader_id is None:
            raise Invalid("This method requires an authenticated user")
        return self.reader_id


@dataclass(frozen=True, slots=True)
class Route:
    """What is declared of a route."""

    method: str
    path: str
    access: Access
    scope: str
    parameters: type[msgspec.Struct] = Nothing
    in_body: bool = False
    """Whether parameters are read from the body alone: addresses, secrets in them included, end up in logs."""
    answer: Any = None
    """The type of the body that a success answers with; None where the API's description leaves the route out."""
    summary: str = ""
    limited: bool = True
    """Whether calls count as requests, so that answers tell what is left of the limit."""


class Blueprint(ChaliceBlueprint):
    """Chalice's blueprint with FSTREAM's routes.

    Args:
        import_name: the module's name.
        limited: whether calls count as requests; those that read no table need not.
        respond: what makes an answer of an error, where people see it.
    """

    def __init__(
        self, import_name: str, *, limited: bool = True, respond: Callable[[Exception], Response] = errors.respond
    ) -> None:
        super().__init__(import_name)
        self.module = import_name
        self._limited = limited
        self._respond = respond
        self.routes: list[Route] = []
        """What was declared, in order."""

    def declare(
        self,
        method: str,
        path: str,
        *,
        access: Access = Access.USER,
        scope: str = "",
        parameters: type[P] = Nothing,  # type: ignore[assignment]
        in_body: bool = False,
        answer: Any = None,  # noqa: ANN401
    ) -> Callable[[Callable[[Call[P]], Any]], Callable[[Call[P]], Any]]:
        """Register a handler.

        Args:
            method: the HTTP method.
            path: the path, its variable parts in braces.
            access: who may call.
            scope: what a token must cover, if there is one.
            parameters: what is read of query string and body.
            in_body: whether it is read of the body alone.
            answer: the type of the answer's body, where the handler's annotation is a `Response`.
        """

        def decorate(handler: Callable[[Call[P]], Any]) -> Callable[[Call[P]], Any]:
            returned = get_type_hints(handler).get("return")
            route = Route(
                method=method,
                path=path,
                access=access,
                scope=scope,
                parameters=parameters,
                in_body=in_body,
                answer=answer if returned is Response else returned,
                summary=(handler.__doc__ or "").partition("\n")[0],
                limited=self._limited,
            )
            self.routes.append(route)

            @functools.wraps(handler)
            def view(**values: str) -> Response:
                limits = Limits(self.current_request, clock.now())
                try:
                    answer = handler(self._call(route, parameters, values, limits))
                except Exception as error:  # noqa: BLE001
                    answer = self._respond(error)
                return finish(answer, self.current_request, limits.headers)

            self.route(
                path,
                methods=[method],
                content_types=bodies.CONTENT_TYPES,
                cors=CORS,
                # Behind CloudFront, which has the key, nobody may go around it. Nothing but API Gateway looks at this.
                # Chalice takes the value when it decorates, so the settings are read at import.
                api_key_required=settings.get().trusted_proxies > 0,
            )(view)
            return handler

        return decorate

    def _call(self, route: Route, parameters: type[P], path: Mapping[str, str], limits: Limits) -> Call[P]:
        request = self.current_request
        token = _authenticate(route, request, limits)
        if token is not None and route.scope:
            oauth.require(token, route.scope)
        if token is None and route.access in {Access.APPLICATION, Access.USER}:
            raise Unauthenticated("The access token is invalid")
        # Where nothing is read of a body, anything may be sent: clients send `{}`, a blank or a picture.
        read = parameters() if parameters is Nothing else bodies.read(request, parameters, in_body=route.in_body)
        call = Call(read, limits.now, path, request, limits, token)
        if route.access is Access.USER:
            _ = call.user_id
        return call


def _authenticate(route: Route, request: Request, limits: Limits) -> Token | None:
    """Return the token, if there is one, and count the request: for its user, or for the address.

    Wrong tokens count for the address, but are looked at even when that has nothing left (1 RRU): refusing before
    would save less than an invocation costs, and shut out people who share their address with a broken client.
    """
    token: Token | None = None
    try:
        if route.access is not Access.ANYBODY:
            token = _token(request, limits.now)
    finally:
        limits.user_id = token.user_id if token else None
        if route.limited:
            limits.take(Action.REQUEST)
    return token


def _token(request: Request, now: int) -> Token | None:
    header = request.headers.get("authorization", "")
    kind, _, secret = header.partition(" ")
    if not header:
        return None
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("The access token is invalid")
    return oauth.verify(secret.strip(), now)


def finish(answer: object, request: Request, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Make the answer a response with the headers that all have, and more."""
    response = answer if isinstance(answer, Response) else Response(answer)
    if not isinstance(response.body, str | bytes):
        response.body = msgspec.json.encode(response.body).decode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": PRIVATE,
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": getattr(request.lambda_context, "aws_request_id", ""),
    }
    response.headers = {**headers, **more, **response.headers}
    return response


def reshape_errors(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Give Chalice's own errors (405, 415, …) the shape and the headers of all answers: HTTP middleware."""
    response = get_response(request)
    if isinstance(response.body, dict) and response.body.keys() == {"Code", "Message"}:
        response.body = {"error": response.body["Message"]}
        response.headers = {**CORS.get_access_control_headers(), **response.headers}
        return finish(response, request)
    return response
