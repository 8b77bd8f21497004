"""Timelines: home, computed when it is read; public and hashtag, written by the fan-out; an account's own.

Home joins what is in memory (the tail of the log) with the heads of the followed authors where the page reaches
below the tail's floor, and with their own partitions where it reaches below a head. Fan-out is only ever a hint:
every message is read again, and whether the reader may see it is decided from edges read now.
"""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from heapq import merge
from itertools import chain, groupby, repeat
from operator import itemgetter
from typing import TypeVar

import msgspec

from fstream_app.core import metrics, packing, settings
from fstream_app.core.edges import VISIBILITY_KINDS
from fstream_app.core.entities import NO_RELATIONS, Message, Relations
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId, lowest_at
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.warm import remembered
from fstream_app.feed.tail import Tail, View
from fstream_app.messages import paging
from fstream_app.messages.paging import Candidate, Page, Window, id_of, started
from fstream_app.messages.visibility import belongs_home, may_see
from fstream_app.repository import heads, log, messages, relationships
from fstream_app.repository import timelines as views

T = TypeVar("T")


class Tags(msgspec.Struct, frozen=True):
    """Which hashtags a message must have: one of `some`, all of `every`, none of `none`; normalised."""

    some: tuple[str, ...]
    every: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def admit(self, names: set[str]) -> bool:
        """Tell whether a message with these hashtags is wanted."""
        return not names.isdisjoint(self.some) and names.issuperset(self.every) and names.isdisjoint(self.none)


@remembered
def tail() -> Tail:
    """Return this process's tail of the log."""
    current = settings.get()
    return Tail(
        log.read,
        shards=current.log_shards,
        capacity=current.tail_entries,
        refresh_every=int(1000 * current.tail_refresh),
        overlap=int(1000 * current.tail_overlap),
    )


def home(reader_id: str, window: Window, now: int) -> Page:
    """Read a page of a reader's home timeline.

    Three round trips at the same time (edges, own newest messages, tail), then one for all that the page shows,
    and one between them where it reaches below the tail's floor. RRU: 1 per 117 edges, 1 per 4 KB of own messages,
    0.5 for the tail, 0.5 per message and unknown author; 0.5 per followed author where heads are read.

    One's own messages are there at once. Only who polls, with a lower bound, gets them when they have settled, like
    all others: else what others posted just before them, and comes in later, would lie below the bound for ever.
    So they are read eventually consistent then, for half the RRU.
    """
    polled = window.low > LOWEST or window.oldest_first
    own = messages.of_author(
        reader_id,
        window.low,
        window.high,
        now=now,
        page=window.limit,
        oldest_first=window.oldest_first,
        consistent=not polled,
    )
    relations, own, fresh = gather(
        partial(relationships.of, reader_id, now), partial(started, own), partial(tail().refresh, now)
    )
    followed = relations.following - relations.muting
    view = tail().view(followed) if fresh else View(now, HIGHEST)
    settled = _settled(window, min(view.refreshed_at, now))
    others = _followed(followed, view, settled, now)
    if followed and polled:
        own = (message for message in own if message.id < settled.high)
    return paging.fill(
        _merged([own, others], window),
        window,
        reader_id,
        lambda message: belongs_home(message, reader_id, relations, now),
    )


