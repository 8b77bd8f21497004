"""The index of the reactions table: who reacts to a message, for favourites and boosts."""

from collections.abc import Collection, Iterator
from itertools import chain

from fstream_app.core.entities import Part, ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.repository import batch, reactions, votes, wire
from fstream_app.repository.reactions import Stored
from fstream_app.repository.wire import WireItem
from fstream_app.tables import FavouriteIndex, ReactionItem

By = tuple[str, MessageId]
"""A user who reacts, and the message."""
_ENDED = str(ReactionItem.ended.attr_name)


def by_message(kind: ReactionKind, message_id: MessageId, part: Part, *, private: bool = False) -> Iterator[str]:
    """Read the ids of users who react to a message, lazily, page by page, nearest to the part's bound first.

    Private boosts are left out, or (`private`) read alone. Index key `favourite_of`, `user_id` above or below an id,
    eventually consistent; 0.5 RRU per page.
    """
    items = ReactionItem.by_message.query(
        index_key(kind, message_id, private=private),
        batch.beyond(FavouriteIndex.user_id, part),
        FavouriteIndex.ended.does_not_exist(),
        scan_index_forward=part.before is None,
        page_size=part.limit,
    )
    return (item.user_id for item in items if reactions.parse(item.reaction)[0] is kind)


def index_key(kind: ReactionKind, message_id: MessageId, *, private: bool = False) -> str:
    """Return the index's key of the favourites or boosts of a message; of boosts, the private ones or all others."""
    if kind is not ReactionKind.BOOST:
        return str(message_id)
    return f"{'private' if private else 'boost'}#{message_id}"


def index_keys(message_id: MessageId) -> list[str]:
    """Return all keys of a message in the index."""
    boosts = [index_key(ReactionKind.BOOST, message_id, private=private) for private in (False, True)]
    return [str(message_id), *boosts]


def among(kind: ReactionKind, wanted: Collection[By], *, shown: bool = False) -> set[By]:
    """Return which of these reactions exist: keys `user_id`, `kind#id`, consistent; 1 RRU each.

    Args:
        kind: their kind.
        wanted: the users and messages.
        shown: leave out private boosts.
    """
    return {
        by
        for by, item in _among(kind, wanted)
        if not shown or wire.value(item, "favourite_of") == index_key(kind, by[1])
    }


def wrappers(wanted: Collection[By]) -> dict[By, MessageId]:
    """Return the wrappers of those of these boosts that exist: keys `user_id`, `forwarded#id`, consistent; 1 RRU each.

    The time in a wrapper's id is that of the boost.
    """
    boosts = _among(ReactionKind.BOOST, wanted)
    return {by: MessageId.parse(wrapper) for by, item in boosts if (wrapper := wire.value(item, "wrapper"))}


def _among(kind: ReactionKind, wanted: Collection[By]) -> Iterator[tuple[By, WireItem]]:
    read = batch.Read(consistent=True)
    read.ask(ReactionItem, [(user_id, reactions.sort_key(kind, message_id)) for user_id, message_id in wanted])
    for item in read.run().raw(ReactionItem):
        if _ENDED not in item:
            target = MessageId.parse(reactions.parse(item["reaction"]["S"])[1])
            yield (item["user_id"]["S"], target), item


def to_message(message_id: MessageId) -> list[Stored]:
    """Read the counted reactions to a message and what is left of its deleted replies, also those that have ended.

    Index keys `favourite_of`, eventually consistent, 0.5 RRU per 4 KB; then their keys, consistent, 1 RRU each.
    """
    return _read(index_keys(message_id))


def votes_in(message_id: MessageId) -> list[Stored]:
    """Read all votes in a message's poll, as `to_message`; 16 RRU for the index's keys if there are few votes."""
    return _read(votes.index_keys(message_id))


def _read(index_keys: list[str]) -> list[Stored]:
    found = chain.from_iterable(map(ReactionItem.by_message.query, index_keys))
    return reactions.read((item.user_id, item.reaction) for item in found)
