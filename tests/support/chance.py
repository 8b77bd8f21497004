"""Ids, tokens and choices that are the same in each run: otherwise some test would fail by chance every hundredth run.

Time stands still in most tests, so ids that users make in one millisecond differ by a few random bits alone.
"""

import random
import secrets
from functools import partial

import pytest

_random = random.Random()  # not for secrets


def fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `secrets` return the same in each run, until the test ends."""
    begin("test")
    monkeypatch.setattr(secrets, "randbits", _random.getrandbits)
    monkeypatch.setattr(secrets, "randbelow", partial(_random.randrange, 0))
    monkeypatch.setattr(secrets, "choice", _random.choice)
    monkeypatch.setattr(secrets, "token_bytes", _token)


def begin(event: str) -> None:
    """Go on in the same way whenever this has happened, regardless of what `secrets` returned before."""
    _random.seed(event)


def _token(length: int | None = None) -> bytes:
    return _random.randbytes(secrets.DEFAULT_ENTROPY if length is None else length)
