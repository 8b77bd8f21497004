"""Trends: hashtags that many people use, and messages that many like, among those of the last hours in memory.

A warm function ranks candidates once a minute, from the tail. Each request then reads the messages of the first ones,
as every page does: so what is deleted, expired or hidden from the reader is not shown, nor anything by accounts that do
not want to be discovered.

One person can't make a trend, or crowd others out: hashtags are ranked by the number of accounts, and those that a
single account uses fill up what is left, one per account. Messages are ranked by favourites. Replies count at most as
much, because one person can write many. At most three messages of an account are listed.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, zip_longest
from typing import Generic, NamedTuple, TypeVar

from fstream_app.core import tagging
from fstream_app.core.entities import Message, Page, Reactions, User
from fstream_app.core.filters import NO_FILTERS
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.core.warm import remembered
from fstream_app.feed import hashtags, recent, tail
from fstream_app.feed.hashtags import Day
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import why_not_listed
from fstream_app.people import profiles, relationships
from fstream_app.repository import messages

T = TypeVar("T")

REFRESH = 60_000
"""Milliseconds after which candidates are ranked again."""
MOST = 20
"""Limit of trending hashtags, and of trending messages."""
_CONSIDERED = 30
"""Messages that are read to rank messages."""
_AUTHORS = 400
"""Authors among whose messages candidates are looked for."""
_NEWEST = 20
"""Newest messages of each of them."""
_PER_AUTHOR = 3
"""Limit of trending messages of an author."""
_TAGS = 40
"""Hashtags that are ranked: those that most accounts use."""
_PER_TAG = 2
"""Messages that are to be shown of a hashtag, by different authors, for it to count as used by several accounts."""
_TRIES = 3
"""How often messages are read, in place of those that may not be shown."""
_KEPT_PER_TAG = 20


class TagCandidate(NamedTuple):
    """A hashtag that may be trending, whose name is not known yet."""

    number: int
    """The hash of its name."""
    accounts: int
    messages: Sequence[MessageId]
    """The newest one of each account, at most twenty."""


class Ranking(Generic[T]):
    """Candidates, best first. Thread-safe.

    Args:
        rank: ranks them, given the last ranking and the time (ms).
    """

    def __init__(self, rank: Callable[[Sequence[T], int], list[T]]) -> None:
        self._rank = rank
        self._lock = threading.Lock()
        self._ranked_at: int | None = None
        self._ranked: list[T] = []

    def at(self, now: int) -> list[T]:
        """Return the candidates, ranked within the last minute. RRU, if they are not: as `recent.load`, and `rank`."""
        with self._lock:
            if self._ranked_at is None or not 0 <= now - self._ranked_at < REFRESH:
                recent.load(now)
                self._ranked = self._rank(self._ranked, now)
                self._ranked_at = now
            return self._ranked


@remembered
def _tags() -> Ranking[TagCandidate]:
    return Ranking(_ranked_tags)


@remembered
def _messages() -> Ranking[MessageId]:
    return Ranking(_ranked_messages)


def tags(reader_id: str | None, now: int) -> list[tuple[str, list[Day]]]:
    """Return the trending hashtags with their use by day, most used first.

    RRU: as `Ranking.at`, which reads nothing else; 1 for each of at most 40 messages, and for as many again, twice, if
    these may not be shown; 0.5 for each author who is not in the profile cache; 1 per 136 edges.
    """
    candidates, relations = gather(partial(_tags().at, now), partial(relationships.of_reader, reader_id, now))
    viewer = Viewer(reader_id, relations, now, why_not_listed, filters=NO_FILTERS)
    names = _names(_some_of_each(candidates[:MOST], viewer))
    history = hashtags.remembered(names, now)
    return [(name, history[name]) for name in names]


def _some_of_each(tags: Sequence[TagCandidate], viewer: Viewer) -> dict[int, list[Message]]:
    """Read two messages of each hashtag that may be shown to the reader, if there are so many."""
    shown: dict[int, list[Message]] = {tag.number: [] for tag in tags}
    left = {tag.number: iter(tag.messages) for tag in tags}
    for _ in range(_TRIES):
        chosen = {
            number: list(islice((each for each in left[number] if not viewer.passes_over(each)), _PER_TAG - len(some)))
            for number, some in shown.items()
        }
        hydrated = viewer.hydrate({each for some in chosen.values() for each in some})
        for number, some in chosen.items():
            shown[number] += [each for each in _shown(some, hydrated, viewer) if _name(each, number) is not None]
    return shown


def _name(message: Message, number: int) -> str | None:
    """Return the hashtag of a message that has this hash; None if it has none, or an edit has removed it."""
    return next((tag for tag in message.tags if tagging.hash_of(tag) == number), None)


def _names(shown: dict[int, list[Message]]) -> list[str]:
    """Return the names of hashtags, given by their hashes with messages: first those of several accounts."""
    several, single, accounts = list[str](), list[str](), set[str]()
    for number, some in shown.items():
        if not some or (name := _name(some[0], number)) is None:
            continue
        if len(some) >= _PER_TAG:
            several.append(name)
        elif some[0].author_id not in accounts:
            accounts.add(some[0].author_id)
            single.append(name)
    return several + single


def statuses(reader_id: str | None, now: int) -> Page:
    """Return the trending messages, best first.

    RRU: as `Ranking.at`; 1 for each of at most 20 messages, 0.5 for each author who is not in the profile cache, 1 per
    136 edges.
    """
    candidates, relations = gather(partial(_messages().at, now), partial(relationships.of_reader, reader_id, now))
    viewer = Viewer(reader_id, relations, now, why_not_listed)
    hydrated = viewer.hydrate([each for each in candidates if not viewer.passes_over(each)])
    shown = _shown(candidates, hydrated, viewer)
    page = Page(shown, hydrated.users, hydrated.reactions, filters=viewer.filters, originals=hydrated.originals)
    return answers.of_page(page, now)


def _shown(candidates: Iterable[MessageId], hydrated: Hydrated, viewer: Viewer) -> list[Message]:
    seen = (each for each in candidates if hydrated.why_hidden(each, viewer.why_not) is None)
    return [
        message
        for message in (hydrated.messages[each] for each in seen)
        if _may_trend(message, hydrated.users[message.author_id])
    ]


def _may_trend(message: Message, author: User) -> bool:
    return (
        author.discoverable
        and not author.has_cleared(message.written)
        and not message.sensitive
        and not message.spoiler
    )


def _ranked_tags(_: Sequence[TagCandidate], now: int) -> list[TagCandidate]:
    found = tail.shared().most_used_tags(_TAGS, now - recent.PERIOD, now)
    candidates = [_tag_candidate(number, packed, now) for number, packed in found]
    return sorted(candidates, key=lambda each: (each.accounts, each.messages[0]), reverse=True)


def _tag_candidate(number: int, packed: bytes, now: int) -> TagCandidate:
    newest: dict[str, MessageId] = {}
    for entry in tagging.descending(packed):
        if entry.id.time > now - recent.PERIOD and entry.is_live(now):
            newest.setdefault(entry.id.author_id, entry.id)
    return TagCandidate(number, len(newest), list(islice(newest.values(), _KEPT_PER_TAG)))


def _ranked_messages(known: Sequence[MessageId], now: int) -> list[MessageId]:
    """Rank the best messages so far and a sample of the others.

    RRU: 0.5 for each of at most 30 messages, and for each of their authors who is not in the profile cache.
    """
    candidates = [*known, *islice(_sample(known, now), _CONSIDERED - len(known))]
    found = messages.get_posted(candidates)
    users = profiles.get_many({each.author_id for each in found})
    ranked = sorted(
        (
            message
            for message in found.values()
            if message.is_live(now)
            and message.id.time > now - recent.PERIOD
            and message.author_id in users
            and _may_trend(message, users[message.author_id])
        ),
        key=lambda message: (_score(message, users[message.author_id], now), message.id),
        reverse=True,
    )
    return list(islice(_few_of_each(message.id for message in ranked), MOST))


def _score(message: Message, author: User, now: int) -> int:
    favourites = Reactions().favourites_count(message, author)  # as everybody sees them
    return favourites + min(favourites, message.replies_count(now))


def _few_of_each(ids: Iterable[MessageId]) -> Iterator[MessageId]:
    listed: Counter[str] = Counter()
    for each in ids:
        listed[each.author_id] += 1
        if listed[each.author_id] <= _PER_AUTHOR:
            yield each


def _sample(known: Collection[MessageId], now: int) -> Iterator[MessageId]:
    """Yield messages in memory that are not known yet, at random: one of each author, then another, and so on."""
    chooser = recent.chooser(now, REFRESH)
    written = []
    for author_id, packed in tail.shared().sample(_AUTHORS, chooser).items():
        newest = [entry.id for entry in islice(recent.public_entries(author_id, packed, now), _NEWEST)]
        written.append(chooser.sample(newest, len(newest)))
    return (each for turn in zip_longest(*written) for each in turn if each is not None and each not in known)
