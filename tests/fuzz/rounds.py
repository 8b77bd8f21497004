"""How much is generated: one short round in `make test`, rounds until the time is up in `make fuzz`."""

import os
import time
from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, settings

SECONDS = float(os.environ.get("FSTREAM_TEST_FUZZ_SECONDS", "0"))
"""Time that a test of this folder takes, times its weight; or 0 for one short round."""


def rounds(weight: int = 1) -> Iterator[int]:
    """Yield the seed of each round; without a time, only one, always the same."""
    until = time.monotonic() + weight * SECONDS
    yield 0
    number = 1
    while time.monotonic() < until:
        yield number
        number += 1


def examples(number: int, **more: object) -> settings:
    """Return settings for so many examples per round. Failures are shrunk only when there is time for it."""
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if SECONDS else [])]
    return settings(
        max_examples=number,
        phases=phases,
        derandomize=False,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,  # type: ignore[arg-type]
    )
