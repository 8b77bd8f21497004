"""Renders the tables of a run in Markdown; `docs/benchmarks.md` ends with them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.client import SLOWER, Client
from benchmarks.coldstart import Start
from benchmarks.cpu import Ratio
from benchmarks.growth import Point
from benchmarks.live import Live
from benchmarks.results import Machine, Results
from benchmarks.serving import Load, Served, Serving

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEADING = "## Figures\n"


def write(results: Results, document: Path = DOCUMENT) -> None:
    """Replace the figures at the end of a document; keep the prose above them."""
    prose = document.read_text().partition(_HEADING)[0]
    document.write_text(f"{prose}{_HEADING}\n{render(results)}")


def render(results: Results) -> str:
    """Return the tables of all benchmarks that were run."""
    parts = [_machine(results.machine)]
    if results.cpu:
        parts.append(_cpu(results.cpu))
    if results.cold_start:
        parts.append(_cold_start(results.cold_start))
    parts += [_growth(axis, lines) for axis, lines in results.growth.items()]
    if results.serving:
        parts += [_loads(results.serving), _visible(results.serving)]
    if results.live:
        parts.append(_live(results.live))
    if results.client:
        parts.append(_client(results.client))
    return "\n".join(parts)


def _machine(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"`make bench`, {machine.date}: {machine.processor}, {machine.cores} cores, {machine.memory_gb} GB, "
        f"Python {machine.python}; {versions}. Load before: {machine.load:.2f}.\n"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cpu(ratios: dict[str, Ratio]) -> str:
    packages = list(dict.fromkeys(package for ratio in ratios.values() for package in ratio.shares))
    rows = [
        [
            name,
            str(ratio.calls),
            f"{ratio.cpu:.2f} ms",
            f"{ratio.bare:.2f} ms",
            f"**{ratio.ratio:.2f}** ({ratio.lowest:.2f} to {ratio.highest:.2f})",
            *(f"{100 * ratio.shares.get(package, 0):.0f} %" for package in packages),
        ]
        for name, ratio in ratios.items()
    ]
    title = "### CPU of a request, and of the bare botocore calls that it makes\n\n"
    return title + _table(["operation", "calls", "CPU", "bare", "ratio", *packages], rows)


def _cold_start(starts: dict[str, Start]) -> str:
    rows = [
        [name, f"{start.cpu:.0f} ms", f"**{start.ratio:.2f}** ({start.lowest:.2f} to {start.highest:.2f})"]
        for name, start in starts.items()
    ]
    return "### Cold start: CPU of a fresh process\n\n" + _table(["what", "CPU", "ratio"], rows)


def _growth(axis: str, lines: dict[str, list[Point]]) -> str:
    sizes = [point.size for point in next(iter(lines.values()))]
    rows = [[name, *(_point(point) for point in points)] for name, points in lines.items()]
    title = f"### Growth with {axis}: read and write units, calls, CPU\n\n"
    return title + _table(["operation", *(f"{size:,}" for size in sizes)], rows)


def _point(point: Point) -> str:
    return f"{point.read_units:g} + {point.write_units:g}, {point.calls}, {point.cpu:.2f} ms"


def _loads(serving: Serving) -> str:
    title = "### One client over HTTP: median latency, CPU of the server process\n\n"
    head = ["server", "live messages", "home of 20", "home, nothing new", "post"]
    return title + _table(head, (row for server, loads in serving.loads.items() for row in _load_rows(server, loads)))


def _load_rows(server: str, loads: list[Load]) -> Iterator[list[str]]:
    for load in loads:
        yield [server, f"{load.messages:,}", *map(_served, (load.home, load.poll, load.post))]


def _served(served: Served) -> str:
    return f"{served.latency:.1f}, **{served.cpu:.1f}** ({served.lowest:.1f} to {served.highest:.1f}) ms"


def _visible(serving: Serving) -> str:
    rows = [
        [server, *(f"{seconds:.2f} s" for seconds in seen.values())] for server, seen in serving.visible.items() if seen
    ]
    counts = next((list(seen) for seen in serving.visible.values() if seen), [])
    title = "### Time from a post until the last of 20 sampled followers sees it\n\n"
    return title + _table(["server", *(f"of {int(count):,} followers" for count in counts)], rows)


def _live(live: Live) -> str:
    title = f"### Live, on `make run` with {live.sockets:,} WebSockets\n\n"
    from_post = (
        f"from a POST until its frame arrives ({live.posts:,} posts, on {live.date}; load before: {live.load:.2f})"
    )
    rows = [
        [f"median {from_post}", f"{live.median:.2f} s"],
        ["99th percentile", f"{live.p99:.2f} s"],
        ["longest", f"{live.longest:.2f} s"],
        ["frames that did not arrive", f"{live.missing:,}"],
        [f"memory of {live.idle:,} further, idle WebSockets", f"{live.memory:.1f} MB"],
    ]
    return title + _table(["what", "measured"], rows)


def _client(client: Client) -> str:
    when = f"on {client.date}; load before: {client.load:.2f}"
    rows = [
        [f"from the address to the first message, on slow 4G ({when})", f"{client.first / 1000:.2f} s"],
        ["the slowest of these", f"{client.slowest / 1000:.2f} s"],
        [f"tasks of more than 50 ms while {client.scrolled:,} messages are scrolled by", f"{client.long_tasks:,}"],
        ["the longest of these", f"{client.longest:.0f} ms"],
    ]
    return f"### Web client, on a processor slowed down {SLOWER} times\n\n" + _table(["what", "measured"], rows)
