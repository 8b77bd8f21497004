"""The reads of an audit: pages of tables and partitions, and items by key. All are paced, and none is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fstream_app.core import database
from fstream_app.repository import batch
from fstream_app.repository.batch import Key
from fstream_app.repository.wire import WireItem, value
from fstream_app.tables import CountedTable, LimitItem, SocketItem, Table, TimelineItem, UserItem
from ops.operations.pace import Pace

PAGE = 100
"""Items of a table that are checked together."""
_PARTITION_PAGE = 1000

Start = dict[str, Any]
"""A page's first key in DynamoDB's wire form."""


class Page(NamedTuple):
    """A page of a table."""

    items: list[WireItem]
    following: Start | None
    """Where the next page begins; None after the last page."""


class Tables:
    """Reads of one network's tables."""

    def __init__(self, pace: Pace, clock: Callable[[], int]) -> None:
        self._pace = pace
        self._clock = clock

    def now(self) -> int:
        """Return the time (ms)."""
        return self._clock()

    def scan(self, model: type[Table], start: Start | None) -> Page:
        """Read a page of a table, consistently; 1 RRU per 4 KB."""
        return self._page("Scan", {"TableName": model.table_name(), "Limit": PAGE, "ConsistentRead": True}, start)

    def partition(self, model: type[Table], hash_key: str, beginning: str = "") -> Iterator[WireItem]:
        """Read the items of a partition whose range keys begin with a text, lazily, in key order, consistently.

        1 RRU per 4 KB.
        """
        hash_name, range_name = model.key_names()
        condition = _condition(hash_name, hash_key, range_name if beginning else "", beginning)
        return self._items({"TableName": model.table_name(), "ConsistentRead": True} | condition)

    def indexed(self, model: type[Table], index: str, name: str, key: str) -> Iterator[WireItem]:
        """Read the entries of an index with a key in the attribute `name`, lazily; 0.5 RRU per 4 KB."""
        return self._items({"TableName": model.table_name(), "IndexName": index} | _condition(name, key))

    def _items(self, request: Mapping[str, Any]) -> Iterator[WireItem]:
        page = self._page("Query", {**request, "Limit": _PARTITION_PAGE}, None)
        yield from page.items
        while page.following is not None:
            page = self._page("Query", {**request, "Limit": _PARTITION_PAGE}, page.following)
            yield from page.items

    def get(self, model: type[Table], keys: Iterable[Key]) -> Mapping[Key, WireItem]:
        """Read items by their keys, consistently; 1 RRU each. The result lacks those that do not exist."""
        read = batch.Read(consistent=True)
        read.ask(model, dict.fromkeys(keys))
        found = {key_of(model, item): item for item in read.run().raw(model)}
        self._pace.wait()
        return found

    def _page(self, operation: str, request: Mapping[str, Any], start: Start | None) -> Page:
        sent = {**request, "ExclusiveStartKey": start} if start else dict(request)
        answer = database.connection().dispatch(operation, sent)
        self._pace.wait()
        return Page(answer["Items"], answer.get("LastEvaluatedKey") or None)


def key_of(model: type[Table], item: WireItem) -> Key:
    """Return an item's key in the form in which the repository takes it."""
    values = [str(value(item, name)) for name in model.key_names()]
    return values[0] if len(values) == 1 else (values[0], values[1])


def _condition(name: str, key: str, range_name: str = "", beginning: str = "") -> dict[str, object]:
    names, values, condition = {"#h": name}, {":h": {"S": key}}, "#h = :h"
    if range_name:
        names["#r"], values[":r"] = range_name, {"S": beginning}
        condition += " AND begins_with(#r, :r)"
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def is_counted(item: WireItem) -> bool:
    """Return whether the counts contain an item of a counted table: also one that has ended, until it is subtracted."""
    return CountedTable.pending.attr_name not in item


def is_ended(item: WireItem) -> bool:
    """Return whether an item of a counted table has ended, so that it is only kept until it is subtracted."""
    return CountedTable.ended.attr_name in item


def shown(model: type[Table], item: WireItem) -> str:
    """Return an item's key as ids, without hashtags, addresses and names of reservations that have a user id."""
    key = key_of(model, item)
    if model is UserItem:
        return str(value(item, "user_id") or key)
    if model is LimitItem:
        return str(key).partition("#")[0]
    if isinstance(key, str):
        return key
    if model is TimelineItem:
        view, _, _ = key[0].partition("#")
        return view if view == "tags" else f"{view} {key[1]}" if view == "tag" else f"{key[0]} {key[1]}"
    if model is SocketItem and key[0].startswith("topic#"):
        return f"topic {key[1]}"
    return " ".join(key)
