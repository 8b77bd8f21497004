"""What the layers hand each other: immutable, plain, without a trace of tables or HTTP. Times are milliseconds."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from fstream_app.core import packing
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.core.packing import Entry, Visibility

ReportCategory = Literal["spam", "legal", "violation", "other"]


class Field(msgspec.Struct, frozen=True):
    """A line of a profile: what it tells, and that."""

    name: str
    value: str


class User(msgspec.Struct, frozen=True):
    """A person or bot with a name here."""

    id: str
    name: str
    created_at: int
    password_hash: str
    display_name: str = ""
    note: str = ""
    fields: tuple[Field, ...] = ()
    bot: bool = False
    discoverable: bool = True
    default_lifetime: int | None = None
    """Seconds; None leaves it to the instance."""
    default_visibility: Visibility = Visibility.PUBLIC
    default_sensitive: bool = False
    default_language: str | None = None
    followers_count: int = 0
    following_count: int = 0
    leaving: bool = False
    """The account is being deleted. Only `departures` gets to see such a user; for all others there is none."""
    suspended: str | None = None
    """What a suspended user is told. Only `moderation`, and who logs in, gets to see such a user."""


class UserChange(msgspec.Struct, frozen=True):
    """A change of a user's profile and defaults: UNSET leaves an attribute as it is, None removes it."""

    display_name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    fields: tuple[Field, ...] | UnsetType | None = UNSET
    bot: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET
    default_lifetime: int | UnsetType | None = UNSET
    """Seconds."""
    default_visibility: Visibility | UnsetType = UNSET
    default_sensitive: bool | UnsetType = UNSET
    default_language: str | UnsetType | None = UNSET


class Mention(msgspec.Struct, frozen=True):
    """Somebody named in a message."""

    user_id: str
    name: str


class Message(msgspec.Struct, frozen=True):
    """A message; what is read of it may be gone in the next millisecond."""

    id: MessageId
    text: str
    lifetime: int
    """Seconds."""
    visibility: Visibility = Visibility.PUBLIC
    in_reply_to: MessageId | None = None
    answered_lifetime: int = 0
    """Seconds that the message it answers lives."""
    thread: MessageId | None = None
    """Of a reply: the message with which its thread began."""
    ancestors: bytes = b""
    """Of a reply: the ids above it, packed, oldest first."""
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    application: str | None = None
    application_website: str | None = None
    idempotency: str | None = None
    """The key of the record under which it was posted, if the client sent an Idempotency-Key."""
    favourites_count: int = 0
    lasting_replies: int = 0
    """How many of the replies that anybody may see live as long as it does."""
    brief_replies: frozenset[bytes] = frozenset()
    """Those that go before it does: entries as the log packs them."""
    hidden: bool = False
    """Its author is suspended."""

    @property
    def author_id(self) -> str:
        """The author, as the id tells."""
        return self.id.author_id

    @property
    def entry(self) -> Entry:
        """What heads and the log hold of it."""
        return Entry(self.id, self.lifetime, self.visibility, self.is_reply)

    @property
    def is_reply(self) -> bool:
        """Whether it answers somebody else's message."""
        return self.in_reply_to is not None and self.in_reply_to.author_id != self.author_id

    @property
    def expires_at(self) -> int:
        """The millisecond from which it is gone."""
        return self.entry.expires_at

    @property
    def is_counted(self) -> bool:
        """Whether what it answers counts it: only what anybody may see is counted."""
        return self.in_reply_to is not None and self.visibility <= Visibility.UNLISTED

    @property
    def outlives_answered(self) -> bool:
        """Whether it lives at least as long as what it answers."""
        return self.in_reply_to is not None and self.expires_at >= self._answered_until(self.in_reply_to)

    def is_live(self, now: int) -> bool:
        """Tell whether it has not expired at this time (ms)."""
        return now < self.expires_at

    def answers(self, now: int) -> MessageId | None:
        """Return what it answers, unless that has expired at this time (ms)."""
        answered = self.in_reply_to
        return answered if answered and now < self._answered_until(answered) else None

    def _answered_until(self, answered: MessageId) -> int:
        return answered.time + 1000 * self.answered_lifetime

    def replies_count(self, now: int) -> int:
        """Count the replies that are live at this time (ms)."""
        return self.lasting_replies + sum(packing.is_live_in_log(packed, now) for packed in self.brief_replies)

    def mentions_user(self, user_id: str) -> bool:
        """Tell whether this user is named in it."""
        return any(mention.user_id == user_id for mention in self.mentions)


class Relations(msgspec.Struct, frozen=True):
    """What a user thinks of others, and who blocks them. Timed mutes that are over are not in it."""

    following: frozenset[str] = frozenset()
    blocking: frozenset[str] = frozenset()
    blocked_by: frozenset[str] = frozenset()
    muting: frozenset[str] = frozenset()
    muting_notifications: frozenset[str] = frozenset()
    muted_until: Mapping[str, int] = {}
    """When timed mutes end, in milliseconds, by user."""
    followed_by: frozenset[str] = frozenset()
    """Only where it was asked for: it is not the user's own to keep."""

    def hides(self, user_id: str) -> bool:
        """Tell whether a block, either way, keeps these two from seeing each other."""
        return user_id in self.blocking or user_id in self.blocked_by


NO_RELATIONS = Relations()
"""Of a reader who is not logged in."""


