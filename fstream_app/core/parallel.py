"""Parallel calls, for round trips to the database that do not depend on each other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

_WORKERS = 24
# Not `@remembered`: threads hold no data, and clearing a pool would lose the calls that run in it.
_pools: dict[int, ThreadPoolExecutor] = {}
_lock = threading.Lock()
_level = threading.local()


def _pool(level: int) -> ThreadPoolExecutor:
    # One pool per nesting level, so that a call waiting for its own nested calls cannot starve them of threads.
    with _lock:
        if level not in _pools:
            _pools[level] = ThreadPoolExecutor(_WORKERS, thread_name_prefix=f"parallel-{level}")
        return _pools[level]


def _run(level: int, call: Callable[[], A]) -> A:
    _level.depth = level
    return call()


@overload
def gather(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def gather(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def gather(
    first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D], /
) -> tuple[A, B, C, D]: ...
def gather(*calls: Callable[[], object]) -> tuple[object, ...]:
    """Run the calls in parallel and return their results in the order of the calls.

    Raises:
        Exception: that of the first failed call, in the order of the calls. All calls have ended when it is raised.
    """
    return tuple(gather_all(calls))


def gather_all(calls: Sequence[Callable[[], A]]) -> list[A]:
    """Do the same as `gather`, for any number of calls with the same result type."""
    if not calls:
        return []
    level = getattr(_level, "depth", 0) + 1
    # Each call runs in a copy of the caller's context, so that its metrics count for the same request.
    futures: list[Future[A]] = [_pool(level).submit(copy_context().run, _run, level, call) for call in calls[1:]]
    try:
        first = calls[0]()
    finally:
        errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None:
            raise error
    return [first, *(future.result() for future in futures)]
