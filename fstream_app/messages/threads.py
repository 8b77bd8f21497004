"""Threads: the messages above a message (its ancestors) and below it (its descendants).

A reply holds the ids of its nearest ancestors, so those above an expired message are still found. Replies are entries
of their thread's views, each with the ids of its ancestors, so a missing message in the middle hides only itself.

Everybody reads the view of the replies that everybody may see. The others have views of their own: a direct or private
reply is in those of its author and of the users that it mentions, and a private one in the view for followers. So
nobody can fill the view that others read with replies that these may not see.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

import msgspec

from fstream_app.core import packing
from fstream_app.core.entities import Message, Page, Reactions, User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import Relations
from fstream_app.messages import answers, reading
from fstream_app.messages.hydration import Hydrated, joined
from fstream_app.messages.paging import Pager, consider
from fstream_app.messages.sources import Candidate, Merge, Pages, Source, id_of
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import why_hidden, why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages as message_items
from fstream_app.repository import timelines as views

MAX_DESCENDANTS = 60
"""Limit of descendants that are shown: the oldest ones."""
MAX_ANCESTORS = packing.MAX_ANCESTORS
"""Limit of ancestors that are shown: the first message of the thread and the nearest ones."""
_CLIMBS = 5
"""Limit of messages whose lists of ancestors are followed upwards, because too few of these are shown."""
_OWN = 20
"""Newest messages of the reader that are read, because the view may not have them yet."""

Path = tuple[MessageId, ...]


class Thread(NamedTuple):
    """The messages around a message that the reader may see."""

    message: Message
    """As a reply to the nearest shown message above it."""
    ancestors: Page
    """Oldest first."""
    descendants: Page
    """Each message before its replies, replies to one message oldest first."""


def around(message_id: str, reader_id: str | None, now: int) -> Thread:
    """Read the ancestors and descendants of a message, for a boost of its original, until those shown are found.

    RRU: 1 for the message, 1 per 136 edges of the reader, 0.5 per 4 KB of each of the thread's views (some 30 entries;
    the reader has up to three), 1 per 4 KB of the reader's newest messages (so that a reply appears at once to its
    author), 1 for each message, 0.5 for each author not in the profile cache, 1 for the reader's reactions.

    Replies of authors who are blocked, muted or gone are passed over. `Pager` limits how many are considered.

    Raises:
        NotFound: the message does not exist, or the reader may not see it.
    """
    parsed = reading.parse(message_id)
    relations, message = gather(partial(relationships.of_reader, reader_id, now), partial(message_items.get, parsed))
    if message is not None and message.boost_of is not None:
        message = reading.get(message_id, reader_id, now)
    relations = relationships.knowing(relations, reader_id, [(message.id if message else parsed).author_id])
    if message is None or why_hidden(message, reader_id, relations, now):
        raise NotFound(reading.NO_MESSAGE)
    ahead = message_items.not_scheduled_before(now)
    window = Window(after=_first_below(message), before=ahead, limit=MAX_DESCENDANTS, oldest_first=True)
    below = _sources(message, relations, reader_id, window, now)
    gather_all([source.advance for source in below])
    found = _Found(Viewer(reader_id, relations, now, why_not_listed))
    lower = _read(found, message, Merge[Candidate](below, window), window)
    author = found.users.get(message.author_id)
    if author is None or author.has_cleared(message.written):
        raise NotFound(reading.NO_MESSAGE)
    upper = _climb(found, message)
    around_it = [*upper, *lower]
    nearest = _nearest([*around_it, message])
    joined_ones = answers.answering(around_it, nearest)
    (centre,) = answers.answering([message], nearest, people=found.users)
    page = found.page([*joined_ones, centre])
    parts = joined_ones[: len(upper)], joined_ones[len(upper) :]
    return Thread(centre, *(msgspec.structs.replace(page, messages=part) for part in parts))


class _Found:
    """What was hydrated of a thread so far."""

    def __init__(self, viewer: Viewer) -> None:
        self.messages: dict[MessageId, Message] = {}
        self.users: dict[str, User] = {}
        self.reactions: list[Reactions] = []
        self.originals: dict[MessageId, Message | Hidden] = {}
        self.viewer = viewer
        self.passes_over = viewer.passes_over

    def hydrate(self, candidates: Collection[Candidate], more_users: Collection[str] = ()) -> None:
        """Hydrate candidates; RRU as `Viewer.hydrate`."""
        hydrated = self.viewer.hydrate(candidates, more_users)
        self.messages |= hydrated.messages
        self.users |= hydrated.users
        self.reactions.append(hydrated.reactions)
        self.originals |= hydrated.originals

    def page(self, messages: Iterable[Message]) -> Page:
        """Return a page without messages, with all that is shown of these; RRU for their originals as `as_shown`."""
        embedding = [msgspec.structs.replace(each, in_reply_to=None) for each in messages if each.original]
        known, filters = joined(self.reactions), self.viewer.filters
        page = Page(embedding, self.users, known, filters=filters, originals=self.originals)
        return msgspec.structs.replace(answers.of_page(page, self.viewer.now), messages=[])

    def shown(self, ids: Iterable[MessageId]) -> dict[MessageId, Message]:
        """Return those of these messages that the reader sees."""
        known, why_not = Hydrated(self.messages, self.users), self.viewer.why_not
        return {each: self.messages[each] for each in ids if known.why_hidden(each, why_not) is None}


def _read(found: _Found, message: Message, candidates: Merge[Candidate], window: Window) -> list[Message]:
    """Read the oldest descendants that are shown, in the order of the tree; the first chunk with the ancestors."""
    pager: Pager[Message] = Pager(window)
    above: Sequence[MessageId] = _above(message)
    quoting = [message] if message.original else []
    while pager.wanted:
        chunk = consider(candidates, pager.wanted, found.passes_over, at_most=pager.left)
        found.hydrate([*above, *chunk.kept, *quoting], [message.author_id])
        pager.add(chunk, found.shown(map(id_of, chunk.kept)))
        above = ()
    shown = ((_path(each, message), each) for each in pager.slice().shown)
    return [each for path, each in sorted(shown, key=itemgetter(0)) if path]


def _climb(found: _Found, message: Message) -> list[Message]:
    """Return the ancestors that are shown, oldest first: the first message of the thread, and the nearest ones.

    A message holds the nearest forty. If the reader may not see all of these, the topmost one's own list leads on.
    """
    chain = packing.unpack_ids(message.ancestors)
    shown = found.shown(_above(message))
    for _ in range(_CLIMBS):
        top = found.messages.get(chain[0]) if chain else None
        higher = packing.unpack_ids(top.ancestors) if top else []
        if not higher or len(shown) >= MAX_ANCESTORS:
            break
        chain = [*higher, *chain]
        found.hydrate([each for each in higher if each not in found.messages])
        shown = found.shown(dict.fromkeys([*_above(message)[:1], *chain]))
    ids = list(shown)
    return [shown[each] for each in (ids if len(ids) <= MAX_ANCESTORS else [ids[0], *ids[1 - MAX_ANCESTORS :]])]


def _nearest(shown: list[Message]) -> dict[MessageId, Message]:
    """Return the nearest shown message above each message of a thread, by the id of the lower one.

    Clients build the tree from what each message answers, so a gap would cut off everything below it.
    """
    there = {each.id: each for each in shown}
    return {
        each.id: there[above]
        for each in shown
        if (above := next((above for above in reversed(_above(each)) if above in there), None)) is not None
    }


def _above(message: Message) -> list[MessageId]:
    """Return the ids above a message that it holds, oldest first: of the first message, and of the nearest ones."""
    nearest = packing.unpack_ids(message.ancestors)
    return nearest if message.thread is None or message.thread in nearest else [message.thread, *nearest]


def _first_below(message: Message) -> MessageId:
    """Return an exclusive lower bound of replies: one may have been posted in the same millisecond."""
    return lowest_at(message.id.time).previous()


def _sources(
    message: Message, relations: Relations, reader_id: str | None, window: Window, now: int
) -> list[Source[Candidate]]:
    """Return the sources of what is below a message: the thread's views for this reader, and the reader's own."""
    root = message.thread or message.id
    pages = [_entries(message, views.thread(root), window, now)]
    if reader_id is not None:
        pages += [_entries(message, views.thread(root, reader_id), window, now), _own(message, reader_id, window, now)]
    if relations.following:
        followed = relations.following
        entries = _entries(message, views.thread(root, views.FOLLOWERS), window, now)
        pages.append([each for each in page if id_of(each).author_id in followed] for page in entries)
    return [Pages[Candidate](each, window) for each in pages]


def _entries(message: Message, view: str, window: Window, now: int) -> Iterator[list[Candidate]]:
    for page in views.thread_pages(view, window, now):
        yield [each for each, above in page if message.thread is None or packing.has_id(above, message.id)]


def _own(message: Message, reader_id: str, window: Window, now: int) -> Iterator[list[Candidate]]:
    newest = message_items.of_author(reader_id, Window(after=window.after, limit=_OWN), now)
    yield sorted((each for each in islice(newest, _OWN) if _path(each, message)), key=id_of)


def _path(reply: Message, top: Message) -> Path:
    """Return the ids from below `top` down to a message; empty if it is not below `top`, as far as it knows."""
    above = packing.unpack_ids(reply.ancestors)
    if top.id in above:
        return (*above[above.index(top.id) + 1 :], reply.id)
    return (*above, reply.id) if reply.thread == top.id else ()
