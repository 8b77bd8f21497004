"""The reactions table: a user's favourites and bookmarks, by message. Its index finds a message's favourites.

Favourites come first in a user's partition, with ascending ids, and bookmarks follow, with descending ones: their keys
have the id's complement. So all reactions to messages from an id on are next to each other, and one query reads them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, assert_never

import msgspec

from fstream_app.core import clock, ids
from fstream_app.core.entities import Message, Part, ReactionKind, Reactions, Window
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.parallel import gather, gather_all
from fstream_app.repository import batch, conditional, counting, messages, replies, wire
from fstream_app.repository.counting import Key, Owner, Share, Thing
from fstream_app.repository.wire import WireItem
from fstream_app.tables import FavouriteIndex, MessageItem, NotificationItem, ReactionItem

_KNOWN = {kind.value: kind for kind in ReactionKind}
_PAGE = 100
_PENDING, _ENDED = str(ReactionItem.pending.attr_name), str(ReactionItem.ended.attr_name)
Favoured = tuple[str, MessageId]
"""A user, and a message that is a favourite of theirs."""


class Stored(NamedTuple):
    """A stored reaction, ended or not, or what is left of a deleted reply."""

    user_id: str
    reaction: str
    """The sort key."""
    kind: ReactionKind | None
    """None for what is left of a reply, and for kinds that this version does not know."""
    message_id: MessageId
    """The message, or the deleted reply."""
    pending: bool
    ended: bool
    notification_id: MessageId | None = None
    """In a counted favourite: the notification that it causes."""
    answered: MessageId | None = None
    """In what is left of a reply: the message that it answered."""
    brief: bytes | None = None
    """In what is left of a reply: see `replies.share`."""

    @property
    def key(self) -> Key:
        """Its keys."""
        return self.user_id, self.reaction


def sort_key(kind: ReactionKind, message_id: MessageId) -> str:
    """Return the sort key of a reaction: `kind#`, and the id or, for a bookmark, its complement."""
    text = str(message_id)
    return f"{kind}#{ids.complement(text) if kind is ReactionKind.BOOKMARK else text}"


def parse(key: str) -> tuple[ReactionKind | None, str]:
    """Return the kind (None if this version does not know it) and the message id of a sort key."""
    name, _, text = key.partition("#")
    kind = _KNOWN.get(name)
    return kind, ids.complement(text) if kind is ReactionKind.BOOKMARK else text


def favourite(user_id: str, message: Message) -> None:
    """Put or resume a favourite, as `counting.start`: key `user_id`, `favourite#id`; 1 in the index.

    The table's stream function counts it.
    """
    item = ReactionItem(
        user_id,
        sort_key(ReactionKind.FAVOURITE, message.id),
        favourite_of=str(message.id),
        pending=True,
        expires_at=clock.ttl_seconds(message.expires_at),
    )
    counting.start(item)


def unfavourite(user_id: str, message_id: MessageId) -> None:
    """End a favourite, as `counting.end`: key `user_id`, `favourite#id`; 1 in the index."""
    _end((user_id, sort_key(ReactionKind.FAVOURITE, message_id)))


def end(keys: Iterable[Key]) -> None:
    """End reactions in parallel: those that are counted as `unfavourite`; others are deleted, 1 WRU each."""
    gather_all([partial(_end, key) for key in keys])


def _end(key: Key) -> None:
    if _is_counted(key[1]):
        counting.end(ReactionItem(*key))
    else:
        ReactionItem(*key).delete()


def read(keys: Iterable[Key]) -> list[Stored]:
    """Read reactions of known kinds, also those that have ended: keys `user_id`, `reaction`, consistent; 1 RRU each."""
    known = {key for key in keys if is_known(key)}
    return [_stored(item) for item in batch.get(ReactionItem, known, consistent=True)]


def retract(found: Iterable[Stored]) -> None:
    """Delete the notifications of those favourites that have ended: keys `user_id`, `id`; 1 WRU each. Idempotent."""
    ended = [each for each in found if each.ended and each.notification_id]
    batch.delete(NotificationItem, {(each.message_id.author_id, str(each.notification_id)) for each in ended})


def renew(key: Key, old: MessageId, new: MessageId) -> bool:
    """Replace the id of the notification that a favourite causes, unless it has changed or the favourite has ended.

    Key `user_id`, `favourite#id`; 1 WRU. Return whether it was replaced.
    """
    same = (ReactionItem.notification_id == str(old)) & ReactionItem.ended.does_not_exist()
    return conditional.update(ReactionItem(*key), [ReactionItem.notification_id.set(str(new))], same)


def is_known(key: Key) -> bool:
    """Return whether this version knows the kind of a reaction."""
    return _is_counted(key[1]) or parse(key[1])[0] is not None


def _is_counted(key: str) -> bool:
    return key.startswith((f"{ReactionKind.FAVOURITE}#", f"{replies.DELETED}#"))


def settle(found: Sequence[Stored], ids: Mapping[Key, MessageId]) -> tuple[list[Stored], set[Key]]:
    """Bring counts up to date with reactions; see `counting.settle`.

    Args:
        found: reactions that were just read.
        ids: the ids of the notifications of favourites, by the favourites' keys, stored when these are counted.

    Returns:
        The reactions as they are now, with the ids that are stored; and the keys of those to be tried again.
    """
    latest = {each.key: each for each in found if _is_counted(each.reaction)}

    def again(keys: Collection[Key]) -> list[Thing]:
        for key in keys:
            del latest[key]
        latest.update((each.key, each) for each in read(keys))
        return [_thing(latest[key], ids) for key in keys if key in latest]

    failed = counting.settle([_thing(each, ids) for each in latest.values()], again)
    settled = [_settled(each, ids) for each in latest.values() if each.key not in failed and not each.ended]
    return settled, failed


def _settled(stored: Stored, ids: Mapping[Key, MessageId]) -> Stored:
    return stored._replace(pending=False, notification_id=ids.get(stored.key)) if stored.pending else stored


def _thing(stored: Stored, ids: Mapping[Key, MessageId]) -> Thing:
    noted = ids.get(stored.key)
    share = replies.share(stored.answered, stored.brief) if stored.answered else _share(stored.message_id)
    return Thing(
        ReactionItem(*stored.key),
        stored.key,
        stored.pending,
        stored.ended,
        shares=(share,),
        when_counted=(ReactionItem.notification_id.set(str(noted)),) if noted else (),
    )


def _share(message_id: MessageId) -> Share:
    return Share(Owner(MessageItem, *messages.key(message_id)), "favourites_count")


def _stored(item: ReactionItem) -> Stored:
    kind, message_id = parse(item.reaction)
    return Stored(
        item.user_id,
        item.reaction,
        kind,
        MessageId.parse(message_id),
        bool(item.pending),
        bool(item.ended),
        MessageId.parse(item.notification_id) if item.notification_id else None,
        MessageId.parse(item.favourite_of) if kind is None and item.favourite_of else None,
        item.brief,
    )


def bookmark(user_id: str, message: Message) -> None:
    """Put a bookmark: key `user_id`, `kept#id`; 1 WRU. Idempotent."""
    key, expires_at = sort_key(ReactionKind.BOOKMARK, message.id), clock.ttl_seconds(message.expires_at)
    ReactionItem(user_id, key, expires_at=expires_at).save()


def unbookmark(user_id: str, message_id: MessageId) -> None:
    """Delete a bookmark: key `user_id`, `kept#id`; 1 WRU. Idempotent."""
    ReactionItem(user_id, sort_key(ReactionKind.BOOKMARK, message_id)).delete()


def of_message(user_id: str, message_id: MessageId) -> Reactions:
    """Read a user's reactions to a message: `user_id`, `favourite#id` and `kept#id`, consistent; 2 RRU."""
    return _reactions(user_id, _read(user_id, [(kind, message_id) for kind in ReactionKind], consistent=True))


