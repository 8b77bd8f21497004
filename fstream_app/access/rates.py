"""Rate limits: the number of times that a user, address or account may do something in a fixed time window.

Rare actions are counted exactly, with one write each. A write per request would double the cost of polling. So a warm
function counts requests in memory and writes to the table at every tenth. The response is the count of all functions.
F warm functions together therefore allow fewer than 10 F requests too many, and a single function allows none.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from cachetools import LRUCache

from fstream_app.core import settings
from fstream_app.core.entities import Quota
from fstream_app.core.errors import Forbidden, Invalid, TooManyRequests, Unavailable
from fstream_app.core.settings import Rate, Settings
from fstream_app.core.warm import remembered
from fstream_app.repository import rates

logger = logging.getLogger(__name__)

STEP = 10
"""Number of requests that are counted in memory before each write; fewer if the limit is below 100."""
_CAPACITY = 10_000
_GRACE_SECONDS = 60

Add = Callable[[str, int, int], int]
"""`repository.rates.add`: key, number, expiry (s); returns the sum."""


class Action(StrEnum):
    """A limited action. Its limit is the setting `rate_<value>`."""

    REQUEST = "requests"
    POST = "posts"
    DELETE = "deletes"
    REPORT = "reports"
    SIGN_UP = "sign_ups"
    LOG_IN = "log_ins"
    WRONG_PASSWORD = "wrong_passwords"  # noqa: S105


class Kind(StrEnum):
    """What a limit is for. Ids, names and addresses may look alike, so the kind is part of every key."""

    USER = "user"
    ADDRESS = "address"
    ACCOUNT = "account"
    """An account by its name, which need not exist."""
    ACCOUNT_AND_ADDRESS = "account and address"


class Subject(NamedTuple):
    """The user, address or account that a limit is for."""

    kind: Kind
    value: str


class _Limit(NamedTuple):
    """An action's limit: its setting, and its name in error messages."""

    rate: Callable[[Settings], Rate]
    name: str


_LIMITS = {
    Action.REQUEST: _Limit(lambda current: current.rate_requests, "requests"),
    Action.POST: _Limit(lambda current: current.rate_posts, "posts"),
    Action.DELETE: _Limit(lambda current: current.rate_deletes, "deletions"),
    Action.REPORT: _Limit(lambda current: current.rate_reports, "reports"),
    Action.SIGN_UP: _Limit(lambda current: current.rate_sign_ups, "new accounts from this address"),
    Action.LOG_IN: _Limit(lambda current: current.rate_log_ins, "log-in attempts from this address"),
    Action.WRONG_PASSWORD: _Limit(
        lambda current: current.rate_wrong_passwords, "wrong passwords for this account from new addresses"
    ),
}
_FAIL_OPEN = frozenset({Action.REQUEST, Action.POST, Action.DELETE})
"""Actions allowed when the table is unavailable. The others fail closed, or an attacker could disable their limits by
overloading the table, to guess passwords or create accounts.
"""


class RateWindow(NamedTuple):
    """A time window of one subject's limit."""

    key: str
    limit: int
    ends_at: int
    """Milliseconds."""

    @property
    def expires_at(self) -> int:
        """When TTL may delete it (s): after its end, with a margin for clock skew."""
        return self.ends_at // 1000 + _GRACE_SECONDS


class _Tally:
    """The count of one window."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.written = 0
        """Count of all functions, as of this function's last write to the table."""
        self.pending = 0
        """Count of this function since then."""

    @property
    def taken(self) -> int:
        return self.written + self.pending


