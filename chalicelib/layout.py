"""The shared layout of HTML pages: one layout, one stylesheet, escaped text, and restrictive headers.

The colors are the web client's. No page has a script. The policy allows the stylesheet by its hash, so that no other
can be injected; for the same reason, no element has a `style` attribute.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from chalice.app import Response

from chalicelib import errors, relative, times, words
from fstream_app.core import settings
from fstream_app.core.rules import parse
from fstream_app.core.warm import remembered


class Markup(Template):
    """A template of HTML. A key in braces, with a dot in it, is a phrase in the language in use: see `words`."""

    braceidpattern = r"(?a:[a-z_]+(?:\.[a-z_]+)?)"


_LAYOUT = Markup("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="$robots">
<title>$title</title>
$preview<link rel="icon" href="$root/icons/32.png">
<link rel="apple-touch-icon" href="$root/apple-touch-icon.png">
<style>$style</style>
<body$kind>
<header class="top"><a class="brand" href="$root/">\
<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 11c4-5 8-5 12 0s8 5 12 0"/>\
<path d="M4 18c4-5 8-5 12 0s8 5 12 0" opacity=".6"/><path d="M4 25c4-5 8-5 12 0s8 5 12 0" opacity=".28"/></svg>\
$instance</a>$into</header>
<main>
$body
</main>
<footer class="bottom">${page.nothing} <a href="$root/about">${page.about}</a> · \
<a href="$account">${page.account}</a> · <a href="$root/docs">API</a></footer>
</html>
""")
_MISSING = Markup("""<div class="gone">
<h1>${missing.title}</h1>
<p role="alert" id="problem">$text.</p>
<p class="quiet">${missing.next}</p>
<div class="buttons"><a class="button" href="$root/">${missing.start}</a></div>
</div>""")
_FAILURE = Markup("""<h1>${failure.title}</h1>
<p role="alert" id="problem">$text</p>
<p class="quiet">${failure.next}</p>""")
_RULES = Markup("<h2>${page.rules}</h2>\n<ol>\n$rules</ol>\n")
_RULE = Template("<li>$text$hint</li>\n")
_HINT = Template(" <small>$hint</small>")
_IN_ENGLISH = Template('<span lang="en">$text</span>')
_INTO = Template('<a class="into" href="$address">$words</a>')
_PREVIEW = Template("""<meta name="description" content="$description">
<meta property="og:type" content="website">
<meta property="og:site_name" content="$instance">
<meta property="og:title" content="$title">
<meta property="og:description" content="$description">
<meta property="og:url" content="$url">
<meta property="og:image" content="$image">
<meta name="twitter:card" content="summary">
""")
_CLIENT_STYLESHEET = Path(__file__).parent / "web" / "style.css"
_STYLESHEET = Path(__file__).parent / "static" / "pages.css"
_NO_HEADERS: Mapping[str, Any] = MappingProxyType({})
ROBOTS = "noindex, noarchive"
"""What search engines may do with a page: neither list it nor keep a copy, which would outlive its messages."""
HERE = "?"
"""The address of a page itself, for its form: relative, so that it works below any prefix, and without its query."""
ACCOUNT = "/account"
"""The path of the page about the reader's account."""
_SOONEST_REFRESH, _LATEST_REFRESH = 1, 3600
"""Limits of the reload time, in seconds: the minimum, and the maximum, which keeps "2 h left" true."""


@dataclass(frozen=True, slots=True)
class Into:
    """A page's link to its place in the web client."""

    address: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview of a link shows (Open Graph). It outlives messages, so it never has their text."""

    title: str
    description: str
    url: str
    image: str


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def fill(template: Template, **values: str) -> Html:
    """Fill in a template and the phrases in it, escaping all values that are not `Html`."""
    return Html(template.substitute(_Values({name: escaped(value) for name, value in values.items()})))


def escaped(value: str) -> Html:
    """Return text as HTML."""
    return value if isinstance(value, Html) else Html(escape(value))


class _Values(dict[str, str]):
    """The values of a template, all of them HTML, the phrases with the same values, and where paths begin (`root`)."""

    def __missing__(self, name: str) -> str:
        if name == "root":
            return relative.root()
        return Template(words.phrase(name)).substitute(self)


def joined(parts: Iterable[Html]) -> Html:
    """Join pieces of HTML."""
    return Html("".join(parts))


def rules(lines: str) -> Html:
    """Build the list of the instance's rules, from the setting; empty if it has none."""
    items = joined(
        fill(_RULE, text=rule.text, hint=fill(_HINT, hint=rule.hint) if rule.hint else "") for rule in parse(lines)
    )
    return fill(_RULES, rules=items) if items else items


