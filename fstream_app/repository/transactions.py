"""Transactions: all of their writes or none, tried again when another one was in the way."""

from collections.abc import Callable

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from fstream_app.core.database import connection
from fstream_app.core.errors import Unavailable
from fstream_app.core.retry import attempts
from fstream_app.repository import failures

_CONDITION_FAILED = "ConditionalCheckFailed"
_PASSING = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "TransactionInProgressException",
    }
)


class ConditionFailed(Exception):
    """A condition of the transaction did not hold; nothing was written.

    `places` are those of the failed items, in DynamoDB's order here: checks, deletes, puts, updates.
    """

    def __init__(self, places: frozenset[int]) -> None:
        super().__init__(f"conditions failed at {sorted(places)}")
        self.places = places


def commit(fill: Callable[[TransactWrite], None]) -> None:
    """Run the transaction that `fill` fills: 2 WRU an item up to 1 KB.

    Raises:
        ConditionFailed: a condition did not hold.
        Unavailable: others were in the way at every attempt.
    """
    for _ in attempts():
        try:
            with TransactWrite(connection=connection()) as transaction:
                fill(transaction)
        except TransactWriteError as error:
            codes = [reason.code if reason else None for reason in error.cancellation_reasons]
            failed = frozenset(place for place, code in enumerate(codes) if code == _CONDITION_FAILED)
            if failed:
                raise ConditionFailed(failed) from error
            if not _PASSING.intersection((*codes, failures.code(error))):
                raise
        else:
            return
    raise Unavailable("Too many changes at once. Try again in a moment.")
