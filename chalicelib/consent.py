"""The authorization page: what an application asks for, in plain words, and a form to log in or sign up."""

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
"""The `prompt` that opens the form for signing up (Initiating User Registration via OpenID Connect 1.0)."""

SCOPES = {
    "read": "see everything that you can see: timelines, messages to you, notifications, favourites, bookmarks, "
    "and who you follow, mute and block",
    "write": "post and delete messages as you, and change your profile and who you follow, mute and block",
    "follow": "see and change who you follow, mute and block",
    "push": "receive your notifications as they arrive (not supported here)",
    "profile": "see your name and profile",
    "read:accounts": "see your profile and other people's",
    "read:blocks": "see who you block",
    "read:bookmarks": "see your bookmarks",
    "read:favourites": "see your favourites",
    "read:filters": "see your filters (not supported here)",
    "read:follows": "see who you follow",
    "read:lists": "see your lists (not supported here)",
    "read:mutes": "see who you mute",
    "read:notifications": "see your notifications",
    "read:search": "search as you",
    "read:statuses": "see all messages that you can see",
    "write:accounts": "change your profile",
    "write:blocks": "block and unblock people",
    "write:bookmarks": "add and remove bookmarks",
    "write:conversations": "mute and delete conversations (not supported here)",
    "write:favourites": "add and remove favourites",
    "write:filters": "change your filters (not supported here)",
    "write:follows": "follow and unfollow people",
    "write:lists": "change your lists (not supported here)",
    "write:media": "upload pictures (not supported here)",
    "write:mutes": "mute and unmute people",
    "write:notifications": "dismiss your notifications",
    "write:reports": "report people",
    "write:statuses": "post and delete messages as you",
}
"""What each scope lets an application do, as the end of the sentence "This app will be able to …"."""

_PAGE = Template("""<p class="brand"><a href="/">$instance</a></p>
<div class="card">
<h1>$heading</h1>
$who
<h2>This app will be able to</h2>
<ul>
$scopes</ul>
$form
$other
</div>""")
_WHO = Template("<p><b><bdi>$name</bdi></b>$website asks for access to your account on $host. $destination</p>")
_WEBSITE = Template(' (<a href="$address" rel="noopener noreferrer nofollow">$shown</a>)')
_SCOPE = Template("<li>$words</li>\n")
_FORM = Template("""<form method="post" action="$path">
$hidden<h2>$title</h2>
$introduction
$error
$fields
<div class="buttons">
<button name="decision" value="$decision">$title and allow</button>
<button class="plain" name="decision" value="refuse" formnovalidate>Deny</button>
</div>
<p class="quiet">The app never sees your password.</p>
</form>""")
_HIDDEN = Template('<input type="hidden" name="$name" value="$value">\n')
_FIELD = Template("""<label for="$name">$label</label>
$hint
$error
<input id="$name" name="$name" type="$kind" value="$value" autocomplete="$autocomplete" autocapitalize="none" \
spellcheck="false" required$state>""")
_HINT = Template('<p class="hint" id="$name-hint">$text</p>')
_ERROR = Template('<p class="error" id="$place-error" role="alert">$text</p>')
_LIFETIMES = Template("<p>Messages here last from $shortest to $longest, and then disappear.</p>")
_OTHER = Template('<p>$question <a href="$address">$answer</a></p>')
_CODE = Template("""<p class="brand"><a href="/">$instance</a></p>
<div class="card">
<h1>Almost done</h1>
<p>Copy this code into <b><bdi>$name</bdi></b>. It works once and expires in $lifetime.</p>
<code class="code">$code</code>
<p class="quiet">Don't share this code with anyone.</p>
</div>""")


class _Form(NamedTuple):
    """The differences between logging in and signing up."""

    decision: str
    title: str
    passwords: str
    """The password field's `autocomplete`, which tells password managers what to offer."""
    hints: Mapping[str, str] = MappingProxyType({})


_LOG_IN = _Form("log_in", "Log in", "current-password")
_SIGN_UP = _Form(
    "sign_up",
    "Sign up",
    "new-password",
    {
        "username": f"1 to {names.MAX_LENGTH} letters a-z, digits and underscores. Everyone can see it.",
        "password": f"{users.MIN_PASSWORD} to {users.MAX_PASSWORD} characters. Keep it safe: it can't be reset.",
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
    """Build the page, with the username that was typed and the error, if any."""
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
    """Build the page that shows a code to copy into an application that has no redirect URI."""
    lifetime = duration(CODE_SECONDS)
    body = fill(_CODE, instance=settings.get().title, name=application.name, code=code, lifetime=lifetime)
    return page("Almost done", body)


def in_words(scopes: Collection[str]) -> list[str]:
    """Return what scopes allow, leaving out those that others include."""
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
    """Say where the person will be sent, because the name of an application proves nothing."""
    if redirect_uri == oauth.OUT_OF_BAND:
        return "You will get a code to copy into the app."
    return f"You will be sent to {_host(redirect_uri)}."


def _host(uri: str) -> str:
    """Return a web address's host and port without the user name, which may look like a host; else the scheme."""
    parts = urlsplit(uri)
    return parts.netloc.rpartition("@")[2] if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def _source(redirect_uri: str) -> str:
    """Return the redirect URI's origin or scheme as a Content-Security-Policy source; empty for out-of-band.

    Chromium applies form-action to the redirect after a form as well.
    """
    if redirect_uri == oauth.OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    host = _host(redirect_uri)
    # A policy can't express other hosts, such as IPv6 addresses, and no part of them may get into it.
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
    """Return the invalid fields; the last one is to be corrected first."""
    if isinstance(error, Unauthenticated):  # which of them is not revealed
        return ("username", "password")
    if isinstance(error, Invalid) and error.field in {"username", "password"}:
        return (error.field,)
    return ()


def _place(error: DomainError) -> str:
    """Return where an error is shown: at its field, or above the form's fields."""
    wrong = _wrong(error)
    return wrong[0] if len(wrong) == 1 else "form"


def _carried(request: Request) -> dict[str, str]:
    """Return the request's parameters, which the form and the links carry along."""
    names = [field.name for field in msgspec.structs.fields(Request)]
    return {name: value for name in names if (value := getattr(request, name))}


def _other(form: _Form, request: Request) -> Html:
    """Build the link to the other form; to signing up only if the instance accepts new accounts."""
    if form is _SIGN_UP:
        address = f"{PATH}?{urlencode(_carried(request))}"
        return fill(_OTHER, question="Already have an account?", answer="Log in", address=address)
    if settings.get().registrations:
        address = f"{PATH}?{urlencode(_carried(request) | {'prompt': SIGN_UP})}"
        return fill(_OTHER, question="New here?", answer="Sign up", address=address)
    return Html()
