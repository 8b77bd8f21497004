"""Walks all tables of a network page by page, checks them, and reports; an interrupted walk continues."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from fstream_app import tables
from fstream_app.core import database
from fstream_app.repository.wire import WireItem
from fstream_app.tables import Table
from ops.operations.audit import people, views
from ops.operations.audit.content import Messages
from ops.operations.audit.findings import Finding
from ops.operations.audit.reading import Start, key_of
from ops.operations.audit.reading import Tables as Reads
from ops.operations.bookmark import Bookmark
from ops.operations.pace import Pace

CONFIRMATIONS = 2
"""How often an item that seems wrong is checked again."""
PAUSE = 3.0
"""Seconds before each of these checks, during which what was on its way arrives."""

Rule = Callable[[Sequence[WireItem]], Iterator[Finding]]
"""A check of a page of one table's items."""


@dataclass(slots=True)
class _Position:
    """Where a walk is. It is stored after every page."""

    table: int = 0
    """Index in `fstream_app.tables.ALL`."""
    start: Start | None = None
    found: int = 0
    """Number of findings so far."""
    unheld: frozenset[str] = frozenset()
    """Names of leaving users whose reservation, or of reservations whose user, has not come yet."""

    def stored(self) -> dict[str, object]:
        return {"table": self.table, "start": self.start, "found": self.found, "unheld": sorted(self.unheld)}


def run(
    file: Path,
    pace: Pace,
    now: Callable[[], int],
    *,
    say: Callable[[str], None] = tqdm.write,
    sleep: Callable[[float], None] = time.sleep,
    restart: bool = False,
    quiet: bool = False,
) -> int:
    """Check all tables, continuing where the last call was interrupted.

    Cost: 1 RRU per 4 KB of all tables for the scan, and what each check costs per item. It writes nothing.

    Args:
        file: file that stores the position.
        pace: limit on request units.
        now: the clock (ms).
        say: prints a finding.
        sleep: waits for a number of seconds.
        restart: whether to ignore the stored position and start from the beginning.
        quiet: whether to hide the progress bar.

    Returns:
        The number of findings, including those before the interruption.
    """
    descriptions = [_description(model) for model in tables.ALL]
    bookmark = Bookmark(file, str(descriptions[0]["TableArn"]))
    position = _read(bookmark, restart=restart)
    reads = Reads(pace, now)
    # DynamoDB counts a table's items only every six hours, so the progress bar's total is an estimate.
    total = sum(int(str(each.get("ItemCount") or 0)) for each in descriptions[position.table :]) or None
    with tqdm(total=total, unit=" items", disable=quiet or None) as bar:
        for finding in _walk(position, bookmark, reads, sleep, bar.update):
            say(str(finding))
    for finding in people.still_unheld(position.unheld, reads):
        say(str(finding))
        position.found += 1
    bookmark.put(None)
    return position.found


def _walk(
    position: _Position,
    bookmark: Bookmark,
    reads: Reads,
    sleep: Callable[[float], None],
    progress: Callable[[int], object],
) -> Iterator[Finding]:
    """Yield what is found from a position on, and move it; it is stored when a page's findings have been taken."""
    rules = rules_of(reads)
    while position.table < len(tables.ALL):
        model = tables.ALL[position.table]
        page = reads.scan(model, position.start)
        for finding in _confirmed(model, rules[model], page.items, reads, sleep):
            yield finding
            position.found += 1
        if model is tables.UserItem:
            position.unheld ^= people.unheld(page.items)
        position.start = page.following
        position.table += page.following is None
        bookmark.put(position.stored())
        progress(len(page.items))


def rules_of(reads: Reads) -> Mapping[type[Table], Sequence[Rule]]:
    """Return the checks of every table."""
    found: dict[type[Table], list[Rule]] = {
        tables.UserItem: [partial(people.users, tables=reads)],
        tables.MessageItem: [Messages(reads).check],
        tables.EdgeItem: [partial(people.edges, tables=reads)],
        tables.HeadItem: [partial(views.heads, tables=reads)],
        tables.LogItem: [partial(views.log, tables=reads)],
        tables.TimelineItem: [partial(views.timelines, tables=reads)],
        tables.NotificationItem: [partial(people.notifications, tables=reads)],
        tables.ReactionItem: [partial(views.reactions, tables=reads)],
        tables.ApplicationItem: [],
        tables.TokenItem: [partial(people.tokens, tables=reads)],
        tables.LimitItem: [],
        tables.ReportItem: [partial(people.reports, tables=reads)],
        tables.SocketItem: [partial(people.sockets, tables=reads)],
    }
    for model, rules in found.items():
        rules.append(partial(views.expiries, model, tables=reads))
        if issubclass(model, tables.CountedTable):
            rules.append(partial(views.unsettled, model, tables=reads))
    return found


def _confirmed(
    model: type[Table], rules: Iterable[Rule], items: Sequence[WireItem], reads: Reads, sleep: Callable[[float], None]
) -> list[Finding]:
    """Check a page. If something seems wrong, check it again after a pause; return what is wrong every time."""
    found = [finding for rule in rules for finding in rule(items)]
    for _ in range(CONFIRMATIONS):
        if not found:
            break
        sleep(PAUSE)
        latest = list(reads.get(model, [key_of(model, item) for item in items]).values())
        again = {finding for rule in rules for finding in rule(latest)}
        found = [finding for finding in found if finding in again]
    return list(dict.fromkeys(found))


def _description(model: type[Table]) -> Mapping[str, object]:
    description: Mapping[str, object] = database.connection().client.describe_table(TableName=model.table_name())[
        "Table"
    ]
    return description


def _read(bookmark: Bookmark, *, restart: bool) -> _Position:
    stored = None if restart else bookmark.position()
    if stored is None:
        return _Position()
    return _Position(stored["table"], stored["start"], stored["found"], frozenset(stored["unheld"]))
