"""The logs of a stage's functions, merged by time."""

import heapq
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.operations.errors import OperationError

ERRORS = '?WARNING ?ERROR ?CRITICAL ?Traceback ?"Task timed out" ?"Runtime." ?errorType'
"""The pattern of lines that tell of something that went wrong."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NOISE = ("START RequestId:", "END RequestId:", "INIT_START")
"""What Lambda writes around every call, and tells nothing."""
_LATE = 15_000
"""Milliseconds by which a line may come after a younger one, from another function or process."""
_POLL = 2.0


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line, or several that were logged as one."""

    time: int
    """Milliseconds."""
    id: str
    function: str
    text: str

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.time / 1000, UTC).isoformat(" ", "milliseconds")[:-6]
        return f"{moment}  {self.function:<15}  {self.text}"


def seconds(duration: str) -> int:
    """Read a duration such as `90s`, `15m`, `1h` or `2d`.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"(\d{1,6})([smhd])", duration)
    if match is None:
        raise ValueError("a duration is a number and s, m, h or d, such as 1h")
    return int(match[1]) * _UNITS[match[2]]


class Logs:
    """Reads the log groups of some functions.

    Args:
        client: of CloudWatch Logs.
        groups: name of a function to its log group.
        pattern: what lines must match, in CloudWatch's own language; empty for all.
    """

    def __init__(self, client: Any, groups: Mapping[str, str], pattern: str = "") -> None:  # noqa: ANN401
        self._client = client
        self._groups = groups
        self._pattern = pattern

    def read(self, since: int, until: int | None = None) -> Iterator[Line]:
        """Give what was logged between two times (ms), oldest first, a page at a time as it is asked for.

        Raises:
            OperationError: a log group is not there.
        """
        return heapq.merge(*(self._of(function, since, until) for function in self._groups))

    def follow(
        self, since: int, now: Callable[[], int], sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[Line]:
        """Give what was logged since a time (ms), and go on with what is logged from now on, without end."""
        seen: dict[str, int] = {}
        while True:
            began = now()
            for line in self.read(since):
                if line.id not in seen:
                    seen[line.id] = line.time
                    yield line
            # The last seconds are read again: lines come late.
            since = max(since, began - _LATE)
            seen = {each: moment for each, moment in seen.items() if moment >= since}
            sleep(_POLL)

    def _of(self, function: str, since: int, until: int | None) -> Iterator[Line]:
        request: dict[str, Any] = {"logGroupName": self._groups[function], "startTime": since}
        if until is not None:
            request["endTime"] = until
        if self._pattern:
            request["filterPattern"] = self._pattern
        try:
            for page in self._client.get_paginator("filter_log_events").paginate(**request):
                lines = (_line(function, event) for event in page["events"])
                yield from sorted(line for line in lines if not line.text.startswith(_NOISE))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise OperationError(
                f"There is no log {self._groups[function]}. Is the stage deployed, and in this account and region?"
            ) from None


def _line(function: str, event: Mapping[str, Any]) -> Line:
    # The API's model does not promise an id.
    return Line(event["timestamp"], event.get("eventId", event["message"]), function, event["message"].rstrip())
