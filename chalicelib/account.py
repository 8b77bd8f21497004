"""/account: pages on which people see and end their sessions, change the password, and use the recovery code.

They also download what they have here, and delete all of their messages.

There are no cookies: every form asks for the password or the recovery code. So another site can submit nothing in
somebody's name.
"""

from collections.abc import Callable, Mapping
from string import Template
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors, export, forms, layout, relative, times, words
from chalicelib.api import Access, Blueprint, Call
from chalicelib.forms import Field
from chalicelib.layout import ACCOUNT, HERE, Html, Into, Markup, fill, joined, page
from fstream_app.access import credentials, sessions
from fstream_app.access.credentials import Proof
from fstream_app.access.rates import Action
from fstream_app.access.sessions import Session
from fstream_app.core import clock, settings
from fstream_app.core.errors import DomainError, Invalid
from fstream_app.messages import clearing
from fstream_app.people import users

SESSIONS, PASSWORD, NEW_CODE, RECOVER, EXPORT, CLEAR = (
    f"{ACCOUNT}/{name}" for name in ("sessions", "password", "recovery-code", "recover", "export", "delete-messages")
)
MAX_ENDED = 200
"""Limit of sessions that one form ends."""

_OVERVIEW = Markup("""<h1>${page.account}</h1>
<ul>
<li>${account.sessions}</li>
<li>${account.password}</li>
<li>${account.new_code}</li>
<li>${account.recover}</li>
<li><a href="$export">${export.title}</a></li>
<li><a href="$clear">${clear.title}</a></li>
</ul>
<p class="quiet">${account.others}</p>""")
_PAGE = Template("""<div class="form">
<h1>$title</h1>
<p>$about</p>
$problems
<form method="post" action="$path" novalidate>
$fields
<div class="buttons">
<button>$button</button>
</div>
</form>
</div>""")
_DONE = Markup("""<h1>${done.title}</h1>
<p role="status">$said</p>
<p>${done.code}</p>
<code class="copy" id="recovery-code">$code</code>
<p class="quiet">${code.secret}</p>
<div class="buttons"><a class="button plain" href="$root/">${done.open}</a></div>""")
_CLEARED = Markup("""<h1>${done.title}</h1>
<p role="status">${clear.done}</p>
<p>${clear.stays}</p>""")
_SESSIONS = Markup("""<div class="form">
<h1>${sessions.title}</h1>
$said
<form method="post" action="$path" novalidate>
$hidden<fieldset>
<legend>${sessions.choose}</legend>
$rows</fieldset>
$fields
<div class="buttons">
<button>${sessions.end}</button>
</div>
</form>
<p class="quiet">${sessions.everywhere}</p>
</div>""")
_ROW = Markup("""<label class="choice"><input type="checkbox" name="session[]" value="$id">
<span><bdi>$name</bdi> <small>${sessions.began} $used</small></span></label>
""")
_SAID = Template('<p role="status">$text</p>\n')
_NO_SESSIONS = Markup("""<h1>${sessions.title}</h1>
$said<p>${sessions.none}</p>""")
_PRESENT = Field("password", "field.password", "current-password")
_LENGTHS = {"shortest": users.MIN_PASSWORD, "longest": users.MAX_PASSWORD}
_NEW = Field("new_password", "field.new_password", "new-password", "field.new_password.rule", values=_LENGTHS)
_CODE = Field("code", "field.code", "off", "field.code.form", "text")
_NEXT = Field("cursor", "field.next", "off", "field.next.when", "text", optional=True)


class _Task(NamedTuple):
    """A page with one form."""

    name: str
    """The beginning of the keys of its title, of what it is about, and of its button."""
    fields: tuple[Field, ...]

    def say(self, part: str) -> str:
        """Return one of its phrases."""
        return words.say(f"{self.name}.{part}")


_SEE = _Task("sessions", (_PRESENT,))
_CHANGE = _Task("change", (_PRESENT, _NEW))
_RENEW = _Task("renew", (_PRESENT,))
_RESCUE = _Task("recover", (_CODE, _NEW))
_TAKE = _Task("export", (_PRESENT, _NEXT))
_DELETE = _Task("clear", (_PRESENT,))


