"""Lists, in the partition `<user>~lists` of relationships, and their members.

Who is in a list is stored with the follow: its attribute `lists` has the ids of the lists. So a follow that ends takes
its places in lists along, in the same write, and a timeline finds the members among the edges that it reads anyway.

Home does not read lists. It knows which ones are exclusive by edges `exclusive#<list>` in the user's own partition. A
transaction writes this mark together with the list. So whatever happens at the same time, home leaves out exactly the
members of lists that exist and are exclusive.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from pynamodb.expressions.condition import Condition

from fstream_app.core import partitions
from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.core.errors import Unavailable
from fstream_app.core.lists import ENDORSED, RepliesPolicy, UserList, new_id
from fstream_app.core.parallel import gather_all
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, conditional, users, wire
from fstream_app.repository.counting import Key
from fstream_app.repository.follows import Follow
from fstream_app.repository.transactions import Writes
from fstream_app.repository.wire import WireItem, value
from fstream_app.tables import EdgeItem, UserItem

MOST_AT_ONCE = 80
"""Limit of members that one call of `add` adds."""
_LISTS = str(EdgeItem.lists.attr_name)
_ENDED = str(EdgeItem.ended.attr_name)


class NoSuchList(Exception):
    """The user has no list with this id."""


class NotFollowed(Exception):
    """A new member is not followed."""


class AlreadyMember(Exception):
    """A new member is in the list."""


class _Taken(Exception):
    """The user has a list with this id."""


class _Changed(Exception):
    """A follow has changed since it was read."""


def of_user(user_id: str) -> list[UserList]:
    """Read a user's lists, oldest first: key `<user>~lists`, consistent; 1 RRU per 4 KB."""
    found = wire.query(EdgeItem, partitions.lists(user_id), consistent_read=True)
    return sorted(map(_list, found), key=lambda each: (each.created_at, each.id))


def get(user_id: str, list_id: str) -> UserList | None:
    """Read a list: keys `<user>~lists`, `list#<id>`, consistent; 1 RRU, or 2 with a title of more than 3 KB."""
    item = _read(key(user_id, list_id))
    return _list(item) if item else None


def create(user_id: str, title: str, policy: RepliesPolicy, now: int, *, exclusive: bool) -> UserList | None:
    """Put a new list, with an id that none of the user's lists has, in one transaction; 4 WRU, 2 more if exclusive.

    Keys: the user's `id`, present; `<user>~lists`, `list#<id>`, absent; `exclusive#<id>`. 1 or 2 in the index.

    Returns:
        The list; None if the user is leaving.

    Raises:
        Unavailable: other writes kept interfering.
    """
    for _ in attempts():
        new = UserList(new_id(), title, policy, exclusive, created_at=now)
        writes = Writes()
        writes.check(UserItem, user_id, condition=users.present(), otherwise=NoSuchList)
        writes.save(_item(user_id, new), EdgeItem.edge.does_not_exist(), otherwise=_Taken)
        if exclusive:
            writes.save(_mark(user_id, new.id))
        failures = writes.attempt()
        if not failures:
            return new
        if any(isinstance(failure, NoSuchList) for failure in failures):
            return None
    raise Unavailable("Too many changes at once. Try again in a moment.")


def change(
    user_id: str, list_id: str, *, title: str | None, policy: RepliesPolicy | None, exclusive: bool | None
) -> bool:
    """Change what is given of a list: keys `<user>~lists`, `list#<id>`, present; 1 WRU.

    With `exclusive`, one transaction with the mark `exclusive#<id>`: 4 WRU, 1 in the index.

    Returns:
        Whether the list exists.
    """
    actions = [EdgeItem.title.set(title)] if title is not None else []
    actions += [EdgeItem.replies_policy.set(policy)] if policy is not None else []
    item = EdgeItem(*key(user_id, list_id))
    if exclusive is None:
        return (
            conditional.update(item, actions, EdgeItem.edge.exists()) if actions else get(user_id, list_id) is not None
        )
    actions.append(EdgeItem.exclusive.set(exclusive))
    writes = Writes()
    writes.update(item, actions, EdgeItem.edge.exists(), otherwise=NoSuchList)
    if exclusive:
        writes.save(_mark(user_id, list_id))
    else:
        writes.delete(_mark(user_id, list_id))
    return not writes.attempt()


def delete(user_id: str, list_id: str) -> bool:
    """Delete a list and its mark `exclusive#<id>`, in one transaction; 4 WRU, 1 or 2 in the index.

    The ids in its members' follows are then without effect; `remove` removes them.

    Returns:
        Whether the list existed.
    """
    writes = Writes()
    writes.delete(EdgeItem(*key(user_id, list_id)), EdgeItem.edge.exists(), otherwise=NoSuchList)
    writes.delete(_mark(user_id, list_id))
    return not writes.attempt()


def keys_of(user_id: str, limit: int) -> list[str]:
    """Read the ids of at most `limit` of a user's lists: key `<user>~lists`, consistent; 1 RRU per 4 KB."""
    found = EdgeItem.query(partitions.lists(user_id), limit=limit, consistent_read=True)
    return [parse_edge(item.edge)[1] for item in found]


