"""Of the limits table: the windows of rate limits, and what was taken of each."""

from pynamodb.exceptions import UpdateError

from fstream_app.core.errors import Unavailable
from fstream_app.tables import LimitItem


def add(key: str, number: int, expires_at: int) -> int:
    """Add to what was taken of a window, which expires (s), and return what it is then: key `key`; 1 WRU.

    A retry after an answer that was lost counts again, so a limit may come early by so much, never late.

    Raises:
        Unavailable: the table did not answer.
    """
    item = LimitItem(key)
    try:
        item.update([LimitItem.taken.add(number), LimitItem.expires_at.set(expires_at)])
    except UpdateError as error:
        raise Unavailable("The database did not answer. Try again in a moment.") from error
    return int(item.taken or 0)
