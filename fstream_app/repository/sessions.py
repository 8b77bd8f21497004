"""The tokens of a user as a whole: reading all of them, and ending them together with the password.

The index of tokens by user shows a new token a little late. Where none may be missed, the lists of recent tokens are
read as well, consistently. A list belongs to a window of ten minutes, so those of the current window and of the two
beside it have every token that the index may not show yet, also if clocks differ.
"""

from collections.abc import Iterable
from functools import partial

from pynamodb.expressions.condition import Condition, size

from fstream_app.core.entities import User
from fstream_app.core.errors import Unavailable
from fstream_app.core.grants import Token
from fstream_app.core.parallel import gather
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, oauth, users
from fstream_app.repository.transactions import Writes
from fstream_app.tables import TokenItem, UserItem

_AT_ONCE = 90
"""Limit of tokens that one transaction ends together with the password; it has four other actions."""
_WINDOWS = (-1, 0, 1)
MAX_LISTED = 1000
"""Limit of sessions that are listed."""

_Recent = dict[str, frozenset[str]]
"""The keys of recent tokens and codes, by the key of their list; a list that does not exist is empty."""


class _Meanwhile(Exception):
    """A token or code was put after the lists of recent ones were read."""


def keys_of(user_id: str, now: int) -> set[str]:
    """Read the keys of all tokens and codes of a user; 0.5 RRU per 4 KB of the index (some 40), and 3 RRU.

    Index key `user_id`, eventually consistent; keys `recent#<user id>#<window>`, consistent.
    """
    return _read(user_id, now)[0]


def recent_keys_of(user_id: str, now: int) -> set[str]:
    """Read the keys of the tokens and codes that the index may not show yet, and of the lists that have them; 3 RRU.

    Keys `recent#<user id>#<window>`, consistent.
    """
    lists = {key: listed for key, listed in _recent(user_id, now).items() if listed}
    return set(lists).union(*lists.values())


def _read(user_id: str, now: int) -> tuple[set[str], _Recent]:
    """Read the keys of all tokens and codes, and the lists that have the recent ones."""
    indexed, recent = gather(partial(_indexed, user_id), partial(_recent, user_id, now))
    return indexed.union(*recent.values()), recent


def _indexed(user_id: str) -> set[str]:
    return {item.hash for item in TokenItem.by_user.query(user_id) if oauth.is_credential(item.hash)}


def _recent(user_id: str, now: int) -> _Recent:
    lists = {oauth.recent_key(user_id, now, later): frozenset[str]() for later in _WINDOWS}
    return lists | {item.hash: frozenset(item.recent or ()) for item in batch.get(TokenItem, lists, consistent=True)}


def tokens(keys: Iterable[str]) -> list[Token]:
    """Read at most `MAX_LISTED` tokens: keys `hash`, consistent, so that no ended session is listed; 1 RRU each."""
    wanted = sorted(filter(oauth.is_token, keys))[:MAX_LISTED]
    return [oauth.token_from(item) for item in batch.get(TokenItem, wanted, consistent=True)]


def replace_password(user: User, password_hash: str, recovery_hash: str | None, kept: str | None, now: int) -> None:
    """Replace a user's password and recovery code, and end all sessions except one.

    One transaction: key `id`, unchanged since the user was read; the lists of recent tokens, unchanged; `hash` of each
    other token and code. 8 WRU, 2 and 1 in the index per token. Of more than 90, the rest is deleted first.

    Args:
        user: the user as read when the password or the recovery code was verified.
        password_hash: the new password's hash.
        recovery_hash: the new recovery code's hash; None removes the code.
        kept: the hash of the token that is kept, if any.
        now: milliseconds.

    Raises:
        Absent: the user is leaving, or has another password or recovery code by now.
        Unavailable: tokens were issued all the time.
    """
    code = UserItem.recovery_hash
    change = [UserItem.password_hash.set(password_hash), code.set(recovery_hash) if recovery_hash else code.remove()]
    for _ in attempts():
        found, recent = _read(user.id, now)
        ended = sorted(found - {kept})
        oauth.delete_tokens(ended[_AT_ONCE:])
        writes = Writes()
        writes.update(UserItem(user.id), change, users.unchanged(user), otherwise=users.Absent)
        for key in ended[:_AT_ONCE]:
            writes.delete(TokenItem(key))
        for key, listed in recent.items():
            _check_list(writes, key, len(listed))
        try:
            writes.commit()
        except _Meanwhile:
            continue
        return
    raise Unavailable("Too many log-ins at once. Try again in a moment.")


def _check_list(writes: Writes, key: str, length: int) -> None:
    """Check that a list of recent tokens has not grown. Nothing is ever taken out of it."""
    same: Condition = size(TokenItem.recent) == length  # type: ignore[no-untyped-call]
    condition = TokenItem.recent.exists() & same if length else TokenItem.recent.does_not_exist()
    writes.check(TokenItem, key, condition=condition, otherwise=_Meanwhile)
