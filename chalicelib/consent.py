"""The authorization page: what an application asks for, in plain words, and a form to log in or sign up."""

import re
from collections.abc import Collection, Mapping
from string import Template
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors, times
from chalicelib.api import AUTHORIZATION
from chalicelib.instance import lifetimes
from chalicelib.layout import Html, fill, joined, page
from fstream_app.access import oauth
from fstream_app.access.authorization import CODE_SECONDS, Consent, Mistakes, Refused, Request
from fstream_app.core import settings
from fstream_app.core.entities import Application
from fstream_app.core.errors import DomainError, Invalid, Unauthenticated
from fstream_app.people import names, users

PATH = AUTHORIZATION
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

_GROUPS = {"Read": ("read", "profile"), "Change": ("write", "follow"), "Other": ()}
"""Headings, and the prefix of the scopes below each; the last takes all other scopes."""

_PAGE = Template("""<div class="form">
<h1>$heading</h1>
$who
$problems
$form
$other
</div>""")
_WHO = Template("<p><b><bdi>$name</bdi></b>$website asks for access to your account on $host. $destination</p>")
_WEBSITE = Template(' (<a href="$address" rel="noopener noreferrer nofollow">$shown</a>)')
_SCOPES = Template("""<details class="scopes">
<summary>What this app will be able to do</summary>
$groups</details>""")
_GROUP = Template("<h2>$heading</h2>\n<ul>\n$scopes</ul>\n")
_SCOPE = Template("<li>$words</li>\n")
_FORM = Template("""<form method="post" action="$path" novalidate>
$hidden$fields
$scopes
<div class="buttons">
<button name="decision" value="$decision">$title and allow</button>
<button class="plain" name="decision" value="refuse">Deny</button>
</div>
<p class="quiet">$lifetimes The app never sees your password.</p>
</form>""")
_HIDDEN = Template('<input type="hidden" name="$name" value="$value">\n')
_FIELD = Template("""<label for="$name">$label
<span class="box$kind_of_box">$before<input id="$name" name="$name" type="$kind" value="$value" \
autocomplete="$autocomplete" autocapitalize="none" spellcheck="false" required$state>$after</span></label>
$error$hint""")
_AROUND = Template('<span aria-hidden="true">$text</span>')
_HINT = Template('<p class="hint" id="$name-hint">$text</p>\n')
_ERROR = Template('<p class="error" id="$name-error">$text</p>\n')
_PROBLEMS = Template('<div class="problems" id="problems" role="alert"><ul>$problems</ul></div>')
_PROBLEM = Template("<li>$text</li>")
_LINKED = Template('<li><a href="#$name">$text</a></li>')
_OTHER = Template('<p>$question <a href="$address">$answer</a></p>')
_CODE = Template("""<h1>Almost done</h1>
<p>Copy this code into <b><bdi>$name</bdi></b>. It works once and expires in $lifetime.</p>
<code class="copy">$code</code>
<p class="quiet">Don't share this code with anyone.</p>""")
_REFUSED = Template("""<h1>This app's request can't be answered</h1>
<p role="alert" id="problem">An app at <b><bdi>$host</bdi></b> sent you here. $text.</p>
<p>Nothing was allowed. If you trust the app, <a href="$address" rel="noopener noreferrer nofollow">\
go back to $host</a>.</p>""")


class _Form(NamedTuple):
    """The differences between logging in and signing up."""

    decision: str
    title: str
    passwords: str
    """The password field's `autocomplete`, read by password managers."""
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
        heading=heading,
        who=_who(consent),
        problems=_problems(error) if error else Html(),
        form=_form(form, consent, request, username, error),
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
    lifetime = times.duration(CODE_SECONDS)
    body = fill(_CODE, name=application.name, code=code, lifetime=lifetime)
    return page("Almost done", body)


def refused(error: Refused) -> Response:
    """Build the page for a request that is not valid: it names the host that asked, with a link there."""
    host = _host(error.callback.redirect_uri)
    title = "This app's request can't be answered"
    body = fill(_REFUSED, host=host, text=str(error), address=error.address)
    return page(title, body, status=errors.respond(error).status_code)


