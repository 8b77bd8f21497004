"""Measures live delivery on `make run`: the time from a POST to the frames, and the memory of idle WebSockets."""

import re
import selectors
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import environ, getloadavg

import psutil
from websocket import WebSocket, create_connection

from benchmarks.network import Network, Progress
from benchmarks.serving import Site, free_port
from ops import engine

SOCKETS, POSTS, IDLE = 200, 40, 1_000
_PAUSE = 0.7
"""Seconds between two posts, which is no multiple of any interval of FSTREAM."""
_TIMEOUT = 30.0
_ID = re.compile(r'\\"id\\":\s*\\"([0-9A-Za-z]{26})\\"')


@dataclass(frozen=True, slots=True)
class Live:
    """Seconds from sending a POST until its frame has arrived, over all posts and sockets; and megabytes."""

    date: str
    load: float
    """Load average of the minute before."""
    sockets: int
    posts: int
    median: float
    p99: float
    longest: float
    missing: int
    """Frames that did not arrive within 30 seconds."""
    idle: int
    """Number of further sockets that were opened, and received nothing."""
    memory: float
    """Growth of the server's resident memory with those, in megabytes."""


class Receiver:
    """Notes when the frame of each message arrives on each of many sockets, in one thread."""

    def __init__(self, sockets: Sequence[WebSocket]) -> None:
        self._selector = selectors.DefaultSelector()
        for each in sockets:
            self._selector.register(each, selectors.EVENT_READ)
        self.arrived: dict[str, list[float]] = defaultdict(list)
        """Message id → times by the monotonic clock."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Stop receiving."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.1):
                receiving: WebSocket = key.fileobj  # type: ignore[assignment]  # what was registered
                text = receiving.recv()
                if isinstance(text, str) and (found := _ID.search(text)):
                    self.arrived[found[1]].append(time.monotonic())


def measure(progress: Progress, *, sockets: int = SOCKETS, posts: int = POSTS, idle: int = IDLE) -> Live:
    """Run FSTREAM, post while one socket of each follower is open, then open idle sockets as well."""
    load = getloadavg()[0]
    with running() as (port, process), ExitStack() as opened:
        progress(f"Live: {sockets:,} sockets")
        network = Network(readers=0, authors=0)
        network.grow_followers(sockets)
        tokens = [network.secret(user) for user in network.followers]
        site, author = Site(process, port), network.secret(network.celebrity)
        listening = [_open(port, token, opened) for token in tokens]
        delays = _delays(site, author, listening, posts)
        progress(f"Live: {idle:,} idle sockets")
        before = psutil.Process(process).memory_info().rss
        for number in range(idle):
            _open(port, tokens[number % len(tokens)], opened)
        grown = psutil.Process(process).memory_info().rss - before
    return Live(
        date=time.strftime("%Y-%m-%d"),
        load=load,
        sockets=sockets,
        posts=posts,
        median=statistics.median(delays),
        p99=statistics.quantiles(delays, n=100)[98],
        longest=max(delays),
        missing=sockets * posts - len(delays),
        idle=idle,
        memory=grown / 1e6,
    )


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """Run FSTREAM as `make run` does, and direct this process to its tables; yield its port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "ops", "run", "--port", str(port)]
    # Each request is a line on stderr.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment()
    ) as child:
        assert child.stdout
        try:
            for line in child.stdout:
                if found := re.search(r"emulator \((\w+)\) is at (\S+)", line):
                    engine.Engine(found[1], found[2], 0, lambda: None).configure(environ)
                if line.startswith("FSTREAM is at"):
                    break
            else:
                raise RuntimeError("FSTREAM did not start; `make run` shows why")
            yield port, child.pid
        finally:
            child.terminate()
            child.communicate()


def _environment() -> Mapping[str, str]:
    return {**environ, "FSTREAM_RATE_LIMITS": "off"}


def _open(port: int, token: str, opened: ExitStack) -> WebSocket:
    address = f"ws://127.0.0.1:{port}/api/v1/streaming?stream=user&access_token={token}"
    made = create_connection(address, timeout=_TIMEOUT)
    opened.callback(made.shutdown)
    return made


def _delays(site: Site, author: str, listening: Sequence[WebSocket], posts: int) -> list[float]:
    """Post, at first for a while without measuring; return the seconds until each frame arrived."""
    receiver = Receiver(listening)
    try:
        for _ in range(5):
            site.post(author)
            time.sleep(_PAUSE)
        began = {}
        for _ in range(posts):
            now = time.monotonic()
            began[site.post(author)] = now
            time.sleep(_PAUSE)
        until = time.monotonic() + _TIMEOUT
        while any(len(receiver.arrived[each]) < len(listening) for each in began) and time.monotonic() < until:
            time.sleep(0.1)
        return [arrived - began[each] for each in began for arrived in receiver.arrived[each]]
    finally:
        receiver.stop()
