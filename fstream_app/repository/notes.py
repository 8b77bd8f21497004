"""Private notes about others: edges `note#<other>` in a partition of their own, so that no page reads them."""

from collections.abc import Collection, Iterator

from fstream_app.core import partitions
from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.repository import batch
from fstream_app.tables import EdgeIndex, EdgeItem


def put(user_id: str, other_id: str, text: str) -> None:
    """Put a note: key `<user>~notes`, `note#other`; 1 WRU per KB, 1 in the index. Replaces an older one."""
    EdgeItem(*_key(user_id, other_id), text=text).save()


def delete(user_id: str, other_id: str) -> None:
    """Delete a note: key `<user>~notes`, `note#other`; 1 WRU per KB, 1 in the index. Idempotent."""
    EdgeItem(*_key(user_id, other_id)).delete()


def about(user_id: str, other_ids: Collection[str]) -> dict[str, str]:
    """Read a user's notes about others: keys `<user>~notes`, `note#other`, consistent; 1 RRU each, per 4 KB."""
    found = batch.get(EdgeItem, {_key(user_id, other_id) for other_id in other_ids}, consistent=True)
    return {parse_edge(item.edge)[1]: item.text or "" for item in found}


def all_of(user_id: str, part: Part) -> Iterator[tuple[str, str]]:
    """Read the notes of a user above an id, lazily: the other users' ids and the texts.

    Key `<user>~notes`, `note#` above an id, consistent; 1 RRU per 4 KB.
    """
    above = EdgeItem.edge > edge(EdgeKind.NOTE, part.after) if part.after else None
    found = EdgeItem.query(partitions.notes(user_id), above, limit=part.limit, consistent_read=True)
    return ((parse_edge(item.edge)[1], item.text or "") for item in found)


def subjects(user_id: str, limit: int) -> list[str]:
    """Read the ids of at most `limit` users about whom a user has notes, as `all_of`."""
    found = EdgeItem.query(partitions.notes(user_id), limit=limit, consistent_read=True)
    return [parse_edge(item.edge)[1] for item in found]


def writers(other_id: str, part: Part) -> list[str]:
    """Read the partitions with a note about a user, in the order of their keys.

    Index key `note#other`, `user_id` above or below one, eventually consistent; 0.5 RRU per page.
    """
    wanted = edge(EdgeKind.NOTE, other_id)
    found = EdgeItem.by_edge.query(wanted, batch.beyond(EdgeIndex.user_id, part), limit=part.limit)
    return [item.user_id for item in found]


def _key(user_id: str, other_id: str) -> tuple[str, str]:
    return partitions.notes(user_id), edge(EdgeKind.NOTE, other_id)
