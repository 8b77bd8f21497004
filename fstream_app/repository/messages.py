"""The messages table: the only place where text is. An id contains the author, so it is the whole key."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import chain, islice

import msgspec
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from fstream_app.core import clock, packing
from fstream_app.core.entities import Mention, Message, User, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, conditional, wire
from fstream_app.repository.transactions import Failure, Writes
from fstream_app.repository.users import users_from
from fstream_app.repository.wire import WireItem
from fstream_app.tables import MessageItem, UserItem

_MENTION_ID_LENGTH = 13

MAX_BRIEF_REPLIES = 40
"""Limit of counted replies that expire before the message they answer: each takes 20 bytes of its item."""


class IdTaken(Exception):
    """Another message has this id."""


class AnsweredGone(Exception):
    """The message that a reply answers no longer exists."""


class NotCounted(Exception):
    """The message that a reply answers no longer exists, or has as many brief replies as it can count."""


class _Gone(Exception):
    """The message no longer exists."""


def put(message: Message) -> None:
    """Put a message whose id is free: key `author_id`, `id`, absent; 1 WRU.

    A public or unlisted reply is counted at the message that it answers, in the same transaction; 4 WRU.

    Idempotent: if the same message exists, or one with the same idempotency key, nothing is written. A put may be
    repeated after a time-out although it took effect, and a client's retry may have finished the post.

    Raises:
        IdTaken: the id belongs to another message.
        AnsweredGone: the message that it answers no longer exists.
    """
    if _put(message):
        return
    stored = get(message.id)
    same_key = stored and stored.idempotency and stored.idempotency == message.idempotency
    if not same_key and (stored is None or _as_posted(stored) != message):
        raise IdTaken


def _put(message: Message) -> bool:
    """Put a message; return whether its id was free."""
    if message.is_counted:
        writes = Writes()
        add(writes, message)
        try:
            writes.commit()
        except IdTaken:
            return False
        except NotCounted:
            if message.outlives_answered or not _exists(message.in_reply_to):
                raise AnsweredGone from None
        else:
            return True
    # Not counted at all, or one brief reply too many to be counted.
    return conditional.put(item(message), absent())


def _exists(message_id: MessageId | None) -> bool:
    return message_id is not None and get(message_id) is not None


def _as_posted(message: Message) -> Message:
    return msgspec.structs.replace(
        message, favourites_count=0, lasting_replies=0, brief_replies=frozenset(), hidden=False
    )


def add(writes: Writes, message: Message) -> None:
    """Add the put of a message, and its count at the message it answers, to a transaction.

    The transaction fails with IdTaken or NotCounted.
    """
    writes.save(item(message), absent(), otherwise=IdTaken)
    if message.is_counted:
        _count_reply(writes, message, 1)


def _count_reply(writes: Writes, reply: Message, change: int) -> None:
    if reply.in_reply_to is None:
        return
    brief, condition = MessageItem.brief_replies, MessageItem.id.exists()
    if reply.outlives_answered:
        action: Action = MessageItem.lasting_replies.add(change)
    elif change > 0:
        action = brief.add({packing.pack_log([reply.entry])})
        condition &= brief.does_not_exist() | (size(brief) < MAX_BRIEF_REPLIES)  # type: ignore[no-untyped-call]
    else:
        action = brief.delete({packing.pack_log([reply.entry])})
    writes.update(_address(reply.in_reply_to), [action], condition, otherwise=NotCounted)


def count_favourite(writes: Writes, message_id: MessageId, change: int, *, otherwise: Failure) -> None:
    """Add a change of a message's count of favourites to a transaction, on condition that the message exists."""
    action = MessageItem.favourites_count.add(change)
    writes.update(_address(message_id), [action], MessageItem.id.exists(), otherwise=otherwise)


def _address(message_id: MessageId) -> MessageItem:
    return MessageItem(message_id.author_id, str(message_id))


def get(message_id: MessageId) -> Message | None:
    """Read a message, expired or not: key `author_id`, `id`, consistent; 1 RRU."""
    item = wire.get(MessageItem, message_id.author_id, str(message_id), consistent=True)
    return None if item is None else _message(item)


def get_many(message_ids: Collection[MessageId]) -> dict[MessageId, Message]:
    """Read messages, expired or not: keys `author_id`, `id`, consistent; 1 RRU each."""
    return _read(message_ids, consistent=True)


def _read(message_ids: Collection[MessageId], *, consistent: bool) -> dict[MessageId, Message]:
    read = batch.Read(consistent=consistent)
    read.ask(MessageItem, map(_key, message_ids))
    return _by_id(read.run())


def get_posted(message_ids: Collection[MessageId]) -> dict[MessageId, Message]:
    """Read messages of which the stream reports that they were posted: keys `author_id`, `id`; 0.5 RRU each.

    Eventually consistent, except that messages which are not found are read again consistently, at 1 RRU: they were
    deleted, or posted so recently that a replica lacks them.
    """
    found = _read(message_ids, consistent=False)
    return found | get_many(set(message_ids) - found.keys())


