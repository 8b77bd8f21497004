"""What the tail knows of the last hours, for trends and suggestions."""

from collections.abc import Iterator
from random import Random

from fstream_app.core import packing
from fstream_app.core.packing import Entry, Visibility
from fstream_app.core.settings import DAY
from fstream_app.feed import tail

PERIOD = 1000 * DAY
"""Milliseconds: how old a message may be to count for a trend, if the tail reaches back so far."""
_ENOUGH = 1000
"""Entries in memory with which the tail is not extended for this."""
_HOURS = 8
"""Hours of the log that are read at once at least."""
_EXTENSIONS = 2


def load(now: int) -> None:
    """Refresh the tail, and extend it while it has few entries, so that a function that has just started knows some.

    RRU: as `Tail.refresh`, and as `Tail.extend`, twice at most, in which it reads 24 hours if these are sparse.
    """
    shared = tail.shared()
    if not shared.refresh(now):
        return
    for _ in range(_EXTENSIONS):
        if shared.count >= _ENOUGH or shared.floor <= now - PERIOD:
            return
        shared.extend(now - PERIOD, _HOURS)


def public_entries(author_id: str, packed: bytes, now: int) -> Iterator[Entry]:
    """Yield an author's live public messages of the last hours, without boosts and replies to others, newest first."""
    for entry in packing.descending(author_id, packed):
        if entry.id.time <= now - PERIOD:
            return
        is_left_out = entry.is_reply or entry.is_boost or entry.visibility is not Visibility.PUBLIC
        if not is_left_out and entry.is_live(now):
            yield entry


def chooser(now: int, period: int) -> Random:
    """Return a random generator that is the same for all of a period (ms)."""
    return Random(now // period)  # noqa: S311  # a choice of what to show
