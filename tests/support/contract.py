"""Checks every response of the API against its OpenAPI document."""

from functools import cache
from typing import Any

from chalice.test import Client
from jsonschema_rs import Draft202012Validator, ValidationError

from app import app

OF_NO_ROUTE = {405, 415, 500}
"""Statuses that any path can return: no such method, unsupported content type, and a defect."""


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document as it is served."""
    served: dict[str, Any] = Client(app).http.get("/openapi.json").json_body
    return served


def check(method: str, path: str, status: int, body: object) -> None:
    """Fail unless a response conforms to the document.

    Every error has the same schema. Pages for people are not in the document and are not checked.
    """
    method, path = method.lower(), path.partition("?")[0]
    template = _template(method, path)
    if template and status not in OF_NO_ROUTE:
        assert str(status) in document()["paths"][template][method]["responses"], (method, path, status, body)
    if template or (status >= 400 and body is not None):
        try:
            _validator(method, "" if status >= 400 else template).validate(body)
        except ValidationError as problem:
            place = "".join(f"[{part!r}]" for part in problem.instance_path)
            raise AssertionError(f"{method} {path}: {place}: {problem.message}") from None


@cache
def _validator(method: str, template: str) -> Draft202012Validator:
    """Return the validator for a successful response of an operation, or without a template for an error."""
    schema: Any = {"$ref": "#/components/schemas/Error"}
    if template:
        responses = document()["paths"][template][method]["responses"]
        response = next(each for status, each in responses.items() if status.startswith("2"))
        schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator({**_strict(schema), "components": _components()})


@cache
def _components() -> Any:
    return _strict(document()["components"])


def _strict(schema: Any) -> Any:
    """Return schemas that allow no properties besides those that they list."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: _strict(value) for name, value in schema.items()}
    return {"additionalProperties": False, **written} if "properties" in schema else written


@cache
def _templates(method: str, length: int) -> list[tuple[list[str], str]]:
    """Return the paths with `length` slashes, each split into its parts; literal parts sort before variables."""
    paths = [path for path, operations in document()["paths"].items() if method in operations]
    return sorted((path.split("/"), path) for path in paths if path.count("/") == length)


def _template(method: str, path: str) -> str:
    if path in app.routes and path not in document()["paths"]:
        return ""  # not described, although the path of another route matches it
    parts = path.removesuffix("/").split("/")
    for names, template in _templates(method, len(parts) - 1):
        if all(name == part or (name[:1] == "{" and part) for name, part in zip(names, parts, strict=True)):
            return template
    return ""
