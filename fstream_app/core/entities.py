"""Immutable structs passed between layers, independent of tables and HTTP. Times are milliseconds."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from fstream_app.core import packing
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.core.polls import Poll, Vote
from fstream_app.core.quoting import Quote, QuotePolicy
from fstream_app.core.relations import NO_RELATIONS, Relations


class Field(msgspec.Struct, frozen=True):
    """A profile field: a name and its value."""

    name: str
    value: str


class User(msgspec.Struct, frozen=True):
    """A registered account of a person or bot."""

    id: str
    name: str
    created_at: int
    password_hash: str
    recovery_hash: str | None = None
    """Hash of the recovery code, if the user has one."""
    display_name: str = ""
    note: str = ""
    fields: tuple[Field, ...] = ()
    note_mentions: tuple[str, ...] = ()
    """The names in the note that users had when it was written; `field_mentions` are those in the fields."""
    field_mentions: tuple[str, ...] = ()
    featured: tuple[str, ...] = ()
    """Hashtags that the profile features, normalised, in the order in which they were added."""
    bot: bool = False
    discoverable: bool = True
    hide_collections: bool = False
    """Whether the lists of followers and followed accounts are hidden from others."""
    locked: bool = False
    """Whether the user decides about each follow: following the user is a request until then."""
    default_lifetime: int | None = None
    """Seconds; None: the instance's default."""
    public_lifetime: int | None = None
    """Default lifetime of public messages (seconds), and likewise below; None: `default_lifetime`."""
    unlisted_lifetime: int | None = None
    private_lifetime: int | None = None
    direct_lifetime: int | None = None
    ends_threads: bool = False
    """Whether threads that the user begins end together, unless a thread's first message says otherwise."""
    default_visibility: Visibility = Visibility.PUBLIC
    default_sensitive: bool = False
    default_language: str | None = None
    default_quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    lifetime_in_text: bool = True
    """Whether a lifetime at the end of a message's text counts as the message's lifetime."""
    private_counts: bool = False
    """Whether only the user sees how many favourites and boosts the user's messages have, and whose they are."""
    cleared_until: int = 0
    """The user has deleted all messages that were posted before this time (ms); those left are being deleted."""
    followers_count: int = 0
    following_count: int = 0
    writes_notes: bool = False
    """Whether the user has ever written a private note about somebody."""
    leaving: bool = False
    """Deletion in progress: hidden from every read except those that ask for hidden users."""
    suspended: str | None = None
    """Suspended, and hidden likewise: the text that the user gets on logging in."""

    def has_cleared(self, message_id: MessageId) -> bool:
        """Return whether a message of the user was deleted together with all others of its time."""
        return message_id.time < self.cleared_until

    def lifetime_of(self, visibility: Visibility) -> int | None:
        """Return the default lifetime (seconds) of messages with a visibility; None: the instance's default."""
        lifetimes = (self.public_lifetime, self.unlisted_lifetime, self.private_lifetime, self.direct_lifetime)
        return lifetimes[visibility] or self.default_lifetime


class Mention(msgspec.Struct, frozen=True):
    """A user mentioned in a message."""

    user_id: str
    name: str
    since: int | None = None  # if an edit added it: the time (ms) of its notification