def of_page(user_id: str, message_ids: Collection[MessageId]) -> Reactions:
    """Read a user's reactions to the messages of a page, and to those a little below it, as far as the page is long.

    Key `user_id`, from `favourite#` of the lowest id to `kept#` of the lowest id, eventually consistent; 0.5 RRU per
    4 KB. One query, of at most 100 items. If the user has more reactions than that from the lowest id on, another round
    trip reads those between the page's ends: see `_rest`.
    """
    if not message_ids:
        return Reactions(user_id)
    lowest, highest = min(message_ids), max(message_ids)
    start = lowest_at(2 * lowest.time - highest.time)
    found, last = _query(user_id, sort_key(ReactionKind.FAVOURITE, start), sort_key(ReactionKind.BOOKMARK, start))
    if last is None:
        return msgspec.structs.replace(_reactions(user_id, found), read_from=start)
    return _reactions(user_id, found + _rest(user_id, sorted(message_ids), last))


def _rest(user_id: str, ordered: list[MessageId], last: str) -> list[WireItem]:
    """Read a user's reactions to these messages that sort after a key.

    In parallel, 0.5 RRU for each message whose favourite would, and a query of at most 100 bookmarks. If there are more
    bookmarks than that between the ends, another round trip looks up those of the remaining messages: 0.5 RRU each.
    """
    newest, oldest = (sort_key(ReactionKind.BOOKMARK, each) for each in (ordered[-1], ordered[0]))
    found, (more, read_to) = gather(
        partial(_read, user_id, _after(ReactionKind.FAVOURITE, ordered, last)),
        partial(_query, user_id, max(newest, last), oldest),
    )
    remaining = _after(ReactionKind.BOOKMARK, ordered, read_to) if read_to else []
    return found + more + _read(user_id, remaining)


