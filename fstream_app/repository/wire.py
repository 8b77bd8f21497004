"""Items as DynamoDB sends them: attribute name → {type: value}.

A page has dozens of messages, and a reader hundreds of edges. Making a PynamoDB model of each would take more CPU than
everything else that FSTREAM does for the page.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from fstream_app.tables import Table

WireItem = dict[str, Any]
_LARGEST = 400


def get(model: type[Table], hash_key: str, range_key: str | None, *, consistent: bool) -> WireItem | None:
    """Read an item by its keys; 0.5 RRU, 1 if consistent."""
    answer = model.connection().get_item(hash_key, range_key, consistent_read=consistent)
    found: WireItem | None = answer.get("Item")
    return found


def pages(
    model: type[Table],
    hash_key: str,
    *,
    limit: int | None = None,
    grows: bool = False,
    **parameters: Any,  # noqa: ANN401
) -> Iterator[list[WireItem]]:
    """Read a partition lazily, page by page; the other parameters are those of PynamoDB's `query`.

    Args:
        model: the table.
        hash_key: the partition.
        limit: the number of items per page.
        grows: whether each page is twice as large as the one before, up to 400 items, for small items of which a
            reader may pass over many.
        parameters: of the query.
    """
    start: WireItem | None = None
    while True:
        page = model.connection().query(hash_key, exclusive_start_key=start, limit=limit, **parameters)
        yield page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return
        if limit is not None and grows:
            limit = max(limit, min(2 * limit, _LARGEST))


def query(model: type[Table], hash_key: str, **parameters: Any) -> Iterator[WireItem]:  # noqa: ANN401
    """Read the items of a partition lazily; parameters as for `pages`."""
    return chain.from_iterable(pages(model, hash_key, **parameters))


def value(item: WireItem, name: str) -> Any:  # noqa: ANN401
    """Return an attribute's value without its type, numbers as text; None if the item lacks it."""
    typed = item.get(name)
    return next(iter(typed.values())) if typed else None


def values(item: WireItem) -> dict[str, Any]:
    """Return all attributes' values as `value` does."""
    return {name: next(iter(typed.values())) for name, typed in item.items()}
