"""The reactions table: a user's reactions, by message. Its index is read by `fstream_app.repository.reactors`.

Favourites come first in a user's partition, with ascending ids, and bookmarks last, with descending ones: their keys
have the id's complement. So one query reads all favourites and bookmarks of messages from an id on. It also reads the
kinds between, all of them: a user has few live boosts, and those without any pay nothing for this.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core import clock, ids
from fstream_app.core.entities import Message, Reaction, ReactionKind, Reactions, Window
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.parallel import gather, gather_all
from fstream_app.repository import batch, conditional, counting, messages, quotes, replies, wire
from fstream_app.repository.counting import Key, Owner, Share, Thing
from fstream_app.repository.wire import WireItem
from fstream_app.tables import MessageItem, NotificationItem, ReactionItem

_KNOWN = {kind.value: kind for kind in ReactionKind}
_PAGE = 100
_RANGES = (ReactionKind.BOOST,), (ReactionKind.BOOKMARK,)
"""The kinds that `_rest` reads as ranges, in the order of their keys: those of each group with one query."""
_PENDING, _ENDED = str(ReactionItem.pending.attr_name), str(ReactionItem.ended.attr_name)


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
    """In a counted favourite or boost: the notification that it causes."""
    wrapper: MessageId | None = None
    """In a boost: the booster's message that wraps the boosted one."""
    answered: MessageId | None = None
    """In what is left of a reply or quote: the message that it answered or quoted."""
    brief: bytes | None = None
    """In what is left of a reply: see `replies.share`."""

    @property
    def key(self) -> Key:
        """Its keys."""
        return self.user_id, self.reaction

    @property
    def is_quote(self) -> bool:
        """Whether it is what is left of a quote."""
        return self.reaction.startswith(f"{quotes.LEFT}#")


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
    """End reactions in parallel: those that are counted as `unfavourite`; others are deleted, 1 WRU each.

    What counted reactions have caused stays until `retract`.
    """
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
    """Delete what those reactions that have ended had caused: notifications, and wrappers of boosts. Idempotent.

    Keys `user_id`, `id` and `author_id`, `id`; 1 WRU each.
    """
    ended = [each for each in found if each.ended]
    notified = [(each.message_id.author_id, str(each.notification_id)) for each in ended if each.notification_id]
    batch.delete(NotificationItem, set(notified))
    gather_all([messages.address(each.wrapper).delete for each in ended if each.wrapper])


def renew(key: Key, old: MessageId, new: MessageId) -> bool:
    """Replace the id of the notification that a reaction causes, unless it has changed or the reaction has ended.

    Its key; 1 WRU. Return whether it was replaced.
    """
    same = (ReactionItem.notification_id == str(old)) & ReactionItem.ended.does_not_exist()
    return conditional.update(ReactionItem(*key), [ReactionItem.notification_id.set(str(new))], same)


def is_known(key: Key) -> bool:
    """Return whether this version knows the kind of a reaction."""
    return _is_counted(key[1]) or parse(key[1])[0] is not None


def _is_counted(key: str) -> bool:
    kind, _, _ = key.partition("#")
    return kind in _COUNTS or kind in {replies.DELETED, quotes.LEFT}


