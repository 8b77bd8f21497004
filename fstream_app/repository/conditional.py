"""Conditional writes of single items."""

from collections.abc import Callable, Sequence
from functools import partial

from pynamodb.constants import ALL_OLD
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.repository import failures
from fstream_app.repository.wire import WireItem
from fstream_app.tables import Table


def put(item: Table, condition: Condition) -> bool:
    """Put an item if a condition holds; 1 WRU per KB. Return whether it held."""
    return _held(partial(item.save, condition=condition))


def update(item: Table, actions: Sequence[Action], condition: Condition) -> bool:
    """Update an item, given by its keys, if a condition holds; 1 WRU per KB. Return whether it held.

    If it held, `item` has the stored attributes afterwards.
    """
    return _held(partial(item.update, list(actions), condition=condition))


def update_from(
    model: type[Table], key: tuple[str, str], actions: Sequence[Action], condition: Condition
) -> WireItem | None:
    """Update an item if a condition holds; 1 WRU per KB. Return the item as it was before, or None."""
    former: WireItem = {}

    def write() -> None:
        answer = model.connection().update_item(*key, actions=list(actions), condition=condition, return_values=ALL_OLD)
        former.update(answer.get("Attributes", {}))

    return former if _held(write) else None


def delete(item: Table, condition: Condition) -> bool:
    """Delete an item, given by its keys, if a condition holds; 1 WRU per KB. Return whether it held."""
    return _held(partial(item.delete, condition=condition))


def _held(write: Callable[[], object]) -> bool:
    try:
        write()
    except (DeleteError, PutError, UpdateError) as error:
        if failures.is_condition(error):
            return False
        raise
    return True
