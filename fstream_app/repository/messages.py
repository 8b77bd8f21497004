"""The messages table: the only place where text is. An id contains the author, so it is the whole key."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import msgspec
from pynamodb.attributes import BooleanAttribute
from pynamodb.expressions.condition import Condition

from fstream_app.core import clock, settings
from fstream_app.core.entities import Mention, Message, User, Window
from fstream_app.core.filters import Filters
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId, lowest_at
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import Quote, QuotePolicy
from fstream_app.repository import batch, conditional, polls, wire
from fstream_app.repository.filters import Marked
from fstream_app.repository.users import users_from
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem, MessageItem, UserItem

AHEAD = 300_000
"""Milliseconds within which the clocks of all functions are. Whatever has a later id was scheduled."""
_MENTION_ID_LENGTH = 13
_PENDING, _QUOTE_POLICY = str(MessageItem.pending.attr_name), str(MessageItem.quote_policy.attr_name)


class IdTaken(Exception):
    """Another message has this id."""


def put(message: Message) -> None:
    """Put a message whose id is free: key `author_id`, `id`, absent; 1 WRU.

    Idempotent: if the same message exists, or one with the same idempotency key, nothing is written. A put may be
    repeated after a time-out although it took effect, and a client's retry may have finished the post.

    Raises:
        IdTaken: the id belongs to another message.
    """
    if conditional.put(item(message), absent()):
        return
    stored = get(message.id)
    same_key = stored and stored.idempotency and stored.idempotency == message.idempotency
    if not same_key and (stored is None or _as_posted(stored) != _as_posted(message)):
        raise IdTaken


def _as_posted(message: Message) -> Message:
    return msgspec.structs.replace(
        message,
        favourites_count=0,
        boosts_count=0,
        lasting_replies=0,
        brief_replies=frozenset(),
        lasting_quotes=0,
        brief_quotes=frozenset(),
        quote_policy=QuotePolicy.NOBODY,  # which its author may have changed since
        quote=message.quote and msgspec.structs.replace(message.quote, revoked=False),
        hidden=False,
        uncounted=False,
        notified_at=None,
        pinned=False,
        poll=message.poll and msgspec.structs.replace(message.poll, voters=0, votes=()),
    )


def address(message_id: MessageId) -> MessageItem:
    """Return the item of a message, with its keys only."""
    return MessageItem(*key(message_id))


def get(message_id: MessageId) -> Message | None:
    """Read a message, expired or not: key `author_id`, `id`, consistent; 1 RRU."""
    item = wire.get(MessageItem, message_id.author_id, str(message_id), consistent=True)
    return None if item is None else from_item(item)


def get_many(message_ids: Collection[MessageId]) -> dict[MessageId, Message]:
    """Read messages, expired or not: keys `author_id`, `id`, consistent; 1 RRU each."""
    return _read(message_ids, consistent=True)


def _read(message_ids: Collection[MessageId], *, consistent: bool) -> dict[MessageId, Message]:
    read = batch.Read(consistent=consistent)
    read.ask(MessageItem, map(key, message_ids))
    return _by_id(read.run())


def get_posted(message_ids: Collection[MessageId]) -> dict[MessageId, Message]:
    """Read messages that the stream reports as posted: keys `author_id`, `id`; 0.5 RRU each.

    Eventually consistent, except that messages which are not found are read again consistently, at 1 RRU: they were
    deleted, or posted so recently that a replica lacks them.
    """
    found = _read(message_ids, consistent=False)
    return found | get_many(set(message_ids) - found.keys())


def get_with_users(
    message_ids: Collection[MessageId],
    user_ids: Iterable[str],
    filters: Marked | None = None,
    *,
    consistent_users: bool = False,
) -> tuple[dict[MessageId, Message], dict[str, User], Filters | None]:
    """Read messages, users and the reader's filters, if any, together, to hydrate a page.

    Keys `author_id`, `id`; `id`; and those of the filters.

    Messages are read consistently (1 RRU each), because DynamoDB's replicas apply a delete some milliseconds late;
    users eventually consistently (0.5 RRU each), unless `consistent_users` is set. With the setting `strict_pages` off,
    all are read eventually consistently.
    """
    strict = settings.get().strict_pages
    read = batch.Read()
    read.ask(MessageItem, map(key, message_ids), consistent=strict)
    read.ask(UserItem, user_ids, consistent=strict and consistent_users)
    read.ask(EdgeItem, filters.keys if filters else ())
    read.run()
    return _by_id(read), users_from(read.found(UserItem)), filters.found(read.raw(EdgeItem)) if filters else None


def _by_id(read: batch.Read) -> dict[MessageId, Message]:
    return {message.id: message for message in map(from_item, read.raw(MessageItem))}


def not_scheduled_before(now: int) -> MessageId:
    """Return an exclusive upper bound of the ids that can be shown at this time (ms); whatever is above is scheduled.

    Below it may be messages that are due within `AHEAD`.
    """
    return lowest_at(now + AHEAD)


def pages_of_author(
    author_id: str, window: Window, now: int, *, consistent: bool = True, grows: bool = False
) -> Iterator[list[Message]]:
    """Read an author's live messages in a window, lazily, page by page; pages grow if many may be passed over.

    Key `author_id`, `id` between; 1 RRU per 4 KB, 0.5 if not consistent. Messages that are scheduled for later are not
    read, except those that are due within `AHEAD`, which are left out.
    """
    if (bounds := window.narrowed(before=not_scheduled_before(now)).bounds()) is None:
        return
    lowest, highest = bounds
    pages = wire.pages(
        MessageItem,
        author_id,
        range_key_condition=MessageItem.id.between(str(lowest), str(highest)),
        filter_condition=MessageItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=window.limit,
        grows=grows,
        consistent_read=consistent,
    )
    for page in pages:
        yield [message for message in map(from_item, page) if message.is_live(now)]


def of_author(author_id: str, window: Window, now: int, *, consistent: bool = True) -> Iterator[Message]:
    """Read an author's live messages in a window, as `pages_of_author`. The window's limit is the size of a page."""
    return chain.from_iterable(pages_of_author(author_id, window, now, consistent=consistent))


def waiting_of(author_id: str, now: int) -> list[Message]:
    """Read an author's messages that are scheduled for after this time (ms), the next one first.

    Key `author_id`, `id` between, consistent; 1 RRU per 4 KB.
    """
    later = MessageItem.id.between(str(lowest_at(now)), str(HIGHEST))
    items = wire.query(MessageItem, author_id, range_key_condition=later, consistent_read=True)
    return [message for message in map(from_item, items) if not message.is_due(now)]


def newest_of(author_id: str, limit: int) -> list[Message]:
    """Read an author's newest messages, expired or not: key `author_id`, `id` between, consistent; 1 RRU per 4 KB."""
    every_id = MessageItem.id.between(str(LOWEST), str(HIGHEST))
    items = wire.query(
        MessageItem,
        author_id,
        range_key_condition=every_id,
        scan_index_forward=False,
        limit=limit,
        consistent_read=True,
    )
    return [from_item(item) for item in islice(items, limit)]


