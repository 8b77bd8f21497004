"""The time of a batch, which goes on while messages settle and frames are sent."""

from collections.abc import Callable

from fstream_app.core import clock, deadline


class Time:
    """The time (ms) since the handler has read the clock.

    Args:
        now: the clock's time.
        sleep: waits for some seconds.
    """

    def __init__(self, now: int, sleep: Callable[[float], object]) -> None:
        self._offset = now - clock.monotonic()
        self._sleep = sleep

    def now(self) -> int:
        """Return the time."""
        return self._offset + clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the deadline."""
        self._sleep(max(0.0, min(seconds, deadline.left())))
