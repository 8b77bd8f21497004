"""The registry of everything that a warm function keeps between requests; `clear()` resets the process to cold.

Lambda reuses a process for many requests. Any value that outlives a request is returned by a function marked
`@remembered`. No module has a cache, connection or lock of its own (`tests/unit/core/test_warm.py` checks this).
"""

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

T = TypeVar("T")

_forget: list[Callable[[], None]] = []


class remembered(Generic[T]):  # noqa: N801  # used as a decorator, like `property`
    """A function without arguments that runs on first use; its result is kept until it is cleared.

    Thread-safe: concurrent calls run the function once. If it raises an exception, nothing is kept and the next call
    runs it again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        update_wrapper(self, make)
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[T] | None = None
        _forget.append(self.clear)

    def __call__(self) -> T:
        """Return the kept value, or run the function and keep its result."""
        kept = self._kept
        if kept is None:
            with self._lock:
                kept = self._kept
                if kept is None:
                    kept = self._kept = (self._make(),)
        return kept[0]

    def use(self, value: T) -> None:
        """Keep this value, instead of the function's result, until it is cleared."""
        with self._lock:
            self._kept = (value,)

    def clear(self) -> None:
        """Forget the value. Threads that already have it continue to use it."""
        with self._lock:
            self._kept = None


def clear() -> None:
    """Forget every kept value of this process: settings, connections and caches."""
    for forget in _forget:
        forget()
