"""The deadlines of requests and batches, so that a stalled database leaves time to respond before Lambda kills them."""

from contextlib import AbstractContextManager

from fstream_app.core import deadline, settings

_RESERVE = 2000
"""Milliseconds kept for what follows the last database call: the response, or the report of failed records, and the
log line.
"""
_DEFAULT = 60_000
"""Milliseconds of a function that does not know its own timeout."""


def of_request(context: object) -> AbstractContextManager[None]:
    """Bound the database calls of a request by the settings' time, or by the function's remaining time if shorter."""
    return deadline.within(min(int(1000 * settings.get().request_time), _remaining(context)))


def of_batch(context: object) -> AbstractContextManager[None]:
    """Bound the database calls of a stream's batch by the function's remaining time."""
    return deadline.within(_remaining(context))


def _remaining(context: object) -> int:
    """Return the milliseconds that the function has for database calls."""
    ask = getattr(context, "get_remaining_time_in_millis", None)
    return max(0, (int(ask()) if ask else _DEFAULT) - _RESERVE)
