"""Hashtags that a user follows, and those that a user's profile features.

A follow is an edge `tag#name` in the user's partition, which the read of relations includes. Featured hashtags are a
list in the user's item.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fstream_app.core import ids, tagging
from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.entities import User
from fstream_app.repository import conditional, users, wire
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeItem, UserItem

_PREFIX = edge(EdgeKind.TAG, "")
_HASH_BITS = 32
ID_LENGTH = 16
"""Characters of a follow's id."""
_ITEM = 32
"""Bytes of an edge without the hashtag's name: its attributes' names, its other values, and 2 to spare."""


class Gone(Exception):
    """The user is leaving, suspended or gone."""


class _Known(Exception):
    """The user follows the hashtag already."""


class FollowedTag(NamedTuple):
    """A hashtag that a user follows."""

    name: str
    """Normalised."""
    since: int
    """Time (ms) from which the user has followed it."""

    @property
    def id(self) -> str:
        """The follow's own id: its time, and the hashtag's hash. Ids sort by time."""
        return ids.encode(self.since << _HASH_BITS | tagging.hash_of(self.name), ID_LENGTH)

    @property
    def size(self) -> int:
        """The size of its edge in bytes."""
        return _ITEM + len(self.name.encode())


def follow(user_id: str, name: str, now: int) -> bool:
    """Put the edge of a hashtag unless it exists: key `user_id`, `tag#name`; 4 WRU, 1 in the index.

    One transaction with a check of the user, so that nothing is left of a user who is leaving.

    Returns:
        Whether the user did not follow it.

    Raises:
        Gone: the user is leaving, suspended or gone.
    """
    writes = Writes()
    writes.check(UserItem, user_id, condition=users.present(), otherwise=Gone)
    item = EdgeItem(user_id, edge(EdgeKind.TAG, name), since=now)
    writes.save(item, EdgeItem.edge.does_not_exist(), otherwise=_Known)
    try:
        writes.commit()
    except _Known:
        return False
    return True


def unfollow(user_id: str, name: str) -> bool:
    """Delete the edge of a hashtag; 1 WRU, 1 in the index. Idempotent. Return whether it existed."""
    return conditional.delete(EdgeItem(user_id, edge(EdgeKind.TAG, name)), EdgeItem.edge.exists())


def followed(user_id: str) -> list[FollowedTag]:
    """Read the hashtags that a user follows, newest follow first: key `user_id`, `tag#`, consistent; 1 RRU per 4 KB."""
    found = wire.query(EdgeItem, user_id, range_key_condition=EdgeItem.edge.startswith(_PREFIX), consistent_read=True)
    tags = [FollowedTag(parse_edge(item["e"]["S"])[1], int(wire.value(item, "t") or 0)) for item in found]
    return sorted(tags, key=lambda tag: tag.id, reverse=True)


def feature(user: User, names: Sequence[str]) -> bool:
    """Replace the hashtags that a user's profile features: key `id`, present, with the list that was read; 1 WRU.

    Returns:
        Whether they were replaced.
    """
    featured = UserItem.featured
    same = (featured == list(user.featured)) if user.featured else featured.does_not_exist()
    action = featured.set(list(names)) if names else featured.remove()
    return conditional.update(UserItem(user.id), [action], users.present() & same)