class Typed(msgspec.Struct, frozen=True):
    """What people type into the forms."""

    username: str = ""
    password: str = ""
    code: str = ""
    new_password: str = ""
    session: tuple[int, ...] = ()
    """Ids of the sessions to end."""
    cursor: str = ""
    """The link to the next part of an export, or its cursor."""


api = Blueprint(__name__, respond=layout.failure, translated=True)


@api.declare("GET", ACCOUNT, access=Access.ANYBODY)
def overview(_: Call[msgspec.Struct]) -> Response:
    """Show what people can do here."""
    links = {"sessions": SESSIONS, "password": PASSWORD, "new_code": NEW_CODE, "recover": RECOVER}
    links |= {"export": EXPORT, "clear": CLEAR}
    body = fill(_OVERVIEW, **{name: _linked(path) for name, path in links.items()})
    return page(words.say("page.account"), body, into=_into())


@api.declare("GET", SESSIONS, access=Access.ANYBODY)
def ask_sessions(_: Call[msgspec.Struct]) -> Response:
    """Ask for the password, to show the sessions."""
    return _ask(_SEE)


@api.declare("GET", PASSWORD, access=Access.ANYBODY)
def ask_password(_: Call[msgspec.Struct]) -> Response:
    """Ask for the old and the new password."""
    return _ask(_CHANGE)


@api.declare("GET", NEW_CODE, access=Access.ANYBODY)
def ask_new_code(_: Call[msgspec.Struct]) -> Response:
    """Ask for the password, to make a recovery code."""
    return _ask(_RENEW)


@api.declare("GET", RECOVER, access=Access.ANYBODY)
def ask_recover(_: Call[msgspec.Struct]) -> Response:
    """Ask for the recovery code and a new password."""
    return _ask(_RESCUE)


@api.declare("GET", EXPORT, access=Access.ANYBODY)
def ask_export(_: Call[msgspec.Struct]) -> Response:
    """Ask for the password, to download an export."""
    return _ask(_TAKE)


@api.declare("GET", CLEAR, access=Access.ANYBODY)
def ask_clear(_: Call[msgspec.Struct]) -> Response:
    """Ask for the password, to delete all messages."""
    return _ask(_DELETE)


@api.declare("POST", SESSIONS, access=Access.ANYBODY, parameters=Typed, in_body=True)
def see(call: Call[Typed]) -> Response:
    """End the chosen sessions, and show the others."""
    typed = call.parameters
    return _do(call, _SEE, lambda: _see(typed, call.now))


@api.declare("POST", PASSWORD, access=Access.ANYBODY, parameters=Typed, in_body=True)
def change(call: Call[Typed]) -> Response:
    """Change the password."""
    typed, said = call.parameters, words.say("change.done")
    proof = Proof(typed.username, typed.password)
    return _do(call, _CHANGE, lambda: _done(said, credentials.change_by_name(proof, typed.new_password, call.now)))


@api.declare("POST", NEW_CODE, access=Access.ANYBODY, parameters=Typed, in_body=True)
def renew(call: Call[Typed]) -> Response:
    """Show a new recovery code."""
    proof, said = Proof(call.parameters.username, call.parameters.password), words.say("renew.done")
    return _do(call, _RENEW, lambda: _done(said, credentials.new_code_by_name(proof)))


@api.declare("POST", RECOVER, access=Access.ANYBODY, parameters=Typed, in_body=True)
def recover(call: Call[Typed]) -> Response:
    """Set a new password with the recovery code."""
    typed, said = call.parameters, words.say("recover.done")
    proof = Proof(typed.username, typed.code)
    return _do(call, _RESCUE, lambda: _done(said, credentials.recover(proof, typed.new_password, call.now)))


@api.declare("POST", EXPORT, access=Access.ANYBODY, parameters=Typed, in_body=True)
def take(call: Call[Typed]) -> Response:
    """Download a page of an export as a file."""
    return _do(call, _TAKE, lambda: _take(call))


