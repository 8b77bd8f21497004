"""The deadline: what ends with it, and which handlers set it."""

import time
from math import inf
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib import deadlines
from fstream_app.core import clock as fstream_clock
from fstream_app.core import deadline, retry
from fstream_app.core.database import _check_pause, _pause_after_conflict
from fstream_app.core.deadline import OutOfTime
from fstream_app.core.parallel import gather_all
from tests.support.clock import Clock


class Context:
    """A function's context, with its remaining time."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Http:
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A monotonic clock that stands still, except while the code sleeps."""
    standing = Clock()
    monkeypatch.setattr(fstream_clock, "monotonic", standing)
    monkeypatch.setattr(time, "sleep", standing.advance)
    return standing


def test_without_a_deadline_there_is_time() -> None:
    assert deadline.left() == inf
    deadline.check(1_000_000)


def test_a_deadline_ends_with_its_block_and_passes(clock: Clock) -> None:
    with deadline.within(1500):
        assert deadline.left() == 1.5
        deadline.check(1.4)
        with pytest.raises(OutOfTime):
            deadline.check(1.5)
        clock.advance(2)
        with pytest.raises(OutOfTime):
            deadline.check()
    assert deadline.left() == inf


def test_all_threads_have_the_deadline_of_their_caller(clock: Clock) -> None:
    with deadline.within(1500):
        assert gather_all([lambda: gather_all([deadline.left] * 3)] * 3) == [[1.5] * 3] * 3


@pytest.mark.parametrize("milliseconds", [1, 100, 1000])
def test_attempts_end_with_the_deadline_and_never_sleep_beyond_it(clock: Clock, milliseconds: int) -> None:
    with deadline.within(milliseconds):
        made = list(retry.attempts(1000))
        assert deadline.left() > 0
    assert made == list(range(1, len(made) + 1))  # there is always a first
    assert len(made) < 1000
    assert list(retry.attempts()) == list(range(1, 13))


TIMED_OUT = ReadTimeoutError(endpoint_url="http://127.0.0.1")


@pytest.mark.parametrize(
    "outcome",
    [
        {"response": None, "caught_exception": TIMED_OUT},
        {"response": (Http(500), {}), "caught_exception": None},
        {"response": (Http(400), {"Error": {"Code": "ThrottlingException"}}), "caught_exception": None},
    ],
)
@pytest.mark.parametrize(("attempts", "pause"), [(1, 1), (2, 2)])
def test_botocore_does_not_pause_beyond_the_deadline(
    clock: Clock, outcome: dict[str, Any], attempts: int, pause: int
) -> None:
    with deadline.within(1000 * pause + 1):
        _check_pause(**outcome, attempts=attempts)
    with deadline.within(1000 * pause), pytest.raises(OutOfTime):
        _check_pause(**outcome, attempts=attempts)


def test_what_is_not_retried_is_passed_on_whatever_the_time(clock: Clock) -> None:
    refused = (Http(400), {"Error": {"Code": "ConditionalCheckFailedException"}})
    with deadline.within(0):
        _check_pause((Http(200), {}), 1, None)
        _check_pause(refused, 1, None)
        _check_pause(None, 3, TIMED_OUT)  # the last attempt's error says more


def test_a_conflict_is_not_retried_beyond_the_deadline(clock: Clock) -> None:
    conflict = (Http(400), {"Error": {"Code": "TransactionConflictException"}})
    assert _pause_after_conflict(conflict, 1) is not None
    with deadline.within(0):
        assert _pause_after_conflict(conflict, 1) is None


@pytest.mark.parametrize(("remaining", "seconds"), [(29_000, 25), (10_000, 8), (1000, 0)])
def test_a_request_has_its_time_or_what_the_function_has_left(clock: Clock, remaining: int, seconds: float) -> None:
    with deadlines.of_request(Context(remaining)):
        assert deadline.left() == seconds  # tests set 25 s


def test_a_batch_has_what_the_function_has_left(clock: Clock) -> None:
    with deadlines.of_batch(Context(60_000)):
        assert deadline.left() == 58
    with deadlines.of_batch(None):
        assert deadline.left() == 58
