"""Estimates what each of several optimizations would save, from the measured coefficients; none is implemented."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ops.costs import READ_UNIT
from ops.simulation.day import Day, simulate
from ops.simulation.edge import sent_gb
from ops.simulation.parameters import DAY
from ops.simulation.policies import bills
from ops.simulation.prices import REGION_GB, RRU, WRU, logged, priced

_PACKED_ID, _ACCOUNT = 9, 150
"""Bytes of a user id packed into 65 bits, and of the other fields of an account that a page shows."""
_PROFILES = 14_400.0
_RELAXED_RRU = 0.5
"""RRU of hydrating a message with `FSTREAM_STRICT_PAGES=off`."""
_REMEMBERED_WRU, _REMEMBERED_RRU = 2, 0.5
"""Units to store the 80 candidates of a reader's page, and to read them again."""


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea, and the dollars per day for DynamoDB without it and with it."""

    name: str
    without: float
    database: float

    @property
    def saved(self) -> float:
        """Dollars per day that the idea saves."""
        return self.without - self.database


def ideas(day: Day) -> Iterator[Idea]:
    """Price the ideas: a longer profile cache by simulating another day, all others from the counts of the day."""
    counts, costs, without = day.counts, day.costs, bills(day)["fstream"].database
    remembering = simulate(replace(day.parameters, profile_cache=_PROFILES), costs)
    for name, saved in (
        (f"FSTREAM_PROFILE_CACHE={_PROFILES:.0f}", without - bills(remembering)["fstream"].database),
        ("FSTREAM_STRICT_PAGES=off", RRU * counts.hydrated * (costs.message_rru - _RELAXED_RRU)),
        ("no heads read while a tail grows, at most", RRU * counts.heads_rru * counts.extended / max(counts.below, 1)),
        (
            "the reader's own messages in a poll from the tail",
            RRU * costs.polled_own_rru * (counts.reads - counts.first - counts.scrolled),
        ),
        ("edges cached with a version", _cached_edges(day)),
        ("edges packed into one item", RRU * (counts.edges_rru - _units_of_edges(day, _PACKED_ID))),
        ("the account bundled with the edge", _bundled(day)),
        ("candidates stored for scrolling", _remembered(day)),
        ("hot heads in memory, without bound, at most", _hot_heads(day)),
        ("only new messages hydrated, at most", _only_new(day)),
        ("tokens read with eventual consistency", RRU * counts.reads * costs.request_rru / 2),
    ):
        yield Idea(name, without, without - saved)


def outside(day: Day) -> Iterator[tuple[str, float]]:
    """Price ideas about everything but DynamoDB: each with the dollars per day that it saves."""
    counts, bill = day.counts, bills(day)["fstream"]
    polls = counts.reads - counts.pages
    yield "clients call the HTTP API, not CloudFront", bill.edge - priced(REGION_GB, sent_gb(day))
    yield "no log lines about polls with nothing new", logged(polls, day.parameters.log_line)
    less = replace(day.parameters, memory=day.parameters.memory // 2)
    yield (
        "half the memory for the API's function",
        bill.functions - bills(simulate(less, day.costs))["fstream"].functions,
    )


def _units_of_edges(day: Day, edge_bytes: float) -> float:
    # Rounded up to whole units; on average, half of the last unit is empty.
    mean = day.authors.followees_mean(day.parameters)
    return day.counts.reads * max(1.0, mean * edge_bytes / READ_UNIT + 0.5 * (mean * edge_bytes > READ_UNIT / 2))


def _cached_edges(day: Day) -> float:
    """Return the saving if functions cache edges with a version.

    A read served by a function that has the reader's edges does not read them; every read pays 1 RRU for the version.
    """
    a_session = day.parameters.reads / day.parameters.sessions
    met = sum(1 - (1 - 1 / day.fleet.warm.mean()) ** before for before in range(round(a_session))) / a_session
    return float(RRU * (met * day.counts.edges_rru - day.counts.reads))


def _bundled(day: Day) -> float:
    larger = _units_of_edges(day, day.costs.edge_bytes + _ACCOUNT) - day.counts.edges_rru
    return RRU * (day.costs.author_rru * day.counts.unknown - larger)


def _remembered(day: Day) -> float:
    """Return the saving if a first page stores its candidates, and later pages read these instead of the heads."""
    counts = day.counts
    full = counts.first + counts.scrolled
    heads = counts.heads_rru * counts.scrolled / full
    return RRU * (heads - counts.scrolled * _REMEMBERED_RRU) - WRU * counts.first * _REMEMBERED_WRU


def _hot_heads(day: Day) -> float:
    """Return the saving if functions kept every head that they have read, and the tail said which have changed.

    Each head is then read once by each function that is asked for it.
    """
    authors, fleet = day.authors, day.fleet
    rate = day.counts.heads_rru / day.costs.head_rru / DAY / float(fleet.warm.mean())
    shares = authors.followers / authors.followers.sum()
    reads = rate * shares / authors.weight * float(fleet.lifetime.mean())
    hit = 1 - float((shares * -np.expm1(-reads) / reads).sum())
    return RRU * day.counts.heads_rru * hit


def _only_new(day: Day) -> float:
    """Return the largest possible saving: the hydration of later sessions' first pages, if they show nothing new."""
    counts, sessions = day.counts, day.parameters.sessions
    full = counts.first + counts.scrolled
    each = day.costs.message_rru * counts.hydrated + day.costs.author_rru * counts.unknown
    return RRU * each * counts.first / full * (sessions - 1) / sessions
