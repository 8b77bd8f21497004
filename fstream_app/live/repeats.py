"""What this process has done already. Streams and the queue deliver at least once: what they bring may come again."""

import threading
from collections.abc import Hashable

from cachetools import LRUCache


class Done:
    """The newest things that were done, up to a limit. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._hashes: LRUCache[int, None] = LRUCache(most)

    def has(self, thing: Hashable) -> bool:
        """Return whether something was done."""
        with self._lock:
            return hash(thing) in self._hashes

    def add(self, thing: Hashable) -> bool:
        """Note that something is done; return whether it was not noted before."""
        with self._lock:
            is_new = hash(thing) not in self._hashes
            self._hashes[hash(thing)] = None
            return is_new

    def forget(self, thing: Hashable) -> None:
        """Forget something that was not done after all. Idempotent."""
        with self._lock:
            self._hashes.pop(hash(thing), None)
