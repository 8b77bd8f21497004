"""/openapi.json: the API description in OpenAPI 3.1, generated from the declared routes and their structs; and /docs.

It covers routes that return JSON, not HTML pages and pictures. It is generated on the first request for it in each
process (some 50 ms), so that cold starts do not pay for it.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Never

import msgspec
from cachetools import LRUCache
from chalice.app import Response

from chalicelib import bodies, entities, errors, layout, relative, rendering, schemas, shapes
from chalicelib.api import PUBLIC, Access, Blueprint, Call, Nothing, Route
from chalicelib.instance import SOFTWARE_VERSION
from chalicelib.layout import Html
from chalicelib.links import Links
from chalicelib.pages import MAX_LINKS, Cursors
from chalicelib.schemas import Schema
from fstream_app.access import oauth
from fstream_app.core import settings
from fstream_app.core.errors import DomainError, MethodNotAllowed
from fstream_app.core.warm import remembered

_MOST_ORIGINS, _MOST_ROOTS = 4, 2
_IN_QUERY = {"GET", "DELETE"}
"""Methods whose parameters are in the query string; those of the others are in the body."""
_DESCRIPTION = """A social network in which every message expires, with the Mastodon client API. Features of that API
that are not supported fail with status 422 and a message that suggests an alternative.

**Lifetimes.** `expires_in` in `POST /api/v1/statuses` is the lifetime in seconds. From the millisecond in a status's
`pleroma.expires_at` on, no read returns the status.

There is one exception: if somebody reports a message, a sealed copy of it may be kept for the moderators until they
decide, and for at most 14 days. The instance's description says whether this instance does that.

**Lifetimes in the text** work in every app. If the last word of a text is `#` with a whole number and `s`, `m`, `h`,
`d` or `w` (seconds to weeks), such as `#90s`, `#5m`, `#1h`, `#2d` or `#1W`, the message gets that lifetime, and the
word is removed before characters are counted and hashtags are found. White space may follow it; with anything else
behind it, even a mention, it is a hashtag. Digits may be those of any script. A lifetime outside of the instance's
limits fails with status 422, as does a text of nothing but this word, unless there is a content warning. `expires_in`
takes precedence, and the word is removed all the same. `source[lifetime_in_text]` switches this off for an account.

**Default lifetimes.** A message without a lifetime gets the account's default for its visibility
(`source[expires_in][direct]` and so on), or else the account's general one (`source[expires_in]`), or else the
instance's. A direct reply gets the lifetime of the message that it answers instead: the same number of seconds,
however many of these are left.

**Threads that end together.** With `thread_ends_together` in the first message of a thread, or as an account's default
(`source[thread_ends_together]`), no reply lives longer than the first message: every reply that would have ends in the
same millisecond, and none is refused because little time is left. A reply's shorter lifetime stays. Replies cannot
change it for their thread. Statuses of such threads have `pleroma.thread_ends_together`.

**Going soon**, with the id `going-soon`, is the first list of every account: the messages on its home timeline that
expire within the hour, the soonest first. It has no members, and can't be changed or deleted. Its cursors are ids of
statuses, as everywhere, and mean places in the list. `max_id` returns what comes after that status, so paging to the
end returns every status once; what has expired meanwhile is at the beginning, where the client has been. `min_id`
returns what comes before it. `since_id` returns what comes before it and is newer; once that status has expired, what
was posted since.

**Bodies** may be JSON, urlencoded or multipart. In forms, arrays are `id[]=…`, `id[0]=…` or a repeated `id=…`, objects
`source[privacy]=…`, and booleans true, 1 or on. Null counts as missing. Parameters in a body, except secrets, may also
be in the query string; the body takes precedence.

**Ids** are opaque strings; those of statuses and notifications sort by time. **Dates** are UTC with milliseconds.
**Pages**: the `Link` header leads to the next (older) and the previous (newer) page.

