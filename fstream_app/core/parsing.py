"""DynamoDB's answers, parsed in less time than botocore takes.

botocore walks each attribute value by its description in the service model, though it arrives as it is wanted; only
binary ones come in base64. That walk is a seventh of the CPU of a home read, more than all of FSTREAM's rendering.
"""

import base64
from typing import Any

from botocore.model import Shape
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

Value = dict[str, Any]
"""An attribute value: {type: value}."""
_ITEMS = frozenset({"AttributeMap", "Key"})
"""The shapes of items and keys in botocore's service model."""
_BINARY = frozenset({"B", "BS", "L", "M"})
"""The types that are binary, or may have such inside."""


class Parser(JSONParser):  # type: ignore[misc]  # botocore has no types
    """botocore's, but for items and keys."""

    def _parse_shape(self, shape: Shape, node: Any) -> Any:  # noqa: ANN401
        if shape.name == "ItemList":
            return [_item(each) for each in node]
        return _item(node) if shape.name in _ITEMS else super()._parse_shape(shape, node)


class ParserFactory(ResponseParserFactory):  # type: ignore[misc]
    """Makes it for DynamoDB's protocol."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """Make a parser; botocore asks for one for every answer."""
        return Parser() if protocol_name == "json" else super().create_parser(protocol_name)


def _item(attributes: dict[str, Value]) -> dict[str, Value]:
    """Make an item's attributes, or a key's, as botocore gives them; in place, as nearly all are so already."""
    for name, value in attributes.items():
        if not _BINARY.isdisjoint(value):
            attributes[name] = plain(value)
    return attributes


def plain(value: Value) -> Value:
    """Return an attribute value as botocore gives it: binary parts as bytes, wherever they are."""
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
