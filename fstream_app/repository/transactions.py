"""Transactions: all writes or none, retried when they conflict with others."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from fstream_app.core.database import connection
from fstream_app.core.errors import Unavailable
from fstream_app.core.retry import attempts
from fstream_app.repository import failures
from fstream_app.tables import Table

Failure = Exception | type[Exception]
"""The exception to raise when the condition of a write does not hold."""
ACTIONS = 100
"""Limit of writes in one transaction, each of another item."""
_CONDITION_FAILED = "ConditionalCheckFailed"
_PASSING = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "TransactionInProgressException",
    }
)


class _Group(IntEnum):
    """The groups in which PynamoDB sends a transaction's writes, in this order. DynamoDB returns its reasons in it."""

    CHECK = 0
    DELETE = 1
    SAVE = 2
    UPDATE = 3


class _Write(NamedTuple):
    group: _Group
    otherwise: Failure | None
    add: Callable[[TransactWrite], None]


class Writes:
    """The writes of one transaction, 2 WRU each up to 1 KB. Every condition names the exception that it raises."""

    def __init__(self) -> None:
        self._writes: list[_Write] = []

    def check(
        self,
        model: type[Table],
        hash_key: str,
        range_key: str | None = None,
        *,
        condition: Condition,
        otherwise: Failure,
    ) -> None:
        """Add a condition on an item that is not written. It costs as much as a write."""
        self._add(
            _Group.CHECK,
            condition,
            otherwise,
            lambda to: to.condition_check(model, hash_key, range_key, condition),
        )

    def delete(self, item: Table, condition: Condition | None = None, *, otherwise: Failure | None = None) -> None:
        """Add the deletion of an item; only its keys are needed."""
        self._add(_Group.DELETE, condition, otherwise, lambda to: to.delete(item, condition=condition))

    def save(self, item: Table, condition: Condition | None = None, *, otherwise: Failure | None = None) -> None:
        """Add the put of an item."""
        self._add(_Group.SAVE, condition, otherwise, lambda to: to.save(item, condition=condition))

    def update(
        self,
        item: Table,
        actions: Sequence[Action],
        condition: Condition | None = None,
        *,
        otherwise: Failure | None = None,
    ) -> None:
        """Add an update of an item; only its keys are needed."""
        self._add(_Group.UPDATE, condition, otherwise, lambda to: to.update(item, list(actions), condition=condition))

    def _add(
        self,
        group: _Group,
        condition: Condition | None,
        otherwise: Failure | None,
        add: Callable[[TransactWrite], None],
    ) -> None:
        if condition is not None and otherwise is None:
            raise TypeError("A condition needs an exception for when it does not hold")
        self._writes.append(_Write(group, otherwise, add))

    def commit(self) -> None:
        """Write everything.

        Raises:
            Exception: a condition did not hold, so nothing was written. If several did not hold, this is the exception
                of the write that was added first.
            Unavailable: every attempt conflicted with other writes, or was throttled.
        """
        for failure in self.attempt():
            raise failure

    def attempt(self) -> list[Exception]:
        """Write everything, or return why nothing was written.

        Returns:
            The exceptions of all conditions that did not hold, in the order in which the writes were added; empty if
            everything was written.

        Raises:
            Unavailable: every attempt conflicted with other writes, or was throttled.
        """
        for _ in attempts():
            try:
                with TransactWrite(connection=connection()) as transaction:
                    for write in self._writes:
                        write.add(transaction)
            except TransactWriteError as error:
                codes = [reason.code if reason else None for reason in error.cancellation_reasons]
                if _CONDITION_FAILED in codes:
                    return self._failures(codes)
                if not _PASSING.intersection((*codes, failures.code(error))):
                    raise
            else:
                return []
        raise Unavailable("Too many changes at once. Try again in a moment.")

    def _failures(self, codes: Sequence[str | None]) -> list[Exception]:
        sent = sorted(enumerate(self._writes), key=lambda placed: placed[1].group)  # stable within a group
        failed = sorted(place for (place, _), code in zip(sent, codes, strict=True) if code == _CONDITION_FAILED)
        named = [self._writes[place].otherwise for place in failed]
        return [failure() if isinstance(failure, type) else failure for failure in named if failure is not None]
