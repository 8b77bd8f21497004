"""Reads of edges whose cost others cannot raise: however many users block a reader or follow a user."""

from collections.abc import Collection
from functools import partial
from itertools import islice
from typing import NamedTuple

from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem

_ENDED = str(EdgeItem.ended.attr_name)
_AT_FIRST = 300
"""Edges that the first query reads. Few readers have more, and they take a second round trip."""
_BLOCKERS = 100
"""Edges `blocked_by#` that are read of a user who has that many blocks of their own."""
_FIRST_BLOCKER, _LAST_BLOCKER = edge(EdgeKind.BLOCKED_BY, ""), edge(EdgeKind.BLOCKED_BY, "~")
"""Bounds of the sort keys of edges `blocked_by#`."""


class Edges(NamedTuple):
    """A user's edges, and how far those of users who block them were read."""

    items: list[WireItem]
    blockers_read_to: str | None
    """The id up to which the edges `blocked_by#` were read; None if there are no more."""


def of_user(user_id: str) -> Edges:
    """Read a user's edges: all that the user made, and at most some 300 of those with which others block the user.

    Key `user_id`, consistent; 1 RRU per 136 edges. A partition is sorted by kind: `block#`, `blocked_by#`, and the
    others. If the first 300 edges are not all, a second round trip reads the rest of each kind, but goes past what is
    left of `blocked_by#`, the only kind that others can add to.
    """
    items, last = _query(user_id, None, None, _AT_FIRST)
    if last is None:
        return Edges(items, None)
    if last > _LAST_BLOCKER:
        return Edges(items + _query(user_id, last, None)[0], None)
    calls = [partial(_query, user_id, _LAST_BLOCKER, None)]
    if last < _FIRST_BLOCKER:
        calls.append(partial(_query, user_id, last, _FIRST_BLOCKER))
        calls.append(partial(_query, user_id, _FIRST_BLOCKER, _LAST_BLOCKER, _BLOCKERS))
    parts = gather_all(calls)
    read_to = parts[-1][1] if last < _FIRST_BLOCKER else last
    return Edges([*items, *(item for part, _ in parts for item in part)], parse_edge(read_to)[1] if read_to else None)


def _query(
    user_id: str, above: str | None, below: str | None, limit: int | None = None
) -> tuple[list[WireItem], str | None]:
    """Read the edges between two sort keys (exclusive); return the last one's key if the limit left some out."""
    condition = None
    if above is not None:
        condition = EdgeItem.edge > above if below is None else EdgeItem.edge.between(above, below)
    items: list[WireItem] = []
    for page in wire.pages(EdgeItem, user_id, range_key_condition=condition, limit=limit, consistent_read=True):
        items += page
        if limit is not None and len(items) >= limit:
            break
    own = [item for item in items if item["e"]["S"] != above]
    return own, own[-1]["e"]["S"] if limit is not None and len(items) >= limit else None


def blockers_among(user_id: str, others: Collection[str]) -> set[str]:
    """Return which of these users block a user: keys `user_id`, `blocked_by#other`, consistent; 1 RRU each."""
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, [(user_id, edge(EdgeKind.BLOCKED_BY, other)) for other in others])
    return {parse_edge(item["e"]["S"])[1] for item in read.run().raw(EdgeItem)}


def number_of(user_id: str, kind: EdgeKind, most: int) -> int:
    """Count a user's edges of a kind, at most `most`: key `kind#`, consistent; 1 RRU per 136 edges."""
    prefix, lasting = EdgeItem.edge.startswith(edge(kind, "")), EdgeItem.ended.does_not_exist()
    found = wire.query(EdgeItem, user_id, range_key_condition=prefix, filter_condition=lasting, consistent_read=True)
    return sum(1 for _ in islice(found, most))


def followers_among(user_id: str, others: Collection[str]) -> set[str]:
    """Return which of these users follow a user: keys `other`, `f#user`, consistent; 1 RRU each."""
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, [(other, edge(EdgeKind.FOLLOW, user_id)) for other in others])
    return {item["u"]["S"] for item in read.run().raw(EdgeItem) if _ENDED not in item}