def settle(found: Sequence[Stored], ids: Mapping[Key, MessageId]) -> tuple[list[Stored], set[Key]]:
    """Bring counts up to date with reactions; see `counting.settle`.

    Args:
        found: reactions that were just read.
        ids: the ids of the notifications of reactions, by the reactions' keys, stored when these are counted.

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
    return Thing(
        ReactionItem(*stored.key),
        stored.key,
        stored.pending,
        stored.ended,
        shares=_shares(stored),
        when_counted=(ReactionItem.notification_id.set(str(noted)),) if noted else (),
    )


_COUNTS = {ReactionKind.FAVOURITE: "favourites_count", ReactionKind.BOOST: "boosts_count"}
"""The count of the message to which a reaction adds one. Reactions of other kinds are not counted."""


def _shares(stored: Stored) -> tuple[Share, ...]:
    """Return what a counted reaction, or what is left of a reply or quote, adds to the counts of messages."""
    if stored.answered:
        share = quotes.share if stored.is_quote else replies.share
        return (share(stored.answered, stored.brief),)
    if stored.kind not in _COUNTS:
        return ()
    return (Share(Owner(MessageItem, *messages.key(stored.message_id)), _COUNTS[stored.kind]),)


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
        MessageId.parse(item.wrapper) if item.wrapper else None,
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
    """Read a user's reactions to a message, and others that are next to them, consistently; 1 RRU per 4 KB.

    Key `user_id`, from `favourite#id` to `kept#id`. One query, of at most 100 items. Another round trip looks up the
    kinds of keys that it does not reach: 1 RRU each.
    """
    wanted = [(kind, message_id) for kind in ReactionKind]
    found, last = _query(user_id, sort_key(*wanted[0]), sort_key(*wanted[-1]), consistent=True)
    remaining = [each for each in wanted if last and sort_key(*each) > last]
    return _reactions(user_id, found + _read(user_id, remaining, consistent=True))


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

    In parallel, 0.5 RRU for each message whose favourite would, and for each group of `_RANGES` a query of at most 100
    reactions between the page's ends. If there are more than that, another round trip looks up those of the remaining
    messages: 0.5 RRU each.
    """
    favourites = _after([ReactionKind.FAVOURITE], ordered, last)
    found, ranges = gather(
        partial(_read, user_id, favourites),
        partial(gather_all, [partial(_range, user_id, kinds, ordered, last) for kinds in _RANGES]),
    )
    remaining = list[Reaction]()
    for kinds, (more, read_to) in zip(_RANGES, ranges, strict=True):
        found += more
        remaining += _after(kinds, ordered, read_to) if read_to else []
    return found + _read(user_id, remaining)


def _range(
    user_id: str, kinds: Iterable[ReactionKind], ordered: list[MessageId], last: str
) -> tuple[list[WireItem], str | None]:
    keys = [sort_key(kind, end) for kind in kinds for end in (ordered[0], ordered[-1])]
    return _query(user_id, max(min(keys), last), max(keys))


def _after(kinds: Iterable[ReactionKind], message_ids: Iterable[MessageId], last: str) -> list[Reaction]:
    return [(kind, each) for kind in kinds for each in message_ids if sort_key(kind, each) > last]


def _query(user_id: str, first: str, last: str, *, consistent: bool = False) -> tuple[list[WireItem], str | None]:
    """Read reactions between two sort keys (inclusive); return the last one's key if the limit left some out."""
    if first > last:
        return [], None
    between = ReactionItem.reaction.between(first, last)
    answer = ReactionItem.connection().query(
        user_id, range_key_condition=between, limit=_PAGE, consistent_read=consistent
    )
    found: list[WireItem] = answer["Items"]
    return found, found[-1]["reaction"]["S"] if answer.get("LastEvaluatedKey") else None


def _read(user_id: str, wanted: Iterable[Reaction], *, consistent: bool = False) -> list[WireItem]:
    asked = batch.Read(consistent=consistent)
    asked.ask(ReactionItem, [(user_id, sort_key(kind, message_id)) for kind, message_id in wanted])
    return asked.run().raw(ReactionItem)


def _reactions(user_id: str, items: Iterable[WireItem]) -> Reactions:
    lasting: dict[ReactionKind, set[MessageId]] = {kind: set() for kind in ReactionKind}
    uncounted, still_counted = set[Reaction](), set[Reaction]()
    for item in items:
        kind, text = parse(item["reaction"]["S"])
        if kind is None:
            continue
        message_id, pending, ended = MessageId.parse(text), _PENDING in item, _ENDED in item
        if not ended:
            lasting[kind].add(message_id)
        if pending is not ended and kind in _COUNTS:
            (still_counted if ended else uncounted).add((kind, message_id))
    return Reactions(
        user_id,
        favourites=frozenset(lasting[ReactionKind.FAVOURITE]),
        boosts=frozenset(lasting[ReactionKind.BOOST]),
        bookmarks=frozenset(lasting[ReactionKind.BOOKMARK]),
        uncounted=frozenset(uncounted),
        still_counted=frozenset(still_counted),
    )


def pages_of_user(user_id: str, kind: ReactionKind, window: Window, now: int) -> Iterator[list[MessageId]]:
    """Read the ids of the messages to which a user reacts, of one kind, in a window, lazily, page by page.

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


def all_of(user_id: str, limit: int) -> list[Key]:
    """Read the keys of at most `limit` of a user's reactions, of every kind: consistent; 1 RRU per 4 KB."""
    return [(user_id, item.reaction) for item in ReactionItem.query(user_id, limit=limit, consistent_read=True)]
