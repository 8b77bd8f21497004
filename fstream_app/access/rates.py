"""Rate limits: how often somebody may do something in a fixed window of time.

What is rare is counted exactly, with a write each. Requests are not rare, and a write each would double what polling
costs: a warm function counts them in memory and tells the table of every tenth, whose answer tells what the others
have told. So F warm functions together let through less than 10 F requests too many, and one alone none.
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
from fstream_app.core.errors import DomainError, Invalid, TooManyRequests, Unavailable
from fstream_app.core.parallel import gather
from fstream_app.core.settings import Rate, Settings
from fstream_app.core.warm import remembered
from fstream_app.people import names
from fstream_app.repository import rates

logger = logging.getLogger(__name__)

STEP = 10
"""How many requests are counted in memory before the table is told, if the limit is not a small one."""
_CAPACITY = 10_000
_GRACE_SECONDS = 60

Add = Callable[[str, int, int], int]
"""`repository.rates.add`: key, number, expiry (s); returns the sum."""


class Action(StrEnum):
    """An action that is limited, by the setting `rate_` and its value."""

    REQUEST = "requests"
    POST = "posts"
    DELETE = "deletes"
    REPORT = "reports"
    SIGN_UP = "sign_ups"
    LOG_IN = "log_ins"
    WRONG_PASSWORD = "wrong_passwords"  # noqa: S105


class _Limit(NamedTuple):
    """The limit of an action: its setting, and its name in error messages."""

    rate: Callable[[Settings], Rate]
    words: str


_LIMITS = {
    Action.REQUEST: _Limit(lambda current: current.rate_requests, "requests"),
    Action.POST: _Limit(lambda current: current.rate_posts, "posts"),
    Action.DELETE: _Limit(lambda current: current.rate_deletes, "deletions"),
    Action.REPORT: _Limit(lambda current: current.rate_reports, "reports"),
    Action.SIGN_UP: _Limit(lambda current: current.rate_sign_ups, "new accounts from this address"),
    Action.LOG_IN: _Limit(lambda current: current.rate_log_ins, "log-in attempts from this address"),
    Action.WRONG_PASSWORD: _Limit(lambda current: current.rate_wrong_passwords, "wrong passwords for this account"),
}
_LET_THROUGH = frozenset({Action.REQUEST, Action.POST, Action.DELETE})
"""What goes on when the table does not answer: people's own doings, a deletion above all. Not so who guesses
passwords or makes accounts by the thousand, who would only have to overload the table first.
"""


class RateWindow(NamedTuple):
    """A window of one limit for somebody."""

    key: str
    limit: int
    ends_at: int
    """Milliseconds."""

    @property
    def expires_at(self) -> int:
        """When TTL may delete it (s): a little after its end, as clocks differ."""
        return self.ends_at // 1000 + _GRACE_SECONDS


class _Tally:
    """What was taken of one window."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.told = 0
        """By all functions, when the table was last told."""
        self.untold = 0
        """Here, since then."""

    @property
    def taken(self) -> int:
        return self.told + self.untold


