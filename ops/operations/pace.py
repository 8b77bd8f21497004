"""Limits the DynamoDB request units that a command uses per second."""

import time
from collections.abc import Callable

from fstream_app.core.metrics import Tally


class Pace:
    """Slows a command down to a number of request units per second, averaged since its start."""

    def __init__(
        self,
        units_per_second: float,
        tally: Tally,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._units_per_second = units_per_second
        self._tally = tally
        self._monotonic = monotonic
        self._sleep = sleep
        self._began = monotonic()

    @property
    def used(self) -> float:
        """Sum of the read and write units used so far."""
        return self._tally.read_units + self._tally.write_units

    def wait(self) -> None:
        """Sleep until the average is at or below the limit."""
        ahead = self.used / self._units_per_second - (self._monotonic() - self._began)
        if ahead > 0:
            self._sleep(ahead)
