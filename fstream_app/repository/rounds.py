"""Marks of work on an account that the stream function does round by round.

A mark is the item `<kind>#<round>` in the user's partition of relationships. Its put reaches the table's stream, whose
function does some of the work; each new round number triggers it once more.
"""

from fstream_app.core.edges import EdgeKind, edge
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeItem


class _RoundOver(Exception):
    """The next round has already begun."""


def mark(kind: EdgeKind, user_id: str, number: int) -> EdgeItem:
    """Return the item that marks a round."""
    return EdgeItem(user_id, edge(kind, str(number)))


def begin_next(kind: EdgeKind, user_id: str, number: int) -> None:
    """Replace the mark of this round with the next one's, so that the stream function continues.

    One transaction; keys: `<kind>#<round>`, present, and the next. 4 WRU, 1 each in the index. Does nothing if the mark
    of this round is missing, because the next round has then begun.
    """
    writes = Writes()
    writes.delete(mark(kind, user_id, number), EdgeItem.edge.exists(), otherwise=_RoundOver)
    writes.save(mark(kind, user_id, number + 1))
    try:
        writes.commit()
    except _RoundOver:
        return


def forget(kind: EdgeKind, user_id: str, number: int) -> None:
    """Delete the mark of a round: key `<kind>#<round>`; 1 WRU, 1 in the index. Idempotent."""
    mark(kind, user_id, number).delete()
