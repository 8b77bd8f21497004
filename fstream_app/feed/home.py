"""The home timeline: messages of accounts and with hashtags that a reader follows, and the reader's own.

It is computed on each read.

One pipeline: read relations, open the sources, merge them, hydrate the candidates, filter them, and fill the page. What
the fan-out wrote only suggests candidates: every message is read again, and relations that were read for this page
decide whether the reader sees it. The timelines of lists (`fstream_app.feed.lists`) are the same with other authors.
"""

from collections.abc import Collection, Sequence
from functools import partial

from fstream_app.core import metrics, packing
from fstream_app.core.entities import Page, Window
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.feed import followed_tags, tail
from fstream_app.feed.sources import Entries, Heads, Part, everything, own
from fstream_app.feed.tail import Snapshot
from fstream_app.messages import paging
from fstream_app.messages.paging import Once
from fstream_app.messages.sources import Candidate, Merge, Source
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import oldest_live, why_not_boosted, why_not_home
from fstream_app.repository import relationships


def read(reader_id: str, window: Window, now: int) -> Page:
    """Read a page of a reader's home timeline.

    One round trip for relations, own newest messages and the tail, in parallel; one to hydrate the page; and one
    between them to read the heads, if the page reaches below the tail's horizon. RRU: 1 per 136 edges, 1 per 4 KB of
    own messages, 0.5 for the tail, 1 per message, 0.5 per author not in the profile cache, 0.5 for the reader's
    reactions; 0.5 per followed author if the heads are read, and 0.5 per followed hashtag. With boosts, another round
    trip reads their originals: see `Viewer.with_originals`. A message is on a page once: as itself, or in a boost.

    The reader's own messages appear at once, except to a polling client (one that sends a lower bound), which sees them
    only once they have settled. Otherwise it would advance its bound past an older message of somebody else that
    arrives later, and never see it. Readers who follow no account and no hashtag can miss no such message, so
    theirs are not held back.
    """
    # Read relations, and open the sources that do not depend on them.
    mine = own(reader_id, window, tail.shared(), now)
    relations, _, is_fresh = gather(
        partial(relationships.of, reader_id, now), mine.advance, partial(tail.shared().refresh, now)
    )
    authors = relations.following - relations.muting - relations.apart
    known = remembered(authors, now, is_fresh=is_fresh, tags=relations.tags)
    settled = settled_part(window, known, relations.tags, now)
    if (authors or relations.tags) and window.is_poll:
        mine.narrow(before=settled.before)
    tagged = followed_tags.sources(relations.tags, known, settled, now, extends=not authors)
    viewer = Viewer(reader_id, relations, now, why_not_home, why_boost=why_not_boosted)
    return fill(viewer, authors, known, settled, [mine, *tagged])


def remembered(authors: Collection[str], now: int, *, is_fresh: bool, tags: Collection[str] = ()) -> Snapshot:
    """Return what the tail knows of some authors and hashtags; nothing of them if its last refresh has failed."""
    return tail.shared().snapshot(authors, tags) if is_fresh else tail.shared().blind(now)


def settled_part(window: Window, known: Snapshot, tags: Collection[str], now: int) -> Window:
    """Return the part of a window that has settled on the home timeline of a reader who follows these hashtags."""
    settled = window.narrowed(before=known.settled_before(now))
    return settled.narrowed(before=followed_tags.settled_before(now)) if tags else settled


def fill(
    viewer: Viewer, authors: Collection[str], known: Snapshot, window: Window, more: Sequence[Source[Candidate]] = ()
) -> Page:
    """Open the sources of some authors' messages, merge them, hydrate, filter, and fill the page.

    Args:
        viewer: the reader, with the timeline's rule.
        authors: the authors, none of whom the reader mutes.
        known: what the tail knows of them.
        window: the part of the timeline.
        more: other sources.
    """
    sources, heads = open_sources(authors, known, window, viewer.now, wanted_of(viewer.relations))
    page = paging.collect(Merge[Candidate]([*more, *sources, heads], window), window, viewer, Once())
    count(sources, heads)
    return page


def wanted_of(relations: Relations) -> Part:
    """Return the part of authors' entries that a reader wants: without boosts of those followed without boosts."""
    without = {user_id for user_id, options in relations.follow_options.items() if not options.shows_boosts}
    if not without:
        return everything

    def part(author_id: str, packed: bytes) -> bytes:
        return packing.without_boosts(packed) if author_id in without else packed

    return part


def open_sources(
    authors: Collection[str], known: Snapshot, window: Window, now: int, part: Part = everything
) -> tuple[list[Entries], Heads]:
    """Open the sources of what has settled of some authors' messages: the tail's entries, and the heads below them.

    Args:
        authors: the authors.
        known: what the tail knows of them.
        window: the part of the timeline.
        now: milliseconds.
        part: the part of each author's entries that is wanted.
    """
    settled = window.narrowed(before=known.settled_before(now))
    above = settled.narrowed(after=known.horizon.previous())
    below = settled.narrowed(after=oldest_live(now), before=known.horizon)
    entries = [
        Entries(author_id, wanted, above, now)
        for author_id, packed in known.entries.items()
        if (wanted := part(author_id, packed))
    ]
    return entries, Heads(authors, below, known.rosters, tail.shared(), now, part)


def count(sources: Sequence[Entries], heads: Heads) -> None:
    """Count the candidates taken from the tail and from the heads."""
    metrics.count(Metric.REMEMBERED, sum(source.taken for source in sources))
    metrics.count(Metric.PULLED, sum(source.taken for source in heads.opened))
