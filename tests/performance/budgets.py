"""The budgets: the tables of docs/costs.md with the cost of each operation and endpoint on DynamoDB.

A counted figure must be within 5 % of its row; otherwise the test fails with a diff. `make costs` rewrites the tables,
so that a change of cost appears in a commit and is reviewed.
"""

import difflib
import logging
import os
import re
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from ops.meter import Cost

LATENCY = 0.03
"""Seconds per call, so that concurrent calls overlap and count as one round trip."""
OPERATIONS, ENDPOINTS = "operation", "endpoint"
"""The tables, named by the header of their first column."""

_DOCUMENT = Path(__file__).parents[2] / "docs" / "costs.md"
_COLUMNS = ("read units", "write units", "round trips", "calls", "bytes sent", "bytes received")
_TOLERANCE = 0.05
_WRITES = bool(os.environ.get("FSTREAM_TEST_WRITE_COSTS"))
_REPORT = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """The cost of an operation."""

    read_units: float
    write_units: float
    round_trips: int
    calls: int
    bytes_sent: int
    bytes_received: int

    @classmethod
    def of(cls, cost: Cost) -> "Row":
        """Make a row of a counted cost."""
        return cls(
            cost.read_units,
            cost.write_units,
            cost.round_trips,
            len(cost.calls),
            cost.bytes_sent,
            cost.bytes_received,
        )

    def is_near(self, other: "Row") -> bool:
        """Return whether every figure is within 5 %, and there are no more round trips."""
        mine, theirs = (astuple(replace(row, round_trips=0)) for row in (self, other))
        is_near = all(abs(one - another) <= _TOLERANCE * another for one, another in zip(mine, theirs, strict=True))
        return is_near and self.round_trips <= other.round_trips

    def written(self, name: str) -> str:
        """Return this row as a line of the table."""
        figures = (f"{figure:g}" if isinstance(figure, float) else str(figure) for figure in astuple(self))
        return f"| `{name}` | {' | '.join(figures)} |"


def read(table: str) -> dict[str, str]:
    """Return the lines of a table by operation or endpoint."""
    return {line.split("`")[1]: line for line in _split(table)[1].splitlines()}


def line(name: str, cost: Cost, known: dict[str, str]) -> str:
    """Return the line for a counted cost: the known one if it is near enough, else a new one."""
    _REPORT.info("%s: %s", name, cost)
    row = Row.of(cost)
    return known[name] if name in known and row.is_near(_parse(known[name])) else row.written(name)


def hold(name: str, cost: Cost) -> None:
    """Fail unless an operation costs what its row says; under `make costs`, write the row."""
    known = read(OPERATIONS)
    hold_all(OPERATIONS, list((known | {name: line(name, cost, known)}).values()))


def hold_all(table: str, lines: list[str]) -> None:
    """Fail unless a table has exactly these lines; under `make costs`, write them."""
    before, written, after = _split(table)
    if _WRITES:
        _DOCUMENT.write_text(before + "".join(f"{each}\n" for each in lines) + after, encoding="utf-8")
    else:
        diff = difflib.unified_diff(written.splitlines(), lines, _DOCUMENT.name, "counted", lineterm="", n=0)
        assert lines == written.splitlines(), "\n".join(diff)


def _parse(line: str) -> Row:
    read_units, write_units, *counts = line.strip("| ").split(" | ")[1:]
    return Row(float(read_units), float(write_units), *map(int, counts))


def _split(table: str) -> tuple[str, str, str]:
    """Return the document up to a table's first line, the table's lines, and the rest."""
    heading = f"| {table} | {' | '.join(_COLUMNS)} |\n|{'---|' * (1 + len(_COLUMNS))}\n"
    before, found, rest = _DOCUMENT.read_text(encoding="utf-8").partition(heading)
    assert found, f"no table of {table}s in {_DOCUMENT.name}"
    lines = re.match(r"(?:\|.*\n)*", rest)
    assert lines
    return before + found, lines[0], rest[lines.end() :]
