"""/api/v1/instance and /api/v2/instance: the instance's description and limits."""

import re
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import UNSET, UnsetType
from pynamodb.exceptions import PynamoDBException

from chalicelib import entities, images, observation, rendering, shapes, times, words
from chalicelib.api import Access, Blueprint, Call
from chalicelib.shapes import Number, Url
from fstream_app import text
from fstream_app.core import rules, settings
from fstream_app.core.polls import MAX_OPTION, MAX_OPTIONS
from fstream_app.messages import pins, polls
from fstream_app.moderation import evidence
from fstream_app.people import census, tags, users
from fstream_app.people.census import Counts

api = Blueprint(__name__, limited=False)

SOFTWARE_VERSION = "0.1.0"
API_LEVEL = 7
"""The version of Mastodon's API as its own number, from which newer clients know what they can call.

2 are grouped notifications and the policy, 3 is PKCE, 4 the standard form of web push, which clients use only if there
is a key for it, 6 are endorsements and featured hashtags, 7 are quotes. A test compares the level with the routes that
it implies.
"""
VERSION = f"4.5.0 (compatible; FSTREAM {SOFTWARE_VERSION})"
"""Clients read the version of Mastodon's API from its beginning. It belongs to the level."""

T = TypeVar("T")


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for profiles. Characters are grapheme clusters; a link in a value counts as 23."""

    max_featured_tags: Number = tags.MAX_FEATURED
    max_pinned_statuses: Number = pins.MAX_PINNED
    max_profile_fields: Number = users.MAX_FIELDS
    profile_field_name_limit: Number = users.MAX_FIELD_NAME
    profile_field_value_limit: Number = users.MAX_FIELD_VALUE


class Statuses(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for messages. Characters are grapheme clusters. Lifetimes are in seconds."""

    max_characters: Number
    max_media_attachments: Number = 0
    characters_reserved_per_url: Number = text.URL_LENGTH
    min_expires_in: Number
    max_expires_in: Number
    default_expires_in: Number


