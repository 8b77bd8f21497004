"""The local engine starts, boto3 reaches it, and it ends when it should."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from ops import engine

HOLD = """
import time
from ops import engine
with engine.running("ministack") as running:
    print(running.endpoint_url, flush=True)
    time.sleep(60)
"""


def answers(endpoint_url: str) -> bool:
    address = urlsplit(endpoint_url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except OSError:
        return False
    else:
        return True
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("name", engine.NAMES)
def test_an_engine_answers_inside_its_block_and_not_after_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    with engine.running(name) as running:
        for variable, value in running.environment().items():
            monkeypatch.setenv(variable, value)
        client = boto3.client("dynamodb")
        assert client.list_tables()["TableNames"] == []
        client.close()
    assert not answers(running.endpoint_url)


def test_the_engine_listens_on_loopback_only() -> None:
    with engine.running() as running:
        address = urlsplit(running.endpoint_url)
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            # All of 127/8 is this machine: a server on all interfaces would accept this connection.
            probe.connect(("127.0.0.2", address.port))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_engine_ends_with_the_process_that_started_it(number: signal.Signals, tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        endpoint_url = holder.stdout.readline().strip()
        assert answers(endpoint_url)
        holder.send_signal(number)
    assert wait_until(lambda: not answers(endpoint_url))


def test_an_engine_that_ends_at_once_reports_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(engine, "_free_port", lambda: taken.getsockname()[1])
        with pytest.raises(engine.EngineError, match="already in use"), engine.running():
            pass


def test_the_environment_of_an_engine_leads_nowhere_else() -> None:
    environment = {"PATH": "/bin", "AWS_PROFILE": "work", "AWS_ENDPOINT_URL_DYNAMODB": "https://example.com"}
    engine.Engine("ministack", "http://127.0.0.1:4566", 0, lambda: None).configure(environment)
    assert environment == {
        "PATH": "/bin",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def test_the_engine_leaves_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with engine.running():
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
