"""Rate limits: the number of times that a user, address or account may do something in a fixed time window.

Rare actions are counted exactly, with one write each. A write per request would double the cost of polling. So a warm
function counts requests in memory and writes to the table at every tenth. The response is the count of all functions.
F warm functions together therefore allow fewer than 10 F requests too many, and a single function allows none.

Requests that read no table (pictures, documents, unknown paths) have a limit of their own, with a write at every
hundredth. So they cost nothing, except from an address that sends very many.
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
from fstream_app.core.errors import Forbidden, Invalid, TooManyRequests, Unavailable
from fstream_app.core.grants import Quota
from fstream_app.core.settings import Rate, Settings
from fstream_app.core.warm import remembered
from fstream_app.repository import rates

logger = logging.getLogger(__name__)

STEP, PUBLIC_STEP = 10, 100
"""Numbers of requests that are counted in memory before each write; at most a tenth of the limit."""
_CAPACITY = 10_000
_GRACE_SECONDS = 60

Add = Callable[[str, int, int], int]
"""`repository.rates.add`: key, number, expiry (s); returns the sum."""


class Action(StrEnum):
    """A limited action. Its limit is the setting `rate_<value>`."""

    REQUEST = "requests"
    PUBLIC = "public"
    """A request that is the same for everybody and reads no user's data."""
    POST = "posts"
    DELETE = "deletes"
    REPORT = "reports"
    EXPORT = "exports"
    SIGN_UP = "sign_ups"
    LOG_IN = "log_ins"
    WRONG_PASSWORD = "wrong_passwords"  # noqa: S105
    CONNECT = "connects"
    """The opening of a WebSocket."""
    FRAME = "frames"
    """Anything that a client sends on a WebSocket."""
    SUBSCRIPTION = "subscriptions"


class Kind(StrEnum):
    """What a limit is for. Ids, names and addresses may look alike, so the kind is part of every key."""

    USER = "user"
    ADDRESS = "address"
    ACCOUNT = "account"
    """An account by its name, which need not exist."""
    ACCOUNT_AND_ADDRESS = "account and address"
    TOKEN = "token"  # noqa: S105
    """A token of an account, by its hash."""
    SOCKET = "socket"
    """An open WebSocket, by its connection id."""


class Subject(NamedTuple):
    """The user, address or account that a limit is for."""

    kind: Kind
    value: str


class _Limit(NamedTuple):
    """An action's limit: its setting, and its name in error messages."""

    rate: Callable[[Settings], Rate]
    name: str
    step: int = 1
    """Number of actions that are counted in memory before each write; 1 counts exactly."""
    burst: Callable[[Settings], Rate] | None = None
    """A second limit, for shorter windows; both are counted with one write."""


_LIMITS = {
    Action.REQUEST: _Limit(lambda current: current.rate_requests, "requests", STEP),
    Action.PUBLIC: _Limit(lambda current: current.rate_public, "requests from this address", PUBLIC_STEP),
    Action.POST: _Limit(lambda current: current.rate_posts, "posts", burst=lambda current: current.rate_posts_burst),
    Action.DELETE: _Limit(lambda current: current.rate_deletes, "deletions"),
    Action.REPORT: _Limit(lambda current: current.rate_reports, "reports"),
    Action.EXPORT: _Limit(lambda current: current.rate_exports, "pages of exports"),
    Action.SIGN_UP: _Limit(lambda current: current.rate_sign_ups, "new accounts from this address"),
    Action.LOG_IN: _Limit(lambda current: current.rate_log_ins, "log-in attempts from this address"),
    Action.WRONG_PASSWORD: _Limit(
        lambda current: current.rate_wrong_passwords, "wrong passwords for this account from new addresses"
    ),
    Action.CONNECT: _Limit(lambda current: current.rate_connects, "WebSockets", STEP),
    Action.FRAME: _Limit(lambda current: current.rate_frames, "messages on this WebSocket", STEP),
    Action.SUBSCRIPTION: _Limit(lambda current: current.rate_subscriptions, "subscriptions", STEP),
}
_LIVE = frozenset({Action.CONNECT, Action.FRAME, Action.SUBSCRIPTION})
_FAIL_OPEN = frozenset({Action.REQUEST, Action.PUBLIC, Action.POST, Action.DELETE, Action.EXPORT}) | _LIVE
"""Actions allowed when the table is unavailable. The others fail closed, or an attacker could disable their limits by
overloading the table, to guess passwords or create accounts.
"""


