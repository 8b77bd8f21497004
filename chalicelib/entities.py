"""The client API's entities: the shapes of responses. Only `chalicelib.rendering` builds accounts and statuses."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.filter_entities import FilterResult
from chalicelib.poll_entities import EditedPoll, Poll
from chalicelib.quote_entities import QuoteApproval, QuotePolicy, QuoteState
from chalicelib.shapes import (
    ClientId,
    Date,
    Hashtag,
    MessageId,
    Name,
    Number,
    Scope,
    Time,
    Url,
    UserId,
    rule,
)
from chalicelib.tag_entities import Tag
from fstream_app.core.notices import NotificationKind

Visibility = Literal["public", "unlisted", "private", "direct"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A profile field. The value is a line of HTML in an account, and as typed in its source."""

    name: str
    value: str
    verified_at: None = None
    """Always null: links are not verified."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account."""

    id: UserId
    username: Name
    acct: Name
    display_name: str
    locked: bool
    """Whether following the account is a request that it accepts or rejects."""
    bot: bool
    group: bool = False
    discoverable: bool
    hide_collections: bool
    """Whether the lists of followers and followed accounts are empty for others."""
    created_at: Time
    note: str
    url: Url
    uri: Url
    avatar: Url
    avatar_static: Url
    header: Url
    header_static: Url
    followers_count: Number
    following_count: Number
    statuses_count: Number
    last_status_at: Date | None
    """Date of the newest message that counts in `statuses_count`."""
    emojis: tuple[Any, ...] = ()
    fields: tuple[Field, ...] = ()
    roles: tuple[Any, ...] = ()


class MutedAccount(Account, frozen=True, kw_only=True):
    """An account that the user mutes."""

    mute_expires_at: Time | None
    """When the mute ends, UTC with milliseconds; null if it does not."""


class DefaultLifetimes(msgspec.Struct, frozen=True, kw_only=True):
    """The user's default lifetimes in seconds by visibility; null means the general default."""

    public: Number | None
    unlisted: Number | None
    private: Number | None
    direct: Number | None
    """Direct replies live as long as the message that they answer was made to live."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The user's defaults for new messages, and the profile's note and fields as typed."""

    privacy: Visibility
    sensitive: bool
    language: str | None
    """Default language of new messages; null means the instance's language."""
    quote_policy: QuotePolicy
    """Who may quote the user's new messages."""
    note: str
    expires_in: Number | None
    """Default lifetime of new messages in seconds; null means the instance's default."""
    expires_in_by_visibility: DefaultLifetimes
    """Set as `source[expires_in][direct]` and so on."""
    lifetime_in_text: bool
    """Whether a lifetime at the end of a message's text, such as `#5m`, is the message's lifetime."""
    thread_ends_together: bool
    """Whether in new threads of the user no reply lives longer than the first message, unless that says otherwise."""
    private_counts: bool
    """Whether others see 0 favourites of the user's messages, and not whose they are. The user sees both."""
    fields: tuple[Field, ...] = ()
    discoverable: bool
    hide_collections: bool
    follow_requests_count: Number
    """Number of requests to follow the user, counted up to 200."""


class CredentialAccount(Account, frozen=True, kw_only=True):
    """The user's own account."""

    source: Source


class Preferences(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.replace("_", ":", 2)):
    """The user's preferences, by the names that clients look up: `posting:default:visibility` and so on."""

    posting_default_visibility: Visibility
    posting_default_sensitive: bool
    posting_default_language: str
    """The user's default language, or else the instance's."""
    posting_default_quote_policy: QuotePolicy
    posting_default_expires_in: Number | None
    """Default lifetime of messages with the default visibility in seconds; null means the instance's default."""
    reading_expand_media: str = "default"
    reading_expand_spoilers: bool = False
    reading_autoplay_gifs: bool = False


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    """The relationship between the user and another account."""

    id: UserId
    following: bool
    showing_reblogs: bool
    notifying: bool = False
    languages: tuple[str, ...] | None = None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: Time | None
    """When the mute ends, UTC with milliseconds; null if it does not."""
    requested: bool
    """Whether the user has requested to follow the account, which is locked."""
    requested_by: bool
    """The reverse."""
    domain_blocking: bool = False
    endorsed: bool
    """Whether the user shows the account on the profile."""
    note: str = ""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """An account mentioned in a status."""

    id: UserId
    username: Name
    acct: Name
    url: Url


