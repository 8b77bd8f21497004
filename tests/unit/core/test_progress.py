"""Loops that run until nothing is left: they end, or raise an exception."""

import pytest

from fstream_app.core import progress
from fstream_app.core.progress import NoProgress


class Shelf:
    """Items that are removed, except those that cannot be."""

    def __init__(self, items: str, stuck: str = "") -> None:
        self.items = list(items)
        self.stuck = stuck
        self.reads = 0

    def remove(self) -> list[str]:
        self.reads += 1
        batch = self.items[:3]
        self.items = [item for item in self.items if item not in batch or item in self.stuck]
        return batch

    def page(self, after: str | None) -> list[str]:
        self.reads += 1
        return [item for item in self.items if after is None or item > after][:3]


def test_everything_is_removed_batch_by_batch() -> None:
    shelf = Shelf("abcdefg")
    assert list(map(len, progress.until_empty(shelf.remove))) == [3, 3, 1]
    assert (shelf.items, shelf.reads) == ([], 4)


def test_a_batch_that_is_not_full_is_the_last_if_that_is_known() -> None:
    shelf = Shelf("abcdefg")
    assert list(map(len, progress.until_empty(shelf.remove, least=3))) == [3, 3]
    assert (shelf.items, shelf.reads) == ([], 3)


@pytest.mark.parametrize("least", [1, 3])
def test_to_remove_the_same_batch_twice_is_an_error(least: int) -> None:
    shelf = Shelf("abcdefg", stuck="bdfg")
    with pytest.raises(NoProgress):
        list(progress.until_empty(shelf.remove, least))
    assert shelf.items == ["b", "d", "f", "g"]


def test_an_index_is_walked_to_its_end() -> None:
    shelf = Shelf("abcdefg")
    assert list(map(len, progress.walk(shelf.page))) == [3, 3, 1]
    assert shelf.reads == 4


def test_a_page_that_comes_again_is_an_error() -> None:
    with pytest.raises(NoProgress):
        list(progress.walk(lambda _: ["a", "b"]))
