"""Keeps what a command asks of DynamoDB below so many request units a second."""

import time
from collections.abc import Callable

from fstream_app.core.metrics import Tally


class Pace:
    """Waits as long as more units were used than the time that has gone by allows."""

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
        """Read and write units together."""
        return self._tally.read_units + self._tally.write_units

    def wait(self) -> None:
        """Sleep until all that was used is paid for."""
        ahead = self.used / self._units_per_second - (self._monotonic() - self._began)
        if ahead > 0:
            self._sleep(ahead)
