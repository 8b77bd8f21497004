"""The one clock. Everything below the HTTP and stream handlers gets the time as an argument."""

import time


def now() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def ttl_seconds(time: int) -> int:
    """Return a time (ms) as a TTL attribute holds it (s): rounded up, so that TTL never deletes what is still alive."""
    return -(-time // 1000)


def monotonic() -> int:
    """Return the milliseconds of a clock that only tells how long something took."""
    return time.monotonic_ns() // 1_000_000
