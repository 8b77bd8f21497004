"""/: what a browser sees that comes to the instance's address."""

from html import escape

import msgspec
from chalice.app import Response

from chalicelib.api import Access, Blueprint, Call
from fstream_app import settings

api = Blueprint(__name__)

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }}
h1 {{ letter-spacing: .04em }}
code {{ background: #8882; border-radius: .3em; padding: .1em .4em }}
</style>
<h1>{title}</h1>
<p>{description}</p>
<p>Messages here live {shortest} to {longest}, then they are gone.</p>
<p>Log in with a Mastodon client, at <code>{host}</code>. What this instance is and allows:
<a href="/api/v2/instance">/api/v2/instance</a>.</p>
</html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@api.declare("GET", "/", access=Access.ANYBODY)
def home(_: Call[msgspec.Struct]) -> Response:
    """Tell people who come with a browser what this is and how to use it."""
    current = settings.get()
    page = _PAGE.format(
        title=escape(current.title),
        description=escape(current.description),
        host=escape(current.host),
        shortest=_duration(current.min_lifetime),
        longest=_duration(current.max_lifetime),
    )
    return Response(page, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY})


def _duration(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"
