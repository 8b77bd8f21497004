"""Quotes: messages that show another message below their own text."""

from enum import StrEnum

import msgspec

from fstream_app.core.ids import MessageId


class QuotePolicy(StrEnum):
    """Who may quote a message, besides its author; by its name in the client API."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class QuoteState(StrEnum):
    """What a reader sees of a quoted message, by its name in the client API."""

    ACCEPTED = "accepted"
    """The quoted message is shown."""
    MUTED = "muted_account"
    """The reader mutes the quoted author; the message is shown on request."""
    BLOCKED = "blocked_account"
    """The reader blocks the quoted author. Nothing is shown here, nor in the states below."""
    UNAUTHORIZED = "unauthorized"
    """The reader may not see the quoted message."""
    REVOKED = "revoked"
    """The quoted author has removed the message from the quote."""
    DELETED = "deleted"
    """The quoted message is gone: deleted, expired, or of an author who is gone or suspended."""

    @property
    def is_shown(self) -> bool:
        """Whether readers in this state get the quoted message."""
        return self in {QuoteState.ACCEPTED, QuoteState.MUTED}


class Quote(msgspec.Struct, frozen=True):
    """The part of a message that says which message it quotes."""

    of: MessageId
    until: int
    """When the quoted message expires (ms)."""
    revoked: bool = False
    """Whether the quoted author has removed the message from the quote."""