def all_of(author_id: str, limit: int) -> list[Message]:
    """Read at most `limit` of an author's messages, expired or not: key `author_id`, consistent; 1 RRU per 4 KB."""
    items = wire.query(MessageItem, author_id, limit=limit, consistent_read=True)
    return [from_item(item) for item in islice(items, limit)]


def note_arrival(message_id: MessageId, time: int, instead_of: int | None = None) -> int | None:
    """Store when the notifications of a message arrive (ms), unless a time is stored, or one that is replaced.

    Key `author_id`, `id`, present; 1 WRU, 1 more if another time is stored.

    Returns:
        The time that is stored. None if the message no longer exists.
    """
    item = address(message_id)
    renewed = [MessageItem.notified_at.set(time)]
    if instead_of is not None and conditional.update(item, renewed, MessageItem.notified_at == instead_of):
        return time
    first = MessageItem.notified_at.set(MessageItem.notified_at | time)
    return int(item.notified_at or 0) if conditional.update(item, [first], MessageItem.id.exists()) else None


def hide(message: Message, *, hidden: bool) -> None:
    """Hide a message or show it again: key `author_id`, `id`, present; 1 WRU. Does nothing if it no longer exists."""
    mark = hidden_mark(message)
    conditional.update(address(message.id), [mark.set(True) if hidden else mark.remove()], MessageItem.id.exists())


def hidden_mark(message: Message) -> BooleanAttribute:
    """Return the attribute that a message has while its author is suspended."""
    return MessageItem.suspended if message.scheduled else MessageItem.hidden


def key(message_id: MessageId) -> tuple[str, str]:
    """Return the key of a message's item."""
    return message_id.author_id, str(message_id)


def absent() -> Condition:
    """Return the condition that an id is free."""
    return MessageItem.id.does_not_exist()


