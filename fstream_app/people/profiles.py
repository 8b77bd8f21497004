"""A warm function's cache of profiles; it never holds message text.

Before a profile is changed or hidden, a note is written to the log, which functions that serve home timelines read all
the time. So a profile may be cached for long (`profile_cache`) while this function hears of changes, and for a minute
otherwise. The note is written first, so a change without a note can't happen. Counts of followers change without a
note, because strangers could otherwise empty everybody's cache; a cached profile shows them as they were.

Entries also expire when the clock jumps back to before they were cached. Otherwise they would live until it has caught
up.
"""

import sys
import threading
from collections.abc import Collection, Iterable

import msgspec
from cachetools import LRUCache

from fstream_app.core import clock, settings
from fstream_app.core.entities import User
from fstream_app.core.errors import Unavailable
from fstream_app.core.warm import remembered
from fstream_app.repository import log, users

CAPACITY = 128 << 20
"""Bytes that the cache takes at most."""
_ENTRY = 600
"""Bytes of an entry without its texts."""
UNHEARD = 60_000
"""Milliseconds for which a profile may be cached although nothing is heard of changes."""
_CHANGING = 60_000
"""Milliseconds after hearing of a change in which a read may still return the old profile."""
_GROUP = 4
"""Characters of a user id that a note in the log has. A note outlives an account, so it must not name its user."""

_NOTES = 3
_LONGEST_NOTE = 1000
"""Milliseconds that a note may take, as `feed.fanout` allows an append to the log."""


def size(user: User) -> int:
    """Return about how many bytes a user takes in the cache."""
    texts = [user.display_name, user.note, *(text for field in user.fields for text in (field.name, field.value))]
    return _ENTRY + sum(map(sys.getsizeof, texts))


class Memory:
    """Users by id, without the hashes of their secrets, each cached for a lifetime (ms). Thread-safe.

    A full cache evicts the least recently used.
    """

    def __init__(self, lifetime: float) -> None:
        self._lock = threading.Lock()
        self._lifetime = lifetime
        self._users: LRUCache[str, tuple[int, User]] = LRUCache(CAPACITY, lambda cached: size(cached[1]))
        """With the time (ms) of caching."""
        self._changed: dict[str, int] = {}
        """Beginning of a user's id → when this function heard of a change (ms)."""
        self._heard_at: int | None = None

    @property
    def bytes(self) -> int:
        """Bytes that the cache takes, as `size` estimates them."""
        return int(self._users.currsize)

    def known(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return the users that are cached, by id."""
        now, found = clock.now(), {}
        with self._lock:
            hears = self._heard_at is not None and abs(now - self._heard_at) < UNHEARD
            lifetime = self._lifetime if hears else min(self._lifetime, UNHEARD)
            for user_id in user_ids:
                cached_at, user = self._users.get(user_id, (0, None))
                changed_at = self._changed.get(user_id[:_GROUP], cached_at - _CHANGING)
                if user is not None and 0 <= now - cached_at < lifetime and cached_at - changed_at >= _CHANGING:
                    found[user_id] = user
        return found

    def remember(self, found: Iterable[User]) -> None:
        """Cache these users."""
        now = clock.now()
        with self._lock:
            for user in found:
                self._users[user.id] = now, msgspec.structs.replace(user, password_hash="", recovery_hash=None)

    def forget(self, user_id: str) -> None:
        """Evict a user. Idempotent."""
        with self._lock:
            self._users.pop(user_id, None)

    def hear(self, changing: Collection[str], *, is_gapless: bool) -> None:
        """Take in the log up to now. Users whose profiles are changing count as cached only once they have changed.

        Args:
            changing: beginnings of the ids of these users.
            is_gapless: whether the log was read without a gap since the last call; otherwise, changes may have been
                missed, and everybody is evicted.
        """
        now = clock.now()
        with self._lock:
            if not is_gapless:
                self._users.clear()
            # What was cached while a profile changed expires that much later.
            longest = self._lifetime + _CHANGING
            kept = {each: heard for each, heard in self._changed.items() if abs(now - heard) < longest}
            self._changed = kept | dict.fromkeys(changing, now)
            self._heard_at = now


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
    """Evict a user who has just changed. Other warm functions hear of it from the log."""
    memory().forget(user_id)


def hear(changing: Collection[str], *, is_gapless: bool) -> None:
    """Take in the log up to now; see `Memory.hear`."""
    memory().hear(changing, is_gapless=is_gapless)


def announce(user_id: str) -> None:
    """Note in the log that a profile is about to change, or to be hidden; 1 WRU. The caller then changes it.

    Functions read only the last seconds of the log again. So a note that took longer, because of time-outs and retries,
    is repeated under a later time.

    Raises:
        Unavailable: every note took too long.
    """
    for _ in range(_NOTES):
        began = clock.monotonic()
        log.note_change(user_id[:_GROUP], clock.now())
        if clock.monotonic() - began <= _LONGEST_NOTE:
            return
    raise Unavailable("The database is busy. Try again in a moment.")


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
