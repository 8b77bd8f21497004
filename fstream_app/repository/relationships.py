"""The relationships table: a partition holds all edges that decide what one reader sees. Its index finds followers.

A block is two edges, written together: `block#` in the blocking user's partition and `blocked_by#` in the blocked
user's. So one query finds a user's blocks in both directions. `fstream_app.repository.follows` puts and ends follows;
no read here returns a follow that has ended.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, assert_never

import msgspec

from fstream_app import tables
from fstream_app.core import metrics, policies
from fstream_app.core.edges import KINDS, EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part, User
from fstream_app.core.filters import FilterMark
from fstream_app.core.following import PLAIN, FollowOptions, Still
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.policies import OPEN
from fstream_app.core.relations import Relations
from fstream_app.repository import batch, conditional, edges, filters, notes, options, stills, users, wire
from fstream_app.repository.follows import Follow
from fstream_app.repository.transactions import Writes
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeIndex, EdgeItem, UserItem


class _NoBlock(Exception):
    """The block does not exist."""


_ENDED = str(EdgeItem.ended.attr_name)
_LISTS = str(EdgeItem.lists.attr_name)
_POLICY = str(EdgeItem.policy.attr_name)
_FOLLOW = edge(EdgeKind.FOLLOW, "")
_KEYS = 2
"""Attributes of a follow that neither has ended nor waits to be counted: its keys."""


class OwnEdge(NamedTuple):
    """An edge in a user's partition, expired or not."""

    key: str
    """The sort key."""
    kind: EdgeKind | None
    """None if this version does not know it."""
    other_id: str


def of(user_id: str, now: int) -> Relations:
    """Read a user's edges: key `user_id`, consistent; 1 RRU per 136 edges. See `edges.of_user` for `blocked_by`."""
    items, blockers_read_to = edges.of_user(user_id)
    return msgspec.structs.replace(from_items(items, now), blockers_read_to=blockers_read_to)


def between(
    user_id: str,
    other_ids: Iterable[str],
    now: int,
    kinds: Iterable[EdgeKind] = KINDS,
    *,
    followed_by: bool = False,
    requests: Iterable[Follow] = (),
) -> Relations:
    """Read a user's edges to other users: keys `user_id`, `kind#other`, consistent; 1 RRU per kind and other user.

    With `followed_by`, also read whether they follow the user: 1 RRU more per other user; and which of these requests
    by or to the user exist: 1 RRU each.
    """
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, _keys(user_id, list(other_ids), kinds, followed_by=followed_by))
    read.ask(EdgeItem, [wanted.request_key for wanted in requests])
    return from_items(read.run().raw(EdgeItem), now, user_id)


def with_users(user_id: str, other_id: str, now: int, *, requests: bool = False) -> tuple[Relations, dict[str, User]]:
    """Read a user's relations with another user, and which of the two exist, also hidden; consistent; 7 RRU.

    Read this after writing an edge, to find out whether it may stay: as `between` and by `id`, in one call. With
    `requests`, the call also reads the requests between them, for 2 RRU more. Otherwise, a second call reads these if
    one of the two is locked. For a user who writes notes, another call reads that about the other, if any; 1 RRU.
    """
    both = Follow(user_id, other_id), Follow(other_id, user_id)
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, _keys(user_id, [other_id], KINDS, followed_by=True))
    read.ask(EdgeItem, [each.request_key for each in both if requests])
    read.ask(UserItem, [user_id, other_id])
    read.run()
    relations = from_items(read.raw(EdgeItem), now, user_id)
    found = users.users_from(read.found(UserItem), include_hidden=True)
    if not requests and any(user.locked for user in found.values()):
        asked = between(user_id, (), now, requests=both)
        relations = msgspec.structs.replace(
            relations,
            requested=asked.requested,
            requested_by=asked.requested_by,
            follow_options={**asked.follow_options, **relations.follow_options},
        )
    if user_id in found and found[user_id].writes_notes:
        relations = msgspec.structs.replace(relations, notes=notes.about(user_id, [other_id]))
    return relations, found


def _keys(user_id: str, other_ids: Sequence[str], kinds: Iterable[EdgeKind], *, followed_by: bool) -> list[batch.Key]:
    keys: list[batch.Key] = [(user_id, edge(kind, other)) for kind in kinds for other in other_ids]
    if followed_by:
        keys += [(other, edge(EdgeKind.FOLLOW, user_id)) for other in other_ids if other != user_id]
    return keys


