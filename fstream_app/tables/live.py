"""Open WebSockets."""

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from fstream_app.tables.base import Expiry, Table, described


class SocketItem(Table):
    """An open WebSocket, in a list of all of them: under `online#<shard>` and `<time of opening>#<connection id>`.

    Other items lead to it: under its user and the connection id; under `socket#<connection id>` and `opened`; and, once
    its subscriptions have changed later, under `online#<shard>` and `<time of the change>#<connection id>`. Under
    `topic#<topic>` and the connection id: a socket that has subscribed to what others subscribe to as well.
    """

    Meta = described("sockets")
    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute(null=True)
    """The user; only in the socket's own item."""
    opened = NumberAttribute(null=True)
    """When the socket was opened (ms); only in items that lead to its own."""
    part = NumberAttribute(null=True)
    """The shard of the socket's own item; only in items that lead to it, because the number of shards may rise."""
    since = NumberAttribute(null=True)
    """When the socket was opened, or its subscriptions last changed (ms)."""
    streams = UnicodeSetAttribute(null=True)
    """What it has subscribed to (`fstream_app.core.streams.Subscription.key`)."""
    token = BinaryAttribute(legacy_encoding=False, null=True)
    """The hash of its token, also under its user."""
    scopes = UnicodeAttribute(null=True)
    """The scopes of its token that matter here, separated by spaces."""
    expires_at = Expiry()
