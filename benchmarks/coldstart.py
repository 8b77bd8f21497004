"""Measures cold starts: the CPU that a fresh process uses until the API's first response.

The floor for comparison is a process that only imports Chalice's runtime and makes a DynamoDB client, from bytecode.
The package is also compared with the one that Chalice builds by itself, which has no bytecode.
`ops.packaging.coldstart` describes how one start is measured.
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
"""A program's source, and the folders with its modules."""


@dataclass(frozen=True, slots=True)
class Start:
    """CPU of a cold start in milliseconds: the median, and its ratio to the floor's in the same round."""

    cpu: float
    ratio: float
    lowest: float
    highest: float


def measure(progress: Progress, *, rounds: int = 11, package: bool = True) -> dict[str, Start]:
    """Measure the source tree and, if `package` is set, the packages built from it (with libraries from PyPI)."""
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
    """Start all programs in turn, in each round; an extra first round fills caches and is not counted."""
    times = [{name: cold_start(*program) for name, program in programs.items()} for _ in range(rounds + 1)][1:]
    floor = next(iter(programs))
    found = {}
    for name in programs:
        ratios = [each[name] / each[floor] for each in times]
        middle = statistics.median(each[name] for each in times)
        found[name] = Start(middle, statistics.median(ratios), min(ratios), max(ratios))
    return found
