"""/docs: the API reference, shown by OpenAPI Explorer, which is served from here as well.

The viewer is https://www.npmjs.com/package/openapi-explorer, unmodified; its licence is beside it in `static/`.
"""

from html import escape
from pathlib import Path
from string import Template

import msgspec
from chalice.app import Response

from chalicelib.api import Access, Blueprint, Call
from fstream_app.core import settings
from fstream_app.core.errors import NotFound

api = Blueprint(__name__, limited=False)

VIEWER = "openapi-explorer-2.4.820.min.js"
_LICENCE = "openapi-explorer-2.4.820.LICENSE.txt"
_FILES = {VIEWER: "text/javascript", _LICENCE: "text/plain"}
_STATIC = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
"""File names contain the version, so a file never changes."""
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; "  # the viewer sets style attributes
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGE = Template(f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title API</title>
<link rel="icon" href="/icons/32.png">
<body style="margin: 0">
<noscript>
<p>This page needs JavaScript. The API description is also at <a href="/openapi.json">/openapi.json</a>.</p>
</noscript>
<script type="module" src="/docs/{VIEWER}"></script>
<openapi-explorer spec-url="/openapi.json" use-path-in-nav-bar="true" collapse="true" hide-server-selection="true"
  hide-console="true" schema-expand-level="2" primary-color="#2b4c7e" secondary-color="#2b4c7e" nav-bg-color="#f5f7fa"
  nav-text-color="#1f2933" nav-hover-bg-color="#e3e8ef" nav-hover-text-color="#2b4c7e" nav-accent-color="#2b4c7e">
</openapi-explorer>
</html>
""")


@api.declare("GET", "/docs", access=Access.ANYBODY)
def page(_: Call[msgspec.Struct]) -> Response:
    """Show the API reference."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=300",
    }
    return Response(_PAGE.substitute(title=escape(settings.get().title)), headers)


@api.declare("GET", "/docs/{file}", access=Access.ANYBODY)
def file(call: Call[msgspec.Struct]) -> Response:
    """Return the viewer's script or its licence."""
    name = call.path["file"]
    if name not in _FILES:
        raise NotFound("File not found")
    headers: dict[str, str | list[str]] = {"Content-Type": f"{_FILES[name]}; charset=utf-8", "Cache-Control": _FOR_EVER}
    return Response((_STATIC / name).read_text(encoding="utf-8"), headers)
