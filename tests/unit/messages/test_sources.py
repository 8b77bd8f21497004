"""Sources are merged in reading order, and read on only where they hold the others up."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId
from fstream_app.messages import paging
from fstream_app.messages.sources import Merge, Pages

NUMBERS = st.sets(st.integers(1, 30))
SIZES = st.lists(st.integers(0, 4), min_size=1, max_size=20)


def message_id(number: int) -> MessageId:
    return MessageId(number, "0" * 13, 0)


class Counted(Pages[MessageId]):
    """A source whose pages have the sizes given; it counts how many were read, and knows whether reading is allowed."""

    def __init__(self, numbers: set[int], sizes: list[int], window: Window) -> None:
        self.read = 0
        self.may_read = False
        self.ids = sorted(map(message_id, numbers), reverse=not window.oldest_first)
        super().__init__(self._read(sizes), window)

    def _read(self, sizes: list[int]) -> Iterator[Sequence[MessageId]]:
        left = self.ids
        for size in sizes:
            assert self.may_read, "taking candidates must not read"
            self.read += 1
            yield left[:size]
            left = left[size:]
        if left:
            self.read += 1
            yield left


def take_all(merge: Merge[MessageId], sources: list[Counted], count: int) -> list[MessageId]:
    """Take all candidates, this many at a time; reading is allowed while the merge advances, and only then."""
    taken: list[MessageId] = []
    while True:
        found = merge.take(count)
        taken += found
        if len(found) == count:
            continue
        for source in sources:
            source.may_read = True
        advanced = merge.advance()
        for source in sources:
            source.may_read = False
        if not advanced:
            return taken


@given(st.lists(st.tuples(NUMBERS, SIZES), max_size=5), st.booleans(), st.integers(1, 7))
def test_candidates_come_in_order_once_however_they_are_spread(
    parts: list[tuple[set[int], list[int]]], oldest_first: bool, count: int
) -> None:
    window = Window(oldest_first=oldest_first)
    sources = [Counted(numbers, sizes, window) for numbers, sizes in parts]
    everything = {each for source in sources for each in source.ids}
    assert take_all(Merge(sources, window), sources, count) == sorted(everything, reverse=not oldest_first)


@given(st.lists(st.tuples(NUMBERS, SIZES), min_size=1, max_size=4), st.booleans(), st.integers(1, 3))
def test_a_source_is_admitted_by_all_that_have_the_candidate(
    parts: list[tuple[set[int], list[int]]], oldest_first: bool, wanted: int
) -> None:
    window = Window(oldest_first=oldest_first)
    sources = [Counted(numbers, sizes, window) for numbers, sizes in parts]
    merge = Merge(sources, window, lambda having: len(having) >= wanted)
    everything = {each for source in sources for each in source.ids}
    admitted = [each for each in everything if sum(each in source.ids for source in sources) >= wanted]
    assert take_all(merge, sources, 5) == sorted(admitted, reverse=not oldest_first)


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.booleans(), st.integers(0, 40))
def test_no_source_reads_a_page_that_the_candidates_taken_did_not_need(
    parts: list[set[int]], oldest_first: bool, count: int
) -> None:
    window = Window(oldest_first=oldest_first)
    sources = [Counted(numbers, [1] * len(numbers), window) for numbers in parts]
    for source in sources:
        source.may_read = True
    taken = paging.consider(Merge(sources, window), count).kept
    for source in sources:
        # One page has one id. A page is needed as long as the page before did not go beyond the last one taken.
        needed = [each for each in source.ids if taken and ((each <= taken[-1]) if oldest_first else each >= taken[-1])]
        assert source.read <= len(needed) + 1 or len(taken) < count


def test_sources_that_hold_the_merge_up_at_the_same_place_read_at_the_same_time() -> None:
    window = Window()
    sources = [Counted({number}, [1], window) for number in range(1, 4)]
    for source in sources:
        source.may_read = True
    merge = Merge(sources, window)
    assert merge.take(1) == []
    assert merge.advance()
    assert [source.read for source in sources] == [1, 1, 1]
    assert merge.take(1) == [message_id(3)]


def test_a_narrowed_source_leaves_out_what_was_read_and_what_is_read_later() -> None:
    window = Window(oldest_first=True)
    source = Counted(set(range(1, 7)), [3, 3], window)
    source.may_read = True
    source.advance()
    source.narrow(before=message_id(3))
    assert take_all(Merge([source], window), [source], 10) == [message_id(1), message_id(2)]
