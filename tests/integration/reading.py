"""Reading home page by page, in both directions."""

from fstream_app.core.entities import Window
from fstream_app.core.ids import LOWEST, MessageId
from fstream_app.feed.home import read as read_home


def backwards(reader: str, now: int, limit: int) -> list[list[MessageId]]:
    """Read home to its end, from the newest message on; return the ids on each page, newest first."""
    read: list[list[MessageId]] = []
    window = Window(limit=limit)
    while True:
        page = read_home(reader, window, now)
        assert len(page.messages) == limit or page.older is None
        read.append([message.id for message in page.messages])
        if page.older is None:
            return read
        window = Window(before=page.older, limit=limit)


def forwards(reader: str, now: int, limit: int, after: MessageId = LOWEST) -> list[list[MessageId]]:
    """Read home to its end, from the oldest message after one on; return the ids on each page, oldest first."""
    read: list[list[MessageId]] = []
    window = Window(after=after, limit=limit, oldest_first=True)
    while True:
        page = read_home(reader, window, now)
        if not page.messages:
            return read
        read.append([message.id for message in reversed(page.messages)])
        assert page.newer is not None
        window = Window(after=page.newer, limit=limit, oldest_first=True)
