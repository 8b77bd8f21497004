"""Paging of messages and notifications: candidates are considered, chunk by chunk, until the page is full."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

import msgspec

from fstream_app.core.entities import Hidden, Message, Page, Reactions, User, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated, hydrate, joined
from fstream_app.messages.sources import Candidate, Merge, Source, T, id_of
from fstream_app.messages.visibility import Rule, why_hidden
from fstream_app.people import relationships

MAX_LIMIT = 40
_LARGEST_CHUNK = 80
_MAX_CHUNKS = 12

S = TypeVar("S")


class Slice(msgspec.Struct, Generic[S], frozen=True):
    """The entries of a window that are shown, newest first, and the cursors; None if there is no further page."""

    shown: list[S]
    older: MessageId | None
    """The page of older entries is below this id."""
    newer: MessageId | None
    """The page of newer entries is above this id."""


class Pager(Generic[S]):
    """A page while it is being filled, one chunk of candidates at a time.

    The first chunk is as large as the page. If some of it is not shown, the next chunk is large enough to fill the page
    when the same share is dropped again. So few candidates are read in vain, and a run of deleted messages costs few
    round trips. The page ends after twelve chunks even if it is not full. Its cursor is the last id considered, not the
    last one shown, so nothing is skipped.
    """

    def __init__(self, window: Window) -> None:
        self.wanted = window.limit
        """Number of candidates to consider next; 0 when the page is done."""
        self._window = window
        self._shown: dict[MessageId, S] = {}
        self._last: MessageId | None = None
        self._considered = 0
        self._chunks = 0
        self._ended = False

    def add(self, considered: Sequence[MessageId], shown: Mapping[MessageId, S]) -> None:
        """Add a chunk: the ids considered, and what is shown of them. A chunk smaller than `wanted` is the last one."""
        limit = self._window.limit
        self._ended = len(considered) < self.wanted
        for message_id in considered:
            self._last = message_id
            if message_id in shown:
                self._shown[message_id] = shown[message_id]
                if len(self._shown) == limit:
                    self._ended = False
                    break
        self._considered += len(considered)
        self._chunks += 1
        missing = limit - len(self._shown)
        if self._ended or self._chunks == _MAX_CHUNKS:
            self.wanted = 0
        else:
            self.wanted = min(-(-missing * self._considered // max(len(self._shown), 1)), _LARGEST_CHUNK)

    def slice(self) -> Slice[S]:
        """Return the page, newest first."""
        ids, values = list(self._shown), list(self._shown.values())
        last = None if self._ended else self._last
        if self._window.oldest_first:
            return Slice(values[::-1], older=ids[0] if ids else None, newer=last or (ids[-1] if ids else None))
        return Slice(values, older=last, newer=ids[0] if ids else None)


def consider(candidates: Merge[T], count: int) -> list[T]:
    """Take the next candidates, at most `count`; sources that hold the merge up read on."""
    taken = candidates.take(count)
    while len(taken) < count and candidates.advance():
        taken += candidates.take(count - len(taken))
    return taken


def collect(
    candidates: Merge[Candidate],
    window: Window,
    reader_id: str | None,
    rule: Rule,
    now: int,
    wanted: Callable[[Message], bool] = lambda _: True,
) -> Page:
    """Fill a page of messages: consider, hydrate and filter candidates, until the page is full.

    A chunk takes one round trip to hydrate, besides those in which its sources read on. 0.5 RRU for each candidate that
    is only an id and each author not in the profile cache, 1 for the reader's reactions. For replies, also
    those of `answers.as_shown`.

    Args:
        candidates: the merged candidates of all sources.
        window: the part of the timeline.
        reader_id: the reader; None for an anonymous reader.
        rule: returns why the reader does not see a message on this page, or None.
        now: milliseconds.
        wanted: selects the messages that were asked for from those that the reader sees.
    """
    pager: Pager[Message] = Pager(window)
    users: dict[str, User] = {}
    reactions: list[Reactions] = []
    hidden: dict[MessageId, Hidden] = {}
    while pager.wanted:
        chunk = consider(candidates, pager.wanted)
        hydrated = hydrate(chunk, reader_id)
        ids = [id_of(candidate) for candidate in chunk]
        reasons = {message_id: hydrated.why_hidden(message_id, rule) for message_id in ids}
        seen = [hydrated.messages[each] for each, reason in reasons.items() if reason is None]
        pager.add(ids, {message.id: message for message in seen if wanted(message)})
        hidden |= {each: reason for each, reason in reasons.items() if reason is not None}
        users |= hydrated.users
        reactions.append(hydrated.reactions)
    page = pager.slice()
    shown = answers.as_shown(page.shown, Hydrated({each.id: each for each in page.shown}, users), now)
    return Page(shown, users, joined(reactions), page.older, page.newer, hidden)


def of_source(source: Source[Candidate], reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of those of a source's messages that the reader may see; 1 RRU per 117 edges, and as `collect`."""
    relations, _ = gather(partial(relationships.of_reader, reader_id, now), source.advance)
    rule = partial(why_hidden, reader_id=reader_id, relations=relations, now=now)
    return collect(Merge([source], window), window, reader_id, rule, now)
