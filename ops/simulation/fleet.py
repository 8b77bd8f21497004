"""Models the warm functions of a day, hour by hour: how many there are, and how often they read the log."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fstream_app.core.entities import User
from fstream_app.feed.tail import PAGE as LOG_PAGE
from fstream_app.people import profiles
from ops.costs import READ_UNIT, WRITE_UNIT, Costs
from ops.simulation.parameters import HOUR, Parameters
from ops.simulation.population import Array, hours, per_second

_ONE_CPU = 1_769
"""MB of memory at which a function has one CPU (Lambda Developer Guide, "Configure memory")."""
_BISECTIONS = 12
_TYPICAL = User(id="", name="", created_at=0, password_hash="", display_name="x" * 20, note="x" * 140)
_PROFILES = profiles.CAPACITY / profiles.size(_TYPICAL)
"""Profiles that a function has room for."""
_DEVIATIONS = 3
"""Spare functions above the mean number of concurrent requests, in standard deviations of that number."""


def page_units(size: ArrayLike) -> Array:
    """Return the mean RRU of eventually consistent queries of these mean sizes in bytes."""
    # Rounding up adds half a unit on average, except to sizes that fit in one.
    sizes = np.asarray(size)
    units: Array = 0.5 * np.maximum(1, sizes / READ_UNIT + 0.5 * (sizes > READ_UNIT / 2))
    return units


@dataclass(frozen=True)
class Fleet:
    """The functions that serve requests and those that fan out; arrays have one entry per hour of the day."""

    parameters: Parameters
    costs: Costs

    @cached_property
    def reads(self) -> Array:
        """Home reads per second."""
        return per_second(self.parameters.reads_a_day, hours(self.parameters.swing))

    @cached_property
    def posts(self) -> Array:
        """Posts per second."""
        return per_second(self.parameters.posts_a_day, hours(self.parameters.swing))

    def duration(self, trips: float, cpu: float) -> float:
        """Return the seconds of a request with this number of sequential round trips and this much CPU (ms)."""
        return float(self.seconds(trips, cpu, self.parameters.memory))

    def seconds(self, trips: ArrayLike, cpu: ArrayLike, memory: int) -> Array:
        """Return the seconds of calls with these sequential round trips and CPU (ms) in a function with `memory` MB."""
        share = min(1.0, memory / _ONE_CPU)
        return (np.asarray(trips) * self.parameters.round_trip + np.asarray(cpu) / share) / 1000

    @property
    def poll_duration(self) -> float:
        """Seconds of a poll with nothing new."""
        return self.duration(self.costs.poll_trips, self.costs.poll_cpu)

    @property
    def page_duration(self) -> float:
        """Seconds of a read of a full page."""
        cpu = self.costs.poll_cpu + self.parameters.limit * self.costs.status_cpu
        return self.duration(self.costs.page_trips, cpu)

    @property
    def post_duration(self) -> float:
        """Seconds of a post."""
        return self.duration(self.costs.post_trips, self.costs.post_cpu)

    def fan_out_duration(self, messages: ArrayLike) -> Array:
        """Return the seconds of fanning out a batch."""
        return self._batch_duration(self.costs.fan_out_trips, self.costs.fan_out_cpu, messages)

    def views_duration(self, messages: ArrayLike) -> Array:
        """Return the seconds of adding a batch to the views."""
        return self._batch_duration(self.costs.view_trips, self.costs.view_cpu, messages)

    def _batch_duration(self, trips: float, cpu: float, messages: ArrayLike) -> Array:
        return self.seconds(trips, np.asarray(messages) * cpu, self.parameters.stream_memory)

    @cached_property
    def warm(self) -> Array:
        """Number of warm functions: Little's law, plus a margin for bursts."""
        full = self.parameters.full_pages + self.parameters.scrolled
        read = full * self.page_duration + (1 - full) * self.poll_duration
        busy = self.reads * read + self.posts * self.post_duration
        needed: Array = np.ceil(busy + _DEVIATIONS * np.sqrt(busy))
        return needed

    @property
    def per_function(self) -> Array:
        """Home reads per second and function."""
        return self.reads / self.warm

    @property
    def _idle_ends(self) -> Array:
        """Rate per second at which Lambda ends a function because it is idle."""
        return self.per_function * np.exp(-self.per_function * 60 * self.parameters.idle_minutes)

    @property
    def lifetime(self) -> Array:
        """Mean lifetime of a function in seconds."""
        return 1 / (1 / (HOUR * self.parameters.function_hours) + self._idle_ends)

    @property
    def cold_starts(self) -> Array:
        """Cold starts per second: replacements of ended functions, and new ones as the number of functions rises."""
        rising = np.maximum(0, self.warm - np.roll(self.warm, 1)) / HOUR
        return self.warm / self.lifetime + rising

    @property
    def log_items(self) -> Array:
        """Items appended to the log per second: one for each batch that Lambda reads from the stream's shards."""
        polls = self.parameters.stream_shards * self.parameters.stream_polls
        batches = polls * -np.expm1(-self.posts / polls)
        return np.maximum(batches, self.posts / self.parameters.stream_batch)

    @property
    def batch(self) -> Array:
        """Messages per item of the log."""
        return self.posts / self.log_items

    @property
    def item_bytes(self) -> Array:
        """Size of an item of the log."""
        return self.costs.log_item_bytes + self.batch * self.costs.log_entry_bytes

    @property
    def log_wru(self) -> Array:
        """WRU per second of appending to the log, over all shards."""
        return self.log_items * np.ceil(self.item_bytes / WRITE_UNIT)

    @property
    def refreshes(self) -> Array:
        """Refreshes of tails per second, by all functions: each refreshes at most once in `tail_refresh` seconds."""
        return self.reads / (1 + self.per_function * self.parameters.tail_refresh)

    @property
    def refresh_rru(self) -> Array:
        """RRU of one refresh, over all shards: the entries since the last one, and the overlap again."""
        seconds = np.minimum(self.parameters.tail_overlap + self.warm / self.refreshes, HOUR)
        items = seconds * self.log_items / self.parameters.log_shards
        pages = np.maximum(1, np.ceil(items / (LOG_PAGE + 1)))
        return self.parameters.log_shards * pages * page_units(items * self.item_bytes / pages)

    def unknown(self, shares: NDArray[np.float64], weight: float, hydrated: float) -> Array:
        """Return the share of a page's authors whose profiles a function has not cached, in each hour.

        Args:
            shares: each author's share of the messages shown.
            weight: number of authors that each author stands for; the sum of their shares is 1.
            hydrated: mean number of messages that a home read hydrates.
        """
        seen, hour = np.unique(self.per_function * hydrated, return_inverse=True)
        found = [self._unknown(rate * shares, weight) / rate for rate in seen]
        return np.array(found)[hour]

    def _unknown(self, rates: NDArray[np.float64], weight: float) -> float:
        """Return how often a second a profile is not cached, given how often each author's is needed."""
        longest = self.parameters.profile_cache
        if _cached(rates, longest, weight) > _PROFILES:  # the least recently used are evicted earlier
            shortest = 0.0
            for _ in range(_BISECTIONS):
                middle = (shortest + longest) / 2
                if _cached(rates, middle, weight) > _PROFILES:
                    longest = middle
                else:
                    shortest = middle
        return weight * float((rates / (1 + rates * longest)).sum())


def _cached(rates: NDArray[np.float64], seconds: float, weight: float) -> float:
    """Return how many profiles are cached if each is kept for this time."""
    return weight * float((rates * seconds / (1 + rates * seconds)).sum())
