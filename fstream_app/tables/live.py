"""Open WebSockets."""

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from fstream_app.tables.base import Expiry, Table, described


class OnlineIndex(GlobalSecondaryIndex["SocketItem"]):  # type: ignore[no-untyped-call]
    """The sockets that have ever subscribed to something, by the time of their last change."""

    class Meta:  # noqa: D106
        index_name = "online-index"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    since = NumberAttribute(range_key=True)


class SocketItem(Table):
    """An open WebSocket, under its user and API Gateway's connection id.

    Under `socket#<connection id>` and `owner`: its user. Under `topic#<topic>` and the connection id: a socket that has
    subscribed to what others subscribe to as well.
    """

    Meta = described("sockets")
    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    owner = UnicodeAttribute(null=True)
    """Under `socket#<connection id>`: the user."""
    shard = UnicodeAttribute(null=True)
    """The partition of the index; None until the first subscription."""
    since = NumberAttribute(null=True)
    """When the socket was opened, or its subscriptions last changed."""
    streams = UnicodeSetAttribute(null=True)
    """What it has subscribed to (`fstream_app.core.streams.Subscription.key`)."""
    token = BinaryAttribute(legacy_encoding=False, null=True)
    """The hash of its token."""
    scopes = UnicodeAttribute(null=True)
    """The scopes of its token that matter here, separated by spaces."""
    expires_at = Expiry()
    online = OnlineIndex()
