"""/api/v1/statuses: posting, reading and deleting messages, threads, favourites, bookmarks, and muting."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, poll_entities, quote_entities, refusals, rendering, scheduled, sessions, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors, Ids
from chalicelib.refusals import Refusal, Refusing, refuse
from chalicelib.scheduled import ScheduledStatus
from fstream_app.access.rates import Action
from fstream_app.core.entities import Reactions, Window
from fstream_app.core.errors import Invalid
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.core.quoting import QuotePolicy
from fstream_app.feed import tail
from fstream_app.live import announcing
from fstream_app.messages import clearing, muting, paging, pins, posting, reactions, reading, scheduling, threads
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.messages.posting import Draft
from fstream_app.messages.sources import Candidate, Pages
from fstream_app.people import users

api = Blueprint(__name__)


_LOCAL = "Messages can't be limited to people with an account here. Choose private or direct as visibility."
_REFUSED = {
    "media_ids": Refusal(refusals.MEDIA),
    "content_type": Refusal("Only plain text is supported. Post the message without markup.", ("text/plain",)),
    "preview": Refusal("Previews are not supported, and the message was not posted. Post it without a preview."),
    "to": Refusal("Receivers can't be listed apart from the text. Mention them in it."),
    "allowed_mentions": Refusal("Mentions can't be limited to some people. Leave out the other names."),
    "in_reply_to_conversation_id": Refusal("Conversations can't be replied to. Reply to one of their messages."),
    "interaction_policy": Refusal("Who may reply can't be limited. Choose a visibility instead."),
    "quote_url": Refusal(refusals.QUOTE_URL),
    "circle_id": Refusal("Circles are not supported. Mention the people in a direct message instead."),
    "searchability": Refusal("Messages can't be searched by their text, so leave it out. Use hashtags instead."),
    "local_only": Refusal(_LOCAL),
    "expires_at": Refusal("A lifetime is a number of seconds here, not a date. Set expires_in instead."),
}


class NewStatus(Refusing, frozen=True):
    """A new message."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = _REFUSED

    status: shapes.MessageText = ""
    """May be empty if there is a content warning (`spoiler_text`) or a quoted message. If the last word is a lifetime,
    such as `#5m`, the message gets that lifetime, and the word is removed before anything else: it does not count as
    text or hashtag."""
    expires_in: shapes.Lifetime | None = None
    """Lifetime in seconds, which takes precedence over one in the text. Without either, a direct reply has the lifetime
    of the message that it answers; otherwise, the author's default counts, or else the instance's."""
    thread_ends_together: bool | None = None
    """Whether no reply lives longer than this message, which begins a thread; by default the author's default. A reply
    cannot change this for its thread."""
    visibility: entities.Visibility | None = None
    in_reply_to_id: shapes.MessageId | None = None
    sensitive: bool | None = None
    spoiler_text: shapes.MessageText = ""
    language: Annotated[Any, msgspec.Meta(extra_json_schema={"type": "string"})] = None
    """A language tag such as `en` or `pt-BR`. Locales (`en_US`) and names are converted to tags; anything else counts
    as missing, whatever its type."""
    poll: poll_entities.NewPoll | None = None
    """Options to vote for. Unless a lifetime is given, the message lives at least an hour longer than the poll is open,
    up to the longest lifetime. A poll ends with its message."""
    scheduled_at: str | None = None
    """When to post the message: ISO 8601, in UTC if it has no offset. At most 90 days ahead; a message for a time
    within five minutes, or in the past, is posted at once. Its lifetime counts from then on."""
    quoted_status_id: shapes.MessageIdOrNone | None = None
    """The message to quote. A quote of one of the user's own private messages is private itself."""
    quote_id: shapes.MessageIdOrNone | None = None
    """The same as `quoted_status_id`."""
    quote_approval_policy: quote_entities.QuotePolicy | None = None
    """Who may quote the message; by default the author's default. Nobody may quote private and direct messages."""
    media_ids: tuple[Any, ...] = ()
    """Refusal, like everything below, unless empty."""
    content_type: str | None = None
    """Only `text/plain`."""
    preview: bool | None = None
    to: tuple[Any, ...] = ()
    allowed_mentions: tuple[Any, ...] = ()
    in_reply_to_conversation_id: Any = None
    interaction_policy: Any = None
    expires_at: Any = None
    quote_url: str | None = None
    circle_id: Any = None
    searchability: str | None = None
    local_only: bool = False
    federated: Annotated[bool, shapes.rule(enum=[True])] = True
    """Only `true`."""


