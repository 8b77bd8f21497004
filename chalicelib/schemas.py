"""JSON Schemas of the structs that routes take and answer with, and what their fields' docstrings say."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import msgspec

Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_EMPTY: tuple[Any, ...] = (None, "", (), [], {})
"""Defaults that tell no more than that a field may be missing."""
_REFERENCE = "#/components/schemas/{name}"


def taken(kinds: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the schemas of types that are read, and of the structs to which they refer by name.

    Null counts as missing there, so it is not told as a type of its own.
    """
    return _schemas(kinds, _read)


def given(kinds: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the same of types that are answered: every field is there, whether or not it has a default."""
    schemas, components = _schemas(kinds, _answered)
    for component in components.values():
        component["required"] = list(component["properties"])
    return schemas, components


def _schemas(kinds: list[Any], write: Callable[[Schema], Schema]) -> tuple[list[Schema], dict[str, Schema]]:
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    for struct in _structs(kinds):
        if struct.__name__ not in components:
            raise ValueError(f"two structs are called {struct.__name__}: the document needs names of their own")
        component = components[struct.__name__]
        component["properties"] = {name: write(field) for name, field in component["properties"].items()}
        _describe(struct, component)
    return list(schemas), components


def _read(field: Schema) -> Schema:
    default = field.get("default")
    told = _one_of(_kinds(field))
    return told if default in _EMPTY else {**told, "default": default}


def _answered(field: Schema) -> Schema:
    kinds = _kinds(field)
    if _NULL not in field.get("anyOf", []):
        return _one_of(kinds)
    if len(kinds) == 1 and "type" in kinds[0] and "enum" not in kinds[0]:
        return {**kinds[0], "type": [kinds[0]["type"], "null"]}
    return {"anyOf": [*kinds, _NULL]}


def _kinds(field: Schema) -> list[Schema]:
    """Return what a field may be, but for null; a choice of words is told to be a string."""
    if "anyOf" not in field:
        kinds = [{name: value for name, value in field.items() if name != "default"}]
    else:
        kinds = [kind for kind in field["anyOf"] if kind != _NULL]
    return [{"type": "string", **kind} if "enum" in kind else kind for kind in kinds]


def _one_of(kinds: list[Schema]) -> Schema:
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Schema, bool]]:
    """Return the fields of a struct that is read: name, schema, and whether it must be there."""
    _, components = taken([struct])
    schema = components[struct.__name__]
    for name, field in schema["properties"].items():
        yield name, field, name in schema["required"]


def _structs(kinds: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """Return all structs in these types."""
    found: set[type[msgspec.Struct]] = set()
    left = list(kinds)
    while left:
        kind = left.pop()
        left += get_args(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.add(kind)
            left += [field.type for field in msgspec.structs.fields(kind)]
    return found


def _describe(struct: type[msgspec.Struct], schema: Schema) -> None:
    bases = struct.__mro__[: struct.__mro__.index(msgspec.Struct)]
    described = {
        name: text
        for base in reversed(bases)
        for name, text in _docstrings(base.__module__).get(base.__name__, {}).items()
    }
    for field in msgspec.structs.fields(struct):
        if field.name in described:
            schema["properties"][field.encode_name]["description"] = described[field.name]


@cache
def _docstrings(module: str) -> dict[str, dict[str, str]]:
    """Read what a module's classes say below their attributes, which Python forgets: by class and attribute."""
    body = ast.parse(inspect.getsource(sys.modules[module])).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    return {node.name: dict(_attributes(node.body)) for node in classes}


def _attributes(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, below in pairwise(body):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