def from_items(items: Iterable[WireItem], now: int, user_id: str | None = None) -> Relations:
    """Return the relations that edges make, as DynamoDB sends them, at a time (ms).

    With a user, edges in other partitions are those of others to the user.
    """
    own = _Edges()
    following = own.of[EdgeKind.FOLLOW]
    followed_by, requested_by = set[str](), set[str]()
    for item in items:
        if user_id is None and len(item) == _KEYS and item["e"]["S"].startswith(_FOLLOW):
            following.add(item["e"]["S"].removeprefix(_FOLLOW))  # as nearly all edges; in short, because they are many
            continue
        owner = item["u"]["S"]
        if user_id is not None and owner != user_id:
            if _ENDED not in item:
                (requested_by if parse_edge(item["e"]["S"])[0] is EdgeKind.REQUEST else followed_by).add(owner)
            continue
        expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
        if not tables.has_expired(expires_at, now):
            own.add(item, expires_at)
    metrics.count(Metric.UNKNOWN_EDGES, own.unknown)
    return Relations(
        following=frozenset(following),
        blocking=frozenset(own.of[EdgeKind.BLOCK]),
        blocked_by=frozenset(own.of[EdgeKind.BLOCKED_BY]),
        muting=frozenset(own.muting),
        muting_notifications=frozenset(own.muting_notifications),
        muted_until=own.muted_until,
        follow_options=own.options,
        stills=own.stills,
        followed_by=frozenset(followed_by),
        tags=frozenset(own.of[EdgeKind.TAG]),
        requested=frozenset(own.of[EdgeKind.REQUEST]),
        requested_by=frozenset(requested_by),
        lists=own.lists,
        apart=own.apart(),
        policy=own.policy,
        filters=own.filters,
    )


class _Edges:
    """A user's own edges while they are read."""

    def __init__(self) -> None:
        self.of: defaultdict[EdgeKind, set[str]] = defaultdict(set)
        """By kind, except mutes: the other users' ids, or the hashtags."""
        self.muting: set[str] = set()
        self.muting_notifications: set[str] = set()
        self.muted_until: dict[str, int] = {}
        self.lists: dict[str, frozenset[str]] = {}
        """By followed user: the ids of the lists that the user is in."""
        self.options: dict[str, FollowOptions] = {}
        self.stills: dict[MessageId, Still] = {}
        self.policy = OPEN
        self.filters: FilterMark | None = None
        self.unknown = 0
        """Number of edges of a kind that this version does not know."""

    def add(self, item: WireItem, expires_at: int | None) -> None:
        """Add an edge, which expires (s) or not, to those of its kind, unless it has ended."""
        if _ENDED in item:
            return
        kind, other_id = parse_edge(item["e"]["S"])
        match kind:
            case EdgeKind.FOLLOW | EdgeKind.REQUEST:
                self._follow(kind, other_id, item)
            case EdgeKind.BLOCK | EdgeKind.BLOCKED_BY | EdgeKind.EXCLUSIVE | EdgeKind.TAG:
                self.of[kind].add(other_id)
            case EdgeKind.MUTE:
                self._mute(other_id, expires_at, notifications="n" in item)
            case EdgeKind.STILL | EdgeKind.FILTER | EdgeKind.POLICY:
                self._choose(kind, other_id, item)
            case None:
                self.unknown += 1
            case (
                EdgeKind.LIST
                | EdgeKind.NOTE
                | EdgeKind.DISMISSAL
                | EdgeKind.SENDER
                | EdgeKind.LEAVE
                | EdgeKind.UNLOCK
                | EdgeKind.CLEAR
            ):
                pass
            case _:
                assert_never(kind)

    def apart(self) -> frozenset[str]:
        """Return the followed users who are in an exclusive list."""
        exclusive = self.of[EdgeKind.EXCLUSIVE]
        return frozenset(user_id for user_id, lists in self.lists.items() if not exclusive.isdisjoint(lists))

    def _choose(self, kind: EdgeKind, message_id: str, item: WireItem) -> None:
        if kind is EdgeKind.STILL:
            self.stills[MessageId.parse(message_id)] = stills.of(item)
        elif kind is EdgeKind.POLICY:
            self.policy = policies.parse(wire.value(item, _POLICY) or "")
        else:
            self.filters = filters.mark_of(item)

    def _follow(self, kind: EdgeKind, other_id: str, item: WireItem) -> None:
        self.of[kind].add(other_id)
        chosen = options.of(item)
        if chosen != PLAIN:
            self.options[other_id] = chosen
        if _LISTS in item:
            self.lists[other_id] = frozenset(item[_LISTS]["SS"])

    def _mute(self, other_id: str, expires_at: int | None, *, notifications: bool) -> None:
        self.muting.add(other_id)
        if notifications:
            self.muting_notifications.add(other_id)
        if expires_at is not None:
            self.muted_until[other_id] = 1000 * expires_at


