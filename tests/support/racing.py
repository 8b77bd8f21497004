"""Deterministic races: something else happens between any two calls to DynamoDB that a request makes.

Only moto can race: its tables are restored before each run.
"""

import copy
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from app import app
from fstream_app.core import database, parallel
from ops.pump import Pump
from tests.support.engines import cool_down
from tests.support.people import Api

T = TypeVar("T")
Event = Callable[[], object]


class _Inline:
    """An executor without threads, so that parallel calls run in an order that does not change.

    Args:
        late: run a call only when its result is needed: after the call that the caller's own thread runs.
    """

    def __init__(self, *, late: bool) -> None:
        self._late = late

    def submit(self, call: Callable[..., T], *arguments: Any) -> "_Deferred[T]":
        deferred = _Deferred(lambda: call(*arguments))
        if not self._late:
            deferred.run()
        return deferred


class _Deferred(Generic[T]):
    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._future: Future[T] = Future()

    def run(self) -> Future[T]:
        if not self._future.done():
            depth = getattr(parallel._level, "depth", 0)
            try:
                self._future.set_result(self._call())
            except BaseException as error:  # noqa: BLE001  # it is raised where the result is read
                self._future.set_exception(error)
            finally:
                parallel._level.depth = depth
        return self._future

    def exception(self) -> BaseException | None:
        return self.run().exception()

    def result(self) -> T:
        return self.run().result()


@dataclass(frozen=True)
class Run(Generic[T]):
    """One run of a request, with the event before one of its calls."""

    result: T
    event: object
    """What the event returned."""
    before: str
    """The call that the event preceded, such as `PutItem`; empty if the event followed the last call."""
    number: int
    """The number of that call, from 1."""

    def __str__(self) -> str:
        return f"before call {self.number}, {self.before}" if self.before else "after the last call"


class _Hook:
    """Runs the event before the n-th call, once. The event's own calls are not counted."""

    def __init__(self, number: int, event: Event, call: Callable[..., Any]) -> None:
        self._number, self._event, self._call = number, event, call
        self._calls = 0
        self.before: str | None = None
        self.result: object = None

    def __call__(self, operation: str, parameters: dict[str, Any]) -> Any:
        self._calls += 1
        if self.before is None and self._calls == self._number:
            self.happen(operation)
        return self._call(operation, parameters)

    def happen(self, operation: str) -> None:
        self.before = operation
        request = app.current_request  # the event may be another request of this process
        self.result = self._event()
        app.current_request = request


class Races:
    """Runs requests against events on moto."""

    def __init__(self, api: Api, make_pump: Callable[[], Pump], monkeypatch: pytest.MonkeyPatch) -> None:
        self._api, self._make_pump, self._monkeypatch = api, make_pump, monkeypatch

    def between(self, request: Callable[[], T], event: Event) -> Iterator[Run[T]]:
        """Run a request once for each of its calls, with the event just before this call; and once more, before it.

        Each run starts with the tables, the time and the cold functions of the first. If the request makes calls in
        parallel, all runs are repeated with these calls in the opposite order. The caller's checks follow each run.
        """
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
        tables, now = copy.deepcopy(backend.tables), self._api.clock.now
        for late in (False, True):
            for number in count(1):
                backend.tables, self._api.clock.now = copy.deepcopy(tables), now
                cool_down()
                self._api._pump = self._make_pump()  # the streams have been restored as well
                run = self._run(request, event, number, late=late)
                yield run
                if not run.before:
                    break

    def _run(self, request: Callable[[], T], event: Event, number: int, *, late: bool) -> Run[T]:
        client = database.connection().client
        hook = _Hook(number, event, client._make_api_call)
        with self._monkeypatch.context() as patch:
            patch.setattr(parallel, "_pool", lambda _: _Inline(late=late))
            patch.setattr(client, "_make_api_call", hook)
            result = request()
            if hook.before is None:
                hook.happen("")
        return Run(result, hook.result, hook.before or "", number)


def one_way(runs: Iterator[Run[T]]) -> Iterator[Run[T]]:
    """Yield the runs with one order of parallel calls, for tests in which it does not matter: each run takes long."""
    for run in runs:
        yield run
        if not run.before:
            return
