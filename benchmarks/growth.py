"""Measures how the cost of each operation grows, with 100 to 100,000 users, messages or followers of one author."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from benchmarks.cpu import cpu
from benchmarks.network import AUTHORS, FOLLOWED, Network, Progress, remember_all
from benchmarks.operations import operations
from benchmarks.recording import Operation, Recording
from fstream_app.core import clock, database
from fstream_app.core.database import CountingConnection
from ops import engine

AXES = ("users", "messages", "followers")
SIZES = (100, 1_000, 10_000, 100_000)
_FIRST_MESSAGES = 1_000
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """The cost of an operation at one size."""

    size: int
    read_units: float
    write_units: float
    calls: int
    cpu: float
    """CPU (ms) of this process, the minimum of the rounds; the engine's responses come from memory."""


def measure(
    axis: str, progress: Progress, *, sizes: Sequence[int] = SIZES, repeats: int = 20
) -> dict[str, list[Point]]:
    """Measure along an axis on a new engine, with 1,000 messages unless the axis is messages.

    The settings must have rate limits off and the tail's refresh at 0.
    """
    with engine.running() as started, patch.object(database, "CountingConnection", _patient):
        started.configure(os.environ)
        network = Network(authors=AUTHORS if axis == "messages" else FOLLOWED)
        if axis != "messages":
            network.grow_messages(_FIRST_MESSAGES)
        grow = {"users": network.grow_users, "messages": network.grow_messages, "followers": network.grow_followers}
        found: dict[str, list[Point]] = {}
        for size in sizes:
            progress(f"growth: {size:,} {axis}")
            grow[axis](size)
            for name, point in _points(network, size, repeats).items():
                found.setdefault(name, []).append(point)
        return found


def _patient(**settings: Any) -> CountingConnection:  # noqa: ANN401
    """Create the tables' connection with a long timeout: the local engine takes seconds to query large partitions."""
    return CountingConnection(**settings | {"read_timeout_seconds": 60})


def _points(network: Network, size: int, repeats: int) -> dict[str, Point]:
    remember_all(network.now)
    with patch.object(clock, "now", lambda: network.now):
        return {name: _point(operation, size, repeats) for name, operation in operations(network).items()}


def _point(operation: Operation, size: int, repeats: int) -> Point:
    operation()
    recording = Recording(operation)
    with recording.answering():
        least = min(cpu(operation, repeats) for _ in range(_ROUNDS))
    cost = recording.cost
    return Point(size, cost.read_units, cost.write_units, len(cost.calls), least)
