"""Ways to break the invariants of what is for one user alone, and of deleting all messages, as those of `breakages`."""

from fstream_app import tables
from fstream_app.core.ids import MessageId
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


@breaks(Problem.ORPHAN)
def note_about_nobody(world: World) -> str:
    put(tables.EdgeItem, u=f"{world.bob.id}~notes", e=f"note#{NOBODY}", c="x")
    return f"relationships {world.bob.id}~notes note#{NOBODY}"


@breaks(Problem.ORPHAN)
def dismissal_of_nobody(world: World) -> str:
    put(tables.EdgeItem, u=f"{NOBODY}~dismissed", e=f"dismissed#{world.bob.id}", expires_at=_soon(world))
    return f"relationships {NOBODY}~dismissed dismissed#{world.bob.id}"


@breaks(Problem.ORPHAN)
def muted_conversation_of_nobody(world: World) -> str:
    key = f"still#{world.replied_to['id']}"
    put(tables.EdgeItem, u=NOBODY, e=key, t=world.api.clock.now, expires_at=_soon(world))
    return f"relationships {NOBODY} {key}"


@breaks(Problem.ORPHAN)
def followed_hashtag_of_nobody(world: World) -> str:
    put(tables.EdgeItem, u=NOBODY, e="tag#tea", t=world.api.clock.now)
    return f"relationships {NOBODY} tag#tea"


def _soon(world: World) -> int:
    return world.api.clock.now // 1000 + 60


@breaks(Problem.NOT_CLEARED)
def message_left_over(world: World) -> str:
    time = MessageId.parse(world.replied_to["id"]).time
    change(tables.UserItem, world.bob.id, cleared_until=time + 1)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.NO_FILTERS)
def filters_without_a_mark(world: World) -> str:
    lose(tables.EdgeItem, world.bob.id, f"filter#{world.bob.id}")
    return f"relationships {world.bob.id}~filters filter#{world.bob.id}"


@breaks(Problem.NO_FILTERS)
def mark_without_filters(world: World) -> str:
    lose(tables.EdgeItem, f"{world.ada.id}~filters", f"filter#{world.ada.id}")
    return f"relationships {world.ada.id} filter#{world.ada.id}"


@breaks(Problem.ORPHAN)
def socket_of_nobody(world: World) -> str:
    put(tables.SocketItem, user_id=NOBODY, id="abc=", token="x", opened=1, expires_at=world.api.clock.now // 1000 + 60)
    return f"sockets {NOBODY} abc="
