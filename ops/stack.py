"""Runs all of FSTREAM on this machine: the engine, the tables, the event pump, the server of HTTP and WebSockets."""

import json
import logging
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import msgspec

from fstream_app.core import settings
from ops import engine, server
from ops.websockets.gateway import Gateway

Failure = Callable[[], str | None]
"""Returns why a part of FSTREAM has stopped working for good; None while it works."""

_WATCH_INTERVAL = 0.2
_OPEN_FILES = 8192

# Modules that need the tables are imported in the functions: they load slowly, and `--help` and other commands import
# this module too.

_PATIENCE = "10"
"""Seconds. A local engine is one process, which may be busy for longer than DynamoDB ever is."""


class StackError(Exception):
    """A part of FSTREAM has stopped working for good; the message says which, and why."""


def run(port: int, engine_name: str) -> NoReturn:
    """Run FSTREAM until SIGINT or SIGTERM, then stop all of it and exit with status 0.

    Raises:
        PortInUseError: the server cannot listen on the port.
        SettingsError: a setting in the environment is invalid.
        EngineError: the engine did not start.
        StackError: the engine, the pump or the server has ended.
    """
    _exit_on_signals()
    server.check_port(port)
    os.environ.setdefault("FSTREAM_DATABASE_TIMEOUT", _PATIENCE)
    current = settings.get()  # reports an invalid setting before anything is started
    if "FSTREAM_BASE_URL" not in os.environ:
        # If not set, requests to another loopback address, such as localhost, get links with that address.
        settings.process.use(msgspec.structs.replace(current, base_url=f"http://{server.HOST}:{port}"))
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("ops").setLevel(logging.INFO)
    with ExitStack() as running:
        started = running.enter_context(engine.running(engine_name))
        started.configure(os.environ)
        _say(f"The local AWS emulator ({started.name}) is at {started.endpoint_url}")
        with _blaming(started.failure):
            _provision()
            _create_report_key()
            gateway = _stream(port)
            pumping = running.enter_context(_pump())
            serving = running.enter_context(_server(port, gateway))
        _say(f"FSTREAM is at http://{server.HOST}:{port}\n{_first_steps(port)}")
        _watch([started.failure, pumping, serving])


@contextmanager
def _blaming(failure: Failure) -> Iterator[None]:
    """Report a part's failure instead of an error that it causes in the block."""
    try:
        yield
    except Exception as error:
        if reason := failure():
            raise StackError(reason) from error
        raise


def _watch(failures: Sequence[Failure]) -> NoReturn:
    """Wait until a part of FSTREAM fails.

    Raises:
        StackError: it has failed.
    """
    while True:
        for failure in failures:
            if reason := failure():
                raise StackError(reason)
        time.sleep(_WATCH_INTERVAL)


def _exit_on_signals() -> None:
    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        # The first signal stops everything in order; a second one must not interrupt that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(0)

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)


def _provision() -> None:
    from fstream_app import tables
    from ops import provisioning

    provisioning.provision()
    _say(f"{len(tables.ALL)} tables are ready")


def _create_report_key() -> None:
    """Let reports keep copies of messages, which `python -m ops reports open` can open while this runs."""
    import boto3

    from ops.report_keys import ReportKeys

    current = settings.process()
    if current.report_evidence and not current.report_key:
        key = ReportKeys(boto3.Session(), current.prefix).create()
        settings.process.use(msgspec.structs.replace(current, report_key=key))


def _stream(port: int) -> Gateway:
    """Let the functions send to WebSockets; return what opens these."""
    import boto3

    from ops import event_sources, queues

    gateway = Gateway()
    current = settings.process()
    if current.streaming:
        _allow_many_sockets()
        queue = queues.create(boto3.client("sqs"), event_sources.LIVE)
        address = f"http://{server.HOST}:{port}{gateway.path}"
        settings.process.use(msgspec.structs.replace(current, connections=address, live_queue=queue))
    return gateway


def _allow_many_sockets() -> None:
    """Raise the limit of open files, of which each WebSocket is one, as far as is needed and the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def _pump() -> Iterator[Failure]:
    from ops import event_sources, pump

    pumping = pump.for_tables(_dead_letter_queue())
    pumping.start()
    _say(f"Stream records go to the functions {' and '.join(source.function for source in event_sources.ALL)}")
    if settings.get().live_queue:
        _say(f"Live events go to the function {event_sources.LIVE.function}")
    try:
        yield pumping.failure
    finally:
        pumping.stop()


def _dead_letter_queue() -> Callable[[dict[str, Any]], None]:
    """Create the queue for dead letters; return a function that sends a letter to it."""
    import boto3

    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName=settings.get().table_name("dead-letters"))["QueueUrl"]

    def send(letter: dict[str, Any]) -> None:
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(letter))

    return send


@contextmanager
def _server(port: int, gateway: Gateway) -> Iterator[Failure]:
    # This imports app.py of the root, because `python -m` puts the current folder on the path.
    listening = server.create(import_module("app").app, port, gateway)
    ended: list[str] = []

    def serve() -> None:
        try:
            listening.serve_forever()
        except BaseException as error:  # noqa: BLE001  # ends this thread; the main thread reports it
            ended.append(f"The HTTP server has ended: {type(error).__name__}: {error}")

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield lambda: ended[0] if ended else None
    finally:
        listening.shutdown()
        listening.server_close()


def _say(text: str) -> None:
    # Flushed because a program that waits for a line may read it through a pipe.
    print(text, flush=True)


def _first_steps(port: int) -> str:
    url = f"http://{server.HOST}:{port}"
    out_of_band = "urn:ietf:wg:oauth:2.0:oob"
    return f"""\
Try it:
  curl -s {url}/api/v1/instance
  curl -s {url}/api/v1/apps -d client_name=curl -d redirect_uris={out_of_band} -d scopes='read write'
  curl -s {url}/api/v1/timelines/public
Ctrl-C stops it and deletes all of its data."""
