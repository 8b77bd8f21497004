"""The page on which people let an application in: what it asks for in plain words, and a form to log in or sign up."""

import re
from collections.abc import Collection, Mapping
from string import Template
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors
from chalicelib.layout import Html, duration, fill, joined, page
from fstream_app.access import oauth
from fstream_app.access.authorization import CODE_SECONDS, Consent, Request
from fstream_app.core import settings
from fstream_app.core.entities import Application
from fstream_app.core.errors import DomainError, Invalid, Unauthenticated
from fstream_app.people import names, users

PATH = "/oauth/authorize"
SIGN_UP = "create"
"""The `prompt` with which the page begins with signing up (OpenID Connect, Initiating User Registration 1.0)."""

SCOPES = {
    "read": "see everything that you see: timelines, messages to you, notifications, favourites, "
    "bookmarks, whom you follow, mute and block",
    "write": "post and delete messages as you, and change your profile and whom you follow, mute and block",
    "follow": "see and change whom you follow, mute and block",
    "push": "be told at once of your notifications",
    "profile": "see your name and your profile",
    "read:accounts": "see your profile and those of others",
    "read:blocks": "see whom you block",
    "read:bookmarks": "see your bookmarks",
    "read:favourites": "see your favourites",
    "read:filters": "see your filters",
    "read:follows": "see whom you follow",
    "read:lists": "see your lists",
    "read:mutes": "see whom you mute",
    "read:notifications": "see your notifications",
    "read:search": "search in your name",
    "read:statuses": "see all messages that you see",
    "write:accounts": "change your profile",
    "write:blocks": "block and unblock people",
    "write:bookmarks": "bookmark messages",
    "write:conversations": "mute and delete conversations",
    "write:favourites": "make messages your favourites",
    "write:filters": "change your filters",
    "write:follows": "follow and unfollow people",
    "write:lists": "change your lists",
    "write:media": "upload pictures",
    "write:mutes": "mute and unmute people",
    "write:notifications": "dismiss your notifications",
    "write:reports": "report people",
    "write:statuses": "post and delete messages as you",
}
"""What each scope lets an application do."""

_PAGE = Template("""<p class="brand"><a href="/">$instance</a></p>
<div class="card">
<h1>$heading</h1>
$who
<h2>What it will be able to do</h2>
<ul>
$scopes</ul>
$form
$other
</div>""")
_WHO = Template("<p><b><bdi>$name</bdi></b>$website asks for access to an account at $host. $destination</p>")
_WEBSITE = Template(' (<a href="$address" rel="noopener noreferrer nofollow">$shown</a>)')
_SCOPE = Template("<li>$words</li>\n")
_FORM = Template("""<form method="post" action="$path">
$hidden<h2>$title</h2>
$introduction
$error
$fields
<div class="buttons">
<button name="decision" value="$decision">$title and allow</button>
<button class="plain" name="decision" value="refuse" formnovalidate>Refuse</button>
</div>
<p class="quiet">The application never sees your password.</p>
</form>""")
_HIDDEN = Template('<input type="hidden" name="$name" value="$value">\n')
_FIELD = Template("""<label for="$name">$label</label>
$hint
$error
<input id="$name" name="$name" type="$kind" value="$value" autocomplete="$autocomplete" autocapitalize="none" \
spellcheck="false" required$state>""")
_HINT = Template('<p class="hint" id="$name-hint">$text</p>')
_ERROR = Template('<p class="error" id="$place-error" role="alert">$text</p>')
_LIFETIMES = Template("<p>Messages here live $shortest to $longest, then they are gone.</p>")
_OTHER = Template('<p>$question <a href="$address">$answer</a></p>')
_CODE = Template("""<p class="brand"><a href="/">$instance</a></p>
<div class="card">
<h1>Almost done</h1>
<p>Copy this code into <b><bdi>$name</bdi></b>. It works once, within $lifetime.</p>
<code class="code">$code</code>
<p class="quiet">Give it to nobody who asks for it.</p>
</div>""")


class _Form(NamedTuple):
    """What is different in logging in and in signing up."""

    decision: str
    title: str
    passwords: str
    """What password managers shall offer."""
    hints: Mapping[str, str] = MappingProxyType({})


_LOG_IN = _Form("log_in", "Log in", "current-password")
_SIGN_UP = _Form(
    "sign_up",
    "Sign up",
    "new-password",
    {
        "username": f"1 to {names.MAX_LENGTH} letters a-z, digits and underscores. Everybody sees it.",
        "password": f"{users.MIN_PASSWORD} to {users.MAX_PASSWORD} characters. Keep it safe: nobody can reset it.",
    },
)


def ask(
    consent: Consent,
    request: Request,
    *,
    signing_up: bool = False,
    username: str = "",
    error: DomainError | None = None,
) -> Response:
    """Make the page, with the name that was typed before, and with what was wrong."""
    form = _SIGN_UP if signing_up and settings.get().registrations else _LOG_IN
    heading = f"{form.title} to use {consent.application.name}"
    body = fill(
        _PAGE,
        instance=settings.get().title,
        heading=heading,
        who=_who(consent),
        scopes=joined(fill(_SCOPE, words=words) for words in in_words(consent.scopes)),
        form=_form(form, request, username, error),
        other=_other(form, request),
    )
    answered = errors.respond(error) if error else Response("")
    return page(
        f"Error: {heading}" if error else heading,
        body,
        status=answered.status_code,
        headers=answered.headers,
        form_action=f"'self' {_source(consent.callback.redirect_uri)}".strip(),
    )


