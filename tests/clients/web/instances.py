"""The shapes of responses without messages: applications, tokens, and the instance."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tests.clients.web.shapes import Account, Address, Count, Positive, Text


class Registered(Struct, kw_only=True):
    """An application that was registered."""

    client_id: Text
    client_secret: Text
    vapid_key: str | None = None


class Token(Struct, kw_only=True):
    """An access token."""

    access_token: Text
    token_type: Literal["Bearer"]
    scope: Text
    created_at: Positive


class AuthorizationServer(Struct, kw_only=True):
    """The metadata by which Phanpy decides whether to use PKCE."""

    authorization_endpoint: Address
    token_endpoint: Address
    code_challenge_methods_supported: list[str]


class NodeInfoLink(Struct, kw_only=True):
    """A link to a nodeinfo document."""

    rel: Text
    href: Address


class NodeInfoLinks(Struct, kw_only=True):
    """The nodeinfo documents."""

    links: Annotated[list[NodeInfoLink], Meta(min_length=1)]


class Software(Struct, kw_only=True):
    """The software that the instance runs."""

    name: Text
    version: Text


class NodeInfo(Struct, kw_only=True):
    """A nodeinfo document."""

    software: Software


class StatusLimits(Struct, kw_only=True):
    """The limits of a status, for the composer's meter."""

    max_characters: Positive
    max_media_attachments: Count
    characters_reserved_per_url: Count


class MediaLimits(Struct, kw_only=True):
    """The limits of pictures. Elk reads the list when it opens the file dialog."""

    supported_mime_types: list[str]


class PollLimits(Struct, kw_only=True):
    """The limits of polls, with which Phanpy fills its form."""

    max_options: Count
    max_characters_per_option: Count
    min_expiration: Count
    max_expiration: Count


class Translation(Struct, kw_only=True):
    """Whether the instance translates; otherwise Phanpy asks another service."""

    enabled: bool


class Addresses(Struct, kw_only=True):
    """The address of the streaming server. Elk reads `configuration.urls.streaming`, so that `urls` must be there."""

    streaming: str | None = None


class Configuration(Struct, kw_only=True):
    """The limits of an instance."""

    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits
    translation: Translation
    urls: Addresses


class ActiveUsers(Struct, kw_only=True):
    """Number of users this month."""

    active_month: Count


class Usage(Struct, kw_only=True):
    """Figures of usage."""

    users: ActiveUsers


class Picture(Struct, kw_only=True):
    """The picture of an instance."""

    url: Address


class Registrations(Struct, kw_only=True):
    """Whether sign-up is enabled."""

    enabled: bool
    approval_required: bool


class Contact(Struct, kw_only=True):
    """The operator's contact."""

    email: str
    account: Account | None = None


class Rule(Struct, kw_only=True):
    """A rule of the instance, as a reason to report somebody."""

    id: Text
    text: Text


class Instance(Struct, kw_only=True):
    """An instance (version 2)."""

    domain: Text
    title: Text
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+")]
    source_url: str
    description: str
    usage: Usage
    thumbnail: Picture
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    contact: Contact
    rules: list[Rule]


class OldAddresses(Struct, kw_only=True):
    """The address of the streaming server, in version 1: clients of its time append to it without a check."""

    streaming_api: Text


class OldInstance(Struct, kw_only=True):
    """An instance (version 1), which Elk and Phanpy request when version 2 fails."""

    uri: Text
    title: Text
    version: Text
    email: str
    short_description: str
    urls: OldAddresses
    languages: list[str]
    registrations: bool
    rules: list[Rule]
