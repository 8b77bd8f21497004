"""The domain's errors; `chalicelib.errors` maps each to a status and a body.

The first line of a docstring below is the description of that error response in `/openapi.json`.
"""

from collections.abc import Sequence

from fstream_app.core.grants import Quota


class DomainError(Exception):
    """An error that is reported to the person or the client, who read its text."""


class Unauthenticated(DomainError):
    """The access token is missing, invalid or revoked.

    Also raised for a wrong username or password on the consent page.
    """


class NoToken(Unauthenticated):
    """The request has no access token."""


class WrongPassword(Unauthenticated):
    """The username, password or recovery code is incorrect. Only this error counts as a guess."""


class Forbidden(DomainError):
    """The token, the user's rights or the instance's settings do not allow this action."""


class OutOfScope(Forbidden):
    """The token does not cover the scope of this action; `scope` is the one that it lacks."""

    def __init__(self, message: str, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class NotFound(DomainError):
    """The resource does not exist, has expired, or is not visible to the caller."""


class MethodNotAllowed(DomainError):
    """The path exists, but does not have this method; the Allow header has those that it has.

    `allowed` are the methods that it has.
    """

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = allowed


class Malformed(DomainError):
    """The request could not be parsed."""


class Invalid(DomainError):
    """A parameter is invalid; `details`, if present, has an error code and a description per field.

    `field` names the parameter; `code` is the client API's code for the rule that it breaks, such as ERR_TAKEN.
    """

    def __init__(self, message: str, field: str | None = None, code: str = "ERR_INVALID") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class TooLarge(DomainError):
    """The request body is too large."""


class UnsupportedType(DomainError):
    """The body is neither JSON nor a form."""


class TooManyRequests(DomainError):
    """A rate limit is exhausted; retry after the number of seconds in the Retry-After header.

    `quota` is the limit's state, `retry_after` the seconds until it resets.
    """

    def __init__(self, message: str, quota: Quota, retry_after: int) -> None:
        super().__init__(message)
        self.quota = quota
        self.retry_after = retry_after


class Unavailable(DomainError):
    """The database did not answer in time or is overloaded; retry later."""


class OAuthError(DomainError):
    """An OAuth 2 error (RFC 6749, section 5.2); `error` is its code, such as invalid_grant.

    The attribute `code` holds this code.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
