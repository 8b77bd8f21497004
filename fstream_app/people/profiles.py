"""A warm function's cache of profiles. Entries expire after `profile_cache` seconds; it never holds message text.

They also expire when the clock jumps back to before they were cached. Otherwise they would live until it has caught up.
"""

import threading
from collections.abc import Collection, Iterable

from cachetools import LRUCache

from fstream_app.core import clock, settings
from fstream_app.core.entities import User
from fstream_app.core.warm import remembered
from fstream_app.repository import users

_CAPACITY = 20_000


class Memory:
    """Users by id, each cached for a lifetime (ms). Thread-safe. A full cache evicts the least recently used."""

    def __init__(self, lifetime: float) -> None:
        self._lock = threading.Lock()
        self._lifetime = lifetime
        self._users: LRUCache[str, tuple[int, User]] = LRUCache(_CAPACITY)
        """With the time (ms) of caching."""

    def known(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return the users that are cached, by id."""
        now, found = clock.now(), {}
        with self._lock:
            for user_id in user_ids:
                cached_at, user = self._users.get(user_id, (0, None))
                if user is not None and 0 <= now - cached_at < self._lifetime:
                    found[user_id] = user
        return found

    def remember(self, found: Iterable[User]) -> None:
        """Cache these users."""
        now = clock.now()
        with self._lock:
            self._users.update((user.id, (now, user)) for user in found)

    def forget(self, user_id: str) -> None:
        """Evict a user. Idempotent."""
        with self._lock:
            self._users.pop(user_id, None)


@remembered
def memory() -> Memory:
    """Return this process's cache of profiles."""
    return Memory(1000 * settings.get().profile_cache)


def known(user_ids: Iterable[str]) -> dict[str, User]:
    """Return the users that are cached, by id."""
    return memory().known(user_ids)


def remember(found: Iterable[User]) -> None:
    """Cache users that were just read."""
    memory().remember(found)


def forget(user_id: str) -> None:
    """Evict a user who has just changed. Other warm functions show the old profile until their entry expires."""
    memory().forget(user_id)


def get_many(user_ids: Collection[str]) -> dict[str, User]:
    """Return users by id, cached or read (0.5 RRU each). Hidden and deleted users are missing."""
    found = known(user_ids)
    missing = set(user_ids) - found.keys()
    if not missing:
        return found
    more = users.get_many(missing)
    remember(more.values())
    return found | more


def read(user_ids: Iterable[str]) -> dict[str, User]:
    """Return users by id, read from the table and not from the cache, consistently; 1 RRU each.

    For lists in which nothing else, such as a message, proves that the user still exists. With the setting
    `strict_pages` off, the read is eventually consistent, for half.
    """
    found = users.get_many(user_ids, consistent=settings.get().strict_pages)
    remember(found.values())
    return found
