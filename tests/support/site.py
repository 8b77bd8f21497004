"""FSTREAM in a separate process, used over plain HTTP."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import requests

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse"
SCOPES = "read write follow push"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
RULES = "Be kind.\nNo advertising. | Not even for a good cause."
SETTLING = 1.5
"""Seconds until other users' messages are shown."""

T = TypeVar("T")


def program(name: str) -> str:
    """Return the path of a program installed with the tests' requirements."""
    return str(Path(sys.executable).with_name(name))


def surroundings(**more: str) -> dict[str, str]:
    """Return this process's environment without the settings of the in-process tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FSTREAM_"))} | more


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unique(name: str) -> str:
    """Return an unused name with this prefix."""
    return f"{name}_{secrets.token_hex(5)}"


def eventually(read: Callable[[], T], *, seconds: float = 30, pause: float = 0.1) -> T:
    """Call `read`, with pauses, until its result is truthy or the time is over; return the last result.

    The first pauses are shorter: most of what is waited for is there soon.
    """
    deadline = time.monotonic() + seconds
    next_pause = pause / 8
    while not (found := read()) and time.monotonic() < deadline:
        time.sleep(next_pause)
        next_pause = min(pause, 1.5 * next_pause)
    return found


def in_time(read: Callable[[int], T], seconds: int) -> tuple[T, float]:
    """Call `read` with a lifetime in seconds until it returns before this time is over; return its result.

    Each lifetime is four times as long as the one before: a busy machine may be slower than the first, and then miss
    what has expired. Also returns the time (seconds since the epoch) at which the last call began.
    """
    missed: AssertionError | None = None
    for lifetime in (seconds, 4 * seconds, 16 * seconds, 64 * seconds):
        began = time.time()
        try:
            found = read(lifetime)
        except AssertionError as error:
            if time.time() < began + lifetime:
                raise
            missed = error
        else:
            if time.time() < began + lifetime:
                return found, began
    raise AssertionError(f"in {64 * seconds} seconds, what was to be read was not") from missed


class Process:
    """A program that runs as long as its `with` block, as if started from a terminal."""

    def __init__(self, command: Sequence[str], output: Path, environment: Mapping[str, str]) -> None:
        self._output = output
        with output.open("wb") as log:
            self._child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a separate process group, as in a terminal
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def output(self) -> str:
        """All output so far."""
        return self._output.read_text()

    def wait_for(self, pattern: str) -> str:
        """Wait until its output matches; return the match's first group."""
        found = eventually(lambda: self._search(pattern), seconds=120)
        assert found, f"it did not print {pattern}, but: {self.output}"
        return found[1]

    def _search(self, pattern: str) -> re.Match[str] | None:
        ended = self._child.poll()
        found = re.search(pattern, self.output)
        assert found or ended is None, f"it ended with status {ended}: {self.output}"
        return found

    def send(self, number: signal.Signals) -> None:
        """Send a signal to its process group, as a terminal does."""
        os.killpg(self._child.pid, number)

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and wait; return the exit status."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended, at most a minute; return its exit status."""
        return self._child.wait(60)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """Run FSTREAM as `make run` does, with short lifetimes, some rules and without rate limits; yield its address.

    `settings` are more variables of its environment. Its output goes into a file in the folder. Fails unless it ends
    with status 0 and without a traceback.
    """
    port = free_port()
    command = [sys.executable, "-m", "ops", "run", "--port", str(port)]
    environment = surroundings(FSTREAM_MIN_LIFETIME="1", FSTREAM_RATE_LIMITS="off", FSTREAM_RULES=RULES, **settings)
    with Process(command, folder / "output.log", environment) as running:
        yield running.wait_for(rf"(?m)^FSTREAM is at (http://127\.0\.0\.1:{port})$")
        assert running.stop(signal.SIGTERM) == 0
        assert "Traceback" not in running.output


class Site:
    """A running FSTREAM."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port on which it listens."""
        name, _, port = self.host.partition(":")
        return name, int(port)

    def request(self, method: str, path: str, token: str = "", **values: Any) -> requests.Response:
        """Make a request on a new connection."""
        headers = values.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        return requests.request(method, self.url + path, headers=headers, timeout=30, **values)

    def get(self, path: str, token: str = "", **query: Any) -> Any:
        """Make a GET request that must succeed; return the response's JSON."""
        return self._content(self.request("GET", path, token, params=query))

    def post(self, path: str, token: str = "", **values: Any) -> Any:
        """Make a POST request that must succeed; return the response's JSON."""
        return self._content(self.request("POST", path, token, json=values))

    @staticmethod
    def _content(answer: requests.Response) -> Any:
        assert answer.status_code == 200, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json()

    @cached_property
    def application(self) -> dict[str, str]:
        """A registered application: its `client_id` and `client_secret`."""
        made = self.post("/api/v1/apps", client_name="tests", redirect_uris=OUT_OF_BAND, scopes=SCOPES)
        return {name: made[name] for name in ("client_id", "client_secret")}

    @cached_property
    def application_token(self) -> str:
        """A token of the application, without a user."""
        issued = self.post("/oauth/token", grant_type="client_credentials", scope=SCOPES, **self.application)
        return str(issued["access_token"])

    def ask_to_sign_up(self, name: str) -> requests.Response:
        """Try to sign a user up; return the response."""
        wanted = {"username": name, "password": PASSWORD, "agreement": True}
        return self.request("POST", "/api/v1/accounts", self.application_token, json=wanted)

    def sign_up(self, name: str) -> str:
        """Sign a user up; return an access token."""
        return str(self._content(self.ask_to_sign_up(name))["access_token"])

    def id_of(self, token: str) -> str:
        """Return the id of the token's user."""
        return str(self.get("/api/v1/accounts/verify_credentials", token)["id"])

    def say(self, token: str, text: str, **fields: object) -> dict[str, Any]:
        """Post a message; return its entity."""
        status: dict[str, Any] = self.post("/api/v1/statuses", token, status=text, **fields)
        return status

    def ids(self, path: str, token: str = "", **query: Any) -> list[str]:
        """Return the ids on a page."""
        return [entity["id"] for entity in self.get(path, token, **query)]

    def home(self, token: str) -> list[str]:
        """Return the ids on the home timeline of the token's user."""
        return self.ids("/api/v1/timelines/home", token)
