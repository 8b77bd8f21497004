"""The limits table's windows of rate limits: how much of each limit is used."""

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import UpdateError

from fstream_app.core.errors import Unavailable
from fstream_app.tables import LimitItem

_PARTS_REMOVED = 10
"""Parts before the current one whose counts an update removes. So few are left that an item stays within 1 KB."""


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


def add_in_part(key: str, part: int, expires_at: int) -> tuple[int, int]:
    """Add one to the counts of a window, which expires (s), and of one of its parts; return both: key `key`; 1 WRU.

    A part's count is in an attribute of its own, `part<number>`; the update removes those of the parts just before. If
    a response is lost, the retry counts again.

    Raises:
        Unavailable: the table did not respond.
    """
    counted = NumberAttribute(attr_name=f"part{part}")
    before = [NumberAttribute(attr_name=f"part{each}") for each in range(max(0, part - _PARTS_REMOVED), part)]
    actions = [LimitItem.taken.add(1), counted.add(1), LimitItem.expires_at.set(expires_at)]
    try:
        answer = LimitItem.connection().update_item(
            key, actions=[*actions, *(each.remove() for each in before)], return_values="UPDATED_NEW"
        )
    except UpdateError as error:
        raise Unavailable("The database did not answer. Try again in a moment.") from error
    return int(answer["Attributes"]["taken"]["N"]), int(answer["Attributes"][counted.attr_name]["N"])