@remembered
def _style() -> tuple[Html, str]:
    """Return the stylesheet and its hash; it is read for the first page of a process."""
    style = f"{colors(_CLIENT_STYLESHEET.read_text(encoding='utf-8'))}{_STYLESHEET.read_text(encoding='utf-8')}"
    return Html(style), b64encode(sha256(style.encode()).digest()).decode()


def colors(client: str) -> str:
    """Return the beginning of the web client's stylesheet, which gives colors their names: all above the first `*`."""
    return re.split(r"^\*", client, maxsplit=1, flags=re.MULTILINE)[0].rpartition("*/\n")[2]


def page(  # noqa: PLR0913
    title: str,
    body: Html,
    *,
    status: int = 200,
    headers: Mapping[str, Any] = _NO_HEADERS,
    form_action: str = "'none'",
    kind: str = "",
    into: Into | None = None,
    preview: Preview | None = None,
) -> Response:
    """Build a page.

    Args:
        title: the title, as plain text.
        body: the content.
        status: the HTTP status.
        headers: additional headers; those that all pages have take precedence.
        form_action: where forms may lead, including redirects after them, as Content-Security-Policy sources.
        kind: a class of the stylesheet for the whole page.
        into: the link to the page's place in the web client.
        preview: what previews of links to this page show.
    """
    style, style_hash = _style()
    shown = fill(
        _LAYOUT,
        language=words.code(),
        robots=ROBOTS,
        title=title,
        account=words.linked(relative.root() + ACCOUNT),
        style=style,
        kind=Html(f' class="{kind}"' if kind else ""),
        instance=settings.get().title,
        body=body,
        into=fill(_INTO, address=into.address, words=into.words) if into else Html(),
        preview=_preview(preview) if preview else Html(),
    )
    vary = {"Vary": "Accept-Language"} if words.is_chosen() else {}
    return Response(shown, {**headers, **vary, **_headers(style_hash, form_action)}, status)


def _headers(style_hash: str, form_action: str) -> dict[str, Any]:
    """Return the headers that all pages have."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": ROBOTS,
        "Referrer-Policy": "no-referrer",
    }


def _preview(shown: Preview) -> Html:
    values = {"title": shown.title, "description": shown.description, "url": shown.url, "image": shown.image}
    return fill(_PREVIEW, instance=settings.get().title, **values)


def refresh(expiries: Iterable[int], now: int) -> dict[str, str]:
    """Return the header that makes a page left open reload when the first message on it expires.

    Browsers obey it without a script, keep the scroll position, and stop at a page without it.

    Args:
        expiries: expiry times of the messages shown (ms).
        now: milliseconds.
    """
    soonest = min(expiries, default=None)
    if soonest is None:
        return {}
    seconds = -((now - soonest) // 1000)  # rounded up: it must have expired by then
    return {"Refresh": str(min(max(seconds, _SOONEST_REFRESH), _LATEST_REFRESH))}


def failure(error: Exception) -> Response:
    """Build the page that reports an error, with its status from the error table."""
    return refusal(errors.respond(error))


def refusal(answered: Response) -> Response:
    """Build the page that shows an error response in JSON, with its status and headers."""
    text = answered.body.get("error_description") or answered.body["error"]
    missing = answered.status_code == 404
    seconds = int(str(answered.headers.get("Retry-After", 0)))
    is_own = answered.status_code not in errors.NOTICES
    shown = problem(text.removesuffix(".") if missing else text, seconds, is_own=is_own)
    body = fill(_MISSING, text=shown, instance=settings.get().title) if missing else fill(_FAILURE, text=shown)
    title = words.say("missing.title" if missing else "failure.title")
    return page(title, body, status=answered.status_code, headers=answered.headers)


def problem(text: str, seconds: int = 0, *, is_own: bool = True) -> Html:
    """Return the sentence of an error in the language in use, or else in English, marked as such.

    Args:
        text: the sentence in English.
        seconds: how long to wait before trying again.
        is_own: whether all of it is FSTREAM's own. What moderators write is in any language.
    """
    translated = words.problem(text, is_own=is_own, wait=times.wait(seconds))
    if translated is None and is_own and words.code() != words.LANGUAGES[0]:
        return fill(_IN_ENGLISH, text=text)
    return escaped(translated or text)
