"""The reactions table: a user's favourites and bookmarks, by message; its index tells whose favourite a message is."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from fstream_app.core.entities import Message, Notification, Part, Reactions
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.repository import batch, messages, notifications, transactions
from fstream_app.tables import FavouriteIndex, ReactionItem

FAVOURITE, BOOKMARK = "favourite", "bookmark"
_PAGE = 100


class MessageGone(Exception):
    """The message is not there any more."""


class Favourite(NamedTuple):
    """A favourite that is there."""

    message_id: MessageId
    notification_id: MessageId | None
    """Of the notification that it made."""


def _key(kind: str, message_id: MessageId | str) -> str:
    return f"{kind}#{message_id}"


def favourite(user_id: str, message: Message, made: Notification | None) -> None:
    """Put a favourite and its notification and count it at the message, in one transaction; 4 WRU, 6 with the latter.

    Keys `user_id`, `favourite#id`, absent; the message, present. To be there already is no error.

    Raises:
        MessageGone: the message is not there any more.
    """
    item = ReactionItem(
        user_id,
        _key(FAVOURITE, message.id),
        favourite_of=str(message.id),
        notification_id=str(made.id) if made else None,
        expires_at=_expiry(message),
    )

    def fill(transaction: TransactWrite) -> None:
        transaction.save(item, condition=ReactionItem.reaction.does_not_exist())
        if made:
            transaction.save(notifications.item(made))
        messages.count_favourite(transaction, message.id, 1)

    try:
        transactions.commit(fill)
    except transactions.ConditionFailed as error:
        if 0 not in error.places:
            raise MessageGone from None


def get_favourite(user_id: str, message_id: MessageId) -> Favourite | None:
    """Read a favourite: key `user_id`, `favourite#id`, consistent; 1 RRU."""
    try:
        item = ReactionItem.get(user_id, _key(FAVOURITE, message_id), consistent_read=True)
    except DoesNotExist:
        return None
    return _favourite(item)


def _favourite(item: ReactionItem) -> Favourite:
    notification_id = item.notification_id
    return Favourite(_message_id(item), MessageId.parse(notification_id) if notification_id else None)


def unfavourite(user_id: str, favourite: Favourite) -> None:
    """Delete a favourite and its notification and count it off, in one transaction; 4 WRU, 6 with the latter.

    Not to be there any more is no error. Where the message is gone, there is nothing to be counted: 1 WRU.
    """
    item = ReactionItem(user_id, _key(FAVOURITE, favourite.message_id))

    def fill(transaction: TransactWrite) -> None:
        transaction.delete(item, condition=ReactionItem.reaction.exists())
        if favourite.notification_id:
            notifications.remove(transaction, favourite.message_id.author_id, favourite.notification_id)
        messages.count_favourite(transaction, favourite.message_id, -1)

    try:
        transactions.commit(fill)
    except transactions.ConditionFailed as error:
        if 0 not in error.places:
            item.delete()


def bookmark(user_id: str, message: Message) -> None:
    """Put a bookmark, over one that is there: key `user_id`, `bookmark#id`; 1 WRU."""
    ReactionItem(user_id, _key(BOOKMARK, message.id), expires_at=_expiry(message)).save()


def unbookmark(user_id: str, message_id: MessageId) -> None:
    """Delete a bookmark: key `user_id`, `bookmark#id`; 1 WRU. Not to be there is no error."""
    ReactionItem(user_id, _key(BOOKMARK, message_id)).delete()


def of_message(user_id: str, message_id: MessageId) -> Reactions:
    """Read what a message is to a user: both keys, consistent; 2 RRU."""
    return _reactions(_read(user_id, [(FAVOURITE, message_id), (BOOKMARK, message_id)], consistent=True))


def of_page(user_id: str, message_ids: Collection[MessageId]) -> Reactions:
    """Read what the messages of a page are to a user: key `user_id`, `kind#` between the page's ends; 1 RRU.

    Eventually consistent. Two queries at the same time, of at most 100 items each; who has more favourites or
    bookmarks than that between the ends pays 0.5 RRU for each message beyond.
    """
    if not message_ids:
        return Reactions()
    ordered = sorted(message_ids)
    found, more = gather(partial(_between, user_id, FAVOURITE, ordered), partial(_between, user_id, BOOKMARK, ordered))
    return _reactions([*found, *more])


def _between(user_id: str, kind: str, ordered: list[MessageId]) -> list[str]:
    answer = ReactionItem.connection().query(
        user_id,
        range_key_condition=ReactionItem.reaction.between(_key(kind, ordered[0]), _key(kind, ordered[-1])),
        limit=_PAGE,
    )
    found = [str(item["reaction"]["S"]) for item in answer["Items"]]
    if not answer.get("LastEvaluatedKey"):
        return found
    return found + _read(user_id, [(kind, message_id) for message_id in ordered if _key(kind, message_id) > found[-1]])


def _read(user_id: str, wanted: list[tuple[str, MessageId]], *, consistent: bool = False) -> list[str]:
    keys = [(user_id, _key(kind, message_id)) for kind, message_id in wanted]
    return [item.reaction for item in batch.get(ReactionItem, keys, consistent=consistent)]


def _reactions(keys: list[str]) -> Reactions:
    found: dict[str, set[MessageId]] = {FAVOURITE: set(), BOOKMARK: set()}
    for key in keys:
        kind, _, message_id = key.partition("#")
        found[kind].add(MessageId.parse(message_id))
    return Reactions(frozenset(found[FAVOURITE]), frozenset(found[BOOKMARK]))


def of_user(
    user_id: str, kind: str, above: MessageId, below: MessageId, *, now: int, page: int, oldest_first: bool = False
) -> Iterator[MessageId]:
    """Read a user's favourites or bookmarks between two ids (exclusive), in order, a page at a time as asked for.

    Key `user_id`, `kind#` between, consistent; 1 RRU per 4 KB (some 35 entries).
    """
    low, high = above.next(), below.previous()
    if low > high:
        return
    items = ReactionItem.query(
        user_id,
        ReactionItem.reaction.between(_key(kind, low), _key(kind, high)),
        ReactionItem.expires_at > now // 1000,
        scan_index_forward=oldest_first,
        page_size=page,
        consistent_read=True,
    )
    for item in items:
        yield _message_id(item)


def by_message(message_id: MessageId, part: Part) -> Iterator[str]:
    """Give those whose favourite a message is, a page at a time as they are asked for, nearest first.

    Index key, `user_id` above or below an id, eventually consistent; 0.5 RRU a page.
    """
    items = ReactionItem.by_message.query(
        str(message_id),
        batch.beyond(FavouriteIndex.user_id, part),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items)


def all_of(user_id: str, limit: int) -> tuple[list[Favourite], list[MessageId]]:
    """Read some of a user's favourites and bookmarks: key `user_id`, consistent; 1 RRU per 4 KB."""
    items = list(ReactionItem.query(user_id, limit=limit, consistent_read=True))
    favourites = [_favourite(item) for item in items if item.favourite_of]
    return favourites, [_message_id(item) for item in items if not item.favourite_of]


def _message_id(item: ReactionItem) -> MessageId:
    return MessageId.parse(item.reaction.partition("#")[2])


def _expiry(message: Message) -> int:
    return -(-message.expires_at // 1000)
