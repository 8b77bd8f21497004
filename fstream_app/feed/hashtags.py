"""Search for hashtags by prefix, and count their uses."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from fstream_app import text
from fstream_app.core import addresses, tagging
from fstream_app.core.entities import Message, Window
from fstream_app.core.filters import NO_FILTERS
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import NO_RELATIONS
from fstream_app.core.settings import DAY
from fstream_app.feed import tail
from fstream_app.feed.tagged import NO_ENTRIES, TagEntries
from fstream_app.messages.paging import Pager, consider
from fstream_app.messages.sources import Merge, Pages
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages, timelines

MAX_HASHTAGS = 20
DAYS = 7
"""Number of days for which uses are counted, including today."""
_COUNTED = 20
"""Limit of messages of a hashtag that are counted: the newest ones."""
_COUNTED_TOGETHER = 40
"""Limit of messages that are counted for all hashtags that a query finds: for each of 20 hashtags, two."""
_MAX_NAMES, _MAX_READ = 1000, 600
"""Limits of names and of messages that a search looks at, if few of them are shown."""
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

    Counts the newest twenty that are fanned out and that everybody may see. Messages that are deleted, and those of
    suspended and former users, take no room among these.

    0.5 RRU for the ids, 1 for each message and 0.5 for each author who is not in the profile cache.
    """
    return by_day(_seen([name], Viewer(None, NO_RELATIONS, now))[name], now)


def remembered(names: Collection[str], now: int) -> dict[str, list[Day]]:
    """Count the live public messages of hashtags that this function has in memory, as `history` does; no reads."""
    known = tail.shared().snapshot((), names).tagged
    return {name: by_day(_live(known.get(name, NO_ENTRIES), now), now) for name in names}


def _live(entries: TagEntries, now: int) -> list[MessageId]:
    return [entry.id for entry in tagging.ascending(entries.packed) if entry.is_live(now)]


def by_day(ids: Iterable[MessageId], now: int) -> list[Day]:
    """Count messages and their authors on each of the last seven days, today first."""
    authors: dict[int, list[str]] = defaultdict(list)
    for message_id in ids:
        authors[message_id.time // (1000 * DAY)].append(message_id.author_id)
    today = now // (1000 * DAY)
    return [Day(DAY * day, len(authors[day]), len(set(authors[day]))) for day in range(today, today - DAYS, -1)]


def find(query: str, reader_id: str | None, now: int) -> dict[str, list[Day]]:
    """Return the hashtags of live messages that start with a query, sorted by name, with their use by day.

    The query is a prefix, with or without `#`; one character, or the address of a hashtag, is the whole name. The
    hashtags of the reader's own newest messages are included, so that what the reader just posted is found at once.

    Uses are counted as `history` does, but at most forty messages are divided among all hashtags, and messages of
    people whom the reader blocks or mutes, or who block the reader, do not count. The reader's own public messages,
    which are read anyway, are counted too.

    Names whose messages are all hidden take no room in the result: a search reads on, through at most 1,000 names and
    about 600 messages.

    0.5 RRU for the names, 1 per 4 KB of the reader's messages, 1 per 136 edges; 0.5 for each hashtag, 1 for each
    message, and 0.5 for each author who is not in the profile cache.
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
    names, own, relations = gather(
        partial(_names, beginning, now, is_whole=is_whole),
        partial(_own, reader_id, now),
        partial(relationships.of_reader, reader_id, now),
    )
    found = _found(names, Viewer(reader_id, relations, now, why_not_listed, NO_FILTERS))
    for message in own:
        for name in message.tags:
            if name == beginning if path else name.startswith(beginning):
                uses = found.setdefault(name, set())
                if message.visibility is Visibility.PUBLIC:
                    uses.add(message.id)
    return {name: by_day(found[name], now) for name in sorted(found)}


def _names(beginning: str, now: int, *, is_whole: bool) -> Iterator[str]:
    """Return the names that a query may mean, with the first page already read."""
    if is_whole:
        return iter([beginning])
    names = timelines.tags_beginning(beginning, now, MAX_HASHTAGS)
    return chain(list(islice(names, MAX_HASHTAGS)), names)


def _own(reader_id: str | None, now: int) -> list[Message]:
    return [] if reader_id is None else list(islice(messages.of_author(reader_id, Window(limit=_OWN), now), _OWN))


def _found(names: Iterator[str], viewer: Viewer) -> dict[str, set[MessageId]]:
    """Return the first names with messages that the reader sees, and these messages."""
    found: dict[str, set[MessageId]] = {}
    left = islice(names, _MAX_NAMES)
    while len(found) < MAX_HASHTAGS and (some := list(islice(left, MAX_HASHTAGS))):
        found |= {name: ids for name, ids in _seen(some, viewer).items() if ids}
    return dict(islice(found.items(), MAX_HASHTAGS))


def _seen(names: Sequence[str], viewer: Viewer) -> dict[str, set[MessageId]]:
    """Return the newest messages on the timelines of hashtags that the reader sees.

    The first round trips read as many for each hashtag as are counted. More follow for hashtags with hidden messages.
    """
    window = Window(before=lowest_at(viewer.now + 1), limit=min(_COUNTED, _COUNTED_TOGETHER // len(names)))
    tags = {name: Merge([_source(name, window, viewer.now)], window) for name in names}
    pagers: dict[str, Pager[MessageId]] = {name: Pager(window) for name in names}
    read = 0
    while read < _MAX_READ and (open_ := [name for name in names if pagers[name].wanted]):
        chunks = gather_all([partial(consider, tags[name], pagers[name].wanted, viewer.passes_over) for name in open_])
        candidates = {each for chunk in chunks for each in chunk.kept}
        hydrated = viewer.hydrate(candidates)
        for name, chunk in zip(open_, chunks, strict=True):
            seen = (each for each in chunk.kept if hydrated.why_hidden(each, viewer.why_not) is None)
            # An edit may have taken the hashtag out of the message.
            pagers[name].add(chunk, {each: each for each in seen if name in hydrated.messages[each].tags})
        read += len(candidates)
    return {name: set(pager.slice().shown) for name, pager in pagers.items()}


def _source(name: str, window: Window, now: int) -> Pages[MessageId]:
    return Pages(timelines.pages(timelines.tag(name), window, now), window)
