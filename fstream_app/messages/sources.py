"""Sources of candidates, and how several are merged into one order.

A candidate is something that may be on a page: the id of a message, a message, a notification. A source knows some of
its candidates and has to read the rest. Only `advance` reads; taking candidates from a source or from a merge of
sources never does, so whoever asks for a page sees each round trip that it costs.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

from fstream_app.core.entities import Message, Notification, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all

Candidate = MessageId | Message
"""What may be on a page of messages: an id to be hydrated, or the message itself."""

T = TypeVar("T", bound=MessageId | Message | Notification)
T_co = TypeVar("T_co", bound=MessageId | Message | Notification, covariant=True)


def id_of(candidate: MessageId | Message | Notification) -> MessageId:
    """Return the id of a candidate."""
    return candidate if isinstance(candidate, MessageId) else candidate.id


class Source(Protocol[T_co]):
    """Candidates in reading order: those that are known, then those that must still be read."""

    taken: int
    """How many candidates were taken from it."""

    @property
    def position(self) -> MessageId:
        """A bound: no candidate that is left in the source comes before this id in reading order."""

    @property
    def is_complete(self) -> bool:
        """Whether all that is left is known, so that nothing must be read."""

    def peek(self) -> T_co | None:
        """Return the next candidate that is known, without taking it."""

    def take(self) -> T_co:
        """Take the candidate that `peek` returns."""

    def advance(self) -> "Sequence[Source[T_co]]":
        """Read on, in one round trip; return the sources that take this one's place, which may be itself."""


class Pages(Generic[T]):
    """A source that reads one page of a query with each `advance`.

    Args:
        pages: the pages, each one round trip, in the window's order.
        window: the part of the timeline that they cover.
    """

    def __init__(self, pages: Iterator[Sequence[T]], window: Window) -> None:
        self.taken = 0
        self.is_complete = False
        self._pages = pages
        self._known: deque[T] = deque()
        self._read_to = window.start
        self._before = window.before

    @property
    def position(self) -> MessageId:
        """The next candidate's id; where it must be read first, the last one's that was read."""
        return id_of(self._known[0]) if self._known else self._read_to

    def peek(self) -> T | None:
        """Return the next candidate of the pages that were read."""
        return self._known[0] if self._known else None

    def take(self) -> T:
        """Take that candidate."""
        self.taken += 1
        return self._known.popleft()

    def advance(self) -> "Sequence[Source[T]]":
        """Read the next page; what it costs depends on the query."""
        page = next(self._pages, None)
        if page is None:
            self.is_complete = True
        elif page:
            self._read_to = id_of(page[-1])
            self._known += [candidate for candidate in page if id_of(candidate) < self._before]
        return (self,)

    def narrow(self, before: MessageId) -> None:
        """Leave out what is not below this id, also of what was read already."""
        self._before = before
        self._known = deque(candidate for candidate in self._known if id_of(candidate) < before)


class _State(IntEnum):
    """What happens next to a source in a merge; at the same position the lower number comes first."""

    OPEN = 0
    """Its first candidate is looked at."""
    SUPPLY = 1
    """Its next candidate is taken."""
    READ = 2
    """It must read on before any source can supply what is beyond its position."""


class Merge(Generic[T]):
    """Sources merged into one order, without duplicates. It reads nothing unless it is told to `advance`.

    Args:
        sources: where the candidates come from.
        window: gives the order.
        admits: decides from the numbers (in `sources`) of all that have a candidate whether it is taken at all.
    """

    def __init__(
        self,
        sources: Sequence[Source[T]],
        window: Window,
        admits: Callable[[Sequence[int]], bool] = bool,
    ) -> None:
        self._sources = list(sources)
        self._admits = admits
        # Places are sorted by position. The next one is the last where the newest come first, else the first.
        self._next, sign = (0, 1) if window.oldest_first else (-1, -1)
        self._open, self._supply, self._read = (sign * state for state in _State)
        self._places = sorted((source.position, self._open, number) for number, source in enumerate(sources))
        """Where each source that is not exhausted goes on: position, state, and the source's number."""

    def take(self, count: int) -> list[T]:
        """Take at most this many candidates; fewer where a source must read first, or where all are exhausted."""
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

    def advance(self) -> bool:
        """Let the sources that hold the merge up read on, at the same time; return False if nothing is left to read."""
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
