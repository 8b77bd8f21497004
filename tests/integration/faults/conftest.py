"""Fixtures for faults: a client per test, sequential calls, no pauses, functions that can be killed."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from chalicelib import events
from fstream_app.core import clock as fstream_clock
from fstream_app.core import database, parallel
from ops import event_sources
from ops.engine import Engine
from ops.pump import Pump
from tests.integration.faults.injector import Faults, Killed, Streams
from tests.integration.faults.world import World
from tests.support import engines
from tests.support.clock import Clock
from tests.support.engines import cool_down, fresh_tables


class _InTurn(Executor):
    """Runs calls when they are submitted, so that a seed always causes the same faults in the same calls."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments, **named))
        except BaseException as error:  # noqa: BLE001  # kept for the caller, as in every executor
            future.set_exception(error)
        return future


@pytest.fixture(autouse=True)
def _in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_pool", lambda _: _InTurn())
    monkeypatch.setattr(parallel, "_run", lambda _, call: call())


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def ministack(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables on MiniStack, and a new client, so that its retry quota is full."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
    with fresh_tables("ministack", own_client=True):
        yield


@pytest.fixture
def faults(ministack: None, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The faults between this test's functions and the engine, initially none."""
    session = database.connection().client._endpoint.http_session
    between = Faults(session.send)
    monkeypatch.setattr(session, "send", between.send)
    return between


@pytest.fixture
def mortal(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Stream functions that can be killed: Lambda sees an error, and the next function is cold."""

    def dying(function: event_sources.Handler) -> event_sources.Handler:
        def handle(event: dict[str, Any], context: object) -> object:
            try:
                answer = function(event, context)
            except Killed:
                answer = None
            if faults.killed:
                faults.revive()
                cool_down()
                raise RuntimeError("killed")
            return answer

        return handle

    for source in event_sources.ALL:
        monkeypatch.setattr(events, source.function, dying(source.handler()))
    return faults


@pytest.fixture
def clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock, which also measures durations."""
    monkeypatch.setattr(fstream_clock, "monotonic", clock)
    return clock


@pytest.fixture
def streams(ministack: None, monkeypatch: pytest.MonkeyPatch) -> Streams:
    """The streams between the engine and the pump."""
    between = Streams(engines.streams_client())
    monkeypatch.setattr(engines, "streams_client", lambda: between)
    return between


@pytest.fixture
def world(
    clock: Clock,
    faults: Faults,
    streams: Streams,
    make_pump: Callable[[], Pump],
    dead_letters: list[dict[str, object]],
) -> World:
    """Users on MiniStack, with the reference model."""
    return World(clock, make_pump(), dead_letters)
