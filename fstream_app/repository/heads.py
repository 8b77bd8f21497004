"""The heads table: each author's newest live messages, packed into one small item."""

from collections.abc import Collection
from typing import Any

from pynamodb.constants import ALL_OLD
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


def put(author_id: str, packed: bytes, expires_at: int) -> bytes:
    """Put a head, which expires (s) with the last of its messages: key `author_id`; 1 WRU. Return the former one."""
    attributes = HeadItem(author_id, entries=packed, expires_at=expires_at).serialize()
    return _former(HeadItem.connection().put_item(author_id, attributes=attributes, return_values=ALL_OLD))


def delete(author_id: str) -> bytes:
    """Delete a head: key `author_id`; 1 WRU. Idempotent. Return the former one, or nothing."""
    return _former(HeadItem.connection().delete_item(author_id, return_values=ALL_OLD))


def _former(answer: dict[str, Any]) -> bytes:
    stored = answer.get("Attributes")
    return HeadItem.from_raw_data(stored).entries if stored else b""
