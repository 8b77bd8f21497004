"""The measured costs of the real code, as a few coefficients; `ops.measuring` measures them.

The simulation prices these coefficients and nothing else. For whole operations, `points` compares the counted costs
with the predicted ones, to show how well the coefficients fit.
"""

import math
from dataclasses import dataclass

READ_UNIT = 4096
"""Bytes that a query reads per RRU."""
WRITE_UNIT = 1024
"""Bytes of an item that one WRU writes."""


@dataclass(frozen=True, slots=True)
class Point:
    """An operation's counted and predicted request units, without those of the log."""

    operation: str
    read_units: float
    write_units: float
    predicted_read_units: float
    predicted_write_units: float


@dataclass(frozen=True, slots=True)
class SocketCosts:
    """The coefficients of live arrival: what sockets cost, and what a message costs beyond its fan-out.

    Units as in `Costs`.
    """

    connect_rru: float
    connect_wru: float
    connect_trips: int
    connect_cpu: float
    frame_rru: float
    """RRU of a frame that subscribes."""
    frame_wru: float
    frame_trips: int
    frame_cpu: float
    query_rru: float
    """RRU of opening a WebSocket with a subscription in the address, which needs no frame."""
    query_wru: float
    query_trips: int
    query_cpu: float
    close_rru: float
    close_wru: float
    close_trips: int
    close_cpu: float
    online_bytes: float
    """Size of an open socket's entry in the index of online users."""
    presence_rru: float
    """RRU of asking whether anybody is online."""
    follower_bytes: float
    """Size of a follower's entry in the index that is intersected with the online users."""
    live_rru: float
    """RRU of a message to announce, without its author's followers: the message, and its author if not cached."""
    recipient_rru: float
    """RRU of each follower who is online: relations, and whether the socket's token is valid."""
    live_trips: int
    live_cpu: float
    """CPU (ms) of a message to announce."""
    send_cpu: float
    """CPU (ms) of each follower who is online: the check, and sending the frame."""
    frame_bytes: float
    """Size of an `update` frame."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The coefficients: request units (RRU, WRU), bytes, sequential round trips, CPU of this machine (ms)."""

    request_rru: float
    """RRU of any request: the token."""
    request_wru: float
    """WRU of any request: the rate limit, if one function serves all requests of a user; fewer if several do."""
    post_rru: float
    """RRU that a post adds: its author."""
    post_wru: float
    """WRU that a post adds: the message, its Idempotency-Key, the rate limit of posts."""
    fan_out_rru: float
    """RRU of fanning out a message: the message, and its author's newest messages for the head."""
    view_rru: float
    """RRU of adding a message to the views: the message and its author."""
    head_wru: float
    """WRU of fanning out a message: its author's head."""
    view_wru: float
    """WRU of adding a public message to the views: the public timeline."""
    log_item_bytes: float
    """Size of a log item without its entries."""
    log_entry_bytes: float
    edge_bytes: float
    message_bytes: float
    polled_own_rru: float
    """RRU of the reader's own messages in a poll for new ones, and on an older page if they have none."""
    message_rru: float
    """RRU of hydrating a message."""
    author_rru: float
    """RRU of hydrating an author who is not cached."""
    reactions_rru: float
    """RRU of the reactions on a page that is not empty."""
    head_rru: float
    """RRU of one head, when a read goes below the tail."""
    poll_trips: int
    page_trips: int
    post_trips: int
    fan_out_trips: int
    view_trips: int
    poll_cpu: float
    status_cpu: float
    """CPU (ms) that each message on a page adds to a poll's."""
    post_cpu: float
    fan_out_cpu: float
    """CPU (ms) of fanning out a message."""
    view_cpu: float
    """CPU (ms) of adding a message to the views."""
    status_bytes: float
    """Size of a message in the response: JSON, not compressed."""
    tail_entry_bytes: float
    """Memory for an entry of the tail whose author has no other entry."""
    sockets: SocketCosts
    points: tuple[Point, ...] = ()

    def home(self, followees: int, shown: int, unknown: int = 0, heads: int = 0, *, polled: bool = False) -> float:
        """Return the RRU of a home read, without the log.

        Args:
            followees: edges read.
            shown: messages hydrated.
            unknown: authors read because they are not cached.
            heads: heads read.
            polled: whether the read polls for new messages; otherwise it reads a page, and the own messages take 1 RRU.
        """
        fixed = self.request_rru + read_units(followees * self.edge_bytes) + (self.polled_own_rru if polled else 1)
        page = self.message_rru * shown + self.author_rru * unknown + self.reactions_rru * bool(shown)
        return fixed + page + self.head_rru * heads

    def log_bytes(self, entries: float) -> float:
        """Return the size of a log item with this number of entries."""
        return self.log_item_bytes + entries * self.log_entry_bytes


def read_units(size: float) -> int:
    """Return the RRU of a consistent query that reads this number of bytes."""
    return max(1, math.ceil(size / READ_UNIT))
