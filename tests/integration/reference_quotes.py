"""Quotes in the reference model: what readers see of quoted messages."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuoteState
from tests.integration.reference_boosts import Boosts
from tests.integration.reference_state import Event, Posted


@dataclass
class Quotes(Boosts, ABC):
    """All users' quotes. The model of everything else inherits them."""

    @abstractmethod
    def may_see(self, reader: str, posted: Posted, now: int) -> bool:
        """Return whether the reader may see a message."""

    def quoting(self) -> list[tuple[Posted, Posted]]:
        """Return all quotes that were ever made, with the messages that they quote."""
        found = [(each, each.message.quote_of) for each in self.posted.values()]
        return [(each, self.posted[quoted]) for each, quoted in found if quoted]

    def state(self, reader: str, message_id: MessageId, now: int) -> QuoteState:
        """Return what a reader sees of the message that a message quotes."""
        quoting_one = self.posted[message_id]
        quoted = self.posted[quoting_one.message.quote_of or message_id]
        author = quoted.message.author_id
        if quoting_one.revoked:
            return QuoteState.REVOKED
        if quoted.deleted or now >= quoted.expires_at:
            return QuoteState.DELETED
        if self.may_see(reader, quoted, now):
            return QuoteState.MUTED if self.muting.get((reader, author), 0) > now else QuoteState.ACCEPTED
        return QuoteState.BLOCKED if (reader, author) in self.blocking else QuoteState.UNAUTHORIZED

    def quotes_count(self, message_id: MessageId, now: int) -> int:
        """Return the number of a message's live and counted public or unlisted quotes that are not revoked."""
        return sum(
            each.delivered and not each.deleted and not each.revoked and now < each.expires_at
            for each, quoted in self.quoting()
            if quoted.message.id == message_id and each.message.visibility <= Visibility.UNLISTED
        )

    def is_quoted(self, event: Event, now: int) -> bool:
        """Return whether a notification is of no quote, or of one that still shows what its receiver wrote."""
        if event.kind != "quote":
            return True
        found = self.posted[event.message_id]
        return not found.revoked and now < self.posted[found.message.quote_of or event.message_id].expires_at
