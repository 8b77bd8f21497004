"""The web client: one document at the root, and the files of `chalicelib/web`, which it loads.

A file's address contains the hash of all of them, `/web/<version>/<path>`. So nothing at an address ever changes,
modules import each other by relative paths, and all that a document loads is of one version. All addresses in the
document are relative, so that it works below any prefix.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from gzip import compress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from string import Template

import msgspec
from chalice.app import Request, Response

from chalicelib import acceptance, files, images, joining, layout, negotiation, rendering, shrinking
from chalicelib.api import Access, Blueprint, Call
from chalicelib.instance import customs
from chalicelib.layout import Html, fill, joined
from fstream_app.core import settings
from fstream_app.core.errors import NotFound
from fstream_app.core.warm import remembered


def respond(error: Exception) -> Response:
    """Report an error as a page or as JSON."""
    return acceptance.respond(error, api.current_request)


api = Blueprint(__name__, limited=False, respond=respond)

DIRECTORY = Path(__file__).parent / "web"
DOCUMENT = "index.html"
"""The template of the document. It is not served as a file."""
MAIN = "main.js"
"""The module that starts the client. What it needs is the first view, and loads as one module."""
FIRST = "first.js"
"""The name of that module: see `joining`."""
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
"""The media types of files, by extension; files with others are not served."""
THEME = "#0f6b75"
"""The color of the window of the installed client, until its document is loaded."""

_DEPTHS = ("/web/{version}/{part}", "/web/{version}/{part}/{file}")
_REVALIDATED = "public, no-cache"
"""The Cache-Control of the document, which must not name the files of another version than the one that is deployed."""
_HTML = "text/html; charset=utf-8"
BESIDE = "beside.js"
"""The module of what is beside the first view, where there is room. Its words are in the first language file, too."""
PRELOADED = (joining.LIBRARIES, FIRST, "lang/en-first.js")
"""The modules that the document preloads."""
_PRELOAD = Template('<link rel="modulepreload" href="web/$version/$path">\n')
_POLICY = (
    "default-src 'none'; script-src 'self' '{routes}'; style-src 'self'; img-src 'self'; manifest-src 'self'; "
    "connect-src 'self' {streaming}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The Content-Security-Policy. Without any trusted type, a browser that has them parses no text as HTML."""


class Shipped(msgspec.Struct, frozen=True):
    """The files of the web client."""

    version: str
    """The hash of all files and their paths."""
    texts: Mapping[str, str]
    """By path, relative to the folder."""
    joined: list[str]
    """The paths of the modules of the first view, each before those that import it."""
    shared: list[str]
    """The paths of those that other modules import, too."""


class Manifest(msgspec.Struct, frozen=True):
    """The web app manifest (https://www.w3.org/TR/appmanifest/). Its addresses are relative to its own."""

    name: str
    short_name: str
    description: str
    icons: list[dict[str, str]]
    id: str = "./"
    start_url: str = "./"
    scope: str = "./"
    display: str = "standalone"
    background_color: str = "#ffffff"
    theme_color: str = THEME


@remembered
def shipped() -> Shipped:
    """Return the client's files; they are read for the first request of a process that needs them."""
    found = sorted(each for each in DIRECTORY.rglob("*") if each.is_file() and each.suffix in {*KINDS, ".html"})
    paths = {each.relative_to(DIRECTORY).as_posix(): each for each in found}
    texts = {path: each.read_text(encoding="utf-8") for path, each in paths.items()}
    joined = joining.order(texts, MAIN)
    others = {each for path, text in texts.items() if path not in joined for each in joining.imports(path, text)}
    shared = [path for path in joined if path in others and path != joining.LIBRARIES]
    used = "".join(texts[path] for path in {*joined, *joining.order(texts, BESIDE)})
    texts |= {
        path.replace(".js", "-first.js"): joining.words(texts[path], used) for path in texts if path.startswith("lang/")
    }
    texts[FIRST] = joining.join(texts, joined)
    texts = {path: shrinking.shrink(path, text) for path, text in texts.items()}
    return Shipped(sha256(msgspec.json.encode(texts)).hexdigest()[:16], texts, joined, shared)


