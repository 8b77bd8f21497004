"""A database that stops answering costs a request its deadline, and neither the function nor its log line."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec
import pytest
from chalice.local import LambdaContext
from pynamodb.exceptions import PynamoDBException

from chalicelib.events import BatchError, Outcome, fan_out, views
from fstream_app.core import deadline, settings
from fstream_app.core.database import connection
from fstream_app.core.settings import Settings
from fstream_app.repository import users
from ops.engine import Engine
from ops.pump import Pump
from tests.support.clock import Clock
from tests.support.engines import fresh_tables
from tests.support.logs import written
from tests.support.people import Api, Person
from tests.support.records import posted
from tests.support.stalling import Stall, Stalling, stalling

SECONDS = 0.8
"""The request's time."""
SPARE = 8.0
"""What a busy machine may add to it. Unbounded calls would last for 10 s each, or forever."""


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[Stalling]:
    with stalling(engine.endpoint_url) as started:
        yield started


@pytest.fixture
def database(server: Stalling, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stalling]:
    """Tables behind the server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    with fresh_tables("ministack", own_client=True):
        yield server


@contextmanager
def stalled(database: Stalling, stall: Stall, answers: int = 0) -> Iterator[None]:
    """Let the database stall, and give requests little time."""
    usual = settings.process()
    settings.process.use(msgspec.structs.replace(usual, request_time=SECONDS))
    with database.stalled(stall, answers):
        yield
    settings.process.use(usual)


@contextmanager
def another_client(endpoint_url: str, timeout: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a client of another server, with its own time-out."""
    usual, known = connection(), settings.process()
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint_url)
    settings.process.use(msgspec.structs.replace(known, database_timeout=timeout))
    connection.clear()
    try:
        yield
    finally:
        connection().client.close()
        connection.use(usual)
        settings.process.use(known)


@pytest.fixture(autouse=True)
def running_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let durations be real: `clock` makes them stand still."""
    monkeypatch.setattr("fstream_app.core.clock.monotonic", lambda: time.monotonic_ns() // 1_000_000)


@pytest.fixture
def warm(clock: Clock, database: Stalling, quick_passwords: None, make_pump: Callable[[], Pump]) -> Api:
    """The API, whose function is warm."""
    return Api(clock, make_pump())


@pytest.fixture
def ada(warm: Api) -> Person:
    return warm.sign_up("ada")


def home(api: Api, ada: Person) -> int:
    answer = api.get("/api/v1/timelines/home", ada)
    assert answer.status in {200, 503}
    assert (answer.status == 503) == ("Retry-After" in answer.headers)
    return answer.status


def reply(api: Api, ada: Person) -> int:
    first = api.post(ada, "hello")
    with_key = {"Idempotency-Key": str(time.monotonic_ns())}
    path, fields = "/api/v1/statuses", {"status": "@ada hello", "in_reply_to_id": first["id"]}
    return api.request("POST", path, ada, json=fields, headers=with_key).status


@pytest.mark.parametrize("answers", [0, 2])
@pytest.mark.parametrize("stall", Stall)
def test_a_client_gets_503_before_the_deadline_and_the_function_goes_on(
    warm: Api, ada: Person, database: Stalling, stall: Stall, answers: int
) -> None:
    assert home(warm, ada) == 200
    warm.clock.advance(60)
    with stalled(database, stall, answers), written() as log:
        began = time.monotonic()
        statuses = [home(warm, ada)]
        taken = time.monotonic() - began
    # A stalled refresh of the tail is made up for: by the heads, if they are read in time.
    assert statuses == [503] or answers
    assert taken < SECONDS + SPARE
    assert [line["status"] for line in log.requests] == statuses
    assert home(warm, ada) == 200
    assert reply(warm, ada) == 200


def test_every_call_of_a_request_shares_one_deadline(warm: Api, ada: Person, database: Stalling) -> None:
    first = warm.post(ada, "hello")
    for answers in range(1, 5):
        with stalled(database, Stall.SILENT, answers):
            began = time.monotonic()
            fields = {"status": "hello again", "in_reply_to_id": first["id"]}
            answer = warm.request("POST", "/api/v1/statuses", ada, json=fields, headers={"Idempotency-Key": "one"})
            assert time.monotonic() - began < SECONDS + SPARE
        assert (answer.status, "Retry-After" in answer.headers) in {(503, True), (200, False)}
    answer = warm.request("POST", "/api/v1/statuses", ada, json=fields, headers={"Idempotency-Key": "one"})
    assert answer.status == 200
    # However many attempts were interrupted, and wherever: one reply.
    assert sorted(warm.read(f"/api/v1/accounts/{ada.id}/statuses")) == sorted([answer.json["id"], first["id"]])


@pytest.mark.parametrize("function", [fan_out, views])
def test_a_stream_function_reports_its_records_in_the_time_that_it_has(
    warm: Api, ada: Person, database: Stalling, function: Callable[..., Outcome]
) -> None:
    status = warm.post(ada, "hello #tag @ada")
    for answers in range(2):
        with stalled(database, Stall.BODY, answers), written() as log:
            began = time.monotonic()
            # Two seconds of these are kept for the report.
            context = LambdaContext("f", 512, max_runtime_ms=2000 + int(1000 * SECONDS))
            with suppress(BatchError):  # for which Lambda sends the whole batch again
                failed = function({"Records": [posted(status)]}, context)["batchItemFailures"]
                assert failed == [{"itemIdentifier": "1"}]
            assert time.monotonic() - began < SECONDS + SPARE
        assert [line["failed"] for line in log.lines if "function" in line] == [1]
    assert function({"Records": [posted(status)]}, None) == {"batchItemFailures": []}


def test_a_response_that_drips_is_a_time_out_without_a_deadline_too(
    database: Stalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the pauses before retries
    with database.stalled(Stall.BODY), another_client(database.url, 0.3, monkeypatch):
        began = time.monotonic()
        with pytest.raises(PynamoDBException):
            users.get("nobody")
        assert 3 * 0.3 <= time.monotonic() - began < 3 * 0.3 + SPARE  # three attempts


def test_a_connection_that_is_not_accepted_is_a_time_out(database: Stalling, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        host, port = listening.getsockname()
        with (
            socket.create_connection((host, port)),  # fills the queue
            another_client(f"http://{host}:{port}", 10, monkeypatch),
            deadline.within(200),
        ):
            began = time.monotonic()
            with pytest.raises(PynamoDBException):
                users.get("nobody")
            assert time.monotonic() - began < 0.2 + SPARE


def test_the_default_time_leaves_a_second_of_the_ten_that_clients_are_promised() -> None:
    assert Settings().request_time + 1 <= 10
    assert Settings().database_timeout == 2
