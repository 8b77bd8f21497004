"""/api/v1/statuses: boosting, undoing it, and who boosts a message."""

from functools import partial
from typing import Any, Literal

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.access.rates import Action
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.feed import tail
from fstream_app.messages import boosting, reactions, reading
from fstream_app.people import users

api = Blueprint(__name__)


class Boost(msgspec.Struct, frozen=True):
    """A boost."""

    visibility: Literal["public", "unlisted", "private"] | None = None
    """Who sees the boost; by default the account's default. Never more people than see the message."""


@api.declare("POST", "/api/v1/statuses/{id}/reblog", scope="write:statuses", parameters=Boost)
def reblog(call: Call[Boost]) -> entities.Status:
    """Boost a message: the response is a status of the user's, with the message as its `reblog`. Idempotent."""
    call.limits.take(Action.POST)
    wanted = call.parameters.visibility
    visibility = Visibility[wanted.upper()] if wanted else None
    boost = partial(boosting.boost, users.get(call.user_id), call.path["id"], visibility, call.now)
    wrapper, _ = gather(boost, partial(tail.watch, call.now))
    return _shown(str(wrapper), call)


@api.declare("POST", "/api/v1/statuses/{id}/unreblog", scope="write:statuses")
def unreblog(call: Call[msgspec.Struct]) -> entities.Status:
    """Undo the user's boost of a message, whose id it is, or that of a boost of it; return the message. Idempotent."""
    call.limits.take(Action.DELETE)
    return _shown(str(boosting.undo(call.user_id, call.path["id"])), call)


def _shown(message_id: str, call: Call[Any]) -> entities.Status:
    return rendering.statuses(reading.show(message_id, call.user_id, call.now), call.now)[0]


@api.declare(
    "GET",
    "/api/v1/statuses/{id}/reblogged_by",
    access=Access.READER,
    scope="read:statuses",
    parameters=Cursors,
    answer=list[entities.Account],
)
def reblogged_by(call: Call[Cursors]) -> Response:
    """List the accounts that boost a message, without those that boost it for their followers only."""
    people = reactions.boosted_by(call.path["id"], call.reader_id, pages.part(call.parameters), call.now)
    return pages.accounts(people, call)
