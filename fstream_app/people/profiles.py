"""Other people's profiles as a warm function remembers them, for `profile_cache` seconds. Never message text."""

import threading
from collections.abc import Collection, Iterable

from cachetools import TTLCache

from fstream_app.core import clock, settings
from fstream_app.core.entities import User
from fstream_app.core.warm import remembered
from fstream_app.repository import users

_CAPACITY = 20_000


class Memory:
    """Users by id, each for a limited time (ms); safe for threads. The least recently used go when it is full."""

    def __init__(self, lifetime: float) -> None:
        self._lock = threading.Lock()
        self._users: TTLCache[str, User] = TTLCache(_CAPACITY, lifetime, timer=lambda: clock.now())  # noqa: PLW0108 (tests pass another clock)

    def known(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return those remembered."""
        with self._lock:
            return {user_id: user for user_id in user_ids if (user := self._users.get(user_id)) is not None}

    def remember(self, found: Iterable[User]) -> None:
        """Keep these."""
        with self._lock:
            self._users.update((user.id, user) for user in found)

    def forget(self, user_id: str) -> None:
        """Drop one; idempotent."""
        with self._lock:
            self._users.pop(user_id, None)


@remembered
def memory() -> Memory:
    """Return this process's memory of profiles."""
    return Memory(1000 * settings.get().profile_cache)


def known(user_ids: Iterable[str]) -> dict[str, User]:
    """Return those remembered."""
    return memory().known(user_ids)


def remember(found: Iterable[User]) -> None:
    """Keep what was just read."""
    memory().remember(found)


def forget(user_id: str) -> None:
    """Drop a user who has just changed; other warm functions show the old profile until theirs expires."""
    memory().forget(user_id)


def get_many(user_ids: Collection[str]) -> dict[str, User]:
    """Return users, remembered or read; users that do not exist are missing."""
    found = known(user_ids)
    missing = set(user_ids) - found.keys()
    return found | read(missing) if missing else found


def read(user_ids: Iterable[str]) -> dict[str, User]:
    """Return users as they are now, whatever is remembered; 0.5 RRU each.

    For lists in which nothing else, such as a message of theirs, shows that a user still exists.
    """
    found = users.get_many(user_ids)
    remember(found.values())
    return found
