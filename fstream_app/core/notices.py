"""Notifications, which users get, markers, and reports, which moderators get. Times are milliseconds."""

from enum import StrEnum
from typing import Literal

import msgspec

from fstream_app.core.ids import MessageId

ReportCategory = Literal["spam", "legal", "violation", "other"]


class NotificationKind(StrEnum):
    """The type of a notification, by its name in the client API."""

    MENTION = "mention"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    REBLOG = "reblog"
    """A boost of one of the user's messages."""
    QUOTE = "quote"
    """A message that quotes one of the user's."""
    STATUS = "status"
    """A message of an account of whose messages the user is notified. It is computed on each read, and not stored."""
    WARNING = "moderation_warning"


class Notification(msgspec.Struct, frozen=True):
    """A notification to a user: of a follow or request, a reaction, a message, or a moderation warning."""

    user_id: str
    id: MessageId
    """Same layout as a message id: time, actor, 15 bits derived from the event."""
    kind: NotificationKind
    expires_at: int
    message_id: MessageId | None = None
    reason: str | None = None
    """In a warning: the moderator's text."""

    @property
    def actor_id(self) -> str:
        """The user who caused it, from the id; in a warning the notified user, because moderators are anonymous."""
        return self.id.author_id


class Marker(msgspec.Struct, frozen=True):
    """How far a user has read a timeline."""

    last_read: MessageId
    """The newest message or notification that was read. It may no longer exist."""
    version: int
    """How many times the marker was set."""
    updated_at: int


class Report(msgspec.Struct, frozen=True):
    """A report of an account or some of its messages: ids and a comment. A copy of the messages is kept apart."""

    id: MessageId
    """Same layout as a message id: time, reporter, 15 random bits."""
    account_id: str
    category: ReportCategory
    comment: str = ""
    message_ids: tuple[MessageId, ...] = ()
    rules: tuple[str, ...] = ()
    """The texts of the rules that were broken, as they were when it was made."""
    copied_until: int | None = None
    """The time until which the sealed copy of its messages can be opened; None if it has no copy."""

    @property
    def reporter_id(self) -> str:
        """The reporter's id, which is part of the report's id."""
        return self.id.author_id
