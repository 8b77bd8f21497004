"""Deletion of accounts: the transactions that begin and end it. The mark `leave#` keeps it going: see `rounds`."""

from collections.abc import Collection

from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import User
from fstream_app.repository import rounds
from fstream_app.repository.transactions import Writes
from fstream_app.repository.users import reservation
from fstream_app.tables import TokenItem, UserItem

MAX_TOKENS = 50
"""Limit of tokens that `begin` deletes."""


class Gone(Exception):
    """The user or the token no longer exists."""


class _StillFollows(Exception):
    """The user still has followers or follows others, or is not leaving."""


def begin(user: User, token_hash: str, scope: str, other_tokens: Collection[str]) -> None:
    """Mark a user as leaving, so that no read shows the account: one transaction; 10 WRU, 2 more per other token.

    Keys: `id`, `@name` and the token's `hash`, all present; `leave#1`. The name stays reserved but leads to no user,
    the token covers only this scope from now on, and the other tokens (at most 50) are deleted.

    Raises:
        Gone: the user or the token no longer exists.
    """
    writes = Writes()
    for other in other_tokens:
        writes.delete(TokenItem(other))
    writes.save(rounds.mark(EdgeKind.LEAVE, user.id, 1))
    leaving, reserved, token = UserItem(user.id), UserItem(reservation(user.name)), TokenItem(token_hash)
    actions = [UserItem.leaving.set(True), UserItem.name_prefix.remove()]
    writes.update(leaving, actions, UserItem.id.exists(), otherwise=Gone)
    writes.update(reserved, [UserItem.user_id.remove()], UserItem.id.exists(), otherwise=Gone)
    writes.update(token, [TokenItem.scopes.set(scope)], TokenItem.hash.exists(), otherwise=Gone)
    writes.commit()


def end(user: User) -> bool:
    """Delete a leaving user without follows or followers, and free the name.

    One transaction; keys: `id`, leaving and with both counts 0; `@name`. 4 WRU.

    Returns:
        Whether the user was deleted. False while a count is not 0: the index may show a new follower late.
    """
    unfollowed = UserItem.leaving.exists() & (UserItem.followers_count == 0) & (UserItem.following_count == 0)
    writes = Writes()
    writes.delete(UserItem(user.id), unfollowed, otherwise=_StillFollows)
    writes.delete(UserItem(reservation(user.name)))
    try:
        writes.commit()
    except _StillFollows:
        return False
    return True
