"""Cold start: the CPU that a fresh process takes until the API has answered for the first time.

Compared with a process that imports Chalice's runtime and makes a DynamoDB client, from bytecode; beside the package
stands what Chalice makes by itself, without bytecode. How one start is measured is told in `ops.packaging.coldstart`.
"""

import statistics
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.network import Progress
from ops.packaging import bundle
from ops.packaging.coldstart import API, FAN_OUT, FLOOR, cold_start, make_plain, make_read_only

Program = tuple[str, Sequence[Path]]
"""What is run, and the folders that its modules are in."""


@dataclass(frozen=True, slots=True)
class Start:
    """CPU of a cold start in milliseconds: the median, and its ratio to the floor's in the same round."""

    cpu: float
    ratio: float
    lowest: float
    highest: float


def measure(progress: Progress, *, rounds: int = 11, package: bool = True) -> dict[str, Start]:
    """Measure this tree and, unless told otherwise, the packages that are made of it (libraries from PyPI)."""
    libraries = Path(sysconfig.get_path("purelib"))
    programs: dict[str, Program] = {
        "Chalice's runtime and a DynamoDB client": (FLOOR, [libraries]),
        "the API, from this tree": (API, [bundle.ROOT, libraries]),
    }
    with tempfile.TemporaryDirectory(prefix="fstream-") as folder:
        if package:
            progress("cold start: packaging")
            programs |= _packaged(Path(folder))
        progress("cold start: fresh processes")
        return _compared(programs, rounds)


def _packaged(folder: Path) -> dict[str, Program]:
    packed, plain = folder / "package", make_plain(folder)
    bundle.build(packed)
    for each in (packed, plain):
        make_read_only(each)
    return {
        "the API, packaged": (API, [packed]),
        "the fan-out, packaged": (FAN_OUT, [packed]),
        "the API, as Chalice packages it by itself": (API, [plain]),
    }


def _compared(programs: dict[str, Program], rounds: int) -> dict[str, Start]:
    """Start all in turn, so many times; the first round, which makes bytecode and fills caches, does not count."""
    times = [{name: cold_start(*program) for name, program in programs.items()} for _ in range(rounds + 1)][1:]
    floor = next(iter(programs))
    found = {}
    for name in programs:
        ratios = [each[name] / each[floor] for each in times]
        middle = statistics.median(each[name] for each in times)
        found[name] = Start(middle, statistics.median(ratios), min(ratios), max(ratios))
    return found