**Errors** are `{"error": …}` with a message for people, in English or, by `Accept-Language`, in German. At `/oauth`,
`error` is a code and `error_description` the message, which is always English."""
_SECURITY = {
    Access.ANYBODY: (),
    Access.READER: ("", "user", "application"),
    Access.APPLICATION: ("user", "application"),
    Access.USER: ("user",),
}
"""The security schemes that give access to a route; the empty one means no token."""
_SCOPES = {
    "read": "Everything that the read scopes allow",
    "write": "Everything that the write scopes allow",
    "follow": "Read and change follows, blocks and mutes",
    "profile": "Read the user's own account",
    "push": "Push notifications, which are not supported",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Posting again with the same key within an hour returns the message that was posted first.",
    "schema": msgspec.json.schema(shapes.IdempotencyKey),
}
_IN_PATH = {
    "/api/oauth_tokens/{id}": shapes.SessionId,
    "/api/v1/accounts/{id}": shapes.UserId,
    "/api/v1/notifications/{id}": shapes.MessageId,
    "/api/v1/statuses/{id}": shapes.MessageId,
    "/api/v1/tags/{name}": shapes.Hashtag,
    "/api/v1/timelines/tag/{name}": shapes.Hashtag,
}
"""The types of variables, by the beginning of the paths that have them. All others take any value."""
_TAKE_ANYTHING = {"empty", "unsupported"}
"""Blueprints whose routes do not look at the variables in their paths."""
_HEADERS = {
    "Link": ("The next (older) and the previous (newer) page, if any.", {"type": "string", "maxLength": MAX_LINKS}),
    "Retry-After": ("Seconds to wait before trying again.", {"type": "integer", "minimum": 1}),
    "X-RateLimit-Limit": ("The limit: how many calls it allows per period.", {"type": "integer", "minimum": 1}),
    "X-RateLimit-Remaining": ("How many of these calls are left.", {"type": "integer", "minimum": 0}),
    "X-RateLimit-Reset": (
        "When the next period begins: UTC with microseconds.",
        {"type": "string", "format": "date-time"},
    ),
}
_LIMITS = [name for name in _HEADERS if name.startswith("X-RateLimit-")]


def describing(blueprints: Iterable[Blueprint]) -> Blueprint:
    """Return a blueprint that serves the description of these blueprints' routes and its own, as JSON and as a page."""
    api = Blueprint(__name__, limited=False)
    described = [*blueprints, api]

    @remembered
    def encoded() -> LRUCache[str, str]:
        return LRUCache(_MOST_ORIGINS)  # by origin; only a local server has several

    @remembered
    def rendered() -> LRUCache[str, Html]:
        return LRUCache(_MOST_ROOTS)  # by where links lead: another with a slash at the end of the address

    @api.declare("GET", "/openapi.json", access=Access.ANYBODY, answer=dict[str, Any])
    def openapi(_: Call[msgspec.Struct]) -> Response:
        """Describe this API in OpenAPI 3.1."""
        known, base = encoded(), rendering.base_url()
        if base not in known:
            known[base] = msgspec.json.encode(document(described)).decode()
        return Response(known[base], {"Cache-Control": PUBLIC})

    @api.declare("GET", "/docs", access=Access.ANYBODY)
    def reference(_: Call[msgspec.Struct]) -> Response:
        """Show the API reference."""
        known, root, title = rendered(), relative.root(), f"{settings.get().title} API"
        if root not in known:
            from chalicelib import docs  # only here: no other request needs it

            known[root] = docs.render(document(described))
        into = layout.Into(f"{root}/", "Open")
        return layout.page(title, known[root], headers={"Cache-Control": PUBLIC}, kind="wide", into=into)

    return api


def document(blueprints: Sequence[Blueprint]) -> Schema:
    """Describe the routes of these blueprints, ordered by path. Routes without a response type are left out."""
    described = [(each, route) for each in blueprints for route in each.routes if route.answer is not None]
    described.sort(key=lambda pair: (pair[1].path, pair[1].method))
    types = _Types([route for _, route in described])
    links = Links([route for _, route in described], _operation_id)
    paths: dict[str, dict[str, Schema]] = {}
    for blueprint, route in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, _tag(blueprint), types, links)
    tagged = {_tag(each): each for each in blueprints if any(route.answer is not None for route in each.routes)}
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": rendering.base_url()}],
        "tags": [{"name": tag, "description": _about(blueprint)} for tag, blueprint in tagged.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(types.components.items())),
            "links": dict(sorted(links.components.items())),
            "responses": {kind.__name__: _error_response(kind) for kind in _error_kinds()},
            "headers": {
                name: {"description": description, "schema": schema} for name, (description, schema) in _HEADERS.items()
            },
            "securitySchemes": _security_schemes(),
        },
    }


class _Types:
    """The schemas of request and response bodies."""

    def __init__(self, routes: list[Route]) -> None:
        # Like a request body, an error leaves out fields that it does not need, so it is described like one.
        read = [entities.Error, *(route.parameters for route in routes if _takes_body(route))]
        made = [route.answer for route in routes if route.answer is not Never]
        bodies_read, taken = schemas.taken(read)
        answers, given = schemas.given(made)
        if both := taken.keys() & given.keys():
            raise ValueError(f"requests and responses use the same name: {', '.join(sorted(both))}")
        self.components = taken | given
        self.body = dict(zip(read, bodies_read, strict=True))
        self.answer = dict(zip(made, answers, strict=True))


def _info() -> Schema:
    current = settings.get()
    contact = {"contact": {"email": current.contact_email}} if current.contact_email else {}
    return {
        "title": current.title,
        "version": SOFTWARE_VERSION,
        "summary": current.description,
        "description": _DESCRIPTION,
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        **contact,
    }


def _tag(blueprint: Blueprint) -> str:
    return blueprint.module.rpartition(".")[2]


def _about(blueprint: Blueprint) -> str:
    return (sys.modules[blueprint.module].__doc__ or "").partition("\n")[0]


