"""The reactions table: a user's favourites and bookmarks, by message. Its index finds a message's favourites."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple, assert_never

from pynamodb.exceptions import DoesNotExist

from fstream_app.core import clock
from fstream_app.core.entities import Message, Notification, Part, ReactionKind, Reactions, Window
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.repository import batch, messages, notifications, wire
from fstream_app.repository.transactions import Writes
from fstream_app.tables import FavouriteIndex, ReactionItem

_KNOWN = {kind.value: kind for kind in ReactionKind}
_PAGE = 100


class MessageGone(Exception):
    """The message no longer exists."""


class _Repeated(Exception):
    """The call was made before: the favourite already exists, or is already deleted."""


class Favourite(NamedTuple):
    """A stored favourite."""

    message_id: MessageId
    notification_id: MessageId | None
    """The notification that it caused."""


class Kept(NamedTuple):
    """Some of a user's reactions, of every kind."""

    keys: list[str]
    """The sort keys of all of them."""
    favourites: list[Favourite]
    others: list[str]
    """The sort keys of those that are not counted: bookmarks, and kinds that this version does not know."""


def _key(kind: str, message_id: MessageId | str) -> str:
    return f"{kind}#{message_id}"


def _parse(key: str) -> tuple[ReactionKind | None, str]:
    """Return the kind (None if this version does not know it) and the message id of a sort key."""
    kind, _, message_id = key.partition("#")
    return _KNOWN.get(kind), message_id


def favourite(user_id: str, message: Message, made: Notification | None) -> None:
    """Put a favourite and its notification, and count it at the message, in one transaction. Idempotent.

    Keys: `user_id`, `favourite#id`, absent; the message's, present; the notification's. 4 WRU, 6 with a notification,
    1 in the index.

    Raises:
        MessageGone: the message no longer exists.
    """
    item = ReactionItem(
        user_id,
        _key(ReactionKind.FAVOURITE, message.id),
        favourite_of=str(message.id),
        notification_id=str(made.id) if made else None,
        expires_at=clock.ttl_seconds(message.expires_at),
    )
    writes = Writes()
    writes.save(item, ReactionItem.reaction.does_not_exist(), otherwise=_Repeated)
    if made:
        writes.save(notifications.item(made))
    messages.count_favourite(writes, message.id, 1, otherwise=MessageGone)
    try:
        writes.commit()
    except _Repeated:
        return


def get_favourite(user_id: str, message_id: MessageId) -> Favourite | None:
    """Read a favourite: key `user_id`, `favourite#id`, consistent; 1 RRU."""
    try:
        item = ReactionItem.get(user_id, _key(ReactionKind.FAVOURITE, message_id), consistent_read=True)
    except DoesNotExist:
        return None
    return _favourite(item)


def _favourite(item: ReactionItem) -> Favourite:
    notification_id = item.notification_id
    return Favourite(_message_id(item), MessageId.parse(notification_id) if notification_id else None)


def unfavourite(user_id: str, favourite: Favourite) -> None:
    """Delete a favourite and its notification, and subtract it from the message's count. Idempotent.

    One transaction; keys: `user_id`, `favourite#id`, present; the message's, present; the notification's. 4 WRU, 6 with
    a notification, 1 in the index. If the message no longer exists, only the favourite is deleted: 1 WRU.
    """
    item = ReactionItem(user_id, _key(ReactionKind.FAVOURITE, favourite.message_id))
    writes = Writes()
    writes.delete(item, ReactionItem.reaction.exists(), otherwise=_Repeated)
    if favourite.notification_id:
        notifications.remove(writes, favourite.message_id.author_id, favourite.notification_id)
    messages.count_favourite(writes, favourite.message_id, -1, otherwise=MessageGone)
    try:
        writes.commit()
    except _Repeated:
        return
    except MessageGone:
        item.delete()


def bookmark(user_id: str, message: Message) -> None:
    """Put a bookmark: key `user_id`, `bookmark#id`; 1 WRU. Idempotent."""
    key, expires_at = _key(ReactionKind.BOOKMARK, message.id), clock.ttl_seconds(message.expires_at)
    ReactionItem(user_id, key, expires_at=expires_at).save()