@api.declare("GET", "/", access=Access.ANYBODY)
def document(call: Call[msgspec.Struct]) -> Response:
    """Show the web client; without scripts, what this instance is."""
    current, client = settings.get(), shipped()
    preloads = joined(fill(_PRELOAD, version=client.version, path=path) for path in PRELOADED)
    routes = _import_map(client)
    body = fill(
        Template(client.texts[DOCUMENT]),
        title=current.title,
        description=current.description,
        host=current.host,
        thumbnail=rendering.base_url() + images.THUMBNAIL,
        version=client.version,
        routes=Html(routes),
        preloads=preloads,
        customs=customs(),
        rules=layout.rules(current.rules),
    )
    streaming = re.sub("^http", "ws", rendering.base_url())  # wss for https
    more = {
        "Content-Security-Policy": _POLICY.format(streaming=streaming, routes=_digest(routes)),
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": layout.ROBOTS,
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return _show(call.request, body, _HTML, _REVALIDATED, more)


@api.declare("GET", "/manifest.webmanifest", access=Access.ANYBODY)
def manifest(call: Call[msgspec.Struct]) -> Response:
    """Describe the client to systems that install it."""
    current = settings.get()
    sizes = images.ICONS[-2:]
    icons = [{"src": images.icon(size)[1:], "sizes": f"{size}x{size}", "type": "image/png"} for size in sizes]
    whole = f"{sizes[-1]}x{sizes[-1]}"
    icons.append({"src": images.MASKABLE[1:], "sizes": whole, "type": "image/png", "purpose": "maskable"})
    found = Manifest(current.title, current.title[:30], current.description, icons)
    body = msgspec.json.encode(found).decode()
    return _show(call.request, body, "application/manifest+json; charset=utf-8", files.FOR_A_DAY, {})


def _import_map(client: Shipped) -> str:
    """Return the import map that leads modules of the first view to the module into which they are joined."""
    first = f"./web/{client.version}/{FIRST}"
    routes = {f"./web/{client.version}/{path}": first for path in client.shared}
    return msgspec.json.encode({"imports": routes}).decode()


def _digest(script: str) -> str:
    """Return the source by which a policy allows an inline script."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def file(call: Call[msgspec.Struct]) -> Response:
    """Return a file of the web client, of this version only."""
    client = shipped()
    path = "/".join(call.path[name] for name in ("part", "file") if name in call.path)
    kind = KINDS.get(PurePosixPath(path).suffix)
    text = client.texts.get(path)
    if call.path["version"] != client.version or text is None or kind is None:
        raise NotFound("This address does not exist")
    return _show(call.request, text, kind, files.FOR_EVER, {})


for _path in _DEPTHS:
    api.declare("GET", _path, access=Access.ANYBODY)(file)


def _show(request: Request, text: str, kind: str, cached: str, more: Mapping[str, str]) -> Response:
    """Return a text, compressed for a client that accepts gzip."""
    more = {**more, "Vary": "Accept-Encoding"}
    if _takes_gzip(request):
        content = compress(text.encode(), mtime=0)
        more = {**more, "Content-Encoding": "gzip"}
        return files.show(request, content, kind=kind, cached=cached, more=more, variant="-gzip")
    shown = files.show(request, text.encode(), kind=kind, cached=cached, more=more)
    # A REST API would pass bytes on in base64, see `images.binary_types`.
    return Response(shown.body.decode(), shown.headers, shown.status_code)


def _takes_gzip(request: Request) -> bool:
    """Return whether a client accepts gzip (RFC 9110, 12.5.3), and all that is in between passes bytes on."""
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        name, *parameters = [piece.strip() for piece in each.split(";")]
        if name == "gzip":
            return negotiation.weight(parameters) > 0 and not _is_of_rest_api(request)
    return False


def _is_of_rest_api(request: Request) -> bool:
    """Return whether a request comes through a REST API: neither an HTTP API nor the local server names the API."""
    return "apiId" in request.context