@api.declare("POST", CLEAR, access=Access.ANYBODY, parameters=Typed, in_body=True)
def clear(call: Call[Typed]) -> Response:
    """Delete all messages."""
    return _do(call, _DELETE, lambda: _clear(call.parameters, call.now))


def _do(call: Call[Typed], task: _Task, act: Callable[[], Response]) -> Response:
    """Do what a form asks for, counted as a guess, and show the result; or the form again, with the errors."""
    forms.check_sender(call.request)
    typed = call.parameters
    try:
        _check_filled(task, typed)
        with call.limits.password(typed.username, is_code=task is _RESCUE):
            return act()
    except DomainError as error:
        return _ask(task, {"username": typed.username}, error)


def _check_filled(task: _Task, typed: Typed) -> None:
    """Check that no field is empty; a new password has its own rule.

    Raises:
        Invalid: a field is empty.
    """
    for name, what in (("username", "username"), ("password", "password"), ("code", "recovery code")):
        asked = name == "username" or name in {field.name for field in task.fields}
        if asked and not getattr(typed, name).strip():
            raise Invalid(f"Enter your {what}", name, "ERR_BLANK")


def _ask(task: _Task, typed: Mapping[str, str] | None = None, error: DomainError | None = None) -> Response:
    asked, title = (forms.NAME, *task.fields), task.say("title")
    body = fill(
        _PAGE,
        title=title,
        about=task.say("about"),
        problems=forms.problems(error, asked),
        path=words.linked(HERE),
        fields=forms.fields(asked, typed or {}, error),
        button=task.say("button"),
    )
    answered = errors.respond(error) if error else Response("")
    title = words.say("page.error", title=title) if error else title
    status, headers = answered.status_code, answered.headers
    return page(title, body, status=status, headers=headers, form_action="'self'", into=_into())


def _done(said: str, code: str) -> Response:
    body = fill(_DONE, said=said, code=code, instance=settings.get().title)
    return page(words.say("done.title"), body, into=_into())


def _see(typed: Typed, now: int) -> Response:
    user = users.authenticate(typed.username, typed.password)
    ended = sessions.end(user.id, frozenset(typed.session[:MAX_ENDED]), now) if typed.session else 0
    found = sessions.of_user(user.id, None, now)
    said = fill(_SAID, text=words.say("sessions.ended", n=ended)) if typed.session else Html()
    if not found:
        return page(_SEE.say("title"), fill(_NO_SESSIONS, said=said), into=_into())
    body = fill(
        _SESSIONS,
        said=said,
        path=words.linked(HERE),
        hidden=forms.hidden({"username": typed.username}),
        rows=joined(_row(each) for each in found),
        fields=forms.fields((_PRESENT,), {}, None),
        password=_linked(PASSWORD),
    )
    return page(_SEE.say("title"), body, form_action="'self'", into=_into())


def _row(session: Session) -> Html:
    used = words.say("sessions.never_used")
    if session.used_on is not None:
        used = words.say("sessions.used", date=times.date(clock.start_of(session.used_on)))
    began = times.date(session.began_at)
    return fill(_ROW, id=str(session.id), name=session.application_name, began=began, used=used)


def _take(call: Call[Typed]) -> Response:
    typed = call.parameters
    user = users.authenticate(typed.username, typed.password)
    call.limits.user_id = user.id
    call.limits.take(Action.EXPORT)
    return Response(
        export.page_of(user, _cursor(typed.cursor.strip()), call.now),
        {"Content-Disposition": f'attachment; filename="{user.name}.json"'},
    )


def _cursor(link: str) -> str:
    """Return the cursor in the link to a page of an export. Anything that is not a link counts as a cursor."""
    query = parse_qs(urlsplit(link).query) if "?" in link else {}
    return query.get("cursor", [link])[-1]


def _clear(typed: Typed, now: int) -> Response:
    clearing.clear(users.authenticate(typed.username, typed.password), now)
    return page(words.say("done.title"), fill(_CLEARED), into=_into())


def _linked(path: str) -> str:
    return words.linked(relative.root() + path)


def _into() -> Into:
    """Return the link to the settings in the web client, which lead here."""
    return Into(f"{relative.root()}/#/settings", words.say("account.settings"))
