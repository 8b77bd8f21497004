"""Pictures, generated because FSTREAM is text only: avatars and headers from the account's id, icons and a thumbnail.

They are PNGs, because most apps decode no SVG.
"""

from collections.abc import Iterable

import msgspec
from chalice.app import Response

from chalicelib import acceptance, files, relative
from chalicelib.api import Access, Blueprint, Call
from chalicelib.files import FOR_A_DAY, FOR_EVER
from fstream_app.core import ids
from fstream_app.core.errors import NotFound


def respond(error: Exception) -> Response:
    """Report an error as a page or as JSON. Behind CloudFront, it is JSON: that does not pass the Accept header on."""
    return acceptance.respond(error, api.current_request)


api = Blueprint(__name__, limited=False, respond=respond)

ICONS = (16, 32, 48, 180, 192, 512)
"""Sizes of the icons: browsers' tabs, iOS, and web app manifests."""
MASKABLE = "/icons/maskable.png"
"""The icon whose edges may be cut off: systems give the icons of installed apps a shape of their own."""
THUMBNAIL = "/icons/thumbnail.png"
BLURHASH = "L|LqqaS$S$ni~WW=W=jZIpjFjFX8"
"""The thumbnail, blurred to a few bytes (https://github.com/woltapp/blurhash)."""

_PNG, _ICO = "image/png", "image/x-icon"
_TOUCH_ICON = 180


def avatar(user_id: str) -> str:
    """Return the path of a user's avatar."""
    return f"/avatars/{user_id}.png"


def header(user_id: str) -> str:
    """Return the path of the header of a user's profile."""
    return f"/headers/{user_id}.png"


def icon(size: int) -> str:
    """Return the path of an icon of this size."""
    return f"/icons/{size}.png"


def binary_types(defaults: Iterable[str]) -> list[str]:
    """Return the media types that API Gateway passes on as bytes: all pictures, and Chalice's other types.

    A REST API decodes a response only if the request's first `Accept` type is one of these; an HTTP API always does.
    `image/png` is not listed: Chalice compares literally, and would answer 400 to clients that do not name it.
    `files.Binary` does not need the list.
    """
    return [*(kind for kind in defaults if not kind.startswith("image/")), "image/*"]


def _show(call: Call[msgspec.Struct], content: bytes, cached: str, kind: str = _PNG) -> Response:
    return files.show(call.request, content, kind=kind, cached=cached)


def _id(call: Call[msgspec.Struct]) -> str:
    """Return the id in the name of a PNG, without checking that the user exists."""
    name, _, extension = call.path["file"].partition(".")
    if extension != "png" or not ids.is_user_id(name):
        raise NotFound("Picture not found")
    return name


# The modules that draw are imported on first use, so that cold starts do not pay for them.


@api.declare("GET", "/avatars/{file}", access=Access.ANYBODY)
def show_avatar(call: Call[msgspec.Struct]) -> Response:
    """Draw a user's avatar; redirect from the path of the former SVGs."""
    from chalicelib.pictures import avatar as picture

    name, _, extension = call.path["file"].partition(".")
    if extension == "svg" and (ids.is_user_id(name) or name == "header"):
        place = avatar(name) if name != "header" else THUMBNAIL
        return Response("", {"Location": relative.root() + place, "Cache-Control": FOR_A_DAY}, 301)
    return _show(call, picture.draw(_id(call)), FOR_EVER)


@api.declare("GET", "/headers/{file}", access=Access.ANYBODY)
def show_header(call: Call[msgspec.Struct]) -> Response:
    """Draw the header of a user's profile."""
    from chalicelib.pictures import header as picture

    return _show(call, picture.draw(_id(call)), FOR_EVER)


@api.declare("GET", "/icons/{file}", access=Access.ANYBODY)
def show_icon(call: Call[msgspec.Struct]) -> Response:
    """Draw the instance's icon in one of its sizes, or its thumbnail."""
    from chalicelib.pictures import instance

    path = f"/icons/{call.path['file']}"
    if path == THUMBNAIL:
        return _show(call, instance.thumbnail(), FOR_A_DAY)
    if path == MASKABLE:
        return _show(call, instance.icon(ICONS[-1], instance.SAFE), FOR_A_DAY)
    for size in ICONS:
        if path == icon(size):
            return _show(call, instance.icon(size), FOR_A_DAY)
    raise NotFound("Picture not found")


@api.declare("GET", "/apple-touch-icon.png", access=Access.ANYBODY)
def show_touch_icon(call: Call[msgspec.Struct]) -> Response:
    """Draw the icon that iOS looks for."""
    from chalicelib.pictures import instance

    return _show(call, instance.icon(_TOUCH_ICON), FOR_A_DAY)


@api.declare("GET", "/favicon.ico", access=Access.ANYBODY)
def show_favicon(call: Call[msgspec.Struct]) -> Response:
    """Draw the icon that browsers look for."""
    from chalicelib.pictures import instance

    return _show(call, instance.favicon(), FOR_A_DAY, _ICO)
