"""/api/v1/instance and /api/v2/instance: the instance's description and limits."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib import entities, observation, rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app.core import settings
from fstream_app.messages import text
from fstream_app.people import census, users
from fstream_app.people.census import Counts

api = Blueprint(__name__, limited=False)

SOFTWARE_VERSION = "0.1.0"
VERSION = f"4.2.0 (compatible; FSTREAM {SOFTWARE_VERSION})"
"""Clients read the version of Mastodon's API from its beginning."""

T = TypeVar("T")


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for profiles."""

    max_featured_tags: int = 0
    max_pinned_statuses: int = 0
    max_profile_fields: int = users.MAX_FIELDS
    profile_field_name_limit: int = users.MAX_FIELD_NAME
    profile_field_value_limit: int = users.MAX_FIELD_VALUE


class Statuses(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for messages. Lifetimes are in seconds."""

    max_characters: int
    max_media_attachments: int = 0
    characters_reserved_per_url: int = text.URL_LENGTH
    min_expires_in: int
    max_expires_in: int
    default_expires_in: int


class MediaAttachments(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for media: zero, because media are not supported."""

    supported_mime_types: tuple[()] = ()
    description_limit: int = 0
    image_size_limit: int = 0
    image_matrix_limit: int = 0
    video_size_limit: int = 0
    video_frame_rate_limit: int = 0
    video_matrix_limit: int = 0


class Polls(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for polls: zero, because polls are not supported."""

    max_options: int = 0
    max_characters_per_option: int = 0
    min_expiration: int = 0
    max_expiration: int = 0


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether messages can be translated."""

    enabled: bool = False


class StreamingAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The address of the streaming server: empty, because streaming is not supported."""

    streaming: str = ""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's limits."""

    urls: StreamingAddress = StreamingAddress()
    accounts: Accounts = Accounts()
    statuses: Statuses
    media_attachments: MediaAttachments = MediaAttachments()
    polls: Polls = Polls()
    translation: Translation = Translation()


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """The address of the streaming server: empty, because streaming is not supported."""

    streaming_api: str = ""


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """The approximate size of the instance, at most seven hours old."""

    user_count: int
    status_count: int
    """Messages that exist, including expired ones until they are removed."""
    domain_count: int = 1
    """Always 1: there are no other servers."""


class Instance1(msgspec.Struct, frozen=True, kw_only=True):
    """The instance (version 1)."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str = VERSION
    urls: Addresses = Addresses()
    stats: Stats
    thumbnail: str
    languages: tuple[str, ...] = ("en",)
    registrations: bool
    approval_required: bool = False
    invites_enabled: bool = False
    configuration: Configuration
    contact_account: entities.Account | None = None
    rules: tuple[()] = ()


class ActiveUsers(msgspec.Struct, frozen=True, kw_only=True):
    """The approximate number of active users, at most seven hours old."""

    active_month: int
    """Users with messages that exist: others are not known to be active."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Usage figures."""

    users: ActiveUsers


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's picture."""

    url: str
    blurhash: str | None = None
    versions: entities.Empty = entities.Empty()


class Registrations(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the instance accepts new accounts."""

    enabled: bool
    approval_required: bool = False
    message: str | None
    """Why it does not; null if it does."""
    url: str | None = None


class ApiVersions(msgspec.Struct, frozen=True, kw_only=True):
    """The version of the client API, which is numbered separately."""

    mastodon: int = 1


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
    icon: tuple[()] = ()
    languages: tuple[str, ...] = ("en",)
    configuration: Configuration
    registrations: Registrations
    api_versions: ApiVersions = ApiVersions()
    contact: Contact
    rules: tuple[()] = ()


@api.declare("GET", "/api/v1/instance", access=Access.ANYBODY)
def version_1(call: Call[msgspec.Struct]) -> Instance1:
    """Describe the instance (version 1)."""
    current = settings.get()
    counts = _read(census.counts, call.now) or Counts()
    return Instance1(
        uri=current.host,
        title=current.title,
        short_description=current.description,
        description=current.description,
        email=current.contact_email,
        stats=Stats(user_count=counts.users, status_count=counts.messages),
        thumbnail=_picture(),
        contact_account=_contact(call.now),
        registrations=current.registrations,
        configuration=_configuration(current),
    )


@api.declare("GET", "/api/v2/instance", access=Access.ANYBODY)
def version_2(call: Call[msgspec.Struct]) -> Instance2:
    """Describe the instance (version 2)."""
    current = settings.get()
    counts = _read(census.counts, call.now) or Counts()
    return Instance2(
        domain=current.host,
        title=current.title,
        source_url=current.source_url,
        description=current.description,
        usage=Usage(users=ActiveUsers(active_month=counts.active)),
        thumbnail=Thumbnail(url=_picture()),
        configuration=_configuration(current),
        registrations=Registrations(
            enabled=current.registrations,
            message=None if current.registrations else "This instance does not accept new accounts",
        ),
        contact=Contact(email=current.contact_email, account=_contact(call.now)),
    )


def _contact(now: int) -> entities.Account | None:
    user = _read(census.contact, now)
    return rendering.accounts([user], now)[0] if user else None


def _read(read: Callable[[int], T | None], now: int) -> T | None:
    """Return what is read, or None while the database is not available.

    Clients read this document before anything else, and can't log in without it.
    """
    try:
        return read(now)
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        observation.record(error, is_defect=False)
        return None


def _picture() -> str:
    return f"{rendering.base_url()}/avatars/header.svg"


def _configuration(current: settings.Settings) -> Configuration:
    return Configuration(
        statuses=Statuses(
            max_characters=current.max_characters,
            min_expires_in=current.min_lifetime,
            max_expires_in=current.max_lifetime,
            default_expires_in=current.default_lifetime,
        )
    )
