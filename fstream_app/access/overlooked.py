"""Tokens that the deletion of their account may have overlooked.

Deleting an account finds its tokens by an index. A token that was issued a moment before may be missing there: usually
for less than a second, but no bound is promised. So the first request with a token that is older than `INDEX_SECONDS`
checks that its user is present. What is deleted after that was in the index long before.
"""

from fstream_app.core.entities import Token
from fstream_app.core.errors import Forbidden, Unauthenticated
from fstream_app.people import departures
from fstream_app.repository import oauth, users

INDEX_SECONDS = 60
"""Age at which an index certainly contains a token."""


def check(token: Token, now: int) -> Token:
    """Return a token whose user is not gone; 1 RRU and 1 WRU, once for each token of a user.

    Raises:
        Forbidden: the user is suspended.
        Unauthenticated: the user is leaving or gone. The token is then deleted.
    """
    if token.user_id is None or token.settled or now - token.created_at < 1000 * INDEX_SECONDS:
        return token
    user = users.get(token.user_id, consistent=True, include_hidden=True)
    if user is None or (user.leaving and token.scopes != (departures.SCOPE,)):
        oauth.delete_token(token.hash)
        raise Unauthenticated("The access token is invalid")
    if user.suspended:
        raise Forbidden(user.suspended)
    if not user.leaving:
        oauth.settle_token(token.hash)
    return token
