"""Runs the soak: `python -m tests.soak --minutes 10`. Exits with status 1 if anything is wrong at the end."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import requests

from fstream_app.core import clock, metrics
from ops import engine, provisioning
from ops.operations.audit import walk
from ops.operations.audit.content import GRACE
from ops.operations.pace import Pace
from tests.soak.control import Control, Trouble
from tests.soak.crowd import Crowd
from tests.soak.part import CONTROL, LETTERS
from tests.support.site import Process, Site, eventually, free_port, surroundings

USERS = 6
_STEP = 8.0
"""Seconds until the next trouble."""
_TROUBLES = 2
"""Least number of troubles, however long each takes."""
_CAUGHT_UP = 120.0
"""Seconds that the pump may need to deliver everything once the trouble is over."""
_MEGABYTE = 1 << 20
_GROWTH = 60 * _MEGABYTE
"""Bytes by which a part may grow in the second half, beyond what its bounded memory holds."""


class Soak:
    """A local network with its load, its parts in processes of their own, and the trouble that they get into."""

    def __init__(self, folder: Path, port: int, engine_pid: int) -> None:
        self._folder = folder
        self._port = port
        self._engine_pid = engine_pid
        self._troubles = {"server": Trouble(), "pump": Trouble()}
        self._control = Control(folder / CONTROL)
        self._control.put(self._troubles)
        self._parts = ExitStack()
        self.happened: Counter[str] = Counter()
        self.crowd = Crowd(Site(f"http://127.0.0.1:{port}"))

    def run(self, seconds: float) -> None:
        """Put load on the network for some time, with one trouble after the other."""
        self._server, self._pump = self._start("server"), self._start("pump")
        assert eventually(self._responds, seconds=120)
        self.crowd.start(USERS)
        end = time.monotonic() + seconds
        step = min(_STEP, seconds / len(self._kinds))
        sizes: list[int] = []
        for kind in cycle(self._kinds):
            if time.monotonic() + step > end and len(sizes) >= _TROUBLES:
                break
            kind()
            self.happened[kind.__name__.strip("_")] += 1
            time.sleep(step)
            sizes.append(size_of(self._server.pid))
        self._calm()
        self.crowd.stop()
        print(f"server: {sizes[len(sizes) // 2] // _MEGABYTE} MB halfway, {sizes[-1] // _MEGABYTE} MB at the end")
        is_warm = len(sizes) > 2 * len(self._kinds)
        if is_warm and sizes[-1] > sizes[len(sizes) // 2] + _GROWTH:
            self.crowd.wrong.append("the server's memory grows")

    @property
    def _kinds(self) -> list[Callable[[], None]]:
        return [
            self._kill_the_pump,
            self._throttle,
            self._pause_the_engine,
            self._lose_calls,
            self._let_clocks_differ,
            self._jump_ahead,
            self._jump_back,
            self._calm,
        ]

    def _start(self, part: str) -> Process:
        command = [sys.executable, "-m", "tests.soak.part", part, str(self._folder), str(self._port)]
        started = Process(command, self._folder / f"{part}-{time.monotonic_ns()}.log", dict(os.environ))
        self._parts.enter_context(started)
        started.wait_for("(ready)")
        return started

    def _responds(self) -> bool:
        try:
            return requests.get(f"{self.crowd.site.url}/api/v1/instance", timeout=30).ok
        except requests.RequestException:
            return False

    def _change(self, faults: tuple[str, ...], share: float, *, ahead: int = 0, apart: int = 0) -> None:
        """Change the faults of all parts, move all clocks by `ahead`, and let the pump's differ by `apart` (ms)."""
        offset = self._troubles["server"].offset + ahead
        trouble = Trouble(offset, faults, share)
        self._troubles = {"server": trouble, "pump": replace(trouble, offset=offset + apart)}
        self._control.put(self._troubles)

    def _calm(self) -> None:
        self._change((), 0)

    def _throttle(self) -> None:
        self._change(("throttled", "written in part", "read in part", "in conflict", "met a transaction"), 0.1)

    def _lose_calls(self) -> None:
        self._change(("lost", "answer lost"), 0.05)

    def _kill_the_pump(self) -> None:
        """Kill the pump in the middle of whatever it does. The next one delivers everything again."""
        self._pump.stop(signal.SIGKILL)
        self._pump = self._start("pump")

    def _pause_the_engine(self) -> None:
        os.kill(self._engine_pid, signal.SIGSTOP)
        try:
            time.sleep(3)
        finally:
            os.kill(self._engine_pid, signal.SIGCONT)

    def _let_clocks_differ(self) -> None:
        self._change((), 0, apart=2000)

    def _jump_ahead(self) -> None:
        self._change((), 0, ahead=60_000)

    def _jump_back(self) -> None:
        """Set all clocks back by less than the overlap with which the log is read."""
        self._change((), 0, ahead=-3000)

    def settle(self) -> bool:
        """Wait until a message posted now has arrived; all records before it have been delivered by then."""
        site, name = self.crowd.site, f"last{time.monotonic_ns()}"
        token = site.sign_up(name)
        posted = site.say(token, f"the last one #{name} @{name}")["id"]
        follower = site.sign_up(f"x{name}")
        site.post(f"/api/v1/accounts/{site.id_of(token)}/follow", follower)
        return eventually(
            lambda: (
                posted in site.home(follower)
                and posted in site.ids(f"/api/v1/timelines/tag/{name}")
                and bool(site.get("/api/v1/notifications", token))
            ),
            seconds=_CAUGHT_UP,
        )

    def audit(self) -> int:
        """Audit everything, a minute later by the parts' clock, so that even the newest messages must have arrived.

        Returns:
            The number of findings.
        """
        ahead = self._troubles["server"].offset + GRACE
        with metrics.tally() as tally:
            return walk.run(self._folder / "audit.json", Pace(1e9, tally), lambda: clock.now() + ahead, say=print)

    @property
    def letters(self) -> int:
        file = self._folder / LETTERS
        return len(file.read_text().splitlines()) if file.exists() else 0

    def stop(self) -> None:
        """Stop the parts."""
        self._parts.close()


