"""Loops over work: until nothing is left, without looping forever, and over stream records that may fail."""

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)


class Recorded(Protocol):
    """Work that a stream record asks for."""

    @property
    def sequence(self) -> str:
        """The record's sequence number."""


K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=Recorded)


class NoProgress(Exception):
    """A step that must make progress made none. This is a defect; a retry does not help."""


def until_empty(remove: Callable[[], Sequence[K]], least: int = 1) -> Iterator[Sequence[K]]:
    """Remove batches lazily, one per iteration, until a batch has fewer than `least` keys.

    Args:
        remove: reads a batch (consistently), removes it, and returns its keys.
        least: a batch with at least this many keys may be followed by another.

    Yields:
        The keys of each batch except the last.

    Raises:
        NoProgress: a batch equals the one before it, so none of it was removed.
    """
    before: Sequence[K] = ()
    while len(keys := remove()) >= least:
        if keys == before:
            raise NoProgress("A batch that was removed is still there")
        yield keys
        before = keys


def walk(visit: Callable[[str | None], Sequence[str]]) -> Iterator[Sequence[str]]:
    """Visit the pages of an index lazily, one per iteration, until a page is empty.

    Args:
        visit: handles the page after a key (None: the first page), and returns the page's keys in ascending order.

    Yields:
        The keys of each page.

    Raises:
        NoProgress: a page did not advance beyond the one before it.
    """
    after: str | None = None
    while keys := visit(after):
        if after is not None and keys[-1] <= after:
            raise NoProgress("A page does not go beyond the one before")
        yield keys
        after = keys[-1]


def try_each(found: Sequence[R], do: Callable[[R], None], work: str) -> set[str]:
    """Do what stream records ask for, and log which kind of work has failed, with the type of its error.

    Returns:
        The sequence numbers of the records that must be retried.
    """
    failed = set()
    for each in found:
        try:
            do(each)
        except Exception as error:  # noqa: BLE001
            logger.warning("%s to be tried again: %s", work, type(error).__name__)
            failed.add(each.sequence)
    return failed
