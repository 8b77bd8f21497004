"""The limits table's windows of rate limits: how much of each limit is used."""

from pynamodb.exceptions import UpdateError

from fstream_app.core.errors import Unavailable
from fstream_app.tables import LimitItem


def add(key: str, number: int, expires_at: int) -> int:
    """Add a number to the count of a window, which expires (s), and return the new count: key `key`; 1 WRU.

    If a response is lost, the retry counts again. So a limit may be reached too early, never too late.

    Raises:
        Unavailable: the table did not respond.
    """
    item = LimitItem(key)
    try:
        item.update([LimitItem.taken.add(number), LimitItem.expires_at.set(expires_at)])
    except UpdateError as error:
        raise Unavailable("The database did not answer. Try again in a moment.") from error
    return int(item.taken or 0)
