"""A faster parser for DynamoDB's responses than botocore's.

botocore converts each attribute value by walking the service model, although only binary values need converting (from
base64). That walk takes a seventh of the CPU time of a home read, more than all of FSTREAM's rendering.
"""

import base64
from typing import Any

import msgspec
from botocore.model import Shape
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

Value = dict[str, Any]
"""An attribute value: `{type: value}`."""
_ITEMS = frozenset({"AttributeMap", "Key"})
"""The shapes of items and keys in botocore's service model."""
_BINARY = frozenset({"B", "BS", "L", "M"})
"""The types that are binary, or may contain binary values."""


class Parser(JSONParser):  # type: ignore[misc]  # botocore has no types
    """botocore's JSON parser, except that items and keys skip the walk, and that msgspec decodes the JSON."""

    def _parse_body_as_json(self, body_contents: bytes) -> Any:  # noqa: ANN401
        try:
            return msgspec.json.decode(body_contents)
        except msgspec.DecodeError:  # an empty body, or no JSON
            return super()._parse_body_as_json(body_contents)

    def _parse_shape(self, shape: Shape, node: Any) -> Any:  # noqa: ANN401
        if shape.name == "ItemList":
            return [_item(each) for each in node]
        return _item(node) if shape.name in _ITEMS else super()._parse_shape(shape, node)


class ParserFactory(ResponseParserFactory):  # type: ignore[misc]
    """A factory that makes `Parser` for DynamoDB's protocol, and botocore's parsers for others."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """Return a new parser; botocore requests one per response."""
        return Parser() if protocol_name == "json" else super().create_parser(protocol_name)


def _item(attributes: dict[str, Value]) -> dict[str, Value]:
    """Convert an item's or a key's attributes to botocore's form, in place, because few need converting."""
    for name, value in attributes.items():
        if not _BINARY.isdisjoint(value):
            attributes[name] = plain(value)
    return attributes


def plain(value: Value) -> Value:
    """Return an attribute value in botocore's form: binary values as bytes, at any depth."""
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "BS":
        return {kind: [base64.b64decode(each) for each in content]}
    if kind == "L":
        return {kind: [plain(each) for each in content]}
    if kind == "M":
        return {kind: {name: plain(each) for name, each in content.items()}}
    return value