class MediaAttachments(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for media: zero, because media are not supported."""

    supported_mime_types: tuple[()] = ()
    description_limit: Number = 0
    image_size_limit: Number = 0
    image_matrix_limit: Number = 0
    video_size_limit: Number = 0
    video_frame_rate_limit: Number = 0
    video_matrix_limit: Number = 0


class Polls(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for polls. A poll ends with its message, whose lifetime may be shorter."""

    max_options: Number = MAX_OPTIONS
    max_characters_per_option: Number = MAX_OPTION
    min_expiration: Number
    """Seconds, like the next."""
    max_expiration: Number


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether messages can be translated."""

    enabled: bool = False


class FeedAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read timelines: everybody, also without a login. There are no other servers."""

    local: Literal["public"] = "public"
    remote: Literal["public"] = "public"


class TimelinesAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read which timelines."""

    live_feeds: FeedAccess = FeedAccess()
    hashtag_feeds: FeedAccess = FeedAccess()
    trending_link_feeds: FeedAccess = FeedAccess()


class StreamingAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where clients open WebSockets."""

    streaming: str | UnsetType = UNSET
    """The address, below which the path is `/api/v1/streaming`. Without live streaming it is not there, so that clients
    poll instead of making up an address of their own."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's limits."""

    urls: StreamingAddress
    accounts: Accounts = Accounts()
    statuses: Statuses
    media_attachments: MediaAttachments = MediaAttachments()
    polls: Polls
    timelines_access: TimelinesAccess = TimelinesAccess()
    translation: Translation = Translation()


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of this instance."""

    streaming_api: str
    """Address for WebSockets, also without live streaming: requests to it then fail.

    Clients of this version need an address. They append a path and the user's token to it, so with an empty or
    missing one they would send the token to the client's own host.
    """


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """The approximate size of the instance, at most seven hours old."""

    user_count: Number
    status_count: Number
    """Messages that exist, including expired ones until they are removed."""
    domain_count: Number = 1
    """Always 1: there are no other servers."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the instance."""

    id: shapes.Figure
    """Remains the same as long as the text does."""
    text: str
    hint: str
    """An explanation; may be empty."""


class Instance1(msgspec.Struct, frozen=True, kw_only=True):
    """The instance (version 1)."""

    uri: str
    title: str
    short_description: str
    description: str
    """The operator's description, how long messages last, and whether reports keep copies. Version 2 has the same."""
    email: str
    version: str = VERSION
    urls: Addresses
    stats: Stats
    thumbnail: Url
    languages: tuple[str, ...]
    registrations: bool
    approval_required: bool = False
    invites_enabled: bool = False
    configuration: Configuration
    contact_account: entities.Account | None = None
    rules: tuple[Rule, ...]


class ActiveUsers(msgspec.Struct, frozen=True, kw_only=True):
    """The approximate number of active users, at most seven hours old."""

    active_month: Number
    """Users with messages that exist."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Usage figures."""

    users: ActiveUsers


class ThumbnailVersions(msgspec.Struct, frozen=True, kw_only=True, rename={"normal": "@1x", "dense": "@2x"}):
    """The instance's picture by screen density: the same for all."""

    normal: Url
    dense: Url


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's picture."""

    url: Url
    blurhash: str = images.BLURHASH
    versions: ThumbnailVersions


class Icon(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's icon in one of its sizes."""

    src: Url
    size: str
    """Width and height in pixels, such as `192x192`."""


class Registrations(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the instance accepts new accounts."""

    enabled: bool
    approval_required: bool = False
    message: str | None
    """Why it does not; null if it does."""
    url: Url | None = None


class ApiVersions(msgspec.Struct, frozen=True, kw_only=True):
    """The version of the client API, which is numbered separately."""

    mastodon: int = API_LEVEL


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How to contact the instance's operators."""

    email: str
    account: entities.Account | None = None


class Instance2(msgspec.Struct, frozen=True, kw_only=True):
    """The instance (version 2)."""

    domain: str
    title: str
    version: str = VERSION
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: tuple[Icon, ...]
    languages: tuple[str, ...]
    configuration: Configuration
    registrations: Registrations
    api_versions: ApiVersions = ApiVersions()
    contact: Contact
    rules: tuple[Rule, ...]


@api.declare("GET", "/api/v1/instance", access=Access.ANYBODY)
def version_1(call: Call[msgspec.Struct]) -> Instance1:
    """Describe the instance (version 1)."""
    current = settings.get()
    counts = approximate_counts(call.now)
    return Instance1(
        uri=current.host,
        title=current.title,
        short_description=current.description,
        description=_description(current),
        email=current.contact_email,
        thumbnail=_thumbnail(),
        urls=Addresses(streaming_api=streaming()),
        languages=(current.language,),
        stats=Stats(user_count=counts.users, status_count=counts.messages),
        contact_account=_contact(call.now),
        registrations=current.registrations,
        configuration=_configuration(current),
        rules=_rules(current),
    )


@api.declare("GET", "/api/v2/instance", access=Access.ANYBODY)
def version_2(call: Call[msgspec.Struct]) -> Instance2:
    """Describe the instance (version 2)."""
    current = settings.get()
    counts = approximate_counts(call.now)
    return Instance2(
        domain=current.host,
        title=current.title,
        source_url=current.source_url,
        description=_description(current),
        thumbnail=Thumbnail(url=_thumbnail(), versions=ThumbnailVersions(normal=_thumbnail(), dense=_thumbnail())),
        icon=tuple(Icon(src=rendering.base_url() + images.icon(size), size=f"{size}x{size}") for size in images.ICONS),
        languages=(current.language,),
        usage=Usage(users=ActiveUsers(active_month=counts.active)),
        configuration=_configuration(current),
        rules=_rules(current),
        registrations=Registrations(
            enabled=current.registrations,
            message=None if current.registrations else "This instance does not accept new accounts",
        ),
        contact=Contact(email=current.contact_email, account=_contact(call.now)),
    )


@api.declare("GET", "/api/v1/instance/rules", access=Access.ANYBODY)
def rules_alone(_: Call[msgspec.Struct]) -> tuple[Rule, ...]:
    """Return the instance's rules, as the instance's description has them."""
    return _rules(settings.get())


def approximate_counts(now: int) -> Counts:
    """Return the size of the instance, as nodeinfo shows it too; zeros while the database is not available."""
    return _read(census.counts, now) or Counts()


def lifetimes() -> str:
    """Return sentences that say how long messages last."""
    current = settings.get()
    shortest, longest = times.duration(current.min_lifetime), times.duration(current.max_lifetime)
    usual = times.duration(current.default_lifetime)
    return words.say("lifetimes.range", shortest=shortest, longest=longest, usual=usual)


def _lifetime_words() -> str:
    """Return the sentence that says how people choose the lifetime in apps that don't ask for it."""
    current = settings.get()
    example, length = text.lifetime_word(current.default_lifetime), times.duration(current.default_lifetime)
    return (
        f"In an app that doesn't ask, end a message with a word such as {example} for {length}: a number, and s, m, h, "
        "d or w for seconds, minutes, hours, days or weeks."
    )


def exception() -> str:
    """Return the sentence that says which copies outlive messages; empty if no copies are made."""
    if not settings.get().keeps_reported:
        return ""
    return words.say("lifetimes.exception", kept=times.duration(evidence.KEPT_SECONDS))


def customs() -> str:
    """Return sentences that say how long messages last, how people choose that in any app, and what outlives them."""
    return " ".join(filter(None, [lifetimes(), _lifetime_words(), exception()]))


def _description(current: settings.Settings) -> str:
    return f"{current.description} {customs()}".strip()


def _rules(current: settings.Settings) -> tuple[Rule, ...]:
    found = rules.parse(current.rules)
    return tuple(Rule(id=rule.id, text=rule.text, hint=rule.hint) for rule in found)


def _thumbnail() -> str:
    return rendering.base_url() + images.THUMBNAIL


def streaming() -> str:
    """Return the instance's own address for WebSockets, without a path, because clients drop any."""
    return re.sub("^http", "ws", rendering.base_url())  # wss for https


def _contact(now: int) -> entities.Account | None:
    user = _read(census.contact, now)
    return rendering.accounts([user], now)[0] if user else None


def _read(read: Callable[[int], T | None], now: int) -> T | None:
    """Return the result of a read, or None while the database is not available.

    Clients read the instance document first, and can't log in without it.
    """
    try:
        return read(now)
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        observation.record(error, is_defect=False)
        return None


def _configuration(current: settings.Settings) -> Configuration:
    open_for = polls.durations()
    return Configuration(
        urls=StreamingAddress(streaming=streaming()) if current.has_sockets else StreamingAddress(),
        polls=Polls(min_expiration=open_for.shortest, max_expiration=open_for.longest),
        statuses=Statuses(
            max_characters=current.max_characters,
            min_expires_in=current.min_lifetime,
            max_expires_in=current.max_lifetime,
            default_expires_in=current.default_lifetime,
        ),
    )
