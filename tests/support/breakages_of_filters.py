"""Ways to break the invariants of filters; importing this adds them to `breakages.BROKEN`."""

from fstream_app import tables
from ops.operations.audit.findings import Problem
from tests.support.breakages import breaks, lose
from tests.support.departing import World


@breaks(Problem.NO_FILTERS)
def filters_without_a_mark(world: World) -> str:
    lose(tables.EdgeItem, world.bob.id, f"filter#{world.bob.id}")
    return f"relationships {world.bob.id}~filters filter#{world.bob.id}"


@breaks(Problem.NO_FILTERS)
def mark_without_filters(world: World) -> str:
    lose(tables.EdgeItem, f"{world.ada.id}~filters", f"filter#{world.ada.id}")
    return f"relationships {world.ada.id} filter#{world.ada.id}"
