"""Finds the AWS limits that a network reaches: in which order, at how many users, and what raises them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ops.deployment import configuration
from ops.simulation.day import Day
from ops.simulation.fleet import Fleet
from ops.simulation.parameters import DAY, Parameters

PARTITION_WRU, PARTITION_RRU = 1_000, 3_000
"""Write and read units per second of one partition."""
TABLE_UNITS = 40_000
"""Read units, and write units, per second of one table, until the account's quota is raised."""
FUNCTIONS = 1_000
"""Functions that run at the same time, until the account's quota is raised."""
API_REQUESTS = 10_000
"""Requests per second to API Gateway, until the account's quota is raised."""
API_THROTTLE = int(configuration.THROTTLE)
"""Requests per second that a deployed stage accepts, until its setting is raised."""
_MOST_USERS = 1e10
_BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, the load on it in the busiest hour, and the number of daily users at which it is reached."""

    name: str
    load: float
    limit: float
    unit: str
    users: float
    remedy: str


def limits(day: Day) -> list[Limit]:
    """Return all limits, ordered by the number of users at which they are reached."""
    found = [*_of_the_log(day), *_of_tables(day), *_of_partitions(day), *_of_functions(day)]
    return sorted(found, key=lambda limit: limit.users)


def _of_the_log(day: Day) -> Iterator[Limit]:
    """Return the limits whose load is not proportional to the number of users."""

    def appends(fleet: Fleet) -> float:
        return float(fleet.log_wru.max()) / fleet.parameters.log_shards

    def refreshes(fleet: Fleet) -> float:
        return float((fleet.refreshes * fleet.refresh_rru).max()) / fleet.parameters.log_shards

    def warm(fleet: Fleet) -> float:
        return float(fleet.warm.max())

    for name, load, limit, unit, remedy in (
        ("log, appends to a shard", appends, PARTITION_WRU, "WRU/s", "FSTREAM_LOG_SHARDS"),
        ("log, reads of a shard", refreshes, PARTITION_RRU, "RRU/s", "FSTREAM_LOG_SHARDS, FSTREAM_TAIL_OVERLAP"),
        ("API functions at the same time", warm, FUNCTIONS, "functions", "Lambda's quota"),
    ):
        yield Limit(name, load(day.fleet), limit, unit, _users(day, load, limit), remedy)


def _users(day: Day, load: Callable[[Fleet], float], limit: float) -> float:
    low, high = 1.0, _MOST_USERS
    for _ in range(_BISECTIONS):
        middle = (low * high) ** 0.5
        at = Fleet(_with_users(day.parameters, middle), day.costs)
        low, high = (middle, high) if load(at) < limit else (low, middle)
    return low


def _with_users(parameters: Parameters, users: float) -> Parameters:
    """Return the parameters for another number of users, with proportionally many stream shards.

    A stream has one shard per partition of its table, so a larger table has more.
    """
    shards = max(parameters.stream_shards, round(users * parameters.stream_shards / parameters.users))
    return replace(parameters, users=round(users), stream_shards=shards)


def _of_tables(day: Day) -> Iterator[Limit]:
    """Return the limits of whole tables, which are set by the account's quota.

    The load is assumed to be proportional to the users. For heads this holds only near the simulated size: the more
    people post, the less far back a full tail reaches.
    """
    costs, counts, busiest = day.costs, day.counts, _busiest(day.parameters)
    messages = costs.message_rru * counts.hydrated + counts.own_rru
    for name, units, unit, remedy in (
        ("heads, reads", counts.heads_rru, "RRU/s", "FSTREAM_TAIL_ENTRIES"),
        ("messages, reads", messages, "RRU/s", ""),
        ("users, reads", costs.author_rru * counts.unknown, "RRU/s", "FSTREAM_PROFILE_CACHE"),
        ("relationships, reads", counts.edges_rru, "RRU/s", ""),
        ("tokens, reads", costs.request_rru * counts.reads, "RRU/s", ""),
        ("heads, writes", costs.head_wru * day.parameters.posts_a_day, "WRU/s", ""),
    ):
        remedies = ", ".join(filter(None, [remedy, "the table's quota"]))
        yield _in_proportion(day, name, units * busiest, TABLE_UNITS, unit, remedies)


def _of_partitions(day: Day) -> Iterator[Limit]:
    """Return the limits of single partitions."""
    parameters, costs, counts, authors = day.parameters, day.costs, day.counts, day.authors
    busiest = _busiest(parameters)
    followed_by = authors.most_followers / parameters.registered_users
    heads = costs.head_rru * followed_by * counts.below * busiest
    read = authors.most_followers * parameters.posts / parameters.posters / float(authors.deliveries.sum())
    messages = costs.message_rru * counts.hydrated * read * busiest
    views = costs.view_wru * parameters.posts_a_day / parameters.public_shards * busiest
    for name, load, limit, unit, remedy in (
        ("heads, the most followed author's", heads, PARTITION_RRU, "RRU/s", "FSTREAM_TAIL_ENTRIES"),
        ("messages, the most followed author's", messages, PARTITION_RRU, "RRU/s", "none"),
        ("public timeline, writes to a shard", views, PARTITION_WRU, "WRU/s", "FSTREAM_PUBLIC_SHARDS"),
    ):
        yield _in_proportion(day, name, load, limit, unit, remedy)


def _of_functions(day: Day) -> Iterator[Limit]:
    """Return the limits of API Gateway and of the stream functions."""
    parameters, busiest = day.parameters, _busiest(day.parameters)
    requests = (day.counts.reads + parameters.posts_a_day) * busiest
    yield _in_proportion(day, "API requests, as deployed", requests, API_THROTTLE, "a second", "FSTREAM_THROTTLE")
    yield _in_proportion(day, "API requests", requests, API_REQUESTS, "a second", "API Gateway's quota")
    batch = parameters.stream_batch
    posts = parameters.posts_a_day * busiest / parameters.stream_shards
    remedy = "parallelisation of the event source, memory"
    for name, duration in (("fan-out", day.fleet.fan_out_duration), ("views", day.fleet.views_duration)):
        delivered = batch / float(duration(batch))
        yield _in_proportion(day, f"{name}, messages of a stream's shard", posts, delivered, "a second", remedy)


def _busiest(parameters: Parameters) -> float:
    """Return the share of a day's load that falls into the busiest second."""
    return (1 + parameters.swing) / DAY


def _in_proportion(day: Day, name: str, load: float, limit: float, unit: str, remedy: str) -> Limit:
    users = day.parameters.users * limit / load if load else float("inf")
    return Limit(name, load, limit, unit, users, remedy)
