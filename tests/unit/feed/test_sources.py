"""The tail's and the heads' entries as sources of a home timeline."""

from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import packing
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed.sources import Entries
from fstream_app.messages.sources import Candidate, Merge

WRITTEN = st.sets(st.tuples(st.integers(0, 5), st.integers(1, 6), st.integers(0, 2)))


def packed(written: set[tuple[int, int, int]], lifetime: int = 60) -> dict[str, bytes]:
    """The entries of some authors (author, time, random bits), packed by author."""
    by_author: dict[str, list[Entry]] = {}
    for author, time, chance in written:
        message_id = MessageId(time, f"{author:013}", chance)
        by_author.setdefault(message_id.author_id, []).append(Entry(message_id, lifetime, Visibility.PUBLIC, False))
    return {author: packing.pack_head(entries) for author, entries in by_author.items()}


def ids(written: set[tuple[int, int, int]]) -> list[MessageId]:
    return sorted(MessageId(time, f"{author:013}", chance) for author, time, chance in written)


@given(WRITTEN, st.booleans())
def test_entries_are_merged_in_the_order_of_ids_however_they_coincide(
    written: set[tuple[int, int, int]], oldest_first: bool
) -> None:
    window = Window(oldest_first=oldest_first)
    sources = [Entries(author, entries, window, now=0) for author, entries in packed(written).items()]
    taken = Merge[Candidate](sources, window).take(1000)
    assert taken == ids(written)[:: 1 if oldest_first else -1]
    assert sum(source.taken for source in sources) == len(taken)


@given(WRITTEN, st.integers(0, 7), st.integers(0, 7), st.booleans())
def test_entries_are_cut_at_both_bounds_exclusively(
    written: set[tuple[int, int, int]], after: int, before: int, oldest_first: bool
) -> None:
    window = Window(after=lowest_at(after), before=lowest_at(before), oldest_first=oldest_first)
    sources = [Entries(author, entries, window, now=0) for author, entries in packed(written).items()]
    inside = [each for each in ids(written) if window.after < each < window.before]
    assert Merge[Candidate](sources, window).take(1000) == inside[:: 1 if oldest_first else -1]


def test_expired_entries_are_passed_over() -> None:
    ((author, entries),) = packed({(1, 1, 0), (1, 2000, 0)}, lifetime=1).items()
    source = Entries(author, entries, Window(), now=1001)
    assert source.peek() == MessageId(2000, author, 0)
    source.take()
    assert source.peek() is None
