"""Follows: edges of the relationships table that are counted at both users, as `counting` describes.

Requests put and end follows. The table's stream function counts them.
"""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from pynamodb.expressions.condition import Condition

from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.core.errors import Unavailable
from fstream_app.core.following import PLAIN, UNCHANGED, FollowChange, FollowOptions
from fstream_app.core.parallel import gather_all
from fstream_app.core.relations import Relations
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, conditional, counting, options
from fstream_app.repository.counting import Key, Owner, Share, Thing
from fstream_app.repository.transactions import Failure, Writes
from fstream_app.tables import EdgeIndex, EdgeItem, UserItem


class Follow(NamedTuple):
    """The ids of the follower and the followed user."""

    follower_id: str
    followed_id: str

    @property
    def key(self) -> Key:
        """The key of its edge."""
        return self.follower_id, edge(EdgeKind.FOLLOW, self.followed_id)

    @property
    def request_key(self) -> Key:
        """The key of the request to be allowed it."""
        return self.follower_id, edge(EdgeKind.REQUEST, self.followed_id)


class Found(NamedTuple):
    """A follow that exists, and its state."""

    follow: Follow
    pending: bool
    """Not counted yet."""
    ended: bool


def put(follow: Follow, change: FollowChange = UNCHANGED, now: int = 0) -> bool:
    """Put or resume a follow, as `counting.start`: key `f#`; 1 in the index. Return whether it is new.

    Args:
        follow: the follow.
        change: options that are chosen for it. If the follow exists, the others stay as they are; 1 WRU more.
        now: milliseconds.

    Raises:
        Unavailable: the follow changed at every attempt.
    """
    chosen = PLAIN.changed(change, now)
    for _ in attempts():
        if counting.start(options.add(EdgeItem(*follow.key, pending=True), chosen), options.replacing(chosen)):
            return True
        if change == UNCHANGED or update(follow, change, now):
            return False
    raise Unavailable("Too many changes at once. Try again in a moment.")


def update(follow: Follow, change: FollowChange, now: int) -> bool:
    """Change options of a follow that exists: key `f#`; 1 WRU. Return whether it exists."""
    return conditional.update(EdgeItem(*follow.key), options.changing(change, now), _lasting())


def end(follow: Follow) -> bool:
    """End a follow, as `counting.end`: key `f#`; 1 in the index. Return whether it had not ended.

    The followed user leaves the follower's lists, also if the follow is resumed before it is deleted.
    """
    return counting.end(EdgeItem(*follow.key), EdgeItem.lists.remove())


def end_all(follows: Iterable[Follow]) -> None:
    """End follows in parallel, as `end` does."""
    gather_all([partial(end, follow) for follow in follows])


def end_between(user_id: str, other_id: str, relations: Relations) -> None:
    """End the follows between two users, as `end` does: those in the user's relations with the other."""
    both = ((relations.following, Follow(user_id, other_id)), (relations.followed_by, Follow(other_id, user_id)))
    end_all([follow for those, follow in both if other_id in those])


def read(follows: Iterable[Follow]) -> list[Found]:
    """Read which follows are stored, including those that have ended: keys `f#`, consistent; 1 RRU each."""
    items = batch.get(EdgeItem, {follow.key for follow in follows}, consistent=True)
    return [Found(_follow(item.user_id, item.edge), bool(item.pending), bool(item.ended)) for item in items]


def add(writes: Writes, follow: Follow, chosen: FollowOptions, found: Found | None, *, otherwise: Failure) -> None:
    """Add the put of a follow with these options to a transaction, or the update that resumes one: key `f#`.

    A follow that has not ended keeps its own options, which were chosen later. If the follow is not as it was found
    (None: absent), the transaction fails with `otherwise`.
    """
    edge_of = EdgeItem(*follow.key)
    if found is None:
        edge_of.pending = True
        writes.save(options.add(edge_of, chosen), EdgeItem.edge.does_not_exist(), otherwise=otherwise)
    elif found.ended:
        actions = [EdgeItem.ended.remove(), *options.replacing(chosen)]
        writes.update(edge_of, actions, EdgeItem.ended.exists(), otherwise=otherwise)
    else:
        writes.update(edge_of, [EdgeItem.ended.remove()], _lasting(), otherwise=otherwise)


def _lasting() -> Condition:
    lasting: Condition = EdgeItem.edge.exists() & EdgeItem.ended.does_not_exist()
    return lasting


def settle(found: Iterable[Found]) -> set[Follow]:
    """Count follows that are new, and subtract and delete those that have ended; see `counting.settle`.

    Args:
        found: follows that were just read.

    Returns:
        The follows to be tried again.
    """
    failed = counting.settle(map(_thing, found), lambda keys: map(_thing, read(_follow(*key) for key in keys)))
    return {_follow(*key) for key in failed}


def _thing(found: Found) -> Thing:
    follow = found.follow
    shares = (
        Share(Owner(UserItem, follow.follower_id), "following_count"),
        Share(Owner(UserItem, follow.followed_id), "followers_count"),
    )
    return Thing(EdgeItem(*follow.key), follow.key, found.pending, found.ended, shares)


def of_followed(user_id: str, part: Part) -> list[Follow]:
    """Read follows of a user, including those that have ended, nearest to the part's bound first.

    Index key `f#user`, `user_id` above or below an id, eventually consistent; 0.5 RRU per page.
    """
    found = EdgeItem.by_edge.query(
        edge(EdgeKind.FOLLOW, user_id), batch.beyond(EdgeIndex.user_id, part), limit=part.limit
    )
    return [Follow(item.user_id, user_id) for item in found]


def _follow(user_id: str, key: str) -> Follow:
    return Follow(user_id, parse_edge(key)[1])
