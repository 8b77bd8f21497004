"""What is in the queue: ids of what has happened, never text. A later version may add fields; unknown ones are skipped.

Each entry belongs to one batch of a stream function, or to one request.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import IntEnum
from typing import TypeVar

import msgspec

from fstream_app.core import queue
from fstream_app.core.packing import Entry, Visibility
from fstream_app.live.repeats import Done

_MOST_IDS = 1000
"""Limit of ids in an entry of the queue: some 60 KB, which SQS charges as one request."""

T = TypeVar("T")


class Reach(IntEnum):
    """Who hears that a message is gone: its author always does, and the people whom it names."""

    PEOPLE = 0
    FOLLOWERS = 1
    """Also the author's followers."""
    EVERYBODY = 2
    """Also those who listen to the public timeline or to hashtags."""

    @classmethod
    def of(cls, entry: Entry | None) -> "Reach":
        """Return who hears that a message is gone whose entry in a head is known, or unknown."""
        if entry is None or entry.visibility is Visibility.DIRECT:
            return cls.PEOPLE
        is_listed = entry.visibility is Visibility.PUBLIC and not entry.is_boost
        return cls.EVERYBODY if is_listed else cls.FOLLOWERS


class Removal(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A message that is gone."""

    id: str
    reach: int = Reach.PEOPLE
    people: tuple[str, ...] = ()
    """Ids of the people whom it mentions, as far as they are known."""


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """A stored notification."""

    user_id: str
    id: str


class Edit(msgspec.Struct, frozen=True, array_like=True):
    """A message that shows something else than before."""

    id: str
    time: int
    """When it was changed (ms)."""


class Filtering(msgspec.Struct, frozen=True, array_like=True):
    """A change of a user's filters."""

    user_id: str
    time: int
    """Milliseconds."""


class Opened(msgspec.Struct, frozen=True, array_like=True):
    """A socket that has subscribed to a stream of its user."""

    user_id: str
    id: str
    time: int
    """Milliseconds."""


class Entries(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry of the queue."""

    posted: tuple[str, ...] = ()
    edited: tuple[Edit, ...] = ()
    removed: tuple[Removal, ...] = ()
    notified: tuple[Notice, ...] = ()
    filtering: tuple[Filtering, ...] = ()
    opened: tuple[Opened, ...] = ()

    @property
    def count(self) -> int:
        """Number of events."""
        return sum(1 for _ in self.events())

    def events(self) -> Iterator[tuple[str, object]]:
        """Yield the events, each with the name of its field."""
        for name in self.__struct_fields__:
            yield from ((name, each) for each in getattr(self, name))

    def without(self, done: Done) -> "Entries":
        """Return the events that were not done."""
        left = {
            name: tuple(each for each in getattr(self, name) if not done.has((name, each)))
            for name in self.__struct_fields__
        }
        return msgspec.structs.replace(self, **left)

    def encoded(self) -> Iterator[str]:
        """Yield the texts of entries of the queue, each within its limits."""
        if self.count <= _MOST_IDS:
            text = msgspec.json.encode(self).decode()
            if self.count <= 1 or len(text) <= queue.MOST_BYTES:
                yield text
                return
        for half in self._halves():
            yield from half.encoded()

    def _halves(self) -> "tuple[Entries, Entries]":
        halves = {name: _halves(getattr(self, name)) for name in self.__struct_fields__}
        first, second = ({name: both[part] for name, both in halves.items()} for part in (0, 1))
        return msgspec.structs.replace(self, **first), msgspec.structs.replace(self, **second)

    @classmethod
    def decoded(cls, text: str) -> "Entries":
        """Read an entry of the queue.

        Raises:
            DecodeError: it is none.
        """
        return msgspec.json.decode(text, type=cls)


def _halves(items: Sequence[T]) -> tuple[tuple[T, ...], tuple[T, ...]]:
    middle = -(-len(items) // 2)
    return tuple(items[:middle]), tuple(items[middle:])


def texts(ids: Collection[object]) -> tuple[str, ...]:
    """Return ids as texts, in order."""
    return tuple(sorted(map(str, ids)))
