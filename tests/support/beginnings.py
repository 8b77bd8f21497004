"""What sign-ups at the beginning of a test leave in moto's tables: made once for each process, then copied.

Most tests on moto begin with the same sign-ups, which take longer than what many of them test.
"""

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.support import chance, engines, shortcut
from tests.support.clock import Clock


@dataclass(frozen=True)
class Person:
    """A user with an access token."""

    name: str
    id: str
    token: str


class Left(NamedTuple):
    """What a sign-up leaves."""

    person: Person
    application: dict[str, Any]
    signing_up: str
    """The token with which the application signs users up."""


_made: dict[Hashable, tuple[Left, Callable[[], None]]] = {}
"""By the sign-ups so far, the time and the settings; with the function that brings the tables back."""


class Beginning:
    """The beginning of a test: its sign-ups, for as long as nothing else has called the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now
        self._so_far: tuple[tuple[str, str], ...] = ()
        self._calls = shortcut.CALLS.total()

    def sign_up(self, name: str, password: str, make: Callable[[], Left]) -> Left:
        """Sign a user up by `make`, or bring back what it left in an earlier test."""
        if "AWS_ENDPOINT_URL" in os.environ or self._clock.now != self._began or shortcut.CALLS.total() != self._calls:
            return make()
        chance.begin(f"before {name} after {self._so_far}")
        self._so_far += ((name, password),)
        key = (self._so_far, self._began, tuple(sorted(each for each in os.environ.items() if "FSTREAM_" in each[0])))
        if key in _made:
            left, bring_back = _made[key]
            bring_back()
        else:
            left = make()
            _made[key] = left, engines.keep(stays_warm=True)
        chance.begin(f"after {self._so_far}")
        self._calls = shortcut.CALLS.total()
        return left