class StatusTag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag of a status."""

    name: Hashtag
    url: Url


class StatusApplication(msgspec.Struct, frozen=True, kw_only=True):
    """The application that posted a status."""

    name: str
    website: Url | None = None


class Pleroma(msgspec.Struct, frozen=True, kw_only=True):
    """Pleroma's extension of a status."""

    expires_at: Time
    """UTC, with milliseconds. From this millisecond on, no read returns the status."""
    thread_ends_together: bool
    """Whether no reply lives longer than the thread's first message."""
    local: bool = True


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A quoted status, or why it is not shown. In a status that is quoted itself, a quote has only the id."""

    state: QuoteState
    quoted_status: "Status | UnsetType | None" = UNSET
    """Null unless the state is `accepted` or `muted_account`; so is `quoted_status_id`."""
    quoted_status_id: MessageId | UnsetType | None = UNSET


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A message."""

    id: MessageId
    created_at: Time
    in_reply_to_id: MessageId | None
    in_reply_to_account_id: UserId | None
    sensitive: bool
    spoiler_text: str
    visibility: Visibility
    language: str
    """As posted, or else the author's default language, or else the instance's."""
    uri: Url
    url: Url
    replies_count: Number = 0
    reblogs_count: Number = 0
    favourites_count: Number = 0
    quotes_count: Number
    edited_at: Time | None
    """When it was last edited."""
    favourited: bool = False
    reblogged: bool = False
    muted: bool = False
    bookmarked: bool = False
    pinned: bool = False
    content: str
    text: str | None = None
    """The text as typed; only in the response to deleting the status, and in an export of the user's own."""
    filtered: tuple[FilterResult, ...]
    """The reader's filters that the status matches. The user's own statuses match none."""
    reblog: "Status | None" = None
    """In a boost: what was boosted. The boost has its text nowhere else, and all else from it."""
    application: StatusApplication | None
    account: Account
    media_attachments: tuple[Any, ...] = ()
    mentions: tuple[Mention, ...]
    tags: tuple[StatusTag, ...]
    emojis: tuple[Any, ...] = ()
    card: None = None
    quote: Quote | None = None
    quote_approval: QuoteApproval
    poll: Poll | None = None
    pleroma: Pleroma


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A registered client application."""

    id: ClientId
    name: str
    website: Url | None
    scopes: tuple[Scope, ...]
    redirect_uri: str
    """All redirect URIs, one per line."""
    redirect_uris: tuple[Url, ...]
    vapid_key: str = ""


class CredentialApplication(Application, frozen=True, kw_only=True):
    """A new client application. Its secret is shown only once."""

    client_id: ClientId
    client_secret: str
    client_secret_expires_at: Number = 0
    """Seconds since the epoch; 0 means never."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A new access token, which is shown only once.

    A user's token does not expire. An application's own expires after 30 days, or with the application.
    """

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    scope: str
    created_at: Number
    """Seconds since the epoch."""


class AccountToken(Token, frozen=True, kw_only=True):
    """A new account's access token and recovery code, which are shown only once."""

    recovery_code: str
    """Sets a new password, once, at `/account/recover`. Show it to the person, who keeps it."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Search results."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """The statuses above and below a status in its thread."""

    ancestors: list[Status]
    descendants: list[Status]


class StatusSource(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a status, as typed."""

    id: MessageId
    text: str
    spoiler_text: str


class StatusEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a status."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: Time
    """When the status was posted, or last edited."""
    account: Account
    media_attachments: tuple[Any, ...] = ()
    emojis: tuple[Any, ...] = ()
    poll: EditedPoll | None


class AccountWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A moderator's action that concerns the user."""

    id: MessageId
    action: Literal["delete_statuses"] = "delete_statuses"
    text: str
    """The moderator's reason."""
    status_ids: None = None
    """Always null: the deleted statuses are gone."""
    target_account: Account
    """The user's own account."""
    appeal: None = None
    """Always null: to appeal, write to the instance's contact address."""
    created_at: Time


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A notification."""

    id: MessageId
    type: Annotated[str, rule(enum=[kind.value for kind in NotificationKind])]
    """In a `moderation_warning`, and in the `poll` of the user's own, `account` is the user's own."""
    created_at: Time
    group_key: str
    """The group to which version 2 of the list adds it."""
    account: Account
    filtered: bool | UnsetType = UNSET
    """True if the user's policy filters it."""
    status: Status | None = None
    moderation_warning: AccountWarning | None = None


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """Confirmation that the account is deleted, in Pleroma's form."""

    status: Literal["success"] = "success"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a parameter breaks."""

    error: str
    """The client API's code for the rule, such as ERR_TAKEN."""
    description: str


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """The reason why a request failed."""

    error: str
    """A message for people; at `/oauth`, an error code of RFC 6749."""
    error_description: str = ""
    """At `/oauth`: the message for people."""
    details: dict[str, list[Problem]] = {}
    """The rules that were broken, by parameter."""


class Empty(msgspec.Struct, frozen=True):
    """An empty object."""
