"""The sources of a home timeline: the reader's own messages, the tail, the heads, and the authors' partitions.

Together, the last three cover the followed authors' messages without gap or overlap. The tail has the messages from its
horizon on. Below it, each author's head has the newest; if the head is full, the author's partition of the messages
table has those below the head's oldest entry. The sources of hashtags are in `fstream_app.feed.followed_tags`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from fstream_app.core import packing, settings
from fstream_app.core.entities import Message, Window
from fstream_app.core.ids import MessageId, highest_at
from fstream_app.core.packing import Entry
from fstream_app.core.parallel import gather
from fstream_app.feed.rosters import View
from fstream_app.feed.tail import Tail
from fstream_app.messages.sources import Candidate, Pages, Source
from fstream_app.messages.visibility import earliest_live, settled_before
from fstream_app.repository import heads, messages

Part = Callable[[str, bytes], bytes]
"""Returns the part of an author's packed entries that a timeline wants."""


def everything(_: str, packed: bytes) -> bytes:
    """Return all entries."""
    return packed


class Entries:
    """One author's packed entries, from the tail or a head. Nothing is left to read.

    Entries are decoded one at a time, on demand: of the hundreds of authors that a reader follows, few are on a page.
    """

    def __init__(self, author_id: str, packed: bytes, window: Window, now: int) -> None:
        self.taken = 0
        self.position = window.after if window.oldest_first else highest_at(packing.newest(packed))
        self.is_complete = True
        self._live = self._decode(author_id, packed, window, now)
        self._next: MessageId | None = None

    def peek(self) -> MessageId | None:
        """Return the id of the next live entry."""
        if self._next is None:
            self._next = next(self._live, None)
        return self._next

    def take(self) -> MessageId:
        """Take the id that `peek` returns."""
        message_id, self._next = self.peek(), None
        if message_id is None:
            raise LookupError("no entry is left")
        self.taken += 1
        return message_id

    def advance(self) -> Sequence[Source[Candidate]]:
        """Return no sources: nothing is left to read."""
        return ()

    def _decode(self, author_id: str, packed: bytes, window: Window, now: int) -> Iterator[MessageId]:
        for entry in self._unpack(author_id, packed, window):
            if window.after < entry.id < window.before:
                if entry.is_live(now):
                    yield entry.id
            elif entry.id >= window.before if window.oldest_first else entry.id <= window.after:
                return

    def _unpack(self, author_id: str, packed: bytes, window: Window) -> Iterator[Entry]:
        if window.oldest_first:
            return packing.ascending(author_id, packed, window.after.time)
        return packing.descending(author_id, packed, window.before.time)


class Heads:
    """The followed authors' messages below the tail's horizon. Nothing is read until the page gets there.

    Args:
        followed: the authors' ids.
        window: the part of the timeline below the tail's horizon.
        rosters: who posted in it, as far as the tail knows.
        tail: the tail, which is extended when it does not know who posted, so that later pages open fewer heads.
        now: milliseconds.
        part: the part of each head that is wanted.
    """

    def __init__(
        self,
        followed: Collection[str],
        window: Window,
        rosters: View,
        tail: Tail,
        now: int,
        part: Part = everything,
    ) -> None:
        self.taken = 0
        self.position = window.start
        self.is_complete = not followed or window.bounds() is None
        self.opened: list[Source[Candidate]] = []
        """The sources that `advance` opened."""
        self._stages = rosters.stages(followed, window, now)
        self._window = window
        self._tail = tail
        self._oldest = earliest_live(now)
        self._now = now
        self._part = part

    def peek(self) -> Candidate | None:
        """Return None: no candidate is known before the heads are read."""
        return None

    def take(self) -> Candidate:
        """Raise an error: no candidate can be taken before the heads are read."""
        raise LookupError("the heads are not read yet")

    def advance(self) -> Sequence[Source[Candidate]]:
        """Read the heads of the next stage; 0.5 RRU per author.

        If rosters do not say who posted, read all that are left and, in parallel, extend the tail, as `Tail.extend`.

        Returns:
            Each author's head and, where the head is full, the author's partition below it; and this source, if another
            stage follows.
        """
        stage = next(self._stages)
        read = partial(heads.get_many, stage.authors)
        found = read() if stage.is_known else gather(read, partial(self._tail.extend, self._oldest))[0]
        # What a stage before this one has passed over is not shown any more: it would be out of order.
        window = self._rest()
        opened: list[Source[Candidate]] = []
        for author_id, packed in found.items():
            opened.append(Entries(author_id, self._part(author_id, packed), window, self._now))
            if packing.count(packed) == packing.HEAD_CAPACITY:
                oldest = next(packing.ascending(author_id, packed)).id
                below = window.narrowed(before=oldest)
                if below.bounds() is not None:
                    opened.append(partition(author_id, below, self._now, self._part))
        self.opened += opened
        if stage.ends_at is None:
            self.is_complete = True
            return opened
        self.position = stage.ends_at
        return [*opened, self]

    def _rest(self) -> Window:
        """Return the window from the position on."""
        if self.position == self._window.start:
            return self._window
        if self._window.oldest_first:
            return self._window.narrowed(after=self.position.previous())
        return self._window.narrowed(before=self.position)


def own(reader_id: str, window: Window, tail: Tail, now: int) -> Pages[Candidate]:
    """Return the reader's own partition of the messages table as a source, read consistently; 1 RRU per 4 KB.

    A poll seldom finds a message in it, and no message that has not settled. So it reads the partition eventually
    consistently (0.5 RRU), and takes only ids from it, which are hydrated like all others. The same goes for older
    pages of readers of whom the tail knows no message.
    """
    is_older = window.before <= settled_before(now) and not tail.activity(reader_id, now).messages
    if not (window.is_poll or is_older):
        return Pages(messages.pages_of_author(reader_id, window, now), window)
    pages = messages.pages_of_author(reader_id, window, now, consistent=False)
    return Pages[Candidate](([message.id for message in page] for page in pages), window)


def partition(author_id: str, window: Window, now: int, part: Part) -> Source[Candidate]:
    """Return the wanted part of another author's partition as a source, read consistently; 1 RRU per 4 KB.

    Its candidates are messages, which hydration does not read again. With the setting `strict_pages` off, they are read
    eventually consistently, for half.
    """
    strict = settings.get().strict_pages
    if part is everything:
        return Pages(messages.pages_of_author(author_id, window, now, consistent=strict), window)
    pages = messages.pages_of_author(author_id, window, now, consistent=strict, grows=True)
    return Pages[Message](pages, window, lambda each: part(author_id, packing.pack_head([each.entry])))
