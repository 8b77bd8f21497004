"""Models how far back the tails of warm functions reach: from one page when cold, and further with each read below."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fstream_app.core.settings import Settings
from fstream_app.feed.tail import PAGE
from ops.simulation.fleet import Fleet, page_units
from ops.simulation.parameters import DAY, HOUR
from ops.simulation.population import Array

AGES = 1000
"""Time steps in the life of a function."""
_FULL, _KEPT = 0.9, 0.8
"""Shares of its capacity that a tail holds on average if it fills up repeatedly, and that it keeps when it is full."""
_MOST_HOURS = 32
"""Maximum number of hours by which one read extends a tail."""
_OLDEST = Settings().max_lifetime / HOUR
"""Hours; a tail that reaches this far back is known to be complete."""
_EMPTY_RRU = 0.5
"""RRU of reading an hour without entries in one shard."""


@dataclass(frozen=True)
class Tails:
    """The tails of a fleet over a day.

    Reach is in hours before now. Depth is the number of entries appended since then, at the mean rate of the day.
    """

    fleet: Fleet
    needed: Array
    """Depths in entries that pages need, sorted; infinite for pages that only a complete tail can serve."""

    @property
    def capacity(self) -> float:
        """Entries that a tail holds at most; infinite if it has room for all live messages."""
        parameters = self.fleet.parameters
        roomy = parameters.live_messages <= _KEPT * parameters.tail_entries
        return np.inf if roomy else _FULL * parameters.tail_entries

    @cached_property
    def depths(self) -> Array:
        """Depths in entries, for each hour of the day and each time step of a function's life."""
        return self._lives[0]

    @cached_property
    def extension_rru(self) -> Array:
        """RRU of extending a tail once, for the same hours and time steps."""
        return self._lives[1]

    @cached_property
    def _lives(self) -> tuple[Array, Array]:
        fleet, parameters = self.fleet, self.fleet.parameters
        full = fleet.per_function * (parameters.full_pages + parameters.scrolled)
        step = fleet.lifetime / AGES
        done = np.zeros_like(step)
        depths, units = [], []
        for age in range(AGES):
            reached = np.interp(done, *self._reach) + age * step / HOUR
            depth = np.minimum(reached * parameters.posts_a_day / 24, self.capacity)
            if self.capacity == np.inf:
                depth[reached >= _OLDEST] = np.inf
            depths.append(depth)
            units.append(self._units(np.interp(done + 1, *self._reach)) - self._units(np.interp(done, *self._reach)))
            below = 1 - np.searchsorted(self.needed, depth, side="right") / len(self.needed)
            done = done + step * full * below
        return np.stack(depths, axis=1), np.stack(units, axis=1)

    @cached_property
    def _reach(self) -> tuple[Array, Array]:
        """Return the points of the function from extensions to hours of reach; it is linear between them.

        A tail is extended page by page where an hour has several pages, and otherwise by twice as many hours each time.
        """
        extensions, reached = [0.0], [self._page_hours / 2 if self._page_hours == 1 else self._page_hours]
        if self._page_hours < 1:
            extensions.append(max(1.0, self._logged / self._page_hours - 1))
            reached.append(self._logged)
        hours = 1
        while reached[-1] < _OLDEST:
            extensions.append(extensions[-1] + 1)
            reached.append(reached[-1] + hours)
            hours = min(2 * hours, _MOST_HOURS)
        return np.array(extensions), np.array(reached)

    @property
    def _logged(self) -> float:
        """Hours of entries in the log: their lifetime plus the time until TTL deletes them."""
        return min(_OLDEST, DAY / HOUR + self.fleet.parameters.ttl_hours)

    @cached_property
    def _items(self) -> float:
        """Items of the log per hour and shard."""
        return HOUR * float(self.fleet.log_items.mean()) / self.fleet.parameters.log_shards

    @cached_property
    def _page_hours(self) -> float:
        """Hours that a page of the log covers; a page never covers more than one."""
        return min(1.0, PAGE / self._items)

    def _units(self, reached: Array) -> Array:
        """Return the RRU of reading the log this many hours back, over all shards."""
        pages = np.minimum(reached, self._logged) / self._page_hours
        units: Array = pages * self._page_rru + np.maximum(0, reached - self._logged) * _EMPTY_RRU
        return self.fleet.parameters.log_shards * units

    @cached_property
    def _page_rru(self) -> Array:
        """RRU of reading a page of one shard."""
        return page_units(min(PAGE, self._items) * self.fleet.item_bytes.mean())

    @property
    def cold_rru(self) -> float:
        """RRU of the first read of the log by a cold function."""
        return float(self._units(self._reach[1][:1])[0])
