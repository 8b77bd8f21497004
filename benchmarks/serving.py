"""Measures FSTREAM's API and the Flask baseline over HTTP, under the same load: latency, and CPU of the servers."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import psutil

from benchmarks.network import TEXT, Network, Progress
from ops import engine, pump

SIZES = (100, 1_000, 10_000, 100_000)
FOLLOWERS = (100, 1_000)
_VISIBLE_AT = 1_000
"""Number of live messages at which the time until followers see a post is measured."""
_READERS = 8
_USERS = 1_111
_SAMPLED = 20
"""Number of followers whose home timelines are polled for a post."""
_WARMING = 24
_ROUNDS = 5
_TIMEOUT = 60.0
_HOST = "127.0.0.1"
_HOME = "/api/v1/timelines/home"

FSTREAM, FLASK = "FSTREAM", "Flask, in memory"


@dataclass(frozen=True, slots=True)
class Served:
    """A request over HTTP: median latency, and CPU of the server's processes, in milliseconds."""

    latency: float
    cpu: float
    """Median of the rounds' means."""
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Load:
    """The measurements of one client with a persistent connection, at one number of live messages."""

    messages: int
    home: Served
    poll: Served
    post: Served


@dataclass(frozen=True, slots=True)
class Serving:
    """All measurements over HTTP, by server."""

    loads: dict[str, list[Load]]
    visible: dict[str, dict[str, float]]
    """Server → number of followers → seconds from a post until the last of 20 sampled followers sees it."""


class Site:
    """A running server."""

    def __init__(self, process: int, port: int) -> None:
        self._process = psutil.Process(process)
        self._connection = http.client.HTTPConnection(_HOST, port, timeout=_TIMEOUT)

    def cpu(self) -> float:
        """Return the CPU (ms) that the server and its children have used."""
        times = [each.cpu_times() for each in (self._process, *self._process.children(recursive=True))]
        return 1000 * sum(each.user + each.system for each in times)

    def ask(self, token: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Get a path, or post a body to it; return the JSON of the response.

        Raises:
            RuntimeError: the status is not 200.
        """
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        method = "GET" if body is None else "POST"
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {content[:200]!r}")
        return json.loads(content)

    def post(self, token: str) -> str:
        """Post a message; return its id."""
        return str(self.ask(token, "/api/v1/statuses", {"status": TEXT})["id"])

    def served(self, request: Callable[[], object], number: int) -> Served:
        """Make a request `number` times in each of five rounds."""
        latencies, means = [], []
        for _ in range(_ROUNDS):
            before = self.cpu()
            for _ in range(number):
                began = time.perf_counter()
                request()
                latencies.append(1000 * (time.perf_counter() - began))
            means.append((self.cpu() - before) / number)
        return Served(statistics.median(latencies), statistics.median(means), min(means), max(means))

    def load(self, messages: int, readers: Sequence[str], writer: str, number: int) -> Load:
        """Read home timelines, poll them with nothing new, and post."""
        tokens = cycle(readers)
        newest = self.ask(next(tokens), _HOME)[0]["id"]
        for _ in range(_WARMING):
            self.ask(next(tokens), f"{_HOME}?limit=20")
        return Load(
            messages=messages,
            home=self.served(lambda: self.ask(next(tokens), f"{_HOME}?limit=20"), number),
            poll=self.served(lambda: self.ask(next(tokens), f"{_HOME}?since_id={newest}"), number),
            post=self.served(lambda: self.post(writer), number),
        )

    def seconds_to_visible(self, author: str, followers: Sequence[str]) -> float:
        """Post, and poll followers' home timelines; return the seconds until the last one shows the post."""
        before = self.post(author)
        began = time.monotonic()
        posted = self.post(author)
        waiting = list(followers)
        while waiting:
            waiting = [
                token
                for token in waiting
                if posted not in {each["id"] for each in self.ask(token, f"{_HOME}?since_id={before}")}
            ]
            if time.monotonic() - began > _TIMEOUT:
                raise RuntimeError(f"a post did not become visible within {_TIMEOUT:.0f} seconds")
        return time.monotonic() - began


@contextmanager
def running(arguments: Sequence[str], port: int, environment: Mapping[str, str]) -> Iterator[Site]:
    """Run a server, as a module of this interpreter, for the duration of the block."""
    child = subprocess.Popen([sys.executable, "-m", *arguments], env={**os.environ, **environment})
    try:
        _wait(port, child)
        yield Site(child.pid, port)
    finally:
        child.terminate()
        child.wait()


def _wait(port: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while child.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start; see its output above")


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def measure(progress: Progress, *, sizes: Sequence[int] = SIZES, number: int = 100) -> Serving:
    """Measure both servers, FSTREAM against a new engine; the settings must have rate limits off."""
    with engine.running() as started:
        started.configure(os.environ)
        fstream, seen = _fstream(progress, sizes, number)
    flask, at_once = _flask(progress, sizes, number)
    return Serving({FSTREAM: fstream, FLASK: flask}, {FSTREAM: seen, FLASK: at_once})


def _fstream(progress: Progress, sizes: Sequence[int], number: int) -> tuple[list[Load], dict[str, float]]:
    network = Network(_READERS)
    network.grow_users(_USERS)
    readers, writer = [network.secret(user) for user in network.readers], network.secret(network.writer)
    loads, visible = [], {}
    for size in sizes:
        progress(f"HTTP: FSTREAM, {size:,} messages")
        network.grow_messages(size)
        port = free_port()
        with running(["benchmarks.api", str(port)], port, {}) as site:
            loads.append(site.load(size, readers, writer, number))
            if size == _VISIBLE_AT:
                visible = _visible(network, site)
    return loads, visible


def _visible(network: Network, site: Site) -> dict[str, float]:
    lost: list[object] = []
    pumping = pump.for_tables(lost.append)
    pumping.drain()
    pumping.start()
    try:
        return {str(count): _seen_by_followers(network, site, count) for count in FOLLOWERS}
    finally:
        pumping.stop()


def _seen_by_followers(network: Network, site: Site, count: int) -> float:
    network.grow_followers(count)
    followers = [network.secret(user) for user in network.followers[:: count // _SAMPLED]]
    return site.seconds_to_visible(network.secret(network.celebrity), followers)


def _flask(progress: Progress, sizes: Sequence[int], number: int) -> tuple[list[Load], dict[str, float]]:
    loads, visible = [], {}
    for size in sizes:
        progress(f"HTTP: Flask, {size:,} messages")
        port = free_port()
        command = ["gunicorn", "--workers=1", "--threads=8", "--keep-alive=60", "--log-level=error"]
        command += [f"--bind={_HOST}:{port}", "benchmarks.baseline_flask:create()"]
        with running(command, port, {"BASELINE_USERS": str(_USERS), "BASELINE_MESSAGES": str(size)}) as site:
            loads.append(site.load(size, [f"reader{place}" for place in range(_READERS)], "author999", number))
            if size == _VISIBLE_AT:
                visible = {str(count): _seen_in_flask(site, count) for count in FOLLOWERS}
    return loads, visible


def _seen_in_flask(site: Site, count: int) -> float:
    author = f"author{count % 999}"
    followers = [f"author{place}" for place in range(999) if place != count % 999][:count]
    for follower in followers:
        site.ask(follower, f"/api/v1/accounts/{author}/follow", {})
    return site.seconds_to_visible(author, followers[:: max(1, count // _SAMPLED)])
