"""What can go wrong, in the domain's words; `chalicelib.errors` turns each into a status and a body."""

from fstream_app.core.entities import Quota


class DomainError(Exception):
    """Something the person or the client must be told; its text is what they read."""


class Unauthenticated(DomainError):
    """There is no valid access token."""


class Forbidden(DomainError):
    """The token or its owner may not do this."""


class NotFound(DomainError):
    """There is no such thing, or it is not for this reader's eyes."""


class Malformed(DomainError):
    """The request cannot be read."""


class Invalid(DomainError):
    """A value breaks a rule. `field` names it; `code` is the client API's word for the rule, such as ERR_TAKEN."""

    def __init__(self, message: str, field: str | None = None, code: str = "ERR_INVALID") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class TooLarge(DomainError):
    """The request is larger than accepted."""


class UnsupportedType(DomainError):
    """The body is neither JSON nor a form."""


class TooManyRequests(DomainError):
    """A rate limit is used up; trying again helps after `retry_after` seconds."""

    def __init__(self, message: str, quota: Quota, retry_after: int) -> None:
        super().__init__(message)
        self.quota = quota
        self.retry_after = retry_after


class Unavailable(DomainError):
    """The database did not answer in time or refused for its load; trying again later helps."""


class OAuthError(DomainError):
    """An error of the OAuth 2 token endpoint (RFC 6749, section 5.2): `code` is its word for it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
