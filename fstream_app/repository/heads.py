"""The heads table: each author's newest live messages, packed into one small item."""

from collections.abc import Collection

from pynamodb.exceptions import DoesNotExist

from fstream_app.repository import batch
from fstream_app.tables import HeadItem


def get(author_id: str) -> bytes:
    """Read a head, packed: key `author_id`, eventually consistent; 0.5 RRU. Empty if the author has no head."""
    try:
        return HeadItem.get(author_id).entries
    except DoesNotExist:
        return b""


def get_many(author_ids: Collection[str]) -> dict[str, bytes]:
    """Read heads, packed: keys `author_id`, eventually consistent; 0.5 RRU each."""
    return {item.author_id: item.entries for item in batch.get(HeadItem, author_ids)}


def put(author_id: str, packed: bytes, expires_at: int) -> None:
    """Put a head, which expires (s) with the last of its messages: key `author_id`; 1 WRU."""
    HeadItem(author_id, entries=packed, expires_at=expires_at).save()


def delete(author_id: str) -> None:
    """Delete a head: key `author_id`; 1 WRU. Idempotent."""
    HeadItem(author_id).delete()
