"""Measures the CPU of the hot operations, as a ratio to the bare botocore calls that they make, and by package."""

import cProfile
import os
import pstats
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

import boto3

from benchmarks.network import Network, Progress, remember_all
from benchmarks.operations import operations
from benchmarks.recording import Operation, Recording
from fstream_app.core import clock, parallel
from ops import engine

MESSAGES = 1_000
_HOT = (
    "home, 20 messages",
    "home, nothing new",
    "public timeline, 20 messages",
    "a message",
    "post",
    "fan-out of a message",
)
_PACKAGES = {"botocore": "botocore", "pynamodb": "PynamoDB", "chalice": "Chalice"}
_OURS = {"fstream_app": "domain", "chalicelib": "rendering and routes"}
_MAX_DEPTH = 12

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU of an operation and of the bare calls that it makes, in milliseconds: medians of the rounds."""

    calls: int
    cpu: float
    bare: float
    ratio: float
    """Median of the rounds' ratios."""
    lowest: float
    highest: float
    shares: dict[str, float]
    """Package → its share of the operation's CPU, from 0 to 1, according to the profiler."""


def measure(progress: Progress, *, rounds: int = 7, repeats: int = 100) -> dict[str, Ratio]:
    """Measure against a new engine; the settings must have rate limits off and the tail's refresh at 0."""
    with engine.running() as started:
        started.configure(os.environ)
        _use_one_processor()
        network = Network()
        network.grow_messages(MESSAGES)
        remember_all(network.now)
        bare = boto3.client("dynamodb")
        found = {}
        with patch.object(clock, "now", lambda: network.now):
            wanted = operations(network)
            for name in _HOT:
                progress(f"CPU: {name}")
                found[name] = _measure(wanted[name], bare, rounds, repeats)
        return found


def _use_one_processor() -> None:
    """Keep this process on one processor, where the system can: a function with less than 1,769 MB has one at most."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measure(operation: Operation, bare: Any, rounds: int, repeats: int) -> Ratio:  # noqa: ANN401 (boto3 has no types)
    operation()
    recording = Recording(operation)
    with recording.answering(), recording.answering(bare):
        times = [(cpu(operation, repeats), cpu(lambda: recording.replay(bare), repeats)) for _ in range(rounds + 1)][
            1:
        ]  # the first round warms up
        shares = profile(operation, repeats)
    ratios = [whole / calls for whole, calls in times]
    return Ratio(
        calls=len(recording.calls),
        cpu=statistics.median(whole for whole, _ in times),
        bare=statistics.median(calls for _, calls in times),
        ratio=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        shares=shares,
    )


def cpu(operation: Operation, repeats: int) -> float:
    """Return the mean CPU (ms) of an operation in this process, over all threads."""
    began = time.process_time()
    for _ in range(repeats):
        operation()
    return 1000 * (time.process_time() - began) / repeats


class _Immediately(Executor):
    """Runs calls immediately in the caller's thread, because the profiler sees no other thread."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # passed to the future, as executors do
            future.set_exception(error)
        return future


def profile(operation: Operation, repeats: int) -> dict[str, float]:
    """Return each package's share of an operation's CPU, including its calls into the standard library."""
    profiler = cProfile.Profile()
    with patch.multiple(parallel, _pool=lambda _: _Immediately(), _run=lambda _, call: call()):
        profiler.enable()
        for _ in range(repeats):
            operation()
        profiler.disable()
    return shares(pstats.Stats(profiler).stats)  # type: ignore[attr-defined]  # left out of the stub


def shares(stats: Mapping[Any, Any]) -> dict[str, float]:
    """Sum a profile's own times by package; functions outside the packages count for their callers."""
    found: defaultdict[str, float] = defaultdict(float)

    def give(function: Any, seconds: float, depth: int = 0) -> None:  # noqa: ANN401
        package, callers = _package(function[0]), stats[function][4]
        inner = {caller: figures[3] for caller, figures in callers.items() if caller in stats and caller != function}
        whole = sum(inner.values())
        if package or not whole or depth == _MAX_DEPTH:
            found[package or "other"] += seconds
            return
        for caller, part in inner.items():
            give(caller, seconds * part / whole, depth + 1)

    for function, (_, _, own, *_) in stats.items():
        give(function, own)
    whole = sum(found.values())
    return {package: found[package] / whole for package in sorted(found)}


def _package(path: str) -> str:
    parts = path.split("/")
    if "site-packages" in parts:
        return _PACKAGES.get(parts[parts.index("site-packages") + 1], "")
    return next((name for folder, name in _OURS.items() if folder in parts), "")
