"""/api/v1/scheduled_statuses: messages that the user has scheduled, until they are posted."""

import re
from datetime import UTC, datetime

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, quote_entities, rendering, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app.core.entities import Message
from fstream_app.core.errors import Invalid
from fstream_app.messages import scheduling

api = Blueprint(__name__)

_LONGEST = 100
"""Characters of a time that are read: more than any has."""
_SPACES = re.compile(r"(?P<day>^[\d-]+) +| +(?P<sign>[+-])| ")


class ScheduledPoll(msgspec.Struct, frozen=True, kw_only=True):
    """The poll of a scheduled message, as it was sent."""

    options: tuple[str, ...]
    expires_in: shapes.Number
    """Seconds from `scheduled_at` on."""
    multiple: bool
    hide_totals: bool


class ScheduledParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The message as it was sent, with its author's defaults filled in."""

    text: str
    """Without a lifetime at its end."""
    poll: ScheduledPoll | None
    media_ids: None = None
    sensitive: bool
    spoiler_text: str
    visibility: entities.Visibility
    in_reply_to_id: shapes.MessageId | None
    language: str | None
    quoted_status_id: shapes.MessageId | None
    quote_approval_policy: quote_entities.QuotePolicy
    expires_in: shapes.Number
    """Lifetime in seconds, from `scheduled_at` on."""
    application_id: None = None
    scheduled_at: None = None
    idempotency: None = None
    with_rate_limit: bool = False


class ScheduledStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is posted later. Its id is not the one that the status will have."""

    id: shapes.MessageId
    scheduled_at: shapes.Time
    params: ScheduledParameters
    media_attachments: tuple[()] = ()


class Schedule(msgspec.Struct, frozen=True):
    """A new time."""

    scheduled_at: str | None = None
    """When to post the message: ISO 8601, in UTC if it has no offset. At least five minutes ahead, at most 90 days."""


def shown(message: Message) -> ScheduledStatus:
    """Render a scheduled message."""
    return ScheduledStatus(
        id=str(message.written),
        scheduled_at=rendering.date(message.id.time),
        params=ScheduledParameters(
            text=message.text,
            sensitive=message.sensitive,
            spoiler_text=message.spoiler,
            visibility=rendering.visibility(message.visibility),
            poll=_poll(message),
            in_reply_to_id=str(message.in_reply_to) if message.in_reply_to else None,
            language=message.language,
            quoted_status_id=str(message.quote_of) if message.quote_of else None,
            quote_approval_policy=message.quote_policy.value,
            expires_in=message.lifetime,
        ),
    )


def _poll(message: Message) -> ScheduledPoll | None:
    poll = message.poll
    if poll is None:
        return None
    return ScheduledPoll(
        options=poll.options,
        expires_in=(poll.closes_at - message.id.time) // 1000,
        multiple=poll.multiple,
        hide_totals=poll.hides_totals,
    )


def time(text: str) -> int:
    """Parse a time as clients send it, and return it in milliseconds.

    Raises:
        Invalid: it is not ISO 8601. The message is what clients know.
    """
    try:
        parsed = datetime.fromisoformat(_SPACES.sub(_unspaced, text[:_LONGEST].strip().upper()))
    except ValueError:
        raise Invalid("Record invalid", "scheduled_at") from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return round(1000 * aware.timestamp())


def _unspaced(found: re.Match[str]) -> str:
    """Return what spaces mean: the end of the day, nothing before a sign, and elsewhere a `+` that was not encoded."""
    if found["day"]:
        return f"{found['day']}T"
    return found["sign"] or "+"


@api.declare(
    "GET", "/api/v1/scheduled_statuses", scope="read:statuses", parameters=Cursors, answer=list[ScheduledStatus]
)
def show_all(call: Call[Cursors]) -> Response:
    """List the messages that the user has scheduled, those written last first."""
    window = pages.window(call.parameters)
    found, is_cut = scheduling.of_user(call.user_id, window, call.now)
    ids = [str(message.written) for message in found]
    older = ids[-1] if ids and (is_cut or window.oldest_first) else ""
    return pages.linked([shown(message) for message in found], call, older, ids[0] if ids else "")


@api.declare("GET", "/api/v1/scheduled_statuses/{id}", scope="read:statuses")
def show(call: Call[msgspec.Struct]) -> ScheduledStatus:
    """Return a message that the user has scheduled."""
    return shown(scheduling.get(call.user_id, call.path["id"], call.now))


@api.declare("PUT", "/api/v1/scheduled_statuses/{id}", scope="write:statuses", parameters=Schedule)
def move(call: Call[Schedule]) -> ScheduledStatus:
    """Change when a message is posted. Nothing else can be changed."""
    if not call.parameters.scheduled_at:
        return shown(scheduling.get(call.user_id, call.path["id"], call.now))
    return shown(scheduling.move(call.user_id, call.path["id"], time(call.parameters.scheduled_at), call.now))


@api.declare("DELETE", "/api/v1/scheduled_statuses/{id}", scope="write:statuses")
def cancel(call: Call[msgspec.Struct]) -> entities.Empty:
    """Cancel a scheduled message."""
    scheduling.cancel(call.user_id, call.path["id"], call.now)
    return entities.Empty()
