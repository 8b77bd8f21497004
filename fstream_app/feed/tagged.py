"""What the tail knows of hashtags: which of the newest messages have one.

The log has a small hash of each hashtag of a public message (`fstream_app.core.tagging`). So what the tail finds are
candidates, as everything else that it knows: the message itself says which hashtags it has.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from heapq import heappop, heappush, nlargest
from typing import NamedTuple

from fstream_app.core import packing, tagging
from fstream_app.repository.log import Appended

PER_TAG = 1000
"""Limit of entries kept of one hashtag: the newest ones."""
_KEPT_WHEN_FULL = 0.8
_COUNTED = 200
"""Newest entries of a hashtag whose accounts are counted."""
_CONSIDERED = 20_000
"""Hashtags whose accounts are counted to find those that most accounts use."""
_MINUTE = 60_000


class TagEntries(NamedTuple):
    """The tail's entries with a hashtag."""

    packed: bytes
    """Sorted by id (`fstream_app.core.tagging`)."""
    since: int
    """Time of posting (ms) from which none is missing that the tail has read."""


NO_ENTRIES = TagEntries(b"", 0)


class Tagged:
    """The entries of the tail by the hash of their hashtags. The tail serializes the calls.

    One hashtag keeps its newest thousand entries, so that none can push out the others. If all hashtags together have
    more than `capacity`, those posted longest ago are dropped.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: dict[int, bytes] = {}
        self._count = 0
        self._since = 0
        self._since_of: dict[int, int] = {}
        """Hash → the time from which nothing is missing, for hashtags that have had too many entries."""

    def add(self, item: Appended) -> None:
        """Add the hashtags of an item of the log. Idempotent.

        If it does not say which hashtags its messages have, nothing is known of these and of all older ones.
        """
        if not tagging.is_known(item.tags):
            newest = max((time for time, _, _ in packing.authors_in_log(item.packed)), default=-1)
            self._since = max(self._since, newest + 1)
            return
        for number, entry in tagging.unpack(item.packed, item.tags):
            if tagging.newest(entry) < max(self._since, self._since_of.get(number, 0)):
                continue
            known = self._entries.get(number, b"")
            grown = tagging.insert(known, entry)
            if len(grown) > PER_TAG * tagging.SIZE:
                oldest = next(tagging.times(grown[-int(_KEPT_WHEN_FULL * PER_TAG) * tagging.SIZE :]))
                self._since_of[number] = oldest + 1
                grown = tagging.from_time(grown, oldest + 1)
            self._entries[number] = grown
            self._count += (len(grown) - len(known)) // tagging.SIZE

    def trim(self, now: int) -> None:
        """Drop what has expired at this time (ms), and the oldest entries, if there are too many."""
        if self._count <= self._capacity:
            return
        self._keep(lambda packed: tagging.live_from(packed, now))
        most = int(self._capacity * _KEPT_WHEN_FULL)
        if self._count > most:
            self._since = time_of_newest(self._times, most) + 1
            self._keep(lambda packed: tagging.from_time(packed, self._since))

    def of(self, names: Collection[str]) -> dict[str, TagEntries]:
        """Return the entries of these hashtags, given by their normalised names."""
        numbers = {name: tagging.hash_of(name) for name in names}
        return {
            name: TagEntries(self._entries.get(number, b""), max(self._since, self._since_of.get(number, 0)))
            for name, number in numbers.items()
        }

    def most_used(self, number: int, since: int, now: int) -> list[tuple[int, bytes]]:
        """Return hash and newest entries of the hashtags that most accounts use, then the newest one of each account.

        Only entries count that were posted after `since` and have not expired (ms). One account, however many hashtags
        it has, fills one place. Only the 20,000 hashtags with most entries are considered: up to 100 ms of CPU.
        """
        several: list[tuple[int, int]] = []  # a heap of numbers of accounts with hashes
        single: dict[int, tuple[int, int]] = {}  # account → time of the newest entry, hash
        longest_first = sorted(self._entries.items(), key=lambda item: len(item[1]), reverse=True)
        for name_hash, packed in longest_first[:_CONSIDERED]:
            if len(several) == number and len(packed) <= tagging.SIZE * several[0][0]:
                break  # no hashtag has more accounts than entries
            accounts = tagging.authors(tagging.latest(packed, _COUNTED), since, now)
            if len(accounts) == 1:
                (account,) = accounts
                single[account] = max(single.get(account, (0, 0)), (tagging.newest(packed), name_hash))
            elif accounts:
                heappush(several, (len(accounts), name_hash))
                if len(several) > number:
                    heappop(several)
        ranked = [*sorted(several, reverse=True), *nlargest(number - len(several), single.values())]
        return [(name_hash, tagging.latest(self._entries[name_hash], _COUNTED)) for _, name_hash in ranked]

    def _keep(self, part: Callable[[bytes], bytes]) -> None:
        self._entries = {number: kept for number, packed in self._entries.items() if (kept := part(packed))}
        self._count = sum(map(len, self._entries.values())) // tagging.SIZE

    def _times(self) -> Iterator[int]:
        return (time for packed in self._entries.values() for time in tagging.times(packed))


def time_of_newest(times: Callable[[], Iterator[int]], number: int) -> int:
    """Return the time (ms) of the oldest among the `number` newest of some times, which `times` yields each time."""
    # Count by minute first: sorting the times of millions of entries would need more memory than the entries.
    minutes = Counter(time // _MINUTE for time in times())
    for minute in sorted(minutes, reverse=True):
        if minutes[minute] >= number:
            break
        number -= minutes[minute]
    return sorted(time for time in times() if time // _MINUTE == minute)[-number]
