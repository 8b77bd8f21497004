"""The choice between an HTML page and JSON, by `Accept`: browsers ask for HTML, clients do not (RFC 9110, 12.5.1)."""

from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib import errors, layout
from chalicelib.negotiation import MOST, weight


def prefers_page(accept: str) -> bool:
    """Return whether an Accept header names HTML with at least JSON's weight. `*/*` and a missing header mean JSON."""
    page = json = 0.0
    for part in accept[:MOST].lower().split(","):
        kind, *parameters = [piece.strip() for piece in part.split(";")]
        weighs = weight(parameters)
        if kind in {"text/html", "application/xhtml+xml"}:
            page = max(page, weighs)
        elif kind.endswith(("/json", "+json")):
            json = max(json, weighs)
    return page > 0 and page >= json


def respond(error: Exception, request: Request, page: Callable[[Exception], Response] = layout.failure) -> Response:
    """Report an error as a page to browsers, except below /api, and as JSON to all other clients.

    Args:
        error: what went wrong.
        request: the request that failed.
        page: builds the page.
    """
    return _varying(page(error) if _wants_page(request) else errors.respond(error))


def present(answer: Response, request: Request) -> Response:
    """Return an error that is already a response in JSON, as `respond` returns an exception."""
    return _varying(layout.refusal(answer) if _wants_page(request) else answer)


def _varying(response: Response) -> Response:
    """Add that a response depends on `Accept` to what else it depends on."""
    others = response.headers.get("Vary")
    response.headers = {**response.headers, "Vary": f"Accept, {others}" if others else "Accept"}
    return response


def _wants_page(request: Request) -> bool:
    # The path is the route's, whose first part may be variable.
    first = (request.uri_params or {}).get("part1") or request.path.split("/")[1]
    return first != "api" and prefers_page(request.headers.get("accept", ""))
