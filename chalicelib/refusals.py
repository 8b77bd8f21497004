"""Refusal parameters: a parameter that changes what a request means is never ignored silently.

Each has an explanation, which clients show to people. Parameters that are not listed have no effect on the request; a
test checks this for the parameters that clients send.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import msgspec

from fstream_app.core.errors import Invalid

MEDIA = "Pictures and other media are not supported: FSTREAM is text only. Put a link in your message instead."
FILES = "Pictures and other files are not supported: FSTREAM is text only, and avatars are generated"
POLL = "Polls are not supported. Ask in a message and count the replies."
PICTURE = "Profile pictures are generated and can't be changed. Everyone gets one of their own."
QUOTE_URL = "A message can't be quoted by its address. Send its id as quoted_status_id instead."


class Refusal(NamedTuple):
    """A refused parameter: the message, and the values that are accepted because they have no effect."""

    message: str
    harmless: tuple[object, ...] = ()

    def described(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the parameter's schema, with only the values that are accepted."""
        match schema.get("type"):
            case "array":
                return {**schema, "maxItems": 0}
            case "boolean":
                accepted: list[object] = [False]
            case "integer":
                accepted = [0]
            case "string":
                accepted = [""]
            case _:
                accepted = ["", False]
        return {**schema, "enum": [*accepted, *self.harmless]}


class Refusing(msgspec.Struct, frozen=True):
    """Parameters, some of them refused."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = MappingProxyType({})
    """The refusals, by the parameter's name."""


def refuse(parameters: Refusing) -> None:
    """Fail if a refused parameter has a value that is not empty, false, or among its harmless ones.

    Raises:
        Invalid: with the parameter's message.
    """
    for name, (message, harmless) in parameters.REFUSED.items():
        value: Any = getattr(parameters, name)
        given = any(value) if isinstance(value, tuple) else value
        if given and value not in harmless:
            raise Invalid(message, name)
