"""How deep the tails of warm functions are: a cold one knows a page, and every read below it makes it deeper."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fstream_app.core.settings import Settings
from fstream_app.feed.tail import PAGE
from ops.simulation.fleet import Fleet, page_units
from ops.simulation.parameters import DAY, HOUR
from ops.simulation.population import Array

AGES = 1000
"""Steps in the life of a function."""
_FULL, _KEPT = 0.9, 0.8
"""Of its capacity: what a tail holds on average that is full again and again, and what it keeps then."""
_MOST_HOURS = 32
"""By which a read makes a tail deeper at most."""
_OLDEST = Settings().max_lifetime / HOUR
"""Hours; a tail that reaches back so far knows that it holds all."""
_EMPTY_RRU = 0.5
"""Of an hour in which there is nothing, of one shard."""


@dataclass(frozen=True)
class Tails:
    """The tails of a fleet in a day.

    Times are hours back; entries are those appended since, as many in each hour as on average.
    """

    fleet: Fleet
    needed: Array
    """How many entries deep full pages reach, sorted; infinite for those that no tail fills before it holds all."""

    @property
    def capacity(self) -> float:
        """Entries that a tail holds at last; infinite if all that is live leaves room."""
        parameters = self.fleet.parameters
        roomy = parameters.live_messages <= _KEPT * parameters.tail_entries
        return np.inf if roomy else _FULL * parameters.tail_entries

    @cached_property
    def depths(self) -> Array:
        """Entries, for each hour of the day and at equal steps of a function's life."""
        return self._lives[0]

    @cached_property
    def extension_rru(self) -> Array:
        """RRU of making a tail deeper, for the same hours and steps."""
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
        """Return after how many extensions a tail reaches how far back: between these points it grows evenly.

        Page by page where an hour has several, else over twice as many hours each time.
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
        """Hours whose entries are in the log: until they have expired, and TTL has deleted them."""
        return min(_OLDEST, DAY / HOUR + self.fleet.parameters.ttl_hours)

    @property
    def _items(self) -> float:
        """Items of the log in an hour and shard."""
        return HOUR * float(self.fleet.log_items.mean()) / self.fleet.parameters.log_shards

    @property
    def _page_hours(self) -> float:
        """What a page of the log covers; no page covers more than an hour."""
        return min(1.0, PAGE / self._items)

    def _units(self, reached: Array) -> Array:
        """Return the RRU of reading the log so far back, all shards together."""
        fleet = self.fleet
        page = page_units(min(PAGE, self._items) * fleet.item_bytes.mean())
        pages = np.minimum(reached, self._logged) / self._page_hours
        units: Array = pages * page + np.maximum(0, reached - self._logged) * _EMPTY_RRU
        return fleet.parameters.log_shards * units

    @property
    def cold_rru(self) -> float:
        """RRU of what a cold function reads first."""
        return float(self._units(self._reach[1][:1])[0])
