"""Endorsements: the accounts that a user shows on the profile, also called featured."""

from collections.abc import Callable
from functools import partial

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.core.relations import Relations
from fstream_app.people import endorsements, users

api = Blueprint(__name__)


@api.declare("POST", "/api/v1/accounts/{id}/endorse", scope="write:accounts")
def endorse(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Show an account that the user follows on the user's profile."""
    return _changed(call, endorsements.endorse)


@api.declare("POST", "/api/v1/accounts/{id}/unendorse", scope="write:accounts")
def unendorse(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Show an account on the user's profile no longer."""
    return _changed(call, endorsements.end)


@api.declare("POST", "/api/v1/accounts/{id}/pin", scope="write:accounts")
def pin(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Show an account that the user follows on the user's profile: the older name of `endorse`."""
    return _changed(call, endorsements.endorse)


@api.declare("POST", "/api/v1/accounts/{id}/unpin", scope="write:accounts")
def unpin(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Show an account on the user's profile no longer: the older name of `unendorse`."""
    return _changed(call, endorsements.end)


def _changed(call: Call[msgspec.Struct], change: Callable[[str, str, int], Relations]) -> entities.Relationship:
    other_id = call.path["id"]
    return rendering.relationship(other_id, change(call.user_id, other_id, call.now))


@api.declare("GET", "/api/v1/endorsements", scope="read:accounts", parameters=Cursors, answer=list[entities.Account])
def own(call: Call[Cursors]) -> Response:
    """List the accounts that the user endorses."""
    return _list(call, call.user_id)


@api.declare(
    "GET",
    "/api/v1/accounts/{id}/endorsements",
    access=Access.READER,
    scope="read:accounts",
    parameters=Cursors,
    answer=list[entities.Account],
)
def of_account(call: Call[Cursors]) -> Response:
    """List the accounts that an account endorses."""
    return _list(call, call.path["id"])


def _list(call: Call[Cursors], user_id: str) -> Response:
    read = partial(endorsements.of_user, users.present(user_id), call.reader_id)
    return pages.accounts(read(pages.part(call.parameters), call.now), call)
