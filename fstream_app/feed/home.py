"""The home timeline: messages of accounts and with hashtags that a reader follows, and the reader's own.

It is computed on each read.

One pipeline: read relations, open the sources, merge them, hydrate the candidates, filter them, and fill the page. What
the fan-out wrote only suggests candidates: every message is read again, and relations that were read for this page
decide whether the reader sees it.
"""

from functools import partial

from fstream_app.core import metrics
from fstream_app.core.entities import Page, Window
from fstream_app.core.metrics import Metric
from fstream_app.core.parallel import gather
from fstream_app.feed import followed_tags, tail
from fstream_app.feed.sources import Entries, Heads, own
from fstream_app.messages import paging
from fstream_app.messages.sources import Candidate, Merge
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import oldest_live, why_not_home
from fstream_app.repository import relationships


def read(reader_id: str, window: Window, now: int) -> Page:
    """Read a page of a reader's home timeline.

    One round trip for relations, own newest messages and the tail, in parallel; one to hydrate the page; and one
    between them to read the heads, if the page reaches below the tail's horizon. RRU: 1 per 136 edges, 1 per 4 KB of
    own messages, 0.5 for the tail, 1 per message, 0.5 per author not in the profile cache, 0.5 for the reader's
    reactions; 0.5 per followed author if the heads are read, and 0.5 per followed hashtag.

    The reader's own messages appear at once, except to a polling client (one that sends a lower bound), which sees them
    only once they have settled. Otherwise it would advance its bound past an older message of somebody else that
    arrives later, and never see it. Readers who follow nobody can miss no such message, so theirs are not held back.
    """
    # Read relations, and open the sources that do not depend on them.
    mine = own(reader_id, window, tail.shared(), now)
    relations, _, is_fresh = gather(
        partial(relationships.of, reader_id, now), mine.advance, partial(tail.shared().refresh, now)
    )
    # Open the other sources: the tail's entries from its horizon on, the heads below it.
    followed = relations.following - relations.muting
    known = tail.shared().snapshot(followed, relations.tags) if is_fresh else tail.shared().blind(now)
    settled = window.narrowed(before=known.settled_before(now))
    if relations.tags:
        settled = settled.narrowed(before=followed_tags.settled_before(now))
    above = settled.narrowed(after=known.horizon.previous())
    below = settled.narrowed(after=oldest_live(now), before=known.horizon)
    remembered = [Entries(author_id, packed, above, now) for author_id, packed in known.entries.items()]
    heads = Heads(followed, below, known.rosters, tail.shared(), now)
    tagged = followed_tags.sources(relations.tags, known, settled, now, extends=not followed)
    if (followed or relations.tags) and window.is_poll:
        mine.narrow(before=settled.before)
    # Merge, hydrate, filter and fill the page.
    candidates = Merge[Candidate]([mine, *remembered, heads, *tagged], window)
    page = paging.collect(candidates, window, Viewer(reader_id, relations, now, why_not_home))
    _count(remembered, heads)
    return page


def _count(remembered: list[Entries], heads: Heads) -> None:
    """Count the candidates taken from the tail and from the heads."""
    metrics.count(Metric.REMEMBERED, sum(source.taken for source in remembered))
    metrics.count(Metric.PULLED, sum(source.taken for source in heads.opened))
