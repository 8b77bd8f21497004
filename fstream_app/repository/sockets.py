"""The sockets table: open WebSockets, by user and by connection, and who listens to what many may listen to.

A socket's own item is in a list of all that are open, by the time of opening, so that readers find those that are new.
API Gateway names only the connection in what it passes on after the opening, and a token's end only its user. So two
items lead from these to the socket's own. They are read consistently: a client subscribes right after the opening, and
a token may end at the same time.

Closing deletes what the list has of the socket. The two items lead nowhere from then on; they are never deleted but
expire, which costs nothing. That a socket has gone shows nowhere else: what reads the list learns it from API Gateway.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple
from zlib import crc32

from pynamodb.constants import ALL_OLD
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from fstream_app.core import clock, settings
from fstream_app.core.parallel import gather_all
from fstream_app.core.streams import LONGEST, Socket, Subscription
from fstream_app.repository import batch, conditional, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import SocketItem, has_expired

logger = logging.getLogger(__name__)

_OPENED = "opened"
_PAGE = 25
_TIME_LENGTH = 13
"""Digits of a time in a key, in milliseconds."""
_SOON = 400
"""Milliseconds, for each second that readers of the list read again (`FSTREAM_TAIL_OVERLAP`): within so much of its
opening, a socket's change needs no item of its own.
"""


class Name(NamedTuple):
    """A socket as its user's partition has it: it may have been closed."""

    user_id: str
    id: str
    opened_at: int
    shard: int
    token_hash: str

    @property
    def expires_at(self) -> int:
        """When it is forgotten."""
        return self.opened_at + LONGEST


def put(socket: Socket) -> None:
    """Put a new socket: the items of `items`, 3 WRU and 1 per topic."""
    batch.put(items(socket))


def items(socket: Socket) -> list[batch.Item]:
    """Return a new socket's items.

    Keys: `online#<shard>`, `<time>#<id>`; `user_id`, `id`; `socket#<id>`, `opened`; per topic `topic#<topic>`, `id`.
    """
    expires_at, opened_at = clock.ttl_seconds(socket.expires_at), socket.opened_at
    token = bytes.fromhex(socket.token_hash)
    own = SocketItem(
        *_key(socket.shard, opened_at, socket.id),
        owner=socket.user_id,
        since=socket.since,
        streams={each.key for each in socket.subscriptions} or None,
        token=token,
        scopes=" ".join(sorted(socket.scopes)) or None,
        expires_at=expires_at,
    )
    of_user = _leading(socket, socket.user_id, socket.id)
    of_user.token = token
    of_connection = _leading(socket, _connection_key(socket.id), _OPENED)
    topics = [SocketItem(_topic_key(topic), socket.id, expires_at=expires_at) for topic in _topics(socket)]
    return [own, of_user, of_connection, *topics]


def _leading(socket: Socket, hash_key: str, range_key: str) -> SocketItem:
    """Return an item that leads to a socket's own."""
    expires_at = clock.ttl_seconds(socket.expires_at)
    return SocketItem(hash_key, range_key, opened=socket.opened_at, part=socket.shard, expires_at=expires_at)


def find(connection_id: str, now: int) -> Socket | None:
    """Read a socket by its connection: keys `socket#<id>`, `opened`; its own; consistent; 2 RRU."""
    try:
        key = _key_of(connection_id)
    except DoesNotExist:
        return None
    item = wire.get(SocketItem, *key, consistent=True)
    socket = _socket(item) if item else None
    return socket if socket and now < socket.expires_at else None


def _key_of(connection_id: str) -> tuple[str, str]:
    """Return the key of a connection's socket.

    Raises:
        DoesNotExist: the connection is not known.
    """
    found = SocketItem.get(_connection_key(connection_id), _OPENED, consistent_read=True)
    return _key(int(found.part or 0), int(found.opened or 0), connection_id)


def names(user_id: str) -> list[Name]:
    """Return the sockets that a user has opened for some hours, also closed ones: key `user_id`, consistent; 1 RRU."""
    return [_name(item) for item in SocketItem.query(user_id, consistent_read=True) if item.opened]


def named(wanted: Iterable[Name]) -> list[Socket]:
    """Read those of these sockets that are open, also expired ones, oldest first: their own keys; 1 RRU each."""
    keys = [_key(each.shard, each.opened_at, each.id) for each in wanted]
    found = _own(keys, consistent=True) if keys else []
    return sorted(found, key=lambda socket: (socket.opened_at, socket.since, socket.id))


