"""Ways to break the invariants of polls that an audit checks; see `breakages`."""

from fstream_app import tables
from ops.operations.audit.findings import Problem
from tests.support.breakages import Broken, change
from tests.support.departing import World


def voters(world: World) -> str:
    change(tables.MessageItem, world.bob.id, _poll(world), voters_count=2)
    return f"messages {_poll(world)}"


def votes(world: World) -> str:
    change(tables.MessageItem, world.bob.id, _poll(world), votes_0=0, votes_1=1)
    return f"messages {_poll(world)}"


def vote_that_is_not_subtracted(world: World) -> str:
    change(tables.ReactionItem, world.ada.id, _vote(world), x=True)
    return f"reactions {world.ada.id} {_vote(world)}"


def vote_in_the_wrong_place_of_the_index(world: World) -> str:
    change(tables.ReactionItem, world.ada.id, _vote(world), favourite_of=f"vote#!#{_poll(world)}")
    return f"reactions {world.ada.id} {_vote(world)}"


def _poll(world: World) -> str:
    (poll,) = (item.id for item in tables.MessageItem.query(world.bob.id) if item.poll_options)
    return str(poll)


def _vote(world: World) -> str:
    return f"given#{_poll(world)}.0"


BROKEN_POLLS: list[tuple[Problem, Broken]] = [
    (Problem.VOTES, voters),
    (Problem.VOTES, votes),
    (Problem.UNSETTLED, vote_that_is_not_subtracted),
    (Problem.WRONG_ENTRY, vote_in_the_wrong_place_of_the_index),
]
