"""Interruptions: calls to DynamoDB whose response is lost, and the tables as they were before."""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import ConnectTimeoutError
from moto.dynamodb.models import dynamodb_backends

from fstream_app.core import database
from fstream_app.people import profiles
from tests.support.people import stored


class Interruption:
    """Loses the response of the n-th call to DynamoDB, which has taken effect.

    Losing a call before it takes effect is the same as losing the response before it.
    """

    def __init__(self, number: int) -> None:
        self.left = number
        self._lock = threading.Lock()

    def __call__(self, **_: object) -> None:
        with self._lock:
            self.left -= 1
            if self.left == 0:
                raise ConnectTimeoutError(endpoint_url="https://dynamodb.test")


@contextmanager
def interrupted(number: int) -> Iterator[Interruption]:
    events = database.connection().client.meta.events
    interruption = Interruption(number)
    events.register("after-call.dynamodb", interruption)
    try:
        yield interruption
    finally:
        events.unregister("after-call.dynamodb", interruption)


def snapshot() -> Callable[[], None]:
    """Copy all tables; return a function that restores them."""
    backends = [backend for regions in dynamodb_backends.values() for backend in regions.values()]
    saved = [copy.deepcopy(backend.tables) for backend in backends]

    def restore() -> None:
        for backend, kept in zip(backends, saved, strict=True):
            backend.tables = copy.deepcopy(kept)
        profiles.memory.clear()

    return restore


def left_the_same(seen: list[dict[str, list[str]]]) -> bool:
    """Return whether an earlier interruption left the same tables, from which continuing was tested already."""
    left = stored()
    seen.append(left)
    return left in seen[:-1]
