"""The relationships table: a partition holds all edges that decide what one reader sees. Its index finds followers.

A block is two edges, written together: `block#` in the blocking user's partition and `blocked_by#` in the blocked
user's. So one query finds a user's blocks in both directions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, assert_never

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app import tables
from fstream_app.core import metrics
from fstream_app.core.edges import KINDS, EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part, Relations
from fstream_app.core.errors import Unavailable
from fstream_app.core.metrics import Metric
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, users, wire
from fstream_app.repository.transactions import Failure, Writes
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeIndex, EdgeItem, UserItem

Follow = tuple[str, str]
"""The ids of the follower and the followed user."""


class Blocked(Exception):
    """One of the two users blocks the other."""


class NoSuchUser(Exception):
    """One of the two users does not exist, or may not be followed."""

    def __init__(self, user_id: str = "") -> None:
        super().__init__("no such user")
        self.user_id = user_id


class AlreadyFollowing(Exception):
    """The follow already exists."""


class NotFollowing(Exception):
    """The follow does not exist, or no longer exists."""

    def __init__(self, follow: Follow) -> None:
        super().__init__("no such follow")
        self.follow = follow


class _FollowsNow(Exception):
    """A follow was added meanwhile."""


class OwnEdge(NamedTuple):
    """An edge in a user's partition, expired or not."""

    key: str
    """The sort key."""
    kind: EdgeKind | None
    """None if this version does not know it."""
    other_id: str


def of(user_id: str, now: int) -> Relations:
    """Read all edges of a user: key `user_id`, consistent; 1 RRU per 117 edges."""
    return _relations(wire.query(EdgeItem, user_id, consistent_read=True), now)


def between(
    user_id: str,
    other_ids: Iterable[str],
    now: int,
    kinds: Iterable[EdgeKind] = KINDS,
    *,
    followed_by: bool = False,
) -> Relations:
    """Read a user's edges to other users: keys `user_id`, `kind#other`, consistent; 1 RRU per kind and other user.

    With `followed_by`, also read whether they follow the user: 1 RRU more per other user.
    """
    others = list(other_ids)
    keys: list[batch.Key] = [(user_id, edge(kind, other)) for kind in kinds for other in others]
    if followed_by:
        keys += [(other, edge(EdgeKind.FOLLOW, user_id)) for other in others if other != user_id]
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, keys)
    return _relations(read.run().raw(EdgeItem), now, user_id)


def _relations(items: Iterable[WireItem], now: int, user_id: str | None = None) -> Relations:
    edges = _Edges()
    followed_by: set[str] = set()
    for item in items:
        owner = item["u"]["S"]
        if user_id is not None and owner != user_id:
            followed_by.add(owner)
            continue
        expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
        if not tables.has_expired(expires_at, now):
            edges.add(item, expires_at)
    metrics.count(Metric.UNKNOWN_EDGES, edges.unknown)
    return Relations(
        following=frozenset(edges.following),
        blocking=frozenset(edges.blocking),
        blocked_by=frozenset(edges.blocked_by),
        muting=frozenset(edges.muting),
        muting_notifications=frozenset(edges.muting_notifications),
        muted_until=edges.muted_until,
        followed_by=frozenset(followed_by),
    )


class _Edges:
    """A user's own edges while they are read."""

    def __init__(self) -> None:
        self.following: set[str] = set()
        self.blocking: set[str] = set()
        self.blocked_by: set[str] = set()
        self.muting: set[str] = set()
        self.muting_notifications: set[str] = set()
        self.muted_until: dict[str, int] = {}
        self.unknown = 0
        """Number of edges of a kind that this version does not know."""

    def add(self, item: WireItem, expires_at: int | None) -> None:
        """Add an edge, which expires (s) or not, to those of its kind."""
        kind, other_id = parse_edge(item["e"]["S"])
        match kind:
            case EdgeKind.FOLLOW:
                self.following.add(other_id)
            case EdgeKind.BLOCK:
                self.blocking.add(other_id)
            case EdgeKind.BLOCKED_BY:
                self.blocked_by.add(other_id)
            case EdgeKind.MUTE:
                self._mute(other_id, expires_at, notifications="n" in item)
            case EdgeKind.LEAVE:
                pass
            case None:
                self.unknown += 1
            case _:
                assert_never(kind)

    def _mute(self, other_id: str, expires_at: int | None, *, notifications: bool) -> None:
        self.muting.add(other_id)
        if notifications:
            self.muting_notifications.add(other_id)
        if expires_at is not None:
            self.muted_until[other_id] = 1000 * expires_at


