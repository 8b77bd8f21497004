"""/api/v1/follow_requests: the requests to follow the user, whose account is locked."""

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering
from chalicelib.api import Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.people import following

api = Blueprint(__name__)


@api.declare("GET", "/api/v1/follow_requests", scope="read:follows", parameters=Cursors, answer=list[entities.Account])
def show_all(call: Call[Cursors]) -> Response:
    """List the accounts that have requested to follow the user."""
    return pages.accounts(following.requested(call.user_id, pages.part(call.parameters), call.now), call)


@api.declare("POST", "/api/v1/follow_requests/{id}/authorize", scope="write:follows")
def authorize(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Accept an account's request to follow the user."""
    requester_id = call.path["id"]
    return rendering.relationship(requester_id, following.authorize(call.user_id, requester_id, call.now))


@api.declare("POST", "/api/v1/follow_requests/{id}/reject", scope="write:follows")
def reject(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Reject an account's request to follow the user."""
    requester_id = call.path["id"]
    return rendering.relationship(requester_id, following.reject(call.user_id, requester_id, call.now))
