"""The size of the instance and its contact account, cached in a warm function."""

import threading
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from fstream_app.core import settings
from fstream_app.core.entities import User
from fstream_app.core.errors import NotFound
from fstream_app.core.warm import remembered
from fstream_app.people import profiles, users
from fstream_app.repository import sizes

COUNTS_SECONDS = 3600
"""Lifetime of cached counts. DynamoDB updates them every six hours."""
CONTACT_SECONDS = 600
"""Lifetime of the cached id of the contact account."""
RETRY_SECONDS = 60
"""Wait before the next attempt after a failed read."""
_ITEMS_PER_USER = 2
"""Items per user: the user, and the reservation of the name."""

T = TypeVar("T")


class Counts(NamedTuple):
    """Approximate numbers."""

    users: int = 0
    messages: int = 0
    """Messages that exist, including expired ones until they are removed."""
    active: int = 0
    """Users with messages that exist."""


class Kept(Generic[T]):
    """A value that is read again after some seconds. Thread-safe."""

    def __init__(self, read: Callable[[], T], seconds: int, first: T) -> None:
        self._read = read
        self._seconds = seconds
        self._value = first
        self._due_at = 0
        self._lock = threading.Lock()

    def get(self, now: int) -> T:
        """Return the value at this time (ms).

        Raises:
            Exception: what reading raises. Until the next attempt, the last value is returned.
        """
        if now >= self._due_at:
            with self._lock:
                if now >= self._due_at:
                    self._due_at = now + 1000 * RETRY_SECONDS
                    self._value = self._read()
                    self._due_at = now + 1000 * self._seconds
        return self._value


@remembered
def _counts() -> Kept[Counts]:
    return Kept(_count, COUNTS_SECONDS, Counts())


@remembered
def _contact_id() -> Kept[str | None]:
    return Kept(_find_contact_id, CONTACT_SECONDS, None)


def counts(now: int) -> Counts:
    """Return the numbers of users and messages at this time (ms), at most seven hours old.

    One round trip per hour for each warm function, and no units.
    """
    return _counts().get(now)


def contact(now: int) -> User | None:
    """Return the contact account that the operator has set, unless it is absent, suspended or leaving.

    1.5 RRU for its id every ten minutes; 0.5 for the user if it is not in the profile cache.
    """
    contact_id = _contact_id().get(now) if settings.get().contact_account else None
    return profiles.get_many([contact_id]).get(contact_id) if contact_id else None


def _count() -> Counts:
    user_items, messages, heads = sizes.items("users", "messages", "heads")
    people = user_items // _ITEMS_PER_USER
    return Counts(people, messages, min(people, heads))


def _find_contact_id() -> str | None:
    try:
        user = users.lookup(settings.get().contact_account)
    except NotFound:
        return None
    profiles.remember([user])
    return user.id
