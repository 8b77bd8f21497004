"""Batches of reads and writes on any tables, repeated until nothing is left unprocessed."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition

from fstream_app.core.database import connection
from fstream_app.core.entities import Part
from fstream_app.core.errors import Unavailable
from fstream_app.core.parallel import gather_all
from fstream_app.core.retry import attempts
from fstream_app.tables import Table

logger = logging.getLogger(__name__)

READ_LIMIT = 100
WRITE_LIMIT = 25

T = TypeVar("T")
M = TypeVar("M", bound=Table)
Key = str | tuple[str, str]
Item = Table
"""An item to be written; callers outside the repository only pass it on."""


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Split into lists of at most this size."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Read:
    """A read of items from several tables at once: `ask` for keys, `run`, then take what was `found`."""

    def __init__(self, *, consistent: bool = False) -> None:
        self._consistent = consistent
        self._consistently: set[type[Table]] = set()
        self._keys: list[tuple[type[Table], dict[str, Any]]] = []
        self._found: dict[str, list[dict[str, Any]]] = {}

    def ask(self, model: type[Table], keys: Iterable[Key], *, consistent: bool = False) -> None:
        """Add keys, each at most once; if `consistent`, this table is read consistently even if others are not."""
        self._keys += [(model, _key(model, key)) for key in keys]
        if consistent or self._consistent:
            self._consistently.add(model)

    def run(self) -> "Read":
        """Read the items: BatchGetItem, 100 keys per call, calls in parallel; 0.5 RRU per item, 1 if consistent."""
        pages = gather_all([partial(self._page, part) for part in chunks(self._keys, READ_LIMIT)])
        for page in pages:
            for table, items in page:
                self._found.setdefault(table, []).extend(items)
        return self

    def found(self, model: type[M]) -> Iterator[M]:
        """Return the items that were found, in no particular order."""
        return (model.from_raw_data(item) for item in self.raw(model))

    def raw(self, model: type[Table]) -> list[dict[str, Any]]:
        """Return the items that were found, as DynamoDB sent them."""
        return self._found.get(model.table_name(), [])

    def _page(self, keys: Sequence[tuple[type[Table], dict[str, Any]]]) -> list[tuple[str, list[dict[str, Any]]]]:
        request: dict[str, dict[str, Any]] = {}
        for model, key in keys:
            table = request.setdefault(model.table_name(), {"Keys": [], "ConsistentRead": model in self._consistently})
            table["Keys"].append(key)
        found: list[tuple[str, list[dict[str, Any]]]] = []
        for _ in attempts():
            answer = connection().dispatch("BatchGetItem", {"RequestItems": request})
            found += answer.get("Responses", {}).items()
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
        raise Unavailable("The database is busy. Try again in a moment.")


def beyond(key: Attribute[str], part: Part) -> Condition | None:
    """Return the condition that a range key is in a part of a list; None if the part has no bound."""
    if part.before:
        return key < part.before
    return key > part.after if part.after else None


def get(model: type[M], keys: Iterable[Key], *, consistent: bool = False) -> Iterator[M]:
    """Read items of one table: BatchGetItem; 0.5 RRU per item, 1 if consistent."""
    read = Read(consistent=consistent)
    read.ask(model, keys)
    return read.run().found(model)


def put(items: Iterable[Item]) -> None:
    """Put items of any tables, each key at most once: BatchWriteItem, 25 per call; 1 WRU per item.

    Raises:
        Unavailable: some items were still unprocessed after all attempts. Others may have been written.
    """
    _write((item.table_name(), {"PutRequest": {"Item": item.serialize()}}) for item in items)


def put_together(owned: Sequence[tuple[str, Item]]) -> set[str]:
    """Put items of several owners in as few calls as possible, in parallel; return the owners whose items failed.

    BatchWriteItem, 25 per call, each call for one table: a policy's condition on leading keys may be evaluated for the
    whole call. If a call with items of several owners fails, each owner's items are put again in a call of their own,
    so that one owner's failure is not the others'. 1 WRU per item.
    """
    by_table: dict[str, list[tuple[str, Item]]] = {}
    for owner, item in owned:
        by_table.setdefault(item.table_name(), []).append((owner, item))
    calls = [part for of_table in by_table.values() for part in chunks(of_table, WRITE_LIMIT)]
    return {owner for failed in gather_all([partial(_put_part, part) for part in calls]) for owner in failed}


def _put_part(part: Sequence[tuple[str, Item]]) -> set[str]:
    owners = {owner for owner, _ in part}
    try:
        put(item for _, item in part)
    except Exception as error:  # noqa: BLE001  # whatever failed, it may concern a single owner's items
        if len(owners) == 1:
            logger.warning("items to be put again: %s", type(error).__name__)
            return owners
        apart = [partial(_put_part, [each for each in part if each[0] == owner]) for owner in owners]
        return set().union(*gather_all(apart))
    return set()


def delete(model: type[Table], keys: Iterable[Key]) -> None:
    """Delete items of one table, each key at most once: BatchWriteItem, 25 per call; 1 WRU per item.

    Raises:
        Unavailable: some items were still unprocessed after all attempts. Others may have been deleted.
    """
    _write((model.table_name(), {"DeleteRequest": {"Key": _key(model, key)}}) for key in keys)


def _write(requests: Iterable[tuple[str, Any]]) -> None:
    for part in chunks(requests, WRITE_LIMIT):
        unprocessed: dict[str, list[Any]] = {}
        for table, request in part:
            unprocessed.setdefault(table, []).append(request)
        for _ in attempts():
            answer = connection().dispatch("BatchWriteItem", {"RequestItems": unprocessed})
            unprocessed = answer.get("UnprocessedItems") or {}
            if not unprocessed:
                break
        else:
            raise Unavailable("The database is busy. Try again in a moment.")


def _key(model: type[Table], key: Key) -> dict[str, Any]:
    values = (key,) if isinstance(key, str) else key
    return {name: {"S": value} for name, value in zip(model.key_names(), values, strict=True)}
