"""No input of 64 KB costs much more CPU time than a plain request, and no cost grows faster than the input.

Times are CPU times of this thread, the least of a few runs, and are compared with each other and with a plain
request's, not with a clock.
"""

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from fstream_app.core import database
from fstream_app.repository import oauth as repository
from tests.support.parsers import FAMILIES, PARSERS, SIZE
from tests.support.people import Api

MOST = 80
"""CPU time that any input may take, in plain requests, whose calls to moto are not signed: 0.8 ms each."""
WORST = 4
"""Number of inputs per parser that are measured at full length: the most expensive ones."""
GROWTH = 9
"""Growth of the time when an input's size does so four times: 4 if it is linear, 16 if it is quadratic."""


def cost(parse: Callable[[str], object], written: str, runs: int = 3) -> float:
    """Return the least CPU time of a few runs, in seconds."""
    least = float("inf")
    for _ in range(runs):
        began = time.thread_time()
        parse(written)
        least = min(least, time.thread_time() - began)
    return least


def family(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


@pytest.fixture
def steady() -> Iterator[None]:
    """No garbage collection, whose time depends on what other tests have left."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def register(api: Api) -> None:
    wanted = {"client_name": "x", "redirect_uris": "x:y"}
    assert api.request("POST", "/api/v1/apps", form=wanted).status == 200


@pytest.fixture
def plain(api: Api, steady: None) -> float:
    """The CPU time of a plain request, in seconds, with botocore's: it passes every call on while there is a hook."""
    events = database.connection().client.meta.events
    events.register("before-call.dynamodb", _do_nothing)
    taken = cost(lambda _: register(api), "", 5)
    events.unregister("before-call.dynamodb", _do_nothing)
    return taken


def _do_nothing(**_: object) -> None:
    pass


@pytest.mark.parametrize("parser", PARSERS)
def test_no_input_takes_much_time(monkeypatch: pytest.MonkeyPatch, plain: float, parser: str) -> None:
    monkeypatch.setattr(repository, "put_application", lambda *_: None)
    parse = PARSERS[parser]
    # What isn't linear is among the most expensive already when it is short.
    by_cost = sorted(FAMILIES, key=lambda unit: cost(parse, family(unit, SIZE // 16), 1))
    for unit in by_cost[-WORST:]:
        # A busy machine makes a few runs in a row slower, so what looks too expensive is measured again.
        for runs in (3, 10, 30):
            small, large = (cost(parse, family(unit, size), runs) for size in (SIZE // 4, SIZE))
            if large < MOST * plain and large < GROWTH * max(small, plain / 2):
                break
        else:
            pytest.fail(f"{unit!r} takes {large / plain:.1f} requests, {large / small:.1f} times what a quarter takes")
