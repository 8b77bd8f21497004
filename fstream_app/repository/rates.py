"""The limits table's windows of rate limits: how much of each limit is used; and addresses known to an account."""

from collections.abc import Iterator
from contextlib import contextmanager

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import DoesNotExist, PynamoDBException

from fstream_app.core.errors import Unavailable
from fstream_app.repository import conditional
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
    with _answering():
        item.update([LimitItem.taken.add(number), LimitItem.expires_at.set(expires_at)])
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
    with _answering():
        answer = LimitItem.connection().update_item(
            key, actions=[*actions, *(each.remove() for each in before)], return_values="UPDATED_NEW"
        )
    return int(answer["Attributes"]["taken"]["N"]), int(answer["Attributes"][counted.attr_name]["N"])


def guess(key: str, now: int, most: int, expires_at: int) -> int | None:
    """Add 1 to the count of a window, which expires (s), unless it is paused (ms) or has `most`: key `key`; 1 WRU.

    Returns:
        The new count; None if nothing was added.

    Raises:
        Unavailable: the table did not respond.
    """
    item = LimitItem(key)
    until, taken = LimitItem.paused_until, LimitItem.taken
    allowed = (until.does_not_exist() | (until <= now)) & (taken.does_not_exist() | (taken < most))
    with _answering():
        held = conditional.update(item, [taken.add(1), LimitItem.expires_at.set(expires_at)], allowed)
    return int(item.taken or 0) if held else None


def pause(key: str, until: int) -> None:
    """Pause a window until a time (ms): key `key`, present; 1 WRU.

    Raises:
        Unavailable: the table did not respond.
    """
    with _answering():
        conditional.update(LimitItem(key), [LimitItem.paused_until.set(until)], LimitItem.key.exists())


def guessed(key: str) -> tuple[int, int]:
    """Return a window's count, and the time (ms) until which it is paused, or 0: key `key`, consistent; 1 RRU."""
    item = _get(key)
    return (int(item.taken or 0), int(item.paused_until or 0)) if item else (0, 0)


def put_known(key: str, expires_at: int) -> None:
    """Record until a time (s) that an account knows an address: key `key`; 1 WRU.

    Raises:
        Unavailable: the table did not respond.
    """
    with _answering():
        LimitItem(key, expires_at=expires_at).save()


def known_until(key: str) -> int | None:
    """Return the time (s) until which an account knows an address, or None: key `key`, consistent; 1 RRU."""
    item = _get(key)
    return item.expires_at if item else None


def _get(key: str) -> LimitItem | None:
    with _answering():
        try:
            return LimitItem.get(key, consistent_read=True)
        except DoesNotExist:
            return None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except PynamoDBException as error:
        raise Unavailable("The database did not answer. Try again in a moment.") from error
