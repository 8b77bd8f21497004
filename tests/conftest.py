"""Fixtures for all tests: a clock that stands still, the engines, tables of a test's own, people who call the API."""

import copy
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

os.environ |= {
    "FSTREAM_BASE_URL": "https://fstream.test",
    "FSTREAM_RATE_LIMITS": "off",  # but for the tests of them
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # or else moto's streams are not found
}

import boto3
import hypothesis
import moto
import pytest
from argon2 import PasswordHasher
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from pynamodb.connection import Connection

from fstream_app import tables
from fstream_app.access import rates
from fstream_app.core import clock as fstream_clock
from fstream_app.core import database, parallel, settings
from fstream_app.feed import fanout, tail
from fstream_app.people import passwords, profiles
from ops import engine as engines
from ops import event_sources, provisioning
from ops.pump import Pump, Subscription
from ops.streams import StreamsClient
from tests.support.people import Api

hypothesis.settings.register_profile("fstream", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("fstream")

_numbers = itertools.count(1)
_connections: dict[str, Connection] = {}
_empty: dict[str, Any] = {}
"""Moto's tables as they were created, by name."""
_streams_clients: dict[str, StreamsClient] = {}


class Clock:
    """A clock that stands still until it is moved. It begins in 2040, so that no engine deletes by TTL."""

    def __init__(self) -> None:
        self.now = 2_208_988_800_000

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> int:
        """Move on; return the new time (ms)."""
        self.now += round(1000 * seconds)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time as all of FSTREAM sees it."""
    standing = Clock()
    monkeypatch.setattr(fstream_clock, "now", standing)
    return standing


@pytest.fixture(scope="session")
def engine() -> Iterator[engines.Engine]:
    """MiniStack, one for each test process."""
    with engines.running("ministack") as started:
        yield started


@pytest.fixture
def ministack(engine: engines.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables of this test's own on MiniStack."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
    with fresh_tables("ministack"):
        yield


@pytest.fixture
def mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables of this test's own on moto, in this process."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with moto.mock_aws(), fresh_tables("moto"):
        yield


class fresh_tables:  # noqa: N801
    """Tables with names that nobody has used, and a function that is cold."""

    def __init__(self, engine_name: str) -> None:
        self._engine = engine_name

    def __enter__(self) -> None:
        # A client takes longer to make than a test to run, so each engine keeps its own.
        if self._engine not in _connections:
            database._connection = None
            _connections[self._engine] = database.connection()
        database._connection = _connections[self._engine]
        database.connection()._tables.clear()  # where the same names are taken again and again
        create, number = (_create_on_moto, 0) if self._engine == "moto" else (_create, next(_numbers))
        for model in tables.ALL:
            model._connection = None
            model.Meta.table_name = f"t{number}-{model.Meta.table_name.partition('-')[2]}"
        create()
        cool_down()

    def __exit__(self, *_: object) -> None:
        cool_down()


def _create() -> None:
    for model in tables.ALL:
        database.connection().client.create_table(**provisioning.definition(model))


def _create_on_moto() -> None:
    # Each test has a moto of its own, and to create tables there takes longer than most tests to run.
    backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
    if not _empty:
        _create()
        _empty.update(copy.deepcopy(backend.tables))
    backend.tables = copy.deepcopy(_empty)


def cool_down() -> None:
    """Forget what a warm function remembers."""
    fanout.known_tags.clear()
    profiles.clear()
    rates.memory.clear()
    tail.shared.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings for this test: `configure(max_lifetime=100)`."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FSTREAM_{name.upper()}", str(value))
        settings.get.cache_clear()
        tail.shared.cache_clear()

    yield change
    monkeypatch.undo()
    settings.get.cache_clear()
    tail.shared.cache_clear()


@pytest.fixture
def dead_letters() -> list[dict[str, object]]:
    """What the pump has given up on."""
    return []


@pytest.fixture
def make_pump(dead_letters: list[dict[str, object]], clock: Clock) -> Callable[[], Pump]:
    """Make a pump for this test's tables that never sleeps; a new one repeats everything from the first record on."""
    dates: dict[str, int] = {}

    def dated(handler: event_sources.Handler) -> event_sources.Handler:
        # The engines date their records by the clock on the wall. As on AWS, the second is cut off.
        def handle(event: dict[str, Any], context: object) -> object:
            for record in event["Records"]:
                name = record["eventSourceARN"] + record["dynamodb"]["SequenceNumber"]
                record["dynamodb"]["ApproximateCreationDateTime"] = dates.setdefault(name, clock.now // 1000)
            return handler(event, context)

        return handle

    def make() -> Pump:
        subscriptions = [
            Subscription(source, dated(source.handler()), provisioning.stream_arn(source.table))
            for source in event_sources.ALL
        ]
        return Pump(_streams(), subscriptions, dead_letters.append, sleep=lambda _: False)

    return make


def _streams() -> StreamsClient:
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint not in _streams_clients:  # as the connections, each takes long to make
        _streams_clients[endpoint] = boto3.client("dynamodbstreams")
    return _streams_clients[endpoint]


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with the least that Argon2 can do."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


@pytest.fixture
def api(clock: Clock, mocked: None, quick_passwords: None, make_pump: Callable[[], Pump]) -> Api:
    """The API on moto."""
    return Api(clock, make_pump())


@pytest.fixture
def real_api(clock: Clock, ministack: None, quick_passwords: None, make_pump: Callable[[], Pump]) -> Api:
    """The API on MiniStack."""
    return Api(clock, make_pump())


@pytest.fixture(scope="session", autouse=True)
def _end_threads() -> Iterator[None]:
    yield
    for pool in parallel._pools.values():
        pool.shutdown()