class Memory:
    """What a warm function has counted; safe for threads. The least used windows are forgotten when it is full."""

    def __init__(self, add: Add, capacity: int = _CAPACITY) -> None:
        self._add = add
        self._lock = threading.Lock()
        self._tallies: LRUCache[str, _Tally] = LRUCache(capacity)

    def take(self, window: RateWindow) -> int:
        """Count one more of a window; return what was taken of it, as far as is known here.

        1 WRU every tenth time, or more often where the limit is below 100; none once the window is used up.
        """
        with self._lock:
            tally = self._tallies.setdefault(window.key, _Tally())
        with tally.lock:  # held while the table is told: who counts for the same window at the same time waits
            if tally.taken <= window.limit:
                tally.untold += 1
                if tally.untold % max(1, min(STEP, window.limit // 10)) == 0:
                    self._tell(window, tally)
            return tally.taken

    def _tell(self, window: RateWindow, tally: _Tally) -> None:
        try:
            tally.told = self._add(window.key, tally.untold, window.expires_at)
        except Unavailable as error:  # the next step tells of both
            _log(Action.REQUEST, error)
        else:
            tally.untold = 0


@remembered
def memory() -> Memory:
    """Return this process's memory of rate windows."""
    return Memory(rates.add)


def take(action: Action, who: str, now: int) -> Quota | None:
    """Take one of what somebody (a user's id, an address, a name) may do; 1 WRU, 0.1 for a request.

    Returns:
        What is left then; None if limits are off, or if the table does not answer and the action may go on.

    Raises:
        TooManyRequests: nothing was left.
        Unavailable: the table does not answer, and the action must not go on uncounted.
    """
    if not settings.get().rate_limits:
        return None
    window = _window(action, who, now)
    taken = memory().take(window) if action is Action.REQUEST else _take_exactly(action, window)
    if taken is None:
        return None
    quota = Quota(window.limit, max(0, window.limit - taken), window.ends_at)
    if taken > window.limit:
        seconds = -(-(window.ends_at - now) // 1000)
        raise TooManyRequests(f"Too many {_LIMITS[action].words}. Try again in {_duration(seconds)}.", quota, seconds)
    return quota


@contextmanager
def sign_up(address: str, now: int) -> Iterator[Quota | None]:
    """Take a sign-up of an address, and give it back if the block is told why there is no new user; 1 WRU, 2 then.

    So a person may look for a free name as long as it takes.

    Raises:
        TooManyRequests: the address has none left.
        Unavailable: the table does not answer.
    """
    quota = take(Action.SIGN_UP, address, now)
    try:
        yield quota
    except DomainError:
        _give_back(Action.SIGN_UP, address, now)
        raise


@contextmanager
def log_in(account: str, address: str, now: int) -> Iterator[Quota | None]:
    """Take a log-in of an address, and one of the wrong passwords that the account bears; 2 WRU at the same time.

    The latter is given back unless it was wrong (1 WRU): it was right if the block succeeds, and not looked at if
    the block says `Invalid`. It is taken first, so that guessing many at once does not help.

    Raises:
        TooManyRequests: the address has none left, or the account bears no more; not even the right password is
            looked at.
        Unavailable: the table does not answer.
    """
    who = names.from_log_in(account) or account
    try:
        quota, _ = gather(partial(take, Action.LOG_IN, address, now), partial(take, Action.WRONG_PASSWORD, who, now))
    except TooManyRequests:
        _give_back(Action.WRONG_PASSWORD, who, now)
        raise
    try:
        yield quota
    except Invalid:
        _give_back(Action.WRONG_PASSWORD, who, now)
        raise
    _give_back(Action.WRONG_PASSWORD, who, now)


def _take_exactly(action: Action, window: RateWindow) -> int | None:
    try:
        return rates.add(window.key, 1, window.expires_at)
    except Unavailable as error:
        _log(action, error)
        if action not in _LET_THROUGH:
            raise
        return None


def _give_back(action: Action, who: str, now: int) -> None:
    if not settings.get().rate_limits:
        return
    window = _window(action, who, now)
    try:
        rates.add(window.key, -1, window.expires_at)
    except Unavailable as error:  # what was done is done: it counts until the window ends
        _log(action, error)


def _window(action: Action, who: str, now: int) -> RateWindow:
    rate = _LIMITS[action].rate(settings.get())
    length = 1000 * rate.seconds
    ends_at = (now // length + 1) * length
    # Hashed, so that no address or name can be read in the table.
    digest = sha256(f"{action}#{ends_at}#{who}".encode()).hexdigest()[:32]
    return RateWindow(f"rate#{digest}", rate.count, ends_at)


def _log(action: Action, error: Unavailable) -> None:
    logger.warning("%s not counted: %s", action, type(error.__cause__).__name__)


def _duration(seconds: int) -> str:
    if seconds <= 60:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    if seconds <= 2 * 3600:
        return f"{-(-seconds // 60)} minutes"
    return f"{-(-seconds // 3600)} hours"
