"""/openapi.json: the API in OpenAPI 3.1, made from what the blueprints declare and the structs that validate.

It describes what answers JSON; the pages and pictures for people are left out. It is made when it is first asked for,
once in a function's life (some 50 ms), so that a cold start pays nothing for it.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Never

import msgspec
from chalice.app import Response

from chalicelib import bodies, entities, errors, rendering, schemas
from chalicelib.api import Access, Blueprint, Call, Nothing, Route
from chalicelib.instance import SOFTWARE_VERSION
from chalicelib.pages import Cursors
from chalicelib.schemas import Schema
from fstream_app.access import oauth
from fstream_app.core import settings
from fstream_app.core.errors import DomainError
from fstream_app.core.warm import remembered

_CACHED = "public, max-age=300"
_OFFERED = {"GET", "DELETE"}
"""Methods whose parameters are in the query string; the others have them in the body."""
_DESCRIPTION = """A social network in which nothing stays, speaking the Mastodon client API. What is there of it is told
here; what is never going to be there is refused with 422 and a sentence that tells what to do instead.

**Lifetimes.** `expires_in` (seconds) in `POST /api/v1/statuses`; `pleroma.expires_at` in a status is the millisecond
from which no read returns it.

**Bodies** may be JSON, urlencoded or multipart. In forms arrays are `id[]=…`, objects `source[privacy]=…`, booleans
true, 1 or on. Null counts as missing. Except for secrets, what a body may have may be in the query string too; the
body goes before.

**Ids** are opaque texts that sort by time. **Dates** are UTC with milliseconds. **Pages**: `Link` leads to the next
(older) and the previous (newer) one.

**Errors** are `{"error": …}` with a sentence for people; at `/oauth` the error's code, with the sentence beside it."""
_SECURITY = {
    Access.ANYBODY: (),
    Access.READER: ("", "user", "application"),
    Access.APPLICATION: ("user", "application"),
    Access.USER: ("user",),
}
"""Which of the security schemes open a route; the empty one is no token."""
_SCOPES = {
    "read": "Read all that the scopes under it are for",
    "write": "Write all that the scopes under it are for",
    "follow": "Read and write follows, blocks and mutes",
    "profile": "Read who the user is",
    "push": "Push notifications, of which there are none",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Posting again with the same key within an hour answers the message that there is.",
    "schema": {"type": "string"},
}
_HEADERS = {
    "Link": ("The next (older) page and the previous (newer) one, if there are.", "string"),
    "Retry-After": ("Seconds to wait.", "integer"),
    "X-RateLimit-Limit": ("How many requests the limit allows.", "integer"),
    "X-RateLimit-Remaining": ("How many of them are left.", "integer"),
    "X-RateLimit-Reset": ("When all of them are there again: UTC with microseconds.", "string"),
}
_LIMITS = [name for name in _HEADERS if name.startswith("X-RateLimit-")]


def describing(blueprints: Iterable[Blueprint]) -> Blueprint:
    """Return a blueprint whose route describes all of these, and itself."""
    api = Blueprint(__name__, limited=False)
    described = [*blueprints, api]

    @remembered
    def encoded() -> str:
        return msgspec.json.encode(document(described)).decode()

    @api.declare("GET", "/openapi.json", access=Access.ANYBODY, answer=dict[str, Any])
    def openapi(_: Call[msgspec.Struct]) -> Response:
        """Describe this API in OpenAPI 3.1."""
        return Response(encoded(), {"Cache-Control": _CACHED})

    return api


def document(blueprints: Sequence[Blueprint]) -> Schema:
    """Describe the routes of these blueprints, paths in order; those without an answer's type are left out."""
    described = [(each, route) for each in blueprints for route in each.routes if route.answer is not None]
    described.sort(key=lambda pair: (pair[1].path, pair[1].method))
    types = _Types([route for _, route in described])
    paths: dict[str, dict[str, Schema]] = {}
    for blueprint, route in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, _tag(blueprint), types)
    tagged = [each for each in blueprints if any(route.answer is not None for route in each.routes)]
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": rendering.base_url()}],
        "tags": [{"name": _tag(blueprint), "description": _about(blueprint)} for blueprint in tagged],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(types.components.items())),
            "responses": {kind.__name__: _error_response(kind) for kind in _error_kinds()},
            "headers": {
                name: {"description": description, "schema": {"type": kind}}
                for name, (description, kind) in _HEADERS.items()
            },
            "securitySchemes": _security_schemes(),
        },
    }


class _Types:
    """The schemas of what routes take in bodies and answer."""

    def __init__(self, routes: list[Route]) -> None:
        # What an error does not need to tell is left out of it, as of a body; so it is described like one.
        read = [entities.Error, *(route.parameters for route in routes if _takes_body(route))]
        made = [route.answer for route in routes if route.answer is not Never]
        bodies_read, taken = schemas.taken(read)
        answers, given = schemas.given(made)
        if both := taken.keys() & given.keys():
            raise ValueError(f"read and answered under the same name: {', '.join(sorted(both))}")
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
    return route.method not in _OFFERED and route.parameters is not Nothing


def _operation(route: Route, tag: str, types: _Types) -> Schema:
    operation: Schema = {
        "operationId": _operation_id(route),
        "tags": [tag],
        "summary": route.summary.removesuffix("."),
        "security": _security(route),
        "responses": _responses(route, types),
    }
    if parameters := _parameters(route):
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


def _parameters(route: Route) -> list[Schema]:
    parts = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    found: list[Schema] = [
        {"name": part, "in": "path", "required": True, "schema": {"type": "string"}} for part in parts
    ]
    if (route.method, route.path) == ("POST", "/api/v1/statuses"):
        found.append(_IDEMPOTENCY_KEY)
    if route.method in _OFFERED:
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
            "description": "A token of a user.",
            "flows": {"authorizationCode": authorization, "password": token},
        },
        "application": {
            "type": "oauth2",
            "description": "A token of an application alone.",
            "flows": {"clientCredentials": token},
        },
    }


def _scope(scope: str) -> str:
    return _SCOPES.get(scope) or scope.replace(":", " ").capitalize()


def _responses(route: Route, types: _Types) -> Schema:
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
    return {"200": success, **refusals}


def _may_raise(route: Route, kind: str) -> bool:
    at_oauth = route.path.startswith("/oauth/")
    takes = route.parameters is not Nothing
    return {
        "Malformed": _takes_body(route) and not at_oauth,
        "OAuthError": at_oauth,
        "Unauthenticated": at_oauth or route.access is not Access.ANYBODY,
        "Forbidden": at_oauth or bool(route.scope),
        "NotFound": "{" in route.path or takes or route.answer is Never,
        "TooLarge": _takes_body(route),
        "Invalid": takes or route.access is Access.USER or route.answer is Never,
        "TooManyRequests": route.limited,
        "Unavailable": route.limited,
    }[kind]


def _error_kinds() -> list[type[Exception]]:
    return [kind for kind in errors.STATUS if issubclass(kind, DomainError)]


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
