"""The client API's entities: the shape of every answer. Only `chalicelib.rendering` makes them."""

from typing import Any, Literal

import msgspec

from fstream_app.core.entities import ReportCategory

Visibility = Literal["public", "unlisted", "private", "direct"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a profile; of an account the value is HTML, of its source it is as typed."""

    name: str
    value: str
    verified_at: None = None
    """Always null: links are not verified here."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool = False
    bot: bool
    group: bool = False
    discoverable: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    header: str
    header_static: str
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None = None
    emojis: tuple[Any, ...] = ()
    fields: tuple[Field, ...] = ()
    roles: tuple[Any, ...] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A user's own defaults, and the note as it was typed."""

    privacy: Visibility
    sensitive: bool
    language: str | None
    note: str
    expires_in: int | None
    """The lifetime of new messages in seconds; null leaves it to the instance."""
    fields: tuple[Field, ...] = ()
    follow_requests_count: int = 0


class CredentialAccount(Account, frozen=True, kw_only=True):
    """A user, for that user's own eyes."""

    source: Source


class Preferences(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.replace("_", ":", 2)):
    """A user's own defaults, as clients look them up: `posting:default:visibility` and so on."""

    posting_default_visibility: Visibility
    posting_default_sensitive: bool
    posting_default_language: str | None
    posting_default_expires_in: int | None
    """The lifetime of new messages in seconds; null leaves it to the instance."""
    reading_expand_media: str = "default"
    reading_expand_spoilers: bool = False
    reading_autoplay_gifs: bool = False


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader and another user are to each other."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool = False
    languages: tuple[str, ...] | None = None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    requested: bool = False
    requested_by: bool = False
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody mentioned in a status."""

    id: str
    username: str
    acct: str
    url: str


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag."""

    name: str
    url: str
    history: tuple[Any, ...] = ()
    following: bool = False


class StatusApplication(msgspec.Struct, frozen=True, kw_only=True):
    """With which application a status was posted."""

    name: str
    website: str | None = None


class Pleroma(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a status that follows Pleroma's convention."""

    expires_at: str
    """UTC; from this millisecond on the status is gone."""
    local: bool = True


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A message."""

    id: str
    created_at: str
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: Visibility
    language: str | None
    uri: str
    url: str
    replies_count: int = 0
    reblogs_count: int = 0
    favourites_count: int = 0
    edited_at: str | None = None
    favourited: bool = False
    reblogged: bool = False
    muted: bool = False
    bookmarked: bool = False
    pinned: bool = False
    content: str
    text: str | None = None
    """The text as it was typed; only in the answer to its deletion."""
    filtered: tuple[Any, ...] = ()
    reblog: None = None
    application: StatusApplication | None
    account: Account
    media_attachments: tuple[Any, ...] = ()
    mentions: tuple[Mention, ...]
    tags: tuple[Tag, ...]
    emojis: tuple[Any, ...] = ()
    card: None = None
    poll: None = None
    pleroma: Pleroma


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A registered client application."""

    id: str
    name: str
    website: str | None
    scopes: tuple[str, ...]
    redirect_uri: str
    """All of them, one a line."""
    redirect_uris: tuple[str, ...]
    vapid_key: str = ""


class CredentialApplication(Application, frozen=True, kw_only=True):
    """A new client application; its secret is told this once."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0
    """Seconds since the epoch; 0: never."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An access token; its secret is told this once."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    scope: str
    created_at: int
    """Seconds since the epoch."""


class AuthorizationServer(msgspec.Struct, frozen=True, kw_only=True):
    """How to get tokens here (RFC 8414)."""

    issuer: str
    service_documentation: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    app_registration_endpoint: str
    """Where applications register, in the client API's way."""
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...]
    response_modes_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]
    code_challenge_methods_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above and below a status in its thread."""

    ancestors: list[Status]
    descendants: list[Status]


class StatusSource(msgspec.Struct, frozen=True, kw_only=True):
    """A status as it was typed."""

    id: str
    text: str
    spoiler_text: str


class AccountWarning(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator has done to the reader, and why."""

    id: str
    action: Literal["delete_statuses"] = "delete_statuses"
    text: str
    """The reason."""
    status_ids: None = None
    """Always null: what was deleted is gone."""
    target_account: Account
    """The reader."""
    appeal: None = None
    """Always null: write to the address that the instance tells."""
    created_at: str


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """That something happened to the reader."""

    id: str
    type: str
    """`mention`, `follow`, `favourite` or `moderation_warning`; the account of the latter is the reader's own."""
    created_at: str
    group_key: str
    account: Account
    status: Status | None = None
    moderation_warning: AccountWarning | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader has reported."""

    id: str
    action_taken: bool = False
    action_taken_at: None = None
    """Always null: what comes of it is not told."""
    category: ReportCategory
    comment: str
    forwarded: bool = False
    created_at: str
    status_ids: tuple[str, ...]
    """Those that are alive."""
    rule_ids: None = None
    target_account: Account


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """That the account is deleted, in Pleroma's words."""

    status: Literal["success"] = "success"


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are."""

    count: int


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a parameter."""

    error: str
    """The client API's word for it, such as ERR_TAKEN."""
    description: str


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused."""

    error: str
    """A sentence for people; at `/oauth` the code of RFC 6749."""
    error_description: str = ""
    """At `/oauth`: the sentence."""
    details: dict[str, list[Problem]] = {}
    """What is wrong, by the parameter's name."""


class Empty(msgspec.Struct, frozen=True):
    """Nothing to tell: an empty object."""
