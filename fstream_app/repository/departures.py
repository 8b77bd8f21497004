"""Deletion of accounts: the transactions that begin and end it, and the mark that keeps it going in between.

The mark is the item `leave#<round>` in the user's partition of relationships. Its put reaches the table's stream, whose
function continues the deletion; each new round number triggers it once more.
"""

from collections.abc import Collection

from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import User
from fstream_app.repository.transactions import Writes
from fstream_app.repository.users import reservation
from fstream_app.tables import EdgeItem, TokenItem, UserItem

MAX_TOKENS = 50
"""Limit of tokens that `begin` deletes."""


class Gone(Exception):
    """The user or the token no longer exists."""


class _StillFollows(Exception):
    """The user still has followers or follows others, or is not leaving."""


class _RoundOver(Exception):
    """The next round has already begun."""


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
    writes.save(_mark(user.id, 1))
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


def next_round(user_id: str, number: int) -> None:
    """Replace the mark of this round with the next one's, so that the stream function continues.

    One transaction; keys: `leave#<round>`, present, and the next. 4 WRU, 1 each in the index. Does nothing if the mark
    of this round is missing, because the next round has then begun.
    """
    writes = Writes()
    writes.delete(_mark(user_id, number), EdgeItem.edge.exists(), otherwise=_RoundOver)
    writes.save(_mark(user_id, number + 1))
    try:
        writes.commit()
    except _RoundOver:
        return


def forget(user_id: str, number: int) -> None:
    """Delete the mark of a round: key `leave#<round>`; 1 WRU, 1 in the index. Idempotent."""
    _mark(user_id, number).delete()


def _mark(user_id: str, number: int) -> EdgeItem:
    return EdgeItem(user_id, edge(EdgeKind.LEAVE, str(number)))
