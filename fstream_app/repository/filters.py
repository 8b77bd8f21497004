"""Filters in the relationships table: a user's keywords in one item, and the single messages to filter in another.

Both items are in partitions of their own, `<user>~filters` and `<user>~filtered`, so that reading the user's edges does
not read them. The mark `filter#` among the edges says which version is current. A page that has read the edges needs
no consistent read of the items, unless a replica still has an older version. A user without filters has none of these.

One transaction writes all three, with the same version, on condition that the version is still the one that was read.
The item with the single messages expires with the last of these. So the table does not name the author of a message
that is gone for longer than a message can live.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from fstream_app.core import clock, partitions
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.errors import Unauthenticated
from fstream_app.core.filters import Filter, FilterAction, FilterContext, FilteredMessage, FilterMark, Filters, Keyword
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.repository import batch, users, wire
from fstream_app.repository.transactions import Writes
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem, UserItem

_CONTEXTS = tuple(FilterContext)
_ACTIONS = (FilterAction.WARN, FilterAction.HIDE)
_VERSION, _UNTIL, _FILTERS = (
    str(each.attr_name) for each in (EdgeItem.version, EdgeItem.messages_until, EdgeItem.filters)
)


class Marked(NamedTuple):
    """Filters to be read together with other items. The user's edges, with the mark, have been read."""

    user_id: str
    mark: FilterMark
    now: int
    """Milliseconds."""

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The keys to read, eventually consistent; 0.5 RRU each. The second one only while single messages are live."""
        both = [key(self.user_id), _key_of_messages(self.user_id)]
        return both if self.mark.messages_until > self.now else both[:1]

    def found(self, items: Sequence[WireItem]) -> Filters:
        """Return the filters in the items; if these are not of the mark's version, read them again, as `read`.

        Then a replica lags behind, or the filters have just been changed.
        """
        if len(items) < len(self.keys) or {_version(item) for item in items} != {self.mark.version}:
            return read(self.user_id)
        return _filters(self.user_id, items)


class _Packed(msgspec.Struct, array_like=True):
    """A filter as it is packed. What a later version appends is skipped."""

    id: int
    title: str
    contexts: int
    """A bit for each of `_CONTEXTS`."""
    action: int
    """The place in `_ACTIONS`."""
    expires_at: int | None
    keywords: tuple[Keyword, ...]


class _PackedMessage(msgspec.Struct, array_like=True):
    """A single message as it is packed."""

    id: int
    filter_id: int
    message_id: bytes
    expires_at: int


class _Changed(Exception):
    """Another request has changed the filters since they were read."""


def key(user_id: str) -> tuple[str, str]:
    """Return the key of a user's keywords."""
    return partitions.filters(user_id), edge(EdgeKind.FILTER, user_id)


def _key_of_messages(user_id: str) -> tuple[str, str]:
    return partitions.filtered(user_id), edge(EdgeKind.FILTER, user_id)


def _key_of_mark(user_id: str) -> tuple[str, str]:
    return user_id, edge(EdgeKind.FILTER, user_id)


def mark_of(item: WireItem) -> FilterMark:
    """Return what a mark says."""
    return FilterMark(_version(item), int(wire.value(item, _UNTIL) or 0))


def read(user_id: str) -> Filters:
    """Read a user's filters: keys `<user>~filters` and `<user>~filtered`, consistent; 1 RRU each."""
    return _filters(user_id, _read([key(user_id), _key_of_messages(user_id)], consistent=True))


def read_lazily(user_id: str, now: int) -> Filters:
    """Read a user's filters without having read the user's edges: key `<user>~filters`, eventually consistent; 0.5 RRU.

    If they match single messages that are live, another round trip reads `<user>~filtered`, for 0.5 RRU.
    """
    items = _read([key(user_id)])
    if not items:
        return Filters(user_id)
    marked = Marked(user_id, mark_of(items[0]), now)
    return marked.found([*items, *_read(marked.keys[1:])])


def _read(keys: Sequence[tuple[str, str]], *, consistent: bool = False) -> list[WireItem]:
    read = batch.Read(consistent=consistent)
    read.ask(EdgeItem, keys)
    return read.run().raw(EdgeItem) if keys else []