def with_member(user_id: str, other_id: str) -> frozenset[str]:
    """Read the ids of the lists that a followed user is in: key `f#other`, consistent; 1 RRU."""
    item = _read(Follow(user_id, other_id).key)
    return frozenset() if item is None or _ENDED in item else _lists_of(item)


def members(user_id: str, list_id: str, part: Part) -> Iterator[str]:
    """Read the ids of a list's members, lazily, nearest to the part's bound first.

    Key `f#` above or below an id, consistent; 1 RRU per 136 accounts that the user follows.
    """
    low = edge(EdgeKind.FOLLOW, part.after or "") + ("~" if part.after else "")
    high = edge(EdgeKind.FOLLOW, part.before or "~")
    found = wire.query(
        EdgeItem,
        user_id,
        range_key_condition=EdgeItem.edge.between(low, high),
        filter_condition=_is_member(list_id),
        scan_index_forward=part.before is None,
        consistent_read=True,
    )
    others = (parse_edge(item["e"]["S"])[1] for item in found)
    return (other for other in others if other != part.before)


def add(user_id: str, list_id: str, others: Sequence[str]) -> None:
    """Add members, at most `MOST_AT_ONCE`, all or none: one transaction; 1 RRU each, 2 WRU each and 2 for the list.

    Keys: `list#<id>`, present; `f#other`, present and not ended.

    Raises:
        AlreadyMember: one is in the list.
        NoSuchList: no such list.
        NotFollowed: one is not followed.
        Unavailable: the follows kept changing.
    """
    for _ in attempts():
        found = batch.Read(consistent=True)
        found.ask(EdgeItem, [Follow(user_id, other).key for other in others])
        follows = [item for item in found.run().raw(EdgeItem) if _ENDED not in item]
        if len(follows) < len(others):
            raise NotFollowed
        if any(list_id in _lists_of(item) for item in follows):
            raise AlreadyMember
        writes = Writes()
        writes.check(EdgeItem, *key(user_id, list_id), condition=EdgeItem.edge.exists(), otherwise=NoSuchList)
        for other in others:
            item = EdgeItem(*Follow(user_id, other).key)
            writes.update(item, [EdgeItem.lists.add({list_id})], _is_addable(list_id), otherwise=_Changed)
        failures = writes.attempt()
        if not failures:
            return
        if isinstance(failures[0], NoSuchList):
            raise failures[0]
    raise Unavailable("Too many changes at once. Try again in a moment.")


def endorse(user_id: str, other_id: str) -> bool:
    """Add a followed account to those that the user endorses: key `f#other`, present and not ended; 1 WRU.

    Returns:
        Whether the user follows the account.
    """
    lasting = EdgeItem.edge.exists() & EdgeItem.ended.does_not_exist()
    return conditional.update(EdgeItem(*Follow(user_id, other_id).key), [EdgeItem.lists.add({ENDORSED})], lasting)


def remove(user_id: str, list_id: str, others: Collection[str]) -> None:
    """Remove members, in parallel: keys `f#other`, in the list; 1 WRU each. Idempotent."""
    gather_all([partial(_remove, EdgeItem(*Follow(user_id, other).key), list_id) for other in others])


def _read(wanted: Key) -> WireItem | None:
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, [wanted])
    return next(iter(read.run().raw(EdgeItem)), None)


def _remove(item: EdgeItem, list_id: str) -> None:
    conditional.update(item, [EdgeItem.lists.delete({list_id})], EdgeItem.lists.contains(list_id))


def _is_member(list_id: str) -> Condition:
    condition: Condition = EdgeItem.lists.contains(list_id) & EdgeItem.ended.does_not_exist()
    return condition


def _is_addable(list_id: str) -> Condition:
    is_new: Condition = ~EdgeItem.lists.contains(list_id)
    condition: Condition = EdgeItem.edge.exists() & EdgeItem.ended.does_not_exist() & is_new
    return condition


def _lists_of(item: WireItem) -> frozenset[str]:
    return frozenset(value(item, _LISTS) or ())


def key(user_id: str, list_id: str) -> Key:
    """Return the key of a list."""
    return partitions.lists(user_id), edge(EdgeKind.LIST, list_id)


def mark_key(user_id: str, list_id: str) -> Key:
    """Return the key of the edge that marks a list as exclusive."""
    return user_id, edge(EdgeKind.EXCLUSIVE, list_id)


def is_exclusive(item: WireItem) -> bool:
    """Return whether an item is a list that is exclusive."""
    return bool(value(item, "exclusive"))


def _mark(user_id: str, list_id: str) -> EdgeItem:
    return EdgeItem(*mark_key(user_id, list_id))


def _item(user_id: str, new: UserList) -> EdgeItem:
    return EdgeItem(
        *key(user_id, new.id),
        title=new.title,
        replies_policy=new.replies_policy,
        exclusive=new.exclusive,
        created_at=new.created_at,
    )


def _list(item: WireItem) -> UserList:
    return UserList(
        id=parse_edge(value(item, "e"))[1],
        title=value(item, "title"),
        replies_policy=RepliesPolicy(value(item, "replies_policy")),
        exclusive=is_exclusive(item),
        created_at=int(value(item, "created_at")),
    )
