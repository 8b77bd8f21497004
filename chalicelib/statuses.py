"""/api/v1/statuses: posting, reading and deleting messages."""

from typing import Any

import msgspec

from chalicelib import entities, rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app import messages, profiles, users
from fstream_app.errors import Invalid
from fstream_app.messages import Draft
from fstream_app.packing import Visibility

api = Blueprint(__name__)


class NewStatus(msgspec.Struct, frozen=True):
    """A message to be posted."""

    status: str = ""
    expires_in: int | None = None
    """Its lifetime in seconds; without it the author's default, else the instance's."""
    visibility: entities.Visibility | None = None
    in_reply_to_id: str | None = None
    sensitive: bool | None = None
    spoiler_text: str = ""
    language: str | None = None
    media_ids: tuple[Any, ...] = ()
    poll: Any = None
    scheduled_at: str | None = None


@api.declare("POST", "/api/v1/statuses", scope="write:statuses", parameters=NewStatus)
def post(call: Call[NewStatus]) -> entities.Status:
    """Post a message, once per Idempotency-Key and hour."""
    new = call.parameters
    _refuse_unsupported(new)
    author = users.get(call.user_id)
    draft = Draft(
        text=new.status,
        lifetime=new.expires_in,
        visibility=Visibility[new.visibility.upper()] if new.visibility else None,
        in_reply_to=new.in_reply_to_id or None,
        spoiler=new.spoiler_text,
        sensitive=new.sensitive,
        language=new.language or None,
        application=call.token.application_name if call.token else None,
        idempotency_key=call.request.headers.get("idempotency-key"),
    )
    message = messages.post(author, draft, call.now)
    return rendering.status(message, {author.id: author}, call.now)


def _refuse_unsupported(new: NewStatus) -> None:
    for name, value, what in (
        ("media_ids", any(new.media_ids), "pictures and other media"),
        ("poll", new.poll, "polls"),
        ("scheduled_at", new.scheduled_at, "scheduled messages"),
    ):
        if value:
            raise Invalid(f"{name}: {what} are not supported", name)


@api.declare("GET", "/api/v1/statuses/{id}", access=Access.READER, scope="read:statuses")
def show(call: Call[msgspec.Struct]) -> entities.Status:
    """Show a message that the reader may see."""
    message = messages.get(call.path["id"], call.reader_id, call.now)
    return rendering.status(message, profiles.get_many([message.author_id]), call.now)


@api.declare("DELETE", "/api/v1/statuses/{id}", scope="write:statuses")
def delete(call: Call[msgspec.Struct]) -> entities.Status:
    """Delete one's own message; the answer is the last that shows its text."""
    message = messages.delete(call.path["id"], call.user_id, call.now)
    return rendering.status(message, profiles.get_many([message.author_id]), call.now, with_text=True)
