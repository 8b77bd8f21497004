"""Draws the plots of docs/cost.md, as SVG and PNG."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from tqdm import tqdm

from ops.costs import Costs
from ops.simulation.day import simulate
from ops.simulation.fleet import Fleet
from ops.simulation.parameters import Parameters
from ops.simulation.policies import bills
from ops.simulation.visibility import seconds_to_push, seconds_to_visible

_SAMPLE = 20_000
_DRAWS = 100_000
_NAMES = {
    "push_all": "push to all",
    "push_active": "push to active",
    "pull": "naive pull",
    "pair_optimum": "per-pair optimum",
    "fstream": "FSTREAM",
}
# Okabe and Ito's colours, which colour-blind people can distinguish.
_COLOURS = {
    "push_all": "#D55E00",
    "push_active": "#E69F00",
    "pull": "#CC79A7",
    "pair_optimum": "#0072B2",
    "fstream": "#009E73",
}
_STYLE: Any = {
    "figure.figsize": (7.5, 4.5),
    "figure.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "font.size": 10,
    "svg.hashsalt": "fstream",
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
}


def write(parameters: Parameters, costs: Costs, folder: Path, points: int = 15) -> list[Path]:
    """Write all plots, with `points` points on each line; takes about 15 seconds. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    a_session = parameters.reads / parameters.sessions
    written: list[Path] = []
    with mpl.rc_context(_STYLE):
        for name, label, values, vary in (
            ("users", "daily users", np.logspace(1, 8, points), lambda value: {"users": round(value)}),
            (
                "followees",
                "followees of a user (mean)",
                np.logspace(1, 3.3, points),
                lambda value: {"followees": value},
            ),
            (
                "reads",
                "home reads a day of a user",
                np.logspace(0, 2.3, points),
                lambda value: {"reads": value, "sessions": max(1.0, value / a_session)},
            ),
        ):
            figure = _costs(parameters, costs, label, values, vary)
            if name == "users":
                _add_without_rosters(figure, parameters, costs, values)
            written += _save(figure, folder, f"cost-{name}")
        written += _save(_visible(parameters, costs), folder, "time-to-visible")
    return written


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    for path in paths:
        figure.savefig(path, dpi=144, bbox_inches="tight", metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)
    return paths


def _costs(
    parameters: Parameters,
    costs: Costs,
    label: str,
    values: Sequence[float] | np.ndarray,
    vary: Callable[[float], dict[str, Any]],
) -> Figure:
    """Draw the cost of DynamoDB for each way to deliver, in dollars a month for 1,000 users."""
    found: dict[str, list[float]] = {name: [] for name in _NAMES}
    for value in tqdm(values, desc=label, leave=False):
        varied = replace(parameters, sample=_SAMPLE, **vary(float(value)))
        for name, bill in bills(simulate(varied, costs)).items():
            found[name].append(30_000 * bill.database / varied.users)
    figure, axes = plt.subplots()
    for name, line in found.items():
        axes.plot(values, line, color=_COLOURS[name], linewidth=2.5 if name == "fstream" else 1.5)
    _logarithmic(axes)
    axes.set_xlabel(label)
    axes.set_title("DynamoDB, dollars a month for 1,000 daily users")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"${value:,.10g}"))
    _label_lines(axes, float(values[-1]), {_NAMES[name]: (line[-1], _COLOURS[name]) for name, line in found.items()})
    return figure


def _add_without_rosters(figure: Figure, parameters: Parameters, costs: Costs, users: np.ndarray) -> None:
    """Add the cost of FSTREAM without rosters where they make a difference."""
    [axes] = figure.axes
    line = []
    for value in users:
        varied = replace(parameters, sample=_SAMPLE, users=round(float(value)), roster_memory=0)
        day = simulate(varied, costs)
        if np.isfinite(day.tails.capacity):
            line.append((value, 30_000 * bills(day)["fstream"].database / varied.users))
    if line:
        axes.plot(*zip(*line, strict=True), color=_COLOURS["fstream"], linewidth=1.5, linestyle=":")
        axes.annotate(
            "FSTREAM without rosters",
            line[0],
            xytext=(-8, 10),
            textcoords="offset points",
            color=_COLOURS["fstream"],
            ha="right",
        )


def _logarithmic(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=False, which="minor")


def _short(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:,.10g}{letter}"
    return f"{value:,.10g}"


def _label_lines(axes: Axes, right: float, lines: dict[str, tuple[float, str]]) -> None:
    """Write each line's name at its right end; move names apart where they would overlap."""
    low, high = (np.log(limit) for limit in axes.get_ylim())
    place = -np.inf
    for name, (value, colour) in sorted(lines.items(), key=lambda item: item[1][0]):
        place = max(float(np.log(value)), place + 0.055 * (high - low))
        axes.annotate(
            name,
            (right, float(np.exp(place))),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold" if name == "FSTREAM" else "normal",
            annotation_clip=False,
        )


def _visible(parameters: Parameters, costs: Costs) -> Figure:
    """Draw the seconds until the last follower's next read shows a post, against the author's followers."""
    fleet = Fleet(parameters, costs)
    times = seconds_to_visible(fleet, _DRAWS, np.random.default_rng(parameters.seed))
    followers = np.logspace(0, np.log10(max(10.0, parameters.registered_users)), 100)
    figure, axes = plt.subplots()
    middle, late = np.percentile(times, [50, 99])
    axes.fill_between(followers, parameters.settling_time, late, color=_COLOURS["fstream"], alpha=0.25, linewidth=0)
    axes.plot(followers, np.full_like(followers, middle), color=_COLOURS["fstream"], linewidth=2.5)
    ends = {"FSTREAM, median to p99": (float(middle), _COLOURS["fstream"])}
    for rate, colour in ((4_000, _COLOURS["push_all"]), (40_000, _COLOURS["push_active"])):
        line = seconds_to_push(fleet, followers, rate)
        axes.plot(followers, line, color=colour, linewidth=1.5)
        ends[f"push, {rate:,} writes a second"] = (float(line[-1]), colour)
    _logarithmic(axes)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g} s"))
    axes.set_xlabel("followers of the author")
    axes.set_title("From a post until the last follower's next read shows it")
    _label_lines(axes, float(followers[-1]), ends)
    return figure
