"""The state of the reference model: messages, lists, filters, muted conversations and notifications."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.lists import RepliesPolicy
from fstream_app.core.packing import Visibility

TAG = "tag"


def receivers(message: Message) -> set[str]:
    """Return the users whom a message mentions or answers, without its author."""
    answered = {message.in_reply_to.author_id} if message.in_reply_to else set()
    return ({mention.user_id for mention in message.mentions} | answered) - {message.author_id}


@dataclass
class Posted:
    """A message and its state."""

    message: Message
    seconds: int
    """Its lifetime, in whole seconds."""
    expires_at: int
    thread_ends_at: int | None
    """If its thread ends together: when the first message expires."""
    deleted: bool = False
    delivered: bool = False
    notified_at: int | None = None
    """The time of its notifications: its first delivery that notifies somebody or counts it as a reply."""
    favourites: set[str] = field(default_factory=set)
    bookmarks: set[str] = field(default_factory=set)
    revoked: bool = False
    """Whether the author of the message that it quotes has revoked the quote."""

    def is_tagged(self, tag: str) -> bool:
        """Return whether it is on the timeline of a hashtag."""
        return self.message.visibility is Visibility.PUBLIC and tag in self.message.tags

    def early(self) -> "list[Event]":
        """Return the notifications of a message that is due later, none if it was deleted."""
        made, time = self.message, self.message.id.time
        found = [] if self.deleted else sorted(self.addressed())
        return [Event(user_id, kind, made.author_id, made.id, time) for user_id, kind in found]

    def addressed(self) -> set[tuple[str, str]]:
        """Return the users mentioned, replied to and quoted, and what notifies them."""
        made = self.message
        found = {(mention.user_id, "mention") for mention in made.mentions}
        found |= {(made.in_reply_to.author_id, "mention")} if made.in_reply_to else set()
        found |= {(made.quote_of.author_id, "quote")} if made.quote_of and not self.revoked else set()
        return found - {(made.author_id, "mention"), (made.author_id, "quote")}


@dataclass
class Listed:
    """A list of accounts."""

    owner: str
    policy: RepliesPolicy
    exclusive: bool
    members: set[str] = field(default_factory=set)


@dataclass
class Filtering:
    """A filter with one keyword."""

    expires_at: float
    messages: set[MessageId] = field(default_factory=set)


@dataclass(frozen=True)
class Event:
    """A notification."""

    receiver: str
    kind: str
    actor: str
    message_id: MessageId
    time: int


BATCH = 100
"""Milliseconds between the notifications of one batch's first and last message, at most."""


def agree(shown: Collection[Event], sure: Collection[Event], possible: Collection[Event] = ()) -> bool:
    """Return whether events are those that must be shown and may be, apart from a batch's milliseconds between them."""
    return all(any(map(partial(_is_shown_as, each), (*sure, *possible))) for each in shown) and all(
        any(_is_shown_as(one, each) for one in shown) for each in set(sure).difference(possible)
    )


def _is_shown_as(shown: Event, event: Event) -> bool:
    return shown == replace(event, time=shown.time) and 0 <= event.time - shown.time < BATCH


@dataclass(frozen=True)
class Still:
    """A muted conversation. Times are milliseconds."""

    since: int
    until: int | None
    expires_at: int
