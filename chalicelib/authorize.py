"""/oauth/authorize: the page on which people authorise an application (RFC 6749, section 4.1)."""

from typing import Literal

from chalice.app import Request as HttpRequest
from chalice.app import Response

from chalicelib import bodies, consent, layout
from chalicelib.api import Access, Blueprint, Call
from fstream_app.access import authorization, oauth
from fstream_app.access.authorization import Consent, Refused, Request
from fstream_app.core import settings
from fstream_app.core.errors import DomainError, Forbidden


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
    """Show an error as a page. A redirect would lead people to any registered address (RFC 9700, section 4.11.2)."""
    if isinstance(error, Refused) and error.callback.redirect_uri != oauth.OUT_OF_BAND:
        return consent.refused(error)
    return layout.failure(error)


api = Blueprint(__name__, respond=respond)


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
    _check_sender(call.request)
    asked = authorization.validate(typed, call.now, repeated=bodies.repeated(call.request, in_body=True))
    if typed.decision == "refuse":
        return _deny(asked)
    try:
        code = _code(call, asked)
    except DomainError as error:
        signing_up = typed.decision == "sign_up"
        return consent.ask(asked, typed, signing_up=signing_up, username=typed.username, error=error)
    if typed.redirect_uri == oauth.OUT_OF_BAND:
        return consent.show_code(asked.application, code)
    return _redirect(asked.callback.address(code=code))


def _check_sender(request: HttpRequest) -> None:
    """Refuse a form that another site has submitted: nobody has read or clicked anything here.

    Browsers set these headers, and pages cannot change them (Fetch Metadata Request Headers, W3C; Fetch, WHATWG). Old
    browsers send only the origin. It is `null` if a page hides it, as FSTREAM's own do.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    if site in {"cross-site", "same-site"} or (site is None and origin not in {"null", settings.get().base_url}):
        raise Forbidden("Another website submitted this form. Go back to the app and start again")


def _deny(asked: Consent) -> Response:
    denied = asked.deny()
    if asked.callback.redirect_uri == oauth.OUT_OF_BAND:
        raise denied
    return _redirect(denied.address)


def _code(call: Call[Decision], asked: Consent) -> str:
    typed = call.parameters
    if typed.decision == "sign_up":
        with call.limits.sign_up(typed.username):
            return authorization.sign_up(asked, typed.username, typed.password, call.now)
    with call.limits.password(typed.username):
        return authorization.log_in(asked, typed.username, typed.password, call.now)


def _redirect(address: str) -> Response:
    """Send the browser there with GET, so that it does not repeat the form, with its password (RFC 9700, 4.12)."""
    headers: dict[str, str | list[str]] = {
        "Location": address,
        "Content-Type": "text/plain; charset=utf-8",
        "Referrer-Policy": "no-referrer",
    }
    return Response("", headers, 303)
