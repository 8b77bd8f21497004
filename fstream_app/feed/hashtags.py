"""Search for hashtags by prefix, and count their uses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from fstream_app import text
from fstream_app.core import addresses
from fstream_app.core.entities import NO_RELATIONS, Message, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.settings import DAY
from fstream_app.messages.hydration import hydrate
from fstream_app.messages.visibility import why_hidden
from fstream_app.repository import messages, timelines

MAX_HASHTAGS = 20
DAYS = 7
"""Number of days for which uses are counted, including today."""
_COUNTED = 20
"""Newest messages of a hashtag that are read to count its uses."""
_COUNTED_TOGETHER = 40
"""Messages that are read for all hashtags that a query finds: each of 20 hashtags gets two."""
_OWN = 40
"""Newest messages of the reader whose hashtags are found."""


class Day(NamedTuple):
    """The use of a hashtag on a day."""

    start: int
    """Midnight UTC, in seconds."""
    uses: int
    people: int


def history(name: str, now: int) -> list[Day]:
    """Count the public messages of a hashtag and their authors on each of the last seven days, today first.

    Counts the messages that everybody may see among the newest twenty that are fanned out. Deleted messages, and those
    of suspended and former users, are not counted.

    0.5 RRU for the ids, 0.5 for each of at most 20 messages and for each author who is not in the profile cache.
    """
    return _by_day(_seen([name], now)[name], now)


def _by_day(ids: Iterable[MessageId], now: int) -> list[Day]:
    authors: dict[int, list[str]] = defaultdict(list)
    for message_id in ids:
        authors[message_id.time // (1000 * DAY)].append(message_id.author_id)
    today = now // (1000 * DAY)
    return [Day(DAY * day, len(authors[day]), len(set(authors[day]))) for day in range(today, today - DAYS, -1)]


def find(query: str, reader_id: str | None, now: int) -> dict[str, list[Day]]:
    """Return the hashtags of live messages that start with a query, sorted by name, with their use by day.

    The query is a prefix, with or without `#`; one character, or the address of a hashtag, is the whole name. The
    hashtags of the reader's own newest messages are included, so that what the reader just posted is found at once.

    Uses are counted as `history` does, but at most forty messages are divided among all hashtags. The reader's own
    public messages, which are read anyway, are counted too.

    0.5 RRU for the names, 1 per 4 KB of the reader's messages; 0.5 for each of at most 20 hashtags, of at most 40
    messages, and of their authors who are not in the profile cache.
    """
    path = addresses.own_path(query)
    if path is not None and (len(path) != 2 or path[0] != "tags"):
        return {}
    # A partly typed hashtag may end with a joiner; a complete one does not.
    written = query.strip().lstrip(text.SIGNS).rstrip(text.JOINERS) if path is None else path[1]
    try:
        beginning = text.normalise_tag(written)
    except ValueError:
        return {}
    is_whole = path is not None or len(beginning) < timelines.TAG_PREFIX
    known, own = gather(partial(_known, beginning, now, is_whole=is_whole), partial(_own, reader_id, now))
    found = {name: ids for name, ids in _seen(known, now).items() if ids}
    for message in own:
        for name in message.tags:
            if name == beginning if path else name.startswith(beginning):
                uses = found.setdefault(name, set())
                if message.visibility is Visibility.PUBLIC:
                    uses.add(message.id)
    return {name: _by_day(found[name], now) for name in sorted(found)}


def _known(beginning: str, now: int, *, is_whole: bool) -> list[str]:
    return [beginning] if is_whole else timelines.tags_beginning(beginning, now, MAX_HASHTAGS)


def _own(reader_id: str | None, now: int) -> list[Message]:
    return [] if reader_id is None else list(islice(messages.of_author(reader_id, Window(limit=_OWN), now), _OWN))


def _seen(names: Sequence[str], now: int) -> dict[str, set[MessageId]]:
    """Return the newest messages on the timelines of hashtags, without those that not everybody may see."""
    limit = min(_COUNTED, _COUNTED_TOGETHER // max(1, len(names)))
    newest = gather_all([partial(_newest, name, now, limit) for name in names])
    hydrated = hydrate({message_id for ids in newest for message_id in ids}, None)
    rule = partial(why_hidden, reader_id=None, relations=NO_RELATIONS, now=now)
    return {
        name: {message_id for message_id in ids if hydrated.why_hidden(message_id, rule) is None}
        for name, ids in zip(names, newest, strict=True)
    }


def _newest(name: str, now: int, limit: int) -> list[MessageId]:
    pages = timelines.pages(timelines.tag(name), Window(limit=limit), now)
    return list(islice(chain.from_iterable(pages), limit))
