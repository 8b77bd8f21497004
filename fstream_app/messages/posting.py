"""Posting a message, and deleting it."""

from collections.abc import Collection
from contextlib import nullcontext
from hashlib import sha256
from typing import assert_never

import msgspec

from fstream_app import text
from fstream_app.core import cleaning, languages, metrics, packing, settings
from fstream_app.core.entities import Mention, Message, Page, Reactions, User
from fstream_app.core.errors import Invalid, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuotePolicy
from fstream_app.core.relations import NO_RELATIONS
from fstream_app.messages import awaited, lifetimes, polls, quoting, reading
from fstream_app.people import profiles
from fstream_app.repository import boosts, idempotency, messages, timelines
from fstream_app.repository import users as user_items
from fstream_app.text import limits

IDEMPOTENCY_SECONDS = 3600
MAX_IDEMPOTENCY_KEY = 255
MAX_MENTIONS = 20
MAX_TAGS = 20
_ID_ATTEMPTS = 5
_MOST_SKEW = 5000
"""Milliseconds by which clocks differ at most. What is dated further ahead is scheduled."""


class Draft(msgspec.Struct, frozen=True):
    """A message to be posted. None as visibility, sensitive or language means the author's default."""

    text: str
    """May be empty if there is a content warning or a quoted message."""
    lifetime: int | None = None
    """Seconds; None: see `lifetimes`."""
    visibility: Visibility | None = None
    in_reply_to: str | None = None
    quoted: str | None = None
    quote_policy: QuotePolicy | None = None
    """Who may quote the message; None: the author's default."""
    spoiler: str = ""
    sensitive: bool | None = None
    language: str | None = None
    application: str | None = None
    application_website: str | None = None
    idempotency_key: str | None = None
    ends_thread: bool | None = None
    """Whether a thread that this message begins ends together; None: the author's default. Not in a reply."""
    poll: polls.Draft | None = None


def post(author: User, draft: Draft, now: int, due: int | None = None) -> Message:
    """Post a message, or return the one that this idempotency key posted within the last hour.

    The stream functions `fan_out` and `views` bring it to where readers look; until this process sees it there,
    timelines wait (`fstream_app.messages.awaited`). If it is due (ms) later: `fstream_app.messages.scheduling`.
    1 WRU; 1 more with a key. 0.5 RRU per name mentioned, and for the person replied to if `_is_addressed` holds, unless
    they are in the profile cache. RRU for the others as `reading.get` and `quoting.quotable`.

    Raises:
        Invalid: the draft breaks a rule, or the key's message is gone already.
        NotFound: the message that it answers or quotes does not exist, or the author may not see or quote it.
        Unavailable: no free id was found.
    """
    spoiler = cleaning.one_line(draft.spoiler)
    content, lifetime = lifetimes.chosen(author, cleaning.clean(draft.text), draft.lifetime)
    validate(content, spoiler, quotes=draft.quoted is not None)
    poll = draft.poll and polls.checked(draft.poll)
    answered, quoted = _read(author, draft, now)
    visibility = quoting.narrowed(author.default_visibility if draft.visibility is None else draft.visibility, quoted)
    time = _time(author, answered, quoted, now) if due is None else due
    message = Message(
        id=MessageId.new(author.id, time),
        scheduled=None if due is None else MessageId.new(author.id, max(now, author.cleared_until)),
        text=content,
        lifetime=lifetime or lifetimes.default(author, visibility, answered, polls.outlived(poll)),
        visibility=visibility,
        mentions=(people := mentions(content, answered.id if answered else None, author, visibility)),
        tags=tags(content),
        spoiler=spoiler,
        sensitive=bool(spoiler) or (author.default_sensitive if draft.sensitive is None else draft.sensitive),
        # An unknown language counts as missing: it is no reason to refuse a post.
        language=languages.tag(draft.language or "") or author.default_language,
        application=draft.application,
        application_website=draft.application_website,
        idempotency=record_of(author.id, draft.idempotency_key),
        poll=polls.opened(poll, time),
        quote=quoting.quote(quoted, author, visibility, people),
        quote_policy=quoting.policy(draft.quote_policy, author, visibility),
    )
    return _put(author, scheduled_within(_in_thread(message, answered, draft, ends=author.ends_threads)), now)


