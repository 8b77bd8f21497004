"""Muted conversations: edges `still#<first message>` of a user, which expire.

A conversation that is unmuted keeps its edge, so that what happened in it while it was muted does not notify the user
later. Notifications are not left out when they are made, but when they are read, by the times in the edge.
"""

from fstream_app.core.edges import EdgeKind, edge, parse_edge
from fstream_app.core.following import Still
from fstream_app.core.ids import MessageId
from fstream_app.repository import conditional, wire
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem, has_expired

_PREFIX = edge(EdgeKind.STILL, "")
_SINCE, _UNTIL = str(EdgeItem.since.attr_name), str(EdgeItem.until.attr_name)


def put(user_id: str, root: MessageId, now: int, expires_at: int) -> None:
    """Mute a conversation until it expires (s): key `still#root`; 1 WRU, 1 in the index.

    If the conversation was muted before, it stays muted from the earlier time (ms) on; 1 WRU more.
    """
    item = EdgeItem(*_key(user_id, root), since=now, expires_at=expires_at)
    if not conditional.put(item, EdgeItem.edge.does_not_exist() | (EdgeItem.expires_at <= now // 1000)):
        # Another request may have deleted the edge since, and no read can do without its time.
        since = EdgeItem.since.set(EdgeItem.since | now)
        EdgeItem(*_key(user_id, root)).update([since, EdgeItem.until.remove(), EdgeItem.expires_at.set(expires_at)])


def end(user_id: str, root: MessageId, now: int, expires_at: int) -> None:
    """Unmute a conversation at this time (ms), and keep that until it expires (s); 1 WRU. Idempotent.

    Key `still#root`, muted.
    """
    conditional.update(
        EdgeItem(*_key(user_id, root)),
        [EdgeItem.until.set(now), EdgeItem.expires_at.set(expires_at)],
        (EdgeItem.expires_at > now // 1000) & EdgeItem.until.does_not_exist(),
    )


def renew(user_id: str, root: MessageId, expires_at: int) -> None:
    """Let a conversation stay muted until a later time (s): key `still#root`, present; 1 WRU. Idempotent."""
    conditional.update(EdgeItem(*_key(user_id, root)), [EdgeItem.expires_at.set(expires_at)], EdgeItem.edge.exists())


def delete(user_id: str, root: MessageId) -> None:
    """Forget that a conversation was muted: key `still#root`; 1 WRU, 1 in the index. Idempotent."""
    EdgeItem(*_key(user_id, root)).delete()


def of_user(user_id: str, now: int) -> dict[MessageId, Still]:
    """Read the conversations that a user has muted or unmuted: key `still#`, consistent; 1 RRU (per 50)."""
    prefix = EdgeItem.edge.startswith(_PREFIX)
    found = wire.query(EdgeItem, user_id, range_key_condition=prefix, consistent_read=True)
    every = {MessageId.parse(parse_edge(item["e"]["S"])[1]): of(item) for item in found}
    return {root: still for root, still in every.items() if not has_expired(still.expires_at, now)}


def of(item: WireItem) -> Still:
    """Return what an edge says, as DynamoDB sends it."""
    until = int(item[_UNTIL]["N"]) if _UNTIL in item else None
    return Still(int(item[_SINCE]["N"]), until, int(item["expires_at"]["N"]))


def _key(user_id: str, root: MessageId) -> tuple[str, str]:
    return user_id, edge(EdgeKind.STILL, str(root))
