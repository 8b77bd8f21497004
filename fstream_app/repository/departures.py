"""Users who leave: the transactions that begin and end a deletion, and the mark in between.

The mark is an item of relationships, `leave#<round>` in the user's partition. That it is put is told by the table's
stream, whose function goes on with the deletion: as the round grows, so does the number of times that it is told.
"""

from collections.abc import Collection

from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import User
from fstream_app.repository.transactions import Writes
from fstream_app.repository.users import reservation
from fstream_app.tables import EdgeItem, TokenItem, UserItem

MAX_TOKENS = 50
"""How many tokens a deletion takes away as it begins."""


class Gone(Exception):
    """The user is gone, or the token."""


class _StillFollows(Exception):
    """The user still follows others or is followed, or is not leaving."""


class _RoundOver(Exception):
    """The next round has begun already."""


def begin(user: User, token_hash: str, scope: str, other_tokens: Collection[str]) -> None:
    """Mark a user as leaving, so that nobody finds them; in one transaction, 10 WRU and 2 for each other token.

    Keys `id`, `@name`, the token, all present; `leave#1`. The name stays taken but is nobody's, the token covers but
    one scope, and up to 50 other tokens are deleted.

    Raises:
        Gone: the user is not there any more, or the token.
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


def end(user: User, token_hash: str | None) -> bool:
    """Delete a leaving user whom nobody follows any more, free the name, and delete the last token, if it is known.

    Keys `id`, both counts being 0; `@name`; the token; in one transaction, 6 WRU.

    Returns:
        Whether it was done. It is not while followers are left: the index may show them late.
    """
    unfollowed = UserItem.leaving.exists() & (UserItem.followers_count == 0) & (UserItem.following_count == 0)
    writes = Writes()
    writes.delete(UserItem(user.id), unfollowed, otherwise=_StillFollows)
    writes.delete(UserItem(reservation(user.name)))
    if token_hash is not None:
        writes.delete(TokenItem(token_hash))
    try:
        writes.commit()
    except _StillFollows:
        return False
    return True


def next_round(user_id: str, number: int) -> None:
    """Put the mark of the next round in the place of this one, so that the stream function goes on; 4 WRU.

    Does nothing if this one is not there: the next round has begun already.
    """
    writes = Writes()
    writes.delete(_mark(user_id, number), EdgeItem.edge.exists(), otherwise=_RoundOver)
    writes.save(_mark(user_id, number + 1))
    try:
        writes.commit()
    except _RoundOver:
        return


def forget(user_id: str, number: int) -> None:
    """Delete the mark of a round: key `leave#<round>`; 1 WRU, 1 in the index. Not to be there is no error."""
    _mark(user_id, number).delete()


def _mark(user_id: str, number: int) -> EdgeItem:
    return EdgeItem(user_id, edge(EdgeKind.LEAVE, str(number)))
