"""The only clock. Code below the HTTP and stream handlers takes the time as an argument."""

import time

_DAY = 86_400_000


def now() -> int:
    """Return the current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def ttl_seconds(time: int) -> int:
    """Convert a time (ms) to a TTL attribute's seconds, rounded up so that TTL never deletes a live item."""
    return -(-time // 1000)


def day(time: int) -> int:
    """Return the day of a time (ms), in days since the epoch (UTC)."""
    return time // _DAY


def start_of(day: int) -> int:
    """Return the time (ms) at which a day begins, given in days since the epoch (UTC)."""
    return day * _DAY


def monotonic() -> int:
    """Return the milliseconds of a monotonic clock, for measuring durations."""
    return time.monotonic_ns() // 1_000_000