def put(before: Filters, filters: Sequence[Filter], version: int) -> bool:
    """Replace a user's filters, which are `before`, in one transaction.

    Keys `<user>~filters` and the mark; 2 WRU per KB and 2, 2 more to check the user, 1 in the index for each new item;
    with single messages before or after, key `<user>~filtered`: 2 WRU per KB.

    Args:
        before: the filters as they were read.
        filters: the new ones.
        version: a version that the filters have not had.

    Returns:
        Whether they were replaced; False if they have changed.

    Raises:
        Unauthenticated: the user is leaving or gone.
    """
    writes = Writes()
    gone = Unauthenticated("The access token is invalid")
    writes.check(UserItem, before.user_id, condition=users.present(), otherwise=gone)
    until = max((each.expires_at for each in _messages(filters)), default=0)
    _write_keywords(writes, before, filters, version, until)
    messages = EdgeItem(*_key_of_messages(before.user_id), version=version)
    if until:
        messages.filters, messages.expires_at = _pack_messages(filters), clock.ttl_seconds(until)
        writes.save(messages)
    elif any(True for _ in _messages(before.all)):
        writes.delete(messages)
    try:
        writes.commit()
    except _Changed:
        return False
    return True


def _write_keywords(writes: Writes, before: Filters, filters: Sequence[Filter], version: int, until: int) -> None:
    """Add the writes of the keywords and of the mark, on condition that the filters have not changed."""
    keywords, mark = (EdgeItem(*each(before.user_id), version=version) for each in (key, _key_of_mark))
    same = EdgeItem.version == before.version if before.version else EdgeItem.edge.does_not_exist()
    if filters:
        keywords.filters = pack(filters)
        keywords.messages_until = mark.messages_until = until or None
        writes.save(keywords, same, otherwise=_Changed)
        writes.save(mark)
    else:
        writes.delete(keywords, same, otherwise=_Changed)
        writes.delete(mark)


def delete(user_id: str) -> None:
    """Delete all filters of a leaving user, and the mark, by which they are found, last; 3 WRU, 3 in the index."""
    gather_all([EdgeItem(*key(user_id)).delete, EdgeItem(*_key_of_messages(user_id)).delete])
    EdgeItem(*_key_of_mark(user_id)).delete()


def pack(filters: Iterable[Filter]) -> bytes:
    """Pack filters without single messages. A title that is the first keyword takes no room."""
    return msgspec.msgpack.encode([_packed(each) for each in filters])


def _packed(each: Filter) -> _Packed:
    title = "" if each.keywords and each.title == each.keywords[0].text else each.title
    contexts = sum(1 << place for place, context in enumerate(_CONTEXTS) if context in each.contexts)
    return _Packed(each.id, title, contexts, _ACTIONS.index(each.action), each.expires_at, each.keywords)


def _pack_messages(filters: Iterable[Filter]) -> bytes:
    found = _messages(filters)
    return msgspec.msgpack.encode(
        [_PackedMessage(each.id, each.filter_id, each.message_id.pack(), each.expires_at) for each in found]
    )


def _messages(filters: Iterable[Filter]) -> Iterator[FilteredMessage]:
    return chain.from_iterable(each.messages for each in filters)


def _version(item: WireItem) -> int:
    return int(wire.value(item, _VERSION))


def _filters(user_id: str, items: Iterable[WireItem]) -> Filters:
    """Return the filters in the items of a user's partitions."""
    by_partition = {item["u"]["S"]: item for item in items}
    keywords, single = (by_partition.get(each) for each, _ in (key(user_id), _key_of_messages(user_id)))
    if keywords is None:
        return Filters(user_id)
    messages = msgspec.msgpack.decode(wire.value(single, _FILTERS), type=list[_PackedMessage]) if single else []
    found = msgspec.msgpack.decode(wire.value(keywords, _FILTERS), type=list[_Packed])
    return Filters(user_id, tuple(_filter(each, messages) for each in found), _version(keywords))


def _filter(packed: _Packed, messages: Iterable[_PackedMessage]) -> Filter:
    return Filter(
        id=packed.id,
        title=packed.title or packed.keywords[0].text,
        contexts=frozenset(context for place, context in enumerate(_CONTEXTS) if packed.contexts >> place & 1),
        action=_ACTIONS[packed.action],
        expires_at=packed.expires_at,
        keywords=packed.keywords,
        messages=tuple(
            FilteredMessage(each.id, each.filter_id, MessageId.unpack(each.message_id), each.expires_at)
            for each in messages
            if each.filter_id == packed.id
        ),
    )
