"""/account: pages on which people see and end their sessions, change the password, and use the recovery code.

They also download what they have here, and delete all of their messages.

There are no cookies: every form asks for the password or the recovery code. So another site can submit nothing in
somebody's name.
"""

from collections.abc import Callable, Mapping
from functools import partial
from string import Template
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
from chalice.app import Response

from chalicelib import errors, export, forms, layout, times
from chalicelib.api import ACCOUNT, Access, Blueprint, Call
from chalicelib.forms import Field
from chalicelib.layout import Html, Into, fill, joined
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

_OVERVIEW = Template("""<h1>Your account</h1>
<ul>
<li><a href="$sessions">See where you are logged in</a>, and log out there</li>
<li><a href="$password">Change your password</a></li>
<li><a href="$new_code">Get a new recovery code</a>, in case you forget your password</li>
<li><a href="$recover">Use your recovery code</a>, if you have forgotten it</li>
<li><a href="$export">Download everything you have here</a></li>
<li><a href="$clear">Delete all your messages</a></li>
</ul>
<p class="quiet">Everything else is in the app that you use.</p>""")
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
_DONE = Template("""<h1>$title</h1>
<p role="status">$said</p>
<p>Write down your new <b>recovery code</b>: if you forget your password, it lets you set a new one, once. It replaces \
the earlier code, and is shown only now.</p>
<code class="copy" id="recovery-code">$code</code>
<p class="quiet">Don't share this code with anyone.</p>
<div class="buttons"><a class="button plain" href="../">Open $instance</a></div>""")
_CLEARED = Html("""<h1>Done</h1>
<p role="status">All your messages are deleted.</p>
<p>Your account, and the people you follow, stay.</p>""")
_SESSIONS = Template("""<div class="form">
<h1>Your sessions</h1>
$said
<form method="post" action="$path" novalidate>
$hidden<fieldset>
<legend>Choose where to log out</legend>
$rows</fieldset>
$fields
<div class="buttons">
<button>Log out there</button>
</div>
</form>
<p class="quiet">To log out everywhere, <a href="$password">change your password</a>.</p>
</div>""")
_ROW = Template("""<label class="choice"><input type="checkbox" name="session[]" value="$id">
<span><bdi>$name</bdi> <small>Began on $began. $used.</small></span></label>
""")
_SAID = Template('<p role="status">$text</p>\n')
_NO_SESSIONS = Html("<p>You are not logged in anywhere.</p>")
_PRESENT = Field("password", "Password", "current-password")
_RULE = f"{users.MIN_PASSWORD} to {users.MAX_PASSWORD} characters."
_NEW = Field("new_password", "New password", "new-password", _RULE)
_CODE = Field("code", "Recovery code", "off", "20 letters and digits, such as 7k3mq-0vd9x-…", "text")
_NEXT = Field(
    "cursor",
    "Continue at (optional)",
    "off",
    "If a file ends with a link named next, not with null, enter that link to download the next part.",
    "text",
    optional=True,
)


page = partial(layout.page, into=Into("../#/settings", "Open settings"))
"""Builds a page below `/account` with a link to the settings in the web client, which lead here."""


class _Task(NamedTuple):
    """A page with one form."""

    path: str
    title: str
    about: str
    button: str
    fields: tuple[Field, ...]


_SEE = _Task(SESSIONS, "Your sessions", "See which apps are logged in to your account.", "Show", (_PRESENT,))
_CHANGE = _Task(
    PASSWORD, "Change your password", "You will be logged out of all apps.", "Change password", (_PRESENT, _NEW)
)
_RENEW = _Task(
    NEW_CODE,
    "Get a recovery code",
    "If you forget your password, a recovery code lets you set a new one. The earlier code will no longer work.",
    "Show a new code",
    (_PRESENT,),
)
_RESCUE = _Task(
    RECOVER,
    "Set a new password",
    "Use the recovery code that you wrote down when you signed up or later. You will be logged out of all apps. "
    "Without the code, ask the people who run this server.",
    "Set password",
    (_CODE, _NEW),
)
_TAKE = _Task(
    EXPORT,
    "Download everything you have here",
    "A file in JSON with your profile and settings, all your messages, and the people and messages that you keep.",
    "Download",
    (_PRESENT, _NEXT),
)
_DELETE = _Task(
    CLEAR,
    "Delete all your messages",
    "They are gone for everybody at once, and nobody can bring them back. Your account stays.",
    "Delete all messages",
    (_PRESENT,),
)


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


api = Blueprint(__name__, respond=layout.failure)


@api.declare("GET", ACCOUNT, access=Access.ANYBODY)
def overview(_: Call[msgspec.Struct]) -> Response:
    """Show what people can do here."""
    links = {"sessions": SESSIONS, "password": PASSWORD, "new_code": NEW_CODE, "recover": RECOVER}
    body = fill(_OVERVIEW, **links, export=EXPORT, clear=CLEAR)
    return page("Your account", body, into=Into("./#/settings", "Open settings"))


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
    typed, said = call.parameters, "Your password is changed, and you are logged out of all apps."
    proof = Proof(typed.username, typed.password)
    return _do(call, _CHANGE, lambda: _done(said, credentials.change_by_name(proof, typed.new_password, call.now)))


@api.declare("POST", NEW_CODE, access=Access.ANYBODY, parameters=Typed, in_body=True)
def renew(call: Call[Typed]) -> Response:
    """Show a new recovery code."""
    proof = Proof(call.parameters.username, call.parameters.password)
    return _do(call, _RENEW, lambda: _done("Your earlier code no longer works.", credentials.new_code_by_name(proof)))


@api.declare("POST", RECOVER, access=Access.ANYBODY, parameters=Typed, in_body=True)
def recover(call: Call[Typed]) -> Response:
    """Set a new password with the recovery code."""
    typed, said = call.parameters, "Your new password is set, and you are logged out of all apps. Log in again there."
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
    asked = (forms.username(), *task.fields)
    body = fill(
        _PAGE,
        title=task.title,
        about=task.about,
        problems=forms.problems(error, asked),
        path=task.path,
        fields=forms.fields(asked, typed or {}, error),
        button=task.button,
    )
    answered = errors.respond(error) if error else Response("")
    title = f"Error: {task.title}" if error else task.title
    return page(title, body, status=answered.status_code, headers=answered.headers, form_action="'self'")


def _done(said: str, code: str) -> Response:
    return page("Done", fill(_DONE, title="Done", said=said, code=code, instance=settings.get().title))


def _see(typed: Typed, now: int) -> Response:
    user = users.authenticate(typed.username, typed.password)
    ended = sessions.end(user.id, frozenset(typed.session[:MAX_ENDED]), now) if typed.session else 0
    found = sessions.of_user(user.id, None, now)
    said = fill(_SAID, text=f"Ended: {times.number(ended, 'session', 'sessions')}.") if typed.session else Html()
    if not found:
        return page("Your sessions", joined([Html("<h1>Your sessions</h1>\n"), said, _NO_SESSIONS]))
    body = fill(
        _SESSIONS,
        said=said,
        path=SESSIONS,
        hidden=forms.hidden({"username": typed.username}),
        rows=joined(_row(each) for each in found),
        fields=forms.fields((_PRESENT,), {}, None),
        password=PASSWORD,
    )
    return page("Your sessions", body, form_action="'self'")


def _row(session: Session) -> Html:
    used = "Last used: not recorded"
    if session.used_on is not None:
        used = f"Last used on {times.date(clock.start_of(session.used_on))}"
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
    return page("Done", _CLEARED)
