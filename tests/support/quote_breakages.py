"""Ways to break the invariants of quotes, as those of `breakages`."""

from fstream_app import tables
from ops.operations.audit.findings import Problem
from tests.support.breakages import Broken, change, lose
from tests.support.departing import World


def _quote(world: World) -> str:
    """Let Bob quote Ada's first message, and return the id of the quote."""
    quote = world.api.post(world.bob, "again", quoted_status_id=world.statuses[0]["id"], expires_in=604_800)
    world.api.deliver()
    return str(quote["id"])


def too_many_quotes(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], lasting_quotes=3)
    return f"messages {world.replied_to['id']}"


def no_quotes(world: World) -> str:
    _quote(world)
    change(tables.MessageItem, world.ada.id, world.statuses[0]["id"], lasting_quotes=None)
    return f"messages {world.statuses[0]['id']}"


def lost_quote(world: World) -> str:
    quote = _quote(world)
    world.api.clock.advance(61)
    lose(tables.TimelineItem, f"quotes#{world.statuses[0]['id']}", quote)
    return f"messages {quote}"


def entry_of_a_message_that_is_no_quote(world: World) -> str:
    quote = _quote(world)
    change(tables.MessageItem, world.bob.id, quote, quote_of=None, quoted_until=None)
    return f"timelines quotes#{world.statuses[0]['id']} {quote}"


BROKEN_QUOTES: list[tuple[Problem, Broken]] = [
    (Problem.NOT_IN_QUOTES, lost_quote),
    (Problem.QUOTES, too_many_quotes),
    (Problem.QUOTES, no_quotes),
    (Problem.WRONG_ENTRY, entry_of_a_message_that_is_no_quote),
]
