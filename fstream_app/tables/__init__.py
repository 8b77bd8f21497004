"""The tables as PynamoDB models, one module per subject. Provisioning and templates are derived from them.

Only `fstream_app.repository`, `ops` and tests import them. Times are milliseconds, except the TTL attribute
`expires_at`, which DynamoDB requires in seconds.
"""

from fstream_app.tables.access import ApplicationItem, LimitItem, TokenIndex, TokenItem
from fstream_app.tables.base import CountedTable, CountingTable, Expiry, Table, has_expired
from fstream_app.tables.feed import HeadItem, LogItem, TimelineItem
from fstream_app.tables.live import SocketItem
from fstream_app.tables.messages import FavouriteIndex, MessageItem, NotificationItem, ReactionItem
from fstream_app.tables.moderation import ReportedIndex, ReporterIndex, ReportItem
from fstream_app.tables.people import EdgeIndex, EdgeItem, NameIndex, UserItem

__all__ = [
    "ALL",
    "ApplicationItem",
    "CountedTable",
    "CountingTable",
    "EdgeIndex",
    "EdgeItem",
    "Expiry",
    "FavouriteIndex",
    "HeadItem",
    "LimitItem",
    "LogItem",
    "MessageItem",
    "NameIndex",
    "NotificationItem",
    "ReactionItem",
    "ReportItem",
    "ReportedIndex",
    "ReporterIndex",
    "SocketItem",
    "Table",
    "TimelineItem",
    "TokenIndex",
    "TokenItem",
    "UserItem",
    "has_expired",
]

ALL: tuple[type[Table], ...] = (
    UserItem,
    MessageItem,
    EdgeItem,
    HeadItem,
    LogItem,
    TimelineItem,
    NotificationItem,
    ReactionItem,
    ApplicationItem,
    TokenItem,
    LimitItem,
    ReportItem,
    SocketItem,
)