def _after(kind: ReactionKind, message_ids: Iterable[MessageId], last: str) -> list[tuple[ReactionKind, MessageId]]:
    return [(kind, each) for each in message_ids if sort_key(kind, each) > last]


def _query(user_id: str, first: str, last: str) -> tuple[list[WireItem], str | None]:
    """Read reactions between two sort keys (inclusive); return the last one's key if the limit left some out."""
    if first > last:
        return [], None
    answer = ReactionItem.connection().query(
        user_id, range_key_condition=ReactionItem.reaction.between(first, last), limit=_PAGE
    )
    found: list[WireItem] = answer["Items"]
    return found, found[-1]["reaction"]["S"] if answer.get("LastEvaluatedKey") else None


def _read(user_id: str, wanted: list[tuple[ReactionKind, MessageId]], *, consistent: bool = False) -> list[WireItem]:
    asked = batch.Read(consistent=consistent)
    asked.ask(ReactionItem, [(user_id, sort_key(kind, message_id)) for kind, message_id in wanted])
    return asked.run().raw(ReactionItem)


def _reactions(user_id: str, items: Iterable[WireItem]) -> Reactions:
    favourites, bookmarks, uncounted, still_counted = (set[MessageId]() for _ in range(4))
    for item in items:
        kind, text = parse(item["reaction"]["S"])
        pending, ended = _PENDING in item, _ENDED in item
        match kind:
            case ReactionKind.FAVOURITE:
                message_id = MessageId.parse(text)
                if not ended:
                    favourites.add(message_id)
                if pending is not ended:
                    (still_counted if ended else uncounted).add(message_id)
            case ReactionKind.BOOKMARK:
                bookmarks.add(MessageId.parse(text))
            case None:
                pass
            case _:
                assert_never(kind)
    return Reactions(
        user_id, frozenset(favourites), frozenset(bookmarks), frozenset(uncounted), frozenset(still_counted)
    )


def pages_of_user(user_id: str, kind: ReactionKind, window: Window, now: int) -> Iterator[list[MessageId]]:
    """Read the message ids of a user's favourites or bookmarks in a window, lazily, page by page.

    Key `user_id`, `kind#` between, consistent; 1 RRU per 4 KB (some 35 entries).
    """
    if (bounds := window.bounds()) is None:
        return
    first, last = sorted(sort_key(kind, each) for each in bounds)
    pages = wire.pages(
        ReactionItem,
        user_id,
        range_key_condition=ReactionItem.reaction.between(first, last),
        filter_condition=(ReactionItem.expires_at > now // 1000) & ReactionItem.ended.does_not_exist(),
        scan_index_forward=window.oldest_first is not (kind is ReactionKind.BOOKMARK),
        limit=window.limit,
        consistent_read=True,
    )
    for page in pages:
        yield [MessageId.parse(parse(item["reaction"]["S"])[1]) for item in page]


def by_message(message_id: MessageId, part: Part) -> Iterator[str]:
    """Read the ids of users whose favourite a message is, lazily, page by page, nearest to the part's bound first.

    Index key `favourite_of`, `user_id` above or below an id, eventually consistent; 0.5 RRU per page.
    """
    items = ReactionItem.by_message.query(
        str(message_id),
        batch.beyond(FavouriteIndex.user_id, part),
        FavouriteIndex.ended.does_not_exist(),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items if parse(item.reaction)[0] is ReactionKind.FAVOURITE)


def favourites_among(wanted: Collection[Favoured]) -> set[Favoured]:
    """Return which of these favourites exist: keys `user_id`, `favourite#id`, consistent; 1 RRU each."""
    read = batch.Read(consistent=True)
    read.ask(ReactionItem, [(user_id, sort_key(ReactionKind.FAVOURITE, message_id)) for user_id, message_id in wanted])
    found = (item for item in read.run().raw(ReactionItem) if _ENDED not in item)
    return {(item["user_id"]["S"], MessageId.parse(parse(item["reaction"]["S"])[1])) for item in found}


def to_message(message_id: MessageId) -> list[Stored]:
    """Read the favourites of a message and what is left of its deleted replies, also those that have ended.

    Index key `favourite_of`, eventually consistent, 0.5 RRU per 4 KB; then their keys, consistent, 1 RRU each.
    """
    return read((item.user_id, item.reaction) for item in ReactionItem.by_message.query(str(message_id)))


def all_of(user_id: str, limit: int) -> list[Key]:
    """Read the keys of at most `limit` of a user's reactions, of every kind: consistent; 1 RRU per 4 KB."""
    return [(user_id, item.reaction) for item in ReactionItem.query(user_id, limit=limit, consistent_read=True)]
