"""The authorization code grant with PKCE: an application's request in a browser, and the code that it gets.

RFC 6749, section 4.1; RFC 7636, with S256 only. The server keeps no state between the page and the submitted form: the
form contains the request, which is validated again.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from fstream_app.access.oauth import (
    Issued,
    find_application,
    hash_secret,
    is_registered,
    keep,
    keep_for_new_user,
    new_token,
    requested_scopes,
    while_present,
)
from fstream_app.core import clock, settings
from fstream_app.core.entities import User
from fstream_app.core.errors import Invalid, OAuthError
from fstream_app.core.grants import Application, Code
from fstream_app.people import recovery, tokens, users
from fstream_app.repository import oauth

CODE_SECONDS = 600
"""Lifetime of a code. RFC 6749 (section 4.1.2) recommends at most ten minutes."""
MAX_STATE = 2000
RESPONSE_TYPE, CHALLENGE_METHOD = "code", "S256"

_PARAMETER = re.compile("[a-z_]{1,40}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER_PATTERN = r"[A-Za-z0-9._~-]{43,128}"
_VERIFIER = re.compile(VERIFIER_PATTERN)


class Request(msgspec.Struct, frozen=True):
    """An application's authorization request, as received and not yet validated (RFC 6749, section 4.1.1)."""

    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    scope: str = ""
    """Scopes separated by spaces; empty for all scopes of the application."""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class Callback(NamedTuple):
    """The address at which the application receives the response, and the state that it expects there."""

    redirect_uri: str
    state: str

    def address(self, **answer: str) -> str:
        """Return the redirect URI with the response parameters in its query (RFC 6749, section 4.1.2).

        `iss` says which server responds, so that a client of several cannot mix them up (RFC 9207).
        """
        if self.state:
            answer["state"] = self.state
        answer["iss"] = settings.get().base_url
        _, mark, query = self.redirect_uri.partition("?")
        separator = "?" if not mark else "&" if query and not query.endswith("&") else ""
        return f"{self.redirect_uri}{separator}{urlencode(answer)}"


class Refused(OAuthError):
    """An error that is meant for the application at its redirect URI (RFC 6749, section 4.1.2.1).

    Nobody has approved or denied anything yet, so the person decides whether to go there (RFC 9700, section 4.11.2).
    """

    def __init__(self, code: str, description: str, callback: Callback) -> None:
        super().__init__(code, description)
        self.callback = callback

    @property
    def address(self) -> str:
        """The address at which the application receives the error."""
        return self.callback.address(error=self.code, error_description=str(self))


class Mistakes(Invalid):
    """Several typed values break rules; `each` has one error per value."""

    def __init__(self, each: Sequence[Invalid]) -> None:
        super().__init__(". ".join(map(str, each)))
        self.each = each


class Approved(NamedTuple):
    """The code for the application."""

    code: str
    recovery_code: str = ""
    """A new user's recovery code."""


class Consent(msgspec.Struct, frozen=True):
    """A valid request, for a user to approve or deny."""

    application: Application
    callback: Callback
    scopes: tuple[str, ...]
    challenge: str | None

    def deny(self) -> Refused:
        """Return the error that reports the user's denial to the application."""
        return Refused("access_denied", "Access was denied", self.callback)


def validate(request: Request, now: int, *, repeated: Collection[str] = ()) -> Consent:
    """Validate a request, and return the consent that it asks for; 1 RRU.

    Args:
        request: as received.
        now: milliseconds.
        repeated: the names of parameters that were sent more than once.

    Raises:
        Invalid: the client id, redirect URI or state is invalid. The browser must not be redirected.
        Refused: another parameter is invalid.
    """
    for name in ("client_id", "redirect_uri", "state"):
        if name in repeated:
            raise Invalid(f"The app's request has more than one {name}", name)
    application = _application(request, now)
    callback = Callback(request.redirect_uri, request.state)
    try:
        _check(request, repeated)
        scopes = requested_scopes(application, request.scope)
    except OAuthError as error:
        raise Refused(error.code, str(error), callback) from None
    return Consent(application, callback, scopes, request.code_challenge or None)


def _application(request: Request, now: int) -> Application:
    if not request.client_id or not request.redirect_uri:
        name = "redirect_uri" if request.client_id else "client_id"
        raise Invalid(f"The app's request has no {name}", name)
    if len(request.state) > MAX_STATE:
        raise Invalid(f"The state in the app's request has more than {MAX_STATE} characters", "state")
    application = find_application(request.client_id, now)
    if application is None:
        raise _unregistered()
    if not is_registered(application, request.redirect_uri):
        raise Invalid("The redirect_uri in the app's request is not one that the app has registered", "redirect_uri")
    return application


def _unregistered() -> Invalid:
    return Invalid("This app is not registered here, or its registration has expired", "client_id")