class Message(msgspec.Struct, frozen=True):
    """A message. It may have expired: check `is_live` against the current time."""

    id: MessageId
    text: str
    lifetime: int
    """Seconds. If the thread ends within the last of these, so does the message."""
    visibility: Visibility = Visibility.PUBLIC
    boost_of: MessageId | None = None
    """In the wrapper of a boost, which has no text: the message that it boosts, which is never a wrapper itself."""
    in_reply_to: MessageId | None = None
    answered_lifetime: int = 0
    """Lifetime of the message that it answers (seconds)."""
    thread: MessageId | None = None
    """In a reply: the first message of its thread."""
    thread_lifetime: int = 0
    """If its thread ends together: the lifetime of the thread's first message (seconds)."""
    ancestors: bytes = b""
    """In a reply: the ids above it in the thread, packed, oldest first; at most the nearest forty."""
    answers_direct: bool = False
    """In a reply: it answers a direct message of another user, or the author's own message that does."""
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    application: str | None = None
    application_website: str | None = None
    idempotency: str | None = None
    """The key of its idempotency record, if the client sent an Idempotency-Key."""
    favourites_count: int = 0
    boosts_count: int = 0
    lasting_replies: int = 0
    """Number of public and unlisted replies that live as long as this message or longer."""
    brief_replies: frozenset[bytes] = frozenset()
    """Public and unlisted replies that expire before this message, each packed as in the log."""
    quote: Quote | None = None
    quote_policy: QuotePolicy = QuotePolicy.NOBODY
    lasting_quotes: int = 0
    """As `lasting_replies`, of quotes; so is `brief_quotes`."""
    brief_quotes: frozenset[bytes] = frozenset()
    hidden: bool = False  # from every read, because the author is suspended
    uncounted: bool = False
    """The messages that it answers and quotes count it, but not yet."""
    notified_at: int | None = None
    """The time (ms) of its notifications, if it has caused any."""
    pinned: bool = False
    """Whether it is pinned to its author's profile."""
    edited_at: int | None = None
    """The time of its last edit (ms); no two versions have the same."""
    poll: Poll | None = None
    scheduled: MessageId | None = None
    """If it was scheduled: when it was written, as an id; nobody sees it before the time in `id`."""

    @property
    def author_id(self) -> str:
        """The author's id, which is part of the message id."""
        return self.id.author_id

    @property
    def entry(self) -> Entry:
        """Its entry in heads and in the log."""
        is_boost, is_scheduled = self.boost_of is not None, self.scheduled is not None
        return Entry(self.id, self.lifetime, self.visibility, self.is_reply, is_boost, is_scheduled)

    @property
    def written(self) -> MessageId:
        """Its id when it was written: the time in it is earlier than that in `id` if the message was scheduled."""
        return self.scheduled or self.id

    @property
    def original(self) -> MessageId | None:
        """The message that it boosts or quotes, if any; not one that was taken out of the quote."""
        return self.boost_of or (self.quote.of if self.quote and not self.quote.revoked else None)

    @property
    def is_reply(self) -> bool:
        """Whether it answers another user's message."""
        return self.in_reply_to is not None and self.in_reply_to.author_id != self.author_id

    @property
    def root(self) -> MessageId:
        """The first message of its thread, which may be itself."""
        return self.thread or self.id

    @property
    def expires_at(self) -> int:
        """The millisecond from which no read returns it."""
        return self._within_thread(self.entry.expires_at)

    @property
    def thread_ends_at(self) -> int | None:
        """If its thread ends together: the millisecond from which no read returns any message of the thread."""
        return self.root.time + 1000 * self.thread_lifetime if self.thread_lifetime else None

    @property
    def is_counted(self) -> bool:
        """Whether the message that it answers counts it: only public and unlisted replies are counted."""
        return self.in_reply_to is not None and self.visibility <= Visibility.UNLISTED

    @property
    def outlives_answered(self) -> bool:
        """Whether it is there as long as the message that it answers: not if it was scheduled."""
        answered = None if self.scheduled else self.in_reply_to
        return answered is not None and self.expires_at >= self._answered_until(answered)

    @property
    def quote_of(self) -> MessageId | None:
        """The message that it quotes."""
        return self.quote.of if self.quote else None

    @property
    def is_counted_quote(self) -> bool:
        """Whether the message that it quotes counts it: only public and unlisted quotes that are not revoked."""
        return self.quote is not None and not self.quote.revoked and self.visibility <= Visibility.UNLISTED

    def is_live(self, now: int) -> bool:
        """Return whether it is due and has not expired at this time (ms)."""
        return self.is_due(now) and now < self.expires_at

    def is_due(self, now: int) -> bool:
        """Return whether it was not scheduled, or for this time (ms) or before."""
        return self.scheduled is None or self.id.time <= now

    def answers(self, now: int) -> MessageId | None:
        """Return the id of the message that it answers, or None if it answers none or that one has expired."""
        answered = self.in_reply_to
        return answered if answered and now < self._answered_until(answered) else None

    def _answered_until(self, answered: MessageId) -> int:
        return self._within_thread(answered.time + 1000 * self.answered_lifetime)

    def _within_thread(self, time: int) -> int:
        ends_at = self.thread_ends_at
        return time if ends_at is None else min(time, ends_at)

    def replies_count(self, now: int) -> int:
        """Count its public and unlisted replies that are live at this time (ms)."""
        return self.lasting_replies + packing.number_shown(self.brief_replies, now)

    def quotes_count(self, now: int) -> int:
        """Count its public and unlisted quotes that are live at this time (ms)."""
        return max(0, self.lasting_quotes) + packing.number_shown(self.brief_quotes, now)

    def mentions_user(self, user_id: str) -> bool:
        """Return whether it mentions this user."""
        return any(mention.user_id == user_id for mention in self.mentions)


PAGE = 20
"""Default number of entries on a page."""


