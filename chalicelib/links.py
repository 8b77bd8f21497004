"""Links of the OpenAPI document: what a client can call with the id in a response, and with a new application."""

from collections.abc import Callable, Iterable
from types import UnionType
from typing import Never, get_args, get_origin

from chalicelib import entities
from chalicelib.api import Route
from chalicelib.schemas import Schema

_ADDRESSES = (
    (entities.Status, "/api/v1/statuses/{id}"),
    (entities.Notification, "/api/v1/notifications/{id}"),
    (entities.Account, "/api/v1/accounts/{id}"),
)
"""Where an entity, or one of its subclasses, is found by its id."""
_TOKEN, _TOKEN_PATH = "application_token", "/oauth/token"


class Links:
    """The links between these routes.

    Args:
        routes: all routes of the document.
        operation_id: names a route.
    """

    def __init__(self, routes: Iterable[Route], operation_id: Callable[[Route], str]) -> None:
        self._routes = [route for route in routes if route.answer is not Never]
        self._operation_id = operation_id
        self.components: Schema = {}
        """The links by name."""

    def of(self, route: Route) -> Schema:
        """Return references to the links from a route's response, by name, and describe these in `components`."""
        links = dict(self._by_id(route))
        if route.answer is entities.CredentialApplication:
            links[_TOKEN] = self._token()
        self.components |= links
        return {name: {"$ref": f"#/components/links/{name}"} for name in links}

    def _by_id(self, route: Route) -> Iterable[tuple[str, Schema]]:
        many = get_origin(route.answer) is list
        entity = get_args(route.answer)[0] if many or isinstance(route.answer, UnionType) else route.answer
        for kind, address in _ADDRESSES if isinstance(entity, type) else ():
            if not issubclass(entity, kind) or route.path.startswith(address):
                continue
            for target in self._routes:
                if target.path.startswith(address):
                    place = "$response.body#/0/id" if many else "$response.body#/id"
                    operation = self._operation_id(target)
                    name = f"{operation}{'_first' if many else ''}"
                    yield name, {"operationId": operation, "parameters": {"id": place}}

    def _token(self) -> Schema:
        (target,) = [route for route in self._routes if route.answer is entities.Token and route.path == _TOKEN_PATH]
        client = {name: f"$response.body#/{name}" for name in ("client_id", "client_secret")}
        body = {"grant_type": "client_credentials", **client}
        return {"operationId": self._operation_id(target), "requestBody": body}
