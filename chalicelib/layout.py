"""What all HTML pages share: one layout, one stylesheet, escaped text, and restrictive headers.

No page has a script. The policy allows the stylesheet by its hash, so that no other can be injected.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from string import Template
from types import MappingProxyType
from typing import Any

from chalice.app import Response

from chalicelib import errors
from fstream_app.core import settings

_STYLE = """
:root { color-scheme: light dark; --page: #f3f6fa; --card: #fff; --text: #1d2b3d; --quiet: #4f6178; --line: #c3cedd;
  --field: #6b7d95; --accent: #2f5f9f; --on-accent: #fff; --error: #a8201a }
@media (prefers-color-scheme: dark) { :root { --page: #11161d; --card: #1a212b; --text: #e4eaf2; --quiet: #a3b1c4;
  --line: #38465a; --field: #8092ab; --accent: #8db6ee; --on-accent: #10202f; --error: #ff9d94 } }
* { box-sizing: border-box }
body { font: 1.05rem/1.55 system-ui, sans-serif; margin: 0; padding: clamp(1rem, 6vh, 4rem) 1rem; color: var(--text);
  background: var(--page); overflow-wrap: anywhere }
main { max-width: 34rem; margin: 0 auto }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem }
p { margin: .5rem 0 }
a { color: inherit; text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
code { background: #8882; border-radius: .3em; padding: .1em .4em }
article, .card { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; padding: 1rem 1.25rem;
  margin: 1rem 0 }
header { display: flex; gap: .8rem; align-items: center }
header img { width: 3rem; height: 3rem; border-radius: 50% }
small, .quiet { color: var(--quiet) }
small, .hint { font-size: .9rem }
.brand { font-weight: 600; letter-spacing: .04em; margin: 0 0 1rem }
.brand a { text-decoration: none }
.card { padding: 1.5rem clamp(1rem, 5vw, 2rem) }
ul { margin: .4rem 0; padding-left: 1.2rem }
form h2 { border-top: 1px solid var(--line); padding-top: 1.25rem }
label { display: block; font-weight: 600; margin-top: 1rem }
.hint { color: var(--quiet); margin: 0 }
.error { color: var(--error); font-weight: 600; margin: .2rem 0 }
input { font: inherit; width: 100%; padding: .6rem .75rem; margin-top: .3rem; color: inherit; background: var(--page);
  border: 1px solid var(--field); border-radius: .5rem }
input[aria-invalid] { border: 2px solid var(--error) }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 }
button { font: inherit; font-weight: 600; padding: .65rem 1.2rem; border-radius: .5rem; cursor: pointer;
  border: 1px solid var(--accent); color: var(--on-accent); background: var(--accent); flex: 1 1 auto }
button.plain { color: var(--accent); background: none }
.code { display: block; font-size: 1rem; padding: .8rem; margin: 1rem 0; text-align: center; user-select: all }
"""
_LAYOUT = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, noarchive">
<title>$title</title>
<style>$style</style>
<main>
$body
</main>
</html>
""")
_FAILURE = Template("""<p class="brand"><a href="/">$instance</a></p>
<div class="card">
<h1>Something went wrong</h1>
<p role="alert">$text</p>
<p class="quiet">Go back to where you came from and try again.</p>
</div>""")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_NO_HEADERS: Mapping[str, Any] = MappingProxyType({})


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def fill(template: Template, **values: str) -> Html:
    """Fill in a template, escaping all values that are not `Html`."""
    return Html(
        template.substitute(
            {name: value if isinstance(value, Html) else escape(value) for name, value in values.items()}
        )
    )


def joined(parts: Iterable[Html]) -> Html:
    """Join pieces of HTML."""
    return Html("".join(parts))


def duration(seconds: int) -> str:
    """Write a number of seconds in the largest unit that divides it."""
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    raise AssertionError("every whole number is a number of seconds")


def page(
    title: str,
    body: Html,
    *,
    status: int = 200,
    headers: Mapping[str, Any] = _NO_HEADERS,
    form_action: str = "'none'",
) -> Response:
    """Build a page.

    Args:
        title: the title, as plain text.
        body: the content.
        status: the HTTP status.
        headers: additional headers; those that all pages have take precedence.
        form_action: where forms may lead, including redirects after them, as Content-Security-Policy sources.
    """
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )
    fixed: dict[str, Any] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return Response(fill(_LAYOUT, title=title, style=Html(_STYLE), body=body), {**headers, **fixed}, status)


def failure(error: Exception) -> Response:
    """Build the page that reports an error, with its status from the error table."""
    answered = errors.respond(error)
    text = answered.body.get("error_description") or answered.body["error"]
    body = fill(_FAILURE, instance=settings.get().title, text=text)
    return page("Something went wrong", body, status=answered.status_code, headers=answered.headers)
