"""Conditional writes of single items."""

from collections.abc import Callable, Sequence
from functools import partial

from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.repository import failures
from fstream_app.tables import Table


def put(item: Table, condition: Condition) -> bool:
    """Put an item if a condition holds; 1 WRU per KB. Return whether it held."""
    return _held(partial(item.save, condition=condition))


def update(item: Table, actions: Sequence[Action], condition: Condition) -> bool:
    """Update an item, given by its keys, if a condition holds; 1 WRU per KB. Return whether it held.

    If it held, `item` has the stored attributes afterwards.
    """
    return _held(partial(item.update, list(actions), condition=condition))


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