def size_of(pid: int) -> int:
    """Return the resident memory of a process, in bytes."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return 1024 * int(shown.stdout)


@contextmanager
def network() -> Iterator[Soak]:
    """Start an engine with empty tables, and yield a soak that uses it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fstream-soak-")))
        started = stack.enter_context(engine.running())
        started.configure(os.environ)
        os.environ |= {"FSTREAM_RATE_LIMITS": "off", "FSTREAM_MIN_LIFETIME": "1"}
        provisioning.provision()
        made = Soak(folder, free_port(), started.pid)
        stack.callback(made.stop)
        yield made


def main() -> None:
    """Run the soak given on the command line, and report."""
    parser = argparse.ArgumentParser(description="Put load on a local network whose parts fail, then audit it.")
    parser.add_argument("--minutes", type=float, default=10)
    for name in set(os.environ) - set(surroundings()):
        del os.environ[name]
    with network() as soak:
        soak.run(60 * parser.parse_args().minutes)
        arrived = soak.settle()
        findings = soak.audit()
        print("requests:", ", ".join(f"{name}: {number}" for name, number in sorted(soak.crowd.done.items())))
        print("trouble:", ", ".join(f"{name}: {number}" for name, number in soak.happened.items()))
        wrong = [*dict.fromkeys(soak.crowd.wrong)]
        wrong += [] if arrived else ["the last message has not arrived"]
        wrong += [f"dead letters: {soak.letters}"] if soak.letters else []
        wrong += [f"findings: {findings}"] if findings else []
    print("\n".join(wrong) or "Nothing is wrong.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
