"""Unknown paths: 404 as a page for browsers and in the API's error format for clients, wherever the app runs.

On AWS, the gateway itself answers paths that no route matches. So does `chalice local`, but in another format.
These routes, one per depth, match only paths that no other route matches, because variable parts match last.
"""

import msgspec
from chalice.app import Response

from chalicelib import acceptance
from chalicelib.api import Access, Blueprint, Call
from fstream_app.core.errors import NotFound


def respond(error: Exception) -> Response:
    """Report an error as a page or as JSON."""
    return acceptance.respond(error, api.current_request)


api = Blueprint(__name__, limited=False, respond=respond)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DEPTH = 8
_PAGES = {("GET", "/{part1}"), ("GET", "/{part1}/{part2}")}
"""Routes of `chalicelib.web`, which report themselves what they don't find."""


def _not_found(_: Call[msgspec.Struct]) -> Response:
    raise NotFound("This address does not exist")


for _depth in range(1, _DEPTH + 1):
    _path = "".join(f"/{{part{_number}}}" for _number in range(1, _depth + 1))
    for _method in METHODS:
        if (_method, _path) not in _PAGES:
            api.declare(_method, _path, access=Access.ANYBODY)(_not_found)
