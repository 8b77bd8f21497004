"""Draws the plots of docs/benchmarks.md, as SVG."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.growth import Point
from benchmarks.results import Results
from benchmarks.serving import FLASK, FSTREAM, Serving

FOLDER = Path(__file__).parents[1] / "docs"
_STYLE: Any = {
    "figure.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "font.size": 9,
    "svg.hashsalt": "fstream",
    "svg.fonttype": "none",
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
}
_ROWS: tuple[tuple[str, Callable[[Point], float]], ...] = (
    ("units read and written", lambda point: point.read_units + point.write_units),
    ("calls to DynamoDB", lambda point: point.calls),
    ("CPU, ms", lambda point: point.cpu),
)
_TAKAHE, _GOTOSOCIAL = 41.2, 0.66
"""CPU (ms) of a home page of 20 with 1,000 live messages, measured on another day on a similar machine."""
_MEASURED_AT = 1_000


def write(results: Results, folder: Path = FOLDER) -> None:
    """Write the plots of all benchmarks that were run."""
    with mpl.rc_context(_STYLE):
        if results.growth:
            _save(_growth(results.growth), folder / "growth.svg")
        if results.serving:
            _save(_home(results.serving), folder / "home-cpu.svg")


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def _growth(growth: dict[str, dict[str, list[Point]]]) -> Figure:
    figure, grid = plt.subplots(
        len(_ROWS), len(growth), figsize=(10, 8), sharex="col", sharey="row", squeeze=False, layout="constrained"
    )
    for row, (label, value) in enumerate(_ROWS):
        grid[row][0].set_ylabel(label)
        for column, (axis, lines) in enumerate(growth.items()):
            axes = grid[row][column]
            for name, points in lines.items():
                axes.plot(
                    [point.size for point in points], [value(point) for point in points], marker="o", ms=3, label=name
                )
            axes.set_ylim(bottom=0)
            _sizes(axes, axis if row == len(_ROWS) - 1 else "")
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    return figure


def _sizes(axes: Axes, label: str) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel(label)


def _home(serving: Serving) -> Figure:
    figure, axes = plt.subplots(figsize=(7, 4))
    for server, colour in ((FSTREAM, "#009E73"), (FLASK, "#D55E00")):
        loads = serving.loads[server]
        axes.plot(
            [load.messages for load in loads], [load.home.cpu for load in loads], marker="o", color=colour, label=server
        )
    for server, cpu, colour in (("Takahē", _TAKAHE, "#CC79A7"), ("GoToSocial", _GOTOSOCIAL, "#0072B2")):
        axes.plot([_MEASURED_AT], [cpu], marker="D", linestyle="", color=colour, label=server)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} ms"))
    _sizes(axes, "live messages")
    axes.set_title("CPU of a home timeline of 20 messages over HTTP")
    axes.legend(frameon=False)
    return figure
