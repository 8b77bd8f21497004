"""Times as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import times, words

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [
        (1, "1 s"),
        (999, "1 s"),
        (38 * SECOND, "38 s"),
        (MINUTE - 1, "59 s"),
        (MINUTE, "1 min"),
        (41 * MINUTE + 59 * SECOND, "41 min"),
        (HOUR - 1, "59 min"),
        (HOUR, "1 h"),
        (19 * HOUR + 59 * MINUTE, "19 h"),
        (DAY, "24 h"),
        (2 * DAY - 1, "47 h"),
        (2 * DAY, "2 days"),
        (7 * DAY, "7 days"),
    ],
)
def test_a_span_is_written_in_its_largest_unit(milliseconds: int, written: str) -> None:
    assert times.span(milliseconds) == written
    assert times.left(milliseconds, 0) == f"{written} left"


@given(st.integers(1, 10 * DAY))
def test_no_span_is_written_as_longer_than_it_is_from_a_second_on(milliseconds: int) -> None:
    number, unit = times.span(milliseconds).split()
    size = {"s": SECOND, "min": MINUTE, "h": HOUR, "days": DAY}[unit]
    assert int(number) > 0
    assert int(number) * size <= max(milliseconds, SECOND)


@pytest.mark.parametrize(
    ("then", "written"), [(0, "just now"), (9999, "just now"), (10_000, "10 s ago"), (8 * MINUTE, "8 min ago")]
)
def test_what_has_just_been_is_just_now(then: int, written: str) -> None:
    assert times.ago(0, then) == written


def test_a_clock_that_runs_behind_does_no_harm() -> None:
    assert times.ago(5000, 0) == "just now"


def test_the_exact_time_is_written_to_the_second_in_utc() -> None:
    assert times.exact(1_795_727_052_999) == "26 November 2026, 21:04:12 UTC"
    assert times.month(1_795_727_052_999) == "November 2026"


def test_numbers_are_grouped_and_agree_with_what_they_count() -> None:
    written = [words.say("count.replies", n=figure) for figure in (0, 1, 2, 2000)]
    assert written == ["0 replies", "1 reply", "2 replies", "2,000 replies"]
