"""What the real code costs, in few coefficients; `ops.measuring` counts them.

The simulation prices these coefficients and nothing else. `points` holds what was counted of whole operations beside
what the coefficients predict of them, so that everybody sees how well they fit.
"""

import math
from dataclasses import dataclass

READ_UNIT = 4096
"""Bytes that one RRU reads of a query."""
WRITE_UNIT = 1024
"""Bytes that one WRU writes of an item."""


@dataclass(frozen=True, slots=True)
class Point:
    """An operation: what was counted of it, and what the coefficients predict; the log's part left out."""

    operation: str
    read_units: float
    write_units: float
    predicted_read_units: float
    predicted_write_units: float


@dataclass(frozen=True, slots=True)
class Costs:
    """The coefficients: request units (RRU, WRU), bytes, round trips in sequence, CPU of this machine (ms)."""

    request_rru: float
    """Of any request: the token."""
    request_wru: float
    """Of any request: the rate limit, where one function gets all requests of a user; less where several do."""
    post_rru: float
    """Of a post besides: its author."""
    post_wru: float
    """Of a post besides: the message, its Idempotency-Key, the rate limit of posts."""
    deliver_rru: float
    """Of the fan-out, a message: itself, and its author's newest for the head."""
    head_wru: float
    """Of the fan-out, a message: its author's head."""
    view_wru: float
    """Of the fan-out, a public message: the public timeline."""
    log_item_bytes: float
    """Of an item of the log without its entries."""
    log_entry_bytes: float
    edge_bytes: float
    message_bytes: float
    polled_own_rru: float
    """Of one's own messages, where a poll asks for new ones."""
    message_rru: float
    """Of hydrating a message."""
    author_rru: float
    """Of hydrating an author who is not remembered."""
    reactions_rru: float
    """Of a page with something on it."""
    head_rru: float
    """Of one head, where a read goes below the tail."""
    poll_trips: int
    page_trips: int
    post_trips: int
    deliver_trips: int
    poll_cpu: float
    status_cpu: float
    """Of each message on a page, besides."""
    post_cpu: float
    deliver_cpu: float
    """Of the fan-out, a message."""
    status_bytes: float
    """Of a message in the answer: JSON, not compressed."""
    tail_entry_bytes: float
    """Of memory, for an entry of the tail whose author has no other."""
    points: tuple[Point, ...] = ()

    def home(self, followees: int, shown: int, unknown: int = 0, heads: int = 0, *, polled: bool = False) -> float:
        """RRU of a home read, without the log and own messages: of so many edges, messages, new authors, heads."""
        fixed = self.request_rru + read_units(followees * self.edge_bytes) + (self.polled_own_rru if polled else 1)
        page = self.message_rru * shown + self.author_rru * unknown + self.reactions_rru * bool(shown)
        return fixed + page + self.head_rru * heads

    def log_bytes(self, entries: float) -> float:
        """Bytes of an item of the log with so many entries."""
        return self.log_item_bytes + entries * self.log_entry_bytes


def read_units(size: float) -> int:
    """RRU of a consistent query of so many bytes."""
    return max(1, math.ceil(size / READ_UNIT))
