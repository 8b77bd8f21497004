"""Reads for many readers of one message: which of them follow its author, and what they have chosen."""

from collections import defaultdict
from collections.abc import Collection, Container, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.ids import ALPHABET
from fstream_app.core.parallel import gather_all
from fstream_app.core.relations import Relations
from fstream_app.repository import batch, relationships, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeIndex, EdgeItem

_ENDED = str(EdgeItem.ended.attr_name)
_OF_RANGE = 20_000
"""Followers beyond which another range of keys is read in parallel: less than a page of 1 MB has."""
_MOST_RANGES = 16
_END = "~"
"""Sorts after every id."""


class Found(NamedTuple):
    """The users who were found among those with an edge."""

    user_ids: set[str]
    is_cut: bool
    """Whether not all edges were read."""


def followers_among(user_id: str, wanted: Container[str], most: int, expected: int = 0) -> Found:
    """Return which of some users follow a user, as far as the index shows; the first `most` followers are read.

    Index key `f#user`, `user_id` in ranges read in parallel, eventually consistent; 0.0043 RRU per follower, and at
    least 0.5 per range. User ids are random, so the ranges are about equally long.

    Args:
        user_id: the user.
        wanted: the users to be found.
        most: limit of followers to read.
        expected: about how many followers the user has.
    """
    return _among(edge(EdgeKind.FOLLOW, user_id), wanted, most, expected)


def tag_followers_among(name: str, wanted: Container[str], most: int) -> Found:
    """Return which of some users follow a hashtag, as `followers_among`: index key `tag#name`."""
    return _among(edge(EdgeKind.TAG, name), wanted, most, 0)


def _among(key: str, wanted: Container[str], most: int, expected: int) -> Found:
    ranges = 1
    while ranges < _MOST_RANGES and min(expected, most) > ranges * _OF_RANGE:
        ranges *= 2
    step = len(ALPHABET) // ranges
    bounds = [*ALPHABET[::step], _END]
    parts = gather_all([partial(_in_range, key, *each, wanted, most // ranges) for each in pairwise(bounds)])
    return Found({each for part in parts for each in part.user_ids}, any(part.is_cut for part in parts))


def _in_range(key: str, low: str, high: str, wanted: Container[str], most: int) -> Found:
    found, read = set[str](), 0
    if most == 0:
        return Found(found, is_cut=True)
    pages = wire.pages(
        EdgeItem,
        key,
        index_name=EdgeIndex.Meta.index_name,
        range_key_condition=EdgeIndex.user_id.between(low, high),
        limit=most,
    )
    for page in pages:
        if read >= most:
            return Found(found, is_cut=True)
        read += len(page)
        found |= {user_id for item in page if (user_id := item["u"]["S"]) in wanted and _ENDED not in item}
    return Found(found, is_cut=False)


class Chosen:
    """Some edges of several users, read together at a time (ms)."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._items: defaultdict[str, list[WireItem]] = defaultdict(list)

    def read(self, wanted: Mapping[str, Collection[str]]) -> "Chosen":
        """Read more edges, by user: keys `user_id`, `edge`, consistent; 1 RRU each, 100 in a call."""
        read = batch.Read(consistent=True)
        read.ask(EdgeItem, [(user_id, each) for user_id, keys in wanted.items() for each in set(keys)])
        for item in read.run().raw(EdgeItem):
            self._items[item["u"]["S"]].append(item)
        return self

    def of(self, user_id: str) -> Relations:
        """Return a user's relations, as far as they were read."""
        return relationships.from_items(self._items[user_id], self._now, user_id)
