"""The authorization page: what an application asks for, in plain words, and a form to log in or sign up."""

import re
from collections.abc import Collection
from string import Template
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors, forms, layout, relative, times, words
from chalicelib.api import AUTHORIZATION
from chalicelib.forms import Field
from chalicelib.instance import exception, lifetimes
from chalicelib.layout import ACCOUNT, Html, Markup, fill, joined, page
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

_OTHERS = "scopes.other"
_GROUPS = {"scopes.read": ("read", "profile"), "scopes.change": ("write", "follow"), _OTHERS: ()}
"""Keys of headings, and the prefix of the scopes below each; the last takes all other scopes."""

_PAGE = Template("""<div class="form">
<h1>$heading</h1>
$who
$problems
$form
$other
</div>""")
_WHO = Markup("<p>${consent.who} $destination</p>")
_WEBSITE = Template(' (<a href="$address" rel="noopener noreferrer nofollow">$shown</a>)')
_SCOPES = Markup("""<details class="scopes">
<summary>${scopes.title}</summary>
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
_WELCOME = Markup("<p>${sign_up.welcome}</p>")
_OTHER = Template('<p>$question <a href="$address">$answer</a></p>')
_CODE = Markup("""<h1>${code.title}</h1>
$recovery<p>${code.copy}</p>
<code class="copy">$code</code>
<p class="quiet">${code.secret}</p>""")
_RECOVERY = Markup("""<p>${recovery.why}</p>
<code class="copy" id="recovery-code">$code</code>
""")
_FIRST = Markup("<h2>1. ${recovery.title}</h2>\n$recovery<h2>2. ${code.next}</h2>\n")
_CONTINUE = Markup("""<h1>${recovery.title}</h1>
$recovery<div class="buttons"><a class="button" id="continue" href="$address" rel="noopener noreferrer nofollow">\
$words</a></div>
<p class="quiet">$limit</p>""")
_CONTINUE_TO = Markup("${recovery.next_app}")
_REFUSED = Markup("""<h1>${refused.title}</h1>
<p role="alert" id="problem">${refused.from} $text.</p>
<p>${refused.back}</p>""")


class _Form(NamedTuple):
    """The differences between logging in and signing up."""

    name: str
    """The value of its button, and the beginning of the keys of what it says."""
    fields: tuple[Field, ...]

    def say(self, part: str, **values: str) -> str:
        """Return one of its phrases."""
        return words.say(f"{self.name}.{part}", **values)


_FORGOTTEN = _Form("forgotten", ())
_LOG_IN = _Form("log_in", (forms.NAME, Field("password", "field.password", "current-password")))
_LENGTHS = {"shortest": users.MIN_PASSWORD, "longest": users.MAX_PASSWORD}
_SIGN_UP = _Form(
    "sign_up",
    (
        forms.NAME._replace(hint="field.username.rule", values={"longest": names.MAX_LENGTH}),
        Field("password", "field.password", "new-password", "field.password.rule", values=_LENGTHS),
    ),
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
    heading = form.say("title") if own else form.say("heading", name=consent.application.name)
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
        words.say("page.error", title=heading) if error else heading,
        body,
        status=answered.status_code,
        headers=answered.headers,
        form_action=f"'self' {_source(consent.callback.redirect_uri)}".strip(),
    )


def is_own_client(consent: Consent) -> bool:
    """Return whether the person comes from this instance's web client, and will be sent back there.

    The client is at the root or, below a prefix, in any folder of the origin. An application that says so is treated
    the same: its name is not shown, and it gets nothing.
    """
    own = re.escape(settings.get().base_url)
    return re.fullmatch(rf"{own}/([^?#]*/)?", consent.callback.redirect_uri) is not None


def show_code(application: Application, code: str, recovery_code: str = "") -> Response:
    """Build the page that shows a code to copy into an application that has no redirect URI.

    A new user gets the recovery code on the same page.
    """
    recovery = fill(_FIRST, recovery=fill(_RECOVERY, code=recovery_code)) if recovery_code else Html()
    lifetime = times.duration(CODE_SECONDS)
    body = fill(_CODE, name=application.name, code=code, lifetime=lifetime, recovery=recovery)
    return page(words.say("code.title"), body)


def show_recovery_code(consent: Consent, approved: Approved) -> Response:
    """Build the page that shows a new user the recovery code, with a link back to the application."""
    own, name = is_own_client(consent), consent.application.name
    lifetime = times.duration(CODE_SECONDS)
    body = fill(
        _CONTINUE,
        recovery=fill(_RECOVERY, code=approved.recovery_code),
        address=consent.callback.address(code=approved.code),
        words=words.say("recovery.next") if own else fill(_CONTINUE_TO, name=name),
        limit=words.say("recovery.limit" if own else "recovery.limit_app", lifetime=lifetime),
    )
    return page(words.say("recovery.title"), body)


def refused(error: Refused) -> Response:
    """Build the page for a request that is not valid: it names the host that asked, with a link there."""
    host = _host(error.callback.redirect_uri)
    body = fill(_REFUSED, host=host, text=layout.problem(str(error)), address=error.address)
    return page(words.say("refused.title"), body, status=errors.respond(error).status_code)


def in_words(scopes: Collection[str]) -> dict[str, list[str]]:
    """Describe scopes, by heading, without scopes that others include and without empty headings."""
    included = {"follow"} if {"read", "write"} <= set(scopes) else set()
    included |= {scope for scope in scopes if oauth.covers(set(scopes) - {scope}, scope)}
    groups: dict[str, list[str]] = {heading: [] for heading in _GROUPS}
    for scope in scopes:
        if scope not in included:
            groups[_group(scope)].append(words.language().scopes[scope])
    return {words.say(heading): listed for heading, listed in groups.items() if listed}


def _group(scope: str) -> str:
    beginning = scope.partition(":")[0]
    return next((heading for heading, several in _GROUPS.items() if beginning in several), _OTHERS)


def _scopes(scopes: Collection[str]) -> Html:
    groups = [
        fill(_GROUP, heading=heading, scopes=joined(fill(_SCOPE, words=each) for each in listed))
        for heading, listed in in_words(scopes).items()
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
        return words.say("consent.code")
    return words.say("consent.destination", host=_host(redirect_uri))


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
        fields = (fields[0]._replace(hint="field.username.free", values={"names": ", ".join(free)}), *fields[1:])
    return fill(
        _FORM,
        path=words.linked(layout.HERE),
        hidden=forms.hidden(_carried(request)),
        lifetimes=f"{lifetimes()} {exception()}".rstrip() if form is _SIGN_UP else "",
        rules=layout.rules(settings.get().rules) if form is _SIGN_UP else Html(),
        fields=forms.fields(fields, {"username": username}, error),
        scopes=Html() if own else _scopes(consent.scopes),
        decision=form.name,
        allow=form.say("title" if own else "allow"),
        deny=words.say("consent.back" if own else "consent.deny"),
        promise="" if own else words.say("consent.promise"),
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
        return _question(form, f"{layout.HERE}{urlencode(_carried(request))}")
    forgotten = _question(_FORGOTTEN, relative.root() + RECOVER)
    if settings.get().registrations:
        return joined(
            [_question(form, f"{layout.HERE}{urlencode(_carried(request) | {'prompt': SIGN_UP})}"), forgotten]
        )
    return forgotten


def _question(form: _Form, address: str) -> Html:
    return fill(_OTHER, question=form.say("question"), answer=form.say("answer"), address=words.linked(address))
