"""Public HTML pages without scripts: the instance, a profile, a message, a hashtag."""

from functools import partial
from string import Template
from urllib.parse import quote, unquote, urlencode

import msgspec
from chalice.app import Response

from chalicelib import acceptance, articles, images, layout, pages, relative, rendering, times, words
from chalicelib.api import PUBLIC, Access, Blueprint, Call
from chalicelib.instance import customs
from chalicelib.layout import HERE, Html, Into, Markup, Preview, fill, joined, page
from chalicelib.pages import Cursors
from fstream_app import text
from fstream_app.core import settings
from fstream_app.core.entities import Page, User
from fstream_app.core.errors import NotFound
from fstream_app.core.parallel import gather
from fstream_app.feed import timelines
from fstream_app.feed.timelines import Selection, Tags
from fstream_app.messages import reading, threads
from fstream_app.people import users

_INSTANCE = Template("""<h1>$title</h1>
<p>$description</p>
<p>$customs</p>
$rules<div class="buttons"><a class="button" href="$root/">Look in, or sign up</a></div>
<p>To take part in another way, open any Mastodon app and enter this server:</p>
<code class="copy">$host</code>
<p class="quiet">For developers: <a href="$root/docs">the API</a> and
<a href="$root/api/v2/instance">the limits of this instance</a>.</p>""")
_PROFILE = Markup("""<div class="profile">
<img class="avatar" src="$avatar" alt="" width="72" height="72">
<div><h1><bdi>$display</bdi></h1>
<p class="quiet">@$name@$host$bot</p></div>
</div>
$note
$fields
<ul class="figures">
<li><b>$messages</b> $messages_word</li>
<li><b>$followers</b> $followers_word</li>
<li><b>$following</b> ${profile.following}</li>
<li class="quiet">${profile.joined}</li>
</ul>
$shown""")
_FIELDS = Template('<dl class="fields">\n$fields</dl>')
_FIELD = Template("<dt><bdi>$name</bdi></dt><dd>$value</dd>\n")
_MESSAGE = Markup("""<h1 class="skip">${message.by}</h1>
$above$message$below
<section class="below">
<h2>${reply.title}</h2>
<div class="buttons"><a class="button" href="$into">${reply.here}</a></div>
<p class="quiet">${reply.elsewhere}</p>
<code class="copy">$url</code>
</section>""")
_TAG = Markup('<h1>#$name</h1>\n<p class="quiet">${tag.messages}</p>\n$shown')
_TAGGED = Markup('<h1>#$name</h1>\n<p class="quiet">${tag.by}</p>\n$shown')
_SHOWN = Template("$messages$older")
_OLDER = Markup('<p class="more"><a href="$address" rel="next">${page.older}</a></p>')
_NO_MESSAGES = Markup("<p>${page.no_messages}</p>")
_GONE = Markup("""<div class="gone">
<svg viewBox="0 0 96 48" aria-hidden="true"><path d="M6 16c14-10 28-10 42 0s28 10 42 0" opacity=".22"/>\
<path d="M6 30c14-6 28-6 42 0s28 6 42 0" opacity=".5"/><path d="M6 42h84"/></svg>
<h1>${gone.title}</h1>
<p role="alert" id="problem">${gone.why}</p>
<div class="buttons"><a class="button" href="$root/@$name">${gone.author}</a>
<a class="button plain" href="$into">${gone.log_in}</a></div>
<p class="quiet">${gone.others}</p>
</div>""")


class Unfold(msgspec.Struct, frozen=True):
    """What a message's page shows."""

    unfold: bool = False
    """Whether to show the text below a content warning."""


class _Gone(NotFound):
    """The message expired, was deleted, never existed or is not public. The page does not show which."""

    def __init__(self, author: User, wanted: str) -> None:
        super().__init__(reading.NO_MESSAGE)
        self.author, self.wanted = author, wanted


def respond(error: Exception) -> Response:
    """Report an error as a page or as JSON."""
    return acceptance.respond(error, api.current_request, _failure)


def _failure(error: Exception) -> Response:
    if not isinstance(error, _Gone):
        return layout.failure(error)
    name = error.author.name
    place = f"@{name}/{error.wanted}"
    body = fill(_GONE, name=name, instance=settings.get().title, into=_client(place), explore=_client("explore"))
    return page(words.say("gone.title"), body, status=404)


api = Blueprint(__name__, respond=respond, translated=True)
start = Blueprint(__name__, limited=False, respond=respond)
"""The page about the instance, which reads no table."""


@start.declare("GET", "/about", access=Access.ANYBODY)
def instance(_: Call[msgspec.Struct]) -> Response:
    """Show what this instance is and how to use it. The web client's document leads here if there are no scripts."""
    current = settings.get()
    body = fill(
        _INSTANCE,
        title=current.title,
        description=current.description,
        host=current.host,
        customs=customs(),
        rules=layout.rules(current.rules),
    )
    url, image = f"{rendering.base_url()}/about", rendering.base_url() + images.THUMBNAIL
    preview = Preview(current.title, current.description, url, image)
    into = Into(f"{relative.root()}/", "Open")
    return page(f"About {current.title}", body, headers={"Cache-Control": PUBLIC}, into=into, preview=preview)


