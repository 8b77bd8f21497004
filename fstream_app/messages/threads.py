"""Threads: the messages above a message (its ancestors) and below it (its descendants).

A reply holds the ids of its nearest ancestors, so those above an expired message are still found. Replies are entries
of their thread's view, each with the ids of its ancestors, so a missing message in the middle hides only itself.
"""

from functools import partial
from itertools import islice
from typing import NamedTuple

from fstream_app.core import packing
from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.parallel import gather
from fstream_app.messages import answers, reading
from fstream_app.messages.hydration import Hydrated, hydrate
from fstream_app.messages.visibility import Rule, why_hidden, why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages as message_items
from fstream_app.repository import timelines as views

MAX_DESCENDANTS = 60
"""Limit of descendants on a page; the oldest ones are shown. Ancestors are limited by what a reply holds."""
_MAX_ENTRIES = 400
"""Limit of entries of a thread's view that are read."""
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
    """Read the ancestors and descendants of a message.

    RRU: 1 for the message, 1 per 117 edges of the reader, 0.5 per 4 KB of the thread (some 30 entries), 1 per 4 KB of
    the reader's newest messages (so that a reply appears at once to its author), 0.5 for each message and each author
    not in the profile cache, 1 for the reader's reactions.

    Raises:
        NotFound: the message does not exist, or the reader may not see it.
    """
    parsed = reading.parse(message_id)
    relations, message = gather(partial(relationships.of_reader, reader_id, now), partial(message_items.get, parsed))
    if message is None or why_hidden(message, reader_id, relations, now):
        raise NotFound(reading.NO_MESSAGE)
    above = _above(message)
    below = _below(message, reader_id, now)
    hydrated = hydrate([*above, *below], reader_id, more_users=[message.author_id])
    if message.author_id not in hydrated.users:
        raise NotFound(reading.NO_MESSAGE)
    rule = partial(why_not_listed, reader_id=reader_id, relations=relations, now=now)
    upper, lower = (_shown(ids, hydrated, rule) for ids in (above, below))
    around_it = [*upper, *lower]
    nearest = _nearest([*around_it, message])
    joined = answers.answering(around_it, nearest)
    (centre,) = answers.answering([message], nearest, people=hydrated.users)
    pages = (Page(part, hydrated.users, hydrated.reactions) for part in (joined[: len(upper)], joined[len(upper) :]))
    return Thread(centre, *pages)


def _shown(ids: list[MessageId], hydrated: Hydrated, rule: Rule) -> list[Message]:
    return [hydrated.messages[each] for each in ids if hydrated.why_hidden(each, rule) is None]


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
    return packing.unpack_ids(message.ancestors)


def _below(message: Message, reader_id: str | None, now: int) -> list[MessageId]:
    """Return the ids below a message, each before its replies: from the thread's view, and the reader's own."""
    after = lowest_at(message.id.time).previous()  # a reply may have been posted in the same millisecond
    in_view, own = gather(
        partial(views.thread, message.thread or message.id, after, now, _MAX_ENTRIES),
        partial(_own, reader_id, after, now),
    )
    paths = {message_id: _path(message_id, ancestors, message.id) for message_id, ancestors in [*in_view, *own]}
    first = sorted(message_id for message_id, path in paths.items() if path)[:MAX_DESCENDANTS]
    return sorted(first, key=lambda message_id: paths[message_id])


def _own(reader_id: str | None, after: MessageId, now: int) -> list[tuple[MessageId, bytes]]:
    if reader_id is None:
        return []
    newest = message_items.of_author(reader_id, Window(after=after, limit=_OWN), now)
    return [(message.id, message.ancestors) for message in islice(newest, _OWN)]


def _path(message_id: MessageId, ancestors: bytes, top: MessageId) -> Path:
    """Return the ids from below `top` down to a message; empty if `top` is not among the message's ancestors."""
    above = packing.unpack_ids(ancestors)
    return (*above[above.index(top) + 1 :], message_id) if top in above else ()
