"""Times in words, and exact times, in the language in use."""

from datetime import UTC, datetime

from chalicelib.words import language, say

_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_JUST_NOW = 10 * _SECOND
_UNITS = {"duration.days": 86_400, "duration.hours": 3600, "duration.minutes": 60, "duration.seconds": 1}


def exact(milliseconds: int) -> str:
    """Write a time to the second: `26 November 2026, 21:04:12 UTC`."""
    return f"{date(milliseconds)}, {_utc(milliseconds):%H:%M:%S} UTC"


def date(milliseconds: int) -> str:
    """Write a time's day: `26 November 2026`."""
    return say("time.date", day=_utc(milliseconds).day, month=month(milliseconds))


def month(milliseconds: int) -> str:
    """Write a time's month: `November 2026`."""
    return f"{language().months[_utc(milliseconds).month - 1]} {_utc(milliseconds):%Y}"


def ago(then: int, now: int) -> str:
    """Write the time since a moment: `8 min ago`."""
    return say("time.now") if now - then < _JUST_NOW else say("time.ago", span=_span(now - then, "time.days_ago"))


def left(until: int, now: int) -> str:
    """Write the time left until a moment: `41 min left`."""
    return say("time.left", span=span(until - now))


def span(milliseconds: int) -> str:
    """Write a span of time, rounded down to its unit: `38 s`, `4 min`, `19 h`; from two days on, `4 days`."""
    return _span(milliseconds, "time.days")


def _span(milliseconds: int, days: str) -> str:
    if milliseconds < _MINUTE:
        return f"{max(1, milliseconds // _SECOND)} s"
    if milliseconds < _HOUR:
        return f"{milliseconds // _MINUTE} min"
    if milliseconds < 2 * _DAY:
        return f"{milliseconds // _HOUR} h"
    return say(days, n=milliseconds // _DAY)


def duration(seconds: int) -> str:
    """Write a number of seconds in the largest unit that divides it."""
    for unit, size in _UNITS.items():
        if seconds % size == 0:
            return say(unit, n=seconds // size)
    raise AssertionError("every whole number is a number of seconds")


def wait(seconds: int) -> str:
    """Write the time until somebody may try again, rounded up: seconds up to a minute, minutes up to two hours."""
    unit = "duration.seconds" if seconds <= 60 else "duration.minutes" if seconds <= 2 * 3600 else "duration.hours"
    return say(unit, n=-(-seconds // _UNITS[unit]))


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
