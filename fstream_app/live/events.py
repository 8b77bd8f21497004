"""Events, as they are sent to one socket or several, and what they need of the client API."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple, Protocol

from fstream_app.core.entities import Message, Originals, Page, Window
from fstream_app.core.grants import Token
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry
from fstream_app.core.streams import Subscription
from fstream_app.messages.notifications import NotificationPage


class Kind(StrEnum):
    """The kind of an event, by its name in the client API."""

    UPDATE = "update"
    """A message is new."""
    EDIT = "status.update"
    DELETE = "delete"
    NOTIFICATION = "notification"
    FILTERS = "filters_changed"


class Event(NamedTuple):
    """Something that a client hears of."""

    kind: Kind
    id: MessageId
    """The message or notification: events are sent in the order of these ids."""
    version: int = 0
    """Of an edit: when it was made. Not part of the order."""
    payload: str | None = None
    messages: tuple[Message, ...] = ()
    """The messages of which the payload has the text: see `told`. Once one has expired, the event is not sent."""

    @property
    def order(self) -> int:
        """Its place among the events of one message: a message is new before it is edited, and gone last."""
        return list(Kind).index(self.kind)

    @property
    def until(self) -> int | None:
        """The time (ms) from which the event is not sent any more, if there is one."""
        return min((each.expires_at for each in self.messages), default=None)

    def lost(self, gone: Collection[MessageId]) -> set[MessageId]:
        """Return which messages have to disappear again after this event if some are gone: those in it, and a boost."""
        lost = {each.id for each in self.messages if each.id in gone}
        return lost | {each.id for each in self.messages if each.boost_of in lost}

    @property
    def key(self) -> tuple[str, MessageId, int]:
        """What is the same when the event is repeated."""
        return self.kind, self.id, self.version


def told(message: Message, originals: Originals) -> tuple[Message, ...]:
    """Return the messages that the payload for a message tells of: itself, what it boosts, and what that quotes."""
    found, original = [message], message.original
    while original and isinstance(part := originals.get(original), Message):
        found.append(part)
        original = part.original if message.boost_of and len(found) == 2 else None
    return tuple(found)


class ClientApi(Protocol):
    """The client API, as far as sending needs it: its words, and its lists."""

    def prepare(self, now: int) -> None:
        """Read what is needed, while messages settle."""

    def entry(self, message_id: MessageId) -> Entry | None:
        """Return what the log has said of a message that may be gone by now, if this process remembers it."""

    def hashtags(self, message_id: MessageId, names: Collection[str]) -> Collection[str]:
        """Return those of these hashtags that a message had, which may be gone by now, or all that it may have had."""

    def status(self, page: Page, now: int) -> str:
        """Return the payload for the only message of a page."""

    def notifications(self, page: NotificationPage, token: Token, now: int) -> dict[MessageId, str]:
        """Return the payloads of a page of notifications, by id, without those on which the application fails."""

    def home(self, user_id: str, window: Window, now: int) -> Page:
        """Return a page of a user's home timeline."""

    def inbox(self, user_id: str, window: Window, now: int) -> NotificationPage:
        """Return a page of a user's notifications."""

    def frame(self, subscription: Subscription, event: Event) -> bytes:
        """Return the frame of an event for a subscription."""
