"""Request bodies and query strings, read into typed parameters.

JSON, urlencoded and multipart bodies are equivalent. In forms, arrays are `id[]=`, `id[0]=` or a repeated `id=`, also
mixed, objects `source[privacy]=`, nested up to four levels, and booleans true, 1 or on. Objects with numeric keys count
as arrays, and so do objects with any keys where an array of objects is expected.
"""

import re
from codecs import BOM_UTF8
from collections import Counter
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from chalice.app import Request
from msgspec import UnsetType

from chalicelib import parts, refusals
from fstream_app.core.errors import Invalid, Malformed, TooLarge, UnsupportedType

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
CONTENT_TYPES = [JSON, FORM, MULTIPART]
MAX_BODY = 64 * 1024
_MAX_FIELDS = 500
_MAX_DEPTH = 4
_WORDS = {"on": "true", "off": "false"}
_KINDS = {
    "array": "an array",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "an object",
    "str": "a string",
}
"""msgspec's names of types, in words."""
_ALTERNATIVE_JSON = ("/json", "+json")
_JSON_BEGINS = (b"{", b"[", b'"')
_NUMBER = re.compile("[0-9]{1,9}")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`\Z")
"""The end of msgspec's messages: the parameter's path. What stands before it may quote any text that was sent."""
_WITHOUT_BODY = {"GET", "HEAD", "DELETE"}
"""Methods whose body has no defined meaning (RFC 9110, section 9.3), so that one of an unknown type is ignored."""

P = TypeVar("P", bound=msgspec.Struct)
Part = str | list[Any] | dict[str, Any]
"""One of the values that a form has for a name."""


class Several(msgspec.Struct, frozen=True):
    """Parameters that are sent as an object, or as a plain value that is the value of one of them.

    A form may have both: `expires_in=…` and `expires_in[direct]=…`.
    """

    PLAIN: ClassVar[str]
    """The parameter that the plain value is for."""


def read(request: Request, parameters: type[P], *, in_body: bool = False) -> P:
    """Read the parameters of a request from its query string (unless `in_body`) and its body, which takes precedence.

    Raises:
        TooLarge: the body is larger than 64 KB.
        UnsupportedType: the body is neither JSON nor a form.
        Malformed: the body does not match its content type.
        Invalid: a parameter is missing or of a wrong type.
    """
    return convert(({} if in_body else _nested(query(request))) | _body(request), parameters)


def query(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of the query string, in order."""
    values = request.query_params
    return [(name, value) for name in values for value in values.getlist(name)] if values else []


def repeated(request: Request, *, in_body: bool = False) -> set[str]:
    """Return the names that the query string, or a urlencoded body, repeats. OAuth forbids it (RFC 6749, 3.1, 3.2)."""
    raw = _raw(request)
    pairs = query(request) if not in_body else _form(raw) if _kind(request, raw) == FORM else []
    times = Counter(name for name, _ in pairs)
    return {name for name, number in times.items() if number > 1}


def convert(values: dict[str, Any], parameters: type[P]) -> P:
    """Convert raw values to typed parameters; unknown ones are ignored.

    Null counts as missing, and so does an empty string, unless the parameter may be a string. A parameter that may be
    UNSET is None in these cases, so that UNSET means that it was not sent.

    Raises:
        Invalid: a parameter is missing or of a wrong type.
    """
    try:
        return msgspec.convert(_present(values, parameters), parameters, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(*_explain(str(error), parameters)) from None


def _present(values: dict[str, Any], parameters: type[msgspec.Struct]) -> dict[str, Any]:
    wanted = {field.encode_name: field.type for field in msgspec.structs.fields(parameters)}
    sent = {name: _chosen(values[name], kind) for name, kind in wanted.items() if name in values}
    empty = {name for name, value in sent.items() if _is_empty(value, wanted[name])}
    nulls = dict.fromkeys(name for name in empty if UnsetType in _alternatives(wanted[name]))
    return nulls | {name: _lenient(value, wanted[name]) for name, value in sent.items() if name not in empty}


def _chosen(value: object, kind: object) -> object:
    """Return all values that a form has for an array, and the last one for any other type."""
    if not isinstance(value, _Sent):
        return value
    array = _array(kind)
    if array is None:
        return _part_of(_together(value.parts, kind), kind)
    if len(value.parts) == 1:
        return _part_of(value.last, array)
    listed: list[object] = []
    for part in value.parts:
        chosen = _part_of(part, array)
        listed += chosen if isinstance(chosen, list) else [chosen]
    return listed


def _together(parts: list[Part], kind: object) -> Part:
    """Return the last part; if the kind has `Several` parameters, the object with the plain value that is beside it."""
    struct = _struct(kind)
    objects = [part for part in parts if isinstance(part, dict)]
    plain = [part for part in parts if isinstance(part, str)]
    if struct and issubclass(struct, Several) and objects and plain:
        return {struct.PLAIN: plain[-1], **objects[0]}
    return parts[-1]


def _part_of(part: Part, kind: object) -> object:
    """Return one part of a form's values. What belongs to structs is left for `_present` to choose from."""
    array = _array(kind)
    if array is None:
        return part if isinstance(part, dict) and _struct(kind) else _plain(part)
    element = get_args(array)[0]
    if isinstance(part, dict) and _is_array(part, element):
        part = [each for sent in _in_order(part) for each in sent.parts]
    if isinstance(part, list):
        return [_part_of(each, element) for each in part]
    return _plain(part)


def _plain(value: object) -> object:
    """Return a form's value as JSON would have it."""
    if isinstance(value, _Sent):
        return _plain(value.last)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _is_array(values: dict[str, Any], element: object) -> bool:
    """Return whether an object is an array in disguise: its keys are numbers, or it holds objects under any keys."""
    return bool(values) and (_struct(element) is not None or all(map(_NUMBER.fullmatch, values)))


def _in_order(values: dict[str, Any]) -> list[Any]:
    """Return the values of an object: by number if all keys are numbers, or else as sent."""
    numbered = all(map(_NUMBER.fullmatch, values))
    return [values[key] for key in (sorted(values, key=int) if numbered else values)]


def _explain(message: str, parameters: type[msgspec.Struct]) -> tuple[str, str | None]:
    """Turn msgspec's message into a sentence, and return it with the parameter's name."""
    place = _PLACE.search(message)
    problem = (message[: place.start()] if place else message).replace("`", "")
    field = place[1] if place else None
    subject = f"The parameter {field}" if field else "The request"
    if match := re.fullmatch("Expected (.+), got (.+)", problem):
        wanted, got = (_in_words(kinds) for kinds in match.groups())
        return f"{subject} must be {wanted}, not {got}", field
    if match := re.fullmatch("Invalid enum value (.+)", problem):
        return f"Choose {_choices(parameters, field or '')} as {field}: it can't be {match[1]}", field
    if match := re.fullmatch("Object missing required field (.+)", problem):
        name = f"{field}.{match[1]}" if field else match[1]
        return f"Something required is missing from the request: {name}", name
    return f"{subject}: {problem}", field