def item(message: Message) -> MessageItem:
    """Turn a message into its item."""
    return MessageItem(
        message.author_id,
        str(message.id),
        text=message.text,
        lifetime=message.lifetime,
        expires_at=clock.ttl_seconds(message.expires_at),
        visibility=int(message.visibility),
        boost_of=str(message.boost_of) if message.boost_of else None,
        in_reply_to=str(message.in_reply_to) if message.in_reply_to else None,
        answered_lifetime=message.answered_lifetime or None,
        thread=str(message.thread) if message.thread else None,
        thread_lifetime=message.thread_lifetime or None,
        ancestors=message.ancestors or None,
        answers_direct=message.answers_direct or None,
        mentions=[mention.user_id + mention.name for mention in message.mentions] or None,
        added_mentions=[f"{each.user_id}{each.since}" for each in message.mentions if each.since is not None] or None,
        tags=list(message.tags) or None,
        spoiler=message.spoiler or None,
        sensitive=message.sensitive or None,
        language=message.language,
        application=message.application,
        application_website=message.application_website,
        idempotency=message.idempotency,
        scheduled=str(message.scheduled) if message.scheduled else None,
        # Versions that know no scheduled messages show none: not before they are due, and not after.
        hidden=True if message.scheduled else None,
        quote_of=str(message.quote.of) if message.quote else None,
        quoted_until=message.quote.until if message.quote else None,
        quote_policy=message.quote_policy.value if message.quote_policy is not QuotePolicy.NOBODY else None,
        pending=message.is_counted or message.is_counted_quote or None,
        edited_at=message.edited_at,
        **polls.attributes(message.poll),
    )


def from_item(item: WireItem) -> Message:
    """Turn an item into its message."""
    values = wire.values(item)
    value: Callable[[str], Any] = values.get
    return Message(
        id=MessageId.parse(value("id")),
        text=value("text"),
        lifetime=int(value("lifetime")),
        visibility=Visibility(int(value("visibility"))),
        boost_of=_optional_id(value("boost_of")),
        in_reply_to=_optional_id(value("in_reply_to")),
        answered_lifetime=int(value("answered_lifetime") or 0),
        thread=_optional_id(value("thread")),
        thread_lifetime=int(value("thread_lifetime") or 0),
        ancestors=value("ancestors") or b"",
        answers_direct=bool(value("answers_direct")),
        mentions=_mentions(value("mentions") or (), value("added_mentions") or ()),
        tags=tuple(tag["S"] for tag in value("tags") or ()),
        spoiler=value("spoiler") or "",
        sensitive=bool(value("sensitive")),
        language=value("language"),
        application=value("application"),
        application_website=value("application_website"),
        idempotency=value("idempotency"),
        favourites_count=int(value("favourites_count") or 0),
        boosts_count=int(value("boosts_count") or 0),
        lasting_replies=int(value("lasting_replies") or 0),
        brief_replies=frozenset(value("brief_replies") or ()),
        quote=_quote(value),
        quote_policy=QuotePolicy(value(_QUOTE_POLICY) or QuotePolicy.NOBODY),
        lasting_quotes=int(value("lasting_quotes") or 0),
        brief_quotes=frozenset(value("brief_quotes") or ()),
        hidden=bool(value("suspended" if "scheduled" in item else "hidden")),
        uncounted=_PENDING in item,
        notified_at=int(notified_at) if (notified_at := value("notified_at")) else None,
        pinned=bool(value("pinned")),
        poll=polls.from_values(values),
        edited_at=int(edited_at) if (edited_at := value("edited_at")) else None,
        scheduled=_optional_id(value("scheduled")),
    )


def _mentions(mentions: Sequence[WireItem], added: Sequence[WireItem]) -> tuple[Mention, ...]:
    times = {each["S"][:_MENTION_ID_LENGTH]: int(each["S"][_MENTION_ID_LENGTH:]) for each in added}
    parts = [(each["S"][:_MENTION_ID_LENGTH], each["S"][_MENTION_ID_LENGTH:]) for each in mentions]
    return tuple(Mention(user_id, name, times.get(user_id)) for user_id, name in parts)


def _quote(value: Callable[[str], Any]) -> Quote | None:
    quoted = value("quote_of")
    return Quote(MessageId.parse(quoted), int(value("quoted_until")), bool(value("revoked"))) if quoted else None


def _optional_id(text: str | None) -> MessageId | None:
    return MessageId.parse(text) if text else None
