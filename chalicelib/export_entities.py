"""The entities of an export: see `export`. What the API has an entity for is in it as that."""

from typing import Annotated

import msgspec

from chalicelib import entities, filter_entities, shapes
from chalicelib.lists import List
from chalicelib.markers import Marker
from chalicelib.notification_entities import Choices
from chalicelib.reports import OwnReport
from chalicelib.scheduled import ScheduledStatus
from fstream_app.messages.markers import TIMELINES


class ExportedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account in an export: enough to find it again."""

    id: shapes.UserId
    acct: shapes.Name
    url: shapes.Url


class ExportedFollow(ExportedAccount, frozen=True, kw_only=True):
    """A followed account in an export, or one that the user has asked to be allowed to follow."""

    notify: bool
    """Whether the user is notified of the account's messages."""
    reblogs: bool
    languages: tuple[str, ...] | None
    """The only languages that home shows of the account; null: all."""


class ExportedNote(ExportedAccount, frozen=True, kw_only=True):
    """An account about which the user has written a private note."""

    note: str


class ExportedPolicy(Choices, frozen=True, kw_only=True):
    """The policy for notifications in an export."""


class ExportedMute(ExportedAccount, frozen=True, kw_only=True):
    """A muted account in an export."""

    mute_expires_at: shapes.Time | None
    """The end of a timed mute."""


class ExportedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A muted conversation in an export."""

    status_id: shapes.MessageId
    """Its first message."""
    muted_at: shapes.Time


class ExportedList(List, frozen=True, kw_only=True):
    """A list in an export."""

    accounts: tuple[ExportedAccount, ...]


class ExportedTag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag in an export."""

    name: shapes.Hashtag
    url: shapes.Url


class ExportedFollowedTag(ExportedTag, frozen=True, kw_only=True):
    """A followed hashtag in an export."""

    followed_at: shapes.Time


class ExportedMarker(Marker, frozen=True, kw_only=True):
    """How far the user has read a timeline."""

    timeline: Annotated[str, shapes.rule(enum=TIMELINES)]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an export. The whole export is all pages, with the arrays of the same name joined in their order."""

    account: entities.CredentialAccount | None = None
    """The user's profile and settings; only on the first page."""
    statuses: tuple[entities.Status, ...] = ()
    """All of the user's messages, newest first, with their text as typed."""
    scheduled_statuses: tuple[ScheduledStatus, ...] = ()
    """The messages that the user has scheduled, as typed."""
    following: tuple[ExportedFollow, ...] = ()
    """The accounts that the user follows."""
    follow_requests: tuple[ExportedFollow, ...] = ()
    """The accounts that the user has asked to be allowed to follow."""
    blocks: tuple[ExportedAccount, ...] = ()
    mutes: tuple[ExportedMute, ...] = ()
    favourites: tuple[entities.Status, ...] = ()
    """The user's favourites that the user may see, as likewise the bookmarks."""
    bookmarks: tuple[entities.Status, ...] = ()
    votes: tuple[entities.Status, ...] = ()
    """Likewise the messages in whose polls the user has voted, with the user's votes."""
    followers: tuple[ExportedAccount, ...] = ()
    endorsements: tuple[ExportedAccount, ...] = ()
    """The accounts that the user shows on the profile."""
    lists: tuple[ExportedList, ...] = ()
    filters: tuple[filter_entities.Filter, ...] = ()
    notes: tuple[ExportedNote, ...] = ()
    """Private notes about accounts."""
    notification_policy: tuple[ExportedPolicy, ...] = ()
    """From whom the user wants notifications; empty if from everybody."""
    accepted_senders: tuple[ExportedAccount, ...] = ()
    """Accounts whose notifications are accepted, whatever the policy."""
    muted_conversations: tuple[ExportedConversation, ...] = ()
    """Those whose first message the user may see."""
    followed_tags: tuple[ExportedFollowedTag, ...] = ()
    """Hashtags that the user follows, newest follow first."""
    featured_tags: tuple[ExportedTag, ...] = ()
    """Hashtags that the user's profile features."""
    markers: tuple[ExportedMarker, ...] = ()
    reports: tuple[OwnReport, ...] = ()
    """The user's reports, newest first: whether they are decided."""
    next: shapes.Url | None = None
    """The next page, as in the `Link` header; null on the last page."""