def _read(author: User, draft: Draft, now: int) -> tuple[Message | None, Message | None]:
    """Read the messages that a draft answers and quotes."""
    answered = reading.get(draft.in_reply_to, author.id, now) if draft.in_reply_to else None
    return answered, quoting.quotable(draft.quoted, author.id, now) if draft.quoted else None


def _time(author: User, answered: Message | None, quoted: Message | None, now: int) -> int:
    """Return the time of a new message (ms).

    Never earlier than the messages that it answers and quotes, or than the deletion of all messages of the author,
    which functions with a faster clock may have written.
    """
    return max(now, author.cleared_until, *(each.id.time for each in (answered, quoted) if each))


def validate(content: str, spoiler: str, *, quotes: bool) -> None:
    """Check a message's text and content warning.

    Raises:
        Invalid: both are empty although the message quotes none, or they are too long.
    """
    if not content and not spoiler and not quotes:
        raise Invalid("Text can't be blank", "status", "ERR_BLANK")
    limits.check("Text", "status", settings.get().max_characters, spoiler, content)


def _in_thread(message: Message, answered: Message | None, draft: Draft, *, ends: bool) -> Message:
    """Return a message in its place: as a reply, or as the first message of a thread, which `ends` together or not."""
    if answered is None:
        return _as_first(message, ends if draft.ends_thread is None else draft.ends_thread)
    if draft.ends_thread and not answered.thread_lifetime:
        raise Invalid(
            "Only its first message can make a thread end together. Leave thread_ends_together out of this reply.",
            "thread_ends_together",
        )
    return lifetimes.within_thread(
        msgspec.structs.replace(
            message,
            in_reply_to=answered.id,
            answered_lifetime=answered.lifetime,
            thread=answered.thread or answered.id,
            thread_lifetime=answered.thread_lifetime,
            ancestors=packing.descend(answered.ancestors, answered.id),
            answers_direct=answered.visibility is Visibility.DIRECT
            and (answered.author_id != message.author_id or answered.answers_direct),
        )
    )


def scheduled_within(message: Message) -> Message:
    """Return a message, if its thread has not ended by the time for which it is scheduled.

    Raises:
        Invalid: the thread ends before that.
    """
    if message.scheduled and message.expires_at <= message.id.time:
        raise Invalid("The thread ends before this time", "scheduled_at")
    return message


def _as_first(message: Message, ends: bool) -> Message:  # noqa: FBT001
    return msgspec.structs.replace(message, thread_lifetime=message.lifetime if ends else 0)


def mentions(content: str, answered: MessageId | None, author: User, visibility: Visibility) -> tuple[Mention, ...]:
    """Return the people to mention: the person replied to, where `_is_addressed` holds; then those named.

    0.5 RRU for each name; 0.5 for the person replied to, if not named and not in the profile cache.

    Raises:
        Invalid: too many people are named.
    """
    wanted = text.names_mentioned(content, settings.get().host)
    if len(wanted) > MAX_MENTIONS:
        raise Invalid(f"A message can mention at most {MAX_MENTIONS} people", "status", "ERR_TOO_MANY")
    found = user_items.ids_by_name(wanted) if wanted else {}
    named = tuple(Mention(found[name], name) for name in wanted if name in found)
    if answered is None or not _is_addressed(visibility, wanted):
        return named
    unnamed = {answered.author_id} - {author.id, *found.values()}
    people = profiles.get_many(unnamed) if unnamed else {}
    return (*(Mention(user.id, user.name) for user in people.values()), *named)


def _is_addressed(visibility: Visibility, wanted: Collection[str]) -> bool:
    """Return whether a reply mentions the person replied to even if its text does not name them.

    A mention lets the person see the message. Everybody sees public and unlisted replies. A private reply stays with
    the followers and those named. A direct reply is for those named, or for the person replied to if it names nobody.
    """
    match visibility:
        case Visibility.PUBLIC | Visibility.UNLISTED:
            return True
        case Visibility.PRIVATE:
            return False
        case Visibility.DIRECT:
            return not wanted
        case _:
            assert_never(visibility)


