"""When a part of FSTREAM stops working on this machine, `make run` reports it in one line and ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fstream_app.core import settings
from ops import __main__ as commands
from ops import engine, pump, server, stack
from ops.engine import Engine


class Fake:
    """The engine, the pump and the server of a run; each fails on request."""

    def __init__(self) -> None:
        self.engine_failure: str | None = None
        self.pump_failure: str | None = None
        self.stopped: list[str] = []
        self.start: Callable[[], None] = lambda: None
        self.serve_forever: Callable[[], None] = lambda: None

    @contextmanager
    def running(self, name: str) -> Iterator[Engine]:
        yield Engine(name, "http://127.0.0.1:1", 0, lambda: self.engine_failure)
        self.stopped.append("engine")

    def failure(self) -> str | None:
        return self.pump_failure

    def stop(self) -> None:
        self.stopped.append("pump")

    def shutdown(self) -> None:
        self.stopped.append("server")

    def server_close(self) -> None:
        self.stopped.append("socket")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setattr(stack, "_exit_on_signals", lambda: None)
    monkeypatch.setattr(stack, "_provision", lambda: None)
    monkeypatch.setattr(stack, "_stream", lambda _: None)
    monkeypatch.setattr(stack, "_dead_letter_queue", lambda: print)
    monkeypatch.setattr(Engine, "configure", lambda *_: None)
    monkeypatch.setattr(engine, "running", made.running)
    monkeypatch.setattr(pump, "for_tables", lambda _: made)
    monkeypatch.setattr(server, "check_port", lambda _: None)
    monkeypatch.setattr(server, "create", lambda *_: made)
    monkeypatch.setattr("sys.argv", ["ops", "run"])
    return made


def ending() -> str:
    """Run until it ends; return what it prints."""
    with pytest.raises(SystemExit) as ended:
        commands.main()
    return str(ended.value.code)


def fail_with(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_an_engine_that_has_ended_ends_everything(fake: Fake) -> None:
    fake.engine_failure = "The engine is gone"
    with pytest.raises(stack.StackError):
        stack.run(1, "ministack")
    assert ending() == "FSTREAM: The engine is gone"


def test_an_engine_that_ends_during_the_start_is_reported_instead_of_what_it_causes(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "_provision", fail_with(ConnectionError("refused")))
    fake.engine_failure = "The engine is gone"
    assert ending() == "FSTREAM: The engine is gone"


def test_a_pump_that_has_failed_ends_everything(fake: Fake) -> None:
    fake.pump_failure = "Stream records no longer reach fan_out"
    assert ending() == "FSTREAM: Stream records no longer reach fan_out"


@pytest.mark.parametrize("error", [OSError("the socket is closed"), SystemExit("enough")])
def test_a_server_that_has_ended_ends_everything(fake: Fake, error: BaseException) -> None:
    fake.serve_forever = fail_with(error)
    assert ending() == f"FSTREAM: The HTTP server has ended: {type(error).__name__}: {error}"


def test_what_still_runs_is_stopped(fake: Fake) -> None:
    fake.engine_failure = "The engine is gone"
    ending()
    assert fake.stopped == ["server", "socket", "pump"]  # the engine's block ends with the error


class FakeQueues:
    """Creates queues, as boto3's client for SQS does."""

    def create_queue(self, **parameters: Any) -> dict[str, str]:
        return {"QueueUrl": f"http://127.0.0.1:1/{parameters['QueueName']}"}


def test_functions_know_the_queue_and_the_address_of_this_run(
    configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.client", lambda _: FakeQueues())
    configure()
    gateway = stack._stream(8123)
    assert settings.get().connections == f"http://127.0.0.1:8123{gateway.path}"
    assert settings.get().live_queue.endswith("-live")
    assert stack._stream(8123).path != gateway.path


def test_without_streaming_there_is_no_queue(configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.client", fail_with(AssertionError("not needed")))
    configure(streaming="off")
    stack._stream(8123)
    assert not settings.get().has_sockets
    assert settings.get().live_queue == ""


@pytest.mark.parametrize(("limits", "raised"), [((256, 100_000), 8192), ((256, 1024), 1024), ((20_000, 20_000), 0)])
def test_the_limit_of_open_files_rises_as_far_as_the_system_allows(
    limits: tuple[int, int], raised: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _: limits)
    monkeypatch.setattr("resource.setrlimit", lambda _, both: wanted.append(both))
    stack._allow_many_sockets()
    assert wanted == ([(raised, limits[1])] if raised else [])