def show_code(application: Application, code: str) -> Response:
    """Make the page from which a code is copied into an application that cannot be sent anywhere."""
    lifetime = duration(CODE_SECONDS)
    body = fill(_CODE, instance=settings.get().title, name=application.name, code=code, lifetime=lifetime)
    return page("Almost done", body)


def in_words(scopes: Collection[str]) -> list[str]:
    """Tell what scopes allow; what others include is not told again."""
    included = {"follow"} if {"read", "write"} <= set(scopes) else set()
    included |= {scope for scope in scopes if oauth.covers(set(scopes) - {scope}, scope)}
    return [SCOPES[scope] for scope in scopes if scope not in included]


def _who(consent: Consent) -> Html:
    application = consent.application
    website = application.website
    return fill(
        _WHO,
        name=application.name,
        website=fill(_WEBSITE, address=website, shown=_host(website)) if website else Html(),
        host=settings.get().host,
        destination=_destination(consent.callback.redirect_uri),
    )


def _destination(redirect_uri: str) -> str:
    """Tell where people end up: the name of an application proves nothing."""
    if redirect_uri == oauth.OUT_OF_BAND:
        return "You will get a code to copy into it."
    return f"You will be sent to {_host(redirect_uri)}."


def _host(uri: str) -> str:
    """Return what a URI says of who is reached: without the user name, which may look like a host."""
    parts = urlsplit(uri)
    return parts.netloc.rpartition("@")[2] if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def _source(redirect_uri: str) -> str:
    """Return the redirect URI's origin or scheme as a source of a Content-Security-Policy, where some may go.

    Chromium holds form-action against the redirect that answers a form, too.
    """
    if redirect_uri == oauth.OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    host = _host(redirect_uri)
    # A policy has no word for other hosts, such as those of IPv6, and nothing of them may get into it.
    if parts.scheme in {"http", "https"} and re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", host):
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}:"


def _form(form: _Form, request: Request, username: str, error: DomainError | None) -> Html:
    current = settings.get()
    lifetimes = fill(_LIFETIMES, shortest=duration(current.min_lifetime), longest=duration(current.max_lifetime))
    in_form = error is not None and _place(error) == "form"
    return fill(
        _FORM,
        path=PATH,
        hidden=joined(fill(_HIDDEN, name=name, value=value) for name, value in _carried(request).items()),
        title=form.title,
        introduction=lifetimes if form is _SIGN_UP else Html(),
        error=fill(_ERROR, place="form", text=str(error)) if in_form else Html(),
        fields=joined([_field(form, "username", username, error), _field(form, "password", "", error)]),
        decision=form.decision,
    )


def _field(form: _Form, name: str, value: str, error: DomainError | None) -> Html:
    wrong = _wrong(error) if error else ()
    hint = form.hints.get(name)
    here = error is not None and _place(error) == name
    described = [f"{name}-hint"] if hint else []
    state = ""
    if error and name in wrong:
        described.append(f"{_place(error)}-error")
        state = ' aria-invalid="true"' + (" autofocus" if name == wrong[-1] else "")
    if described:
        state += f' aria-describedby="{" ".join(described)}"'
    return fill(
        _FIELD,
        name=name,
        label=name.capitalize(),
        kind="text" if name == "username" else "password",
        value=value,
        autocomplete="username" if name == "username" else form.passwords,
        hint=fill(_HINT, name=name, text=hint) if hint else Html(),
        error=fill(_ERROR, place=name, text=str(error)) if here else Html(),
        state=Html(state),
    )


def _wrong(error: DomainError) -> tuple[str, ...]:
    """Return the fields that are wrong, the one to correct first being last."""
    if isinstance(error, Unauthenticated):  # nobody is told which
        return ("username", "password")
    if isinstance(error, Invalid) and error.field in {"username", "password"}:
        return (error.field,)
    return ()


def _place(error: DomainError) -> str:
    """Return where an error is shown: at its field, or above the form's fields."""
    wrong = _wrong(error)
    return wrong[0] if len(wrong) == 1 else "form"


def _carried(request: Request) -> dict[str, str]:
    """Return what is asked for, as the form and the links carry it on."""
    names = [field.name for field in msgspec.structs.fields(Request)]
    return {name: value for name in names if (value := getattr(request, name))}


def _other(form: _Form, request: Request) -> Html:
    """Make the link to the other form, if people may sign up."""
    if form is _SIGN_UP:
        address = f"{PATH}?{urlencode(_carried(request))}"
        return fill(_OTHER, question="You have an account?", answer="Log in", address=address)
    if settings.get().registrations:
        address = f"{PATH}?{urlencode(_carried(request) | {'prompt': SIGN_UP})}"
        return fill(_OTHER, question="New here?", answer="Sign up", address=address)
    return Html()
