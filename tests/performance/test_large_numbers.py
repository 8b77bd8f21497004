"""Costs at large numbers, compared with the same table as in `test_budgets.py`; memory of a full tail."""

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from fstream_app.core import packing
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import fanout, tail, timelines
from fstream_app.feed.home import read as read_home
from fstream_app.feed.tail import PAGE
from fstream_app.people import users
from fstream_app.repository import log
from ops.meter import metered
from tests.performance.budgets import LATENCY, hold
from tests.performance.crowd import (
    DAY,
    HOUR,
    deliver,
    deliver_briefly,
    let_block,
    let_follow,
    make_users,
    strangers,
    write,
    write_of_strangers,
)
from tests.support.clock import Clock
from tests.support.delivery import changes_of
from tests.support.engines import cool_down

BLOCKERS = 10_000
FOLLOWEES = 2_000
LIVE = 100_000
REMEMBERED = 20_000
OF_ONE_AUTHOR = 5_000
READERS_AT_ONCE = 200
BYTES_AN_ENTRY = 100
MEGABYTES = 200
NEWEST = Window(limit=20)
REPORT = logging.getLogger(__name__)


@pytest.fixture
def clock(ministack: None, clock: Clock) -> Clock:
    """The clock at half past, far from the start and the end of an hour of the log."""
    clock.advance(HOUR / 2)
    return clock


def home(reader_id: str, now: int, window: Window = NEWEST) -> list[MessageId]:
    return [message.id for message in read_home(reader_id, window, now).messages]


def test_home_of_a_reader_who_follows_2000_people(clock: Clock) -> None:
    reader, *authors = make_users(51, "user", clock.now)
    let_follow([reader.id], strangers(FOLLOWEES - 50) + [author.id for author in authors])
    posted = write(authors, [clock.now])
    deliver(posted, clock.advance(1))
    newest = sorted((message.id for message in posted), reverse=True)[:20]
    clock.advance(2)
    tail.shared().refresh(clock.now)
    with metered(LATENCY) as warm:
        assert home(reader.id, clock.now) == newest
    hold("home, 2,000 followed, from the tail", warm)
    clock.advance(HOUR)
    cool_down()
    with metered(LATENCY) as cold:
        assert home(reader.id, clock.now) == newest
    hold("home, 2,000 followed, from the heads", cold)


def test_home_of_a_reader_whom_10000_users_block(clock: Clock) -> None:
    reader, *authors = make_users(21, "user", clock.now)
    let_follow([reader.id], [author.id for author in authors])
    let_block(strangers(BLOCKERS), reader.id)
    posted = write(authors, [clock.now])
    deliver(posted, clock.advance(1))
    clock.advance(2)
    tail.shared().refresh(clock.now)
    with metered(LATENCY) as cost:
        assert home(reader.id, clock.now) == sorted((message.id for message in posted), reverse=True)
    hold("home, blocked by 10,000", cost)
    with metered(LATENCY) as cost:
        assert home(reader.id, clock.now, Window(after=max(message.id for message in posted))) == []
    hold("home, blocked by 10,000, nothing new", cost)


def test_a_tail_of_20000_entries_where_100000_messages_are_live(clock: Clock, configure) -> None:
    configure(tail_entries=REMEMBERED)
    reader, *authors = make_users(11, "user", clock.now)
    let_follow([reader.id], [author.id for author in authors])
    old = write(authors[:5], [clock.advance(1)])
    deliver_briefly(old, clock.now)
    entries = live_messages(clock)
    new = write(authors[5:], [clock.now])
    deliver_briefly(new, clock.advance(1))
    clock.advance(2)
    with metered(LATENCY) as cost:
        assert home(reader.id, clock.now) == sorted((message.id for message in [*old, *new]), reverse=True)
    hold("a cold function's first home read, 100,000 entries in the log", cost)
    remembered = tail.shared()
    assert REMEMBERED / 2 < remembered.count <= REMEMBERED
    view = remembered.snapshot({entry.id.author_id for entry in entries})
    known = {entry for author, packed in view.entries.items() for entry in packing.ascending(author, packed)}
    assert {entry for entry in entries if entry.id >= view.horizon} <= known <= set(entries)
    clock.advance(1)
    with metered(LATENCY) as cost:
        assert len(home(reader.id, clock.now, Window(after=min(each.id for each in new).previous()))) == 5
    hold("a warm function's next home read, 100,000 entries in the log", cost)