def _takes_body(route: Route) -> bool:
    return route.method not in _IN_QUERY and route.parameters is not Nothing


def _operation(route: Route, tag: str, types: _Types, links: Links) -> Schema:
    operation: Schema = {
        "operationId": _operation_id(route),
        "tags": [tag],
        "summary": route.summary.removesuffix("."),
        "security": _security(route),
        "responses": _responses(route, types, links),
    }
    if parameters := _parameters(route, tag):
        operation["parameters"] = parameters
    if _takes_body(route):
        schema = types.body[route.parameters]
        operation["requestBody"] = {
            "required": any(required for _, _, required in schemas.fields(route.parameters)),
            "content": {content_type: {"schema": schema} for content_type in bodies.CONTENT_TYPES},
        }
    return operation


def _operation_id(route: Route) -> str:
    words = route.path.replace("/api/", "/").replace("{", "").replace("}", "")
    return route.method.lower() + "".join(character if character.isalnum() else "_" for character in words)


def _parameters(route: Route, tag: str) -> list[Schema]:
    parts = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    kinds = [kind for beginning, kind in _IN_PATH.items() if route.path.startswith(beginning)]
    schema = msgspec.json.schema(kinds[0] if kinds and tag not in _TAKE_ANYTHING else str)
    found: list[Schema] = [{"name": part, "in": "path", "required": True, "schema": schema} for part in parts]
    if (route.method, route.path) == ("POST", "/api/v1/statuses"):
        found.append(_IDEMPOTENCY_KEY)
    if route.method in _IN_QUERY:
        found += [_query_parameter(*field) for field in schemas.fields(route.parameters)]
    return found


def _query_parameter(name: str, schema: Schema, required: bool) -> Schema:  # noqa: FBT001
    described = {"description": schema.pop("description")} if "description" in schema else {}
    array = schema.get("type") == "array"
    return {
        "name": f"{name}[]" if array else name,
        "in": "query",
        **({"required": True} if required else {}),
        **described,
        "schema": schema,
    }


def _security(route: Route) -> list[Schema]:
    scopes = [route.scope] if route.scope else []
    return [{scheme: scopes} if scheme else {} for scheme in _SECURITY[route.access]]


def _security_schemes() -> Schema:
    base = rendering.base_url()
    token = {"tokenUrl": f"{base}/oauth/token", "scopes": {scope: _scope(scope) for scope in sorted(oauth.SCOPES)}}
    authorization = {"authorizationUrl": f"{base}/oauth/authorize", **token}
    return {
        "user": {
            "type": "oauth2",
            "description": "A user's token.",
            "flows": {"authorizationCode": authorization, "password": token},
        },
        "application": {
            "type": "oauth2",
            "description": "An application's own token, without a user.",
            "flows": {"clientCredentials": token},
        },
    }


def _scope(scope: str) -> str:
    return _SCOPES.get(scope) or scope.replace(":", " ").capitalize()


def _responses(route: Route, types: _Types, links: Links) -> Schema:
    kinds = [kind for kind in _error_kinds() if _may_raise(route, kind.__name__)]
    refusals = {str(errors.STATUS[kind]): {"$ref": f"#/components/responses/{kind.__name__}"} for kind in kinds}
    if route.answer is Never:
        return refusals
    success: Schema = {
        "description": "Success",
        "content": {"application/json": {"schema": types.answer[route.answer]}},
    }
    names = ["Link"] if issubclass(route.parameters, Cursors) else []
    if headers := _header_references(names + (_LIMITS if route.limited else [])):
        success["headers"] = headers
    if linked := links.of(route):
        success["links"] = linked
    return {str(route.status): success, **refusals}


def _may_raise(route: Route, kind: str) -> bool:
    at_oauth = route.path.startswith("/oauth/")
    takes = route.parameters is not Nothing
    return {
        "Malformed": _takes_body(route) and not at_oauth,
        "OAuthError": at_oauth,
        "Unauthenticated": at_oauth or route.access is not Access.ANYBODY,
        "Forbidden": at_oauth or route.access is not Access.ANYBODY,  # the user may be suspended
        "NotFound": "{" in route.path or takes or route.answer is Never,
        "TooLarge": _takes_body(route),
        "UnsupportedType": _takes_body(route),
        "Invalid": takes or route.access is Access.USER or route.answer is Never,
        "TooManyRequests": True,
        "Unavailable": route.limited,
    }[kind]


def _error_kinds() -> list[type[Exception]]:
    """Return the errors of operations. A method that a path does not have is no operation."""
    return [kind for kind in errors.STATUS if issubclass(kind, DomainError) and kind is not MethodNotAllowed]


def _error_response(kind: type[Exception]) -> Schema:
    names = {429: [*_LIMITS, "Retry-After"], 503: ["Retry-After"]}.get(errors.STATUS[kind], [])
    headers = _header_references(names)
    return {
        "description": (kind.__doc__ or "").partition("\n")[0],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        **({"headers": headers} if headers else {}),
    }


def _header_references(names: list[str]) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
