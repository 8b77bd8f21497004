"""Responses whose body is bytes: pictures, and files of the web client; with an ETag, and 304 for who has them."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from chalice.app import Request, Response

FOR_EVER = "public, max-age=31536000, immutable"
"""The Cache-Control of what never changes at its address."""
FOR_A_DAY = "public, max-age=86400"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Binary(Response):
    """A response whose body is bytes, whatever the request accepts."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[Any, Any]:  # noqa: ARG002
        """Return the response as API Gateway reads it."""
        response = Response("", self.headers, self.status_code).to_dict()
        return {**response, "body": b64encode(self.body).decode(), "isBase64Encoded": True}


def tag(content: bytes, variant: str = "") -> str:
    """Return a strong ETag: the content's hash, and the name of the encoding if it is one of several."""
    return f'"{sha256(content).hexdigest()[:16]}{variant}"'


def is_known(request: Request, etag: str) -> bool:
    """Return whether the client says that it has the content with this ETag (RFC 9110, 13.1.2), weak or not."""
    named = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return etag in named or "*" in named


def show(
    request: Request,
    content: bytes,
    *,
    kind: str,
    cached: str,
    more: Mapping[str, str] = _NO_HEADERS,
    variant: str = "",
) -> Response:
    """Return content as bytes, or 304 to a client that has it.

    Args:
        request: the request.
        content: the body.
        kind: the media type.
        cached: the Cache-Control.
        more: other headers.
        variant: the encoding, if `content` is in one of several.
    """
    etag = tag(content, variant)
    headers: dict[str, str | list[str]] = {**more, "Content-Type": kind, "Cache-Control": cached, "ETag": etag}
    return Binary(b"", headers, 304) if is_known(request, etag) else Binary(content, headers)
