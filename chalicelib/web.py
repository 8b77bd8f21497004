"""HTML pages that anybody may see, without scripts: the instance, a profile, a message."""

from string import Template

import msgspec
from chalice.app import Response

from chalicelib import images, rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.layout import Html, duration, fill, joined, page
from fstream_app.core import settings
from fstream_app.core.entities import Message, User, Window
from fstream_app.core.errors import NotFound
from fstream_app.feed import timelines
from fstream_app.messages import reading
from fstream_app.people import users

api = Blueprint(__name__)

_MESSAGE = Template("""<article>
<header><img src="$avatar" alt=""><span><b>$display</b><br><a href="/@$name">@$name</a></span></header>
$warning$content
<small><a href="$url">Posted <time datetime="$posted">$posted</time></a>,
expires <time datetime="$expires">$expires</time></small>
</article>""")
_WARNING = Template("<p><b>$text</b></p>")
_PROFILE = Template("<h1>$display</h1>$note$messages")
_NO_MESSAGES = Html("<p>No messages right now.</p>")
_DESCRIPTION = Template("""<h1>$title</h1>
<p>$description</p>
<p>Messages here last from $shortest to $longest, and then disappear.</p>
<p>To take part, open any Mastodon app and enter <code>$host</code> as the server.</p>
<p class="quiet">For developers: <a href="/docs">the API</a> and
<a href="/api/v2/instance">the limits of this instance</a>.</p>""")


@api.declare("GET", "/", access=Access.ANYBODY)
def instance(_: Call[msgspec.Struct]) -> Response:
    """Show people who come with a browser what this instance is and how to use it."""
    current = settings.get()
    body = fill(
        _DESCRIPTION,
        title=current.title,
        description=current.description,
        host=current.host,
        shortest=duration(current.min_lifetime),
        longest=duration(current.max_lifetime),
    )
    return page(current.title, body)


@api.declare("GET", "/{part1}", access=Access.ANYBODY)
def profile(call: Call[msgspec.Struct]) -> Response:
    """Show a profile with its newest public messages: `/@name`."""
    user = _user(call.path["part1"])
    newest = timelines.of_account(user.id, None, Window(), call.now)
    body = fill(
        _PROFILE,
        display=user.display_name or user.name,
        note=Html(rendering.note(user)),
        messages=joined(_message(message, user) for message in newest.messages) or _NO_MESSAGES,
    )
    return page(f"@{user.name}", body)


@api.declare("GET", "/{part1}/{part2}", access=Access.ANYBODY)
def message(call: Call[msgspec.Struct]) -> Response:
    """Show a public message for as long as it lives: `/@name/<id>`."""
    user = _user(call.path["part1"])
    found = reading.get(call.path["part2"], None, call.now)
    if found.author_id != user.id:
        raise NotFound("Message not found")
    return page(f"@{user.name}", _message(found, user))


def _user(part: str) -> User:
    if not part.startswith("@"):
        raise NotFound("This address does not exist")
    return users.lookup(part)


def _message(found: Message, author: User) -> Html:
    return fill(
        _MESSAGE,
        avatar=images.avatar(author.id),
        name=author.name,
        display=author.display_name or author.name,
        warning=fill(_WARNING, text=found.spoiler) if found.spoiler else Html(),
        content=Html(rendering.content(found)),
        url=f"/@{author.name}/{found.id}",
        posted=rendering.date(found.id.time),
        expires=rendering.date(found.expires_at),
    )
