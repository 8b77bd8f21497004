"""The warm functions of a day, hour by hour: how many, and how often they read the log."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fstream_app.feed.tail import PAGE as LOG_PAGE
from ops.costs import READ_UNIT, WRITE_UNIT, Costs
from ops.simulation.parameters import HOUR, Parameters
from ops.simulation.population import Array, hours, per_second

_ONE_CPU = 1_769
"""MB of memory with which a function has one CPU (Lambda Developer Guide, "Configure memory")."""
_DEVIATIONS = 3
"""Above the mean number of requests at a time, so many standard deviations of which have a function of their own."""


def page_units(size: ArrayLike) -> Array:
    """Return the RRU of eventually consistent queries of so many bytes on average."""
    # Rounded up: half a unit more on average, but for those that fit in one.
    sizes = np.asarray(size)
    units: Array = 0.5 * np.maximum(1, sizes / READ_UNIT + 0.5 * (sizes > READ_UNIT / 2))
    return units


@dataclass(frozen=True)
class Fleet:
    """The functions that answer requests, and those that fan out; arrays have an entry for each hour of the day."""

    parameters: Parameters
    costs: Costs

    @cached_property
    def reads(self) -> Array:
        """Home reads a second."""
        return per_second(self.parameters.reads_a_day, hours(self.parameters.swing))

    @cached_property
    def posts(self) -> Array:
        """Posts a second."""
        return per_second(self.parameters.posts_a_day, hours(self.parameters.swing))

    def duration(self, trips: float, cpu: float) -> float:
        """Return the seconds that a request takes with so many round trips in sequence and so much CPU (ms)."""
        share = min(1.0, self.parameters.memory / _ONE_CPU)
        return (trips * self.parameters.round_trip + cpu / share) / 1000

    @property
    def poll_duration(self) -> float:
        """Seconds, with nothing new."""
        return self.duration(self.costs.poll_trips, self.costs.poll_cpu)

    @property
    def page_duration(self) -> float:
        """Seconds, with a full page."""
        cpu = self.costs.poll_cpu + self.parameters.limit * self.costs.status_cpu
        return self.duration(self.costs.page_trips, cpu)

    @property
    def post_duration(self) -> float:
        """Seconds."""
        return self.duration(self.costs.post_trips, self.costs.post_cpu)

    def delivery_duration(self, messages: ArrayLike) -> Array:
        """Return the seconds that the fan-out of a batch takes."""
        each = self.duration(0, self.costs.deliver_cpu)
        seconds: Array = self.duration(self.costs.deliver_trips, 0) + np.asarray(messages) * each
        return seconds

    @cached_property
    def warm(self) -> Array:
        """How many functions are warm: Little's law, and a margin for requests that come together."""
        full = self.parameters.full_pages + self.parameters.scrolled
        read = full * self.page_duration + (1 - full) * self.poll_duration
        busy = self.reads * read + self.posts * self.post_duration
        needed: Array = np.ceil(busy + _DEVIATIONS * np.sqrt(busy))
        return needed

    @property
    def per_function(self) -> Array:
        """Home reads a second of one function."""
        return self.reads / self.warm

    @property
    def _idle_ends(self) -> Array:
        """How often a second a function is ended because nobody needed it."""
        return self.per_function * np.exp(-self.per_function * 60 * self.parameters.idle_minutes)

    @property
    def lifetime(self) -> Array:
        """Seconds that a function lives on average."""
        return 1 / (1 / (HOUR * self.parameters.function_hours) + self._idle_ends)

    @property
    def cold_starts(self) -> Array:
        """A second: for functions that were ended, and as their number rises."""
        rising = np.maximum(0, self.warm - np.roll(self.warm, 1)) / HOUR
        return self.warm / self.lifetime + rising

    @property
    def log_items(self) -> Array:
        """Items appended to the log a second: the batches in which Lambda reads the stream's shards."""
        polls = self.parameters.stream_shards * self.parameters.stream_polls
        batches = polls * -np.expm1(-self.posts / polls)
        return np.maximum(batches, self.posts / self.parameters.stream_batch)

    @property
    def batch(self) -> Array:
        """Messages of an item of the log."""
        return self.posts / self.log_items

    @property
    def item_bytes(self) -> Array:
        """Of an item of the log."""
        return self.costs.log_item_bytes + self.batch * self.costs.log_entry_bytes

    @property
    def log_wru(self) -> Array:
        """WRU a second of appending, all shards together."""
        return self.log_items * np.ceil(self.item_bytes / WRITE_UNIT)

    @property
    def refreshes(self) -> Array:
        """Reads of the log a second, of all functions: by each at most one every `tail_refresh` seconds."""
        return self.reads / (1 + self.per_function * self.parameters.tail_refresh)

    @property
    def refresh_rru(self) -> Array:
        """RRU of one refresh, all shards together: what came since the last one, and the overlap once more."""
        seconds = np.minimum(self.parameters.tail_overlap + self.warm / self.refreshes, HOUR)
        items = seconds * self.log_items / self.parameters.log_shards
        pages = np.maximum(1, np.ceil(items / (LOG_PAGE + 1)))
        return self.parameters.log_shards * pages * page_units(items * self.item_bytes / pages)

    def unknown(self, shares: NDArray[np.float64], hydrated: float) -> Array:
        """Return which share of a page's authors a function does not remember, in each hour.

        Args:
            shares: of the messages that are shown, those of each author; their sum is 1.
            hydrated: messages of a home read on average.
        """
        seen = self.per_function * hydrated * self.parameters.profile_cache
        return np.array([float((shares / (1 + rate * shares)).sum()) for rate in seen])