class Memory:
    """A warm function's counts of requests. Thread-safe. A full memory evicts the least recently used windows."""

    def __init__(self, add: Add, capacity: int = _CAPACITY) -> None:
        self._add = add
        self._lock = threading.Lock()
        self._tallies: LRUCache[str, _Tally] = LRUCache(capacity)

    def take(self, window: RateWindow) -> int:
        """Count one request in a window, and return the window's count, as far as this function knows it.

        1 WRU per ten requests, or per fewer if the limit is below 100; none once the limit is exhausted.
        """
        with self._lock:
            tally = self._tallies.setdefault(window.key, _Tally())
        with tally.lock:  # held during the write, so concurrent callers of one window wait
            if tally.taken <= window.limit:
                tally.pending += 1
                if tally.pending % max(1, min(STEP, window.limit // 10)) == 0:
                    self._write(window, tally)
            return tally.taken

    def _write(self, window: RateWindow, tally: _Tally) -> None:
        try:
            tally.written = self._add(window.key, tally.pending, window.expires_at)
        except Unavailable as error:  # the next write includes these requests
            _log(Action.REQUEST, error)
        else:
            tally.pending = 0


@remembered
def memory() -> Memory:
    """Return this process's counts of requests."""
    return Memory(rates.add)


def take(action: Action, subject: Subject, now: int) -> Quota | None:
    """Take one action from a subject's limit; 1 WRU, or 0.1 for a request.

    Args:
        action: the action to count.
        subject: the user, address or account that does it.
        now: milliseconds.

    Returns:
        The quota that remains. None if limits are off, or if the table is unavailable and the action is allowed anyway.

    Raises:
        TooManyRequests: the limit is exhausted.
        Unavailable: the table is unavailable, and the action is not allowed uncounted.
    """
    if not settings.get().rate_limits:
        return None
    window = limit(action, subject, now)
    taken = memory().take(window) if action is Action.REQUEST else _take_exactly(action, window)
    if taken is None:
        return None
    quota = Quota(window.limit, max(0, window.limit - taken), window.ends_at)
    if taken > window.limit:
        raise refusal(_LIMITS[action].name, quota, now)
    return quota


def refusal(what: str, quota: Quota, now: int) -> TooManyRequests:
    """Return the error for an exhausted limit; `what` is the plural of what is limited."""
    seconds = max(1, -(-(quota.resets_at - now) // 1000))
    return TooManyRequests(f"Too many {what}. Try again in {_duration(seconds)}.", quota, seconds)


@contextmanager
def sign_up(subject: Subject, now: int) -> Iterator[Quota | None]:
    """Take a sign-up from an address's limit, and give it back if the block refuses to create a user; 1 WRU, or 2.

    So a person can try any number of names until one is free. After any other error, a user may exist.

    Raises:
        TooManyRequests: the address's limit is exhausted.
        Unavailable: the table is unavailable.
    """
    quota = take(Action.SIGN_UP, subject, now)
    try:
        yield quota
    except (Forbidden, Invalid):
        if settings.get().rate_limits:
            give_back(limit(Action.SIGN_UP, subject, now))
        raise


def _take_exactly(action: Action, window: RateWindow) -> int | None:
    try:
        return rates.add(window.key, 1, window.expires_at)
    except Unavailable as error:
        _log(action, error)
        if action not in _FAIL_OPEN:
            raise
        return None


def give_back(window: RateWindow) -> None:
    """Give back what was taken from a window; if the table is unavailable, it counts until the window ends; 1 WRU."""
    unless_unavailable(partial(rates.add, window.key, -1, window.expires_at))


def unless_unavailable(write: Callable[[], object]) -> None:
    """Write something that may be lost, because the request has succeeded or failed already."""
    try:
        write()
    except Unavailable as error:
        logger.warning("a limit was not updated: %s", type(error.__cause__).__name__)


def limit(action: Action, subject: Subject, now: int) -> RateWindow:
    """Return the window of an action's limit at this time (ms)."""
    return window(action, subject, _LIMITS[action].rate(settings.get()), now)


def window(name: str, subject: Subject, rate: Rate, now: int) -> RateWindow:
    """Return the window of a limit of this name at this time (ms)."""
    length = 1000 * rate.seconds
    ends_at = (now // length + 1) * length
    return RateWindow(key(f"{name}#{ends_at}", subject), rate.count, ends_at)


def key(name: str, subject: Subject) -> str:
    """Return the key of a subject's record: a hash, so that the table contains no addresses or names."""
    return f"rate#{sha256(f'{name}#{subject.kind}#{subject.value}'.encode()).hexdigest()[:32]}"


def _log(action: Action, error: Unavailable) -> None:
    logger.warning("%s not counted: %s", action, type(error.__cause__).__name__)


def _duration(seconds: int) -> str:
    if seconds <= 60:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    if seconds <= 2 * 3600:
        return f"{-(-seconds // 60)} minutes"
    return f"{-(-seconds // 3600)} hours"
