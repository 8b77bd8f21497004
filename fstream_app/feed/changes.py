"""Changes of messages, as the stream reports them."""

from collections.abc import Sequence
from typing import NamedTuple

from fstream_app.core.ids import MessageId


class Change(NamedTuple):
    """A message that was posted or deleted (not expired), parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    message_id: MessageId
    inserted: bool


def posted(changes: Sequence[Change]) -> set[MessageId]:
    """Return the ids of the posted messages."""
    return {change.message_id for change in changes if change.inserted}


def of_authors(changes: Sequence[Change], author_ids: set[str]) -> set[str]:
    """Return the sequence numbers of these authors' changes."""
    return {change.sequence for change in changes if change.message_id.author_id in author_ids}
