"""The notes that the log has beside messages, as the tail writes and reads them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from fstream_app.core.ids import MessageId


class Hear(Protocol):
    """`people.profiles.hear`."""

    def __call__(self, changing: Collection[str], *, is_gapless: bool) -> None:
        """Take in what a refresh has read."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a tail does with the notes that the log has beside messages; by default nothing."""

    write: Callable[[Collection[MessageId], int], None] | None = None
    """Writes which messages of this process are not delivered yet: ids, now. As `repository.log.note_awaited`."""
    hear: Hear | None = None
    """Takes the notes about profiles that change, after each refresh."""
