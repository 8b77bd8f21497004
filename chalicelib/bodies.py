"""Request bodies and query strings, read into typed parameters.

JSON, urlencoded and multipart bodies are equivalent. In forms, arrays are `id[]=`, objects `source[privacy]=`, nested
up to four levels, and booleans true, 1 or on.
"""

import re
from email.message import EmailMessage
from email.parser import BytesParser
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from chalice.app import Request

from fstream_app.core.errors import Invalid, Malformed, TooLarge

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
CONTENT_TYPES = [JSON, FORM, MULTIPART]
MAX_BODY = 64 * 1024
_MAX_FIELDS = 200
_MAX_DEPTH = 4
_NO_FILES = "Pictures and other files are not supported: FSTREAM is text only, and avatars are generated"
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

P = TypeVar("P", bound=msgspec.Struct)


def read(request: Request, parameters: type[P], *, in_body: bool = False) -> P:
    """Read the parameters of a request from its query string (unless `in_body`) and its body, which takes precedence.

    Raises:
        TooLarge: the body is larger than 64 KB.
        Malformed: the body does not match its content type.
        Invalid: a parameter is missing or of a wrong type.
    """
    return convert(({} if in_body else _nested(query(request))) | _body(request), parameters)


def query(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of the query string, in order."""
    values = request.query_params
    return [(name, value) for name in values for value in values.getlist(name)] if values else []


def convert(values: dict[str, Any], parameters: type[P]) -> P:
    """Convert raw values to typed parameters; unknown ones are ignored.

    Null counts as missing, and so does an empty string, unless the parameter may be a string.

    Raises:
        Invalid: a parameter is missing or of a wrong type.
    """
    try:
        return msgspec.convert(_present(values, parameters), parameters, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(*_explain(str(error))) from None


def _present(values: dict[str, Any], parameters: type[msgspec.Struct]) -> dict[str, Any]:
    wanted = {field.encode_name: field.type for field in msgspec.structs.fields(parameters)}
    return {
        name: _lenient(values[name], kind) for name, kind in wanted.items() if not _is_missing(values.get(name), kind)
    }


def _explain(message: str) -> tuple[str, str | None]:
    """Turn msgspec's message into a sentence, and return it with the parameter's name."""
    problem, _, place = message.replace("`", "").partition(" - at ")
    field = place.partition("$.")[2] or None
    subject = (
        f"Each key of {field}" if place.startswith("key in ") else f"The parameter {field}" if field else "The request"
    )
    if match := re.fullmatch("Expected (.+), got (.+)", problem):
        wanted, got = (_in_words(kinds) for kinds in match.groups())
        return f"{subject} must be {wanted}, not {got}", field
    if match := re.fullmatch("Invalid enum value (.+)", problem):
        return f"{subject} can't be {match[1]}", field
    if match := re.fullmatch("Object missing required field (.+)", problem):
        return f"Missing required parameter: {match[1]}", field
    return f"{subject}: {problem}", field


def _in_words(kinds: str) -> str:
    return " or ".join(_KINDS.get(kind, kind) for kind in kinds.split(" | ") if kind != "null")


def _is_missing(value: object, kind: object) -> bool:
    return value is None or (value == "" and str not in _alternatives(kind))


def _alternatives(kind: object) -> tuple[object, ...]:
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _lenient(value: object, kind: object) -> object:
    kinds = _alternatives(kind)
    if isinstance(value, str) and bool in kinds:
        return _WORDS.get(value.lower(), value.lower())
    if isinstance(value, str) and str not in kinds and any(get_origin(each) is tuple for each in kinds):
        return [value]
    for each in kinds:
        if isinstance(value, dict) and isinstance(each, type) and issubclass(each, msgspec.Struct):
            return _present(value, each)
    return value


def _body(request: Request) -> dict[str, Any]:
    body = request.raw_body or b""
    raw = body if isinstance(body, bytes) else body.encode()
    content_type = request.headers.get("content-type", JSON)
    kind = content_type.partition(";")[0].strip().lower()
    if len(raw) > MAX_BODY:
        hint = f". {_NO_FILES}." if kind == MULTIPART else ""
        raise TooLarge(f"The request is larger than {MAX_BODY // 1024} KB{hint}")
    if not raw:
        return {}
    if kind == FORM:
        return _nested(_form(raw))
    if kind == MULTIPART:
        return _nested(_multipart(raw, content_type))
    return _json(raw)


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw)
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


def _multipart(raw: bytes, content_type: str) -> list[tuple[str, str]]:
    try:
        return [_part(part) for part in _parts(raw, content_type)]
    except (AttributeError, LookupError, TypeError, ValueError):  # raised by the parser for malformed headers
        raise Malformed("The body is not valid multipart/form-data") from None


def _parts(raw: bytes, content_type: str) -> list[EmailMessage]:
    # Imported here because multipart is rare, and the import takes 4 ms of every cold start.
    from email.policy import HTTP

    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    if raw.strip() == f"--{message.get_boundary('')}--".encode():
        return []  # an empty form, as browsers send it; the parser takes it for one that never begins
    if not message.is_multipart() or message.defects:
        raise Malformed("The body is not valid multipart/form-data")
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def _part(part: EmailMessage) -> tuple[str, str]:
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(payload, bytes):
        raise Malformed("Each part of the body must have a name")
    if part.get_filename() and payload:
        raise Invalid(_NO_FILES, name)
    return name, payload.decode()


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Collect `name[]` into lists and `name[key]` into dictionaries; the last of repeated plain names wins.

    Names nested more than four levels deep are not taken apart any further. No parameter is nested that deep.
    """
    values: dict[str, Any] = {}
    for name, value in pairs:
        outer, *inner = name.split("[", _MAX_DEPTH)
        _place(values, [outer, *(key.removesuffix("]") for key in inner)], value)
    return values


def _place(values: dict[str, Any], path: list[str], value: str) -> None:
    name, *inner = path
    held = values.get(name)
    if not inner:
        values[name] = value
    elif inner == [""]:
        values[name] = [*held, value] if isinstance(held, list) else [value]
    else:
        values[name] = held if isinstance(held, dict) else {}
        _place(values[name], inner, value)
