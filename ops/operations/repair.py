"""Rebuilds what the functions `fan_out` and `views` write.

That is: heads, log, public and hashtag timelines, threads, and notifications of mentions.

All of this, keys included, is derived from the messages (`fstream_app.feed.fanout`, `fstream_app.feed.views`).
Repeating it changes nothing, so it is safe while FSTREAM runs, and for messages that were already delivered.
Notifications that a user has dismissed stay dismissed. Notifications of follows are not rebuilt: their ids contain the
time of the follow, which only the stream has. Log entries are appended at the current time, so that warm functions read
what they missed.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fstream_app import tables
from fstream_app.core import database, retry
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout, views
from fstream_app.feed.changes import Change
from fstream_app.repository import messages, recounting, users
from ops.operations.bookmark import Bookmark
from ops.operations.errors import OperationError
from ops.operations.pace import Pace

PAGE = 100
"""Messages delivered together, as in a batch of the stream."""
_ATTEMPTS = 5
_INDEX_LAG = 5
"""Seconds after which an index contains what its table does."""

Key = dict[str, Any]
"""An item's key in DynamoDB's wire form."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page of live messages."""

    ids: Sequence[MessageId]
    scanned: int
    """Number of items read, including expired ones."""
    following: Key | None
    """Where the next page begins; None after the last page."""


def everything(file: Path, pace: Pace, now: Callable[[], int], *, restart: bool = False, quiet: bool = False) -> int:
    """Repair all messages, continuing where the last call was interrupted.

    Cost: 1 RRU per live message plus its views; for each page, 1 RRU per 4 KB and 1 WRU for the head of each of its
    authors; 0.5 RRU per 4 KB of the table for the scan.

    Args:
        file: file that stores the position.
        pace: limit on request units.
        now: the clock (ms).
        restart: whether to ignore the stored position and start from the beginning.
        quiet: whether to hide the progress bar.

    Returns:
        The number of live messages.

    Raises:
        OperationError: the database failed.
    """
    description = database.connection().client.describe_table(TableName=tables.MessageItem.table_name())["Table"]
    bookmark = Bookmark(file, description["TableArn"])
    position = None if restart else bookmark.position()
    repaired = 0
    # DynamoDB counts a table's items only every six hours, so the progress bar's total is an estimate.
    total = description.get("ItemCount") or None
    with tqdm(total=total, unit=" messages", disable=quiet or None) as bar:
        for page in _pages("Scan", {}, position, now):
            _repair(page.ids, now)
            bookmark.put(page.following)
            repaired += len(page.ids)
            bar.update(page.scanned)
            pace.wait()
    return repaired


def people(file: Path, pace: Pace, *, restart: bool = False, quiet: bool = False) -> int:
    """Recount all users' followers and followed accounts, continuing as `everything` does.

    Cost: as `recounting.of_user` for each user; 0.5 RRU per 4 KB of the table for the scan.

    Returns:
        The number of users whose counts were wrong.

    Raises:
        OperationError: the database failed.
    """
    description = database.connection().client.describe_table(TableName=tables.UserItem.table_name())["Table"]
    bookmark = Bookmark(file, description["TableArn"])
    position = None if restart else bookmark.position()
    corrected = 0
    with tqdm(total=description.get("ItemCount") or None, unit=" users", disable=quiet or None) as bar:
        while True:
            page = users.ids_of_page(position, PAGE)
            corrected += sum(_recounted(partial(recounting.of_user, user_id, _wait)) for user_id in page.ids)
            bookmark.put(page.following)
            bar.update(page.scanned)
            pace.wait()
            position = page.following
            if position is None:
                return corrected


def _repair(ids: Sequence[MessageId], now: Callable[[], int]) -> None:
    """Deliver messages again, and correct their counts."""
    _deliver(ids, now)
    for message in messages.get_many(ids).values():
        _recounted(partial(recounting.of_message, message, now(), _wait))


def _recounted(recount: Callable[[], bool]) -> bool:
    try:
        return recount()
    except Unavailable as error:
        raise OperationError(_again(error)) from error


def _wait() -> None:
    time.sleep(_INDEX_LAG)


def _again(error: Unavailable) -> str:
    return f"{error} Run this command again: it continues from here. A lower --units-per-second reduces the load."


def author(name: str, pace: Pace, now: Callable[[], int]) -> int:
    """Repair the messages of one author, and the author's counts; return the number of live messages.

    Raises:
        OperationError: no user has this name, or the database failed.
    """
    author_id = users.id_by_name(name.removeprefix("@").lower())
    if author_id is None:
        raise OperationError(f"No user is named {name}. Check the name and the stage.")
    condition = {
        "KeyConditionExpression": "author_id = :author",
        "ExpressionAttributeValues": {":author": {"S": author_id}},
    }
    repaired = 0
    for page in _pages("Query", condition, None, now):
        _repair(page.ids, now)
        repaired += len(page.ids)
        pace.wait()
    _recounted(partial(recounting.of_user, author_id, _wait))
    fanout.rebuild_head(author_id)  # needed if no live message is left
    return repaired


def _pages(
    operation: str, condition: Mapping[str, Any], position: Key | None, now: Callable[[], int]
) -> Iterator[ScannedPage]:
    """Yield pages of the ids of live messages; costs 0.5 RRU per 4 KB of complete items."""
    while True:
        values = {":now": {"N": str(now() // 1000)}} | condition.get("ExpressionAttributeValues", {})
        request = {
            "TableName": tables.MessageItem.table_name(),
            "Limit": PAGE,
            "ProjectionExpression": "id",
            "FilterExpression": "expires_at > :now",
            **condition,
            "ExpressionAttributeValues": values,
        }
        answer = database.connection().dispatch(
            operation, request | ({"ExclusiveStartKey": position} if position else {})
        )
        position = answer.get("LastEvaluatedKey") or None
        yield ScannedPage(
            [MessageId.parse(item["id"]["S"]) for item in answer["Items"]], answer["ScannedCount"], position
        )
        if position is None:
            return


def _deliver(ids: Sequence[MessageId], now: Callable[[], int]) -> None:
    left: set[str] = {str(message_id) for message_id in ids}
    try:
        for _ in retry.attempts(_ATTEMPTS):
            changes = [Change(each, MessageId.parse(each), inserted=True) for each in sorted(left)]
            left = fanout.deliver(changes, now()) | views.deliver(changes, now(), renews=False) if changes else set()
            if not left:
                return
    except Unavailable as error:
        raise OperationError(_again(error)) from error
    raise OperationError(
        f"{len(left)} messages could not be repaired; see the errors above. Then run this command again."
    )
