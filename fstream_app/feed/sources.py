"""The sources of a home timeline: the reader's own messages, the tail, the heads, and the authors' partitions.

They cover the followed authors' messages without gap or overlap. The tail has what is above its horizon; the heads have
what is below, each down to its oldest entry if it is full; the author's partition of the messages table has the rest.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from fstream_app.core import packing, settings
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, highest_at
from fstream_app.core.packing import Entry
from fstream_app.core.parallel import gather
from fstream_app.feed.tail import Tail
from fstream_app.messages.sources import Candidate, Pages, Source
from fstream_app.repository import heads, messages


class Entries:
    """One author's packed entries, as the tail or a head has them: complete, decoded one at a time when looked at.

    A reader follows hundreds of authors, few of whom are on the newest page.
    """

    def __init__(self, author_id: str, packed: bytes, window: Window, now: int) -> None:
        self.taken = 0
        self.expired = 0
        """How many entries were passed over because they had expired."""
        self.position = window.after if window.oldest_first else highest_at(packing.newest(packed))
        self.is_complete = True
        self._live = self._decode(author_id, packed, window, now)
        self._next: MessageId | None = None

    def peek(self) -> MessageId | None:
        """Return the next live entry's id."""
        if self._next is None:
            self._next = next(self._live, None)
        return self._next

    def take(self) -> MessageId:
        """Take that id."""
        message_id, self._next = self.peek(), None
        if message_id is None:
            raise LookupError("no entry is left")
        self.taken += 1
        return message_id

    def advance(self) -> Sequence[Source[Candidate]]:
        """Return nothing: what there is, is known."""
        return ()

    def _decode(self, author_id: str, packed: bytes, window: Window, now: int) -> Iterator[MessageId]:
        entries: Iterator[Entry]
        if window.oldest_first:
            entries = packing.ascending(author_id, packed, window.after.time)
        else:
            entries = packing.descending(author_id, packed, window.before.time)
        for entry in entries:
            if window.after < entry.id < window.before:
                if entry.is_live(now):
                    yield entry.id
                else:
                    self.expired += 1
            elif entry.id >= window.before if window.oldest_first else entry.id <= window.after:
                return


class Heads:
    """What the followed authors wrote below the tail's horizon; nothing is read until the page gets there.

    Args:
        followed: the authors' ids.
        window: the part of the timeline below the tail's horizon.
        tail: which reaches further down once somebody had to read below it.
        now: milliseconds.
    """

    def __init__(self, followed: Collection[str], window: Window, tail: Tail, now: int) -> None:
        self.taken = 0
        self.position = window.start
        self.is_complete = not followed or window.bounds() is None
        self.opened: list[Entries | Pages[Candidate]] = []
        """The sources that were opened when the heads were read."""
        self._followed = followed
        self._window = window
        self._tail = tail
        self._oldest = now - 1000 * settings.get().max_lifetime
        self._now = now

    def peek(self) -> Candidate | None:
        """Return nothing: the heads are not read yet."""
        return None

    def take(self) -> Candidate:
        """Raise an error: there is nothing to take until the heads are read."""
        raise LookupError("the heads are not read yet")

    def advance(self) -> Sequence[Source[Candidate]]:
        """Read all heads, and let the tail reach further down at the same time; 0.5 RRU an author.

        Returns:
            Each author's head and, where the head is full, the author's partition below it.
        """
        found, _ = gather(partial(heads.get_many, self._followed), partial(self._tail.extend, self._oldest))
        for author_id, packed in found.items():
            self.opened.append(Entries(author_id, packed, self._window, self._now))
            if packing.count(packed) == packing.HEAD_CAPACITY:
                oldest = next(packing.ascending(author_id, packed)).id
                below = self._window.narrowed(before=oldest)
                if below.bounds() is not None:
                    self.opened.append(partition(author_id, below, self._now, consistent=False))
        return self.opened


def partition(author_id: str, window: Window, now: int, *, consistent: bool) -> Pages[Candidate]:
    """Return one author's part of the messages table as a source; 1 RRU per 4 KB, half if not consistent."""
    return Pages(messages.pages_of_author(author_id, window, now, consistent=consistent), window)
