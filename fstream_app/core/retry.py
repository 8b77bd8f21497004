"""Retries: exponential backoff with full jitter.

The algorithm is from "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
"""

import random
import time
from collections.abc import Iterator

from fstream_app.core import deadline

ATTEMPTS = 12
_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 0.6


def attempts(number: int = ATTEMPTS) -> Iterator[int]:
    """Yield the attempts' numbers from 1, sleeping before each except the first.

    12 attempts sleep for 2.7 seconds in total on average, and for at most 5.4. There is no further attempt if it would
    begin after the request's deadline.
    """
    for attempt in range(1, number + 1):
        if attempt > 1:
            seconds = pause(attempt)
            if seconds >= deadline.left():
                return
            time.sleep(seconds)
        yield attempt


def pause(attempt: int) -> float:
    """Return the seconds to wait before an attempt; attempts are numbered from 1."""
    return random.uniform(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**attempt))  # noqa: S311
