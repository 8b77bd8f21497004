"""multipart/form-data (RFC 7578), read into the pairs of a form in linear time.

The parser is that of the library `multipart`: strict, without recursion, and with limits. The standard library's
parser of email takes quadratic time for a header.
"""

from typing import TYPE_CHECKING

from chalicelib import refusals
from fstream_app.core.errors import Invalid, Malformed

if TYPE_CHECKING:
    from multipart import MultipartSegment

MAX_TYPE = 1000
"""Characters of a Content-Type header. A boundary has at most 70 (RFC 2046, section 5.1.1)."""
MAX_HEADERS, MAX_HEADER = 8, 1024
"""Maximum number of headers of a part, and of the bytes of each."""
_PLAIN = frozenset({"7bit", "8bit", "binary"})
"""Encodings that leave the content as it is. Forms have no others (RFC 7578, section 4.7)."""


def pairs(raw: bytes, content_type: str, most: int) -> list[tuple[str, str]]:
    """Return the names and values of the parts, in order.

    Args:
        raw: the body.
        content_type: the request's Content-Type, which has the boundary.
        most: the maximum number of parts.

    Raises:
        Invalid: a part is a file that isn't empty.
        Malformed: the body is not multipart/form-data, nests parts, encodes them, or exceeds a limit.
    """
    # Imported here because multipart is rare, and the import takes 1.5 ms of CPU time.
    from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

    if len(content_type) > MAX_TYPE:
        raise Malformed(f"The Content-Type has more than {MAX_TYPE} characters")
    parts: list[tuple[MultipartSegment, list[bytes]]] = []
    try:
        _, options = parse_options_header(content_type)
        with PushMultipartParser(
            options.get("boundary", ""),
            max_segment_count=most,
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER,
            header_charset="latin-1",  # any bytes, so that a name that isn't UTF-8 gets the error of its part
            strict=True,
        ) as parser:
            for event in parser.parse(raw):
                if isinstance(event, MultipartSegment):
                    parts.append((event, []))
                elif event is not None:
                    parts[-1][1].append(event)
        return [(_name(part), _text(part, b"".join(content))) for part, content in parts]
    except (MultipartError, UnicodeError):
        raise Malformed("The body is not valid multipart/form-data") from None


def _name(part: "MultipartSegment") -> str:
    return str(part.name).encode("latin-1").decode(errors="replace")


def _text(part: "MultipartSegment", content: bytes) -> str:
    if part.filename and content:
        raise Invalid(refusals.FILES, _name(part))
    if (part.content_type or "").startswith("multipart/"):
        raise Malformed("Parts within parts of a form are not supported")
    if part.header("Content-Transfer-Encoding", "binary").strip().lower() not in _PLAIN:
        raise Malformed("The parts of a form must not be encoded (Content-Transfer-Encoding)")
    return content.decode()
