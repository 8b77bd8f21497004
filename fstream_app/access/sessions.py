"""Sessions: what a user is logged in with. Each is one access token; authorization codes are not listed.

Ending a session deletes its token, and tokens are read consistently with every request. So it takes effect at once.
"""

from functools import partial
from hashlib import sha256
from typing import NamedTuple

from fstream_app.access import rates
from fstream_app.core import clock
from fstream_app.core.grants import Token
from fstream_app.people import tokens
from fstream_app.repository import oauth, sessions

_ID_BITS = 53
MAX_ID = (1 << _ID_BITS) - 1
"""The largest id; JavaScript reads every whole number up to it exactly."""


class Session(NamedTuple):
    """A session, without anything from which its token could be computed."""

    id: int
    application_name: str
    began_at: int
    """Milliseconds."""
    used_on: int | None
    """The last day of use, in days since the epoch (UTC); None if an earlier version issued the token, and it has not
    been used since."""
    is_own: bool
    """Whether the session is the one that asks."""


def session_id(token_hash: str) -> int:
    """Return a session's id: part of a hash of the token's hash, which in turn has 256 random bits."""
    return int(sha256(f"session#{token_hash}".encode()).hexdigest(), 16) >> (256 - _ID_BITS)


def of_user(user_id: str, own_token: str | None, now: int) -> list[Session]:
    """Return a user's sessions, the last used one first.

    3 RRU, 0.5 RRU per some 40 sessions, 1 RRU each; at most 1,000.

    Args:
        user_id: the user's id.
        own_token: the hash of the token that asks, if any.
        now: milliseconds.
    """
    found = sessions.tokens(sessions.keys_of(user_id, now))
    live = [token for token in found if token.user_id == user_id]
    live.sort(key=lambda token: (token.used_on or 0, token.created_at), reverse=True)
    return [_session(token, own_token) for token in live]


def _session(token: Token, own_token: str | None) -> Session:
    name, began_at = token.application_name, token.created_at
    return Session(session_id(token.hash), name, began_at, token.used_on, token.hash == own_token)


def record_use(token: Token, now: int) -> None:
    """Record the first use of a user's token on each day; 1 WRU. If the table is unavailable, the next use does."""
    today = clock.day(now)
    if token.user_id is not None and (token.used_on is None or token.used_on < today):
        rates.unless_unavailable(partial(oauth.use_token, token.hash, today))


def end(user_id: str, ids: frozenset[int], now: int) -> int:
    """End those of a user's sessions that have one of these ids; 3 RRU, 0.5 RRU per some 40 sessions, 2 WRU per end.

    Idempotent: ids of others and of no session are ignored.

    Returns:
        The number of sessions found.
    """
    keys = filter(oauth.is_token, sessions.keys_of(user_id, now))
    ended = [key for key in keys if session_id(key) in ids]
    tokens.end(user_id, ended)
    return len(ended)


def end_others(user_id: str, own_token: str, now: int) -> None:
    """End all sessions of a user except the one that asks, also those about to begin with a code; cost as for `end`.

    If there are codes, twice that: one may have been exchanged just before it was deleted.
    """
    ended = sessions.keys_of(user_id, now) - {own_token}
    tokens.end(user_id, ended)
    if not all(map(oauth.is_token, ended)):
        tokens.end(user_id, sessions.keys_of(user_id, now) - {own_token})
