"""Fixtures for all tests: a clock that moves only when advanced, the engines, a test's own tables, users, a server."""

import os
from collections.abc import Callable, Iterator
from typing import Any

os.environ |= {
    "FSTREAM_BASE_URL": "https://fstream.test",
    "FSTREAM_REPORT_KEY": "7da11c18f0c49c660e6d25ec6f95bad1c95cbb4c99f9202a32ced4bdb44dd668",
    "FSTREAM_RATE_LIMITS": "off",  # except in their own tests
    "FSTREAM_DATABASE_TIMEOUT": "10",  # a busy machine is no stalled database
    "FSTREAM_REQUEST_TIME": "25",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # otherwise moto's streams are not found
}

import hypothesis
import pytest
from argon2 import PasswordHasher
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from fstream_app.core import clock as fstream_clock
from fstream_app.core import parallel
from fstream_app.people import passwords
from ops import event_sources, provisioning
from ops.engine import Engine, running
from ops.pump import Pump, Subscription
from tests.support import chance, engines, groups, shipping
from tests.support.clock import Clock
from tests.support.engines import cool_down, fresh_tables
from tests.support.people import Api
from tests.support.racing import Races
from tests.support.shortcut import MockAws

hypothesis.settings.register_profile("fstream", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("fstream")
shipping.install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that the processes of pytest-xdist end together."""
    items.sort(key=lambda item: groups.rank(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """With `--dist loadgroup`, run each group of tests in one process."""
    return groups.Groups(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time as all of FSTREAM sees it. What the machine takes does not count, so nothing is late on a slow one.

    Nor does chance: ids are the same in each run.
    """
    chance.fix(monkeypatch)
    standing = Clock()
    monkeypatch.setattr(fstream_clock, "now", standing)
    monkeypatch.setattr(fstream_clock, "monotonic", standing)
    return standing


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """MiniStack, one for each test process."""
    with running("ministack") as started:
        yield started


@pytest.fixture
def ministack(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables of this test's own on MiniStack."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
    with fresh_tables("ministack"):
        yield


@pytest.fixture
def mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tables of this test's own on moto, in this process."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with MockAws(), fresh_tables("moto"):
        yield


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings for this test: `configure(max_lifetime=100)`."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FSTREAM_{name.upper()}", str(value))
        cool_down()

    yield change
    monkeypatch.undo()
    cool_down()


@pytest.fixture
def dead_letters() -> list[dict[str, object]]:
    """Records on which the pump has given up."""
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
        return Pump(engines.streams_client(), subscriptions, dead_letters.append, sleep=lambda _: False)

    return make


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
def races(api: Api, make_pump: Callable[[], Pump], monkeypatch: pytest.MonkeyPatch) -> Races:
    """Runs requests of the API on moto against other events."""
    return Races(api, make_pump, monkeypatch)


@pytest.fixture
def real_api(clock: Clock, ministack: None, quick_passwords: None, make_pump: Callable[[], Pump]) -> Api:
    """The API on MiniStack."""
    return Api(clock, make_pump())


@pytest.fixture(scope="session", autouse=True)
def _end_threads() -> Iterator[None]:
    yield
    for pool in parallel._pools.values():
        pool.shutdown()
