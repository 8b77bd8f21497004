"""The sockets table: open WebSockets, by user and by connection, and who listens to what many may listen to.

API Gateway names only the connection in what it passes on after the opening, so an item of its own leads from the
connection to its user. It is read consistently: a client subscribes right after the opening, when an index would not
yet show the socket. Once the socket is gone, that item leads nowhere. It is never deleted but expires, which costs
nothing. That a socket has gone shows in no index: what reads the index learns it from API Gateway.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from zlib import crc32

from pynamodb.constants import ALL_OLD
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from fstream_app.core import clock, settings
from fstream_app.core.parallel import gather_all
from fstream_app.core.streams import LONGEST, Socket, Subscription
from fstream_app.repository import batch, conditional, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import OnlineIndex, SocketItem, has_expired

logger = logging.getLogger(__name__)

_OWNER = "owner"
_PAGE = 25


def put(socket: Socket) -> None:
    """Put a new socket.

    Keys: `user_id`, `id`; `socket#<id>`, `owner`; `topic#<topic>`, `id` for each topic. 2 WRU and 1 per topic, in the
    index 1 if it has subscribed to something.
    """
    expires_at = clock.ttl_seconds(socket.expires_at)
    item = SocketItem(
        socket.user_id,
        socket.id,
        shard=_shard(socket.id) if socket.subscriptions else None,
        since=socket.since,
        streams={each.key for each in socket.subscriptions} or None,
        token=bytes.fromhex(socket.token_hash),
        scopes=" ".join(sorted(socket.scopes)) or None,
        expires_at=expires_at,
    )
    owner = SocketItem(_owner_key(socket.id), _OWNER, owner=socket.user_id, expires_at=expires_at)
    topics = [SocketItem(_topic_key(topic), socket.id, expires_at=expires_at) for topic in _topics(socket)]
    batch.put([item, owner, *topics])


def find(connection_id: str, now: int) -> Socket | None:
    """Read a socket by its connection: keys `socket#<id>`, `owner`; `user_id`, `id`; consistent; 2 RRU."""
    try:
        item = SocketItem.get(_owner(connection_id), connection_id, consistent_read=True)
    except DoesNotExist:
        return None
    return None if has_expired(item.expires_at, now) else _socket(item)


def _owner(connection_id: str) -> str:
    """Return the id of a connection's user.

    Raises:
        DoesNotExist: the connection is not known.
    """
    return SocketItem.get(_owner_key(connection_id), _OWNER, consistent_read=True).owner or ""


def get_many(keys: Iterable[tuple[str, str]], now: int) -> list[Socket]:
    """Read sockets by user and connection: keys `user_id`, `id`; consistent; 1 RRU each. Closed ones are left out."""
    found = batch.get(SocketItem, keys, consistent=True)
    return [_socket(item) for item in found if not has_expired(item.expires_at, now)]


def of_user(user_id: str) -> list[Socket]:
    """Read a user's sockets, also expired ones, the one that was opened first at the front; 1 RRU.

    Key `user_id`, consistent. Of those opened within the same second, the one that last subscribed comes last.
    """
    found = [_socket(item) for item in SocketItem.query(user_id, consistent_read=True)]
    return sorted(found, key=lambda socket: (socket.expires_at, socket.since, socket.id))


def listeners(topic: str, now: int, most: int) -> int:
    """Count the sockets that have subscribed to a topic, up to `most`: key `topic#<topic>`; 0.5 RRU per some 50."""
    return sum(not has_expired(item.expires_at, now) for item in SocketItem.query(_topic_key(topic), limit=most))


def subscribe(socket: Socket, subscription: Subscription, now: int) -> bool:
    """Add a subscription: key `user_id`, `id`, present; 1 WRU, in the index 1 the first time, then 2; 1 for a topic.

    Returns:
        Whether the socket is still there.
    """
    if subscription.topic:
        expires_at = clock.ttl_seconds(socket.expires_at)
        batch.put([SocketItem(_topic_key(subscription.topic), socket.id, expires_at=expires_at)])
    if _change(socket, SocketItem.streams.add({subscription.key}), now):
        return True
    _leave(socket, subscription)
    return False


def unsubscribe(socket: Socket, subscription: Subscription, now: int) -> None:
    """Remove a subscription: key `user_id`, `id`, present; 1 WRU, in the index 2; 1 for a topic. Idempotent."""
    _change(socket, SocketItem.streams.delete({subscription.key}), now)
    _leave(socket, subscription)


def _change(socket: Socket, action: Action, now: int) -> bool:
    # It stays in the index without subscriptions, so that readers see that it has none any more.
    actions = [action, SocketItem.since.set(now), SocketItem.shard.set(_shard(socket.id))]
    return conditional.update(SocketItem(socket.user_id, socket.id), actions, SocketItem.user_id.exists())


def _leave(socket: Socket, subscription: Subscription) -> None:
    if subscription.topic:
        SocketItem(_topic_key(subscription.topic), socket.id).delete()


def remove(sockets: Iterable[Socket]) -> None:
    """Delete sockets: keys `user_id`, `id`; `topic#<topic>`, `id`; 1 WRU each, 1 in the index, 1 per topic. Idempotent.

    What leads from their connections to their user expires.
    """
    keys: set[tuple[str, str]] = set()
    for socket in sockets:
        keys |= {(socket.user_id, socket.id), *_heard(socket)}
    batch.delete(SocketItem, keys)


def forget(connection_id: str) -> None:
    """Delete the socket of a connection, as `remove`, without reading it; 1 RRU for its user. Idempotent."""
    try:
        owner = _owner(connection_id)
    except DoesNotExist:
        return
    answer = SocketItem.connection().delete_item(owner, connection_id, return_values=ALL_OLD)
    if "Attributes" in answer:
        batch.delete(SocketItem, _heard(_socket(SocketItem.from_raw_data(answer["Attributes"]))))


def _heard(socket: Socket) -> set[tuple[str, str]]:
    """Return the keys under which a socket listens to topics."""
    return {(_topic_key(topic), socket.id) for topic in _topics(socket)}


def is_anybody_online(now: int, until: int | None = None) -> bool:
    """Return whether any socket has a subscription: index keys `shard`, eventually consistent; 0.5 RRU per shard.

    The newest are read first, and few have expired. All shards in parallel. Those that have changed their subscriptions
    after a time (`until`, ms) may be left out.
    """
    shards = range(settings.get().online_shards)
    return any(gather_all([partial(_has_any, str(shard), now, until) for shard in shards]))


def _has_any(shard: str, now: int, until: int | None) -> bool:
    oldest = now - LONGEST
    recent = OnlineIndex.since > oldest if until is None else OnlineIndex.since.between(oldest, until)
    items = SocketItem.online.query(shard, recent, scan_index_forward=False, page_size=_PAGE)
    return any(item.streams and not has_expired(item.expires_at, now) for item in items)


def changed_since(time: int, now: int) -> list[Socket]:
    """Read the sockets that have changed their subscriptions since a time (ms), also those that have none any more.

    Index keys `shard`, `since` from the time on, eventually consistent; 0.5 RRU per 4 KB (some 25) and shard; all
    shards in parallel. With the time 0, all open sockets. What is closed is not listed.
    """
    shards = range(settings.get().online_shards)
    parts = gather_all([partial(_changed, str(shard), max(time, now - LONGEST), now) for shard in shards])
    return [socket for part in parts for socket in part]


def _changed(shard: str, time: int, now: int) -> Sequence[Socket]:
    items = wire.query(
        SocketItem, shard, index_name=OnlineIndex.Meta.index_name, range_key_condition=OnlineIndex.since >= time
    )
    return [_from_wire(item) for item in items if not has_expired(int(item["expires_at"]["N"]), now)]


def _from_wire(item: WireItem) -> Socket:
    """Return the socket of an item as DynamoDB sends it: a cold function reads those of everybody who is online."""
    value = wire.values(item)
    return Socket(
        id=value["id"],
        user_id=value["user_id"],
        token_hash=value["token"].hex(),
        scopes=frozenset(value.get("scopes", "").split()),
        subscriptions=frozenset(_subscriptions(value.get("streams", ()))),
        since=int(value["since"]),
        expires_at=1000 * int(value["expires_at"]),
    )


def _socket(item: SocketItem) -> Socket:
    return Socket(
        id=item.id,
        user_id=item.user_id,
        token_hash=(item.token or b"").hex(),
        scopes=frozenset((item.scopes or "").split()),
        subscriptions=frozenset(_subscriptions(item.streams or ())),
        since=int(item.since or 0),
        expires_at=1000 * item.expires_at,
    )


def _subscriptions(keys: Iterable[str]) -> Iterator[Subscription]:
    for key in keys:
        try:
            yield Subscription.parse(key)
        except ValueError:
            logger.warning("a subscription of a later version is ignored")


def _topics(socket: Socket) -> set[str]:
    return {each.topic for each in socket.subscriptions if each.topic}


def _shard(connection_id: str) -> str:
    return str(crc32(connection_id.encode()) % settings.get().online_shards)


def _owner_key(connection_id: str) -> str:
    return f"socket#{connection_id}"


def _topic_key(topic: str) -> str:
    return f"topic#{topic}"