def tags(content: str) -> tuple[str, ...]:
    """Return the hashtags of a text, normalised.

    Raises:
        Invalid: there are too many.
    """
    found = tuple(text.tags(content))
    if len(found) > MAX_TAGS:
        raise Invalid(f"A message can have at most {MAX_TAGS} hashtags", "status", "ERR_TOO_MANY")
    return found


def record_of(author_id: str, key: str | None) -> str | None:
    """Return the key of the record of an Idempotency-Key, if there is one.

    Raises:
        Invalid: the Idempotency-Key is too long.
    """
    if not key:
        return None
    if len(key) > MAX_IDEMPOTENCY_KEY:
        raise Invalid(f"Idempotency-Key can have at most {MAX_IDEMPOTENCY_KEY} characters")
    return "idempotency#" + sha256(f"{author_id}#{key}".encode()).hexdigest()[:32]


def _put(author: User, message: Message, now: int) -> Message:
    """Put the message under a free id. With a key, remember the id first, so that a retry can finish the post."""
    record = message.idempotency
    for _ in range(_ID_ATTEMPTS):
        if record:
            posted = idempotency.remember_post(record, message, now, IDEMPOTENCY_SECONDS)
            if posted is not None and posted.message_id != message.id:
                return _repeat(author, record, posted, message, now)
        try:
            with nullcontext() if message.scheduled else awaited.expecting(message):
                messages.put(message)
        except messages.IdTaken:
            if record:
                idempotency.forget_post(record)
            message = msgspec.structs.replace(message, id=MessageId.new(message.author_id, message.id.time))
        else:
            metrics.count(Metric.POSTS)
            return message
    raise Unavailable("The message could not be posted. Try again in a moment.")


def _repeat(author: User, record: str, posted: idempotency.Posted, message: Message, now: int) -> Message:
    first = msgspec.structs.replace(message, id=posted.message_id, lifetime=posted.lifetime)
    if first.id.time > message.id.time + _MOST_SKEW:  # the first attempt scheduled it; it is too late for that by now
        first = msgspec.structs.replace(first, scheduled=MessageId.new(author.id, message.id.time))
    if poll := first.poll:
        closes_at = poll.closes_at - message.id.time + first.id.time
        first = msgspec.structs.replace(first, poll=msgspec.structs.replace(poll, closes_at=closes_at))
    if first.thread is None:
        first = _as_first(first, bool(first.thread_lifetime))
    found = messages.get(first.id)
    if found is None and not posted.deleted and now < first.expires_at and not author.has_cleared(first.written):
        with nullcontext() if first.scheduled else awaited.expecting(first):
            idempotency.finish_post(record, first)
        found = messages.get(first.id)
    if found is None or now >= found.expires_at:
        raise Invalid("The message posted with this Idempotency-Key is gone", "Idempotency-Key", "ERR_GONE")
    return found


def delete(message_id: str, user_id: str, now: int) -> Page:
    """Delete the user's own message. Once this returns, no read returns the message. RRU as `reading.get`, 1 WRU.

    1 WRU more with a key, for the public timeline, each hashtag and each view of a thread; 3 more for a public or
    unlisted reply. RRU for a reply: see `answers.as_shown`; for a boost or a quote, see `reading.show`.

    Returns:
        The message, as a page of one.

    Raises:
        NotFound: the message does not exist, has expired, or is somebody else's.
    """
    message, author = reading.own(message_id, user_id, now, "delete")
    page = Page([message], {user_id: author}, Reactions(user_id))
    page = reading.in_full(page, NO_RELATIONS, now)  # before deleting, so that a failure can be retried
    remove(message)
    return page


def remove(message: Message) -> None:
    """Delete a message, regardless of the caller. Idempotent. WRU as for `delete`.

    Views lose it first, so that a repeat after a failure completes the deletion. No read relies on this: it keeps
    deleted messages from taking room in views. A message that is deleted within a second may get there later.
    """
    if message.idempotency:
        idempotency.mark_deleted(message.idempotency, message.id)
    timelines.remove(message)
    boosts.delete(message)
    awaited.shared().discard(message.id)
    metrics.count(Metric.DELETIONS)
