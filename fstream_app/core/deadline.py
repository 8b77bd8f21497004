"""The deadline of a request or a batch: no database call of it, in any thread, lasts longer.

The handler opens it, and `fstream_app.core.parallel` takes it into other threads. Without one, as in commands of the
operator, calls are bounded by their own timeouts alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

from botocore.exceptions import BotoCoreError

from fstream_app.core import clock


class OutOfTime(BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """The deadline has passed. Handled everywhere like a time-out of the call that it replaces."""

    fmt = "The request's deadline has passed"


_deadline: ContextVar[int | None] = ContextVar("deadline", default=None)
"""Milliseconds of the monotonic clock."""


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Let the block's database calls end within this time."""
    token = _deadline.set(clock.monotonic() + milliseconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def left() -> float:
    """Return the seconds until the deadline: negative once it has passed, infinite if there is no deadline."""
    until = _deadline.get()
    return inf if until is None else (until - clock.monotonic()) / 1000


def check(seconds: float = 0) -> None:
    """Check that more than this time is left.

    Raises:
        OutOfTime: it is not.
    """
    if left() <= seconds:
        raise OutOfTime
