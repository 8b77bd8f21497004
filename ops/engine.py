"""Runs a local AWS emulator ("engine") as a child process on loopback, for the duration of a `with` block."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path

_HOST = "127.0.0.1"
_TETHER = Path(__file__).with_name("tether.py")
_START_TIMEOUT = 90.0
_STOP_TIMEOUT = 5.0
_OUTPUT_LINES = 20


class EngineError(Exception):
    """The engine did not start, or ended by itself; the message says why."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine."""

    name: str
    endpoint_url: str
    pid: int
    failure: Callable[[], str | None]
    """Returns what became of the engine if its process has ended by itself; None while it runs."""

    def environment(self) -> dict[str, str]:
        """Return the environment variables that direct AWS SDKs to this engine."""
        variables = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        if self.name == "moto":
            # moto does not serve streams at the endpoints that botocore derives from an account id.
            variables["AWS_ACCOUNT_ID_ENDPOINT_MODE"] = "disabled"
        return variables

    def configure(self, environment: MutableMapping[str, str]) -> None:
        """Direct an environment's AWS SDKs to this engine only.

        Removes all other `AWS_` variables and disables the configuration files: a profile or a service's endpoint
        would send local data to a real account. Loopback addresses bypass proxies.
        """
        for name in [name for name in environment if name.startswith("AWS_")]:
            del environment[name]
        environment.update(self.environment())
        environment["AWS_CONFIG_FILE"] = environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        environment["NO_PROXY"] = environment["no_proxy"] = f"{_HOST},localhost"


@dataclass(frozen=True, slots=True)
class _Program:
    """How to start an engine, and the path that returns 200 once it is ready."""

    arguments: Callable[[int], list[str]]
    environment: Callable[[int, str], dict[str, str]]
    health_path: str


def _ministack_environment(port: int, folder: str) -> dict[str, str]:
    return {
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": "dynamodb,dynamodbstreams,sqs,ssm",
        "STATE_DIR": str(Path(folder, "state")),
        "S3_DATA_DIR": str(Path(folder, "s3")),
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A socket that does not exist; otherwise MiniStack looks for containers of its own to remove.
        "DOCKER_HOST": f"unix://{Path(folder, 'no-docker.sock')}",
    }


_PROGRAMS = {
    "ministack": _Program(lambda _: ["ministack"], _ministack_environment, "/_ministack/health"),
    "moto": _Program(lambda port: ["moto.server", "-H", _HOST, "-p", str(port)], lambda *_: {}, "/moto-api/data.json"),
}

NAMES: tuple[str, ...] = tuple(_PROGRAMS)
"""The supported engines; the first is the default."""


@contextlib.contextmanager
def running(name: str = NAMES[0]) -> Iterator[Engine]:
    """Start an engine, yield it once it responds, and stop it at the end of the block.

    Its state is kept in a temporary folder, which is deleted at the end.

    Raises:
        EngineError: the engine exited early or did not respond within 90 seconds; the message ends with its output.
    """
    program = _PROGRAMS[name]
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="fstream-", ignore_cleanup_errors=True) as folder:
        output = Path(folder, "output.log")
        child = _start(program, port, folder, output)
        try:
            _wait_until_healthy(name, child, port, output)
            yield Engine(name, f"http://{_HOST}:{port}", child.pid, lambda: _failure(name, child, output))
        finally:
            _stop(child)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _start(program: _Program, port: int, folder: str, output: Path) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "LC_ALL"}}
    with output.open("wb") as log:
        return subprocess.Popen(
            # -P: the engine must not import modules from the folder of tether.py.
            [sys.executable, "-P", str(_TETHER), *program.arguments(port)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=inherited | {"TMPDIR": folder} | program.environment(port, folder),
            # Its own session: Ctrl-C reaches only our process, which finishes its work before it stops the engine.
            start_new_session=True,
        )


def _wait_until_healthy(name: str, child: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise EngineError(f"{name} {_ending(child.returncode, output)}")
        if _answers(port, _PROGRAMS[name].health_path):
            return
        time.sleep(0.05)
    raise EngineError(f"{name} did not respond within {_START_TIMEOUT:.0f} seconds{_tail(output)}")


def _failure(name: str, child: subprocess.Popen[bytes], output: Path) -> str | None:
    status = child.poll()
    if status is None:
        return None
    return f"The local AWS emulator has ended, and all data with it: {name} {_ending(status, output)}"


def _ending(status: int, output: Path) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"exited with status {status}{_tail(output)}"


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tail(output: Path) -> str:
    lines = output.read_text(errors="replace").splitlines()[-_OUTPUT_LINES:]
    return ". Its last output:\n" + "\n".join(lines) if lines else ", without any output"


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin:
        child.stdin.close()
