"""Counts the request units of a day's home reads: people open the app, scroll and poll."""

from dataclasses import dataclass, field
from functools import cache
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId
from fstream_app.messages.paging import Chunk, Pager
from ops.costs import READ_UNIT, Costs
from ops.simulation.fleet import Fleet
from ops.simulation.live import Live
from ops.simulation.parameters import BRIEF, DAY, Parameters
from ops.simulation.population import Array, Authors, Readers, hours
from ops.simulation.rosters import Rosters
from ops.simulation.tails import AGES, Tails

_CHUNK = 50_000
"""Readers simulated at a time."""
_PILOT = 20_000
"""Readers of a pilot run, which finds how deep pages reach and how much they show."""
_FILLS = 400


@dataclass(slots=True)
class Counts:
    """Totals of a day's home reads, over all readers."""

    reads: float = 0
    first: float = 0
    """Reads that begin a session; each is a full page."""
    scrolled: float = 0
    """Reads of older pages."""
    below: float = 0
    """Reads that go below the tail."""
    extended: float = 0
    """Reads below the tail that extend it."""
    hydrated: float = 0
    """Messages read, including those that are dropped afterwards."""
    shown: float = 0
    """Messages shown."""
    unknown: float = 0
    """Authors read because they are not cached."""
    pages: float = 0
    """Reads that hydrate at least one message."""
    chunks: float = 0
    """Chunks that these reads hydrate, one after the other."""
    edges_rru: float = 0
    own_rru: float = 0
    heads_rru: float = 0
    extension_rru: float = 0
    rosters_rru: float = 0
    rosters_wru: float = 0
    limits_wru: float = 0

    def add(self, other: "Counts", times: float) -> None:
        """Add other totals, multiplied by `times`."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + times * getattr(other, name))


@dataclass(frozen=True)
class Day:
    """A simulated day."""

    parameters: Parameters
    costs: Costs
    authors: Authors
    fleet: Fleet
    counts: Counts
    tails: Tails = field(repr=False)

    @property
    def live(self) -> Live:
        """The day's live arrival."""
        return Live(self.fleet, self.authors)


def simulate(parameters: Parameters, costs: Costs, *, progress: bool = False) -> Day:
    """Simulate a day; takes about 10 s and 240 MB for a million readers."""
    pilot_seed, *seeds = np.random.SeedSequence(parameters.seed).spawn(2 + _chunks(parameters))
    random = np.random.default_rng(pilot_seed)
    authors, fleet = Authors(parameters, random), Fleet(parameters, costs)
    model = _Model(parameters, costs, authors, fleet, random)
    counts = Counts()
    sizes = _sizes(parameters)
    with tqdm(total=sum(sizes), unit=" readers", unit_scale=True, disable=not progress, leave=False) as bar:
        for size, seed in zip(sizes, seeds, strict=False):
            counts.add(model.count(size, np.random.default_rng(seed)), parameters.users / sum(sizes))
            bar.update(size)
    if model.rosters is not None:
        counts.rosters_rru, counts.rosters_wru = model.rosters.rru, model.rosters.wru
    return Day(parameters, costs, authors, fleet, counts, model.tails)