@api.declare("POST", "/api/v1/statuses", scope="write:statuses", parameters=NewStatus)
def post(call: Call[NewStatus]) -> entities.Status | ScheduledStatus:
    """Post a message, or schedule it; within an hour, only once per Idempotency-Key."""
    new = call.parameters
    refuse(new)
    if not new.federated:
        raise Invalid(_LOCAL, "federated")
    due = scheduled.time(new.scheduled_at) if new.scheduled_at else None
    call.limits.take(Action.POST)
    author = users.get(call.user_id)
    draft = Draft(
        poll=poll_entities.draft(new.poll),
        text=new.status,
        lifetime=new.expires_in,
        ends_thread=new.thread_ends_together,
        visibility=Visibility[new.visibility.upper()] if new.visibility else None,
        in_reply_to=new.in_reply_to_id or None,
        quoted=new.quoted_status_id or new.quote_id or None,
        quote_policy=QuotePolicy(new.quote_approval_policy) if new.quote_approval_policy else None,
        spoiler=new.spoiler_text,
        sensitive=new.sensitive,
        language=new.language if isinstance(new.language, str) else None,
        application=call.token.application_name if call.token else None,
        application_website=call.token.application_website if call.token else None,
        idempotency_key=call.request.headers.get("idempotency-key"),
    )
    posted = partial(posting.post, author, draft) if due is None else partial(scheduling.post, author, draft, due)
    message, _ = gather(partial(posted, now=call.now), partial(tail.watch, call.now))
    if not message.is_due(call.now):
        return scheduled.shown(message)
    if message.quote is not None:
        return rendering.statuses(reading.show(str(message.id), author.id, call.now), call.now)[0]
    muted = reading.muted_by(author.id, call.now) if message.thread else frozenset[MessageId]()
    return rendering.status(message, author, Reactions(author.id, muted=muted), call.now)


@api.declare("GET", "/api/v1/statuses", access=Access.READER, scope="read:statuses", parameters=Ids)
def show_several(call: Call[Ids]) -> list[entities.Status]:
    """Return several messages by id; those that the reader may not see are left out."""
    wanted = sorted(pages.message_ids(call.parameters, MAX_LIMIT), reverse=True)
    window = Window(limit=MAX_LIMIT)
    page = paging.of_source(Pages[Candidate](iter([wanted]), window), call.reader_id, window, call.now)
    return rendering.statuses(page, call.now)


@api.declare("GET", "/api/v1/statuses/{id}", access=Access.READER, scope="read:statuses")
def show(call: Call[msgspec.Struct]) -> entities.Status:
    """Return a message."""
    return _shown(call)


def _shown(call: Call[Any]) -> entities.Status:
    return rendering.statuses(reading.show(call.path["id"], call.reader_id, call.now), call.now)[0]


@api.declare("GET", "/api/v1/statuses/{id}/context", access=Access.READER, scope="read:statuses")
def context(call: Call[msgspec.Struct]) -> entities.Context:
    """Return the messages above and below a message in its thread."""
    thread = threads.around(call.path["id"], call.reader_id, call.now)
    return entities.Context(
        ancestors=rendering.statuses(thread.ancestors, call.now),
        descendants=rendering.statuses(thread.descendants, call.now),
    )


