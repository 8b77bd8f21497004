"""Users who leave: the transactions that begin and end a deletion, and the mark in between.

The mark is an item of relationships, `leave#<round>` in the user's partition. That it is put is told by the table's
stream, whose function goes on with the deletion: as the round grows, so does the number of times that it is told.
"""

from collections.abc import Collection

from pynamodb.transactions import TransactWrite

from fstream_app.core.edges import LEAVE, edge
from fstream_app.core.entities import User
from fstream_app.repository import transactions
from fstream_app.repository.transactions import ConditionFailed
from fstream_app.repository.users import reservation
from fstream_app.tables import EdgeItem, TokenItem, UserItem

MAX_TOKENS = 50
"""How many tokens a deletion takes away as it begins."""


class Gone(Exception):
    """The user is gone, or the token."""


def begin(user: User, token_hash: str, scope: str, other_tokens: Collection[str]) -> None:
    """Mark a user as leaving, so that nobody finds them; in one transaction, 10 WRU and 2 for each other token.

    Keys `id`, `@name`, the token, all present; `leave#1`. The name stays taken but is nobody's, the token covers but
    one scope, and up to 50 other tokens are deleted.

    Raises:
        Gone: the user is not there any more, or the token.
    """

    def fill(transaction: TransactWrite) -> None:
        for other in other_tokens:
            transaction.delete(TokenItem(other))
        transaction.save(_mark(user.id, 1))
        transaction.update(
            UserItem(user.id),
            [UserItem.leaving.set(True), UserItem.name_prefix.remove()],
            condition=UserItem.id.exists(),
        )
        transaction.update(
            UserItem(reservation(user.name)), [UserItem.user_id.remove()], condition=UserItem.id.exists()
        )
        transaction.update(TokenItem(token_hash), [TokenItem.scopes.set(scope)], condition=TokenItem.hash.exists())

    try:
        transactions.commit(fill)
    except ConditionFailed:
        raise Gone from None


def end(user: User, token_hash: str | None) -> bool:
    """Delete a leaving user whom nobody follows any more, free the name, and delete the last token, if it is known.

    Keys `id`, both counts being 0; `@name`; the token; in one transaction, 6 WRU.

    Returns:
        Whether it was done. It is not where followers are left: the index may tell of them later.
    """

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(
            UserItem(user.id),
            condition=UserItem.leaving.exists() & (UserItem.followers_count == 0) & (UserItem.following_count == 0),
        )
        transaction.delete(UserItem(reservation(user.name)))
        if token_hash is not None:
            transaction.delete(TokenItem(token_hash))

    try:
        transactions.commit(fill)
    except ConditionFailed:
        return False
    return True


def next_round(user_id: str, number: int) -> None:
    """Put the mark of the next round in the place of this one, so that the stream tells of it; 4 WRU.

    That this one is not there is no error: the next round has begun already.
    """

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(_mark(user_id, number), condition=EdgeItem.edge.exists())
        transaction.save(_mark(user_id, number + 1))

    try:
        transactions.commit(fill)
    except ConditionFailed:
        return


def forget(user_id: str, number: int) -> None:
    """Delete the mark of a round: key `leave#<round>`; 1 WRU, 1 in the index. Not to be there is no error."""
    _mark(user_id, number).delete()


def _mark(user_id: str, number: int) -> EdgeItem:
    return EdgeItem(user_id, edge(LEAVE, str(number)))
