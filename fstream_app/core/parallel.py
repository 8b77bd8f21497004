"""Calls made at the same time: round trips to the database that need not wait for each other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

_WORKERS = 24
# Not `@remembered`: threads hold no data, and to forget a pool would lose the calls that run in it.
_pools: dict[int, ThreadPoolExecutor] = {}
_lock = threading.Lock()
_level = threading.local()


def _pool(level: int) -> ThreadPoolExecutor:
    # One pool per level of nesting: a call that waits for calls of its own can then never starve them.
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
def gather(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Make the calls at the same time and return their results in order.

    Raises:
        Exception: the first one that any of the calls raised, in their order, after all have ended.
    """
    return tuple(gather_all(calls))


def gather_all(calls: Sequence[Callable[[], A]]) -> list[A]:
    """Do as `gather` for any number of calls of one type."""
    if not calls:
        return []
    level = getattr(_level, "depth", 0) + 1
    # Each with the caller's context, so that what it takes counts for the request that it is made for.
    futures: list[Future[A]] = [_pool(level).submit(copy_context().run, _run, level, call) for call in calls[1:]]
    try:
        first = calls[0]()
    finally:
        errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None:
            raise error
    return [first, *(future.result() for future in futures)]