@api.declare("POST", "/api/v1/statuses/{id}/favourite", scope="write:favourites")
def favourite(call: Call[msgspec.Struct]) -> entities.Status:
    """Add a message to the user's favourites and notify its author."""
    reactions.favourite(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/unfavourite", scope="write:favourites")
def unfavourite(call: Call[msgspec.Struct]) -> entities.Status:
    """Remove a message from the user's favourites."""
    reactions.unfavourite(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/bookmark", scope="write:bookmarks")
def bookmark(call: Call[msgspec.Struct]) -> entities.Status:
    """Bookmark a message; only the user sees the bookmark."""
    reactions.bookmark(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/unbookmark", scope="write:bookmarks")
def unbookmark(call: Call[msgspec.Struct]) -> entities.Status:
    """Remove a bookmark."""
    reactions.unbookmark(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/mute", scope="write:mutes")
def mute(call: Call[msgspec.Struct]) -> entities.Status:
    """Mute the message's conversation: from now on, nothing in it notifies the user."""
    muting.mute(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/unmute", scope="write:mutes")
def unmute(call: Call[msgspec.Struct]) -> entities.Status:
    """Unmute the message's conversation."""
    muting.unmute(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/pin", scope="write:accounts")
def pin(call: Call[msgspec.Struct]) -> entities.Status:
    """Pin one of the user's own messages to the profile, where it is listed while it lives."""
    pins.pin(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare("POST", "/api/v1/statuses/{id}/unpin", scope="write:accounts")
def unpin(call: Call[msgspec.Struct]) -> entities.Status:
    """Unpin a message from the user's profile."""
    pins.unpin(call.user_id, call.path["id"], call.now)
    return _shown(call)


@api.declare(
    "GET",
    "/api/v1/statuses/{id}/favourited_by",
    access=Access.READER,
    scope="read:statuses",
    parameters=Cursors,
    answer=list[entities.Account],
)
def favourited_by(call: Call[Cursors]) -> Response:
    """List the accounts that have favourited a message."""
    people = reactions.favourited_by(call.path["id"], call.reader_id, pages.part(call.parameters), call.now)
    return pages.accounts(people, call)


@api.declare("GET", "/api/v1/favourites", scope="read:favourites", parameters=Cursors, answer=list[entities.Status])
def favourites(call: Call[Cursors]) -> Response:
    """List the user's favourites, ordered by when the messages were posted."""
    page = reactions.favourites(call.user_id, pages.window(call.parameters), call.now)
    return pages.statuses(page, call)


@api.declare("GET", "/api/v1/bookmarks", scope="read:bookmarks", parameters=Cursors, answer=list[entities.Status])
def bookmarks(call: Call[Cursors]) -> Response:
    """List the user's bookmarks, ordered by when the messages were posted."""
    page = reactions.bookmarks(call.user_id, pages.window(call.parameters), call.now)
    return pages.statuses(page, call)


@api.declare("DELETE", "/api/v1/statuses/{id}", scope="write:statuses")
def delete(call: Call[msgspec.Struct]) -> entities.Status:
    """Delete one of the user's own messages; the response is the last to contain its text."""
    call.limits.take(Action.DELETE)
    page = posting.delete(call.path["id"], call.user_id, call.now)
    announcing.removal(page.messages[0], call.now)
    return rendering.statuses(page, call.now, with_text=True)[0]


@api.declare(
    "POST", "/api/v1/statuses/delete_all", scope="write:statuses", parameters=sessions.Confirmation, in_body=True
)
def delete_all(call: Call[sessions.Confirmation]) -> entities.Empty:
    """Delete all of the user's messages. After a response with status 503, repeat the request until it succeeds."""
    call.limits.take(Action.DELETE)
    with sessions.confirmed(call):
        user = users.verified(call.user_id, call.parameters.password)
    clearing.clear(user, call.now)
    return entities.Empty()
