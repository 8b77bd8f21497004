"""Ways to break the invariants of lists that an audit checks; see `breakages`."""

from fstream_app import tables
from fstream_app.repository import lists
from ops.operations.audit.findings import Problem
from tests.support.breakages import NOBODY, Broken, lose, put
from tests.support.departing import World


def exclusive_list_without_its_mark(world: World) -> str:
    (made,) = lists.of_user(world.ada.id)
    lose(tables.EdgeItem, *lists.mark_key(world.ada.id, made.id))
    return f"relationships {world.ada.id}~lists list#{made.id}"


def mark_of_no_list(world: World) -> str:
    put(tables.EdgeItem, u=world.bob.id, e="exclusive#0000")
    return f"relationships {world.bob.id} exclusive#0000"


def list_of_nobody(_: World) -> str:
    put(tables.EdgeItem, u=f"{NOBODY}~lists", e="list#0000", title="x", replies_policy="list", created_at=1)
    return f"relationships {NOBODY}~lists list#0000"


BROKEN_LISTS: list[tuple[Problem, Broken]] = [
    (Problem.HALF_EXCLUSIVE, exclusive_list_without_its_mark),
    (Problem.HALF_EXCLUSIVE, mark_of_no_list),
    (Problem.ORPHAN, list_of_nobody),
]
