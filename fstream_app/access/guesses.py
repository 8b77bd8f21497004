"""Guesses: every check of a password or recovery code runs in `checked`, which slows guessers but locks nobody out.

A limit per account alone would let anybody lock its owner out with a few wrong guesses; a limit per address alone would
not stop guesses from many addresses. So an account remembers, as hashes and for 30 days, the addresses from which
somebody has logged in to it or created it: the *known* ones (compare NIST SP 800-63B-4, section 3.2.2, and OWASP, "Slow
Down Online Guessing Attacks with Device Cookies").

- From each address, known or not, wrong guesses for an account are paused for longer and longer: after the fifth for
  10 s, after each further one for twice as long. There are at most 20 a day.
- Guesses from all unknown addresses together have one limit per account, by default 100 a day. Using it up locks
  out unknown addresses, but no known one.
- A request with a token of the account, such as one that deletes it or changes the password, is not a stranger's. Once
  that limit is used up, each token has five guesses a day of its own, so that nobody can keep the owner from leaving or
  from ending a thief's sessions, wherever the owner is.
- Recovery codes have 100 random bits, so no number of guesses finds one. They are limited per account and address only,
  apart from passwords: neither a stranger's guesses nor the owner's own, with forgotten passwords, keep the owner from
  recovering the account.

Only wrong passwords count. They are counted before the check, so that parallel guesses cannot exceed a limit, and the
others are given back. A refused guess costs no password hashing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from fstream_app.access import rates
from fstream_app.access.rates import Action, Kind, RateWindow, Subject
from fstream_app.core import clock, settings
from fstream_app.core.errors import TooManyRequests, WrongPassword
from fstream_app.core.grants import Quota
from fstream_app.core.parallel import gather
from fstream_app.core.settings import DAY, Rate
from fstream_app.people import names
from fstream_app.repository import rates as limits

FREE = 5
"""Number of wrong guesses from an address before the first pause."""
FIRST_PAUSE = 10
"""Seconds."""
DAILY = Rate(20, DAY)
"""Limit of wrong guesses for an account from an address."""
OF_TOKEN = Rate(5, DAY)
"""Limit of wrong guesses with a token, once strangers have used up that of unknown addresses."""
KNOWN_SECONDS = 30 * DAY


class Guess(NamedTuple):
    """A password that somebody sends for an account, which need not exist."""

    account: str
    """The name as typed: see `names.from_log_in`."""
    address: str
    now: int
    """Milliseconds."""
    token_hash: str = ""
    """That of the account's token that the request has, if any."""
    is_code: bool = False
    """Whether a recovery code is sent, not a password."""

    @property
    def name(self) -> str:
        """The account's name, or the text as typed if it is not a name."""
        return names.from_log_in(self.account) or self.account

    @property
    def window(self) -> RateWindow:
        """Today's guesses for the account from this address."""
        return rates.window("guessed codes" if self.is_code else "guesses", self._here, DAILY, self.now)

    @property
    def known_key(self) -> str:
        """The key of the record that the address is known."""
        return rates.key("known", self._here)

    @property
    def _here(self) -> Subject:
        return Subject(Kind.ACCOUNT_AND_ADDRESS, f"{self.name}\n{self.address}")


class _Taken(NamedTuple):
    """What a guess has taken."""

    number: int
    """Number of the guess among those from its address today."""
    windows: tuple[RateWindow, ...]
    """The limits that get it back unless the password is wrong."""

    def give_back(self) -> None:
        for each in self.windows:
            rates.give_back(each)


@contextmanager
def checked(guess: Guess, *, remember: bool = True) -> Iterator[Quota | None]:
    """Count a guess that the block checks; the address is known afterwards if the block succeeds and `remember` is set.

    3 WRU and 1 RRU for a wrong password from a known address, 5 WRU and 1 RRU from another. A right one: 3 WRU from a
    known address, 6 from another, which makes it known. Takes a log-in from the address's limit.

    Raises:
        TooManyRequests: one of the limits is exhausted. Then not even the right password is accepted.
        Unavailable: the table is unavailable.
    """
    if not settings.get().rate_limits:
        yield None
        return
    address = Subject(Kind.ADDRESS, guess.address)
    quota, known_until = gather(
        partial(rates.take, Action.LOG_IN, address, guess.now), partial(limits.known_until, guess.known_key)
    )
    is_known = known_until is not None and known_until * 1000 > guess.now
    taken = _take(guess, is_known=is_known)
    try:
        yield quota
    except WrongPassword:
        if taken.number >= FREE:
            limits.pause(guess.window.key, guess.now + 1000 * FIRST_PAUSE * 2 ** (taken.number - FREE))
        raise
    except BaseException:
        taken.give_back()
        raise
    taken.give_back()
    if remember:
        _remember(guess, known_until or 0)


def remember(account: str, address: str, now: int) -> None:
    """Make the address known from which an account was created; 1 WRU."""
    if settings.get().rate_limits:
        _remember(Guess(account, address, now), 0)


def _take(guess: Guess, *, is_known: bool) -> _Taken:
    """Count a guess from its address, and from an unknown one for the account."""
    number = limits.guess(guess.window.key, guess.now, DAILY.count, guess.window.expires_at)
    if number is None:
        raise _paused(guess)
    if is_known or guess.is_code:
        return _Taken(number, (guess.window,))
    try:
        return _Taken(number, (guess.window, _take_unknown(guess)))
    except BaseException:
        rates.give_back(guess.window)
        raise


def _take_unknown(guess: Guess) -> RateWindow:
    """Count a guess from an unknown address for the account, or, if that limit is exhausted, for its token if any."""
    account = Subject(Kind.ACCOUNT, guess.name)
    try:
        rates.take(Action.WRONG_PASSWORD, account, guess.now)
    except TooManyRequests:
        window = rates.window("guesses", Subject(Kind.TOKEN, guess.token_hash), OF_TOKEN, guess.now)
        if not guess.token_hash or not limits.guess(window.key, guess.now, window.limit, window.expires_at):
            raise
        return window
    return rates.limit(Action.WRONG_PASSWORD, account, guess.now)


def _paused(guess: Guess) -> TooManyRequests:
    taken, until = limits.guessed(guess.window.key)
    ends_at = guess.window.ends_at if taken >= DAILY.count else until
    what = "recovery codes" if guess.is_code else "passwords"
    return rates.refusal(f"wrong {what} for this account from this address", Quota(DAILY.count, 0, ends_at), guess.now)


def _remember(guess: Guess, known_until: int) -> None:
    """Record that an address is known, unless more than half of the record's time is left."""
    expires_at = clock.ttl_seconds(guess.now + 1000 * KNOWN_SECONDS)
    if expires_at - known_until > KNOWN_SECONDS // 2:
        rates.unless_unavailable(partial(limits.put_known, guess.known_key, expires_at))