@api.declare("GET", "/{part1}", access=Access.ANYBODY, parameters=Cursors)
def profile(call: Call[Cursors]) -> Response:
    """Show a profile with its newest public messages: `/@name`."""
    user = _user(call.path["part1"])
    newest, activity = gather(
        partial(timelines.of_account, user.id, None, pages.window(call.parameters), call.now),
        partial(users.activity, user, call.now),
    )
    body = fill(
        _PROFILE,
        avatar=articles.avatar(user),
        display=user.display_name or user.name,
        name=user.name,
        host=settings.get().host,
        bot=" · " + words.say("profile.bot") if user.bot else "",
        note=Html(rendering.note(user, relative.root())),
        fields=_fields(user),
        messages=words.number(activity.messages),
        messages_word=words.say("profile.messages", n=activity.messages),
        followers=words.number(user.followers_count),
        followers_word=words.say("profile.followers", n=user.followers_count),
        following=words.number(user.following_count),
        joined=rendering.date(user.created_at),
        joined_exactly=times.exact(user.created_at),
        month=times.month(user.created_at),
        shown=_shown(newest, call.now),
    )
    preview = _preview(user, f"@{user.name}", words.say("preview.profile"))
    return page(
        f"@{user.name}", body, headers=_refresh([newest], call.now), into=_into(f"@{user.name}"), preview=preview
    )


@api.declare("GET", "/{part1}/{part2}", access=Access.ANYBODY, parameters=Unfold)
def message(call: Call[Unfold]) -> Response:
    """Show a live public message in its thread: `/@name/<id>`."""
    user = _user(call.path["part1"])
    wanted = reading.parse(call.path["part2"])
    if wanted.author_id != user.id:
        raise _Gone(user, str(wanted))
    try:
        thread = threads.around(str(wanted), None, call.now)
    except NotFound:
        raise _Gone(user, str(wanted)) from None
    user = thread.ancestors.users[thread.message.author_id]  # of a boost: the author of what it boosts
    place = articles.place(thread.message, user)
    own = msgspec.structs.replace(thread.descendants, messages=[thread.message])
    body = fill(
        _MESSAGE,
        display=user.display_name or user.name,
        above=articles.articles(thread.ancestors, call.now),
        message=articles.article(thread.message, own, call.now, here=True, unfolded=call.parameters.unfold),
        below=articles.articles(thread.descendants, call.now),
        host=settings.get().host,
        instance=settings.get().title,
        into=_client(place),
        url=rendering.base_url() + f"/{place}",
    )
    shown = [thread.ancestors, own, thread.descendants]
    preview = _preview(user, place, words.say("preview.message", when=times.exact(thread.message.expires_at)))
    return page(f"@{user.name}", body, headers=_refresh(shown, call.now), into=_into(place), preview=preview)


@api.declare("GET", "/{part1}/tagged/{part3}", access=Access.ANYBODY, parameters=Cursors)
def tagged(call: Call[Cursors]) -> Response:
    """Show an account's public messages with a hashtag: `/@name/tagged/<hashtag>`."""
    user, name = _user(call.path["part1"]), _hashtag(call.path["part3"])
    newest = timelines.of_account(user.id, None, pages.window(call.parameters), call.now, Selection(tagged=name))
    body = fill(_TAGGED, name=name, user=user.name, shown=_shown(newest, call.now))
    into = _into(f"@{user.name}")
    return page(
        words.say("tag.title_by", name=name, user=user.name), body, headers=_refresh([newest], call.now), into=into
    )


@api.declare("GET", "/tags/{name}", access=Access.ANYBODY, parameters=Cursors)
def tag(call: Call[Cursors]) -> Response:
    """Show public messages with a hashtag."""
    name = _hashtag(call.path["name"])
    newest = timelines.tag(Tags(some=(name,)), None, pages.window(call.parameters), call.now)
    body = fill(_TAG, name=name, shown=_shown(newest, call.now))
    place = f"tags/{quote(name)}"
    url, image = f"{rendering.base_url()}/{place}", rendering.base_url() + images.THUMBNAIL
    preview = Preview(f"#{name}", words.say("preview.tag"), url, image)
    return page(f"#{name}", body, headers=_refresh([newest], call.now), into=_into(place), preview=preview)


def _client(place: str) -> str:
    """Return the address of a place in the web client."""
    return f"{relative.root()}/#/{place}"


def _into(place: str) -> Into:
    return Into(_client(place), words.say("page.join"))


def _preview(user: User, place: str, description: str) -> Preview:
    base = rendering.base_url()
    title = f"{user.display_name or user.name} (@{user.name}@{settings.get().host})"
    return Preview(title, description, f"{base}/{place}", base + images.avatar(user.id))


def _hashtag(part: str) -> str:
    try:
        return text.normalise_tag(unquote(part))
    except ValueError:
        raise NotFound("This is not a hashtag") from None


def _user(part: str) -> User:
    if not part.startswith("@"):
        raise NotFound("This address does not exist")
    try:
        return users.lookup(part)
    except NotFound:
        raise NotFound("Nobody here has this name") from None


def _fields(user: User) -> Html:
    shown = rendering.fields(user, relative.root())
    lines = joined(fill(_FIELD, name=field.name, value=Html(field.value)) for field in shown)
    return fill(_FIELDS, fields=lines) if lines else Html()


def _shown(newest: Page, now: int) -> Html:
    further = words.linked(f"{HERE}{urlencode({'max_id': newest.older})}")
    older = fill(_OLDER, address=further) if newest.older else Html()
    return fill(_SHOWN, messages=articles.articles(newest, now) or fill(_NO_MESSAGES), older=older)


def _refresh(shown: list[Page], now: int) -> dict[str, str]:
    return layout.refresh(articles.expiries(shown), now)
