"""What ideas for less would save: computed from the measured coefficients, built by nobody yet.

The steps are simulated one on top of the other; the single ideas are priced on what was counted of the day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ops.costs import READ_UNIT
from ops.simulation.day import Change, Day, simulate
from ops.simulation.policies import RRU, WRU, bills

_ENTRIES_A_POST = 2
"""Of a day, that the tail has room for: all that is live, and as much to spare."""
_TAIL_MEMORY = 0.5
"""Share of a function's memory that it may take."""
_PACKED_ID, _ACCOUNT = 9, 150
"""Bytes of a user id in 65 bits, and of what a page shows of an account besides its id."""
_PROFILES = 600.0
_LOG_PAGES = 10
_REMEMBERED_WRU, _REMEMBERED_RRU = 2, 0.5
"""To remember the 80 candidates of a reader's page, and to read them again."""


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea, and the dollars a day of all that DynamoDB does without and with it."""

    name: str
    without: float
    database: float

    @property
    def saved(self) -> float:
        """Dollars a day."""
        return self.without - self.database


def steps(day: Day) -> Iterator[Idea]:
    """Simulate the day with one change after the other."""
    parameters, change = day.parameters, Change()
    room = _TAIL_MEMORY * 1e6 * parameters.memory / day.costs.tail_entry_bytes
    entries = max(parameters.tail_entries, int(min(_ENTRIES_A_POST * parameters.posts_a_day, room)))
    without = bills(day)["fstream"].database
    changes: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
        ("the paginator asks for what is missing", {}, {"exact_pages": True}),
        (f"FSTREAM_TAIL_ENTRIES={entries}", {"tail_entries": entries}, {}),
        ("a tail knows when it holds all that is live", {}, {"knows_all": True}),
        (f"a read below the tail fetches {_LOG_PAGES} pages of the log", {}, {"log_pages": _LOG_PAGES}),
        (f"FSTREAM_PROFILE_CACHE={_PROFILES:.0f}", {"profile_cache": _PROFILES}, {}),
    )
    for name, settings, changed in changes:
        parameters, change = replace(parameters, **settings), replace(change, **changed)
        changed_day = simulate(parameters, day.costs, change=change)
        database = bills(changed_day)["fstream"].database
        yield Idea(name, without, database)
        without = database
    polls = changed_day.counts.reads - changed_day.counts.first - changed_day.counts.scrolled
    yield Idea("a poll takes one's own messages from the tail", without, without - RRU * polls)


def single(day: Day) -> Iterator[Idea]:
    """Price ideas that stand alone, on the day as it is."""
    counts, without = day.counts, bills(day)["fstream"].database
    for name, saved in (
        ("edges cached with a version", _cached_edges(day)),
        ("edges packed into one item", RRU * (counts.edges_rru - _units_of_edges(day, _PACKED_ID))),
        ("the account bundled with the edge", _bundled(day)),
        ("favourites and bookmarks in one query", RRU * counts.pages * day.costs.reactions_rru / 2),
        ("candidates remembered for those who scroll", _remembered(day)),
        ("hydrating only what is new, at most", _only_new(day)),
        ("tokens read eventually consistent", RRU * counts.reads * day.costs.request_rru / 2),
    ):
        yield Idea(name, without, without - saved)


def _units_of_edges(day: Day, edge_bytes: float) -> float:
    # A unit for each begun one; on average half of the last one is empty.
    mean = day.authors.followees_mean(day.parameters)
    return day.counts.reads * max(1.0, mean * edge_bytes / READ_UNIT + 0.5 * (mean * edge_bytes > READ_UNIT / 2))


def _cached_edges(day: Day) -> float:
    """A read that meets a function which has the reader's edges saves them; every read pays 1 RRU for the version."""
    a_session = day.parameters.reads / day.parameters.sessions
    met = sum(1 - (1 - 1 / day.fleet.warm.mean()) ** before for before in range(round(a_session))) / a_session
    return float(RRU * (met * day.counts.edges_rru - day.counts.reads))


def _bundled(day: Day) -> float:
    larger = _units_of_edges(day, day.costs.edge_bytes + _ACCOUNT) - day.counts.edges_rru
    return RRU * (day.costs.author_rru * day.counts.unknown - larger)


def _remembered(day: Day) -> float:
    """A first page writes its candidates, and who scrolls reads them instead of the heads."""
    counts = day.counts
    full = counts.first + counts.scrolled
    heads = counts.heads_rru * counts.scrolled / full
    return RRU * (heads - counts.scrolled * _REMEMBERED_RRU) - WRU * counts.first * _REMEMBERED_WRU


def _only_new(day: Day) -> float:
    """The first pages of a day's later sessions, if all that they show had been shown before."""
    counts, sessions = day.counts, day.parameters.sessions
    full = counts.first + counts.scrolled
    each = day.costs.message_rru * counts.hydrated + day.costs.author_rru * counts.unknown
    return RRU * each * counts.first / full * (sessions - 1) / sessions