def _chunks(parameters: Parameters) -> int:
    return -(-min(parameters.users, parameters.sample) // _CHUNK)


def _sizes(parameters: Parameters) -> list[int]:
    readers = min(parameters.users, parameters.sample)
    return [min(_CHUNK, readers - start) for start in range(0, readers, _CHUNK)]


@cache
def read_for_a_page(limit: int, dropped: float) -> tuple[float, float]:
    """Return the mean number of messages and of chunks read to fill a page, if a share `dropped` is not shown.

    The real paginator decides this; it gets as many candidates as it asks for.
    """
    taken = chunks = 0
    random = np.random.default_rng(0)
    for _ in range(_FILLS):
        candidates, pager = map(_id, count()), Pager[MessageId](Window(limit=limit))
        while pager.wanted:
            chunk = list(islice(candidates, pager.wanted))
            taken += len(chunk)
            chunks += 1
            shown = random.random(len(chunk)) >= dropped
            seen = {each: each for each, is_shown in zip(chunk, shown, strict=True) if is_shown}
            pager.add(Chunk(chunk, chunk, is_last=False), seen)
    return taken / _FILLS, chunks / _FILLS


def _id(number: int) -> MessageId:
    return MessageId(number, "0" * 13, 0)


@dataclass(frozen=True, slots=True)
class _Reads:
    """Home reads, one array per property."""

    reader: NDArray[np.int64]
    arriving: Array
    """Messages per day by the reader's followees."""
    hour: NDArray[np.int64]
    polled: NDArray[np.bool_]
    first: NDArray[np.bool_]
    candidates: Array
    """Messages that are read."""
    chunks: Array
    depth: Array
    """Entries of the log from the oldest candidate on; infinite if the page is not full, so that it looks for more."""
    begins: Array
    """Days before now of the newest candidate."""


class _Model:
    def __init__(
        self,
        parameters: Parameters,
        costs: Costs,
        authors: Authors,
        fleet: Fleet,
        random: np.random.Generator,
    ) -> None:
        self._parameters = parameters
        self._costs = costs
        self._authors = authors
        self._hourly = hours(parameters.swing)
        self._fill, self._chunks = read_for_a_page(parameters.limit, parameters.dropped)
        readers = Readers(parameters, authors, min(_PILOT, parameters.users, parameters.sample), random)
        pilot = self._reads(readers, random)
        self.tails = Tails(fleet, np.sort(pilot.depth[~pilot.polled]))
        self._fleet = fleet
        is_full = np.isfinite(self.tails.capacity)
        self.rosters = Rosters(fleet, authors) if is_full and parameters.roster_memory else None
        """None if nobody needs them, because tails hold everything."""
        shares = authors.deliveries / authors.deliveries.sum() / authors.weight
        self._unknown = fleet.unknown(shares, authors.weight, float(pilot.candidates.mean()))

    def count(self, size: int, random: np.random.Generator) -> Counts:
        """Count the home reads of `size` readers."""
        readers = Readers(self._parameters, self._authors, size, random)
        reads = self._reads(readers, random)
        followees = readers.followees[reads.reader]
        life = reads.hour, random.integers(AGES, size=len(reads.hour))
        depth = self.tails.depths[life]
        below = (reads.depth > depth) & (followees > 0)
        extended = below & (depth < self.tails.capacity)
        own = np.minimum(readers.own[reads.reader], self._parameters.limit)
        is_full = reads.first | (~reads.polled & (own > 0))
        own_units = np.where(is_full, _units(own * self._costs.message_bytes), self._costs.polled_own_rru)
        return Counts(
            reads=len(reads.hour),
            first=int(reads.first.sum()),
            scrolled=int((~reads.first & ~reads.polled).sum()),
            below=int(below.sum()),
            extended=int(extended.sum()),
            hydrated=float(reads.candidates.sum()),
            shown=float(np.minimum(self._parameters.limit, reads.candidates * (1 - self._parameters.dropped)).sum()),
            unknown=float((reads.candidates * self._unknown[reads.hour]).sum()),
            pages=int((reads.candidates > 0).sum()),
            chunks=float(reads.chunks.sum()),
            edges_rru=float(_units(followees * self._costs.edge_bytes).sum()),
            own_rru=float(own_units.sum()),
            heads_rru=self._costs.head_rru * float(self._opened(reads, followees, depth)[below].sum()),
            extension_rru=float(self.tails.extension_rru[life][extended].sum()),
            limits_wru=self._limits_wru(reads),
        )

    def _opened(self, reads: _Reads, followees: Array, depth: Array) -> Array:
        """Return the heads that each read opens if it goes below the tail, which reaches `depth` entries back."""
        if self.rosters is None:
            return followees
        a_day = self._parameters.posts_a_day
        begins = np.maximum(reads.begins, depth / a_day)
        return self.rosters.opened(followees, reads.arriving, reads.hour, begins, reads.depth / a_day)

    def _limits_wru(self, reads: _Reads) -> float:
        """Count the writes of the rate limit: one per `1 / request_wru` requests of a session to the same function."""
        begins = np.flatnonzero(reads.first)
        lengths = np.diff(np.append(begins, len(reads.first)))
        a_function = lengths / self._fleet.warm[reads.hour[begins]]
        return float(np.floor(a_function * self._costs.request_wru).sum())

    def _reads(self, readers: Readers, random: np.random.Generator) -> _Reads:
        parameters = self._parameters
        sessions = 1 + random.poisson(parameters.sessions - 1, len(readers.followees))
        session_reader = np.repeat(np.arange(len(sessions)), sessions)
        session_hour = random.choice(24, size=len(session_reader), p=self._hourly / 24)
        lengths = 1 + random.poisson(max(0.0, parameters.reads / parameters.sessions - 1), len(session_reader))
        session = np.repeat(np.arange(len(lengths)), lengths)
        begins = np.cumsum(lengths) - lengths
        first = np.zeros(len(session), dtype=bool)
        first[begins] = True
        scrolled = ~first & (random.random(len(session)) < parameters.scrolls)
        page = np.cumsum(scrolled, dtype=np.int64)
        page -= page[begins][session]
        polled = ~first & ~scrolled
        reader, hour = session_reader[session], session_hour[session]
        if parameters.live:
            listens = random.random(len(lengths)) < parameters.live
            made = np.flatnonzero(~(polled & listens[session]))
            reader, hour, first, polled, page = reader[made], hour[made], first[made], polled[made], page[made]
        return self._positioned(readers.arriving[reader], reader, hour, first, polled, page, random)

    def _positioned(
        self,
        arriving: Array,
        reader: NDArray[np.int64],
        hour: NDArray[np.int64],
        first: NDArray[np.bool_],
        polled: NDArray[np.bool_],
        page: NDArray[np.int64],
        random: np.random.Generator,
    ) -> _Reads:
        """Find the candidates of each read and their depth: new messages for a poll, live messages for a page."""
        brief, a_day = self._parameters.brief, self._parameters.posts_a_day
        gap = random.exponential(self._parameters.poll_interval / DAY, len(reader))
        new = random.poisson(arriving * self._hourly[hour] * gap)
        live = random.poisson(arriving * (1 - brief + brief * BRIEF))
        begin = page * self._parameters.limit / (1 - self._parameters.dropped)
        there = np.where(polled, new, np.maximum(0, live - begin))
        filled = there >= self._fill
        rank = begin + self._fill
        days = rank / np.maximum(arriving, 1e-9) * random.gamma(rank) / rank
        days = np.where(days <= BRIEF, days, np.maximum(days - brief * BRIEF, 0) / (1 - brief) if brief < 1 else np.inf)
        begins = np.where(filled, days * begin / rank, np.minimum(begin / np.maximum(arriving, 1e-9), 1))
        since = gap * self._hourly[hour] * a_day
        return _Reads(
            reader=reader,
            arriving=arriving,
            hour=hour,
            polled=polled,
            first=first,
            candidates=np.minimum(there, self._fill),
            chunks=np.where(there >= self._parameters.limit, self._chunks, np.minimum(there, 1)),
            depth=np.where(polled, since, np.where(filled, days * a_day, np.inf)),
            begins=np.where(polled, 0, begins),
        )


def _units(size: Array) -> Array:
    """Return the RRU of consistent queries of these sizes in bytes."""
    return np.maximum(1.0, np.ceil(size / READ_UNIT))
