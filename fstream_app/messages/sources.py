"""Sources of candidates, and how several sources are merged into one order.

A candidate is something that may be on a page: the id of a message, a message, or a notification. A source knows some
of its candidates and has to read the others. Only `advance` reads; taking candidates never does. So every read of
candidates is in plain sight: it is a call of `advance`.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

from fstream_app.core.entities import Message, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Notification
from fstream_app.core.parallel import gather_all

Candidate = MessageId | Message
"""A candidate of a page of messages: an id to be hydrated, or the message itself."""

T = TypeVar("T", bound=MessageId | Message | Notification)
T_co = TypeVar("T_co", bound=MessageId | Message | Notification, covariant=True)


def id_of(candidate: MessageId | Message | Notification) -> MessageId:
    """Return the id of a candidate."""
    return candidate if isinstance(candidate, MessageId) else candidate.id


class Source(Protocol[T_co]):
    """Candidates in reading order: first those that are known, then those that must still be read.

    Reading order is descending by id, or ascending if the window is read oldest first.
    """

    taken: int
    """Number of candidates taken so far."""

    @property
    def position(self) -> MessageId:
        """A bound: no remaining candidate comes before this id in reading order."""

    @property
    def is_complete(self) -> bool:
        """Whether all remaining candidates are known, so that nothing is left to read."""

    def peek(self) -> T_co | None:
        """Return the next candidate without taking it; None if no candidate is known."""

    def take(self) -> T_co:
        """Take the candidate that `peek` returns."""

    def advance(self) -> "Sequence[Source[T_co]]":
        """Read on, in one round trip; return the sources that replace this one, which may include itself."""


class Candidates(Protocol[T]):
    """Candidates in the order of a page, which are taken until it is full."""

    @property
    def position(self) -> MessageId | None:
        """A bound in reading order, if the candidates are in the order of ids."""

    def take(self, count: int) -> list[T]:
        """Take at most `count` candidates."""

    def advance(self) -> bool:
        """Read on, because `take` returned nothing; return whether there is anything to read."""


class InOrder(Generic[T]):
    """Candidates that are all known, in any order."""

    position = None

    def __init__(self, candidates: Sequence[T]) -> None:
        self._left = deque(candidates)

    def take(self, count: int) -> list[T]:
        """Take at most `count` candidates."""
        return [self._left.popleft() for _ in range(min(count, len(self._left)))]

    def advance(self) -> bool:
        """Return False: nothing is left to read."""
        return False


class Pages(Generic[T]):
    """A source that reads one page of a query with each `advance`.

    Args:
        pages: yields the pages in the window's order, reading each in one round trip.
        window: the part of the timeline that the pages cover.
        wanted: selects candidates. Those that are left out move the source's position all the same.
    """

    def __init__(
        self, pages: Iterator[Sequence[T]], window: Window, wanted: Callable[[T], object] = lambda _: True
    ) -> None:
        self.taken = 0
        self.is_complete = False
        self._pages = pages
        self._wanted = wanted
        self._known: deque[T] = deque()
        self._read_to = window.start
        self._ascends = window.oldest_first
        self._before = window.before

    @property
    def position(self) -> MessageId:
        """The id of the next known candidate; if none is known, the id down (or up) to which pages were read."""
        return id_of(self._known[0]) if self._known else self._read_to

    def peek(self) -> T | None:
        """Return the next candidate of the pages read so far."""
        return self._known[0] if self._known else None

    def take(self) -> T:
        """Take the candidate that `peek` returns."""
        self.taken += 1
        return self._known.popleft()

    def advance(self) -> "Sequence[Source[T]]":
        """Read the next page, at the cost of its query; return this source."""
        page = next(self._pages, None)
        if page is None:
            self.is_complete = True
        elif page:
            self._read_to = id_of(page[-1])
            self._known += [each for each in page if id_of(each) < self._before and self._wanted(each)]
        return (self,)

    def has(self, message_id: MessageId) -> bool | None:
        """Return whether a candidate is on the pages read so far; None if they do not reach its place."""
        if any(id_of(candidate) == message_id for candidate in self._known):
            return True
        reaches = self._read_to >= message_id if self._ascends else self._read_to <= message_id
        return False if reaches or self.is_complete else None

    def narrow(self, before: MessageId) -> None:
        """Drop the candidates that are not below this id, whether they were read already or will be."""
        self._before = before
        self._known = deque(candidate for candidate in self._known if id_of(candidate) < before)


class _State(IntEnum):
    """The next step of a merge with a source. At the same position, lower states come first in reading order."""

    OPEN = 0
    """Look at its first candidate: until then only the source's position, a bound, is known."""
    SUPPLY = 1
    """Take its next candidate, which is at the position."""
    READ = 2
    """Let it read on: until then no source can supply a candidate beyond the position."""


class Merge(Generic[T]):
    """Sources merged into one order, without duplicates. Only `advance` reads.

    Args:
        sources: the sources of candidates.
        window: the part of the timeline, which says in which order it is read.
        admits: given the numbers (in `sources`) of all sources that have a candidate, whether the candidate is wanted.
    """

    def __init__(
        self,
        sources: Sequence[Source[T]],
        window: Window,
        admits: Callable[[Sequence[int]], bool] = bool,
    ) -> None:
        self._sources = list(sources)
        self._admits = admits
        # Places ascend, so the next one is the last when the newest come first, and the first otherwise. The sign of
        # the states makes them follow reading order in both cases.
        self._next, sign = (0, 1) if window.oldest_first else (-1, -1)
        self._open, self._supply, self._read = (sign * state for state in _State)
        self._places = sorted((source.position, self._open, number) for number, source in enumerate(sources))
        """One place for each source that is not exhausted: position, state, and the source's number."""

    def take(self, count: int) -> list[T]:
        """Take at most `count` candidates; fewer if a source must read on first, or if all are exhausted."""
        taken: list[T] = []
        while len(taken) < count and self._places and self._places[self._next][1] != self._read:
            position, state, number = self._places.pop(self._next)
            having = [number]
            if state == self._supply:
                while self._places and self._places[self._next][:2] == (position, state):
                    having.append(self._places.pop(self._next)[2])
                found = [self._sources[each].take() for each in having]
                if self._admits(having):
                    taken.append(found[0])
            for each in having:
                self._put(each)
        return taken

    @property
    def position(self) -> MessageId | None:
        """A bound: no remaining candidate comes before this id in reading order; None if all are exhausted."""
        return self._places[self._next][0] if self._places else None

    def advance(self) -> bool:
        """Let the sources that hold the merge up read on, in parallel; return whether there were any."""
        held_up: list[int] = []
        if self._places:
            position = self._places[self._next][0]
            while self._places and self._places[self._next][:2] == (position, self._read):
                held_up.append(self._places.pop(self._next)[2])
        read_on = gather_all([self._sources[number].advance for number in held_up])
        for number, replacements in zip(held_up, read_on, strict=True):
            for source in replacements:
                self._put(number if source is self._sources[number] else self._add(source))
        return bool(held_up)

    def _add(self, source: Source[T]) -> int:
        self._sources.append(source)
        return len(self._sources) - 1

    def _put(self, number: int) -> None:
        source = self._sources[number]
        candidate = source.peek()
        if candidate is not None:
            insort(self._places, (id_of(candidate), self._supply, number))
        elif not source.is_complete:
            insort(self._places, (source.position, self._read, number))
