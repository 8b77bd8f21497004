"""Deletion of all messages of a user: the mark that hides them, and the messages that it hides."""

from contextlib import suppress
from itertools import islice

from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message
from fstream_app.core.ids import LOWEST, lowest_at
from fstream_app.repository import messages, rounds, wire
from fstream_app.repository.transactions import Writes
from fstream_app.repository.users import present
from fstream_app.tables import MessageItem, UserItem


class _Hidden(Exception):
    """The user is hidden or gone, or has hidden later messages already."""


def begin(user_id: str, until: int) -> None:
    """Hide a user's messages that were posted before this time (ms), and mark the first round of their deletion.

    One transaction; keys: `id`, present; `clear#<until>`. 4 WRU, 1 in the index. Does nothing if the user is leaving,
    suspended or gone, or if a later time is stored: then these messages are hidden already.
    """
    stored = UserItem.cleared_until
    earlier = stored.does_not_exist() | (stored <= until)
    writes = Writes()
    writes.update(UserItem(user_id), [stored.set(until)], present() & earlier, otherwise=_Hidden)
    writes.save(rounds.mark(EdgeKind.CLEAR, user_id, until))
    with suppress(_Hidden):
        writes.commit()


def hidden_of(user_id: str, until: int, limit: int) -> list[Message]:
    """Read at most `limit` of a user's messages, expired or not, that were posted before this time (ms).

    Key `author_id`, `id` between, consistent; 1 RRU per 4 KB.
    """
    items = wire.query(
        MessageItem,
        user_id,
        range_key_condition=MessageItem.id.between(str(LOWEST), str(lowest_at(until).previous())),
        limit=limit,
        consistent_read=True,
    )
    return [messages.from_item(item) for item in islice(items, limit)]
