"""Search for hashtags by prefix, and count their uses."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from fstream_app import text
from fstream_app.core import addresses
from fstream_app.core.entities import NO_RELATIONS, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.settings import DAY
from fstream_app.messages.hydration import hydrate
from fstream_app.messages.visibility import why_hidden
from fstream_app.repository import messages, timelines

MAX_HASHTAGS = 20
_CHECKED = 2
"""Newest messages of a hashtag that are read; the hashtag is found if one of them may be seen by everybody."""
DAYS = 7
"""Number of days for which uses are counted, including today."""
_COUNTED = 50
"""Number of newest messages of a hashtag that are counted: half a read unit's worth."""
_OWN = 40
"""Newest messages of the reader whose hashtags are found."""


class Day(NamedTuple):
    """The use of a hashtag on a day."""

    start: int
    """Midnight UTC, in seconds."""
    uses: int
    people: int


def history(names: Sequence[str], now: int) -> dict[str, list[Day]]:
    """Count the public messages of hashtags and their authors on each of the last seven days, today first.

    Counts the newest fifty messages that are fanned out and have not expired; deleted ones may be among them.
    0.5 RRU for each hashtag.
    """
    counted = gather_all([partial(_newest, name, now, _COUNTED) for name in names])
    return {name: _by_day(ids, now) for name, ids in zip(names, counted, strict=True)}


def _by_day(ids: Sequence[MessageId], now: int) -> list[Day]:
    authors: dict[int, list[str]] = defaultdict(list)
    for message_id in ids:
        authors[message_id.time // (1000 * DAY)].append(message_id.author_id)
    today = now // (1000 * DAY)
    return [Day(DAY * day, len(authors[day]), len(set(authors[day]))) for day in range(today, today - DAYS, -1)]


def find(query: str, reader_id: str | None, now: int) -> list[str]:
    """Return the hashtags of live messages that start with a query, sorted by name.

    The query is a prefix, with or without `#`; one character, or the address of a hashtag, is the whole name. The
    hashtags of the reader's own newest messages are included, so that what the reader just posted is found at once.

    0.5 RRU for the names, 1 per 4 KB of the reader's messages; 1.5 for each of at most 20 hashtags.
    """
    path = addresses.own_path(query)
    if path is not None and (len(path) != 2 or path[0] != "tags"):
        return []
    # A partly typed hashtag may end with a joiner; a complete one does not.
    written = query.strip().lstrip(text.SIGNS).rstrip(text.JOINERS) if path is None else path[1]
    try:
        beginning = text.normalise_tag(written)
    except ValueError:
        return []
    is_whole = path is not None or len(beginning) < timelines.TAG_PREFIX
    known, own = gather(partial(_known, beginning, now, is_whole=is_whole), partial(_own_tags, reader_id, now))
    found = {name for name in own if (name == beginning if path else name.startswith(beginning))}
    return sorted(found | _in_use([name for name in known if name not in found], now))


def _known(beginning: str, now: int, *, is_whole: bool) -> list[str]:
    return [beginning] if is_whole else timelines.tags_beginning(beginning, now, MAX_HASHTAGS)


def _own_tags(reader_id: str | None, now: int) -> set[str]:
    if reader_id is None:
        return set()
    newest = messages.of_author(reader_id, Window(limit=_OWN), now)
    return {name for message in islice(newest, _OWN) for name in message.tags}


def _in_use(names: list[str], now: int) -> set[str]:
    """Return the hashtags for which one of the newest messages on their timelines may be seen by everybody."""
    newest = gather_all([partial(_newest, name, now, _CHECKED) for name in names])
    hydrated = hydrate({message_id for ids in newest for message_id in ids}, None)
    rule = partial(why_hidden, reader_id=None, relations=NO_RELATIONS, now=now)
    return {
        name
        for name, ids in zip(names, newest, strict=True)
        if any(hydrated.why_hidden(message_id, rule) is None for message_id in ids)
    }


def _newest(name: str, now: int, limit: int) -> list[MessageId]:
    pages = timelines.pages(timelines.tag(name), Window(limit=limit), now)
    return list(islice(chain.from_iterable(pages), limit))