def follow(user_id: str, other_id: str) -> bool:
    """Put a follow and count it at both users, in one transaction; 10 WRU, 1 in the index.

    Keys: `follow#`, `block#` and `blocked_by#` of the other user, all absent; both users' `id`, present and not hidden.

    Returns:
        Whether the follow is new.

    Raises:
        Blocked: one of the two blocks the other.
        NoSuchUser: one of the two does not exist, or is leaving or suspended.
    """
    writes = Writes()
    for kind in (EdgeKind.BLOCK, EdgeKind.BLOCKED_BY):
        _forbid(writes, user_id, edge(kind, other_id), otherwise=Blocked)
    followed = EdgeItem(user_id, edge(EdgeKind.FOLLOW, other_id))
    writes.save(followed, EdgeItem.edge.does_not_exist(), otherwise=AlreadyFollowing)
    _count(writes, {user_id: (1, 0), other_id: (0, 1)}, users.present())
    try:
        writes.commit()
    except AlreadyFollowing:
        return False
    return True


def unfollow(user_id: str, other_id: str) -> bool:
    """Delete a follow and subtract it from both users' counts, in one transaction; 6 WRU, 1 in the index.

    Keys: `follow#` of the other user, and both users' `id`, all present.

    Returns:
        Whether the follow existed.

    Raises:
        NoSuchUser: one of the two no longer exists.
    """
    ended = [(user_id, other_id)]
    writes = Writes()
    _end(writes, ended, _changes(ended))
    try:
        writes.commit()
    except NotFollowing:
        return False
    return True


def end_follows(follows: Collection[Follow]) -> None:
    """Delete at most 40 follows by or of one user, in one transaction: keys `follow#`, present, and the users' `id`.

    4 WRU per follow and 2 for the user, 1 per follow in the index. Follows that were deleted meanwhile, and counts of
    users that no longer exist, are left out.

    Raises:
        Unavailable: follows or users changed at every attempt.
    """
    left, gone = set(follows), set[str]()
    for _ in attempts():
        if not left:
            return
        ordered = sorted(left)
        writes = Writes()
        changes = {user_id: change for user_id, change in _changes(ordered).items() if user_id not in gone}
        _end(writes, ordered, changes)
        failures = writes.attempt()
        if not failures:
            return
        left -= {failure.follow for failure in failures if isinstance(failure, NotFollowing)}
        gone |= {failure.user_id for failure in failures if isinstance(failure, NoSuchUser)}
    raise Unavailable("Too many changes at once. Try again in a moment.")


def block(user_id: str, other_id: str, now: int) -> None:
    """Put both edges of a block and delete follows in both directions, in one transaction.

    Keys: `block#` and `blocked_by#`; both `follow#`, present or absent as they were read before (consistent, 2 RRU);
    both users' `id`, present, if a follow is deleted. 8 WRU, 12 if a follow is deleted in one or both directions, 1 per
    written or deleted edge in the index. Starts again if the follows changed meanwhile.

    Raises:
        NoSuchUser: every attempt failed, because one of the two no longer exists or the follows kept changing.
    """
    for _ in attempts():
        relations = between(user_id, [other_id], now, [EdgeKind.FOLLOW], followed_by=True)
        ended = []
        if other_id in relations.following:
            ended.append((user_id, other_id))
        if other_id in relations.followed_by:
            ended.append((other_id, user_id))
        try:
            _block(user_id, other_id, ended)
        except (_FollowsNow, NotFollowing, NoSuchUser):
            continue
        return
    raise NoSuchUser


def _block(user_id: str, other_id: str, ended: list[Follow]) -> None:
    writes = Writes()
    writes.save(EdgeItem(user_id, edge(EdgeKind.BLOCK, other_id)))
    writes.save(EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)))
    kept = {(user_id, other_id), (other_id, user_id)} - set(ended)
    for follower, followed in sorted(kept):
        _forbid(writes, follower, edge(EdgeKind.FOLLOW, followed), otherwise=_FollowsNow)
    _end(writes, ended, _changes(ended))
    writes.commit()


