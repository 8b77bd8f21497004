"""Other people's profiles as a warm function remembers them, for `profile_cache` seconds. Never message text."""

import threading
from collections.abc import Collection, Iterable

from cachetools import TTLCache

from fstream_app.core import clock, settings
from fstream_app.core.entities import User
from fstream_app.repository import users

_CAPACITY = 20_000
_lock = threading.Lock()
_cache: TTLCache[str, User] = TTLCache(_CAPACITY, settings.get().profile_cache * 1000, timer=lambda: clock.now())  # noqa: PLW0108 (tests pass another clock)


def known(user_ids: Iterable[str]) -> dict[str, User]:
    """Return those remembered."""
    with _lock:
        return {user_id: user for user_id in user_ids if (user := _cache.get(user_id)) is not None}


def remember(found: Iterable[User]) -> None:
    """Keep what was just read."""
    with _lock:
        _cache.update((user.id, user) for user in found)


def forget(user_id: str) -> None:
    """Drop a user who has just changed; other warm functions learn of it when theirs grow old."""
    with _lock:
        _cache.pop(user_id, None)


def clear() -> None:
    """Drop all, as a cold function would have it."""
    with _lock:
        _cache.clear()


def get_many(user_ids: Collection[str]) -> dict[str, User]:
    """Return users, remembered or read; those that are not there are missing."""
    found = known(user_ids)
    missing = set(user_ids) - found.keys()
    return found | read(missing) if missing else found


def read(user_ids: Iterable[str]) -> dict[str, User]:
    """Return users as they are now, whatever is remembered; 0.5 RRU each.

    For lists in which nothing else shows that somebody is there still, such as a message of theirs.
    """
    found = users.get_many(user_ids)
    remember(found.values())
    return found
