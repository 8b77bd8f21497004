"""Searching hashtags by the beginning of their names."""

from functools import partial
from itertools import chain, islice

from fstream_app.core import addresses
from fstream_app.core.entities import NO_RELATIONS, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather, gather_all
from fstream_app.messages import text
from fstream_app.messages.hydration import hydrate
from fstream_app.messages.visibility import why_hidden
from fstream_app.repository import messages, timelines

MAX_HASHTAGS = 20
_LOOKED_AT = 2
"""Messages of a hashtag, of which one must be there."""
_OWN = 40


def find(query: str, reader_id: str | None, now: int) -> list[str]:
    """Return the hashtags that begin with a query and that a live message has, by name.

    A query is the beginning, with or without `#`; one character, or the address of a hashtag, is the whole name. The
    reader's own newest messages are looked at besides, so that what was just posted is found at once.

    0.5 RRU for the names, 1 per 4 KB of the reader's messages; 1.5 for each of at most 20 hashtags.
    """
    path = addresses.own_path(query)
    if path is not None and (len(path) != 2 or path[0] != "tags"):
        return []
    written = query.strip().removeprefix("#") if path is None else path[1]
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
    """Return those hashtags that one of the newest messages has which were on their timelines, and which is there."""
    newest = gather_all([partial(_newest, name, now) for name in names])
    hydrated = hydrate({message_id for ids in newest for message_id in ids}, None)
    rule = partial(why_hidden, reader_id=None, relations=NO_RELATIONS, now=now)
    return {
        name
        for name, ids in zip(names, newest, strict=True)
        if any(hydrated.why_hidden(message_id, rule) is None for message_id in ids)
    }


def _newest(name: str, now: int) -> list[MessageId]:
    pages = timelines.pages(timelines.tag(name), Window(limit=_LOOKED_AT), now)
    return list(islice(chain.from_iterable(pages), _LOOKED_AT))
