"""The sources of a home timeline for the hashtags that its reader follows.

The tail has the newest messages with each hashtag. Below these, a source reads the hashtag's own timeline, once a page
gets there. So most pages, and every poll, cost nothing for a hashtag.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from fstream_app.core import tagging
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, highest_at, lowest_at
from fstream_app.core.packing import Entry
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import tail
from fstream_app.feed.sources import Entries
from fstream_app.feed.tagged import NO_ENTRIES
from fstream_app.feed.tail import Snapshot
from fstream_app.messages import visibility
from fstream_app.messages.sources import Candidate, Pages, Source
from fstream_app.repository import timelines

_MOST_BELOW = 1000
"""Limit of entries of a hashtag's timeline that `ends` reads."""


class _Remembered(Entries):
    """A hashtag's packed entries, from the tail, by any authors."""

    def __init__(self, packed: bytes, window: Window, now: int) -> None:
        super().__init__("", packed, window, now)
        self.position = window.after if window.oldest_first else highest_at(tagging.newest(packed))

    def _unpack(self, _: str, packed: bytes, window: Window) -> Iterator[Entry]:
        if window.oldest_first:
            return tagging.ascending(packed, window.after.time)
        return tagging.descending(packed, window.before.time)


class _Timeline(Pages[Candidate]):
    """A hashtag's own timeline; 0.5 RRU per 50 messages, eventually consistent, as `timelines.pages`.

    Args:
        name: the hashtag.
        window: the part of it.
        now: milliseconds.
        extends: whether its first read also extends the tail, so that later pages need not come here.
    """

    def __init__(self, name: str, window: Window, now: int, *, extends: bool) -> None:
        super().__init__(timelines.pages(timelines.tag(name), window, now), window)
        self._extends = extends and window.bounds() is not None
        self._oldest = visibility.earliest_live(now)

    def advance(self) -> Sequence[Source[Candidate]]:
        if not self._extends:
            return super().advance()
        self._extends = False
        return gather(super().advance, partial(tail.shared().extend, self._oldest))[0]


def settled_before(now: int) -> MessageId:
    """Return an exclusive upper bound of what hashtags' timelines show at this time (ms)."""
    return visibility.settled_before(now, tail.shared().views_lag())


def sources(
    names: Collection[str], known: Snapshot, settled: Window, now: int, *, extends: bool
) -> list[Source[Candidate]]:
    """Return the public messages with any of these hashtags as sources.

    Args:
        names: the hashtags, normalised.
        known: what the tail knows of them.
        settled: the part of the home timeline that has settled.
        now: milliseconds.
        extends: whether to extend the tail if the page reaches below it, because no other source does.
    """
    found: list[Source[Candidate]] = []
    for name, packed, above, below in _parts(names, known, settled, now):
        if packed:
            found.append(_Remembered(packed, above, now))
        found.append(_Timeline(name, below, now, extends=extends))
        extends = False
    return found


def ends(names: Collection[str], known: Snapshot, settled: Window, now: int, until: int) -> dict[MessageId, int]:
    """Return when the public messages with any of these hashtags expire (ms), if that is by `until` (ms).

    If the window reaches below what the tail knows, the newest thousand entries there of each hashtag's own timeline
    are read, in parallel; 0.5 RRU per 50 of them.

    Args:
        names: the hashtags, normalised.
        known: what the tail knows of them.
        settled: the part of the home timeline that has settled.
        now: milliseconds.
        until: milliseconds.
    """
    found: dict[MessageId, int] = {}
    reads: list[Callable[[], dict[MessageId, int]]] = []
    for name, packed, above, below in _parts(names, known, settled, now):
        entries = tagging.ascending(tagging.live_from(packed, now, until), above.after.time)
        found |= {entry.id: entry.expires_at for entry in entries if above.after < entry.id < above.before}
        if below.bounds() is not None:
            reads.append(partial(timelines.ends, timelines.tag(name), below, now, _MOST_BELOW))
    for ending in gather_all(reads):
        found |= {message_id: time for message_id, time in ending.items() if now < time <= until}
    return found


def _parts(
    names: Collection[str], known: Snapshot, settled: Window, now: int
) -> Iterator[tuple[str, bytes, Window, Window]]:
    """Yield each hashtag with its entries in the tail, the window in which none is missing, and the one below that."""
    for name in names:
        entries = known.tagged.get(name, NO_ENTRIES)
        # Of a busy hashtag, the tail may have dropped what is above its horizon.
        horizon = max(known.horizon, lowest_at(entries.since))
        above = settled.narrowed(after=horizon.previous())
        yield name, entries.packed, above, settled.narrowed(after=visibility.oldest_live(now), before=horizon)
