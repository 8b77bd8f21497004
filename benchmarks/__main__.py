"""Runs the benchmarks: under ten minutes, or about two with --quick. docs/benchmarks.md describes them."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import apart, client, coldstart, cpu, growth, live, plots, report, results, serving
from benchmarks.results import Results

_IN_PROCESS = {"FSTREAM_RATE_LIMITS": "off", "FSTREAM_TAIL_REFRESH": "0"}
"""Settings for benchmarks with a fixed clock: the limits would be reached, and the tail would never be refreshed."""
_SERVED = {"FSTREAM_RATE_LIMITS": "off"}
_QUICK_SIZES = (100, 1_000)
_PARTS = ["cpu", "cold-start", "growth", "http", "live", "client"]


def main() -> None:
    """Measure and print the tables; after a complete run, also write results.json, docs/benchmarks.md and the plots."""
    arguments = _arguments()
    found = _measure(arguments)
    print(report.render(found))
    if arguments.output:
        found.write(arguments.output)
    elif arguments.update or not (arguments.quick or arguments.only):
        if arguments.update:
            found = results.read().with_parts_of(found)
        found.write(results.FILE)
        report.write(results.read())
        plots.write(results.read())


def _measure(arguments: argparse.Namespace) -> Results:
    chosen = arguments.only or _PARTS
    found = Results(results.machine())
    if "cpu" in chosen:
        quick = _fewer(arguments, rounds=3, repeats=30)
        found.cpu = apart.run(partial(cpu.measure, apart.show, **quick), _IN_PROCESS)
    if "cold-start" in chosen:
        quick = _fewer(arguments, rounds=3, package=False)
        found.cold_start = apart.run(partial(coldstart.measure, apart.show, **quick), {})
    if "growth" in chosen:
        quick = _fewer(arguments, sizes=_QUICK_SIZES, repeats=5)
        for axis in growth.AXES:
            found.growth[axis] = apart.run(partial(growth.measure, axis, apart.show, **quick), _IN_PROCESS)
    if "http" in chosen:
        quick = _fewer(arguments, sizes=_QUICK_SIZES, number=20)
        found.serving = apart.run(partial(serving.measure, apart.show, **quick), _SERVED)
    if "live" in chosen:
        quick = _fewer(arguments, sockets=20, posts=5, idle=100)
        found.live = apart.run(partial(live.measure, apart.show, **quick), _SERVED)
    if "client" in chosen:
        quick = _fewer(arguments, loads=2, scrolled=100)
        found.client = apart.run(partial(client.measure, apart.show, **quick), _SERVED)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="use small sizes and few rounds; write no files")
    parser.add_argument(
        "--only",
        action="append",
        choices=_PARTS,
        help="run only this benchmark (can be repeated); write no files",
    )
    parser.add_argument("--update", action="store_true", help="with --only: write the files, and keep all other parts")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the results to FILE, and no other files")
    return parser.parse_args()


def _fewer(arguments: argparse.Namespace, **quick: object) -> dict[str, Any]:
    return quick if arguments.quick else {}


if __name__ == "__main__":
    main()
