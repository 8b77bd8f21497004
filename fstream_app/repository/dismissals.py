"""Suggestions that users have dismissed: items `dismissed#<suggested user>` in the partition `<user>~dismissed`."""

from collections.abc import Iterable, Iterator

from fstream_app.core import partitions
from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.core.parallel import gather_all
from fstream_app.repository import relationships, users, wire
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeItem, UserItem, has_expired

MOST = 500
"""Limit of a user's dismissed suggestions that are read."""


class Absent(Exception):
    """One of the two users is leaving, suspended or gone."""


def put(user_id: str, other_id: str, expires_at: int) -> None:
    """Put a dismissal, which lasts until a time (s): keys as above; 6 WRU, 1 in the index. Replaces an older one.

    One transaction with a check of both users, so that nothing names a user who is leaving.

    Raises:
        Absent: one of the two users is leaving, suspended or gone.
    """
    writes = Writes()
    for each in (user_id, other_id):
        writes.check(UserItem, each, condition=users.present(), otherwise=Absent)
    writes.save(_item(user_id, other_id, expires_at))
    writes.commit()


def of(user_id: str, now: int) -> set[str]:
    """Read the ids of users whose suggestion a user has dismissed, at most 500; 1 RRU per 4 KB, some 60 of them."""
    found = wire.query(EdgeItem, partitions.dismissed(user_id), limit=MOST, consistent_read=True)
    return {
        parse_edge(item["e"]["S"])[1]
        for item, _ in zip(found, range(MOST), strict=False)
        if not has_expired(int(wire.value(item, "expires_at")), now)
    }


def all_of(user_id: str, limit: int) -> list[str]:
    """Read at most `limit` of a user's dismissals, expired or not, as `of`; return the other users' ids."""
    found = EdgeItem.query(partitions.dismissed(user_id), limit=limit, consistent_read=True)
    return [parse_edge(item.edge)[1] for item in found]


def by(user_id: str, part: Part) -> Iterator[str]:
    """Read the partitions of users who have dismissed a user, as `relationships.by_edge`."""
    return relationships.by_edge(edge(EdgeKind.DISMISSAL, user_id), part)


def delete_all(dismissals: Iterable[tuple[str, str]]) -> None:
    """Delete dismissals, each given by the user and the other user; 1 WRU each, 1 in the index. Idempotent."""
    gather_all([_item(*each).delete for each in dismissals])


def _item(user_id: str, other_id: str, expires_at: int | None = None) -> EdgeItem:
    return EdgeItem(partitions.dismissed(user_id), edge(EdgeKind.DISMISSAL, other_id), expires_at=expires_at)
