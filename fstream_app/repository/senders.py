"""Senders whose notifications a user accepts, whatever the policy: items `sender#<id>` in `<user>~senders`."""

from collections.abc import Collection, Iterable, Iterator

from fstream_app.core import partitions
from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import Part
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, relationships, users
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeItem, UserItem


class Absent(Exception):
    """One of the two users is leaving, suspended or gone."""


def put(user_id: str, sender_id: str) -> None:
    """Accept a sender: keys as above; 6 WRU, 1 in the index. Idempotent.

    One transaction with a check of both users, so that nothing names a user who is leaving.

    Raises:
        Absent: one of the two users is leaving, suspended or gone.
    """
    writes = Writes()
    for each in (user_id, sender_id):
        writes.check(UserItem, each, condition=users.present(), otherwise=Absent)
    writes.save(_item(user_id, sender_id))
    writes.commit()


def among(user_id: str, others: Collection[str]) -> set[str]:
    """Return which of these senders a user accepts: keys as above, consistent; 1 RRU each."""
    read = batch.Read(consistent=True)
    read.ask(EdgeItem, [(partitions.senders(user_id), edge(EdgeKind.SENDER, other)) for other in others])
    return {parse_edge(item["e"]["S"])[1] for item in read.run().raw(EdgeItem)}


def of(user_id: str, part: Part) -> Iterator[str]:
    """Read the ids of the senders whom a user accepts, lazily, as `relationships.others`; 1 RRU per page."""
    return relationships.others(partitions.senders(user_id), EdgeKind.SENDER, part, 0)


def all_of(user_id: str, limit: int) -> list[str]:
    """Read the ids of at most `limit` senders whom a user accepts; 1 RRU per 4 KB."""
    found = EdgeItem.query(partitions.senders(user_id), limit=limit, consistent_read=True)
    return [parse_edge(item.edge)[1] for item in found]


def by(user_id: str, part: Part) -> Iterator[str]:
    """Read the partitions of users who accept a sender, as `relationships.by_edge`."""
    return relationships.by_edge(edge(EdgeKind.SENDER, user_id), part)


def delete_all(accepted: Iterable[tuple[str, str]]) -> None:
    """Accept senders no longer, each given by the user and the sender; 1 WRU each, 1 in the index. Idempotent."""
    gather_all([_item(*each).delete for each in accepted])


def _item(user_id: str, sender_id: str) -> EdgeItem:
    return EdgeItem(partitions.senders(user_id), edge(EdgeKind.SENDER, sender_id))