def get_many(keys: Iterable[tuple[str, str]], now: int) -> list[Socket]:
    """Read sockets by user and connection: keys `user_id`, `id`; their own; consistent; 2 RRU each; not closed ones."""
    found = map(_name, batch.get(SocketItem, keys, consistent=True))
    return [each for each in named(found) if now < each.expires_at]


def listeners(topic: str, now: int, most: int) -> int:
    """Count the sockets that have subscribed to a topic, up to `most`: key `topic#<topic>`; 0.5 RRU per some 50."""
    return sum(not has_expired(item.expires_at, now) for item in SocketItem.query(_topic_key(topic), limit=most))


def subscribe(socket: Socket, subscription: Subscription, now: int) -> bool:
    """Add a subscription: the socket's own key, present; 1 WRU, 1 or 2 more unless just opened; 1 for a topic.

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
    """Remove a subscription, as `subscribe` adds one. Idempotent."""
    _change(socket, SocketItem.streams.delete({subscription.key}), now)
    _leave(socket, subscription)


def _change(socket: Socket, action: Action, now: int) -> bool:
    """Change a socket, and let readers of the list find it again: keys `online#<shard>`, `<time>#<id>`.

    The item that leads from this change to the socket replaces that of the change before, whichever that was.
    """
    actions, key = [action, SocketItem.since.set(now)], _key(socket.shard, socket.opened_at, socket.id)
    leading = _changes(socket, now)
    batch.put(_leading(socket, *each) for each in leading)
    former = conditional.update_from(SocketItem, key, actions, SocketItem.user_id.exists())
    if former is None:
        batch.delete(SocketItem, leading)
        return False
    batch.delete(SocketItem, _changes(socket, int(former["since"]["N"])) - leading)
    return True


def _changes(socket: Socket, since: int) -> set[tuple[str, str]]:
    """Return the key of what leads from the last change at a time (ms) to a socket, unless it has just been opened."""
    soon = round(_SOON * settings.get().tail_overlap)
    return {_key(socket.shard, since, socket.id)} if since - socket.opened_at > soon else set()


def _leave(socket: Socket, subscription: Subscription) -> None:
    if subscription.topic:
        SocketItem(_topic_key(subscription.topic), socket.id).delete()


def remove(sockets: Iterable[Socket]) -> None:
    """Delete sockets: their own keys; as `_listed`; 1 WRU each, 1 per topic, 1 if changed later. Idempotent.

    What leads to them from their users and connections expires.
    """
    keys: set[tuple[str, str]] = set()
    for socket in sockets:
        keys |= {_key(socket.shard, socket.opened_at, socket.id), *_listed(socket)}
    batch.delete(SocketItem, keys)


def forget_names(forgotten: Iterable[Name]) -> None:
    """Delete what leads from users to their sockets: keys `user_id`, `id`; 1 WRU each. Idempotent."""
    batch.delete(SocketItem, [(each.user_id, each.id) for each in forgotten])


def forget(connection_id: str) -> None:
    """Delete the socket of a connection, as `remove`, without reading it; 1 RRU for its key. Idempotent."""
    try:
        key = _key_of(connection_id)
    except DoesNotExist:
        return
    answer = SocketItem.connection().delete_item(*key, return_values=ALL_OLD)
    if "Attributes" in answer:
        batch.delete(SocketItem, _listed(_socket(answer["Attributes"])))


def _listed(socket: Socket) -> set[tuple[str, str]]:
    """Return the keys under which lists have a socket besides its own: `topic#<topic>`, `id`; that of its change."""
    return {(_topic_key(topic), socket.id) for topic in _topics(socket)} | _changes(socket, socket.since)


def is_anybody_online(now: int, until: int | None = None) -> bool:
    """Return whether any socket has a subscription: keys `online#<shard>`, eventually consistent; 0.5 RRU per shard.

    The newest are read first, 25 at a time, and few have expired or subscribed to nothing. All shards in parallel.
    Those that have changed their subscriptions after a time (`until`, ms) may be left out.
    """
    shards = range(settings.get().online_shards)
    return any(gather_all([partial(_has_any, shard, now, until) for shard in shards]))


def _has_any(shard: int, now: int, until: int | None) -> bool:
    oldest = _time(now - LONGEST + 1)
    opened = SocketItem.id >= oldest if until is None else SocketItem.id.between(oldest, _time(until + 1))
    found = SocketItem.query(_online_key(shard), opened, scan_index_forward=False, page_size=_PAGE)
    return any(item.streams and (until is None or int(item.since or 0) <= until) for item in found)


def changed_since(time: int, now: int) -> list[Socket]:
    """Read the sockets that have changed their subscriptions since a time (ms), also those that have none any more.

    Keys `online#<shard>`, `<time>#` from the time on, eventually consistent; 0.5 RRU per 4 KB (some 25) and shard, and
    0.5 for each that was opened before; all shards in parallel. With the time 0, all open sockets. What is closed is
    not listed.
    """
    shards = range(settings.get().online_shards)
    parts = gather_all([partial(_changed, shard, max(time, now - LONGEST + 1)) for shard in shards])
    return [socket for part in parts for socket in part]


def _changed(shard: int, time: int) -> list[Socket]:
    own: dict[tuple[str, str], Socket] = {}
    led_to: set[tuple[str, str]] = set()
    for item in wire.query(SocketItem, _online_key(shard), range_key_condition=SocketItem.id >= _time(time)):
        key = item["user_id"]["S"], item["id"]["S"]
        if "opened" in item:
            led_to.add(_key(shard, int(item["opened"]["N"]), _connection_id(key[1])))
        else:
            own[key] = _socket(item)
    missing = led_to - own.keys()
    return [*own.values(), *(_own(missing, consistent=False) if missing else ())]


def _own(keys: Collection[tuple[str, str]], *, consistent: bool) -> list[Socket]:
    read = batch.Read(consistent=consistent)
    read.ask(SocketItem, keys)
    return [_socket(item) for item in read.run().raw(SocketItem)]


def _socket(item: WireItem) -> Socket:
    """Return the socket of its own item, as DynamoDB sends it: a cold function reads those of everybody online."""
    value = wire.values(item)
    return Socket(
        id=_connection_id(value["id"]),
        user_id=value["owner"],
        token_hash=value["token"].hex(),
        scopes=_scopes(value.get("scopes", "")),
        subscriptions=_subscriptions(frozenset(value.get("streams", ()))),
        since=int(value["since"]),
        expires_at=int(value["id"][:_TIME_LENGTH]) + LONGEST,
        shard=int(value["user_id"].partition("#")[2]),
    )


def _name(item: SocketItem) -> Name:
    return Name(item.user_id, item.id, int(item.opened or 0), int(item.part or 0), (item.token or b"").hex())


@lru_cache(maxsize=16)
def _scopes(stored: str) -> frozenset[str]:
    """Return stored scopes: one object for all sockets that have the same."""
    return frozenset(stored.split())


def _subscriptions(keys: frozenset[str]) -> frozenset[Subscription]:
    """Return stored subscriptions; without hashtags, one object for all sockets that have the same."""
    return frozenset(_parsed(keys)) if any("#" in each for each in keys) else _without_hashtags(keys)


@lru_cache(maxsize=64)
def _without_hashtags(keys: frozenset[str]) -> frozenset[Subscription]:
    return frozenset(_parsed(keys))


def _parsed(keys: Iterable[str]) -> Iterator[Subscription]:
    for key in keys:
        try:
            yield Subscription.parse(key)
        except ValueError:
            logger.warning("a subscription of a later version is ignored")


def _topics(socket: Socket) -> set[str]:
    return {each.topic for each in socket.subscriptions if each.topic}


def shard_of(connection_id: str) -> int:
    """Return the shard for a new socket."""
    return crc32(connection_id.encode()) % settings.get().online_shards


def _key(shard: int, time: int, connection_id: str) -> tuple[str, str]:
    """Return the key of a socket that was opened at a time (ms), or the one that leads from a time to it."""
    return _online_key(shard), f"{_time(time)}#{connection_id}"


def _online_key(shard: int) -> str:
    return f"online#{shard}"


def _connection_id(name: str) -> str:
    return name[_TIME_LENGTH + 1 :]


def _time(milliseconds: int) -> str:
    return f"{max(milliseconds, 0):0{_TIME_LENGTH}d}"


def _connection_key(connection_id: str) -> str:
    return f"socket#{connection_id}"


def _topic_key(topic: str) -> str:
    return f"topic#{topic}"
