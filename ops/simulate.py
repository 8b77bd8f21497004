"""`python -m ops simulate`: estimates what a network costs on AWS, from a simulated day.

The costs of requests are first measured on the real code; `--costs` reads them from an earlier output of `--json`.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from ops import measuring
from ops.costs import Costs, Point, SocketCosts
from ops.simulation.arrival import arrival, opening
from ops.simulation.capacity import Limit, limits
from ops.simulation.day import Day, simulate
from ops.simulation.ideas import Idea, ideas, outside
from ops.simulation.parameters import Parameters
from ops.simulation.policies import Bill, bills, delivery
from ops.simulation.visibility import seconds_to_visible

_DRAWS = 100_000

_WAYS = {
    "push_all": "push to all",
    "push_active": "push to active",
    "pull": "naive pull",
    "pair_optimum": "per-pair optimum",
    "fstream": "FSTREAM",
}


def run(arguments: argparse.Namespace) -> None:
    """Measure, simulate, and print.

    Raises:
        EngineError: the engine did not start.
        ValueError: a parameter is out of range, or the file of costs is not valid.
    """
    parameters = Parameters.from_arguments(arguments)
    costs = read_costs(arguments.costs) if arguments.costs else measuring.on_engine()
    day = simulate(parameters, costs, progress=sys.stderr.isatty())
    if arguments.json:
        print(json.dumps(document(day), indent=2))
    else:
        print(_report(day))
        if parameters.live:
            print(_live_table(day))
        if arguments.limits:
            print(_limits_table(limits(day)))
        if arguments.ideas:
            print(_ideas_table(ideas(day)))
            print(_outside_table(day))
    if arguments.plots:
        from ops.simulation import plots  # matplotlib takes a second to load

        for path in plots.write(parameters, costs, arguments.plots):
            print(path, file=sys.stderr)


def read_costs(path: Path) -> Costs:
    """Read the costs from a file with the output of `--json`.

    Raises:
        ValueError: the file cannot be read or has other content.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["parameters"]["costs"]
        points = tuple(Point(**point) for point in found["points"])
        return Costs(**found | {"points": points, "sockets": SocketCosts(**found["sockets"])})
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"cannot read costs from {path} ({error}). Create the file with simulate --json.") from None


def document(day: Day) -> dict[str, object]:
    """Return all results as one JSON object: the dollars and counts of a day, and the dollars if all clients listen."""
    sent, listening = delivery(day), simulate(replace(day.parameters, live=1.0), day.costs)
    return {
        "parameters": asdict(day.parameters) | {"costs": asdict(day.costs)},
        "policies": {name: asdict(bill) for name, bill in bills(day).items()},
        "live": {"bill": asdict(bills(listening)["fstream"]), "arrival": asdict(arrival(listening))},
        "delivery": asdict(sent) | {"pair_optimum": sent.pair_optimum},
        "home_reads": asdict(day.counts),
        "limits": [asdict(limit) for limit in limits(day)],
    }


def _report(day: Day) -> str:
    return "\n\n".join([_measured(day.costs), _counted(day), _money(bills(day)), _delivered(day)])


def _measured(costs: Costs) -> str:
    lines = ["Measured on the real code            counted: RRU     WRU   predicted: RRU     WRU"]
    lines += [
        f"{point.operation:<36}{point.read_units:>12.1f}{point.write_units:>8.1f}"
        f"{point.predicted_read_units:>17.1f}{point.predicted_write_units:>8.1f}"
        for point in costs.points
    ]
    return "\n".join(lines)


