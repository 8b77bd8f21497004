"""The relationships table: one partition holds all that a reader's view depends on; its index gives followers.

A block is two edges, `block#` for who blocks and `blocked_by#` for who is blocked, written together, so that
one query tells both.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from pynamodb.transactions import TransactWrite

from fstream_app import tables
from fstream_app.edges import BLOCK, BLOCKED_BY, FOLLOW, KINDS, MUTE, edge, parse_edge
from fstream_app.entities import Relations
from fstream_app.repository import batch, transactions
from fstream_app.repository.retry import attempts
from fstream_app.repository.transactions import ConditionFailed
from fstream_app.tables import EdgeIndex, EdgeItem, UserItem

WireItem = dict[str, Any]
"""An item as DynamoDB sends it: attribute name → {type: value}."""


class Refused(Exception):
    """A block, either way, forbids it."""


class NoSuchUser(Exception):
    """One of the two is not there."""


def of(user_id: str, now: int) -> Relations:
    """Read all edges of a user: key `user_id`, consistent; 1 RRU per 117 edges."""
    return _relations(_all(user_id), now)


def between(
    user_id: str,
    other_ids: Iterable[str],
    now: int,
    kinds: Iterable[str] = KINDS,
    *,
    followed_by: bool = False,
) -> Relations:
    """Read the edges to some others: keys `user_id`, `kind#other`, consistent; 1 RRU per kind and other.

    With `followed_by` also whether they follow the user: 1 RRU more for each.
    """
    others = list(other_ids)
    keys: list[batch.Key] = [(user_id, edge(kind, other)) for kind in kinds for other in others]
    if followed_by:
        keys += [(other, edge(FOLLOW, user_id)) for other in others if other != user_id]
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, keys)
    return _relations(read.run().raw(EdgeItem), now, user_id)


def _all(user_id: str) -> Iterator[WireItem]:
    start: WireItem | None = None
    while True:
        page = EdgeItem._get_connection().query(user_id, consistent_read=True, exclusive_start_key=start)  # noqa: SLF001
        yield from page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return


def _relations(items: Iterable[WireItem], now: int, user_id: str | None = None) -> Relations:
    # Items in their wire form: a reader has hundreds, and making a model of each takes longer than all else at home.
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    silenced: set[str] = set()
    followed_by: set[str] = set()
    for item in items:
        owner = item["u"]["S"]
        if user_id is not None and owner != user_id:
            followed_by.add(owner)
            continue
        if "expires_at" in item and tables.has_expired(int(item["expires_at"]["N"]), now):
            continue
        kind, other_id = parse_edge(item["e"]["S"])
        found[kind].add(other_id)
        if "n" in item:
            silenced.add(other_id)
    return Relations(
        following=frozenset(found[FOLLOW]),
        blocking=frozenset(found[BLOCK]),
        blocked_by=frozenset(found[BLOCKED_BY]),
        muting=frozenset(found[MUTE]),
        muting_notifications=frozenset(silenced),
        followed_by=frozenset(followed_by),
    )


def follow(user_id: str, other_id: str) -> bool:
    """Put the edge and count it on both users; keys absent `follow#`, `block#`, `blocked_by#`; 10 WRU.

    Returns:
        Whether it is new.

    Raises:
        Refused: one blocks the other.
        NoSuchUser: one of them is gone.
    """
    followed = EdgeItem(user_id, edge(FOLLOW, other_id))

    def fill(transaction: TransactWrite) -> None:
        for kind in (BLOCK, BLOCKED_BY):
            transaction.condition_check(
                EdgeItem, user_id, edge(kind, other_id), condition=EdgeItem.edge.does_not_exist()
            )
        transaction.save(followed, condition=EdgeItem.edge.does_not_exist())
        _count(transaction, user_id, other_id, 1)

    try:
        transactions.commit(fill)
    except ConditionFailed as error:
        if error.places & {0, 1}:
            raise Refused from None
        if 2 in error.places:
            return False
        raise NoSuchUser from None
    return True


def unfollow(user_id: str, other_id: str) -> bool:
    """Delete the edge and count it off both users: key `follow#`; 6 WRU. Return whether it was there."""
    followed = EdgeItem(user_id, edge(FOLLOW, other_id))

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(followed, condition=EdgeItem.edge.exists())
        _count(transaction, user_id, other_id, -1)

    try:
        transactions.commit(fill)
    except ConditionFailed as error:
        if 0 in error.places:
            return False
        raise NoSuchUser from None
    return True


def block(user_id: str, other_id: str, now: int) -> None:
    """Put both edges of a block and end follows either way, in one transaction; 4 WRU, 6 per follow ended.

    Reads the follows first (2 RRU) and begins again when they have changed meanwhile.

    Raises:
        NoSuchUser: one of them is gone.
    """
    for _ in attempts():
        relations = between(user_id, [other_id], now, [FOLLOW], followed_by=True)
        ended = []
        if other_id in relations.following:
            ended.append((user_id, other_id))
        if other_id in relations.followed_by:
            ended.append((other_id, user_id))
        try:
            transactions.commit(partial(_fill_block, user_id, other_id, ended))
        except ConditionFailed:
            continue
        return
    raise NoSuchUser


def _fill_block(user_id: str, other_id: str, ended: list[tuple[str, str]], transaction: TransactWrite) -> None:
    transaction.save(EdgeItem(user_id, edge(BLOCK, other_id)))
    transaction.save(EdgeItem(other_id, edge(BLOCKED_BY, user_id)))
    kept = {(user_id, other_id), (other_id, user_id)} - set(ended)
    for follower, followed in sorted(kept):
        transaction.condition_check(
            EdgeItem, follower, edge(FOLLOW, followed), condition=EdgeItem.edge.does_not_exist()
        )
    changes = {user_id: [0, 0], other_id: [0, 0]}
    for follower, followed in ended:
        transaction.delete(EdgeItem(follower, edge(FOLLOW, followed)), condition=EdgeItem.edge.exists())
        changes[follower][0] -= 1
        changes[followed][1] -= 1
    if ended:
        for changed_id, (following, followers) in changes.items():
            transaction.update(
                UserItem(changed_id),
                [UserItem.following_count.add(following), UserItem.followers_count.add(followers)],
                condition=UserItem.id.exists(),
            )


def unblock(user_id: str, other_id: str) -> None:
    """Delete both edges of a block, together; 4 WRU. Not to be there already is no error."""

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(EdgeItem(user_id, edge(BLOCK, other_id)))
        transaction.delete(EdgeItem(other_id, edge(BLOCKED_BY, user_id)))

    transactions.commit(fill)


def mute(user_id: str, other_id: str, *, notifications: bool, expires_at: int | None) -> None:
    """Put the edge `mute#other`, over one that is there: 1 WRU and 1 in the index. `expires_at` is in seconds."""
    EdgeItem(
        user_id,
        edge(MUTE, other_id),
        mutes_notifications=notifications or None,
        expires_at=expires_at,
    ).save()


def unmute(user_id: str, other_id: str) -> None:
    """Delete the edge `mute#other`: 1 WRU and 1 in the index. Not to be there already is no error."""
    EdgeItem(user_id, edge(MUTE, other_id)).delete()


def others(user_id: str, kind: str, after: str | None, limit: int, now: int) -> Iterator[str]:
    """Page through those that a user follows, blocks or mutes: key `user_id`, `kind#` above `after`; 0.5 RRU."""
    start = edge(kind, after or "") + ("~" if after else "")
    items = EdgeItem.query(
        user_id,
        EdgeItem.edge.between(start, edge(kind, "~")),
        EdgeItem.expires_at.does_not_exist() | (EdgeItem.expires_at > now // 1000),
        consistent_read=True,
        limit=limit,
    )
    return (parse_edge(item.edge)[1] for item in items)


def followers(user_id: str, after: str | None, limit: int) -> Iterator[str]:
    """Page through followers: index key `follow#user`, `user_id` above `after`, eventually consistent; 0.5 RRU."""
    condition = EdgeIndex.user_id > after if after else None
    items = EdgeItem.by_edge.query(edge(FOLLOW, user_id), condition, limit=limit)
    return (item.user_id for item in items)


def _count(transaction: TransactWrite, user_id: str, other_id: str, change: int) -> None:
    for changed_id, counter in ((user_id, UserItem.following_count), (other_id, UserItem.followers_count)):
        transaction.update(UserItem(changed_id), [counter.add(change)], condition=UserItem.id.exists())
