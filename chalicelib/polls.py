"""/api/v1/polls: reading the poll of a message, and voting. A poll has the id of its message."""

from typing import Annotated

import msgspec

from chalicelib import poll_entities, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from fstream_app.core.entities import Page
from fstream_app.core.errors import NotFound
from fstream_app.core.polls import MAX_OPTIONS
from fstream_app.messages import polls

api = Blueprint(__name__)

Choice = Annotated[int, shapes.rule(minimum=0, maximum=MAX_OPTIONS - 1)]


class Choices(msgspec.Struct, frozen=True):
    """The options to vote for."""

    choices: Annotated[tuple[Choice, ...], shapes.rule(minItems=1)] = ()
    """The options' indexes, from 0. Several, also in later requests, only if the poll has multiple choice."""


@api.declare("GET", "/api/v1/polls/{id}", access=Access.READER, scope="read:statuses")
def show(call: Call[msgspec.Struct]) -> poll_entities.Poll:
    """Return a poll, which is seen by everybody who sees its message."""
    return _poll(polls.show(call.path["id"], call.reader_id, call.now), call.now)


@api.declare("POST", "/api/v1/polls/{id}/votes", scope="write:statuses", parameters=Choices)
def vote(call: Call[Choices]) -> poll_entities.Poll:
    """Vote in a poll that has not ended and is somebody else's; a vote can't be withdrawn."""
    return _poll(polls.vote(call.user_id, call.path["id"], call.parameters.choices, call.now), call.now)


def _poll(page: Page, now: int) -> poll_entities.Poll:
    (status,) = rendering.statuses(page, now)
    if status.poll is None:
        raise NotFound(polls.NO_POLL)
    return status.poll