PAGE = 20
"""Entries on a page where the reader does not ask for another number."""


class Window(msgspec.Struct, frozen=True):
    """The part of a timeline that a reader asks for: at most `limit` of the ids between two exclusive bounds."""

    after: MessageId = LOWEST
    before: MessageId = HIGHEST
    limit: int = PAGE
    oldest_first: bool = False
    """Read upwards from `after` (the client API's `min_id`) instead of downwards from `before`."""

    @property
    def start(self) -> MessageId:
        """The bound at which reading begins."""
        return self.after if self.oldest_first else self.before

    @property
    def is_poll(self) -> bool:
        """Whether the reader asks for what is newer than an id that it has."""
        return self.after > LOWEST or self.oldest_first

    def bounds(self) -> tuple[MessageId, MessageId] | None:
        """Return the lowest and the highest id between the bounds, both inclusive; None if nothing can be there."""
        lowest, highest = self.after.next(), self.before.previous()
        return (lowest, highest) if lowest <= highest else None

    def narrowed(self, *, after: MessageId = LOWEST, before: MessageId = HIGHEST) -> "Window":
        """Return the part of the window that is also between these bounds (exclusive)."""
        return msgspec.structs.replace(self, after=max(self.after, after), before=min(self.before, before))


class Part(msgspec.Struct, frozen=True):
    """Which part of a list of users, which is in the order of their ids."""

    limit: int
    after: str | None = None
    """Those with ids above this one."""
    before: str | None = None
    """Those right below this one."""


class Application(msgspec.Struct, frozen=True):
    """A registered client application."""

    id: str
    secret_hash: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    kept: bool = False
    """Whether it stays: somebody has logged in with it."""


class Token(msgspec.Struct, frozen=True):
    """An access token without its secret."""

    hash: str
    application_id: str
    application_name: str
    scopes: tuple[str, ...]
    created_at: int
    user_id: str | None = None
    """None: the token stands for the application alone."""
    application_website: str | None = None
    suspended: str | None = None
    """What a suspended user is told, instead of anything that the token covers."""


class Code(msgspec.Struct, frozen=True):
    """An authorization code without its secret: what somebody has granted to an application."""

    hash: str
    application_id: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    """Where it was sent."""
    challenge: str | None
    """PKCE's, by the method S256."""
    issued: str | None = None
    """The hash of the token that it has bought."""


class Quota(NamedTuple):
    """What is left of a limit."""

    limit: int
    remaining: int
    resets_at: int
    """Milliseconds."""


class ReactionKind(StrEnum):
    """What a user can make of a message."""

    FAVOURITE = "favourite"
    BOOKMARK = "bookmark"


class Reactions(msgspec.Struct, frozen=True):
    """Which of some messages are a reader's favourites and bookmarks."""

    favourites: frozenset[MessageId] = frozenset()
    bookmarks: frozenset[MessageId] = frozenset()


class Hidden(StrEnum):
    """Why a reader does not see a message."""

    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    """Not in the table: deleted, or it never was there."""
    BLOCKED = "BLOCKED"
    """By either of the two."""
    MUTED = "MUTED"
    NOT_FOLLOWED = "NOT_FOLLOWED"
    NOT_MENTIONED = "NOT_MENTIONED"
    REPLY_TO_STRANGER = "REPLY_TO_STRANGER"
    """A reply to somebody whom the reader does not follow, which is left out of home."""
    SUSPENDED = "SUSPENDED"
    """Its author is suspended."""
    LEAVING = "LEAVING"
    """Its author has left, or is leaving."""
    NOT_SETTLED = "NOT_SETTLED"
    """Younger than the settling time: its place in the order may still change."""


class Page(msgspec.Struct, frozen=True):
    """Messages, newest first, with their authors, the reader's reactions to them, and the cursors to go on with."""

    messages: list[Message]
    users: dict[str, User]
    reactions: Reactions = Reactions()
    older: MessageId | None = None
    """Go on below this id; None if nothing more is there."""
    newer: MessageId | None = None
    """Go on above this id."""
    hidden: Mapping[MessageId, Hidden] = {}
    """The candidates that were left out, and why."""


class NotificationKind(StrEnum):
    """The type of a notification, as the client API names it."""

    MENTION = "mention"
    FOLLOW = "follow"
    FAVOURITE = "favourite"
    WARNING = "moderation_warning"


class Notification(msgspec.Struct, frozen=True):
    """That something happened to a user."""

    user_id: str
    id: MessageId
    """Of the form of a message's: the time, the actor, and 15 bits that depend on the event."""
    kind: NotificationKind
    expires_at: int
    message_id: MessageId | None = None
    reason: str | None = None
    """Of a warning: what a moderator has written."""

    @property
    def actor_id(self) -> str:
        """Who did it, as the id tells; of a warning the user, as moderators have no names."""
        return self.id.author_id


class Report(msgspec.Struct, frozen=True):
    """What somebody finds wrong with an account, or with messages of it: ids, and never what these say."""

    id: MessageId
    """Of the form of a message's: the time, who reports, and 15 random bits."""
    account_id: str
    category: ReportCategory
    comment: str = ""
    message_ids: tuple[MessageId, ...] = ()

    @property
    def reporter_id(self) -> str:
        """Who reports, as the id tells."""
        return self.id.author_id
