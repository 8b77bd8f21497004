"""The pages for people: the instance, a profile, a message. Plain HTML without script, for anybody's eyes."""

from html import escape
from string import Template

import msgspec
from chalice.app import Response

from chalicelib import rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app import messages, settings, timelines, users
from fstream_app.entities import Message, User
from fstream_app.errors import NotFound
from fstream_app.paging import Window

api = Blueprint(__name__)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_LAYOUT = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, noarchive">
<title>$title</title>
<style>
:root { color-scheme: light dark }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 10vh auto; padding: 0 1.25rem }
h1 { letter-spacing: .03em; line-height: 1.2 }
a { color: inherit; text-underline-offset: .2em }
code { background: #8882; border-radius: .3em; padding: .1em .4em }
article { border: 1px solid #8884; border-radius: .8rem; padding: .8rem 1.2rem; margin: 1rem 0 }
article { overflow-wrap: anywhere }
article p { margin: .5rem 0 }
header { display: flex; gap: .8rem; align-items: center }
header img { width: 3rem; height: 3rem; border-radius: 50% }
small { opacity: .75 }
</style>
$body
</html>
""")
_MESSAGE = Template("""<article>
<header><img src="/avatars/$id.svg" alt=""><span><b>$display</b><br><a href="/@$name">@$name</a></span></header>
$content
<small><a href="$url">Posted <time datetime="$posted">$posted</time></a>,
gone at <time datetime="$gone">$gone</time></small>
</article>""")
_DESCRIPTION = Template("""<h1>$title</h1>
<p>$description</p>
<p>Messages here live $shortest to $longest, then they are gone.</p>
<p>Log in with a Mastodon client, at <code>$host</code>. What this instance is and allows:
<a href="/api/v2/instance">/api/v2/instance</a>.</p>""")


@api.declare("GET", "/", access=Access.ANYBODY)
def instance(_: Call[msgspec.Struct]) -> Response:
    """Tell people who come with a browser what this is and how to use it."""
    current = settings.get()
    body = _DESCRIPTION.substitute(
        title=escape(current.title),
        description=escape(current.description),
        host=escape(current.host),
        shortest=_duration(current.min_lifetime),
        longest=_duration(current.max_lifetime),
    )
    return _page(current.title, body)


@api.declare("GET", "/{part1}", access=Access.ANYBODY)
def profile(call: Call[msgspec.Struct]) -> Response:
    """Show a profile and its newest public messages: `/@name`."""
    user = _user(call.path["part1"])
    page = timelines.of_account(user.id, None, Window(), call.now)
    shown = "".join(_message(message, user) for message in page.messages)
    note = rendering.note(user)
    body = f"<h1>{escape(user.display_name or user.name)}</h1>{note}{shown or '<p>There is nothing now.</p>'}"
    return _page(f"@{user.name}", body)


@api.declare("GET", "/{part1}/{part2}", access=Access.ANYBODY)
def message(call: Call[msgspec.Struct]) -> Response:
    """Show a public message for as long as it lives: `/@name/<id>`."""
    user = _user(call.path["part1"])
    found = messages.get(call.path["part2"], None, call.now)
    if found.author_id != user.id:
        raise NotFound("There is no such message")
    return _page(f"@{user.name}", _message(found, user))


def _user(part: str) -> User:
    if not part.startswith("@"):
        raise NotFound("There is nothing here")
    return users.lookup(part)


def _message(found: Message, author: User) -> str:
    warning = f"<p><b>{escape(found.spoiler)}</b></p>" if found.spoiler else ""
    return _MESSAGE.substitute(
        id=author.id,
        name=author.name,
        display=escape(author.display_name or author.name),
        content=warning + rendering.content(found),
        url=f"/@{author.name}/{found.id}",
        posted=rendering.date(found.id.time),
        gone=rendering.date(found.expires_at),
    )


def _page(title: str, body: str) -> Response:
    page = _LAYOUT.substitute(title=escape(title), body=body)
    return Response(page, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY})


def _duration(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    raise AssertionError("every number is one of seconds")
