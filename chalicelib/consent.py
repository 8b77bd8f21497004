"""The authorization page: what an application asks for, in plain words, and a form to log in or sign up."""

import re
from collections.abc import Collection
from string import Template
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors, forms, layout, times
from chalicelib.api import ACCOUNT, AUTHORIZATION
from chalicelib.forms import Field
from chalicelib.instance import exception, lifetimes
from chalicelib.layout import Html, fill, joined, page
from fstream_app.access import oauth
from fstream_app.access.authorization import CODE_SECONDS, Approved, Consent, Mistakes, Refused, Request
from fstream_app.core import settings
from fstream_app.core.errors import DomainError, Invalid
from fstream_app.core.grants import Application
from fstream_app.people import names, users

PATH = AUTHORIZATION
RECOVER = f"{ACCOUNT}/recover"
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
    "read:filters": "see your filters",
    "read:follows": "see who you follow",
    "read:lists": "see your lists",
    "read:mutes": "see who you mute",
    "read:notifications": "see your notifications",
    "read:search": "search as you",
    "read:statuses": "see all messages that you can see",
    "write:accounts": "change your profile",
    "write:blocks": "block and unblock people",
    "write:bookmarks": "add and remove bookmarks",
    "write:conversations": "mark conversations as read, and remove them",
    "write:favourites": "add and remove favourites",
    "write:filters": "change your filters",
    "write:follows": "follow and unfollow people",
    "write:lists": "change your lists",
    "write:media": "upload pictures (not supported here)",
    "write:mutes": "mute and unmute people and conversations",
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
<button name="decision" value="$decision">$allow</button>
<button class="plain" name="decision" value="refuse">$deny</button>
</div>
$rules<p class="quiet">$lifetimes $promise</p>
</form>""")
_WELCOME = Template("<p>A name and a password are all that $instance asks for.</p>")
_PROMISE = "The app never sees your password."
_OTHER = Template('<p>$question <a href="$address">$answer</a></p>')
_FORGOTTEN = Template('<p>Forgot your password? <a href="$address">Use your recovery code</a></p>')
_CODE = Template("""<h1>Almost done</h1>
$recovery<p>Copy this code into <b><bdi>$name</bdi></b>. It works once and expires in $lifetime.</p>
<code class="copy">$code</code>
<p class="quiet">Don't share this code with anyone.</p>""")
_RECOVERY = Template("""<p>Your account exists. Write down your <b>recovery code</b>: if you forget your password, it \
lets you set a new one, once. It is shown only now, and there is no other way back, because no email address is \
stored.</p>
<code class="copy" id="recovery-code">$code</code>
""")
_FIRST = Template("<h2>1. Keep your recovery code</h2>\n$recovery<h2>2. Go back to the app</h2>\n")
_CONTINUE = Template("""<h1>Keep your recovery code</h1>
$recovery<div class="buttons"><a class="button" id="continue" href="$address" rel="noopener noreferrer nofollow">\
$words</a></div>
<p class="quiet">Continue within $lifetime, or log in again$where.</p>""")
_CONTINUE_TO = Template("Continue to <bdi>$name</bdi>")
_REFUSED = Template("""<h1>This app's request can't be answered</h1>
<p role="alert" id="problem">An app at <b><bdi>$host</bdi></b> sent you here. $text.</p>
<p>Nothing was allowed. If you trust the app, <a href="$address" rel="noopener noreferrer nofollow">\
go back to $host</a>.</p>""")


class _Form(NamedTuple):
    """The differences between logging in and signing up."""

    decision: str
    title: str
    fields: tuple[Field, ...]


