"""Loops that go on until nothing is left, and fail if a step changes nothing instead of running forever."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


class NoProgress(Exception):
    """A step that must make progress made none: a defect, which repeating does not cure."""


def until_empty(remove: Callable[[], Sequence[K]], least: int = 1) -> Iterator[Sequence[K]]:
    """Remove batch after batch, one whenever the next is asked for, until a batch is smaller than `least`.

    Args:
        remove: reads a batch (consistently) and removes it; returns the keys.
        least: the number of keys from which more may be left.

    Yields:
        The keys of each batch except the last.

    Raises:
        NoProgress: a batch was the same as the one before, so nothing of it was removed.
    """
    before: Sequence[K] = ()
    while len(keys := remove()) >= least:
        if keys == before:
            raise NoProgress("A batch that was removed is still there")
        yield keys
        before = keys


def walk(visit: Callable[[str | None], Sequence[str]]) -> Iterator[Sequence[str]]:
    """Visit page after page of an index, one whenever the next is asked for, until a page is empty.

    Args:
        visit: handles the page after a key (None: the first page); returns its keys in ascending order.

    Yields:
        The keys of each page.

    Raises:
        NoProgress: a page did not go beyond the one before.
    """
    after: str | None = None
    while keys := visit(after):
        if after is not None and keys[-1] <= after:
            raise NoProgress("A page does not go beyond the one before")
        yield keys
        after = keys[-1]
