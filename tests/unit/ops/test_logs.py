"""The logs of all functions are shown together, in order, each line once."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.operations.errors import OperationError
from ops.operations.logs import Line, Logs, seconds

GROUPS = {"api_handler": "/aws/lambda/fstream-dev", "fan_out": "/aws/lambda/fstream-dev-fan_out"}


class CloudWatch:
    """Log groups, in pages of two events."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS.values()}
        self.requests: list[dict[str, Any]] = []

    def log(self, function: str, time: int, text: str) -> None:
        events = self.events[GROUPS[function]]
        events.append({"timestamp": time, "eventId": f"{function}{len(events)}", "message": f"{text}\n"})

    def get_paginator(self, operation: str) -> "CloudWatch":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.requests.append(request)
        if request["logGroupName"] not in self.events:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "FilterLogEvents")
        found = [each for each in self.events[request["logGroupName"]] if each["timestamp"] >= request["startTime"]]
        for begin in range(0, len(found) or 1, 2):
            yield {"events": found[begin : begin + 2]}


@pytest.fixture
def cloudwatch() -> CloudWatch:
    return CloudWatch()


@pytest.fixture
def logs(cloudwatch: CloudWatch) -> Logs:
    return Logs(cloudwatch, GROUPS)


def test_the_logs_of_all_functions_are_merged_by_time(cloudwatch: CloudWatch, logs: Logs) -> None:
    for time in (1000, 3000, 5000):
        cloudwatch.log("api_handler", time, f"request {time}")
        cloudwatch.log("fan_out", time + 1, f"batch {time}")
    texts = [line.text for line in logs.read(since=2000)]
    assert texts == ["request 3000", "batch 3000", "request 5000", "batch 5000"]


def test_what_lambda_writes_around_every_call_is_left_out(cloudwatch: CloudWatch, logs: Logs) -> None:
    for text in ("INIT_START Runtime", "START RequestId: 1", "something", "END RequestId: 1", "REPORT RequestId: 1"):
        cloudwatch.log("fan_out", 1000, text)
    assert [line.text for line in logs.read(since=0)] == ["something", "REPORT RequestId: 1"]


def test_a_line_shows_when_and_where() -> None:
    line = Line(2_208_988_800_123, "1", "fan_out", "batch")
    assert str(line) == "2040-01-01 00:00:00.123  fan_out          batch"


def test_who_follows_sees_each_line_once_and_late_ones_too(cloudwatch: CloudWatch, logs: Logs) -> None:
    clock = 100_000
    slept: list[float] = []

    def sleep(duration: float) -> None:
        nonlocal clock
        slept.append(duration)
        clock += 2_000
        if len(slept) == 1:
            cloudwatch.log("api_handler", 101_000, "new")
        elif len(slept) == 2:
            cloudwatch.log("fan_out", 99_000, "late")
        else:
            raise KeyboardInterrupt

    cloudwatch.log("api_handler", 50_000, "old")
    seen: list[Line] = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(logs.follow(0, lambda: clock, sleep))
    assert [line.text for line in seen] == ["old", "new", "late"]
    assert cloudwatch.requests[-1]["startTime"] > 50_000  # old events are not read again


def test_a_pattern_is_cloudwatchs_to_match(cloudwatch: CloudWatch) -> None:
    list(Logs(cloudwatch, GROUPS, "?ERROR").read(since=5, until=9))
    assert cloudwatch.requests[0] == {
        "logGroupName": "/aws/lambda/fstream-dev", "startTime": 5, "endTime": 9, "filterPattern": "?ERROR",
    }  # fmt: skip


def test_a_missing_log_is_reported(cloudwatch: CloudWatch) -> None:
    with pytest.raises(
        OperationError, match=r"The log group /aws/lambda/other does not exist\. Check that the stage is deployed"
    ):
        list(Logs(cloudwatch, {"api_handler": "/aws/lambda/other"}).read(since=0))


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("1h", 3600), ("2d", 172_800), ("0s", 0)])
def test_a_duration_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "1", "h", "1w", "-1h", "1.5h", "1h30m", "1234567s"])
def test_a_duration_is_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="such as 1h"):
        seconds(text)
