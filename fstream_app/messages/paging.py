"""Paging of messages and notifications: candidates are considered, chunk by chunk, until the page is full."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Generic, TypeVar

import msgspec

from fstream_app.core.entities import PAGE, Message, Page, Reactions, User, Window
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.messages import answers
from fstream_app.messages.hydration import joined
from fstream_app.messages.sources import Candidate, Candidates, Merge, Source, T, id_of
from fstream_app.messages.viewer import Viewer
from fstream_app.people import relationships

MAX_LIMIT = 40
_LARGEST_CHUNK = 80
_MAX_CHUNKS, _MAX_EMPTY_CHUNKS = 12, 36
_MAX_CONSIDERED = 5000
_MAX_READS = 100

S = TypeVar("S")


class Slice(msgspec.Struct, Generic[S], frozen=True):
    """The entries of a window that are shown, newest first, and the cursors; None if there is no further page."""

    shown: list[S]
    older: MessageId | None
    """The page of older entries is below this id."""
    newer: MessageId | None
    """The page of newer entries is above this id."""


class Chunk(msgspec.Struct, Generic[T], frozen=True):
    """The next candidates of a page."""

    considered: list[MessageId]
    """The ids of all, in reading order."""
    kept: list[T]
    """Those that are not passed over."""
    is_last: bool
    """Whether no candidates are left."""
    read_to: MessageId | None = None
    """An id that the candidates that are left do not come before."""


class Pager(Generic[S]):
    """A page while it is being filled, one chunk of candidates at a time.

    The first chunk is as large as the page. If some of it is not shown, the next chunk is large enough to fill the page
    when the same share is dropped again. So few candidates are read in vain, and a run of deleted messages costs few
    round trips.

    A page that is not full ends after twelve chunks, or after 5,000 candidates including those passed over. Its cursor
    is the last id considered, not the last one shown, so nothing is skipped. Clients take an empty page for the end of
    the list, so a page with nothing on it goes on for 36 chunks.
    """

    def __init__(self, window: Window) -> None:
        self.wanted = window.limit
        """Number of candidates to look at next; 0 when the page is done."""
        self.left = _MAX_CONSIDERED
        """Number of candidates that may still be considered."""
        self.window = window
        """The part of the list."""
        self._shown: dict[MessageId, S] = {}
        self._last: MessageId | None = None
        self._looked_at = 0
        self._chunks = 0
        self._ended = False

    def add(self, chunk: Chunk[T], shown: Mapping[MessageId, S]) -> None:
        """Add a chunk, and what is shown of it."""
        self._ended = chunk.is_last
        for message_id in chunk.considered:
            self._last = message_id
            if message_id in shown:
                self._shown[message_id] = shown[message_id]
                if self._is_full():
                    self._ended = False
                    break
        else:
            self._last = self._beyond(chunk.read_to)
        self._looked_at += len(chunk.kept)
        self._chunks += 1
        self.left -= len(chunk.considered)
        chunks = _MAX_CHUNKS if self._shown else _MAX_EMPTY_CHUNKS
        if self._ended or self._chunks >= chunks or self.left <= 0:
            self.wanted = 0
        else:
            looked_at, found = max(self._looked_at, 1), max(self._found(), 1)
            self.wanted = min(-(-self._missing() * looked_at // found), _LARGEST_CHUNK)

    def _found(self) -> int:
        """Return how many entries the page has."""
        return len(self._shown)

    def _missing(self) -> int:
        """Return how many entries the page has room for; 0 if it is done."""
        return self.window.limit - self._found()

    def _is_full(self) -> bool:
        """Return whether nothing that follows is on the page."""
        return self._found() == self.window.limit

    def _beyond(self, read_to: MessageId | None) -> MessageId | None:
        """Return the cursor after a chunk: its last id, or the place that was read to, whichever is further on."""
        if read_to is None or self._last == read_to:
            return self._last
        if self.window.oldest_first:
            return max(self._last or self.window.after, read_to.previous())
        return min(self._last or self.window.before, read_to.next())

    def slice(self) -> Slice[S]:
        """Return the page, newest first."""
        ids, values = list(self._shown), list(self._shown.values())
        last = None if self._ended else self._last
        if self.window.oldest_first:
            return Slice(values[::-1], older=ids[0] if ids else None, newer=last or (ids[-1] if ids else None))
        return Slice(values, older=last, newer=ids[0] if ids else None)


class GroupPager(Pager[S]):
    """A page of groups of entries: at most as many groups as the window's limit, and about twice as many entries.

    It is a part of the list without gaps, so the groups of a page are what this part has of them. A page that is not
    the last one ends with an entry of the group that it began last. So the next page begins below the lowest entry of
    the page, and at the same time below the lowest entry of the page's last group, which is where some clients go on.

    Args:
        window: the part of the list; its limit is a number of groups.
        key: returns what the entries of a group have in common.
    """

    def __init__(self, window: Window, key: Callable[[S], str]) -> None:
        super().__init__(window)
        self._key = key
        self._groups: set[str] = set()
        self._most = 2 * max(window.limit, PAGE)
        self.wanted = max(window.limit, PAGE)

    def add(self, chunk: Chunk[T], shown: Mapping[MessageId, S]) -> None:
        """Add a chunk, and what is shown of it."""
        super().add(chunk, shown)
        self.wanted = min(self.wanted, max(0, self._most - len(self._shown)))

    def _found(self) -> int:
        # Asked after each entry that is shown, so only the last one can be of a group that is not known yet.
        if self._shown:
            self._groups.add(self._key(self._shown[next(reversed(self._shown))]))
        return len(self._groups)

    def _missing(self) -> int:
        return max(0, super()._missing())

    def _is_full(self) -> bool:
        return self._found() > self.window.limit  # what follows may belong to the groups that it has

    def slice(self) -> Slice[S]:
        """Return the page, newest first."""
        if not self._ended:
            kept = self._cut()
            if len(kept) < len(self._shown):
                self._shown = {each: self._shown[each] for each in kept}
                self._last = kept[-1]
        return super().slice()

    def _cut(self) -> list[MessageId]:
        """Return the ids of the entries that are on the page."""
        kept: list[MessageId] = []
        begun: list[str] = []
        for each, value in self._shown.items():
            if (key := self._key(value)) not in begun:
                if len(begun) == self.window.limit:
                    break
                begun.append(key)
            kept.append(each)
        while kept and not self.window.oldest_first and self._key(self._shown[kept[-1]]) != begun[-1]:
            kept.pop()
        return kept


class Glance(Pager[S]):
    """A page of what one chunk of candidates has, however little that is."""

    def add(self, chunk: Chunk[T], shown: Mapping[MessageId, S]) -> None:
        """Add the chunk, and what is shown of it."""
        super().add(chunk, shown)
        self.wanted = 0


def consider(
    candidates: Candidates[T],
    count: int,
    passed_over: Callable[[T], object] = lambda _: None,
    *,
    at_most: int = _MAX_CONSIDERED,
) -> Chunk[T]:
    """Take the next candidates until `count` are kept; sources that hold the merge up read on.

    Args:
        candidates: the candidates, as a rule merged.
        count: how many to keep.
        passed_over: returns something true for a candidate that is not kept.
        at_most: how many to take, kept or not. The sources read at most 100 times.
    """
    considered: list[MessageId] = []
    kept: list[T] = []
    reads = 0
    while len(kept) < count and len(considered) < at_most:
        taken = candidates.take(min(count - len(kept), at_most - len(considered)))
        considered += map(id_of, taken)
        kept += [each for each in taken if not passed_over(each)]
        if taken:
            continue
        position = candidates.position
        if not candidates.advance():
            return Chunk(considered, kept, is_last=True)
        reads += candidates.position != position  # a page of expired entries alone moves nowhere
        if reads == _MAX_READS:
            return Chunk(considered, kept, is_last=False, read_to=candidates.position)
    return Chunk(considered, kept, is_last=False)


class Once:
    """Selects each message once, as itself or in a boost: whichever comes first in reading order."""

    def __init__(self) -> None:
        self._first: dict[MessageId, MessageId] = {}

    def __call__(self, message: Message) -> bool:
        """Return whether a message is the first one on the page that shows its text."""
        return self._first.setdefault(message.boost_of or message.id, message.id) == message.id


def collect(
    candidates: Candidates[Candidate],
    window: Window,
    viewer: Viewer,
    wanted: Callable[[Message], bool] = lambda _: True,
) -> Page:
    """Fill a page of messages: consider, hydrate and filter candidates, until the page is full.

    A chunk takes one round trip to hydrate, or two with boosts or quotes, besides those in which its sources read on.
    RRU: as `Viewer.hydrate` for each chunk; for replies, also those of `answers.as_shown`.

    Args:
        candidates: the merged candidates of all sources.
        window: the part of the timeline.
        viewer: the reader.
        wanted: selects the messages that were asked for from those that the reader sees.
    """
    pager: Pager[Message] = Pager(window)
    users: dict[str, User] = {}
    reactions: list[Reactions] = []
    hidden: dict[MessageId, Hidden] = {}
    originals: dict[MessageId, Message | Hidden] = {}
    while pager.wanted:
        chunk = consider(candidates, pager.wanted, viewer.passes_over, at_most=pager.left)
        hydrated = viewer.hydrate(chunk.kept)
        reasons = {id_of(each): hydrated.why_hidden(id_of(each), viewer.why_not) for each in chunk.kept}
        seen = [hydrated.messages[each] for each, reason in reasons.items() if reason is None]
        pager.add(chunk, {message.id: message for message in seen if wanted(message)})
        hidden |= {each: reason for each, reason in reasons.items() if reason is not None}
        users |= hydrated.users
        originals |= hydrated.originals
        reactions.append(hydrated.reactions)
    page = pager.slice()
    older, newer, filters = page.older, page.newer, viewer.filters
    found = Page(page.shown, users, joined(reactions), older, newer, hidden, filters, originals)
    return answers.of_page(found, viewer.now)


def of_source(source: Source[Candidate], reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of those of a source's messages that the reader may see; 1 RRU per 136 edges, and as `collect`."""
    relations, _ = gather(partial(relationships.of_reader, reader_id, now), source.advance)
    return collect(Merge([source], window), window, Viewer(reader_id, relations, now))