def in_words(scopes: Collection[str]) -> dict[str, list[str]]:
    """Describe scopes, by heading, without scopes that others include and without empty headings."""
    included = {"follow"} if {"read", "write"} <= set(scopes) else set()
    included |= {scope for scope in scopes if oauth.covers(set(scopes) - {scope}, scope)}
    groups: dict[str, list[str]] = {heading: [] for heading in _GROUPS}
    for scope in scopes:
        if scope not in included:
            groups[_group(scope)].append(SCOPES[scope])
    return {heading: words for heading, words in groups.items() if words}


def _group(scope: str) -> str:
    beginning = scope.partition(":")[0]
    return next((heading for heading, several in _GROUPS.items() if beginning in several), "Other")


def _scopes(scopes: Collection[str]) -> Html:
    groups = [
        fill(_GROUP, heading=heading, scopes=joined(fill(_SCOPE, words=each) for each in words))
        for heading, words in in_words(scopes).items()
    ]
    return fill(_SCOPES, groups=joined(groups))


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
    # The grammar of sources has no brackets (Content Security Policy Level 3, host-part), so that browsers ignore a
    # source such as http://[::1]:8123 and block the redirect. For hosts that it can't express, the scheme is allowed,
    # and no part of them may get into the policy.
    if parts.scheme in {"http", "https"} and re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", host):
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}:"


def _form(form: _Form, consent: Consent, request: Request, username: str, error: DomainError | None) -> Html:
    wrong = _wrong(error) if error else {}
    first = next(iter(wrong), "password" if username and error else "username")
    values = {"username": username, "password": ""}
    return fill(
        _FORM,
        path=PATH,
        hidden=joined(fill(_HIDDEN, name=name, value=value) for name, value in _carried(request).items()),
        lifetimes=lifetimes() if form is _SIGN_UP else "",
        fields=joined(_field(form, name, value, wrong, is_first=name == first) for name, value in values.items()),
        scopes=_scopes(consent.scopes),
        decision=form.decision,
        title=form.title,
    )


def _field(form: _Form, name: str, value: str, wrong: Mapping[str, str], *, is_first: bool) -> Html:
    """Build a field. A username's is shown between `@` and `@host`."""
    hint, error, is_name = form.hints.get(name), wrong.get(name), name == "username"
    described = [f"{name}-error"] if error else ["problems"] if name in wrong else []
    described += [f"{name}-hint"] if hint else []
    state = ' aria-invalid="true"' if name in wrong else ""
    state += f' aria-describedby="{" ".join(described)}"' if described else ""
    state += " autofocus" if is_first else ""
    return fill(
        _FIELD,
        name=name,
        label=name.capitalize(),
        kind_of_box=(" handle-box" if is_name else "") + (" wrong" if name in wrong else ""),
        before=fill(_AROUND, text="@") if is_name else Html(),
        after=fill(_AROUND, text=f"@{settings.get().host}") if is_name else Html(),
        kind="text" if is_name else "password",
        value=value,
        autocomplete="username" if is_name else form.passwords,
        hint=fill(_HINT, name=name, text=hint) if hint else Html(),
        error=fill(_ERROR, name=name, text=error) if error else Html(),
        state=Html(state),
    )


def _wrong(error: DomainError) -> dict[str, str]:
    """Return the invalid fields in the order of correction, each with its error; empty for an error of both fields."""
    if isinstance(error, Unauthenticated):  # which of them is not revealed
        return {"password": "", "username": ""}
    return {
        each.field: str(each)
        for each in (error.each if isinstance(error, Mistakes) else [error])
        if isinstance(each, Invalid) and each.field in {"username", "password"}
    }


def _problems(error: DomainError) -> Html:
    """Build the summary above the form: all errors, those of a field as links to it."""
    wrong = {name: text for name, text in _wrong(error).items() if text}
    listed = [fill(_LINKED, name=name, text=text) for name, text in wrong.items()]
    return fill(_PROBLEMS, problems=joined(listed or [fill(_PROBLEM, text=str(error))]))


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
