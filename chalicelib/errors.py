"""The error table: which status and body clients get for each exception, and in which language."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Request, Response
from pynamodb.exceptions import PynamoDBException

from chalicelib import observation, rates, times, words
from fstream_app.core import errors

STATUS: Mapping[type[Exception], int] = {
    errors.Malformed: 400,
    errors.OAuthError: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.TooLarge: 413,
    errors.UnsupportedType: 415,
    errors.Invalid: 422,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    PynamoDBException: 503,
    BotoCoreError: 503,
    ClientError: 503,
}
NOTICES = frozenset({403})
"""Statuses of errors whose text may end with a moderator's: why an account is suspended."""
_OAUTH_STATUS = {"invalid_client": 401, "unauthorized_client": 403}
_REALM = 'realm="FSTREAM"'
_BUSY = "The database did not answer. Try again in a moment."
_BROKEN = "The server made an error, which has been logged. Try again later."


def respond(error: Exception) -> Response:
    """Turn an exception into the client API's response: a status and `{"error": …}`.

    An exception that is not in the table is a defect: status 500, logged without its message, which might contain a
    user's text.
    """
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if isinstance(error, errors.OAuthError):
        status = _OAUTH_STATUS.get(error.code, status)
    body: dict[str, Any] = {"error": str(error)}
    if isinstance(error, errors.OAuthError):
        body = {"error": error.code, "error_description": str(error)}
    elif isinstance(error, errors.Invalid) and error.field:
        body["details"] = {error.field: [{"error": error.code, "description": str(error)}]}
    elif not isinstance(error, errors.DomainError):
        body = {"error": _BUSY if status == 503 else _BROKEN}
        observation.record(error, is_defect=status == 500)
    return Response(body, _headers(error, status), status)


def translate(answered: Response, request: Request) -> None:
    """Put an error in JSON into the language that the client prefers, as far as its sentences are known in that.

    Errors of OAuth stay English: their descriptions are for programmers, and have ASCII alone (RFC 6749, section 5.2).
    """
    body = answered.body
    if not isinstance(body, dict) or "error" not in body or "error_description" in body:
        return
    vary = answered.headers.get("Vary")
    answered.headers = {**answered.headers, "Vary": f"{vary}, Accept-Language" if vary else "Accept-Language"}
    code = words.preferred(request)
    if code == words.LANGUAGES[0]:
        return
    with words.speaking(words.Choice(code, named=False)):
        wait = times.wait(int(str(answered.headers.get("Retry-After", 0))))
        is_own = answered.status_code not in NOTICES
        body["error"] = words.problem(body["error"], is_own=is_own, wait=wait) or body["error"]
        for each in chain.from_iterable(body.get("details", {}).values()):
            each["description"] = words.problem(each["description"], wait=wait) or each["description"]


def _headers(error: Exception, status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if challenge := _challenge(error, status):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, errors.TooManyRequests):
        headers |= {**rates.headers(error.quota), "Retry-After": str(error.retry_after)}
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if status == 503:
        headers["Retry-After"] = "1"
    return headers


def _challenge(error: Exception, status: int) -> str | None:
    """Return the challenge to authenticate (RFC 6749, section 5.2; RFC 6750, section 3), if there is one."""
    match error:
        case errors.OutOfScope():
            return f'Bearer {_REALM}, error="insufficient_scope", scope="{error.scope}"'
        case errors.NoToken():
            return f"Bearer {_REALM}"
        case errors.OAuthError() if status == 401:
            return f"Basic {_REALM}"
        case _ if status == 401:
            return f'Bearer {_REALM}, error="invalid_token"'
    return None
