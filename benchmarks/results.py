"""The results of a benchmark run, in the form of `benchmarks/results.json`."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil

from benchmarks.client import Client
from benchmarks.coldstart import Start
from benchmarks.cpu import Ratio
from benchmarks.growth import Point
from benchmarks.live import Live
from benchmarks.serving import Serving

FILE = Path(__file__).with_name("results.json")
_PACKAGES = ("chalice", "botocore", "pynamodb", "msgspec", "ministack", "Flask", "gunicorn")


class Machine(msgspec.Struct, frozen=True):
    """Where and when the benchmarks were run."""

    date: str
    processor: str
    cores: int
    memory_gb: int
    python: str
    versions: dict[str, str]
    load: float
    """Load average of the minute before the run."""


class Results(msgspec.Struct):
    """All results; None or empty if a benchmark was not run. Times are milliseconds unless a name says seconds."""

    machine: Machine
    cpu: dict[str, Ratio] | None = None
    cold_start: dict[str, Start] | None = None
    growth: dict[str, dict[str, list[Point]]] = msgspec.field(default_factory=dict)
    """Axis → operation → points."""
    serving: Serving | None = None
    live: Live | None = None
    client: Client | None = None

    def with_parts_of(self, newer: "Results") -> "Results":
        """Return these results, with the benchmarks that a newer run has measured."""
        names = [name for name in self.__struct_fields__ if name != "machine" and getattr(newer, name)]
        return msgspec.structs.replace(self, **{name: getattr(newer, name) for name in names})

    def write(self, file: Path) -> None:
        """Write the results as JSON."""
        text = msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(self))), indent=2)
        file.write_bytes(text + b"\n")


def read(file: Path = FILE) -> Results:
    """Read the results that a run has written."""
    return msgspec.json.decode(file.read_bytes(), type=Results)


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        python=platform.python_version(),
        versions={name: version(name) for name in _PACKAGES},
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
