"""Times and numbers in words, and exact times."""

from datetime import UTC, datetime

_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_JUST_NOW = 10 * _SECOND


def exact(milliseconds: int) -> str:
    """Write a time to the second: `26 November 2026, 21:04:12 UTC`."""
    return f"{date(milliseconds)}, {_utc(milliseconds):%H:%M:%S} UTC"


def date(milliseconds: int) -> str:
    """Write a time's day: `26 November 2026`."""
    return f"{_utc(milliseconds).day} {_utc(milliseconds):%B %Y}"


def month(milliseconds: int) -> str:
    """Write a time's month: `November 2026`."""
    return f"{_utc(milliseconds):%B %Y}"


def ago(then: int, now: int) -> str:
    """Write the time since a moment: `8 min ago`."""
    return "just now" if now - then < _JUST_NOW else f"{span(now - then)} ago"


def left(until: int, now: int) -> str:
    """Write the time left until a moment: `41 min left`."""
    return f"{span(until - now)} left"


def span(milliseconds: int) -> str:
    """Write a span of time, rounded down to its unit: `38 s`, `4 min`, `19 h`; from two days on, `4 days`."""
    if milliseconds < _MINUTE:
        return f"{max(1, milliseconds // _SECOND)} s"
    if milliseconds < _HOUR:
        return f"{milliseconds // _MINUTE} min"
    if milliseconds < 2 * _DAY:
        return f"{milliseconds // _HOUR} h"
    return f"{milliseconds // _DAY} days"


def number(figure: int, one: str, several: str) -> str:
    """Write a number with its noun: `1 reply`, `2,000 replies`."""
    return f"{figure:,} {one if figure == 1 else several}"


def duration(seconds: int) -> str:
    """Write a number of seconds in the largest unit that divides it."""
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    raise AssertionError("every whole number is a number of seconds")


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
