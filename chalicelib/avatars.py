"""/avatars: a picture for every user, generated from the id, because FSTREAM is text only."""

from hashlib import sha256

import msgspec
from chalice.app import Response

from chalicelib.api import Access, Blueprint, Call
from fstream_app.core import ids
from fstream_app.core.errors import NotFound

api = Blueprint(__name__, limited=False)

_CACHED = "public, max-age=31536000, immutable"
_CELLS = 5


@api.declare("GET", "/avatars/{file}", access=Access.ANYBODY)
def avatar(call: Call[msgspec.Struct]) -> Response:
    """Draw a user's identicon (five by five cells, mirrored), or the header that all profiles share."""
    name, dot, extension = call.path["file"].partition(".")
    if (dot + extension) != ".svg" or not (ids.is_user_id(name) or name == "header"):
        raise NotFound("Picture not found")
    picture = _header() if name == "header" else _identicon(name)
    return Response(picture, {"Content-Type": "image/svg+xml", "Cache-Control": _CACHED})


def _identicon(seed: str) -> str:
    digest = sha256(seed.encode()).digest()
    hue = int.from_bytes(digest[:2]) % 360
    cells = []
    for column in range(_CELLS):
        for row in range(_CELLS):
            mirrored = min(column, _CELLS - 1 - column)
            if digest[2 + mirrored * _CELLS + row] & 1:
                cells.append(f'<rect x="{column + 1}" y="{row + 1}" width="1" height="1"/>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7" shape-rendering="crispEdges">'
        f'<rect width="7" height="7" fill="hsl({hue} 40% 92%)"/>'
        f'<g fill="hsl({hue} 60% 42%)">{"".join(cells)}</g></svg>'
    )


def _header() -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><defs><linearGradient id="g">'
        '<stop stop-color="#2b4c7e"/><stop offset="1" stop-color="#7fb7be"/></linearGradient></defs>'
        '<rect width="30" height="10" fill="url(#g)"/></svg>'
    )