def _check(request: Request, repeated: Collection[str]) -> None:
    if repeated:
        raise repetition(repeated)
    if not request.response_type:
        raise OAuthError("invalid_request", "Missing required parameter: response_type")
    if request.response_type != RESPONSE_TYPE:
        raise OAuthError("unsupported_response_type", "The response_type must be code")
    if not request.code_challenge and not request.code_challenge_method:
        return
    # Without a method, the challenge would mean `plain` (RFC 7636, section 4.3).
    if request.code_challenge_method != CHALLENGE_METHOD:
        raise OAuthError("invalid_request", "The code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(request.code_challenge):
        raise OAuthError(
            "invalid_request", "The code_challenge must be a SHA-256 hash in base64url, 43 characters long"
        )


def repetition(names: Collection[str]) -> OAuthError:
    """Return the error for parameters that were sent more than once; it quotes no name with other characters."""
    quotable = sorted(filter(_PARAMETER.fullmatch, names))
    return OAuthError("invalid_request", f"Repeated parameter: {quotable[0]}" if quotable else "Repeated parameter")


def log_in(consent: Consent, account: str, password: str, now: int) -> str:
    """Approve as an existing user, and return the code for the application; 2 RRU, 7 or 8 WRU.

    1 WRU more to keep the application permanently, for its first user.

    Raises:
        Forbidden: the user is suspended.
        Invalid: the name or password is missing, or the application no longer exists.
        Unauthenticated: the user is leaving.
        WrongPassword: the name or password is wrong.
    """
    blank = [] if account.strip() else [Invalid("Enter your username", "username", "ERR_BLANK")]
    blank += [] if password else [Invalid("Enter your password", "password", "ERR_BLANK")]
    _raise(blank)
    user = users.authenticate(account, password)
    keep(consent.application, _unregistered(), now)
    return _issue_code(consent, user, now)


def sign_up(consent: Consent, name: str, password: str, now: int) -> Approved:
    """Approve as a new user, and return the code for the application and the recovery code; 13 WRU.

    1 RRU and 1 WRU more for the application's first user.

    If the password breaks a rule, errors of the name are reported as well; 1 RRU.

    Raises:
        Forbidden: the instance does not accept new accounts, or has suspended this one already.
        Invalid: the name or password breaks a rule, the name is taken, or the application no longer exists.
    """
    name = name.strip().removeprefix("@")
    if settings.get().registrations and (wrong := _mistakes(users.check_password, password)):
        _raise([*_mistakes(users.check_name, name), *wrong])
    keep_for_new_user(consent.application, name, password, _unregistered(), now)
    recovery_code = recovery.new_code()
    user = users.sign_up(name, password, now, recovery_code)
    return Approved(_issue_code(consent, user, now), recovery_code)


def _mistakes(check: Callable[[str], None], value: str) -> list[Invalid]:
    try:
        check(value)
    except Invalid as error:
        return [error]
    return []


def _raise(mistakes: Sequence[Invalid]) -> None:
    """Raise these errors, if any, together."""
    if len(mistakes) > 1:
        raise Mistakes(mistakes)
    for mistake in mistakes:
        raise mistake


def _issue_code(consent: Consent, user: User, now: int) -> str:
    secret = secrets.token_urlsafe(32)
    code = Code(
        hash=hash_secret(secret),
        application_id=consent.application.id,
        user_id=user.id,
        scopes=consent.scopes,
        redirect_uri=consent.callback.redirect_uri,
        challenge=consent.challenge,
    )
    with while_present(user.id, users.absent()):
        expires_at = clock.ttl_seconds(now + 1000 * CODE_SECONDS)
        oauth.put_code(code, consent.application.name, now, expires_at, user.password_hash)
    return secret


def exchange(application: Application, secret: str, redirect_uri: str, verifier: str, now: int) -> Issued:
    """Exchange a code for a token, once; 1 RRU, 9 or 10 WRU.

    A second exchange means that the code was stolen, so it revokes the token that the first one issued (RFC 6749,
    section 4.1.2). Only a client that passes the checks of an exchange can cause this.

    Raises:
        Forbidden: the user is suspended.
        OAuthError: `invalid_grant`.
    """
    code = oauth.get_code(hash_secret(secret), now)
    if code is None or code.application_id != application.id:
        raise OAuthError("invalid_grant", "The code is invalid or has expired")
    if code.redirect_uri != redirect_uri:  # exactly, even for loopback addresses (RFC 6749, section 4.1.3)
        raise OAuthError("invalid_grant", "The redirect_uri must be the one that the code was sent to")
    _verify(code, verifier)
    issued = new_token(application, code.scopes, now, code.user_id)
    if code.issued is None:
        with while_present(code.user_id, OAuthError("invalid_grant", "The code is invalid or has expired")):
            if oauth.exchange_code(code, issued.token):
                return issued
        code = oauth.get_code(code.hash, now)
    if code is not None and code.issued is not None:
        tokens.end(code.user_id, [code.issued])
    raise OAuthError("invalid_grant", "The code has already been used")


def _verify(code: Code, verifier: str) -> None:
    """Check that the client with the code is the one that requested it (RFC 7636, section 4.6)."""
    if code.challenge is None:
        if verifier:
            # An attacker may have removed the challenge from the request (RFC 9700, section 4.8.2).
            raise OAuthError(
                "invalid_grant", "A code_verifier was sent, but the authorization request had no code_challenge"
            )
        return
    if not verifier:
        raise OAuthError("invalid_grant", "The code_verifier is missing")
    if not _VERIFIER.fullmatch(verifier):
        raise OAuthError("invalid_grant", "The code_verifier must have 43 to 128 characters A-Z a-z 0-9 . _ ~ -")
    if not compare_digest(code.challenge, challenge(verifier)):
        raise OAuthError("invalid_grant", "The code_verifier does not match the code_challenge")


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
