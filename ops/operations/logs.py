"""Reads the logs of a stage's functions, merged by time."""

import heapq
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.operations.errors import OperationError

ERRORS = '?WARNING ?ERROR ?CRITICAL ?Traceback ?"Task timed out" ?"Runtime." ?errorType ?"platform."'
"""CloudWatch's filter pattern for warnings and errors. Lines of Lambda itself begin with `platform.`; deployments leave
only those about calls that fail."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NOISE = ("START RequestId:", "END RequestId:", "INIT_START")
"""Lines without information that Lambda writes around every call."""
_LATE = 15_000
"""Milliseconds by which a line may arrive later than newer lines of other functions or processes."""
_POLL = 2.0


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A log event: one line, or several that were logged together."""

    time: int
    """Milliseconds since the epoch."""
    id: str
    function: str
    text: str

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.time / 1000, UTC).isoformat(" ", "milliseconds")[:-6]
        return f"{moment}  {self.function:<15}  {self.text}"


def seconds(duration: str) -> int:
    """Return the seconds of a duration such as `90s`, `15m`, `1h` or `2d`.

    Raises:
        ValueError: the text is not a duration.
    """
    match = re.fullmatch(r"(\d{1,6})([smhd])", duration)
    if match is None:
        raise ValueError("must be a number followed by s, m, h or d, such as 1h")
    return int(match[1]) * _UNITS[match[2]]


class Logs:
    """Reads the log groups of one or more functions.

    Args:
        client: boto3's client of CloudWatch Logs.
        groups: function name → log group.
        pattern: CloudWatch's filter pattern that events must match; empty for all events.
    """

    def __init__(self, client: Any, groups: Mapping[str, str], pattern: str = "") -> None:  # noqa: ANN401
        self._client = client
        self._groups = groups
        self._pattern = pattern

    def read(self, since: int, until: int | None = None) -> Iterator[Line]:
        """Yield the lines logged between two times (ms), oldest first; pages are fetched as needed.

        Raises:
            OperationError: a log group does not exist.
        """
        return heapq.merge(*(self._read_one(function, since, until) for function in self._groups))

    def follow(
        self, since: int, now: Callable[[], int], sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[Line]:
        """Yield the lines logged since a time (ms), then new lines as they arrive; never ends."""
        seen: dict[str, int] = {}
        while True:
            began = now()
            for line in self.read(since):
                if line.id not in seen:
                    seen[line.id] = line.time
                    yield line
            # The last seconds are read again because lines can arrive late.
            since = max(since, began - _LATE)
            seen = {each: moment for each, moment in seen.items() if moment >= since}
            sleep(_POLL)

    def _read_one(self, function: str, since: int, until: int | None) -> Iterator[Line]:
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
                f"The log group {self._groups[function]} does not exist. "
                "Check that the stage is deployed, and that this is its account and region."
            ) from None


def _line(function: str, event: Mapping[str, Any]) -> Line:
    # The id is optional in the API's model.
    return Line(event["timestamp"], event.get("eventId", event["message"]), function, event["message"].rstrip())