def live_messages(clock: Clock) -> list[Entry]:
    """Fill the log with messages of many users over 20 minutes, 1,000 per batch; return their entries."""
    people, start = strangers(LIVE // 5), clock.now
    entries = [
        Entry(MessageId.new(people[number % len(people)], start + 12 * number), DAY, Visibility.PUBLIC, False)
        for number in range(LIVE)
    ]
    for first in range(0, LIVE, 1000):
        some = entries[first : first + 1000]
        log.append(some, 0, some[-1].id.time + 500)
    clock.now = entries[-1].id.time
    return entries


def test_5000_live_messages_of_one_author(clock: Clock) -> None:
    reader, ada = make_users(2, "user", clock.now)
    let_follow([reader.id], [ada.id])
    start = clock.now
    posted = write([ada], range(start, start + 100 * OF_ONE_AUTHOR, 100))
    clock.now = posted[-1].id.time
    deliver_briefly(posted, clock.advance(1))
    (last,) = write([ada], [clock.advance(1)])
    with metered(0.5) as cost:  # longer than the engine takes for the query, which holds up the append to the log
        fanout.deliver(changes_of([last.id]), clock.now)
    hold("fan-out of an author's 5,001st message", cost)  # the head is rebuilt from the newest 80
    clock.advance(HOUR)  # so that a cold function reads the head, and below it the author's partition
    of_home, of_account = partial(read_home, reader.id), partial(timelines.of_account, ada.id, None)
    for name, read, depth in (
        ("home, within a head", of_home, 20),
        ("home, 200 messages down", of_home, 200),
        ("home, 4,000 messages down", of_home, 4000),
        ("an account's statuses, 20 messages down", of_account, 20),
        ("an account's statuses, 4,000 messages down", of_account, 4000),
    ):
        cool_down()
        with metered(LATENCY) as cost:
            page = read(Window(before=posted[-depth].id, limit=20), clock.now)
        hold(name, cost)
        assert [message.id for message in page.messages] == [each.id for each in posted[-depth - 20 : -depth][::-1]]
    with metered(LATENCY) as cost:
        assert users.activity(ada, clock.now).messages == OF_ONE_AUTHOR + 1
    hold("the count of 5,001 messages", cost)


def test_a_wide_author_is_read_by_200_readers_at_once(clock: Clock) -> None:
    (ada,) = make_users(1, "ada", clock.now)
    readers = strangers(READERS_AT_ONCE)
    let_follow(readers, [ada.id])
    posted = write([ada], range(clock.advance(10), clock.now + 20))
    deliver(posted, clock.advance(1))
    clock.advance(2)
    with metered() as cost, ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda reader: home(reader, clock.now), readers))
    REPORT.info("a message read by 200 at once: %g RRU, %d calls", cost.read_units, len(cost.calls))
    assert pages == [[message.id for message in reversed(posted)]] * READERS_AT_ONCE
    assert sum(call.table == "log" for call in cost.calls) == 1
    assert cost.read_units <= 25 * READERS_AT_ONCE


def test_a_cold_functions_first_home_read_of_a_full_page_of_the_log(clock: Clock) -> None:
    reader, *authors = make_users(21, "user", clock.now)
    let_follow([reader.id], strangers(80) + [author.id for author in authors])
    write_of_strangers(PAGE, clock.now)
    posted = write(authors, [clock.advance(10)])
    deliver(posted, clock.advance(1))
    clock.advance(2)
    cool_down()
    with metered(LATENCY) as cost:
        assert home(reader.id, clock.now) == sorted((message.id for message in posted), reverse=True)
    hold("a cold function's first home read", cost)


def test_the_memory_of_200000_entries_and_of_the_process_that_holds_them() -> None:
    command = [sys.executable, "-m", "tests.performance.memory"]
    output = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    measured = json.loads(output.stdout)
    REPORT.info("%s", measured)
    assert measured["entries"] == 200_000
    assert measured["bytes an entry"] <= BYTES_AN_ENTRY
    assert measured["process, MB"] <= MEGABYTES
