"""The list "Going soon": the messages on a reader's home that expire within the hour, the soonest first.

It is a view of home: the authors, hashtags, rules and settling are home's, and the reader's own messages belong to it,
because the author has most reason to know what is about to go. The tail, the heads and the hashtags' timelines know
when messages expire, so the page is chosen before any message is read. A boost expires with the message that it shows,
which is on a page once.

**Limit.** Of a followed hashtag, the list has what the tail knows, and below that the messages among the newest
thousand of the hashtag's timeline. Only hashtags with more than that have others.

**Cursors.** Clients page by the ids of the messages that they have, which on this list do not ascend. A cursor is
therefore a place in the list: that of its message, by expiry. When the message of a cursor is gone, all that came
before it is gone, too.

- `max_id` returns what comes after that message; the whole list if it has expired. Each page begins where the last one
  ended, so a client that pages to the end gets every message once.
- `min_id` returns what comes directly before that message: the page before.
- `since_id` is what polling clients send, with the first id that they have. What comes before it and is newer is what
  they lack. In time, the message expires. From then on they get what was posted since it expired, or not long before:
  a message that had not settled by then cannot have been on their page.

What is posted now and expires between two messages that a client has is on none of its polls, but on its next first
page: no client expects news in the middle of a list.
"""

from collections.abc import Callable, Mapping
from functools import partial

from fstream_app.core import packing
from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.core.parallel import gather
from fstream_app.feed import followed_tags, home, tail
from fstream_app.messages import paging
from fstream_app.messages.paging import Once
from fstream_app.messages.sources import Candidate, InOrder, Merge, id_of
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import settled_before, why_not_boosted, why_not_home
from fstream_app.repository import messages, relationships

SOON = 3_600_000
"""Milliseconds before its expiry from which a message is on the list."""
_MOST = 50_000
"""Limit of messages that are put in order: more than one reader's accounts post."""
_TOGETHER = 1000
"""Number of messages that a read of an author's partition returns, and of heads that are read together."""

_Place = tuple[int, MessageId]
"""A place in the list: the time of expiry (ms), and the id among those that expire together."""


def read(reader_id: str, window: Window, now: int) -> Page:
    """Read a page of the list; 1 RRU for each cursor, otherwise as a page of home that reaches down to the oldest.

    So 0.5 RRU per followed author if the tail does not reach back as far as messages live. Then 1 RRU per 4 KB of the
    messages of authors with more than 80 live ones below it, too. For followed hashtags, 0.5 RRU per 50 messages below
    what the tail knows of each, at most 10 RRU.
    """
    cursors = {window.after, window.before} - {LOWEST, HIGHEST}
    relations, found, is_fresh = gather(
        partial(relationships.of, reader_id, now),
        partial(messages.get_many, cursors),
        partial(tail.shared().refresh, now),
    )
    viewer = Viewer(reader_id, relations, now, why_not_home, why_boost=why_not_boosted)
    newer = Window(limit=_TOGETHER) if window.oldest_first else Window(after=window.after, limit=_TOGETHER)
    places = _places(viewer, newer, is_fresh=is_fresh)
    is_wanted = _wanted(window, {cursor: _end(cursor, found.get(cursor)) for cursor in cursors}, now)
    wanted = sorted((place, each) for place, each in places.items() if is_wanted(place))
    chosen = [each for _, each in (reversed(wanted) if window.oldest_first else wanted)]
    return paging.collect(InOrder(chosen), window, viewer, Once())


def _places(viewer: Viewer, newer: Window, *, is_fresh: bool) -> dict[_Place, Candidate]:
    """Return what is on the list of this part of home, as far as is known before the messages are read."""
    relations, now = viewer.relations, viewer.now
    authors = {str(viewer.id)} | relations.following - relations.muting - relations.apart
    known = home.remembered(authors, now, is_fresh=is_fresh, tags=relations.tags)
    settled = home.settled_part(newer, known, relations.tags, now)
    until = now + SOON
    ends: dict[MessageId, int] = {}
    wanted = home.wanted_of(relations)

    def ending(author_id: str, packed: bytes) -> bytes:
        part = packing.live_from(wanted(author_id, packed), now, until)
        ends.update((entry.id, entry.expires_at) for entry in packing.ascending(author_id, part))
        return part

    sources, heads = home.open_sources(authors, known, settled, now, ending)
    candidates = Merge[Candidate]([*sources, heads], settled)
    by_authors, tagged = gather(
        partial(paging.consider, candidates, _MOST, viewer.passes_over, at_most=_MOST),
        partial(followed_tags.ends, relations.tags, known, settled, now, until),
    )
    home.count(sources, heads)
    places: dict[_Place, Candidate] = {
        (time, each): each for each, time in tagged.items() if not viewer.passes_over(each)
    }
    places |= {(_expiry(each, ends), id_of(each)): each for each in by_authors.kept}
    # What was read from an author's partition may expire later.
    return {place: each for place, each in places.items() if place[0] <= until}


def _expiry(candidate: Candidate, ends: Mapping[MessageId, int]) -> int:
    """Return the time of expiry (ms) in whole seconds after the posting, as heads and the log have it."""
    return candidate.entry.expires_at if isinstance(candidate, Message) else ends[candidate]


def _end(cursor: MessageId, found: Message | None) -> int:
    """Return when a cursor's message expires: by its item, or, if it was deleted, by the tail.

    If neither has it, it counts as expired with its posting, so that a poll returns what is newer.
    """
    if found is not None:
        return found.entry.expires_at
    packed = tail.shared().snapshot([cursor.author_id]).entries.get(cursor.author_id, b"")
    entry = packing.find(packed, cursor)
    return entry.expires_at if entry else cursor.time


def _wanted(window: Window, ends: Mapping[MessageId, int], now: int) -> Callable[[_Place], bool]:
    """Return whether a place is in the window; see above for what cursors mean."""
    lower, upper = window.after, window.before
    below = (ends[upper], upper) if upper in ends else None

    def is_above(place: _Place) -> bool:
        if lower not in ends:
            return True
        if ends[lower] <= now:
            return place[1] >= max(settled_before(ends[lower]), lower.next())
        return place < (ends[lower], lower) and (window.oldest_first or place[1] > lower)

    return lambda place: is_above(place) and (below is None or place > below)