def public(reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of the public timeline, for a reader or (None) for anybody; 0.5 RRU per shard and 50 entries."""
    shards = range(settings.get().public_shards)
    return _view([views.public(shard) for shard in shards], partial(_merged, window=window), reader_id, window, now)


def tag(tags: Tags, reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of hashtags' timelines; 0.5 RRU per hashtag and 50 entries."""
    names = dict.fromkeys([*tags.some, *tags.every, *tags.none])

    def combined(streams: list[Iterator[MessageId]]) -> Iterator[MessageId]:
        labelled = [zip(stream, repeat(name)) for stream, name in zip(streams, names, strict=True)]
        entries = merge(*labelled, reverse=not window.oldest_first)
        for message_id, together in groupby(entries, key=itemgetter(0)):
            if tags.admit({name for _, name in together}):
                yield message_id

    return _view([views.tag(name) for name in names], combined, reader_id, window, now)


def of_account(
    author_id: str, reader_id: str | None, window: Window, now: int, *, replies: bool = True, tagged: str = ""
) -> Page:
    """Read a page of what an account wrote, as far as the reader may see it; 1 RRU per 4 KB, consistent."""
    own = messages.of_author(
        author_id, window.low, window.high, now=now, page=window.limit, oldest_first=window.oldest_first
    )
    relations, own = gather(partial(_relations_with, reader_id, author_id, now), partial(started, own))

    def accept(message: Message) -> bool:
        wanted = (replies or not message.is_reply) and (not tagged or tagged in message.tags)
        return wanted and may_see(message, reader_id, relations, now)

    return paging.fill(own, window, reader_id, accept)


def _view(
    names: Iterable[str],
    join: Callable[[list[Iterator[MessageId]]], Iterator[Candidate]],
    reader_id: str | None,
    window: Window,
    now: int,
) -> Page:
    # Nothing older can be alive: what has expired but is not deleted yet need not be read.
    oldest = lowest_at(now - 1000 * settings.get().max_lifetime).previous()
    shown = _settled(msgspec.structs.replace(window, low=max(window.low, oldest)), now)
    streams = [
        views.read(name, shown.low, shown.high, now=now, page=window.limit, oldest_first=window.oldest_first)
        for name in names
    ]
    relations, started = gather(partial(_relations_of, reader_id, now), partial(_all_started, streams))

    def accept(message: Message) -> bool:
        return message.author_id not in relations.muting and may_see(message, reader_id, relations, now)

    return paging.fill(join(started), window, reader_id, accept)


def _relations_of(reader_id: str | None, now: int) -> Relations:
    return relationships.of(reader_id, now) if reader_id else NO_RELATIONS


def _relations_with(reader_id: str | None, author_id: str, now: int) -> Relations:
    if reader_id is None or reader_id == author_id:
        return NO_RELATIONS
    return relationships.between(reader_id, [author_id], now, VISIBILITY_KINDS)


def _settled(window: Window, seen_until: int) -> Window:
    """Cut off what is too young for its order to be final, by a clock that has seen everything until then (ms)."""
    youngest = lowest_at(seen_until - int(1000 * settings.get().settling_time) + 1)
    return msgspec.structs.replace(window, high=min(window.high, youngest))


def _followed(followed: Collection[str], view: View, window: Window, now: int) -> Iterator[Candidate]:
    """Give what the followed authors wrote: from the tail above its horizon, from their heads below it."""
    above = msgspec.structs.replace(window, low=max(window.low, view.horizon.previous()))
    # Nothing older can be alive, so a tail that reaches so far knows all.
    oldest = lowest_at(now - 1000 * settings.get().max_lifetime).previous()
    below = msgspec.structs.replace(window, low=max(window.low, oldest), high=min(window.high, view.horizon))
    remembered = _joined(
        [(packing.newest(packed), _entries(author, packed, above, now)) for author, packed in view.entries.items()],
        window,
    )
    remembered = metrics.counted(Metric.REMEMBERED, remembered)
    pulled = metrics.counted(Metric.PULLED, _pulled(followed, below, now))
    return chain(pulled, remembered) if window.oldest_first else chain(remembered, pulled)


def _pulled(followed: Collection[str], window: Window, now: int) -> Iterator[Candidate]:
    """Give what the followed authors' heads hold, and their partitions below; nothing is read until asked for."""
    if not followed or window.low.next() >= window.high:
        return
    oldest = now - 1000 * settings.get().max_lifetime
    found, _ = gather(partial(heads.get_many, followed), partial(tail().extend, oldest))
    streams = [(packing.newest(packed), _author(author, packed, window, now)) for author, packed in found.items()]
    if window.oldest_first:  # the lowest come from the partitions, so these must be asked anyway: all at once
        yield from _merged(_all_started(stream for _, stream in streams), window)
    else:
        yield from _joined(streams, window)


def _joined(streams: Iterable[tuple[int, Iterator[Candidate]]], window: Window) -> Iterator[Candidate]:
    """Join authors' streams, of which each has nothing younger than its time (ms), in the window's order.

    Of the hundreds whom a reader follows few are on the newest page: a stream is begun when its turn may have come.
    """
    if window.oldest_first:
        yield from _merged((stream for _, stream in streams), window)
        return
    waiting = sorted(streams, key=itemgetter(0))
    begun: list[tuple[MessageId, Candidate, Iterator[Candidate]]] = []

    def go_on(stream: Iterator[Candidate]) -> None:
        candidate = next(stream, None)
        if candidate is not None:
            insort(begun, (id_of(candidate), candidate, stream))

    while waiting or begun:
        if waiting and (not begun or waiting[-1][0] >= begun[-1][0].time):
            go_on(waiting.pop()[1])
        else:
            _, candidate, stream = begun.pop()
            yield candidate
            go_on(stream)


def _author(author_id: str, packed: bytes, window: Window, now: int) -> Iterator[Candidate]:
    """Give what one author's head holds and, when it is full, what lies below it in the author's partition."""
    head: Iterator[Candidate] = _entries(author_id, packed, window, now)
    if packing.count(packed) < packing.HEAD_CAPACITY:
        return head
    oldest = next(packing.ascending(author_id, packed)).id
    deeper = messages.of_author(
        author_id,
        window.low,
        min(window.high, oldest),
        now=now,
        page=window.limit,
        oldest_first=window.oldest_first,
        consistent=False,
    )
    return chain(deeper, head) if window.oldest_first else chain(head, deeper)


def _entries(author_id: str, packed: bytes, window: Window, now: int) -> Iterator[MessageId]:
    """Give the ids of an author's packed entries that are in the window and live, in its order."""
    if window.oldest_first:
        entries = packing.ascending(author_id, packed, window.low.time)
    else:
        entries = packing.descending(author_id, packed, window.high.time)
    for entry in entries:
        if window.low < entry.id < window.high:
            if entry.is_live(now):
                yield entry.id
            else:
                metrics.count(Metric.EXPIRED)
        elif entry.id >= window.high if window.oldest_first else entry.id <= window.low:
            return


def _merged(streams: Iterable[Iterator[Candidate]], window: Window) -> Iterator[Candidate]:
    return merge(*streams, key=id_of, reverse=not window.oldest_first)


def _all_started(streams: Iterable[Iterator[T]]) -> list[Iterator[T]]:
    return gather_all([partial(started, stream) for stream in streams])
