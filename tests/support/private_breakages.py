"""Ways to break the invariants of pins, conversations and filters, as those of `breakages`."""

from fstream_app import tables
from ops.operations.audit.findings import Problem
from tests.support.breakages import BROKEN, NOBODY, breaks, change, lose, put
from tests.support.departing import World

__all__ = ["BROKEN"]


@breaks(Problem.NOT_IN_CONVERSATION)
def lost_conversation(world: World) -> str:
    lose(tables.TimelineItem, f"direct#{world.bob.id}", world.statuses[4]["id"])
    return f"messages {world.statuses[4]['id']}"


@breaks(Problem.NOT_PINNED)
def pinned_without_a_mark(world: World) -> str:
    change(tables.MessageItem, world.ada.id, world.statuses[0]["id"], pinned=None)
    return f"users {world.ada.id}"


@breaks(Problem.NOT_PINNED)
def marked_without_a_pin(world: World) -> str:
    change(tables.UserItem, world.ada.id, pinned=None)
    return f"messages {world.statuses[0]['id']}"


@breaks(Problem.WRONG_ENTRY)
def wrong_conversation(world: World) -> str:
    key = f"direct#{world.bob.id}", world.statuses[4]["id"]
    change(tables.TimelineItem, *key, c=f"{world.statuses[4]['id']}0000000000")
    return "timelines " + " ".join(key)


@breaks(Problem.ORPHAN)
def conversation_of_nobody(world: World) -> str:
    key = f"direct#{NOBODY}", f"!{world.statuses[4]['id']}0000000000"
    put(tables.TimelineItem, timeline=key[0], message_id=key[1], expires_at=world.api.clock.now // 1000 + 60)
    return "timelines " + " ".join(key)


@breaks(Problem.NO_FILTERS)
def filters_without_a_mark(world: World) -> str:
    lose(tables.EdgeItem, world.bob.id, f"filter#{world.bob.id}")
    return f"relationships {world.bob.id}~filters filter#{world.bob.id}"


@breaks(Problem.NO_FILTERS)
def mark_without_filters(world: World) -> str:
    lose(tables.EdgeItem, f"{world.ada.id}~filters", f"filter#{world.ada.id}")
    return f"relationships {world.ada.id} filter#{world.ada.id}"
