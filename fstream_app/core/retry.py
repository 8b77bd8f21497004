"""The one way to try again: exponential backoff with full jitter.

The rule is from "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
"""

import random
import time
from collections.abc import Iterator

ATTEMPTS = 12
_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 0.6


def attempts(number: int = ATTEMPTS) -> Iterator[int]:
    """Count attempts from 1, sleeping before each but the first; up to some 3 seconds together."""
    for attempt in range(1, number + 1):
        if attempt > 1:
            time.sleep(pause(attempt))
        yield attempt


def pause(attempt: int) -> float:
    """Return the seconds to wait before an attempt, of which the first is 1."""
    return random.uniform(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**attempt))  # noqa: S311
