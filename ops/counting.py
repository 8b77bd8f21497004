"""Counts the cost of operations that are run several times, and finds the sizes of items."""

from collections.abc import Callable
from typing import Any

from fstream_app.core import database
from fstream_app.tables import Table
from ops.meter import Cost, item_size, metered

LATENCY = 0.01
"""Seconds added to each call while round trips are counted."""


class Counted:
    """The cost of an operation, as the mean of its rounds."""

    def __init__(self, cost: Cost, rounds: int) -> None:
        self._cost = cost
        self._rounds = rounds

    @property
    def cpu(self) -> float:
        """CPU in milliseconds."""
        return 1000 * self._cost.cpu_seconds / self._rounds

    @property
    def trips(self) -> int:
        """Sequential round trips, if counted with a latency."""
        return self._cost.round_trips

    def read(self, table: str = "", operation: str = "") -> float:
        """Return the RRU: of all calls, or of one table or operation if it is given."""
        calls = [call for call in self._cost.calls if table in {"", call.table} and operation in {"", call.operation}]
        return sum(call.read_units for call in calls) / self._rounds

    def written(self, table: str = "") -> float:
        """Return the WRU: of all calls, or of one table if it is given."""
        return sum(call.write_units for call in self._cost.calls if table in {"", call.table}) / self._rounds


def count(operation: Callable[[], object], rounds: int = 1, latency: float = 0.0) -> Counted:
    """Run an operation, and count its cost; `latency` as for `metered`."""
    with metered(latency) as cost:
        for _ in range(rounds):
            operation()
    return Counted(cost, rounds)


def largest(model: type[Table], **key: str) -> dict[str, Any]:
    """Return a table's largest item in its wire form; if `key` is given, among the items with these attributes."""
    items = database.connection().client.scan(TableName=model.table_name())["Items"]
    wanted = [item for item in items if all(item[name] == {"S": value} for name, value in key.items())]
    largest: dict[str, Any] = max(wanted, key=item_size)
    return largest
