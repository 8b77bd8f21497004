"""Quotes of statuses: who may quote them, the list of their quotes, and revoking one."""

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, quote_entities, rendering
from chalicelib.api import Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.core.quoting import QuotePolicy
from fstream_app.live import announcing
from fstream_app.messages import quotes, quoting, reading

api = Blueprint(__name__)


class NewInteractionPolicy(msgspec.Struct, frozen=True):
    """Who may quote a message."""

    quote_approval_policy: quote_entities.QuotePolicy | None = None
    """By default the author's default. Nobody may quote private and direct messages."""


@api.declare("PUT", "/api/v1/statuses/{id}/interaction_policy", scope="write:statuses", parameters=NewInteractionPolicy)
def change_interaction_policy(call: Call[NewInteractionPolicy]) -> entities.Status:
    """Change who may quote one of the user's own messages from now on. Quotes that exist stay."""
    new = call.parameters.quote_approval_policy
    quoting.change_policy(call.user_id, call.path["id"], QuotePolicy(new) if new else None, call.now)
    return rendering.statuses(reading.show(call.path["id"], call.reader_id, call.now), call.now)[0]


@api.declare(
    "GET", "/api/v1/statuses/{id}/quotes", scope="read:statuses", parameters=Cursors, answer=list[entities.Status]
)
def quotes_of(call: Call[Cursors]) -> Response:
    """List the messages that quote a message, those that the user may see."""
    page = quotes.of_message(call.path["id"], call.user_id, pages.window(call.parameters), call.now)
    return pages.statuses(page, call)


@api.declare("POST", "/api/v1/statuses/{id}/quotes/{quoting_id}/revoke", scope="write:statuses")
def revoke_quote(call: Call[msgspec.Struct]) -> entities.Status:
    """Remove one of the user's own messages from a message that quotes it, and return the quoting message.

    If the user may not see the quoting message, the response is the user's own message.
    """
    page = quotes.revoke(call.user_id, call.path["id"], call.path["quoting_id"], call.now)
    announcing.edit(reading.parse(call.path["quoting_id"]), call.now, call.now)
    return rendering.statuses(page, call.now)[0]
