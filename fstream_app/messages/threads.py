"""Threads: what stands above a message, and what below.

A reply carries the ids above it, so what is above an expired message is found all the same. What is below stands in
the view of its thread, each with the ids above it, so a missing message in the middle hides nothing but itself.
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
"""Messages below one that are shown; of more, those that came first. Above it, as many as a reply knows."""
_MAX_ENTRIES = 400
"""How much of a thread is looked through."""
_OWN = 20

Path = tuple[MessageId, ...]


class Thread(NamedTuple):
    """What the reader may see of a message's thread."""

    ancestors: Page
    """Oldest first."""
    descendants: Page
    """Each before its replies, these oldest first."""


def around(message_id: str, reader_id: str | None, now: int) -> Thread:
    """Read what stands above and below a message.

    1 RRU for the message, 1 per 117 edges of the reader, 0.5 per 4 KB of the thread (some 30 entries) and 1 per 4 KB
    of the reader's newest messages, which are there at once; 0.5 for each message and author shown.

    Raises:
        NotFound: there is no such message for this reader.
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
    joined = _joined([*upper, *lower], message)
    pages = (Page(part, hydrated.users, hydrated.reactions) for part in (joined[: len(upper)], joined[len(upper) :]))
    return Thread(*pages)


def _shown(ids: list[MessageId], hydrated: Hydrated, rule: Rule) -> list[Message]:
    return [hydrated.messages[each] for each in ids if hydrated.why_hidden(each, rule) is None]


def _joined(shown: list[Message], message: Message) -> list[Message]:
    """Return the messages around one, each as an answer to the nearest message above it that is shown, or that one.

    Clients build the tree from what each message answers, so a gap would cut off everything below it.
    """
    there = {each.id: each for each in [*shown, message]}
    nearest = {
        each.id: there[above]
        for each in shown
        if (above := next((above for above in reversed(_above(each)) if above in there), None)) is not None
    }
    return answers.answering(shown, nearest)


def _above(message: Message) -> list[MessageId]:
    return packing.unpack_ids(message.ancestors)


def _below(message: Message, reader_id: str | None, now: int) -> list[MessageId]:
    """Return the ids below a message, each before its replies: what the thread's view tells, and the reader's own."""
    before = lowest_at(message.id.time).previous()  # a reply may be of the same millisecond
    in_view, own = gather(
        partial(views.thread, message.thread or message.id, before, now, _MAX_ENTRIES),
        partial(_own, reader_id, before, now),
    )
    paths = {message_id: _path(message_id, ancestors, message.id) for message_id, ancestors in [*in_view, *own]}
    first = sorted(message_id for message_id, path in paths.items() if path)[:MAX_DESCENDANTS]
    return sorted(first, key=lambda message_id: paths[message_id])


def _own(reader_id: str | None, above: MessageId, now: int) -> list[tuple[MessageId, bytes]]:
    if reader_id is None:
        return []
    newest = message_items.of_author(reader_id, Window(after=above, limit=_OWN), now)
    return [(message.id, message.ancestors) for message in islice(newest, _OWN)]


def _path(message_id: MessageId, ancestors: bytes, top: MessageId) -> Path:
    """Return the ids from below `top` down to a message; none if it is not below it."""
    above = packing.unpack_ids(ancestors)
    return (*above[above.index(top) + 1 :], message_id) if top in above else ()
