"""/oauth/authorize: the page on which people authorise an application (RFC 6749, section 4.1)."""

from typing import Literal

from chalice.app import Response

from chalicelib import bodies, consent, forms, layout
from chalicelib.api import Access, Blueprint, Call
from fstream_app.access import authorization, oauth
from fstream_app.access.authorization import Approved, Consent, Refused, Request
from fstream_app.core.errors import DomainError


class Question(Request, frozen=True):
    """An authorization request."""

    prompt: str = ""
    """`create` opens the form for signing up. Other values and force_login are accepted and ignored: there are no
    cookies. `lang` is for all pages: see `words`."""


class Decision(Request, frozen=True, kw_only=True):
    """A person's decision, with the authorization request that the form carries along."""

    decision: Literal["log_in", "sign_up", "refuse"]
    username: str = ""
    password: str = ""


def respond(error: Exception) -> Response:
    """Show an error as a page. A redirect would lead people to any registered address (RFC 9700, section 4.11.2)."""
    if isinstance(error, Refused) and error.callback.redirect_uri != oauth.OUT_OF_BAND:
        return consent.refused(error)
    return layout.failure(error)


api = Blueprint(__name__, respond=respond, translated=True)


@api.declare("GET", consent.PATH, access=Access.ANYBODY, parameters=Question)
def ask(call: Call[Question]) -> Response:
    """Show what an application asks for, with a form to log in or sign up."""
    asked = call.parameters
    valid = authorization.validate(asked, call.now, repeated=bodies.repeated(call.request))
    return consent.ask(valid, asked, signing_up=asked.prompt == consent.SIGN_UP)


@api.declare("POST", consent.PATH, access=Access.ANYBODY, parameters=Decision, in_body=True)
def decide(call: Call[Decision]) -> Response:
    """Log the person in or sign them up, and send the application a code; or deny it access."""
    typed = call.parameters
    forms.check_sender(call.request)
    asked = authorization.validate(typed, call.now, repeated=bodies.repeated(call.request, in_body=True))
    if typed.decision == "refuse":
        return _deny(asked)
    try:
        approved = _approve(call, asked)
    except DomainError as error:
        signing_up = typed.decision == "sign_up"
        return consent.ask(asked, typed, signing_up=signing_up, username=typed.username, error=error)
    if typed.redirect_uri == oauth.OUT_OF_BAND:
        return consent.show_code(asked.application, approved.code, approved.recovery_code)
    if approved.recovery_code:
        return consent.show_recovery_code(asked, approved)
    return forms.redirect(asked.callback.address(code=approved.code))


def _deny(asked: Consent) -> Response:
    denied = asked.deny()
    if asked.callback.redirect_uri == oauth.OUT_OF_BAND:
        raise denied
    return forms.redirect(denied.address)


def _approve(call: Call[Decision], asked: Consent) -> Approved:
    typed = call.parameters
    if typed.decision == "sign_up":
        with call.limits.sign_up(typed.username):
            return authorization.sign_up(asked, typed.username, typed.password, call.now)
    with call.limits.password(typed.username):
        return Approved(authorization.log_in(asked, typed.username, typed.password, call.now))
