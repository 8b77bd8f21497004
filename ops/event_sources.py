"""Which function reads which stream, and how: the one description, for the local pump and for AWS."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fstream_app import tables

HOUR = 3600

Handler = Callable[[dict[str, Any], Any], Any]
"""What Lambda calls, with the event and its context."""


@dataclass(frozen=True, slots=True)
class EventSource:
    """Lambda's settings for one stream. The fields are those of its API, in Python's spelling."""

    function: str
    """The handler's name in `chalicelib.events`."""
    table: type[tables.Table]
    batch_size: int = 100
    maximum_batching_window_in_seconds: int = 0
    """How long a batch may wait to fill up."""
    parallelization_factor: int = 1
    """Batches of one shard at the same time, each with keys of its own. The pump always takes one."""
    bisect_batch_on_function_error: bool = True
    maximum_retry_attempts: int = 10
    """How often a batch that can be split no further is tried again; -1 is without end."""
    maximum_record_age_in_seconds: int = 6 * HOUR
    """Older records go to the dead letters; -1 is never. A stream keeps its records for 24 hours: giving up
    after 6 leaves 18 to read them by the sequence numbers in the dead letter."""
    report_batch_item_failures: bool = True
    event_names: tuple[str, ...] = ("INSERT", "MODIFY", "REMOVE")
    """Which changes it is to see."""
    filter_ttl_removals: bool = True
    """Whether removals by TTL are left out: what has expired is not read anyway, nothing is to be undone."""

    def handler(self) -> Handler:
        """Return the function; imports its module, which reads the settings at import, as Chalice requires."""
        function: Handler = getattr(import_module("chalicelib.events"), self.function)
        return function

    def admits(self, record: Mapping[str, Any]) -> bool:
        """Tell whether the function is to see a record: the meaning of `FilterCriteria` in `parameters`."""
        if self.filter_ttl_removals and (record.get("userIdentity") or {}).get("principalId"):
            return False
        return record.get("eventName") in self.event_names

    def parameters(self) -> dict[str, Any]:
        """Return the settings in the words of Lambda's UpdateEventSourceMapping."""
        pattern: dict[str, Any] = {"eventName": list(self.event_names)}
        if self.filter_ttl_removals:
            # DynamoDB names itself as the principal of a removal by TTL; all other records name none.
            pattern["userIdentity"] = {"principalId": [{"exists": False}]}
        return {
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.maximum_batching_window_in_seconds,
            "ParallelizationFactor": self.parallelization_factor,
            "BisectBatchOnFunctionError": self.bisect_batch_on_function_error,
            "MaximumRetryAttempts": self.maximum_retry_attempts,
            "MaximumRecordAgeInSeconds": self.maximum_record_age_in_seconds,
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if self.report_batch_item_failures else [],
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]},
        }


ALL: tuple[EventSource, ...] = (
    # What is counted at a message, favourites and replies, modifies it: nothing to be delivered.
    EventSource("fan_out", tables.MessageItem, event_names=("INSERT", "REMOVE")),
    EventSource("on_relationship", tables.EdgeItem),
)
