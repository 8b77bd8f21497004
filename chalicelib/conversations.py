"""/api/v1/conversations: the user's direct messages, by conversation."""

from typing import Annotated

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.feed import conversations
from fstream_app.feed.conversations import ConversationPage

api = Blueprint(__name__)


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The direct messages of a thread between the same people."""

    id: shapes.ConversationId
    unread: bool
    """Whether the last message is somebody else's that the user has not marked as read, or the user has marked the
    conversation as unread."""
    accounts: Annotated[list[entities.Account], shapes.rule(minItems=1)]
    """The other participants; the user's own account if there are no others."""
    last_status: entities.Status
    """The newest message of the conversation that has not expired."""


@api.declare("GET", "/api/v1/conversations", scope="read:statuses", parameters=Cursors, answer=list[Conversation])
def show_all(call: Call[Cursors]) -> Response:
    """List the user's conversations, ordered by their last messages, whose ids are the cursors."""
    found = conversations.of_user(call.user_id, pages.window(call.parameters), call.now)
    page = found.page
    return pages.linked(_rendered(found, call.now), call, str(page.older or ""), str(page.newer or ""))


@api.declare("POST", "/api/v1/conversations/{id}/read", scope="write:conversations")
def read(call: Call[msgspec.Struct]) -> Conversation:
    """Mark a conversation as read."""
    return _rendered(conversations.read(call.user_id, call.path["id"], call.now), call.now)[0]


@api.declare("POST", "/api/v1/conversations/{id}/unread", scope="write:conversations")
def unread(call: Call[msgspec.Struct]) -> Conversation:
    """Mark a conversation as unread, until it is marked as read or the user answers."""
    return _rendered(conversations.unread(call.user_id, call.path["id"], call.now), call.now)[0]


@api.declare("DELETE", "/api/v1/conversations/{id}", scope="write:conversations")
def remove(call: Call[msgspec.Struct]) -> entities.Empty:
    """Remove a conversation from the user's list until its next message; the messages stay."""
    conversations.remove(call.user_id, call.path["id"], call.now)
    return entities.Empty()


def _rendered(found: ConversationPage, now: int) -> list[Conversation]:
    alone = [found.own] if found.own else []
    last = rendering.statuses(found.page, now)
    return [
        Conversation(
            id=each.id,
            unread=each.unread,
            accounts=rendering.accounts(each.others or alone, now),
            last_status=status,
        )
        for each, status in zip(found.shown, last, strict=True)
    ]