class Window(msgspec.Struct, frozen=True):
    """The part of a timeline that a reader requests: at most `limit` ids between two exclusive bounds."""

    after: MessageId = LOWEST
    before: MessageId = HIGHEST
    limit: int = PAGE
    oldest_first: bool = False
    """Read upwards from `after` (the client API's `min_id`) instead of downwards from `before`."""

    @property
    def start(self) -> MessageId:
        """The bound at which reading starts."""
        return self.after if self.oldest_first else self.before

    @property
    def is_poll(self) -> bool:
        """Whether the request is a poll, for messages newer than an id that the client already has."""
        return self.after > LOWEST or self.oldest_first

    def bounds(self) -> tuple[MessageId, MessageId] | None:
        """Return the bounds as an inclusive range of ids (lowest, highest), or None if the range is empty."""
        lowest, highest = self.after.next(), self.before.previous()
        return (lowest, highest) if lowest <= highest else None

    def narrowed(self, *, after: MessageId = LOWEST, before: MessageId = HIGHEST) -> "Window":
        """Return the window limited further to these exclusive bounds."""
        return msgspec.structs.replace(self, after=max(self.after, after), before=min(self.before, before))


class Part(msgspec.Struct, frozen=True):
    """The part of a list of users that a reader requests; such lists are ordered by id."""

    limit: int
    after: str | None = None
    before: str | None = None
    """Bounds, both exclusive: ids above `after`, or the ids next below `before`."""


class ReactionKind(StrEnum):
    """The kind of a user's reaction to a message: the first part of its sort key, in whose order they are listed."""

    FAVOURITE = "favourite"
    BOOST = "forwarded"
    VOTE = "given"
    """A vote in the message's poll."""
    BOOKMARK = "kept"


Reaction = tuple[ReactionKind, MessageId]
"""A reaction of a user who is known: its kind and the message."""


class Reactions(msgspec.Struct, frozen=True):
    """The reader, the reader's reactions to some messages, and the conversations that are muted."""

    reader_id: str | None = None
    favourites: frozenset[MessageId] = frozenset()
    boosts: frozenset[MessageId] = frozenset()
    """The messages that the reader boosts: the originals, not the wrappers."""
    bookmarks: frozenset[MessageId] = frozenset()
    uncounted: frozenset[Reaction] = frozenset()
    """New reactions that the messages' counts do not contain yet."""
    still_counted: frozenset[Reaction] = frozenset()
    """Reactions that have ended, but that the messages' counts still contain."""
    read_from: MessageId = HIGHEST
    """The reader's reactions to all messages from this id on are in it."""
    muted: frozenset[MessageId] = frozenset()
    """The first messages of the conversations that the reader mutes."""
    votes: frozenset[tuple[MessageId, Vote]] = frozenset()
    relations: Relations = NO_RELATIONS
    """The reader's relationships, at least with the authors on the page."""

    def without(self, message_id: MessageId) -> "Reactions":
        """Return these reactions without those to one message."""
        return msgspec.structs.replace(
            self,
            favourites=self.favourites - {message_id},
            boosts=self.boosts - {message_id},
            bookmarks=self.bookmarks - {message_id},
            uncounted=frozenset(each for each in self.uncounted if each[1] != message_id),
            still_counted=frozenset(each for each in self.still_counted if each[1] != message_id),
            votes=frozenset(each for each in self.votes if each[0] != message_id),
        )

    def favourites_count(self, message: Message, author: User) -> int:
        """Return a message's number of favourites, with what the reader has just done; 0 if only the author sees it."""
        return self._count(message.favourites_count, (ReactionKind.FAVOURITE, message.id), author)

    def boosts_count(self, message: Message, author: User) -> int:
        """Return a message's number of boosts, as `favourites_count`."""
        return self._count(message.boosts_count, (ReactionKind.BOOST, message.id), author)

    def _count(self, counted: int, own: Reaction, author: User) -> int:
        if author.private_counts and self.reader_id != author.id:
            return 0
        return max(0, counted + (own in self.uncounted) - (own in self.still_counted))


Originals = Mapping[MessageId, Message | Hidden]
"""By id: messages that others boost or quote, or why the reader does not see them. Those boosted are seen."""


class Page(msgspec.Struct, frozen=True):
    """Messages, newest first, with their authors, the reader's reactions and filters, and cursors of other pages."""

    messages: list[Message]
    users: dict[str, User]
    reactions: Reactions = Reactions()
    older: MessageId | None = None
    newer: MessageId | None = None
    """Cursors: older messages are below the first id, and newer ones above the second; None if there are no more."""
    hidden: Mapping[MessageId, Hidden] = {}
    filters: Filters = NO_FILTERS
    originals: Originals = {}
    """Of what the messages boost or quote; `users` has the authors of those that the reader sees."""
