"""Settling: how far a timeline can be shown, because what is below is complete and its order no longer changes.

An id is shown to others once it is older than all of these:

1. the settling time, within which a message is usually delivered;
2. how late the stream function has been: it records its lag with each late batch in the log;
3. any message that is known to be on its way: this process posted it (`fstream_app.messages.awaited`), or another
   process did and noted in the log that it has waited for some time.

None of these holds a page back for longer than the bound. Home asks the tail for all three. Public and hashtag
timelines are written by another function, with its own lag; for them, a process looks for its own messages (3) on the
pages that it reads.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from fstream_app.core import settings
from fstream_app.core.entities import Window
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.messages import awaited
from fstream_app.messages.awaited import HOME
from fstream_app.messages.sources import Candidate, Pages
from fstream_app.repository import messages, timelines
from fstream_app.repository.log import Appended

RECENT = 10_000
"""Milliseconds for which readers follow the lag that a stream function has recorded."""
_NOTE_EVERY = 1000
"""Milliseconds between two notes of one process."""


def patience() -> int:
    """Return the age (ms) from which an undelivered message is noted for other processes.

    Half the settling time. They then read the note with a refresh that comes before they would show newer messages.
    """
    return int(500 * settings.get().settling_time)


class Signals:
    """What the log says about late deliveries, and what this process has noted there. The tail serializes the calls."""

    def __init__(self) -> None:
        self._late: list[Appended] = []
        """Late batches of the last seconds: of `fan_out`, and, with nothing packed, of `views`."""
        self._noted: set[MessageId] = set()
        """Messages that some process awaits."""
        self._noted_at = 0

    def add(self, item: Appended) -> None:
        """Take in an item of the log."""
        if item.lag.oldest:
            self._late.append(item._replace(packed=item.packed[:1]))
        self._noted.update(item.awaited)

    def prune(self, now: int) -> None:
        """Forget what no longer holds anything back at this time (ms)."""
        self._late = [each for each in self._late if abs(now - each.appended_at) <= RECENT]
        self._noted = {each for each in self._noted if abs(now - each.time) <= _bound()}

    def lag(self, *, of_views: bool = False) -> int:
        """Return how late (ms) the next batch of `fan_out`, or of `views`, may be, within the bound.

        That is as late as batches were in the last ten seconds: the newest message of any, or the oldest of two. One
        late batch whose newest message is fresh was an exception, because records come in order: it has caught up.
        """
        late = [each.lag for each in self._late if of_views is (not each.packed)]
        oldest = sorted(each.oldest for each in late)
        return min(max([0, *oldest[-2:-1], *(each.newest for each in late)]), _bound())

    def missing(self, arrived: Callable[[Iterable[MessageId]], list[MessageId]], now: int) -> set[MessageId]:
        """Return the messages that are known to be on their way, and await the others no longer.

        Args:
            arrived: returns those of the given messages that the tail has, or that it cannot know of.
            now: milliseconds.
        """
        own = awaited.shared()
        own.arrived(HOME, arrived(own.ids(HOME, now)))
        self._noted.difference_update(arrived(self._noted))
        # What is noted is pruned only when the log has been read.
        noted = {each for each in self._noted if abs(now - each.time) <= _bound()}
        return noted | own.ids(HOME, now)

    def overdue(self, now: int) -> set[MessageId]:
        """Return the messages of this process to be noted in the log: all that were not, once one has waited too long.

        Empty if the last note is less than a second old.
        """
        left = awaited.shared().ids(HOME, now) - self._noted
        is_due = abs(now - self._noted_at) >= _NOTE_EVERY and any(now - each.time >= patience() for each in left)
        return left if is_due else set()

    def noted(self, message_ids: Collection[MessageId], now: int) -> None:
        """Remember that these messages were noted in the log at this time (ms)."""
        self._noted.update(message_ids)
        self._noted_at = now


def own_missing(read: Mapping[str, Pages[Candidate]], window: Window, now: int) -> MessageId:
    """Return the lowest id in a window that this process posted to one of these timelines and that is not there yet.

    Args:
        read: the timelines by name, with the first page of each read and nothing taken.
        window: the part of the timelines that is shown.
        now: milliseconds.

    What is on the pages costs nothing. 0.5 RRU for each message that they do not reach, unless it was seen before, and
    1 RRU if it is missing.

    Returns:
        HIGHEST if nothing is missing.
    """
    own, missing, unknown = awaited.shared(), set[tuple[str, MessageId]](), set()
    for name, pages in read.items():
        for each in own.ids(name, now):
            if window.after < each < window.before:
                found = pages.has(each)
                if found:
                    own.arrived(name, [each])
                elif found is False:  # it may have come since, but not onto the page
                    missing.add((name, each))
                else:
                    unknown.add((name, each))
    existing = timelines.existing(unknown) if unknown else set()
    for name, each in existing:
        own.arrived(name, [each])
    missing |= unknown - existing
    return min(_to_come(missing, now), default=HIGHEST) if missing else HIGHEST


def _to_come(missing: Collection[tuple[str, MessageId]], now: int) -> Iterator[MessageId]:
    """Yield the messages that are still to come to timelines, given by name; await the others there no longer.

    1 RRU for each message.
    """
    stored = messages.get_many({each for _, each in missing})
    for name, each in missing:
        message = stored.get(each)
        if message is None or not message.is_live(now):  # deleted before it was delivered, or the pages leave it out
            awaited.shared().discard(each)
        elif name in awaited.names_of(message):
            yield each
        else:  # an edit has taken it out of this timeline
            awaited.shared().arrived(name, [each])


def _bound() -> int:
    return int(1000 * settings.get().settling_bound)