def _choices(parameters: type[msgspec.Struct], field: str) -> str:
    """Return the values that an enumeration has, in words; its field is named as msgspec names it."""
    kind: object = parameters
    for name in re.sub(r"\[.*?\]", "", field).split("."):
        array = _array(kind)
        struct = _struct(get_args(array)[0] if array else kind)
        kind = {each.encode_name: each.type for each in msgspec.structs.fields(struct)}[name] if struct else None
    *others, last = [value for each in _alternatives(kind) if get_origin(each) is Literal for value in get_args(each)]
    return f"{', '.join(others)} or {last}" if others else str(last)


def _in_words(kinds: str) -> str:
    return " or ".join(_KINDS.get(kind, kind) for kind in kinds.split(" | ") if kind != "null")


def _is_empty(value: object, kind: object) -> bool:
    return value is None or (value == "" and str not in _alternatives(kind))


def _alternatives(kind: object) -> tuple[object, ...]:
    """Return the types of a union, or the type; without annotations, which only describe (`chalicelib.shapes`)."""
    bare = _bare(kind)
    return tuple(map(_bare, get_args(bare))) if get_origin(bare) in {Union, UnionType} else (bare,)


def _bare(kind: object) -> object:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _array(kind: object) -> object | None:
    return next((each for each in _alternatives(kind) if get_origin(each) is tuple), None)


def _struct(kind: object) -> type[msgspec.Struct] | None:
    kinds = (each for each in _alternatives(kind) if isinstance(each, type) and not get_args(each))
    return next((each for each in kinds if issubclass(each, msgspec.Struct)), None)


