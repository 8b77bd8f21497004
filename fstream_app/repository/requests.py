"""Requests to follow a locked account: edges `request#` that become follows, or are deleted.

A request is in the partition of the user who made it, and the index finds the requests to an account. It is not counted
and grants nothing. `admit` replaces it with a follow in one transaction, so of an acceptance and a withdrawal at the
same time only one finds it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.core.errors import Unavailable
from fstream_app.core.following import PLAIN, UNCHANGED, FollowChange, FollowOptions
from fstream_app.core.parallel import gather_all
from fstream_app.core.relations import Relations
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, conditional, follows, options, relationships, rounds, users
from fstream_app.repository.follows import Follow, Found
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeIndex, EdgeItem, UserItem

_PREFIX = edge(EdgeKind.REQUEST, "")
MOST_COUNTED = 200
"""Requests to an account are counted up to this number: as many as one read unit returns."""


class _NotOpen(Exception):
    """The account is locked, leaving or gone."""


class _NotLocked(Exception):
    """The account is not locked, or is leaving or gone."""


class _OtherRequest(Exception):
    """The request does not exist, or has other options."""

    def __init__(self, follow: Follow) -> None:
        super().__init__("other request")
        self.follow = follow


class _OtherState(Exception):
    """The follow is not in the state in which it was expected: absent, ended or lasting."""

    def __init__(self, follow: Follow) -> None:
        super().__init__("other state")
        self.follow = follow


def put(wanted: Follow, change: FollowChange = UNCHANGED, now: int = 0) -> bool:
    """Put a request: key `request#`, absent; 1 WRU, 1 in the index. Idempotent. Return whether it is new.

    If it exists, the options that are chosen (at this time, ms) replace the old ones; 1 WRU more.
    """
    if conditional.put(options.add(_item(wanted), PLAIN.changed(change, now)), EdgeItem.edge.does_not_exist()):
        return True
    if change != UNCHANGED:
        conditional.update(_item(wanted), options.changing(change, now), EdgeItem.edge.exists())
    return False


def end(wanted: Follow) -> bool:
    """Delete a request: key `request#`; 1 WRU, 1 in the index. Idempotent. Return whether it existed."""
    return conditional.delete(_item(wanted), EdgeItem.edge.exists())


def end_all(wanted: Iterable[Follow]) -> None:
    """Delete requests in parallel, as `end` does."""
    gather_all([partial(end, each) for each in wanted])


def end_between(user_id: str, other_id: str, relations: Relations) -> None:
    """Delete the requests between two users, as `end` does: those in the user's relations with the other."""
    both = ((relations.requested, Follow(user_id, other_id)), (relations.requested_by, Follow(other_id, user_id)))
    end_all(wanted for those, wanted in both if other_id in those)


def read(wanted: Iterable[Follow]) -> set[Follow]:
    """Return which requests exist: keys `request#`, consistent; 1 RRU each."""
    items = batch.get(EdgeItem, {each.request_key for each in wanted}, consistent=True)
    return {Follow(item.user_id, parse_edge(item.edge)[1]) for item in items}


def requesters_among(user_id: str, others: Iterable[str]) -> set[str]:
    """Return which of these users have requested to follow a user, as `read`; 1 RRU each."""
    return {wanted.follower_id for wanted in read([Follow(other, user_id) for other in others])}


def admit(wanted: Collection[Follow], now: int, *, if_open: bool = False) -> set[Follow]:
    """Replace requests to one account with follows, in one transaction; 4 WRU each, 2 in the index.

    The follows are not counted yet, as those of `follows.put`. They have the options of the requests: if any were
    chosen, the first transaction fails, and those of the requests that it failed for are read (1 RRU each). So are the
    follows that are stored already: one that has not ended keeps its options, because they were chosen later.

    Args:
        wanted: the follows that were requested, at most 49.
        now: milliseconds.
        if_open: only if the account is not locked; 2 WRU more.

    Returns:
        Those whose requests existed; none of them if the account is locked.

    Raises:
        Unavailable: the follows kept changing.
    """
    left, stored = dict.fromkeys(wanted, PLAIN), dict[Follow, Found]()
    for _ in attempts():
        failures = _admission(left, stored, now, if_open=if_open).attempt() if left else []
        if not failures:
            return set(left)
        if any(isinstance(failure, _NotOpen) for failure in failures):
            return set()
        changed = {failure.follow for failure in failures if isinstance(failure, _OtherState)}
        if changed:
            kept = {each: found for each, found in stored.items() if each not in changed}
            stored = kept | {found.follow: found for found in follows.read(changed)}
        other = {failure.follow for failure in failures if isinstance(failure, _OtherRequest)}
        if other:
            left = {each: chosen for each, chosen in left.items() if each not in other} | _options(other)
    raise Unavailable("Too many changes at once. Try again in a moment.")


def _options(wanted: Iterable[Follow]) -> dict[Follow, FollowOptions]:
    """Read the options of those requests that exist: keys `request#`, consistent; 1 RRU each."""
    asked = batch.Read(consistent=True)
    asked.ask(EdgeItem, {each.request_key for each in wanted})
    return {
        Follow(item["u"]["S"], parse_edge(item["e"]["S"])[1]): options.of(item) for item in asked.run().raw(EdgeItem)
    }


def _admission(
    wanted: Mapping[Follow, FollowOptions], stored: Mapping[Follow, Found], now: int, *, if_open: bool
) -> Writes:
    writes = Writes()
    for user_id in {each.followed_id for each in wanted} if if_open else ():
        writes.check(UserItem, user_id, condition=users.open_to_all(), otherwise=_NotOpen)
    for each, chosen in wanted.items():
        writes.delete(_item(each), options.unchanged(chosen), otherwise=_OtherRequest(each))
        follows.add(writes, each, chosen.of_follow(now), stored.get(each), otherwise=_OtherState(each))
    return writes


def made_by(user_id: str, limit: int) -> list[Follow]:
    """Read at most `limit` of the requests that a user has made: key `request#`, consistent; 1 RRU per 136 edges."""
    own = EdgeItem.query(user_id, EdgeItem.edge.startswith(_PREFIX), limit=limit, consistent_read=True)
    return [Follow(user_id, parse_edge(item.edge)[1]) for item in own]


def number_to(user_id: str) -> int:
    """Count the requests to an account, at most `MOST_COUNTED`.

    Index key `request#user`, eventually consistent; 0.5 RRU per 8 KB of keys.
    """
    key = edge(EdgeKind.REQUEST, user_id)
    found = EdgeItem.connection().query(key, index_name=EdgeIndex.Meta.index_name, select="COUNT", limit=MOST_COUNTED)
    return int(found["Count"])


def requesters(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of users who have requested to follow a user, as `relationships.followers`; 0.5 RRU per page."""
    return relationships.by_edge(edge(EdgeKind.REQUEST, user_id), part)


def unlock(user_id: str, number: int) -> bool:
    """Let everybody follow a user, and put the mark that the requests are to be accepted: one transaction; 4 WRU.

    Keys: `id`, locked; `unlock#<number>`.

    Args:
        user_id: the user's id.
        number: the first round's number, which no earlier mark of the user has.

    Returns:
        Whether the user was locked.
    """
    writes = Writes()
    writes.update(UserItem(user_id), [UserItem.locked.remove()], users.locked(), otherwise=_NotLocked)
    writes.save(rounds.mark(EdgeKind.UNLOCK, user_id, number))
    try:
        writes.commit()
    except _NotLocked:
        return False
    return True


def _item(wanted: Follow) -> EdgeItem:
    return EdgeItem(*wanted.request_key)
