"""Unknown paths: 404 as a page for browsers and in the API's error format for clients, wherever the app runs.

A REST API answers paths that no route matches itself. So does `chalice local`, but in another format. These routes, one
per depth, match only paths that no other route matches, because variable parts match last.
"""

import msgspec
from chalice.app import Response

from chalicelib import acceptance
from chalicelib.api import Access, Blueprint, Call
from fstream_app.core.errors import NotFound


def respond(error: Exception) -> Response:
    """Report an error as a page or as JSON."""
    return acceptance.respond(error, api.current_request)


api = Blueprint(__name__, limited=False, respond=respond, translated=True)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DEPTH = 8


def _path(depth: int) -> str:
    return "".join(f"/{{part{number}}}" for number in range(1, depth + 1))


DEEPEST = _path(_DEPTH)
"""The path of the deepest route."""
_PAGES = {("GET", "/{part1}"), ("GET", "/{part1}/{part2}")}
"""Routes of `chalicelib.public_pages`, which report themselves what they don't find."""


def _not_found(_: Call[msgspec.Struct]) -> Response:
    raise NotFound("This address does not exist")


for _depth in range(1, _DEPTH + 1):
    for _method in METHODS:
        if (_method, _path(_depth)) not in _PAGES:
            api.declare(_method, _path(_depth), access=Access.ANYBODY)(_not_found)