def _counted(day: Day) -> str:
    counts, fleet, parameters = day.counts, day.fleet, day.parameters
    polls = counts.reads - counts.first - counts.scrolled
    answers = counts.shown * day.costs.status_bytes / 1e9
    seen = seconds_to_visible(fleet, _DRAWS, np.random.default_rng(parameters.seed))
    middle, late = np.percentile(seen, [50, 99])
    memory = parameters.tail_entries * day.costs.tail_entry_bytes / 1e6
    capacity = day.tails.capacity
    horizon = (
        "all live messages" if capacity == np.inf else f"{_duration(capacity / fleet.posts.max())} in the busiest hour"
    )
    return f"""\
A day of {parameters.users:,} users
home reads             {counts.reads:,.0f}: {counts.first / counts.reads:.0%} begin a session, \
{counts.scrolled / counts.reads:.0%} scroll, {polls / counts.reads:.0%} poll
                       {counts.below / counts.reads:.0%} go below the tail; on average, a read shows \
{counts.shown / counts.reads:.1f} of {counts.hydrated / counts.reads:.1f} messages read
warm functions         {fleet.warm.min():,.0f} to {fleet.warm.max():,.0f}, \
{3600 * fleet.cold_starts.sum():,.0f} cold starts; {fleet.refreshes.sum() / fleet.reads.sum():.0%} of the home reads \
read the log
tail of a function     at most {parameters.tail_entries:,} entries in {memory:,.0f} MB: {horizon}
time of a request      {1000 * fleet.poll_duration:.0f} ms for a poll with nothing new, \
{1000 * fleet.page_duration:.0f} ms for a page, {1000 * fleet.post_duration:.0f} ms for a post
time to visible        {middle:.1f} s at the median, {late:.1f} s at the 99th percentile
sent to clients        {answers:,.0f} GB of JSON, compressed to {answers * parameters.compressed:,.0f} GB"""


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def _money(found: dict[str, Bill]) -> str:
    names = [each.name for each in fields(Bill)]
    heads = "".join(f"{name.replace('_', ' '):>12}" for name in [*names, "DynamoDB", "total"])
    lines = [f"{'$ a day':<18}{heads}"]
    for way, bill in found.items():
        figures = [*asdict(bill).values(), bill.database, bill.total]
        lines.append(f"{_WAYS[way]:<18}" + "".join(f"{figure:>12,.2f}" for figure in figures))
    return "\n".join(lines)


def _delivered(day: Day) -> str:
    sent = delivery(day)
    shown = {
        "push to all": sent.push_all,
        "push to active": sent.push_active,
        "naive pull": sent.pull,
        "per-pair optimum": sent.pair_optimum,
        "delta pull": sent.delta_pull,
    }
    return "$ a day for delivery alone, by formula: " + ", ".join(
        f"{name} {value:,.2f}" for name, value in shown.items()
    )


def _live_table(day: Day) -> str:
    """Compare the day with one on which all clients poll."""
    parameters, live, bill = day.parameters, arrival(day), bills(day)["fstream"]
    polling = simulate(replace(parameters, live=0), day.costs)
    instead = bills(polling)["fstream"].total
    poll = (instead - bill.total + live.total) / (polling.counts.reads - day.counts.reads)
    opened, minutes, sockets = opening(day), parameters.socket_minutes, parameters.sockets_a_day
    minute = (live.total - opened * sockets) / minutes
    parts = ", ".join(f"{name} {dollars:,.2f}" for name, dollars in asdict(live).items())
    return f"""
Live arrival: {sockets:,.0f} sockets, open for {minutes:,.0f} minutes; {day.live.sent:,.0f} messages sent to them
$ a day                {live.total:,.2f}: {parts}
$ a day, total         {bill.total:,.2f}; if all clients poll, {instead:,.2f}
$ per million          {1e6 * opened:.2f} for sockets, {1e6 * minute:.2f} for minutes of open ones, \
{1e6 * live.total / minutes:.2f} for minutes with both; {1e6 * poll:.2f} for polls"""


def _limits_table(found: list[Limit]) -> str:
    lines = [f"\n{'in the busiest hour':<48}{'load':>12}{'limit':>9}  {'':<10}{'users at limit':>15}  what raises it"]
    lines += [
        f"{each.name:<48}{each.load:>12,.0f}{each.limit:>9,.0f}  {each.unit:<10}{each.users:>15,.0f}  {each.remedy}"
        for each in found
    ]
    return "\n".join(lines)


def _ideas_table(found: Iterable[Idea]) -> str:
    lines = [f"\n{'$ a day, for each idea alone':<56}{'saved':>10}{'DynamoDB':>12}"]
    lines += [f"{idea.name:<56}{idea.saved:>10.2f}{idea.database:>12.2f}" for idea in found]
    return "\n".join(lines)


def _outside_table(day: Day) -> str:
    lines = [f"\n{'$ a day, outside DynamoDB':<56}{'saved':>10}{'total':>12}"]
    total = bills(day)["fstream"].total
    lines += [f"{name:<56}{saved:>10.2f}{total - saved:>12.2f}" for name, saved in outside(day)]
    return "\n".join(lines)
