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


class Parser(JSONParser):  # type: ignore[misc]  # botocore has no types
    """botocore's, but for attribute values."""

    def _parse_shape(self, shape: Shape, node: Any) -> Any:  # noqa: ANN401
        return plain(node) if shape.name == "AttributeValue" else super()._parse_shape(shape, node)


class ParserFactory(ResponseParserFactory):  # type: ignore[misc]
    """Makes it for DynamoDB's protocol."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """Make a parser; botocore asks for one for every answer."""
        return Parser() if protocol_name == "json" else super().create_parser(protocol_name)


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
