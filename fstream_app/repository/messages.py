"""The messages table: the only place where text is. The id tells the author, so it is the whole key."""

from collections.abc import Collection, Iterable, Iterator

import msgspec
from pynamodb.exceptions import DoesNotExist, PutError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from fstream_app import packing
from fstream_app.entities import Mention, Message, User
from fstream_app.ids import MessageId
from fstream_app.packing import Visibility
from fstream_app.repository import batch, transactions
from fstream_app.repository.users import users_from
from fstream_app.tables import MessageItem, UserItem

_CONDITION_FAILED = "ConditionalCheckFailedException"
_MENTION_ID_LENGTH = 13


MAX_BRIEF_REPLIES = 40
"""Replies that go before what they answer, and are counted there all the same: 20 bytes each of its item."""


class IdTaken(Exception):
    """Another message has this id."""


class AnsweredGone(Exception):
    """What a reply answers is not there any more."""


def put(message: Message) -> None:
    """Put a message whose id is free: key `author_id`, `id`, absent; 1 WRU.

    A reply that anybody may see is counted by what it answers, in one transaction; 4 WRU.
    To find the same message there, or one of the same idempotency key, is no error: a write that took effect may be
    repeated after a time-out, and a post that hangs may have been finished by its repetition.

    Raises:
        IdTaken: the id is another message's.
        AnsweredGone: what it answers is gone.
    """
    if _put(message):
        return
    there = get(message.id)
    same_key = there and there.idempotency and there.idempotency == message.idempotency
    if not same_key and (there is None or _as_posted(there) != message):
        raise IdTaken


def _put(message: Message) -> bool:
    """Put a message; return whether its id was free."""
    if message.is_counted:
        try:
            transactions.commit(lambda transaction: add(transaction, message))
        except transactions.ConditionFailed as error:
            if 0 in error.places:
                return False
            if message.outlives_answered or not _is_there(message.in_reply_to):
                raise AnsweredGone from None
        else:
            return True  # else it is one brief reply too many to be counted
    try:
        item(message).save(condition=absent())
    except PutError as error:
        if error.cause_response_code != _CONDITION_FAILED:
            raise
        return False
    return True


def _is_there(message_id: MessageId | None) -> bool:
    return message_id is not None and get(message_id) is not None


def _as_posted(message: Message) -> Message:
    return msgspec.structs.replace(message, favourites_count=0, lasting_replies=0, brief_replies=frozenset())


def add(transaction: TransactWrite, message: Message) -> None:
    """Let a transaction put a message, and count it at what it answers."""
    transaction.save(item(message), condition=absent())
    if message.is_counted:
        _count_reply(transaction, message, 1)


def _count_reply(transaction: TransactWrite, reply: Message, change: int) -> None:
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
    transaction.update(_address(reply.in_reply_to), [action], condition=condition)


def count_favourite(transaction: TransactWrite, message_id: MessageId, change: int) -> None:
    """Let a transaction count a favourite at its message, on condition that it is there."""
    action = MessageItem.favourites_count.add(change)
    transaction.update(_address(message_id), [action], condition=MessageItem.id.exists())


def _address(message_id: MessageId) -> MessageItem:
    return MessageItem(message_id.author_id, str(message_id))


def get(message_id: MessageId) -> Message | None:
    """Read a message, expired or not: key `author_id`, `id`, consistent; 1 RRU."""
    try:
        return _message(MessageItem.get(message_id.author_id, str(message_id), consistent_read=True))
    except DoesNotExist:
        return None


def get_many(message_ids: Collection[MessageId]) -> dict[MessageId, Message]:
    """Read messages, expired or not: keys `author_id`, `id`, consistent; 1 RRU each."""
    items = batch.get(MessageItem, map(_key, message_ids), consistent=True)
    return {message.id: message for message in map(_message, items)}


def get_with_users(
    message_ids: Collection[MessageId], user_ids: Iterable[str]
) -> tuple[dict[MessageId, Message], dict[str, User]]:
    """Read messages and users in one go: their keys, eventually consistent; 0.5 RRU each.

    Pages are hydrated with it. DynamoDB's replicas follow a delete within milliseconds; reads by id are consistent.
    """
    read = batch.Read()
    read.ask(MessageItem, map(_key, message_ids))
    read.ask(UserItem, user_ids)
    read.run()
    messages = {message.id: message for message in map(_message, read.found(MessageItem))}
    return messages, users_from(read.found(UserItem))


def of_author(
    author_id: str,
    above: MessageId,
    below: MessageId,
    *,
    now: int,
    page: int,
    oldest_first: bool = False,
    consistent: bool = True,
) -> Iterator[Message]:
    """Read an author's live messages between two ids (exclusive), in order, a page at a time as they are asked for.

    Key `author_id`, `id` between; consistent unless told; 1 RRU per 4 KB of a page, half if not consistent.
    """
    low, high = above.next(), below.previous()
    if low > high:
        return
    items = MessageItem.query(
        author_id,
        MessageItem.id.between(str(low), str(high)),
        MessageItem.expires_at > now // 1000,
        scan_index_forward=oldest_first,
        page_size=page,
        consistent_read=consistent,
    )
    for message in map(_message, items):
        if message.is_live(now):
            yield message


def all_of(author_id: str, limit: int) -> list[Message]:
    """Read some of an author's messages, expired or not: key `author_id`, consistent; 1 RRU per 4 KB."""
    return [_message(item) for item in MessageItem.query(author_id, limit=limit, consistent_read=True)]


def delete(message: Message) -> bool:
    """Delete a message: key `author_id`, `id`; 1 WRU, 4 for a reply that is counted. Return whether it was there."""
    if message.is_counted:
        try:
            transactions.commit(lambda transaction: _remove(transaction, message))
        except transactions.ConditionFailed as error:
            if 0 in error.places:
                return False
        else:
            return True
    answer = MessageItem._get_connection().delete_item(  # noqa: SLF001
        message.author_id, str(message.id), return_values="ALL_OLD"
    )
    return bool(answer.get("Attributes"))


def _remove(transaction: TransactWrite, message: Message) -> None:
    transaction.delete(_address(message.id), condition=MessageItem.id.exists())
    _count_reply(transaction, message, -1)


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
        expires_at=-(-message.expires_at // 1000),
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


def _message(item: MessageItem) -> Message:
    return Message(
        id=MessageId.parse(item.id),
        text=item.text,
        lifetime=int(item.lifetime),
        visibility=Visibility(int(item.visibility)),
        in_reply_to=MessageId.parse(item.in_reply_to) if item.in_reply_to else None,
        answered_lifetime=int(item.answered_lifetime or 0),
        thread=MessageId.parse(item.thread) if item.thread else None,
        ancestors=item.ancestors or b"",
        mentions=tuple(
            Mention(mention[:_MENTION_ID_LENGTH], mention[_MENTION_ID_LENGTH:]) for mention in item.mentions or ()
        ),
        tags=tuple(item.tags or ()),
        spoiler=item.spoiler or "",
        sensitive=bool(item.sensitive),
        language=item.language,
        application=item.application,
        application_website=item.application_website,
        idempotency=item.idempotency,
        favourites_count=int(item.favourites_count or 0),
        lasting_replies=int(item.lasting_replies or 0),
        brief_replies=frozenset(item.brief_replies or ()),
    )
