"""Ways to break the invariants of boosts that an audit checks; see `breakages`."""

from fstream_app import tables
from ops.operations.audit.findings import Problem
from tests.support.breakages import Broken, change, lose
from tests.support.departing import World


def boosts(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], boosts_count=3)
    return f"messages {world.replied_to['id']}"


def wrapper_without_a_mark(world: World) -> str:
    lose(tables.ReactionItem, world.ada.id, _mark(world))
    return f"messages {_wrapper(world)}"


def wrapper_that_is_not_the_marked_one(world: World) -> str:
    change(tables.ReactionItem, world.ada.id, _mark(world), wrapper=world.statuses[0]["id"])
    return f"messages {_wrapper(world)}"


def boost_without_a_wrapper(world: World) -> str:
    lose(tables.MessageItem, world.ada.id, _wrapper(world))
    return f"reactions {world.ada.id} {_mark(world)}"


def boost_in_the_wrong_place_of_the_index(world: World) -> str:
    change(tables.ReactionItem, world.ada.id, _mark(world), favourite_of=world.replied_to["id"])
    return f"reactions {world.ada.id} {_mark(world)}"


def _mark(world: World) -> str:
    return f"forwarded#{world.replied_to['id']}"


def _wrapper(world: World) -> str:
    (wrapper,) = (item.id for item in tables.MessageItem.query(world.ada.id) if item.boost_of)
    return str(wrapper)


BROKEN_BOOSTS: list[tuple[Problem, Broken]] = [
    (Problem.BOOSTS, boosts),
    (Problem.NO_MARK, wrapper_without_a_mark),
    (Problem.NO_MARK, wrapper_that_is_not_the_marked_one),
    (Problem.NO_WRAPPER, boost_without_a_wrapper),
    (Problem.WRONG_ENTRY, boost_in_the_wrong_place_of_the_index),
]