def block(user_id: str, other_id: str) -> None:
    """Put both edges of a block, in one transaction: keys `block#` and `blocked_by#`; 4 WRU, 2 in the index.

    Idempotent. The caller ends the follows afterwards: see `fstream_app.people.relationships.block`.
    """
    writes = Writes()
    writes.save(EdgeItem(user_id, edge(EdgeKind.BLOCK, other_id)))
    writes.save(EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)))
    writes.commit()


def unblock(user_id: str, other_id: str) -> bool:
    """Delete both edges of a block, in one transaction; 4 WRU, 2 in the index. Idempotent.

    Returns:
        Whether the block existed.
    """
    writes = Writes()
    writes.delete(EdgeItem(user_id, edge(EdgeKind.BLOCK, other_id)), EdgeItem.edge.exists(), otherwise=_NoBlock)
    writes.delete(EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)))
    try:
        writes.commit()
    except _NoBlock:
        EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)).delete()
        return False
    return True


def mute(user_id: str, other_id: str, *, notifications: bool, expires_at: int | None) -> None:
    """Put the edge `mute#other`, which expires (s) or never (None); 1 WRU, 1 in the index. Replaces an older one."""
    EdgeItem(
        user_id,
        edge(EdgeKind.MUTE, other_id),
        mutes_notifications=notifications or None,
        expires_at=expires_at,
    ).save()


def unmute(user_id: str, other_id: str) -> bool:
    """Delete the edge `mute#other`; 1 WRU, 1 in the index. Idempotent. Return whether it existed."""
    return conditional.delete(EdgeItem(user_id, edge(EdgeKind.MUTE, other_id)), EdgeItem.edge.exists())


def others(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[str]:
    """Read the ids of users whom a user follows, blocks or mutes, lazily, nearest to the part's bound first.

    Key `user_id`, `kind#` above or below an id, consistent; 1 RRU per page.
    """
    return (parse_edge(item.edge)[1] for item in _edges(user_id, kind, part, now))


def mutes(user_id: str, part: Part, now: int) -> Iterator[tuple[str, int | None]]:
    """Read muted users in the same way, with the time (ms) at which a timed mute ends; 1 RRU per page."""
    for item in _edges(user_id, EdgeKind.MUTE, part, now):
        yield parse_edge(item.edge)[1], None if item.expires_at is None else 1000 * item.expires_at


def chosen(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[tuple[str, FollowOptions]]:
    """Read follows, or requests to follow, in the same way, with their options; 1 RRU per page."""
    return ((parse_edge(item.edge)[1], options.of_edge(item)) for item in _edges(user_id, kind, part, now))


def _edges(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[EdgeItem]:
    low = edge(kind, part.after or "") + ("~" if part.after else "")
    high = edge(kind, part.before or "~")
    items = EdgeItem.query(
        user_id,
        EdgeItem.edge.between(low, high),
        EdgeItem.ended.does_not_exist() & (EdgeItem.expires_at.does_not_exist() | (EdgeItem.expires_at > now // 1000)),
        consistent_read=True,
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item for item in items if item.edge != edge(kind, part.before or ""))


def followers(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of a user's followers, lazily, nearest to the part's bound first.

    Index key `f#user`, `user_id` above or below an id, eventually consistent; 0.5 RRU per page.
    """
    return by_edge(edge(EdgeKind.FOLLOW, user_id), part)


def muters(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of users who mute a user, as `followers`: index key `mute#user`; 0.5 RRU per page."""
    return by_edge(edge(EdgeKind.MUTE, user_id), part)


def by_edge(wanted: str, part: Part) -> Iterator[str]:
    """Read the ids of users with an edge, as `followers`; 0.5 RRU per page."""
    items = EdgeItem.by_edge.query(
        wanted,
        batch.beyond(EdgeIndex.user_id, part),
        EdgeIndex.ended.does_not_exist(),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items)


def all_of(user_id: str, limit: int) -> list[OwnEdge]:
    """Read at most `limit` of a user's own edges, of every kind except `leave`, expired or not.

    Key `user_id`, consistent; 1 RRU per 136 edges.
    """
    keys = [item.edge for item in EdgeItem.query(user_id, limit=limit, consistent_read=True)]
    return [own for own in map(_own, keys) if own.kind is not EdgeKind.LEAVE]


def _own(key: str) -> OwnEdge:
    try:
        return OwnEdge(key, *parse_edge(key))
    except ValueError:
        return OwnEdge(key, None, "")


def delete(user_id: str, key: str) -> None:
    """Delete an edge that is not counted: key `user_id`, `edge`; 1 WRU, 1 in the index. Idempotent."""
    EdgeItem(user_id, key).delete()