class RateWindow(NamedTuple):
    """A time window of one subject's limit."""

    key: str
    limit: int
    ends_at: int
    """Milliseconds."""
    most_unwritten: int = STEP
    """Largest number of actions that are counted in memory before each write."""

    @property
    def step(self) -> int:
        """Number of actions that are counted in memory before each write: at most a tenth of the limit."""
        return max(1, min(self.most_unwritten, self.limit // 10))

    @property
    def expires_at(self) -> int:
        """When TTL may delete it (s): after its end, with a margin for clock skew."""
        return self.ends_at // 1000 + _GRACE_SECONDS


class _Part(NamedTuple):
    """A part of a window, in which bursts are limited."""

    number: int
    limit: int
    ends_at: int
    """Milliseconds."""


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

        1 WRU per `step` requests of the window; none once the limit is exhausted.
        """
        with self._lock:
            tally = self._tallies.setdefault(window.key, _Tally())
        with tally.lock:  # held during the write, so concurrent callers of one window wait
            if tally.taken <= window.limit:
                tally.pending += 1
                if tally.pending % window.step == 0:
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
    """Take one action from a subject's limit; 1 WRU, 0.1 for a request, at most 0.01 for a public one.

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
    part = _part(action, window, now)
    in_memory = _LIMITS[action].step > 1
    taken = (memory().take(window),) if in_memory else _take_exactly(action, window, part)
    if taken is None:
        return None
    quotas = [Quota(window.limit, window.limit - taken[0], window.ends_at)]
    if part is not None:
        quotas.append(Quota(part.limit, part.limit - taken[1], part.ends_at))
    quota = min(quotas, key=lambda each: each.remaining)
    if quota.remaining < 0:
        # If both limits are exhausted, trying again helps only once the later window has ended.
        quota = max((each for each in quotas if each.remaining < 0), key=lambda each: each.resets_at)
        raise refusal(_LIMITS[action].name, quota._replace(remaining=0), now)
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


def _take_exactly(action: Action, window: RateWindow, part: _Part | None) -> tuple[int, ...] | None:
    """Return the counts of the window and its part; None if the table is unavailable and the action is allowed."""
    try:
        if part is not None:
            return rates.add_in_part(window.key, part.number, window.expires_at)
        return (rates.add(window.key, 1, window.expires_at),)
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
        logger.warning("a record was not updated: %s", type(error.__cause__).__name__)


def limit(action: Action, subject: Subject, now: int) -> RateWindow:
    """Return the window of an action's limit at this time (ms)."""
    of_action = _LIMITS[action]
    return window(action, subject, of_action.rate(settings.get()), now, of_action.step)


def window(name: str, subject: Subject, rate: Rate, now: int, most_unwritten: int = 1) -> RateWindow:
    """Return the window of a limit of this name at this time (ms)."""
    length = 1000 * rate.seconds
    ends_at = (now // length + 1) * length
    return RateWindow(key(f"{name}#{ends_at}", subject), rate.count, ends_at, most_unwritten)


def _part(action: Action, window: RateWindow, now: int) -> _Part | None:
    """Return the part of a window that this time (ms) is in, if the action's bursts are limited."""
    limit, current = _LIMITS[action], settings.get()
    if limit.burst is None:
        return None
    burst, begins_at = limit.burst(current), window.ends_at - 1000 * limit.rate(current).seconds
    number = (now - begins_at) // (1000 * burst.seconds)
    ends_at = min(begins_at + (number + 1) * 1000 * burst.seconds, window.ends_at)
    return _Part(number, burst.count, ends_at)


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
