"""What a warm function remembers between requests, in one registry: `clear()` makes the process as good as cold.

Lambda keeps a process for many requests. Whatever outlives one of them is a function marked `@remembered`; no module
keeps a cache, a connection or a lock of its own (`tests/unit/core/test_warm.py` looks for them).
"""

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

T = TypeVar("T")

_forget: list[Callable[[], None]] = []


class remembered(Generic[T]):  # noqa: N801  # used as a decorator, like `property`
    """A function without arguments that runs on first use; its result is kept until it is cleared.

    Safe for threads: the function runs once, however many threads ask at the same time. If it raises an exception,
    nothing is kept and the next call runs it again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        update_wrapper(self, make)
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[T] | None = None
        _forget.append(self.clear)

    def __call__(self) -> T:
        """Return the value; make it if there is none."""
        kept = self._kept
        if kept is None:
            with self._lock:
                kept = self._kept
                if kept is None:
                    kept = self._kept = (self._make(),)
        return kept[0]

    def use(self, value: T) -> None:
        """Keep this value instead of a made one, until it is cleared."""
        with self._lock:
            self._kept = (value,)

    def clear(self) -> None:
        """Forget the value. Threads that have it already go on with it."""
        with self._lock:
            self._kept = None


def clear() -> None:
    """Forget everything that this process remembers: settings, connections and caches."""
    for forget in _forget:
        forget()
