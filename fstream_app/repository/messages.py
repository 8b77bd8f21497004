"""The messages table: the only place where text is. The id tells the author, so it is the whole key."""

from collections.abc import Collection, Iterable, Iterator

from pynamodb.exceptions import DoesNotExist, PutError
from pynamodb.expressions.condition import Condition

from fstream_app.entities import Mention, Message, User
from fstream_app.ids import MessageId
from fstream_app.packing import Visibility
from fstream_app.repository import batch
from fstream_app.repository.users import user_from_item
from fstream_app.tables import MessageItem, UserItem

_CONDITION_FAILED = "ConditionalCheckFailedException"
_MENTION_ID_LENGTH = 13


class IdTaken(Exception):
    """Another message has this id."""


def put(message: Message) -> None:
    """Put a message whose id is free: key `author_id`, `id`, absent; 1 WRU.

    To find the same message there, or one of the same idempotency key, is no error: a write that took effect may be
    repeated after a time-out, and a post that hangs may have been finished by its repetition.

    Raises:
        IdTaken: the id is another message's.
    """
    try:
        item(message).save(condition=absent())
    except PutError as error:
        if error.cause_response_code != _CONDITION_FAILED:
            raise
        there = get(message.id)
        same_key = there and there.idempotency and there.idempotency == message.idempotency
        if there != message and not same_key:
            raise IdTaken from None


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
    return messages, {item.id: user_from_item(item) for item in read.found(UserItem)}


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


def delete(message_id: MessageId) -> bool:
    """Delete a message: key `author_id`, `id`; 1 WRU. Return whether it was there."""
    answer = MessageItem._get_connection().delete_item(  # noqa: SLF001
        message_id.author_id, str(message_id), return_values="ALL_OLD"
    )
    return bool(answer.get("Attributes"))


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
        mentions=[mention.user_id + mention.name for mention in message.mentions] or None,
        tags=list(message.tags) or None,
        spoiler=message.spoiler or None,
        sensitive=message.sensitive or None,
        language=message.language,
        application=message.application,
        idempotency=message.idempotency,
    )


def _message(item: MessageItem) -> Message:
    return Message(
        id=MessageId.parse(item.id),
        text=item.text,
        lifetime=int(item.lifetime),
        visibility=Visibility(int(item.visibility)),
        in_reply_to=MessageId.parse(item.in_reply_to) if item.in_reply_to else None,
        mentions=tuple(
            Mention(mention[:_MENTION_ID_LENGTH], mention[_MENTION_ID_LENGTH:]) for mention in item.mentions or ()
        ),
        tags=tuple(item.tags or ()),
        spoiler=item.spoiler or "",
        sensitive=bool(item.sensitive),
        language=item.language,
        application=item.application,
        idempotency=item.idempotency,
    )
