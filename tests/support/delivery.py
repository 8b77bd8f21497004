"""Delivery of posted messages by both functions that read the messages stream."""

from collections.abc import Iterable, Sequence

from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout, views
from fstream_app.feed.changes import Change


def changes_of(message_ids: Iterable[MessageId]) -> list[Change]:
    """Return the changes that the stream reports when these messages have been posted."""
    return [Change(str(message_id), message_id, inserted=True) for message_id in message_ids]


def deliver(changes: Sequence[Change], now: int) -> set[str]:
    """Deliver a batch as `fan_out` and `views` do; return the sequence numbers that either reports as failed."""
    return fanout.deliver(changes, now) | views.deliver(changes, now)
