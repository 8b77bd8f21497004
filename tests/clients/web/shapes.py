"""The shapes that Phanpy and Elk rely on: the fields that they read, and their types.

Read in the sources of both clients, and in the entities of masto.js 8, the library through which both call the API. A
field without a default must be in the response, and only one with `| None` may be null. What a client reads only after
a check (`status.card?.url`) has a default. Further fields are ignored, as the clients ignore them.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]
"""Ids too: both clients keep them as they are and never calculate with them."""
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
"""Every browser reads this form with `new Date()` and takes it for the same time."""
Address = Annotated[str, Meta(pattern=r"^https?://[^/]+/.")]
"""Absolute: both clients call `new URL(…)`, which throws for anything else."""
Number = Annotated[str, Meta(pattern=r"^\d+$")]
"""A number in a string, as in the history of a hashtag."""
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Nothing = Annotated[list[Any], Meta(max_length=0)]
Visibility = Literal["public", "unlisted", "private", "direct"]


class Field(Struct, kw_only=True):
    """A profile field. Elk marks the verified ones."""

    name: str
    value: str
    verified_at: Date | None


class Account(Struct, kw_only=True):
    """An account."""

    id: Text
    username: Text
    acct: Text
    display_name: str
    note: str
    url: Address
    avatar: Address
    avatar_static: Address
    header: Address
    header_static: Address
    followers_count: Count
    following_count: Count
    statuses_count: Count
    created_at: Date
    locked: bool
    bot: bool
    emojis: list[Any]
    fields: list[Field]
    last_status_at: str | None = None
    roles: list[Any] = []


class Source(Struct, kw_only=True):
    """A user's defaults, with which Elk fills its composer and the form for the profile."""

    privacy: Visibility
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]


class Credentials(Account, kw_only=True):
    """The user's own account."""

    source: Source


class Preferences(Struct, kw_only=True, rename=lambda name: name.replace("_", ":", 2)):
    """The user's preferences. Composers begin with them: a null language makes tooi's fail."""

    posting_default_visibility: Visibility
    posting_default_sensitive: bool
    posting_default_language: Text
    reading_expand_media: Literal["default", "show_all", "hide_all"]
    reading_expand_spoilers: bool


class Mention(Struct, kw_only=True):
    """A mention in a status."""

    id: Text
    username: Text
    acct: Text
    url: Address


class StatusTag(Struct, kw_only=True):
    """A hashtag of a status."""

    name: Text
    url: Address


class Day(Struct, kw_only=True):
    """A day in the history of a hashtag."""

    day: Number
    uses: Number
    accounts: Number


class Tag(StatusTag, kw_only=True):
    """A hashtag that was searched for, or opened. Elk shows counts if it has a history."""

    history: list[Day] | None = None
    following: bool = False


class TrendingTag(StatusTag, kw_only=True):
    """A hashtag that many use at present."""

    history: list[Day]


class Application(Struct, kw_only=True):
    """The application with which a status was posted."""

    name: Text
    website: str | None = None


class Status(Struct, kw_only=True):
    """A status."""

    id: Text
    created_at: Date
    account: Account
    content: str
    visibility: Visibility
    language: str | None
    sensitive: bool
    spoiler_text: str
    url: Address
    uri: Address
    in_reply_to_id: Text | None
    in_reply_to_account_id: Text | None
    replies_count: Count
    reblogs_count: Count
    favourites_count: Count
    favourited: bool
    reblogged: bool
    bookmarked: bool
    muted: bool
    pinned: bool = False
    media_attachments: list[Any]
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[Any]
    filtered: list[Any] = []
    application: Application | None = None
    edited_at: Date | None = None
    reblog: "Status | None" = None
    card: None = None
    poll: None = None


class Boost(Status, kw_only=True):
    """A boost: the clients act on what it shows, and show no text of its own."""

    content: Literal[""]
    reblog: Status


class Marker(Struct, kw_only=True):
    """How far a timeline has been read."""

    last_read_id: Text
    updated_at: Date
    version: Count


class Markers(Struct, kw_only=True):
    """Markers by timeline."""

    home: Marker | None = None
    notifications: Marker | None = None


class Conversation(Struct, kw_only=True):
    """Direct messages between some people. Elk shows the first of the accounts."""

    id: Text
    unread: bool
    accounts: Annotated[list[Account], Meta(min_length=1)]
    last_status: Status


class StatusSource(Struct, kw_only=True):
    """The text of a status, for editing or posting it again."""

    id: Text
    text: str
    spoiler_text: str


class Deleted(Status, kw_only=True):
    """A status that was deleted: both clients open its text in the composer ("delete and redraft")."""

    text: str


class Context(Struct, kw_only=True):
    """The thread around a status."""

    ancestors: list[Status]
    descendants: list[Status]


class Notification(Struct, kw_only=True):
    """A notification. Phanpy drops one of these types without an account, or without the status that it is about."""

    id: Text
    type: Literal["mention", "favourite", "follow"]
    created_at: Date
    account: Account
    status: Status | None = None


class Relationship(Struct, kw_only=True):
    """The relationship with another account."""

    id: Text
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None = None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    requested: bool
    domain_blocking: bool
    endorsed: bool
    note: str


class FamiliarFollowers(Struct, kw_only=True):
    """Followers of an account whom the user follows. Phanpy reads `[0].accounts` without a check."""

    id: Text
    accounts: list[Account]


class Search(Struct, kw_only=True):
    """Search results. All three lists are read, whatever type was asked for."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


class Report(Struct, kw_only=True):
    """A report that was received."""

    id: Text
    action_taken: bool
    category: Literal["spam", "legal", "violation", "other"]
    comment: str
    target_account: Account


class Refusal(Struct, kw_only=True):
    """An error: masto.js makes `error` the message of the exception, which both clients show."""

    error: Text


class NotFound(Struct, kw_only=True):
    """The one error whose text matters: Phanpy shows an alert unless it has these words."""

    error: Annotated[str, Meta(pattern="(?i)not found|unknown")]
