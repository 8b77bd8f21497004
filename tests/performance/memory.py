"""Measures the memory of a warm API function with a full tail; run as a program, it prints the result as JSON."""

import json
import os
import sys
from pathlib import Path
from random import Random

from fstream_app.core import database, ids, packing
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed.tail import Tail
from fstream_app.repository.log import HOUR, Appended

ENTRIES = 200_000
AUTHORS = 100_000
SPREAD = 1.5
"""Standard deviation of the logarithm of messages per user, as in the simulation."""
A_BATCH = 20
NOW = 613_608 * HOUR - 1


def entries(random: Random) -> list[Entry]:
    """Return entries, 20 ms apart, whose authors' activity is distributed log-normally."""
    people = [ids.new_user_id() for _ in range(AUTHORS)]
    authors = random.choices(people, [random.lognormvariate(0, SPREAD) for _ in people], k=ENTRIES)
    return [
        Entry(MessageId.new(author, NOW - 20 * (ENTRIES - number)), 86_400, Visibility.PUBLIC, is_reply=False)
        for number, author in enumerate(authors)
    ]


class Log:
    """The log, in memory."""

    def __init__(self, posted: list[Entry]) -> None:
        self._batches = [
            Appended(str(first), posted[first].id.time, packing.pack_log(posted[first : first + A_BATCH]))
            for first in range(0, len(posted), A_BATCH)
        ]

    def read(self, shard: int, above: int, below: int, limit: int) -> list[Appended]:
        return [batch for batch in reversed(self._batches) if above <= batch.appended_at < below][:limit]


def filled() -> Tail:
    """Return a tail that has read as much of a log as fits."""
    tail = Tail(Log(entries(Random(1))).read, shards=1, capacity=ENTRIES, refresh_every=500, overlap=5000)
    tail.refresh(NOW)
    count = -1
    while count < tail.count:
        count = tail.count
        tail.extend(0)
    return tail


def size(tail: Tail) -> int:
    """Return the bytes that a tail's entries take."""
    remembered = tail._entries
    return sys.getsizeof(remembered) + sum(
        sys.getsizeof(author) + sys.getsizeof(packed) for author, packed in remembered.items()
    )


def resident() -> float:
    """Return this process's resident memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    import app  # all modules, as in the API function

    assert app.app.routes
    _ = database.connection().client
    before = resident()
    remembered = filled()
    measured = {
        "entries": remembered.count,
        "authors": len(remembered._entries),
        "bytes an entry": round(size(remembered) / remembered.count, 1),
        "process before, MB": round(before),
        "process, MB": round(resident()),
    }
    sys.stdout.write(json.dumps(measured))
