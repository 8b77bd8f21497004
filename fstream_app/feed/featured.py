"""How an account uses hashtags: those that its profile features, and those that it might."""

from collections import Counter
from functools import partial
from itertools import islice
from typing import NamedTuple

from fstream_app.core.entities import Message, User, Window
from fstream_app.core.ids import lowest_at
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.feed.hashtags import Day, by_day
from fstream_app.messages.viewer import Viewer
from fstream_app.people import relationships
from fstream_app.repository import messages

COUNTED = 100
"""Newest messages of an account that are counted."""
_SUGGESTED = 10


class Use(NamedTuple):
    """An account's use of a hashtag."""

    name: str
    messages: int
    last: int | None
    """Time of the newest message (ms)."""


def of_account(user: User, reader_id: str | None, now: int) -> list[Use]:
    """Return the hashtags that an account's profile features, with their use; empty for those whom it blocks.

    3 RRU, and 0.5 per 4 KB of the account's newest hundred messages.
    """
    if not user.featured:
        return []
    relations, listed = gather(
        partial(relationships.of_reader_with, reader_id, user.id, now), partial(_listed, user, now)
    )
    if Viewer(reader_id, relations, now).why_passed_over(user.id) is not None:
        return []
    return [_use(name, listed) for name in user.featured]


def suggested(user: User, now: int) -> dict[str, list[Day]]:
    """Return the hashtags that an account uses most and its profile does not feature, with that use by day.

    0.5 RRU per 4 KB of the account's newest hundred messages.
    """
    listed = _listed(user, now)
    uses = Counter(name for message in listed for name in message.tags if name not in user.featured)
    ranked = sorted(uses, key=lambda name: (-uses[name], name))[:_SUGGESTED]
    return {name: by_day([message.id for message in listed if name in message.tags], now) for name in ranked}


def _listed(user: User, now: int) -> list[Message]:
    """Return an account's newest messages that everybody may see."""
    window = Window(after=lowest_at(user.cleared_until).previous(), limit=COUNTED)
    newest = messages.of_author(user.id, window, now, consistent=False)
    return [message for message in islice(newest, COUNTED) if message.visibility <= Visibility.UNLISTED]


def _use(name: str, listed: list[Message]) -> Use:
    times = [message.id.time for message in listed if name in message.tags]
    return Use(name, len(times), max(times, default=None))