def _lenient(value: object, kind: object) -> object:
    """Return a value in the form that msgspec converts to a kind."""
    kinds = _alternatives(kind)
    array = _array(kind)
    if isinstance(value, str) and bool in kinds:
        return _WORDS.get(value.lower(), value.lower())
    if array and isinstance(value, str) and str not in kinds:
        value = [value]
    elif array and isinstance(value, dict) and _is_array(value, get_args(array)[0]):
        value = _in_order(value)
    if array and isinstance(value, list):
        element = get_args(array)[0]
        return [_lenient(each, element) for each in value if each is not None and each != ""]
    struct = _struct(kind)
    return _present(value, struct) if struct and isinstance(value, dict) else value


def _raw(request: Request) -> bytes:
    body = request.raw_body or b""
    return body if isinstance(body, bytes) else body.encode()


def _kind(request: Request, raw: bytes) -> str:
    """Return the body's content type without parameters; guess it if the header is missing."""
    content_type = request.headers.get("content-type", "")
    return re.split("[;,]", content_type, maxsplit=1)[0].strip().lower() or _guessed(raw)


def _body(request: Request) -> dict[str, Any]:
    raw = _raw(request)
    if not raw:
        return {}
    kind = _kind(request, raw)
    if len(raw) > MAX_BODY:
        hint = f". {refusals.FILES}." if kind == MULTIPART else ""
        raise TooLarge(f"The request is larger than {MAX_BODY // 1024} KB{hint}")
    if kind == FORM:
        return _nested(_form(raw))
    if kind == MULTIPART:
        return _nested(parts.pairs(raw, request.headers["content-type"], _MAX_FIELDS))
    if kind.endswith(_ALTERNATIVE_JSON):
        return _json(raw)
    if request.method in _WITHOUT_BODY:
        return {}
    raise UnsupportedType(f"The body must be JSON or a form: {', '.join(CONTENT_TYPES)}")


def _guessed(raw: bytes) -> str:
    """Return the type of a body without a content type: JSON, unless it looks like `name=value`."""
    return FORM if b"=" in raw and raw.removeprefix(BOM_UTF8).lstrip()[:1] not in _JSON_BEGINS else JSON


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw.removeprefix(BOM_UTF8))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Malformed("The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object")
    return value


def _form(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise Malformed("The body is not a valid form") from None


class _Sent:
    """All values that a form has for one name, in order: texts, lists and at most one object."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.last: Part = ""
        self._object: dict[str, Any] | None = None

    def add(self, part: Part) -> None:
        self.last = part
        self.parts.append(part)

    def list(self) -> list[Any]:
        """Return the list to which `name[]` is added."""
        if not isinstance(self.last, list):
            self.add([])
        return self.last if isinstance(self.last, list) else []

    def object(self) -> dict[str, Any]:
        """Return the object that has `name[key]`."""
        if self._object is None:
            self._object = {}
            self.add(self._object)
        self.last = self._object
        return self._object


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Collect the values of each name: `name`, `name[]` (or `name[][]`, which Mastodon.py sends) and `name[key]`.

    If these are mixed or repeated, an array has them all, and any other parameter the last one: see `_chosen`. Names
    are split to four levels; no parameter is nested that deep.
    """
    values: dict[str, Any] = {}
    for name, value in pairs:
        outer, *inner = name.replace("[][]", "[]").split("[", _MAX_DEPTH)
        _place(values, [outer, *(key.removesuffix("]") for key in inner)], value)
    return values


def _place(values: dict[str, Any], path: list[str], value: str) -> None:
    name, *inner = path
    sent = values.setdefault(name, _Sent())
    if not inner:
        sent.add(value)
    elif inner[0] == "":
        _append(sent.list(), inner[1:], value)
    else:
        _place(sent.object(), inner, value)


def _append(listed: list[Any], inner: list[str], value: str) -> None:
    """Append a value. With `name[][key]`, put it into the last object, or into a new one if that has the key."""
    if not inner:
        listed.append(value)
        return
    if not listed or not isinstance(listed[-1], dict) or _has(listed[-1], inner):
        listed.append({})
    _place(listed[-1], inner, value)


def _has(values: dict[str, Any], path: list[str]) -> bool:
    """Return whether there is a value at this path; a list at its end takes more values."""
    name, *inner = path
    if name not in values or not inner:
        return name in values
    held = values[name].last
    if inner[0] == "":
        return not isinstance(held, list)
    return _has(held, inner) if isinstance(held, dict) else True
