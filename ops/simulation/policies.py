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
from ops.simulation.day import Day
from ops.simulation.parameters import HOUR

WRU, RRU = 0.625e-6, 0.125e-6
GB_SECOND, INVOCATION = 1.33334e-5, 0.20e-6
"""Lambda's prices on arm64; on x86_64, a GB-second costs 1.66667e-5."""
LOG_GB = 0.50
TRACE = 5e-6
Tiers = tuple[tuple[float, float], ...]
"""A price that falls with the amount of a month: the size of each tier, and the price within it."""
_ALL = float("inf")
API_TIERS: Tiers = ((300e6, 1.00e-6), (_ALL, 0.90e-6))
"""Requests of the HTTP API."""
EDGE_REQUESTS: Tiers = ((10e6, 0.0), (_ALL, 1.00e-6))
"""CloudFront's requests over HTTPS."""
EDGE_GB: Tiers = (
    *((1_024.0, 0.0), (9_216.0, 0.085), (40_960.0, 0.080), (102_400.0, 0.060), (358_400.0, 0.040)),
    *((536_576.0, 0.030), (4_194_304.0, 0.025), (_ALL, 0.020)),
)
"""Gigabytes that CloudFront sends to clients."""
REGION_GB: Tiers = ((100.0, 0.0), (10_140.0, 0.09), (40_960.0, 0.085), (102_400.0, 0.07), (_ALL, 0.05))
"""Gigabytes that API Gateway sends to clients, if they do not come through CloudFront."""
_DAYS = 30
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
    api: float
    edge: float
    """CloudFront: requests, and what they send to clients."""
    functions: float
    logs: float
    traces: float
    live: float
    """Open connections: always 0, because clients poll."""

    @property
    def database(self) -> float:
        """Dollars per day for DynamoDB."""
        return self.writes + self.home_reads + self.hydration

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
        _dollars(costs.request_rru + costs.post_rru, costs.request_wru + costs.post_wru)
        + _dollars(costs.view_rru, costs.view_wru)
    )
    head = posts * _dollars(costs.fan_out_rru, costs.head_wru)
    request = _dollars(counts.reads * costs.request_rru, counts.limits_wru)
    edges = RRU * counts.edges_rru
    timeline = request + counts.reads * _dollars(_TIMELINE_RRU)
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


def _dollars(read_units: float, write_units: float = 0.0) -> float:
    return read_units * RRU + write_units * WRU


def _bill(day: Day, writes: float, home_reads: float, pushes: float) -> Bill:
    """Complete a bill with the items that all ways share.

    Args:
        day: the day to price.
        writes: dollars for writes.
        home_reads: dollars for home reads.
        pushes: batches of pushed entries, which add to the functions' time.
    """
    costs, counts, posts = day.costs, day.counts, day.parameters.posts_a_day
    page = costs.message_rru * counts.hydrated + costs.author_rru * counts.unknown + costs.reactions_rru * counts.pages
    requests = counts.reads + posts
    batches = _STREAM_READERS * HOUR * float(day.fleet.log_items.sum())
    return Bill(
        writes=writes,
        home_reads=home_reads,
        hydration=RRU * page,
        api=priced(API_TIERS, requests),
        edge=_edge(day, requests),
        functions=_functions(day, requests + batches)
        + _gb_seconds(pushes * day.fleet.duration(1, 0), day.parameters.stream_memory),
        logs=(requests + batches) * day.parameters.log_line / 1e9 * LOG_GB,
        traces=requests * day.parameters.traced * TRACE,
        live=0.0,
    )


def _edge(day: Day, requests: float) -> float:
    """Return CloudFront's dollars per day: compressed JSON, with the heads of the responses."""
    return priced(EDGE_REQUESTS, requests) + priced(EDGE_GB, sent_gb(day, requests))


def sent_gb(day: Day, requests: float) -> float:
    """Return the gigabytes per day that clients receive in response to these requests."""
    statuses = (day.counts.shown + day.parameters.posts_a_day) * day.costs.status_bytes
    return (statuses * day.parameters.compressed + requests * day.parameters.response_head) / 1e9


def priced(tiers: Tiers, amount: float) -> float:
    """Return the dollars per day for this amount per day, for a month of such days."""
    left, dollars = amount * _DAYS, 0.0
    for size, price in tiers:
        dollars += min(left, size) * price
        left -= min(left, size)
    return dollars / _DAYS


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
        + _gb_seconds(seconds + cold, day.parameters.memory)
        + _gb_seconds(deliveries, day.parameters.stream_memory)
    )


def _gb_seconds(seconds: float, memory: int) -> float:
    return seconds * memory / 1024 * GB_SECOND
