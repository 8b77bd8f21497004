"""JSON Schemas of request and response structs, with descriptions from their fields' docstrings."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, islice, pairwise
from types import UnionType
from typing import Any, get_args

import msgspec

from chalicelib import shapes
from chalicelib.refusals import Refusing

Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_EMPTY: tuple[Any, ...] = (None, "", (), [], {})
"""Defaults that say no more than that a field is optional."""
_REFERENCE = "#/components/schemas/{name}"


def taken(kinds: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the schemas of request types, and of the structs to which they refer, by name.

    Null counts as missing in requests, so it is not described as a type.
    """
    return _schemas(kinds, _read)


def given(kinds: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the same for response types: every field is required, unless it is left out when it is UNSET.

    A response may be one of several structs, which msgspec describes only if they have tags.
    """
    several = [get_args(kind) if isinstance(kind, UnionType) else (kind,) for kind in kinds]
    alternatives = list(chain.from_iterable(several))
    schemas, components = _schemas(alternatives, _answered)
    for struct in _structs(alternatives):
        component = components[struct.__name__]
        optional = {field.encode_name for field in msgspec.structs.fields(struct) if field.default is msgspec.UNSET}
        component["required"] = [name for name in component["properties"] if name not in optional]
    described = iter(schemas)
    return [_one_of(list(islice(described, len(each)))) for each in several], components


def _schemas(kinds: list[Any], write: Callable[[Schema], Schema]) -> tuple[list[Schema], dict[str, Schema]]:
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    for struct in _structs(kinds):
        if struct.__name__ not in components:
            raise ValueError(f"two structs are named {struct.__name__}, but names of schemas must be unique")
        component = components[struct.__name__]
        component["properties"] = {
            name: shapes.resolved(write(field)) for name, field in component["properties"].items()
        }
        component["required"] += [name for name, field in component["properties"].items() if _must_be_sent(field)]
        for name, refusal in struct.REFUSED.items() if issubclass(struct, Refusing) else ():
            component["properties"][name] = refusal.described(component["properties"][name])
        _describe(struct, component)
    return list(schemas), components


def _read(field: Schema) -> Schema:
    default = field.get("default")
    schema = _one_of(_kinds(field))
    return schema if default in _EMPTY else {**schema, "default": default}


def _answered(field: Schema) -> Schema:
    kinds = _kinds(field)
    if _NULL not in field.get("anyOf", []):
        return _one_of(kinds)
    if len(kinds) == 1 and "type" in kinds[0] and "enum" not in kinds[0]:
        return {**kinds[0], "type": [kinds[0]["type"], "null"]}
    return {"anyOf": [*kinds, _NULL]}


def _must_be_sent(field: Schema) -> bool:
    """Return whether a field is marked as required, without the mark."""
    marks = [kind.pop(shapes.REQUIRED, False) for kind in (field, *field.get("anyOf", ()))]
    return any(marks)


def _kinds(field: Schema) -> list[Schema]:
    """Return a field's types except null; enumerations are described as strings."""
    if "anyOf" not in field:
        kinds = [{name: value for name, value in field.items() if name != "default"}]
    else:
        kinds = [kind for kind in field["anyOf"] if kind != _NULL]
    return [{"type": "string", **kind} if "enum" in kind else kind for kind in kinds]


def _one_of(kinds: list[Schema]) -> Schema:
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Schema, bool]]:
    """Yield the fields of a request struct: name, schema, and whether it is required."""
    _, components = taken([struct])
    schema = components[struct.__name__]
    for name, field in schema["properties"].items():
        yield name, field, name in schema["required"]


def _structs(kinds: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """Return all structs that these types contain."""
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
    """Parse a module's attribute docstrings, which Python does not keep; by class and attribute."""
    body = ast.parse(inspect.getsource(sys.modules[module])).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    return {node.name: dict(_attributes(node.body)) for node in classes}


def _attributes(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, below in pairwise(body):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
