"""Measures the web client on a slow device: long tasks while scrolling, and the time to the first message."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.live import running
from benchmarks.network import Network, Progress
from tests.browser.chromium import started
from tests.browser.windows import Window

LOADS, SCROLLED = 5, 200
SLOWER = 4
"""How much slower the processor is than this machine's."""
_SLOW_4G = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
"""Milliseconds, and bytes a second."""
_LONG = 50
"""Milliseconds from which on a task is long."""
_NOTE = """
if (origin === %r) sessionStorage.setItem("fstream.token", %r);
window.long = [];
new PerformanceObserver(list => window.long.push(...list.getEntries().map(each => [each.startTime, each.duration])))
  .observe({ type: "longtask", buffered: true });
const look = () => {
  if (document.querySelector("article[data-id]")) window.first = performance.now();
  else requestAnimationFrame(look);
};
look();
"""
"""Logs in before the client begins, and notes long tasks and the first frame that shows a message."""
_SCROLL = """
const began = performance.now();
const place = () => Number([...document.querySelectorAll("article[data-id]")].at(-1).getAttribute("aria-posinset"));
const step = () => {
  scrollBy({ top: 40, behavior: "instant" });
  if (place() < arguments[0]) requestAnimationFrame(step);
  else setTimeout(() => { window.tasks = window.long.filter(([start]) => start >= began).map(each => each[1]) }, 500);
};
step();
"""
"""Scrolls by 40 pixels a frame, and then notes the long tasks in milliseconds."""
_PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Client:
    """Figures of the web client's home in Chromium; times are milliseconds."""

    date: str
    load: float
    """Load average of the minute before."""
    first: float
    """Median time from opening the address to the first frame with a message, on slow 4G and a slower processor."""
    slowest: float
    """The longest of these times."""
    scrolled: int
    """Messages that were scrolled through, on the slower processor."""
    long_tasks: int
    """Tasks of more than 50 ms meanwhile."""
    longest: float
    """The longest of these tasks, 0 without any."""


def measure(progress: Progress, *, loads: int = LOADS, scrolled: int = SCROLLED) -> Client:
    """Run FSTREAM, write enough messages for a home timeline, and open it in a browser without a cache."""
    load = os.getloadavg()[0]
    with running() as (port, _):
        progress(f"Web client: a home of {2 * scrolled:,} messages")
        network = Network(readers=1, authors=100)
        network.grow_messages(2 * scrolled)
        site, token = f"http://127.0.0.1:{port}", network.secret(network.reader)
        progress(f"Web client: {loads} first views")
        times = [_first_message(site, token) for _ in range(loads)]
        progress(f"Web client: scrolling through {scrolled} messages")
        with _slow(site, token) as window:
            window.go(f"{site}/#/home")
            window.until(lambda: window.run("return window.first"), what="a message")
            window.run(_SCROLL, scrolled)
            window.until(lambda: window.run("return !!window.tasks"), seconds=_PATIENCE, what="an end of the list")
            tasks: list[float] = window.run("return window.tasks")
    return Client(
        date=time.strftime("%Y-%m-%d"),
        load=load,
        first=statistics.median(times),
        slowest=max(times),
        scrolled=scrolled,
        long_tasks=len([each for each in tasks if each > _LONG]),
        longest=max(tasks, default=0.0),
    )


def _first_message(site: str, token: str) -> float:
    with _slow(site, token, **_SLOW_4G) as window:
        window.go(f"{site}/#/home")
        found: float = window.until(lambda: window.run("return window.first"), what="a message")
    return found


@contextmanager
def _slow(site: str, token: str, **network: float) -> Iterator[Window]:
    """Start a browser with a slower processor, and perhaps a slower network; yield its window."""
    with tempfile.TemporaryDirectory() as profile, started(Path(profile)) as driver:
        window = Window(driver)
        window.look(1280)
        settings: list[tuple[str, dict[str, Any]]] = [("Emulation.setCPUThrottlingRate", {"rate": SLOWER})]
        if network:
            settings += [("Network.enable", {}), ("Network.emulateNetworkConditions", {"offline": False, **network})]
        for command, values in settings:
            driver.execute_cdp_cmd(command, values)
        with window.before_documents(_NOTE % (site, token)):
            yield window
