"""Features that FSTREAM does not support: each call fails with 422 and a message that suggests an alternative.

The token, its scopes and the rate limit are checked first. Parameters and bodies are not read, however large.
"""

from collections.abc import Callable
from typing import Never

import msgspec
from chalice.app import Response

from chalicelib import instance
from chalicelib.api import Access, Blueprint, Call
from chalicelib.refusals import MEDIA
from fstream_app.core import settings
from fstream_app.core.errors import Invalid, NotFound

api = Blueprint(__name__)
streaming = Blueprint(__name__, limited=False)
"""Counted apart: clients that retry every few seconds must not use up their address's requests."""

_TRANSLATION = "Translation is not supported. Use your client or browser to translate messages."
_DOMAIN = "Servers can't be blocked, because this one connects to no others. Block or mute people instead."
_NO_STREAMING = "Live streaming is not supported. Poll the timelines and notifications instead."
_PUSH = "Push notifications are not supported. Poll /api/v1/notifications instead."

STATUS = "/api/v1/statuses/{id}"
UNSUPPORTED = (
    ("POST", "/api/v1/media", "write:media", MEDIA),
    ("POST", "/api/v2/media", "write:media", MEDIA),
    ("GET", "/api/v1/media/{id}", "write:media", MEDIA),
    ("PUT", "/api/v1/media/{id}", "write:media", MEDIA),
    ("POST", f"{STATUS}/translate", "read:statuses", _TRANSLATION),
    ("POST", "/api/v1/push/subscription", "push", _PUSH),
    ("PUT", "/api/v1/push/subscription", "push", _PUSH),
    ("DELETE", "/api/v1/push/subscription", "push", _PUSH),
    ("POST", "/api/v1/domain_blocks", "write:blocks", _DOMAIN),
    ("DELETE", "/api/v1/domain_blocks", "write:blocks", _DOMAIN),
)
"""Method, path, required scope, and message."""
STREAMING = tuple(f"/api/v1/streaming{rest}" for rest in ("", "/{stream}", "/{stream}/{part}"))
"""Paths where clients look for server-sent events. The first is also that of the WebSocket, if it is not opened."""


def _fail(message: str) -> Callable[[Call[msgspec.Struct]], Never]:
    def fail(_: Call[msgspec.Struct]) -> Never:
        raise Invalid(message)

    fail.__doc__ = message
    return fail


for _method, _path, _scope, _message in UNSUPPORTED:
    api.declare(_method, _path, scope=_scope)(_fail(_message))


@api.declare("GET", "/api/v1/push/subscription", scope="push")
def no_subscription(_: Call[msgspec.Struct]) -> Never:
    """Report that there is no push subscription, in the form that clients expect."""
    raise NotFound("Push subscription not found")


@streaming.declare("GET", "/api/v1/streaming/health", access=Access.ANYBODY)
def health(_: Call[msgspec.Struct]) -> Response:
    """Answer OK, unless live streaming is off."""
    if not settings.get().streaming:
        raise NotFound(_NO_STREAMING)
    return Response("OK", {"Content-Type": "text/plain; charset=utf-8"})


def _no_events(_: Call[msgspec.Struct]) -> Never:
    """Report that there are no server-sent events, and where the WebSocket is. The token is not checked."""
    if settings.get().has_sockets:
        address = instance.streaming()
        raise NotFound(f"Server-sent events are not supported. Open a WebSocket at {address}/api/v1/streaming instead.")
    raise NotFound(_NO_STREAMING)


for _path in STREAMING:
    streaming.declare("GET", _path, access=Access.ANYBODY)(_no_events)
