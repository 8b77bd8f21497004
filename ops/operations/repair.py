"""Makes anew what fan-out makes: heads, log, public and hashtag timelines, threads, notifications of mentions.

All of it follows from the messages table, and has keys made of the message (`fstream_app.feed.fanout`): to do it twice
changes nothing, so it may be done while FSTREAM runs, and for messages that were delivered. What a user has dismissed
stays dismissed. Notifications of follows are not made anew: the time of a follow, of which their id is made, is in the
stream alone. The log is appended to as of now, so that functions that are warm learn of what they have missed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fstream_app import tables
from fstream_app.core import database, retry
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout
from fstream_app.feed.fanout import Change
from fstream_app.repository import users
from ops.operations.errors import OperationError
from ops.operations.pace import Pace

PAGE = 100
"""Messages that are delivered together, as in a batch of the stream."""
_ATTEMPTS = 5

Key = dict[str, Any]
"""Of an item, as DynamoDB has it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages' ids, and where the next page begins: None after the last."""

    ids: Sequence[MessageId]
    looked_at: int
    """Items, expired ones included."""
    following: Key | None


class Bookmark:
    """A file that remembers how far a repair has come, until it is done."""

    def __init__(self, file: Path, table: str) -> None:
        self._file = file
        self._table = table

    def position(self) -> Key | None:
        """Return where to go on; None at the beginning, or where the file is another table's."""
        if not self._file.exists():
            return None
        noted = json.loads(self._file.read_text(encoding="utf-8"))
        return noted["position"] if noted["table"] == self._table else None

    def put(self, position: Key | None) -> None:
        """Note where to go on; None when nothing is left."""
        if position is None:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"table": self._table, "position": position}), encoding="utf-8")
        fresh.replace(self._file)


def everything(file: Path, pace: Pace, now: Callable[[], int], *, anew: bool = False, quiet: bool = False) -> int:
    """Repair all messages; go on where the last call was interrupted, unless it is to begin anew.

    For every live message 1 RRU and what its views cost, 1 RRU per 4 KB and 1 WRU for the head of its author once a
    page, 0.5 RRU per 4 KB of the table to look it through.

    Args:
        file: where to remember how far it has come.
        pace: what may be used of DynamoDB.
        now: the clock (ms).
        anew: whether to begin at the beginning in any case.
        quiet: whether to show no progress.

    Returns:
        How many messages were live.

    Raises:
        OperationError: the database did not do it.
    """
    description = database.connection().client.describe_table(TableName=tables.MessageItem.table_name())["Table"]
    bookmark = Bookmark(file, description["TableArn"])
    position = None if anew else bookmark.position()
    repaired = 0
    # DynamoDB counts a table's items every six hours, so the end of the bar is a guess.
    total = description.get("ItemCount") or None
    with tqdm(total=total, unit=" messages", disable=quiet or None) as bar:
        for page in _pages("Scan", {}, position, now):
            _deliver(page.ids, now)
            bookmark.put(page.following)
            repaired += len(page.ids)
            bar.update(page.looked_at)
            pace.wait()
    return repaired


def author(name: str, pace: Pace, now: Callable[[], int]) -> int:
    """Repair the messages of one author, as `everything` does; return how many are live.

    Raises:
        OperationError: nobody has this name, or the database did not do it.
    """
    author_id = users.id_by_name(name.removeprefix("@").lower())
    if author_id is None:
        raise OperationError(f"Nobody is called {name}.")
    condition = {
        "KeyConditionExpression": "author_id = :author",
        "ExpressionAttributeValues": {":author": {"S": author_id}},
    }
    repaired = 0
    for page in _pages("Query", condition, None, now):
        _deliver(page.ids, now)
        repaired += len(page.ids)
        pace.wait()
    fanout.rebuild_head(author_id, now())  # also where no message is left that would do it
    return repaired


def _pages(
    operation: str, condition: Mapping[str, Any], position: Key | None, now: Callable[[], int]
) -> Iterator[Page]:
    """Read keys of messages that are live, a page at a time; 0.5 RRU per 4 KB of whole items."""
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
        yield Page([MessageId.parse(item["id"]["S"]) for item in answer["Items"]], answer["ScannedCount"], position)
        if position is None:
            return


def _deliver(ids: Sequence[MessageId], now: Callable[[], int]) -> None:
    left: set[str] = {str(message_id) for message_id in ids}
    try:
        for _ in retry.attempts(_ATTEMPTS):
            changes = [Change(each, MessageId.parse(each), inserted=True) for each in sorted(left)]
            left = fanout.deliver(changes, now()) if changes else set()
            if not left:
                return
    except Unavailable as error:
        raise OperationError(
            f"{error} Call this again: it goes on from here, with --units-per-second more gently."
        ) from error
    raise OperationError(f"{len(left)} messages could not be delivered; the lines above say why. Call this again.")