def get_with_users(
    message_ids: Collection[MessageId], user_ids: Iterable[str]
) -> tuple[dict[MessageId, Message], dict[str, User]]:
    """Read messages and users together: keys `author_id`, `id`, and `id`; eventually consistent; 0.5 RRU each.

    Pages are hydrated with this. DynamoDB's replicas apply a delete within milliseconds; reads by id are consistent.
    """
    read = batch.Read()
    read.ask(MessageItem, map(_key, message_ids))
    read.ask(UserItem, user_ids)
    read.run()
    return _by_id(read), users_from(read.found(UserItem))


def _by_id(read: batch.Read) -> dict[MessageId, Message]:
    return {message.id: message for message in map(_message, read.raw(MessageItem))}


def pages_of_author(author_id: str, window: Window, now: int, *, consistent: bool = True) -> Iterator[list[Message]]:
    """Read an author's live messages in a window, lazily, page by page.

    Key `author_id`, `id` between; 1 RRU per 4 KB, 0.5 if not consistent.
    """
    if (bounds := window.bounds()) is None:
        return
    lowest, highest = bounds
    pages = wire.pages(
        MessageItem,
        author_id,
        range_key_condition=MessageItem.id.between(str(lowest), str(highest)),
        filter_condition=MessageItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=window.limit,
        consistent_read=consistent,
    )
    for page in pages:
        yield [message for message in map(_message, page) if message.is_live(now)]


def of_author(author_id: str, window: Window, now: int, *, consistent: bool = True) -> Iterator[Message]:
    """Read an author's live messages in a window, as `pages_of_author`. The window's limit is the size of a page."""
    return chain.from_iterable(pages_of_author(author_id, window, now, consistent=consistent))


def newest_of(author_id: str, limit: int) -> list[Message]:
    """Read an author's newest messages, expired or not: key `author_id`, consistent; 1 RRU per 4 KB."""
    items = wire.query(MessageItem, author_id, scan_index_forward=False, limit=limit, consistent_read=True)
    return [_message(item) for item in islice(items, limit)]


def all_of(author_id: str, limit: int) -> list[Message]:
    """Read at most `limit` of an author's messages, expired or not: key `author_id`, consistent; 1 RRU per 4 KB."""
    items = wire.query(MessageItem, author_id, limit=limit, consistent_read=True)
    return [_message(item) for item in islice(items, limit)]


def delete(message: Message) -> None:
    """Delete a message: key `author_id`, `id`; 1 WRU, 4 for a reply that is counted. Idempotent.

    A counted reply is also subtracted from the count of the message that it answers, in the same transaction.
    """
    if message.is_counted:
        writes = Writes()
        writes.delete(_address(message.id), MessageItem.id.exists(), otherwise=_Gone)
        _count_reply(writes, message, -1)
        try:
            writes.commit()
        except _Gone:
            return
        except NotCounted:
            pass  # the message that it answers is gone, and its count too
        else:
            return
    _address(message.id).delete()


def hide(message_id: MessageId, *, hidden: bool) -> None:
    """Hide a message or show it again: key `author_id`, `id`, present; 1 WRU. Does nothing if it no longer exists."""
    action = MessageItem.hidden.set(True) if hidden else MessageItem.hidden.remove()
    conditional.update(_address(message_id), [action], MessageItem.id.exists())


def _key(message_id: MessageId) -> batch.Key:
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
        in_reply_to=str(message.in_reply_to) if message.in_reply_to else None,
        answered_lifetime=message.answered_lifetime or None,
        thread=str(message.thread) if message.thread else None,
        ancestors=message.ancestors or None,
        mentions=[mention.user_id + mention.name for mention in message.mentions] or None,
        tags=list(message.tags) or None,
        spoiler=message.spoiler or None,
        sensitive=message.sensitive or None,
        language=message.language,
        application=message.application,
        application_website=message.application_website,
        idempotency=message.idempotency,
    )


def _message(item: WireItem) -> Message:
    value = partial(wire.value, item)
    return Message(
        id=MessageId.parse(value("id")),
        text=value("text"),
        lifetime=int(value("lifetime")),
        visibility=Visibility(int(value("visibility"))),
        in_reply_to=_optional_id(value("in_reply_to")),
        answered_lifetime=int(value("answered_lifetime") or 0),
        thread=_optional_id(value("thread")),
        ancestors=value("ancestors") or b"",
        mentions=tuple(
            Mention(mention["S"][:_MENTION_ID_LENGTH], mention["S"][_MENTION_ID_LENGTH:])
            for mention in value("mentions") or ()
        ),
        tags=tuple(tag["S"] for tag in value("tags") or ()),
        spoiler=value("spoiler") or "",
        sensitive=bool(value("sensitive")),
        language=value("language"),
        application=value("application"),
        application_website=value("application_website"),
        idempotency=value("idempotency"),
        favourites_count=int(value("favourites_count") or 0),
        lasting_replies=int(value("lasting_replies") or 0),
        brief_replies=frozenset(value("brief_replies") or ()),
        hidden=bool(value("hidden")),
    )


def _optional_id(text: str | None) -> MessageId | None:
    return MessageId.parse(text) if text else None
