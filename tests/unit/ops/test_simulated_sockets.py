"""The cost simulation where clients listen on WebSockets instead of polling."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops.simulation import population
from ops.simulation.arrival import arrival, opening
from ops.simulation.day import Day, simulate
from ops.simulation.policies import Bill, bills
from ops.simulation.prices import SOCKET_MINUTE
from tests.support.simulated import BASE, COSTS

DOCUMENTS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module", autouse=True)
def few_authors() -> Iterator[None]:
    """Represents all authors by 100,000 instead of a million, which takes a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "LARGEST_SAMPLE", 100_000)
        yield


@pytest.fixture(scope="module")
def base() -> Day:
    """The base case, where all clients poll."""
    return simulate(BASE, COSTS)


@pytest.fixture(scope="module")
def listening() -> Day:
    """The base case, where all clients keep a WebSocket open and do not poll."""
    return simulate(replace(BASE, live=1), COSTS)


def test_clients_that_listen_do_not_poll(base: Day, listening: Day) -> None:
    half = simulate(replace(BASE, live=0.5), COSTS)
    for day in (listening, half):
        assert day.counts.first == pytest.approx(base.counts.first, rel=0.01)
        assert day.counts.scrolled == pytest.approx(base.counts.scrolled, rel=0.05)
        assert day.counts.reads == pytest.approx(day.parameters.reads_a_day, rel=0.03)
    assert listening.counts.reads == pytest.approx(listening.counts.first + listening.counts.scrolled)
    assert half.counts.reads == pytest.approx((base.counts.reads + listening.counts.reads) / 2, rel=0.02)


def test_sockets_are_priced_by_what_they_do_and_by_the_time_for_which_they_are_open(listening: Day) -> None:
    parts, sockets = arrival(listening), BASE.users * BASE.sessions
    minutes = BASE.users * (16 * BASE.poll_interval + BASE.sessions * BASE.lingers) / 60
    assert parts.minutes == pytest.approx(SOCKET_MINUTE * minutes)
    opened = opening(listening)
    assert 0 < opened * sockets < parts.total - parts.minutes
    twice, longer = (simulate(replace(BASE, live=1, **change), COSTS) for change in ({"frames": 2}, {"lingers": 120}))
    assert arrival(twice).total - parts.total == pytest.approx(sockets * (opening(twice) - opened))
    more = (arrival(longer).total - parts.total) / (longer.parameters.socket_minutes - minutes)
    assert SOCKET_MINUTE < more < (parts.total - opened * sockets) / minutes


def test_what_is_sent_to_sockets_is_what_arrives_while_they_are_open(base: Day, listening: Day) -> None:
    a_minute = float(base.authors.deliveries.sum()) / BASE.registered_users / 1440
    crowded = 1 + BASE.swing**2 / 2  # more is posted when more people are there
    minutes = listening.parameters.socket_minutes
    assert listening.live.sent == pytest.approx(0.9 * minutes * a_minute * crowded)


def test_an_instance_where_everybody_polls_pays_nothing_for_sockets(base: Day, listening: Day) -> None:
    bill, instead = bills(listening)["fstream"], bills(base)["fstream"]
    assert arrival(base).total == instead.audience == instead.live == 0
    parts = arrival(listening)
    assert bill.audience == parts.database
    assert bill.live == parts.minutes + parts.messages + parts.queue
    polls = instead.total - bill.total + parts.total
    assert 2e-6 < polls / (base.counts.reads - listening.counts.reads) < 5e-6


def test_the_page_of_costs_shows_the_stored_bill_if_all_clients_listen() -> None:
    text = (DOCUMENTS / "cost.md").read_text(encoding="utf-8")
    stored = json.loads((DOCUMENTS / "cost.json").read_text(encoding="utf-8"))["live"]
    bill, live = Bill(**stored["bill"]), stored["arrival"]
    for dollars in (bill.total, bill.database, bill.audience, bill.live, sum(live.values()), *live.values()):
        assert f"{dollars:.2f}" in text
