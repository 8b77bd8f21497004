"""Methods that a path does not have, and paths that only lead to others: API Gateway passes them on to FSTREAM.

API Gateway responds itself to whatever is not declared. If the request has an Authorization header, as all requests of
Mastodon clients have, its response contains the token.
"""

from collections.abc import Iterable, Iterator

from chalice.app import Chalice, Response

from fstream_app.core.errors import DomainError, MethodNotAllowed, NotFound

ANY = "X-AMAZON-APIGATEWAY-ANY-METHOD"
"""The name of all methods that a path does not declare, in the API description that Chalice sends to API Gateway.

To Chalice it is a method that no request has. So Chalice rejects the others, and `refusal` says how.
"""


def complete(app: Chalice, *, api_key_required: bool) -> None:
    """Declare all other methods of every path, and all methods of the paths above it."""
    for path in sorted(_above(app.routes)):
        app.route(
            path,
            methods=[ANY],
            name=f"other methods of {path}",
            content_types=["*/*"],
            api_key_required=api_key_required,
        )(_refuse)


def _above(paths: Iterable[str]) -> Iterator[str]:
    """Return the paths, and all paths that lead to them, each once."""
    parts = {tuple(path.strip("/").split("/")) for path in paths}
    return ("/" + "/".join(above) for above in {part[:length] for part in parts for length in range(1, len(part) + 1)})


def _refuse(**_: str) -> Response:
    """Respond as Chalice does to other methods. It calls this only for a request whose method has the name of `ANY`."""
    return Response({"Code": "MethodNotAllowedError", "Message": "Unsupported method"}, {"Allow": ANY}, 405)


def refusal(allowed: str) -> DomainError:
    """Return the error for a method that a path does not have, given Chalice's list of those that it has."""
    methods = [method for method in allowed.split(", ") if method != ANY]
    if not methods:
        return NotFound("This address does not exist")
    return MethodNotAllowed("This address does not support this method", (*methods, "OPTIONS"))
