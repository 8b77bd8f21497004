"""Public and hashtag timelines, which the function `views` writes, and an account's messages."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from fstream_app.core import settings
from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import settling, tail
from fstream_app.messages import paging, reading
from fstream_app.messages.sources import Candidate, Merge, Pages, Source
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import oldest_live, settled_before, why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages, pins
from fstream_app.repository import timelines as views


class Tags(msgspec.Struct, frozen=True):
    """The hashtags that a message must have: one of `some`, all of `every`, none of `none`. Names are normalised."""

    some: tuple[str, ...]
    every: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def admit(self, names: set[str]) -> bool:
        """Return whether a message with these hashtags matches."""
        return not names.isdisjoint(self.some) and names.issuperset(self.every) and names.isdisjoint(self.none)

    def admit_message(self, message: Message) -> bool:
        """Return whether a message has matching hashtags."""
        return self.admit(set(message.tags))


class Selection(msgspec.Struct, frozen=True):
    """The messages of an account that are asked for."""

    replies: bool = True
    """Whether to include replies to others."""
    only_replies: bool = False
    """Whether to include nothing else."""
    boosts: bool = True
    tagged: str = ""
    """A normalised hashtag that the messages must have; empty for all messages."""
    pinned: bool = False
    """Whether to include only messages that are pinned to the account's profile."""

    def admits(self, message: Message) -> bool:
        """Return whether a message is asked for; whether it is pinned is left to its source."""
        included = self.replies if message.is_reply else not self.only_replies
        return included and (not self.tagged or self.tagged in message.tags)


EVERYTHING = Selection()


def public(reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of the public timeline, for a reader or (None) for everybody; 0.5 RRU per shard and 50 entries."""
    return _listed([views.public(shard) for shard in range(settings.get().public_shards)], reader_id, window, now)


def tag(tags: Tags, reader_id: str | None, window: Window, now: int) -> Page:
    """Read a page of hashtags' timelines; 0.5 RRU per hashtag and 50 entries."""
    names = list(dict.fromkeys([*tags.some, *tags.every, *tags.none]))

    def admits(having: Sequence[int]) -> bool:
        return tags.admit({names[number] for number in having})

    # A message may have lost a hashtag, by an edit, since it was put on the hashtag's timeline.
    return _listed([views.tag(name) for name in names], reader_id, window, now, admits, tags.admit_message)


def _listed(
    names: Sequence[str],
    reader_id: str | None,
    window: Window,
    now: int,
    admits: Callable[[Sequence[int]], bool] = bool,
    wanted: Callable[[Message], bool] = lambda _: True,
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
    return paging.collect(Merge(sources, window, admits), window, viewer, wanted)


def of_account(
    author_id: str, reader_id: str | None, window: Window, now: int, selection: Selection = EVERYTHING
) -> Page:
    """Read a page of an account's messages that the reader may see; 1 RRU per 4 KB, consistent, and for the filters.

    Boosts need another round trip: see `Viewer.with_originals`.

    For pinned messages, 1 RRU for their ids and 1 for each of them instead. A page has them in the order in which they
    were pinned, the last one first; a page with room for fewer has the newest ones.
    """
    order = pins.of_user(author_id) if selection.pinned else []
    written: Source[Candidate]
    if selection.pinned:
        written = Pages(_listed_in(order, window), window)
    else:
        written = _written(author_id, window, now, boosts=selection.boosts)
    relations, filters, _ = gather(
        partial(relationships.of_reader_here, reader_id, author_id, now),
        partial(reading.filters_about, reader_id, author_id, now),
        written.advance,
    )
    viewer = Viewer(reader_id, relations, now, filters=filters, about=author_id)
    if viewer.why_passed_over(author_id) is not None:
        return Page([], {})
    page = paging.collect(Merge([written], window), window, viewer, selection.admits)
    if not selection.pinned:
        return page
    places = {message_id: place for place, message_id in enumerate(order)}
    return msgspec.structs.replace(page, messages=sorted(page.messages, key=lambda message: places[message.id]))


def _written(author_id: str, window: Window, now: int, *, boosts: bool) -> Source[Candidate]:
    """Return an author's messages as a source, with or without boosts, whose originals then need not be read."""
    if boosts:
        return Pages(messages.pages_of_author(author_id, window, now), window)
    pages = messages.pages_of_author(author_id, window, now, grows=True)
    return Pages[Message](pages, window, lambda each: each.boost_of is None)


def _listed_in(message_ids: Sequence[MessageId], window: Window) -> Iterator[Sequence[Candidate]]:
    """Yield the ids that are in a window, in its order, as the only page of a source."""
    within = [each for each in message_ids if window.after < each < window.before]
    yield sorted(within, reverse=not window.oldest_first)
