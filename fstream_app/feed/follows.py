"""Notifications of follows, made from the stream of the relationships table."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from fstream_app.core import metrics
from fstream_app.core.metrics import Metric
from fstream_app.messages import notifications
from fstream_app.repository import batch
from fstream_app.repository import notifications as notification_items

logger = logging.getLogger(__name__)


class Followed(NamedTuple):
    """A follow, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    follower_id: str
    followed_id: str
    time: int
    """Milliseconds; at most a second after the follow."""


def welcome(follows: Sequence[Followed], now: int) -> set[str]:
    """Notify accounts of their new followers; 5 RRU and 1 WRU per follow.

    Returns:
        The sequence numbers of the follows to be retried.
    """
    failed = set()
    by_followed: dict[str, list[Followed]] = defaultdict(list)
    for follow in follows:
        by_followed[follow.followed_id].append(follow)
    for theirs in by_followed.values():
        try:
            made = [
                notification
                for follow in theirs
                for notification in notifications.of_follow(follow.follower_id, follow.followed_id, follow.time, now)
            ]
            items = {notification.id: notification_items.item(notification) for notification in made}
            batch.put(items.values())
            metrics.count(Metric.DELIVERIES, len(items))
        except Exception as error:  # noqa: BLE001
            logger.warning("follow notification to be tried again: %s", type(error).__name__)
            failed |= {follow.sequence for follow in theirs}
    return failed
