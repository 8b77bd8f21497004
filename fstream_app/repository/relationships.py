"""The relationships table: one partition holds all that a reader's view depends on; its index gives followers.

A block is two edges, `block#` for who blocks and `blocked_by#` for who is blocked, written together, so that
one query tells both.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

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
"""Who follows, and whom."""


class Refused(Exception):
    """A block, either way, forbids it."""


class NoSuchUser(Exception):
    """One of the two is not there."""

    def __init__(self, user_id: str = "") -> None:
        super().__init__("no such user")
        self.user_id = user_id


class AlreadyFollowing(Exception):
    """The follow is there already."""


class NotFollowing(Exception):
    """The follow is not there any more."""

    def __init__(self, follow: Follow) -> None:
        super().__init__("no such follow")
        self.follow = follow


class _FollowsNow(Exception):
    """A follow has begun meanwhile."""


class OwnEdge(NamedTuple):
    """An edge in a user's partition, expired or not."""

    key: str
    """The sort key."""
    kind: EdgeKind | None
    """None: this version does not know it."""
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
    """Read the edges to some others: keys `user_id`, `kind#other`, consistent; 1 RRU per kind and other.

    With `followed_by` also whether they follow the user: 1 RRU more for each.
    """
    others = list(other_ids)
    keys: list[batch.Key] = [(user_id, edge(kind, other)) for kind in kinds for other in others]
    if followed_by:
        keys += [(other, edge(EdgeKind.FOLLOW, user_id)) for other in others if other != user_id]
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, keys)
    return _relations(read.run().raw(EdgeItem), now, user_id)


def _relations(items: Iterable[WireItem], now: int, user_id: str | None = None) -> Relations:
    found: dict[EdgeKind, set[str]] = {kind: set() for kind in EdgeKind}
    silenced: set[str] = set()
    followed_by: set[str] = set()
    muted_until: dict[str, int] = {}
    unknown = 0
    for item in items:
        owner = item["u"]["S"]
        if user_id is not None and owner != user_id:
            followed_by.add(owner)
            continue
        expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
        if tables.has_expired(expires_at, now):
            continue
        kind, other_id = parse_edge(item["e"]["S"])
        if kind is None:
            unknown += 1
            continue
        found[kind].add(other_id)
        if "n" in item:
            silenced.add(other_id)
        if expires_at is not None and kind is EdgeKind.MUTE:
            muted_until[other_id] = 1000 * expires_at
    metrics.count(Metric.UNKNOWN_EDGES, unknown)
    return Relations(
        following=frozenset(found[EdgeKind.FOLLOW]),
        blocking=frozenset(found[EdgeKind.BLOCK]),
        blocked_by=frozenset(found[EdgeKind.BLOCKED_BY]),
        muting=frozenset(found[EdgeKind.MUTE]),
        muting_notifications=frozenset(silenced),
        muted_until=muted_until,
        followed_by=frozenset(followed_by),
    )


def follow(user_id: str, other_id: str) -> bool:
    """Put the edge and count it on both users; keys absent `follow#`, `block#`, `blocked_by#`; 10 WRU.

    Returns:
        Whether it is new.

    Raises:
        Refused: one blocks the other.
        NoSuchUser: one of them is gone or away.
    """
    writes = Writes()
    for kind in (EdgeKind.BLOCK, EdgeKind.BLOCKED_BY):
        _forbid(writes, user_id, edge(kind, other_id), otherwise=Refused)
    followed = EdgeItem(user_id, edge(EdgeKind.FOLLOW, other_id))
    writes.save(followed, EdgeItem.edge.does_not_exist(), otherwise=AlreadyFollowing)
    _count(writes, {user_id: (1, 0), other_id: (0, 1)}, users.present())
    try:
        writes.commit()
    except AlreadyFollowing:
        return False
    return True


def unfollow(user_id: str, other_id: str) -> bool:
    """Delete the edge and count it off both users: key `follow#`; 6 WRU. Return whether it was there.

    Raises:
        NoSuchUser: one of them is gone.
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
    """End up to 40 follows of one user, either way, together: keys `follow#`; 4 WRU each and 2, 1 each in the index.

    What has ended meanwhile is left out, and who is gone is not counted.

    Raises:
        Unavailable: they changed at every attempt.
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
    """Put both edges of a block and end follows either way, in one transaction; 4 WRU, 6 per follow ended.

    Reads the follows first (2 RRU) and begins again when they have changed meanwhile.

    Raises:
        NoSuchUser: one of them is gone.
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
    """Delete both edges of a block, together; 4 WRU. Idempotent."""
    writes = Writes()
    writes.delete(EdgeItem(user_id, edge(EdgeKind.BLOCK, other_id)))
    writes.delete(EdgeItem(other_id, edge(EdgeKind.BLOCKED_BY, user_id)))
    writes.commit()


def mute(user_id: str, other_id: str, *, notifications: bool, expires_at: int | None) -> None:
    """Put the edge `mute#other`, over one that is there: 1 WRU and 1 in the index. `expires_at` is in seconds."""
    EdgeItem(
        user_id,
        edge(EdgeKind.MUTE, other_id),
        mutes_notifications=notifications or None,
        expires_at=expires_at,
    ).save()


def unmute(user_id: str, other_id: str) -> None:
    """Delete the edge `mute#other`: 1 WRU and 1 in the index. Idempotent."""
    EdgeItem(user_id, edge(EdgeKind.MUTE, other_id)).delete()


def others(user_id: str, kind: EdgeKind, part: Part, now: int) -> Iterator[str]:
    """Give those that a user follows, blocks or mutes, a page at a time as they are asked for, nearest first.

    Key `user_id`, `kind#` above or below an id, consistent; 1 RRU a page.
    """
    return (parse_edge(item.edge)[1] for item in _edges(user_id, kind, part, now))


def mutes(user_id: str, part: Part, now: int) -> Iterator[tuple[str, int | None]]:
    """Give those that a user mutes, in the same way, with the time (ms) at which a timed mute ends; 1 RRU a page."""
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
    """Give followers, a page at a time as they are asked for, nearest first.

    Index key `follow#user`, `user_id` above or below an id, eventually consistent; 0.5 RRU a page.
    """
    return _by_edge(edge(EdgeKind.FOLLOW, user_id), part)


def muters(user_id: str, part: Part) -> Iterator[str]:
    """Give those who mute a user, in the same way: index key `mute#user`; 0.5 RRU a page."""
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
    """Read some of a user's own edges, of whatever kind, expired or not: key `user_id`, consistent; 1 RRU per 117."""
    keys = [item.edge for item in EdgeItem.query(user_id, limit=limit, consistent_read=True)]
    return [own for own in map(_own, keys) if own.kind is not EdgeKind.LEAVE]


def _own(key: str) -> OwnEdge:
    try:
        return OwnEdge(key, *parse_edge(key))
    except ValueError:
        return OwnEdge(key, None, "")


def delete(user_id: str, key: str) -> None:
    """Delete an edge that is not counted: keys `user_id`, `edge`; 1 WRU and 1 in the index. Idempotent."""
    EdgeItem(user_id, key).delete()


def _changes(ended: Sequence[Follow]) -> dict[str, tuple[int, int]]:
    """Return by how much ended follows change each user's counts, of following and of followers."""
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
