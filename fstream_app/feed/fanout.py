"""Fan-out: what home timelines wait for, the log and the heads.

It is short, and costs about the same for every message, whatever its text and its author's followers: the log takes one
item per batch, and each author's head is rebuilt from the messages table. Both may be repeated: readers of the log drop
duplicates. Everything else that follows from a message is in `fstream_app.feed.views`.
"""

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from fstream_app.core import clock, metrics, packing, settings
from fstream_app.core.entities import Message
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Entry, Visibility
from fstream_app.core.parallel import gather, gather_all
from fstream_app.feed import changes as changed
from fstream_app.feed.changes import Change
from fstream_app.live import announcing
from fstream_app.live.entries import Reach
from fstream_app.repository import heads, log, messages

logger = logging.getLogger(__name__)

_APPENDS = 3
_LONGEST_APPEND = 1000
"""Milliseconds that an append may take: part of the overlap that readers read again. The rest is for clock skew."""


def deliver(changes: Sequence[Change], now: int) -> set[str]:
    """Append messages to the log, and rebuild the heads of the authors who posted or deleted messages.

    A message that is scheduled for later goes into the log where it would be appended then.

    RRU: 0.5 per message, 1 per 4 KB of each author's newest 80 messages. WRU: 1 per 50 messages for the log (fewer
    with hashtags) and 1 per scheduled message, 1 per author for the head.

    Returns:
        The sequence numbers of the changes to be retried.

    Raises:
        Unavailable: every append to the log took too long.
    """
    began = clock.monotonic()
    _, former, _ = gather(
        partial(_log, changes, now - began),
        partial(_rebuild_heads, changes),
        partial(announcing.posts, changed.posted(changes), now),
    )
    announcing.removals(_reaches(changes, former), now)
    return changed.of_authors(changes, {author_id for author_id, head in former.items() if head is None})


def _reaches(changes: Sequence[Change], former: Mapping[str, bytes | None]) -> dict[MessageId, Reach]:
    """Return whom each deleted message reached, as the heads have known it; if they did not, nobody but its author."""
    gone = [change.message_id for change in changes if not change.inserted]
    return {each: Reach.of(packing.find(former.get(each.author_id) or b"", each)) for each in gone}


def _log(changes: Sequence[Change], offset: int) -> None:
    found = messages.get_posted(changed.posted(changes))
    tags = {each: message.tags for each, message in found.items() if message.visibility is Visibility.PUBLIC}
    waiting = [each for each, message in found.items() if not message.is_due(offset + clock.monotonic())]
    log.append_scheduled([found[each].entry for each in waiting], tags)
    if posted := set(changed.posted(changes)).difference(waiting):
        append(sorted(_entry(each, found.get(each)) for each in posted), tags, offset)
        _count_lag(posted, offset + clock.monotonic())


def _entry(message_id: MessageId, found: Message | None) -> Entry:
    """Return the entry of a message; if it was deleted already, one that is never live, so that nobody waits for it.

    Whether a message has expired is left to the readers: this function's clock may be wrong.
    """
    return found.entry if found else Entry(message_id, 0, Visibility.DIRECT, is_reply=False)


def append(
    entries: Sequence[Entry], tags: Mapping[MessageId, Collection[str]], offset: int, *, is_new: bool = True
) -> None:
    """Append to the log under a time that no reader has gone past: the monotonic clock's, plus this offset (ms).

    Readers read only the last seconds again. An append that took longer, because of time-outs and retries, is repeated
    under a later time; readers drop the duplicates. WRU and arguments as for `log.append`.

    Raises:
        Unavailable: every append took too long.
    """
    shard = secrets.randbelow(settings.get().log_shards)
    for _ in range(_APPENDS):
        began = clock.monotonic()
        log.append(entries, shard, offset + began, tags, is_new=is_new)
        if clock.monotonic() - began <= _LONGEST_APPEND:
            metrics.count(Metric.DELIVERIES, len(entries))
            return
    raise Unavailable("Appending to the log took too long")


def _rebuild_heads(changes: Sequence[Change]) -> dict[str, bytes | None]:
    """Rebuild the heads of the changes' authors; return the former ones, or None for an author whose head failed."""
    authors = list({change.message_id.author_id: None for change in changes})
    return dict(zip(authors, gather_all([partial(_try_to_rebuild, author_id) for author_id in authors]), strict=True))


def _try_to_rebuild(author_id: str) -> bytes | None:
    try:
        return rebuild_head(author_id)
    except Exception as error:  # noqa: BLE001
        # If one author's head fails, only that author's records are retried.
        logger.warning("head to be rebuilt again: %s", type(error).__name__)
        return None


def rebuild_head(author_id: str) -> bytes:
    """Rebuild an author's head from the messages that exist, so repeats are harmless; 1 RRU per 4 KB, 1 WRU.

    Messages that have expired are left out only once DynamoDB has removed them: a clock that is ahead must not empty
    the head. Readers skip them.

    Returns:
        The former head, packed; empty if there was none.
    """
    entries = [message.entry for message in messages.newest_of(author_id, packing.HEAD_CAPACITY)]
    if entries:
        expires_at = clock.ttl_seconds(max(entry.expires_at for entry in entries))
        return heads.put(author_id, packing.pack_head(entries), expires_at)
    return heads.delete(author_id)


def _count_lag(delivered: Collection[MessageId], visible_at: int) -> None:
    """Record the time (ms) from posting to the log of each message, and count those for which nobody waited so long."""
    lags = [max(0, visible_at - message_id.time) for message_id in delivered]
    metrics.note(Metric.FAN_OUT_LAG, lags)
    metrics.count(Metric.LATE_DELIVERIES, sum(lag > 1000 * settings.get().settling_bound for lag in lags))
