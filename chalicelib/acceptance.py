"""The choice between an HTML page and JSON, by `Accept`: browsers ask for HTML, clients do not (RFC 9110, 12.5.1)."""

from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib import errors, layout

_MOST = 1000
"""Characters of the header that are read."""


def prefers_page(accept: str) -> bool:
    """Return whether an Accept header names HTML with at least JSON's weight. `*/*` and a missing header mean JSON."""
    page = json = 0.0
    for part in accept[:_MOST].lower().split(","):
        kind, *parameters = [piece.strip() for piece in part.split(";")]
        weighs = weight(parameters)
        if kind in {"text/html", "application/xhtml+xml"}:
            page = max(page, weighs)
        elif kind.endswith(("/json", "+json")):
            json = max(json, weighs)
    return page > 0 and page >= json


def weight(parameters: list[str]) -> float:
    """Return the weight among a media type's parameters: 1 if it is missing or malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0


def respond(error: Exception, request: Request, page: Callable[[Exception], Response] = layout.failure) -> Response:
    """Report an error as a page to browsers, except below /api, and as JSON to all other clients.

    Args:
        error: what went wrong.
        request: the request that failed.
        page: builds the page.
    """
    response = page(error) if _wants_page(request) else errors.respond(error)
    response.headers["Vary"] = "Accept"
    return response


def present(answer: Response, request: Request) -> Response:
    """Return an error that is already a response in JSON, as `respond` returns an exception."""
    response = layout.refusal(answer) if _wants_page(request) else answer
    response.headers = {**response.headers, "Vary": "Accept"}
    return response


def _wants_page(request: Request) -> bool:
    # The path is the route's, whose first part may be variable.
    first = (request.uri_params or {}).get("part1") or request.path.split("/")[1]
    return first != "api" and prefers_page(request.headers.get("accept", ""))
