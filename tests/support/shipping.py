"""The web client's files, made ready once for each process: most tests that begin cold take less time."""

from collections.abc import Callable
from functools import cache

from chalicelib import client

_DIRECTORY = client.DIRECTORY
_make: Callable[[], client.Shipped] = client.shipped._make


def install() -> None:
    """Let `client.shipped` make the files ready once, however often it is cleared; those of a test's own always."""
    client.shipped._make = lambda: _made() if client.DIRECTORY == _DIRECTORY else _make()


@cache
def _made() -> client.Shipped:
    return _make()