_LOG_IN = _Form("log_in", "Log in", (forms.username(), Field("password", "Password", "current-password")))
_NAME_RULE = f"1 to {names.MAX_LENGTH} letters a-z, digits and underscores. Everyone can see it."
_PASSWORD_RULE = f"{users.MIN_PASSWORD} to {users.MAX_PASSWORD} characters. Next, you get a code in case you forget it."
_SIGN_UP = _Form(
    "sign_up",
    "Sign up",
    (forms.username()._replace(hint=_NAME_RULE), Field("password", "Password", "new-password", _PASSWORD_RULE)),
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
    own = is_own_client(consent)
    heading = form.title if own else f"{form.title} to use {consent.application.name}"
    body = fill(
        _PAGE,
        heading=heading,
        who=_welcome(form) if own else _who(consent),
        problems=forms.problems(error, form.fields),
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


def is_own_client(consent: Consent) -> bool:
    """Return whether the person comes from this instance's web client, and will be sent back there.

    An application that says so is treated the same: its name is not shown, and it gets nothing.
    """
    return consent.callback.redirect_uri == f"{settings.get().base_url}/"


def show_code(application: Application, code: str, recovery_code: str = "") -> Response:
    """Build the page that shows a code to copy into an application that has no redirect URI.

    A new user gets the recovery code on the same page.
    """
    recovery = fill(_FIRST, recovery=fill(_RECOVERY, code=recovery_code)) if recovery_code else Html()
    lifetime = times.duration(CODE_SECONDS)
    body = fill(_CODE, name=application.name, code=code, lifetime=lifetime, recovery=recovery)
    return page("Almost done", body)


def show_recovery_code(consent: Consent, approved: Approved) -> Response:
    """Build the page that shows a new user the recovery code, with a link back to the application."""
    own = is_own_client(consent)
    body = fill(
        _CONTINUE,
        recovery=fill(_RECOVERY, code=approved.recovery_code),
        address=consent.callback.address(code=approved.code),
        words="I have copied it: continue" if own else fill(_CONTINUE_TO, name=consent.application.name),
        lifetime=times.duration(CODE_SECONDS),
        where="" if own else " in the app",
    )
    return page("Keep your recovery code", body)


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


def _welcome(form: _Form) -> Html:
    return fill(_WELCOME, instance=settings.get().title) if form is _SIGN_UP else Html()


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
    own, fields = is_own_client(consent), form.fields
    if _is_taken(error) and (free := users.free_names(username)):
        fields = (fields[0]._replace(hint=f"Free right now: {', '.join(free)}."), *fields[1:])
    return fill(
        _FORM,
        path=PATH,
        hidden=forms.hidden(_carried(request)),
        lifetimes=f"{lifetimes()} {exception()}".rstrip() if form is _SIGN_UP else "",
        rules=layout.rules(settings.get().rules) if form is _SIGN_UP else Html(),
        fields=forms.fields(fields, {"username": username}, error),
        scopes=Html() if own else _scopes(consent.scopes),
        decision=form.decision,
        allow=form.title if own else f"{form.title} and allow",
        deny="Back" if own else "Deny",
        promise="" if own else _PROMISE,
    )


def _is_taken(error: DomainError | None) -> bool:
    """Return whether somebody has the name that was typed."""
    each = error.each if isinstance(error, Mistakes) else [error]
    return any(isinstance(one, Invalid) and one.code == "ERR_TAKEN" for one in each)


def _carried(request: Request) -> dict[str, str]:
    """Return the request's parameters, which the form and the links carry along."""
    names = [field.name for field in msgspec.structs.fields(Request)]
    return {name: value for name in names if (value := getattr(request, name))}


def _other(form: _Form, request: Request) -> Html:
    """Build the links to the other form, to signing up only if the instance accepts new accounts, and to recovery."""
    if form is _SIGN_UP:
        address = f"{PATH}?{urlencode(_carried(request))}"
        return fill(_OTHER, question="Already have an account?", answer="Log in", address=address)
    forgotten = fill(_FORGOTTEN, address=RECOVER)
    if settings.get().registrations:
        address = f"{PATH}?{urlencode(_carried(request) | {'prompt': SIGN_UP})}"
        return joined([fill(_OTHER, question="New here?", answer="Sign up", address=address), forgotten])
    return forgotten