def unbookmark(user_id: str, message_id: MessageId) -> None:
    """Delete a bookmark: key `user_id`, `bookmark#id`; 1 WRU. Idempotent."""
    ReactionItem(user_id, _key(ReactionKind.BOOKMARK, message_id)).delete()


def of_message(user_id: str, message_id: MessageId) -> Reactions:
    """Read a user's reactions to a message: `user_id`, `favourite#id` and `bookmark#id`, consistent; 2 RRU."""
    return _reactions(_read(user_id, [(kind, message_id) for kind in ReactionKind], consistent=True))


def of_page(user_id: str, message_ids: Collection[MessageId]) -> Reactions:
    """Read a user's reactions to the messages of a page: key `user_id`, `kind#` between the page's ends; 1 RRU.

    Eventually consistent. Two queries in parallel, of at most 100 items each. If the user has more favourites or
    bookmarks than that between the ends, the rest is looked up by the page's remaining messages: 0.5 RRU each.
    """
    if not message_ids:
        return Reactions()
    ordered = sorted(message_ids)
    found, more = gather(
        partial(_between, user_id, ReactionKind.FAVOURITE, ordered),
        partial(_between, user_id, ReactionKind.BOOKMARK, ordered),
    )
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
    favourites, bookmarks = set(), set()
    for key in keys:
        kind, message_id = _parse(key)
        match kind:
            case ReactionKind.FAVOURITE:
                favourites.add(MessageId.parse(message_id))
            case ReactionKind.BOOKMARK:
                bookmarks.add(MessageId.parse(message_id))
            case None:
                pass
            case _:
                assert_never(kind)
    return Reactions(frozenset(favourites), frozenset(bookmarks))


def pages_of_user(user_id: str, kind: str, window: Window, now: int) -> Iterator[list[MessageId]]:
    """Read the message ids of a user's favourites or bookmarks in a window, lazily, page by page.

    Key `user_id`, `kind#` between, consistent; 1 RRU per 4 KB (some 35 entries).
    """
    if (bounds := window.bounds()) is None:
        return
    lowest, highest = bounds
    pages = wire.pages(
        ReactionItem,
        user_id,
        range_key_condition=ReactionItem.reaction.between(_key(kind, lowest), _key(kind, highest)),
        filter_condition=ReactionItem.expires_at > now // 1000,
        scan_index_forward=window.oldest_first,
        limit=window.limit,
        consistent_read=True,
    )
    for page in pages:
        yield [MessageId.parse(item["reaction"]["S"].partition("#")[2]) for item in page]


def by_message(message_id: MessageId, part: Part) -> Iterator[str]:
    """Read the ids of users whose favourite a message is, lazily, page by page, nearest to the part's bound first.

    Index key `favourite_of`, `user_id` above or below an id, eventually consistent; 0.5 RRU per page.
    """
    items = ReactionItem.by_message.query(
        str(message_id),
        batch.beyond(FavouriteIndex.user_id, part),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items if _parse(item.reaction)[0] is ReactionKind.FAVOURITE)


def all_of(user_id: str, limit: int) -> Kept:
    """Read at most `limit` of a user's reactions, of every kind: key `user_id`, consistent; 1 RRU per 4 KB."""
    items = list(ReactionItem.query(user_id, limit=limit, consistent_read=True))
    kept = Kept([item.reaction for item in items], [], [])
    for item in items:
        kind, _ = _parse(item.reaction)
        match kind:
            case ReactionKind.FAVOURITE:
                kept.favourites.append(_favourite(item))
            case ReactionKind.BOOKMARK | None:
                kept.others.append(item.reaction)
            case _:
                assert_never(kind)
    return kept


def delete(user_id: str, key: str) -> None:
    """Delete a reaction that is not counted: keys `user_id`, `reaction`; 1 WRU. Idempotent."""
    ReactionItem(user_id, key).delete()


def _message_id(item: ReactionItem) -> MessageId:
    return MessageId.parse(item.reaction.partition("#")[2])
