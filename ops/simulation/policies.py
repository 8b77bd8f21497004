"""Prices a day in dollars, for FSTREAM and for other ways to deliver messages to home timelines.

Prices are on-demand prices of us-east-1. Posts with their views, hydration, API and logs cost the same for all ways;
these differ in what they write, and in what a home read reads. The estimate favours the other ways: a pushed timeline
costs one query of 0.5 RRU, without the edges that FSTREAM reads to apply an unfollow at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fstream_app.tables import MessageItem
from ops import event_sources
from ops.simulation.arrival import arrival
from ops.simulation.day import Day
from ops.simulation.edge import edge, requests
from ops.simulation.parameters import HOUR
from ops.simulation.prices import API_TIERS, INVOCATION, RRU, TRACE, WRU, gb_seconds, logged, priced, units

_BATCH_WRITE = 25
_STREAM_READERS = sum(source.table is MessageItem for source in event_sources.ALL)
"""Functions that Lambda invokes for each batch of posts: fan-out and views."""
_TIMELINE_RRU = 0.5
"""RRU of a page of a timeline of ids, such as the public one: 50 entries in 4 KB, eventually consistent."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars per day."""

    writes: float
    """Posts and their fan-out, including what these read."""
    home_reads: float
    hydration: float
    audience: float
    """Live arrival's part of DynamoDB: sockets, followers who are online, and what is checked before sending."""
    api: float
    edge: float
    """CloudFront: requests, and what they send to clients."""
    functions: float
    logs: float
    traces: float
    live: float
    """WebSockets, their messages, and the queue."""

    @property
    def database(self) -> float:
        """Dollars per day for DynamoDB."""
        return self.writes + self.home_reads + self.hydration + self.audience

    @property
    def total(self) -> float:
        """Dollars per day for all services."""
        return self.database + self.api + self.edge + self.functions + self.logs + self.traces + self.live


@dataclass(frozen=True, slots=True)
class Delivery:
    """Dollars per day for delivering messages to timelines, and nothing else, by the formulas of the literature.

    w and h are the prices of a push and of reading a head; an author posts l times and a reader reads f times a day.
    For a pair of reader and author, push costs l w and pull costs f h; the better of both is min(l w, f h) (Feeding
    Frenzy, SIGMOD 2010). A pull that knows which authors have posted costs f (1 - e^(-l/f)) h.
    """

    push_all: float
    push_active: float
    pull: float
    pair_pushed: float
    pair_pulled: float
    delta_pull: float

    @property
    def pair_optimum(self) -> float:
        """Dollars per day of the per-pair optimum: its pushes and its pulls."""
        return self.pair_pushed + self.pair_pulled


def delivery(day: Day) -> Delivery:
    """Price delivery alone."""
    parameters, authors = day.parameters, day.authors
    head = day.costs.head_rru * RRU
    active = parameters.weekly_users / parameters.registered_users
    reads = parameters.reads_a_day / parameters.weekly_users
    pairs = authors.followers * authors.weight * active
    push, pull = authors.posts * WRU, reads * head
    pushed = push < pull
    return Delivery(
        push_all=float(authors.deliveries.sum()) * WRU,
        push_active=float(authors.deliveries.sum()) * active * WRU,
        pull=parameters.reads_a_day * authors.followees_mean(parameters) * head,
        pair_pushed=float((pairs * push)[pushed].sum()),
        pair_pulled=float(pairs[~pushed].sum()) * pull,
        delta_pull=float((pairs * reads * -np.expm1(-authors.posts / reads)).sum()) * head,
    )


def bills(day: Day) -> dict[str, Bill]:
    """Price the day for each way to deliver; returns way → bill."""
    costs, counts, sent = day.costs, day.counts, delivery(day)
    posts = day.parameters.posts_a_day
    post = posts * (
        units(costs.request_rru + costs.post_rru, costs.request_wru + costs.post_wru)
        + units(costs.view_rru, costs.view_wru)
    )
    head = posts * units(costs.fan_out_rru, costs.head_wru)
    request = units(counts.reads * costs.request_rru, counts.limits_wru)
    edges = RRU * counts.edges_rru
    timeline = request + counts.reads * units(_TIMELINE_RRU)
    own = RRU * counts.own_rru
    ways: Mapping[str, tuple[float, float]] = {
        "push_all": (post + sent.push_all, timeline),
        "push_active": (post + sent.push_active, timeline),
        "pull": (post + head, request + edges + own + sent.pull),
        "pair_optimum": (post + head + sent.pair_pushed, timeline + edges + sent.pair_pulled),
    }
    found = {
        name: _bill(day, writes, home_reads, (writes - post) / WRU / _BATCH_WRITE)
        for name, (writes, home_reads) in ways.items()
    }
    log = HOUR * float(day.fleet.log_wru.sum()) * WRU + counts.rosters_wru * WRU
    refreshes = HOUR * float((day.fleet.refreshes * day.fleet.refresh_rru).sum())
    tails = refreshes + HOUR * float(day.fleet.cold_starts.sum()) * day.tails.cold_rru + counts.extension_rru
    tails += counts.rosters_rru
    home_reads = request + edges + own + RRU * (tails + counts.heads_rru)
    return found | {"fstream": _bill(day, post + head + log, home_reads, 0)}


def _bill(day: Day, writes: float, home_reads: float, pushes: float) -> Bill:
    """Complete a bill with the items that all ways share.

    Args:
        day: the day to price.
        writes: dollars for writes.
        home_reads: dollars for home reads.
        pushes: batches of pushed entries, which add to the functions' time.
    """
    costs, counts = day.costs, day.counts
    page = costs.message_rru * counts.hydrated + costs.author_rru * counts.unknown + costs.reactions_rru * counts.pages
    handled, live = requests(day), arrival(day)
    batches = _STREAM_READERS * HOUR * float(day.fleet.log_items.sum())
    return Bill(
        writes=writes,
        home_reads=home_reads,
        hydration=RRU * page,
        audience=live.database,
        api=priced(API_TIERS, handled),
        edge=edge(day),
        functions=_functions(day, handled + batches)
        + gb_seconds(pushes * day.fleet.duration(1, 0), day.parameters.stream_memory)
        + live.functions,
        logs=logged(handled + batches, day.parameters.log_line) + live.logs,
        traces=handled * day.parameters.traced * TRACE,
        live=live.minutes + live.messages + live.queue,
    )


def _functions(day: Day, invocations: float) -> float:
    costs, counts, fleet, posts = day.costs, day.counts, day.fleet, day.parameters.posts_a_day
    page = (
        fleet.duration(costs.page_trips, costs.poll_cpu) * counts.pages
        + fleet.duration(1, 0) * (counts.chunks - counts.pages + counts.below)
        + fleet.duration(0, costs.status_cpu) * counts.shown
    )
    seconds = page + fleet.poll_duration * (counts.reads - counts.pages) + fleet.post_duration * posts
    a_batch = fleet.fan_out_duration(fleet.batch) + fleet.views_duration(fleet.batch)
    deliveries = HOUR * float((fleet.log_items * a_batch).sum())
    cold = HOUR * float(fleet.cold_starts.sum()) * day.parameters.cold_start
    return (
        invocations * INVOCATION
        + gb_seconds(seconds + cold, day.parameters.memory)
        + gb_seconds(deliveries, day.parameters.stream_memory)
    )
