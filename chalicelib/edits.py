"""/api/v1/statuses/{id}: editing a message, its text as typed, and its only version."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from chalicelib import entities, quote_entities, refusals, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.refusals import Refusal, Refusing, refuse
from fstream_app.access.rates import Action
from fstream_app.core.quoting import QuotePolicy
from fstream_app.feed import editing
from fstream_app.feed.editing import Change
from fstream_app.messages import quoting, reading
from fstream_app.people import users

api = Blueprint(__name__)

STATUS = "/api/v1/statuses/{id}"


class Edit(Refusing, frozen=True):
    """What a message says from now on. When and to whom it was posted, what it answers and its end stay as they are."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = {
        "media_ids": Refusal(refusals.MEDIA),
        "media_attributes": Refusal(refusals.MEDIA),
        "poll": Refusal("An edit can't add or change a poll. Delete the message and post it again with the poll."),
        "content_type": Refusal("Only plain text is supported. Edit the message without markup.", ("text/plain",)),
    }

    status: shapes.MessageText | None = None
    """Without it, the text stays as it is. It may be empty if there is a content warning (`spoiler_text`). A lifetime
    as the last word, such as `#5m`, is removed as from a new message, and has no effect."""
    spoiler_text: shapes.MessageText = ""
    """Without it, the message has no content warning any more."""
    sensitive: bool = False
    """A message with a content warning is sensitive in any case."""
    language: Annotated[Any, msgspec.Meta(extra_json_schema={"type": "string"})] = None
    """As for a new message; without it, or if it is unknown, the language stays as it is."""
    quote_approval_policy: quote_entities.QuotePolicy | None = None
    """Who may quote the message from now on; without it, as before. Nobody may quote private and direct messages."""
    media_ids: tuple[Any, ...] = ()
    """Refusal, like everything below, unless empty."""
    media_attributes: tuple[Any, ...] = ()
    poll: Any = None
    content_type: str | None = None
    """Only `text/plain`."""


@api.declare("PUT", STATUS, scope="write:statuses", parameters=Edit)
def edit(call: Call[Edit]) -> entities.Status:
    """Edit one of the user's own messages. The previous version is gone; if nothing changes, nothing happens."""
    new = call.parameters
    refuse(new)
    call.limits.take(Action.POST)
    change = Change(
        text=new.status,
        spoiler=new.spoiler_text,
        sensitive=new.sensitive,
        language=new.language if isinstance(new.language, str) else None,
    )
    editing.edit(users.get(call.user_id), call.path["id"], change, call.now)
    if new.quote_approval_policy:
        quoting.change_policy(call.user_id, call.path["id"], QuotePolicy(new.quote_approval_policy), call.now)
    return rendering.statuses(reading.show(call.path["id"], call.user_id, call.now), call.now)[0]


@api.declare("GET", f"{STATUS}/source", scope="read:statuses")
def source(call: Call[msgspec.Struct]) -> entities.StatusSource:
    """Return the text of one of the user's own messages, as typed."""
    message = editing.written(call.path["id"], call.user_id, call.now, "see the source of")
    return entities.StatusSource(id=str(message.id), text=message.text, spoiler_text=message.spoiler)


@api.declare("GET", f"{STATUS}/history", access=Access.READER, scope="read:statuses")
def history(call: Call[msgspec.Struct]) -> list[entities.StatusEdit]:
    """Return the versions of a message: only the current one, because nothing is kept of those before."""
    message, author = reading.with_author(call.path["id"], call.reader_id, call.now)
    return [
        entities.StatusEdit(
            content=rendering.content(message),
            spoiler_text=message.spoiler,
            sensitive=message.sensitive,
            created_at=rendering.date(message.edited_at or message.id.time),
            account=rendering.accounts([author], call.now)[0],
        )
    ]
