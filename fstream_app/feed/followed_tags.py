"""The sources of a home timeline for the hashtags that its reader follows.

The tail has the newest messages with each hashtag. Below these, a source reads the hashtag's own timeline, once a page
gets there. So most pages, and every poll, cost nothing for a hashtag.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from fstream_app.core import tagging
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, highest_at, lowest_at
from fstream_app.core.packing import Entry
from fstream_app.core.parallel import gather
from fstream_app.feed import tail
from fstream_app.feed.sources import Entries
from fstream_app.feed.tagged import NO_ENTRIES
from fstream_app.feed.tail import Snapshot
from fstream_app.messages import visibility
from fstream_app.messages.sources import Candidate, Pages, Source
from fstream_app.repository import timelines


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
    for name in names:
        entries = known.tagged.get(name, NO_ENTRIES)
        # Of a busy hashtag, the tail may have dropped what is above its horizon.
        horizon = max(known.horizon, lowest_at(entries.since))
        if entries.packed:
            found.append(_Remembered(entries.packed, settled.narrowed(after=horizon.previous()), now))
        below = settled.narrowed(after=visibility.oldest_live(now), before=horizon)
        found.append(_Timeline(name, below, now, extends=extends))
        extends = False
    return found
