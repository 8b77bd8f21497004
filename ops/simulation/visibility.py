"""Simulates the time from a post until a follower's next read shows it."""

import numpy as np

from ops.simulation.fleet import Fleet
from ops.simulation.population import Array

_BATCH_WRITE = 25
_WORKERS = 24


def seconds_to_visible(fleet: Fleet, size: int, random: np.random.Generator) -> Array:
    """Draw the seconds until posts of all hours are visible: settled, in the log, and read by the follower's function.

    If the function's copy of the log is older than `tail_refresh`, the read itself refreshes it and adds no delay.
    """
    parameters = fleet.parameters
    hour = random.choice(24, size=size, p=fleet.posts / fleet.posts.sum())
    appended = random.random(size) / parameters.stream_polls + fleet.fan_out_duration(fleet.batch)[hour]
    calls = fleet.per_function[hour] * parameters.tail_refresh
    seen_by_another = random.random(size) < calls / (1 + calls)
    old = np.where(seen_by_another, random.random(size) * parameters.tail_refresh, 0.0)
    visible: Array = np.maximum(parameters.settling_time, appended) + old
    return visible


def seconds_to_push(fleet: Fleet, followers: Array, writes_a_second: float) -> Array:
    """Return the seconds to write a post to the timelines of all followers, if nothing else is written meanwhile."""
    calls = np.ceil(followers / _BATCH_WRITE / _WORKERS) * fleet.parameters.round_trip / 1000
    pushed: Array = 0.5 / fleet.parameters.stream_polls + np.maximum(calls, followers / writes_a_second)
    return pushed
