"""The client API's entities of groups of notifications, of the policy, and of requests."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.entities import Account, AccountWarning, Status
from chalicelib.shapes import Figure, MessageId, Name, Number, Time, Url, UserId, rule
from fstream_app.core import grouping
from fstream_app.core.notices import NotificationKind

GroupKey = Annotated[str, rule(pattern=f"^({grouping.PATTERN})$")]
Chosen = Literal["accept", "filter", "drop"]


class PartialAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to show an account's picture."""

    id: UserId
    acct: Name
    url: Url
    avatar: Url
    avatar_static: Url
    locked: bool
    bot: bool


class NotificationGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications of the same kind about the same message, or a single notification."""

    group_key: GroupKey
    """Remains the same whatever is added to the group."""
    notifications_count: Number
    """Number of its notifications; on a page of the list, of those on this page."""
    type: Annotated[str, rule(enum=[kind.value for kind in NotificationKind])]
    most_recent_notification_id: MessageId
    page_min_id: MessageId | UnsetType = UNSET
    """Id of the oldest of its notifications on the page; only in the list, and likewise below."""
    page_max_id: MessageId | UnsetType = UNSET
    latest_page_notification_at: Time | UnsetType = UNSET
    sample_account_ids: tuple[UserId, ...]
    """The accounts that caused the newest of its notifications, at most eight, newest first."""
    status_id: MessageId | UnsetType = UNSET
    moderation_warning: AccountWarning | UnsetType = UNSET


class GroupedNotifications(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of notifications, with the accounts and statuses that they name."""

    accounts: tuple[Account, ...]
    partial_accounts: tuple[PartialAccount, ...] | UnsetType = UNSET
    """Accounts that are not in `accounts`; only with `expand_accounts=partial_avatars`."""
    statuses: tuple[Status, ...]
    notification_groups: tuple[NotificationGroup, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits because of the policy, among the newest notifications."""

    pending_requests_count: Number
    pending_notifications_count: Number


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """From whom notifications are accepted, filtered or dropped."""

    for_not_following: Chosen
    """People whom the user does not follow."""
    for_not_followers: Chosen
    """People who do not follow the user."""
    for_new_accounts: Chosen
    """Accounts that are younger than 30 days, unless the user follows them."""
    for_private_mentions: Chosen
    """Private mentions by people whom the user does not follow, unless they answer a private mention of the user."""
    for_limited_accounts: Chosen
    """Accounts that moderators have limited: none here, because they suspend accounts instead."""


class NotificationPolicy(Choices, frozen=True, kw_only=True):
    """The user's policy for notifications, with what waits because of it."""

    summary: Summary


class OlderNotificationPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The same in an older form: true for what is filtered or dropped."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: Summary


class NotificationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The notifications of one account that the policy filters."""

    id: UserId
    """The account's id."""
    created_at: Time
    """Time of the oldest one that is counted."""
    updated_at: Time
    """Time of the newest one."""
    account: Account
    notifications_count: Figure
    """Number of notifications, counted up to 40."""
    last_status: Status | None
    """The newest status among them that the account has posted."""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the notifications of accepted requests are in the list: always, as soon as they are accepted."""

    merged: bool = True