def unblock(user_id: str, other_id: str) -> None:
    """Delete both edges of a block, in one transaction; 4 WRU, 2 in the index. Idempotent."""
    writes = Writes()
    writes.delete(EdgeItem(user_id, edge(EdgeKind.BLOCK, other_id)))
    writes.delete(EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)))
    writes.commit()


def mute(user_id: str, other_id: str, *, notifications: bool, expires_at: int | None) -> None:
    """Put the edge `mute#other`, which expires (s) or never (None); 1 WRU, 1 in the index. Replaces an older one."""
    EdgeItem(
        user_id,
        edge(EdgeKind.MUTE, other_id),
        mutes_notifications=notifications or None,
        expires_at=expires_at,
    ).save()


def unmute(user_id: str, other_id: str) -> None:
    """Delete the edge `mute#other`; 1 WRU, 1 in the index. Idempotent."""
    EdgeItem(user_id, edge(EdgeKind.MUTE, other_id)).delete()


def others(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[str]:
    """Read the ids of users whom a user follows, blocks or mutes, lazily, nearest to the part's bound first.

    Key `user_id`, `kind#` above or below an id, consistent; 1 RRU per page.
    """
    return (parse_edge(item.edge)[1] for item in _edges(user_id, kind, part, now))


def mutes(user_id: str, part: Part, now: int) -> Iterator[tuple[str, int | None]]:
    """Read muted users in the same way, with the time (ms) at which a timed mute ends; 1 RRU per page."""
    for item in _edges(user_id, EdgeKind.MUTE, part, now):
        yield parse_edge(item.edge)[1], None if item.expires_at is None else 1000 * item.expires_at


def _edges(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[EdgeItem]:
    low = edge(kind, part.after or "") + ("~" if part.after else "")
    high = edge(kind, part.before or "~")
    items = EdgeItem.query(
        user_id,
        EdgeItem.edge.between(low, high),
        EdgeItem.expires_at.does_not_exist() | (EdgeItem.expires_at > now // 1000),
        consistent_read=True,
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item for item in items if item.edge != edge(kind, part.before or ""))


def followers(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of a user's followers, lazily, nearest to the part's bound first.

    Index key `follow#user`, `user_id` above or below an id, eventually consistent; 0.5 RRU per page.
    """
    return _by_edge(edge(EdgeKind.FOLLOW, user_id), part)


def muters(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of users who mute a user, as `followers`: index key `mute#user`; 0.5 RRU per page."""
    return _by_edge(edge(EdgeKind.MUTE, user_id), part)


def _by_edge(wanted: str, part: Part) -> Iterator[str]:
    items = EdgeItem.by_edge.query(
        wanted,
        batch.beyond(EdgeIndex.user_id, part),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items)


def all_of(user_id: str, limit: int) -> list[OwnEdge]:
    """Read at most `limit` of a user's own edges, of every kind except `leave`, expired or not.

    Key `user_id`, consistent; 1 RRU per 117 edges.
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


def _changes(ended: Sequence[Follow]) -> dict[str, tuple[int, int]]:
    """Return the changes, by user, of the counts of following and followers when these follows end."""
    changes: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for follower, followed in ended:
        changes[follower] = changes[follower][0] - 1, changes[follower][1]
        changes[followed] = changes[followed][0], changes[followed][1] - 1
    return changes


def _end(writes: Writes, ended: Sequence[Follow], changes: Mapping[str, tuple[int, int]]) -> None:
    for follow in ended:
        follower, followed = follow
        item = EdgeItem(follower, edge(EdgeKind.FOLLOW, followed))
        writes.delete(item, EdgeItem.edge.exists(), otherwise=NotFollowing(follow))
    _count(writes, changes, UserItem.id.exists())


def _count(writes: Writes, changes: Mapping[str, tuple[int, int]], condition: Condition) -> None:
    for user_id, (following, followers) in changes.items():
        actions: list[Action] = [UserItem.following_count.add(following), UserItem.followers_count.add(followers)]
        writes.update(UserItem(user_id), actions, condition, otherwise=NoSuchUser(user_id))


def _forbid(writes: Writes, user_id: str, key: str, *, otherwise: Failure) -> None:
    writes.check(EdgeItem, user_id, key, condition=EdgeItem.edge.does_not_exist(), otherwise=otherwise)
