"""Models the rosters of warm functions: how many heads a read below the tail opens, and what keeping rosters costs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fstream_app.core.bloom import BITS
from fstream_app.core.settings import Settings
from fstream_app.feed.rosters import FRESH, HEADERS, LOOKS, ROOM, STEP
from ops.costs import READ_UNIT, WRITE_UNIT
from ops.simulation.fleet import Fleet
from ops.simulation.parameters import HOUR
from ops.simulation.population import Array, Authors, hours

_FALSE = 0.011
"""Share of false answers of a full filter (`tests/unit/core/test_bloom.py`); it falls with the fourth power."""
_POINTS = 200
_OLDEST = Settings().max_lifetime / HOUR
"""Hours whose rosters a function asks for."""


@dataclass(frozen=True)
class Rosters:
    """The rosters of a fleet over a day. Times before now are in days at the mean activity."""

    fleet: Fleet
    authors: Authors

    @cached_property
    def _active(self) -> tuple[Array, Array]:
        """Points of the function from days to the share of a reader's followees who post in them."""
        days = np.concatenate([[0.0], np.logspace(-5, 1, _POINTS)])
        weights = self.authors.followers / self.authors.followers.sum()
        return days, np.array([float((weights * -np.expm1(-self.authors.posts * each)).sum()) for each in days])

    @cached_property
    def _hourly(self) -> Array:
        """Bytes of the filters of each hour."""
        wave = hours(self.fleet.parameters.swing)
        people = np.array([float(-np.expm1(-self.authors.posts * each / 24).mean()) for each in wave])
        return self.fleet.parameters.users * people * ROOM * BITS / 8

    @property
    def size(self) -> float:
        """Bytes that a function keeps."""
        return min(float(self._hourly.sum()), self.fleet.parameters.roster_memory * 1e6)

    @property
    def _reach(self) -> float:
        """Days for which a function has room, of the one day that messages live."""
        return self.size / float(self._hourly.sum())

    @property
    def _false(self) -> float:
        """Share of false answers, over the filters of a day: room is made after the hour before."""
        wave = hours(self.fleet.parameters.swing)
        fill = np.minimum(1, wave / np.roll(wave, 1) / ROOM)
        return _FALSE * float((fill**4).mean())

    @cached_property
    def unknown(self) -> Array:
        """Share of a function's life, in each hour, in which it has not loaded the rosters yet."""
        parameters = self.fleet.parameters
        steps = max(self.size / STEP, 24 * self._reach / HEADERS) + (_OLDEST - 24) / HEADERS
        below = self.fleet.per_function * (parameters.full_pages + parameters.scrolled)
        found: Array = np.minimum(1, (FRESH / 1000 + steps / below) / self.fleet.lifetime)
        return found

    def opened(self, followees: Array, arriving: Array, hour: NDArray[np.int64], newest: Array, oldest: Array) -> Array:
        """Return the mean number of heads that each read opens.

        Args:
            followees: the reader's.
            arriving: messages per day by these.
            hour: of the day.
            newest: where the read begins: days before now.
            oldest: where it ends; infinite if the page is not full.
        """
        parameters = self.fleet.parameters
        mean = self.authors.deliveries.sum() / (self.authors.followers.sum() * self.authors.weight)
        pace = arriving / np.maximum(followees * mean, 1e-9)

        def active(days: Array) -> Array:
            found: Array = followees * np.interp(pace * np.clip(days, 0, 1), *self._active)
            return found

        # A stage ends with a whole hour: half an hour too much on average.
        places = np.minimum(parameters.limit + active(np.full_like(pace, 0.5 / 24)), active(1 - newest))
        needed = np.where(np.isinf(oldest), active(1 - newest), np.maximum(places, active(oldest - newest + 0.5 / 24)))
        asked = 24 * np.clip(np.minimum(oldest, 1) - newest, 0, 1) + 1
        known = np.minimum(followees, needed + (followees - needed) * np.minimum(1, asked * self._false))
        ends = np.minimum(oldest, 1)
        blind = np.where(ends <= self._reach, self.unknown[hour], 1.0)
        result: Array = blind * followees + (1 - blind) * known
        return result

    @property
    def wru(self) -> float:
        """WRU of publishing: in each hour its roster, again and again."""
        times = HOUR / (FRESH / 1000 + self._looks / self.fleet.warm)
        return float((times * self._hourly / WRITE_UNIT).sum())

    @property
    def rru(self) -> float:
        """RRU of looking whether a roster is to be published, and of loading them in cold functions."""
        looks = HOUR * float(self.fleet.warm.sum()) / self._looks
        loads = HOUR * float(self.fleet.cold_starts.sum()) * (self.size / READ_UNIT + _OLDEST)
        return 0.5 * (looks + loads)

    @property
    def _looks(self) -> float:
        """Mean seconds between two looks of a function."""
        return LOOKS / 1000 / 2
