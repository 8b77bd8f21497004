"""The HTTP request that opens a WebSocket: RFC 6455, section 4.2."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from email.message import Message

PATH = "/api/v1/streaming"
"""The WebSocket API's path on the host of the HTTP API. Deployed, the distribution maps it to the API's stage."""
_KEY_BYTES = 16
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_VERSION = "13"


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The handshake is refused with this status."""

    status: int
    message: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def is_meant(path: str, headers: Message) -> bool:
    """Return whether a request, perhaps a malformed one, is to open a WebSocket."""
    return path.rstrip("/") == PATH and ("websocket" in _words(headers, "Upgrade") or "Sec-WebSocket-Key" in headers)


def accept(method: str, version: str, headers: Message) -> dict[str, str]:
    """Check a handshake; return the headers that accept it.

    Raises:
        Refused: it is malformed.
    """
    if method != "GET" or version < "HTTP/1.1":
        raise Refused(400, "A WebSocket is opened by GET with HTTP/1.1")
    if "websocket" not in _words(headers, "Upgrade") or "upgrade" not in _words(headers, "Connection"):
        raise Refused(400, "A WebSocket is opened with the headers Upgrade: websocket and Connection: Upgrade")
    if headers.get("Sec-WebSocket-Version") != _VERSION:
        raise Refused(426, f"Only version {_VERSION} of WebSocket is supported", {"Sec-WebSocket-Version": _VERSION})
    keys = headers.get_all("Sec-WebSocket-Key", [])
    if len(keys) != 1 or not _is_key(keys[0].strip()):
        raise Refused(400, "Sec-WebSocket-Key is not 16 bytes in base64")
    digest = hashlib.sha1(keys[0].strip().encode() + _GUID, usedforsecurity=False).digest()
    accepted = base64.b64encode(digest).decode()
    return {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accepted}


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return False


def _words(headers: Message, name: str) -> set[str]:
    return {word.strip().lower() for line in headers.get_all(name, []) for word in line.split(",")}
