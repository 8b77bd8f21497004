"""Which function reads which stream or queue, and with which settings.

Both the local pump and the deployment use them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fstream_app import tables

HOUR = 3600

Handler = Callable[[dict[str, Any], Any], Any]
"""A Lambda handler, which takes the event and its context."""


@dataclass(frozen=True, slots=True)
class EventSource:
    """Lambda's settings for one stream. The fields have the names of its API, in snake case."""

    function: str
    """The handler's name in `chalicelib.events`."""
    table: type[tables.Table]
    batch_size: int = 100
    maximum_batching_window_in_seconds: int = 0
    """Seconds that a batch may wait to fill up."""
    parallelization_factor: int = 1
    """Batches of one shard processed concurrently, each with its own keys. The pump always processes one."""
    bisect_batch_on_function_error: bool = True
    maximum_retry_attempts: int = 10
    """Retries of a batch that cannot be split further; -1 for no limit."""
    maximum_record_age_in_seconds: int = 6 * HOUR
    """Older records become dead letters; -1 for never. A stream keeps its records for 24 hours: giving up after 6 hours
    leaves 18 to read them by the sequence numbers in the dead letter."""
    report_batch_item_failures: bool = True
    event_names: tuple[str, ...] = ("INSERT", "MODIFY", "REMOVE")
    """The kinds of changes that the function receives."""
    filter_ttl_removals: bool = True
    """Whether to leave out removals by TTL: no read shows expired items anyway, so there is nothing to undo."""

    def handler(self) -> Handler:
        """Return the function. Importing its module reads the settings, as Chalice requires."""
        return _handler("chalicelib.events", self.function)

    def admits(self, record: Mapping[str, Any]) -> bool:
        """Return whether the function receives a record; has the same meaning as `FilterCriteria` in `parameters`."""
        if self.filter_ttl_removals and (record.get("userIdentity") or {}).get("principalId"):
            return False
        return record.get("eventName") in self.event_names

    def parameters(self) -> dict[str, Any]:
        """Return the settings as parameters of Lambda's UpdateEventSourceMapping."""
        pattern: dict[str, Any] = {"eventName": list(self.event_names)}
        if self.filter_ttl_removals:
            # Only removals by TTL name a principal: DynamoDB itself.
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


@dataclass(frozen=True, slots=True)
class QueueSource:
    """Lambda's settings for the queue of live events, and SQS's own, which depend on them."""

    function: str
    queue: str
    """Last part of the queue's name: it is `<app>-<stage>-<queue>`."""
    batch_size: int = 10
    """Limit per call. A call begins with what there is."""
    maximum_concurrency: int = 10
    """Limit of concurrent calls, which bounds the rate of sending: AWS takes 2 to 1,000."""
    visibility_timeout: int = 30
    """Seconds after which a message whose call failed is delivered again. Lambda requires at least the function's own
    timeout."""
    retention: int = 120
    """Seconds after which SQS drops a message. Clients have polled by then, so the event would be of no use."""

    def handler(self) -> Handler:
        """Return the function, as for a stream."""
        return _handler("chalicelib.live", self.function)

    def parameters(self) -> dict[str, Any]:
        """Return the settings as parameters of Lambda's UpdateEventSourceMapping."""
        return {
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": 0,
            "ScalingConfig": {"MaximumConcurrency": self.maximum_concurrency},
        }


def _handler(module: str, name: str) -> Handler:
    function: Handler = getattr(import_module(module), name)
    return function


LIVE = QueueSource("live", "live")
"""The queue that announces what may be sent to open sockets."""
ALL: tuple[EventSource, ...] = (
    # No MODIFY: only counts and the time of notifications modify a message, and they are not delivered.
    # These two are all the readers that DynamoDB allows for a stream; a third would be throttled.
    EventSource("fan_out", tables.MessageItem, event_names=("INSERT", "REMOVE")),
    EventSource("views", tables.MessageItem, event_names=("INSERT",)),
    EventSource("on_relationship", tables.EdgeItem, event_names=("INSERT", "MODIFY")),
    EventSource("on_reaction", tables.ReactionItem, event_names=("INSERT", "MODIFY")),
)
