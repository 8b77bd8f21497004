"""Public and hashtag timelines, which the function `views` writes, and an account's messages."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from fstream_app.core import settings
from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import settling, tail
from fstream_app.messages import paging, reading
from fstream_app.messages.sources import Candidate, Merge, Pages
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import oldest_live, settled_before, why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages
from fstream_app.repository import timelines as views


class Tags(msgspec.Struct, frozen=True):
    """The hashtags that a message must have: one of `some`, all of `every`, none of `none`. Names are normalised."""

    some: tuple[str, ...]
    every: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def admit(self, names: set[str]) -> bool:
        """Return whether a message with these hashtags matches."""
        return not names.isdisjoint(self.some) and names.issuperset(self.every) and names.isdisjoint(self.none)


def public(reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of the public timeline, for a reader or (None) for everybody; 0.5 RRU per shard and 50 entries."""
    return _listed([views.public(shard) for shard in range(settings.get().public_shards)], reader_id, window, now)


def tag(tags: Tags, reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of hashtags' timelines; 0.5 RRU per hashtag and 50 entries."""
    names = list(dict.fromkeys([*tags.some, *tags.every, *tags.none]))

    def admits(having: Sequence[int]) -> bool:
        return tags.admit({names[number] for number in having})

    return _listed([views.tag(name) for name in names], reader_id, window, now, admits)


def _listed(
    names: Sequence[str],
    reader_id: str | None,
    window: Window,
    now: int,
    admits: Callable[[Sequence[int]], bool] = bool,
) -> Page:
    """Read a page of merged views, without ids that have not settled or must have expired.

    RRU also as for `Tail.refresh` and `settling.own_missing`.
    """
    shown = window.narrowed(after=oldest_live(now), before=settled_before(now))
    read = {name: Pages[Candidate](views.pages(name, shown, now), shown) for name in names}
    sources = list(read.values())
    relations, _, _ = gather(
        partial(relationships.of_reader, reader_id, now),
        partial(gather_all, [source.advance for source in sources]),
        partial(tail.shared().refresh, now),
    )
    settled = min(settled_before(now, tail.shared().views_lag()), settling.own_missing(read, shown, now))
    for source in sources:
        source.narrow(before=settled)
    viewer = Viewer(reader_id, relations, now, why_not_listed)
    return paging.collect(Merge(sources, window, admits), window, viewer)


def of_account(
    author_id: str,
    reader_id: str | None,
    window: Window,
    now: int,
    *,
    replies: bool = True,
    only_replies: bool = False,
    tagged: str = "",
) -> Page:
    """Read a page of an account's messages that the reader may see; 1 RRU per 4 KB, consistent, and for the filters.

    Args:
        author_id: the account's id.
        reader_id: the reader; None for an anonymous reader.
        window: the part of the timeline.
        now: milliseconds.
        replies: whether to include replies to others.
        only_replies: whether to include nothing else.
        tagged: a normalised hashtag that the messages must have; empty for all messages.
    """
    written = Pages[Candidate](messages.pages_of_author(author_id, window, now), window)
    relations, filters, _ = gather(
        partial(relationships.of_reader_with, reader_id, author_id, now),
        partial(reading.filters_about, reader_id, author_id, now),
        written.advance,
    )
    viewer = Viewer(reader_id, relations, now, filters=filters)
    if viewer.why_passed_over(author_id) is not None:
        return Page([], {})

    def wanted(message: Message) -> bool:
        included = replies if message.is_reply else not only_replies
        return included and (not tagged or tagged in message.tags)

    return paging.collect(Merge([written], window), window, viewer, wanted)
