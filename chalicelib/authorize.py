"""/oauth/authorize: the page on which people authorise an application (RFC 6749, section 4.1)."""

from collections import Counter
from typing import Literal

from chalice.app import Request as HttpRequest
from chalice.app import Response

from chalicelib import bodies, consent, layout
from chalicelib.api import Access, Blueprint, Call
from fstream_app.access import authorization, oauth
from fstream_app.access.authorization import Callback, Consent, Refused, Request
from fstream_app.core.errors import DomainError


class Question(Request, frozen=True):
    """An authorization request."""

    prompt: str = ""
    """`create` opens the form for signing up. Other values, force_login and lang are accepted and ignored: there are no
    sessions, and there is one language."""


class Decision(Request, frozen=True, kw_only=True):
    """A person's decision, with the authorization request that the form carries along."""

    decision: Literal["log_in", "sign_up", "refuse"]
    username: str = ""
    password: str = ""


def respond(error: Exception) -> Response:
    """Send errors meant for the application to its redirect URI; show all others to the person."""
    if isinstance(error, Refused) and error.callback.redirect_uri != oauth.OUT_OF_BAND:
        return _redirect(error.callback, error=error.code, error_description=str(error))
    return layout.failure(error)


api = Blueprint(__name__, respond=respond)


@api.declare("GET", consent.PATH, access=Access.ANYBODY, parameters=Question)
def ask(call: Call[Question]) -> Response:
    """Show what an application asks for, with a form to log in or sign up."""
    asked = call.parameters
    valid = authorization.validate(asked, call.now, repeated=_repeated(call.request))
    return consent.ask(valid, asked, signing_up=asked.prompt == consent.SIGN_UP)


@api.declare("POST", consent.PATH, access=Access.ANYBODY, parameters=Decision, in_body=True)
def decide(call: Call[Decision]) -> Response:
    """Log the person in or sign them up, and send the application a code; or deny it access."""
    typed = call.parameters
    asked = authorization.validate(typed, call.now)
    if typed.decision == "refuse":
        raise asked.refuse()
    try:
        code = _code(call, asked)
    except DomainError as error:
        signing_up = typed.decision == "sign_up"
        return consent.ask(asked, typed, signing_up=signing_up, username=typed.username, error=error)
    if typed.redirect_uri == oauth.OUT_OF_BAND:
        return consent.show_code(asked.application, code)
    return _redirect(asked.callback, code=code)


def _code(call: Call[Decision], asked: Consent) -> str:
    typed = call.parameters
    if typed.decision == "sign_up":
        with call.limits.sign_up():
            return authorization.sign_up(asked, typed.username, typed.password, call.now)
    with call.limits.log_in(typed.username):
        return authorization.log_in(asked, typed.username, typed.password, call.now)


def _redirect(callback: Callback, **answer: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Location": callback.address(**answer),
        "Content-Type": "text/plain; charset=utf-8",
        "Referrer-Policy": "no-referrer",
    }
    return Response("", headers, 302)


def _repeated(request: HttpRequest) -> set[str]:
    """Return the parameters that the query repeats, which OAuth forbids (RFC 6749, section 3.1)."""
    times = Counter(name for name, _ in bodies.query(request))
    return {name for name, number in times.items() if number > 1}
