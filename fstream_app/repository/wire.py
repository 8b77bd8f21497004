"""Items as DynamoDB sends them: attribute name → {type: value}.

A page has dozens of messages, and a reader hundreds of edges. Making a PynamoDB model of each would take more CPU than
everything else that FSTREAM does for the page.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from fstream_app.tables import Table

WireItem = dict[str, Any]


def get(model: type[Table], hash_key: str, range_key: str | None, *, consistent: bool) -> WireItem | None:
    """Read an item by its keys; 0.5 RRU, 1 if consistent."""
    answer = model.connection().get_item(hash_key, range_key, consistent_read=consistent)
    found: WireItem | None = answer.get("Item")
    return found


def pages(model: type[Table], hash_key: str, **parameters: Any) -> Iterator[list[WireItem]]:  # noqa: ANN401
    """Read a partition lazily, page by page; the parameters are those of PynamoDB's `query`."""
    start: WireItem | None = None
    while True:
        page = model.connection().query(hash_key, exclusive_start_key=start, **parameters)
        yield page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return


def query(model: type[Table], hash_key: str, **parameters: Any) -> Iterator[WireItem]:  # noqa: ANN401
    """Read the items of a partition lazily; parameters as for `pages`."""
    return chain.from_iterable(pages(model, hash_key, **parameters))


def value(item: WireItem, name: str) -> Any:  # noqa: ANN401
    """Return an attribute's value without its type, numbers as text; None if the item lacks it."""
    typed = item.get(name)
    return next(iter(typed.values())) if typed else None
