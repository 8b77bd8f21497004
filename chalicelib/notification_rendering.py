"""Rendering notifications, groups of them, and requests."""

from typing import assert_never

import msgspec
from msgspec import UNSET

from chalicelib import entities, rendering
from chalicelib.notification_entities import (
    GroupedNotifications,
    NotificationGroup,
    NotificationRequest,
    PartialAccount,
)
from fstream_app.core.notices import NotificationKind
from fstream_app.feed.groups import Grouped, key
from fstream_app.feed.held import Requests
from fstream_app.messages.filtering import Matcher
from fstream_app.messages.notifications import NotificationPage, Notified

_SAMPLES = 8
"""Limit of the accounts that a group names."""


def notifications(page: NotificationPage, now: int) -> list[entities.Notification]:
    """Render the notifications of a page."""
    matcher = Matcher(page.filters, now)
    return [_notification(each, page, now, matcher) for each in page.shown]


def _notification(notified: Notified, page: NotificationPage, now: int, matcher: Matcher) -> entities.Notification:
    made, message = notified.notification, notified.message
    return entities.Notification(
        id=str(made.id),
        type=made.kind,
        created_at=rendering.date(made.id.time),
        group_key=key(notified),
        account=rendering.accounts([notified.actor], now)[0],
        filtered=notified.is_filtered or UNSET,
        status=rendering.shown_on(message, page, now, matcher) if message else None,
        moderation_warning=_warning(notified, now),
    )


def _warning(notified: Notified, now: int) -> entities.AccountWarning | None:
    made = notified.notification
    match made.kind:
        case (
            NotificationKind.MENTION
            | NotificationKind.QUOTE
            | NotificationKind.FOLLOW
            | NotificationKind.FOLLOW_REQUEST
            | NotificationKind.FAVOURITE
            | NotificationKind.REBLOG
            | NotificationKind.STATUS
            | NotificationKind.POLL
            | NotificationKind.UPDATE
        ):
            return None
        case NotificationKind.WARNING:
            return entities.AccountWarning(
                id=str(made.id),
                text=made.reason or "",
                target_account=rendering.accounts([notified.actor], now)[0],
                created_at=rendering.date(made.id.time),
            )
        case _:
            assert_never(made.kind)


def groups(
    page: NotificationPage, found: list[Grouped], now: int, *, in_list: bool, with_partial: bool = False
) -> GroupedNotifications:
    """Render groups, which are of this page.

    Args:
        page: the page of notifications.
        found: its groups.
        now: milliseconds.
        in_list: whether it is a page of the list, which says where it begins and ends.
        with_partial: whether accounts other than the newest of each group are rendered in short.
    """
    newest = notifications(msgspec.structs.replace(page, shown=[each.newest for each in found]), now)
    people = {each.actor.id: each.actor for group in found for each in group.members[:_SAMPLES]}
    full = {each.newest.actor.id for each in found} if with_partial else people.keys()
    accounts = rendering.accounts(list(people.values()), now)
    return GroupedNotifications(
        accounts=tuple(each for each in accounts if each.id in full),
        partial_accounts=tuple(_partial(each) for each in accounts if each.id not in full) if with_partial else UNSET,
        statuses=tuple({each.status.id: each.status for each in newest if each.status}.values()),
        notification_groups=tuple(
            _group(group, shown, in_list=in_list) for group, shown in zip(found, newest, strict=True)
        ),
    )


def _group(group: Grouped, newest: entities.Notification, *, in_list: bool) -> NotificationGroup:
    oldest = group.members[-1].notification
    actors = (each.actor.id for each in group.members[:_SAMPLES])
    return NotificationGroup(
        group_key=group.key,
        notifications_count=len(group.members),
        type=newest.type,
        most_recent_notification_id=newest.id,
        page_min_id=str(oldest.id) if in_list else UNSET,
        page_max_id=newest.id if in_list else UNSET,
        latest_page_notification_at=newest.created_at if in_list else UNSET,
        sample_account_ids=tuple(dict.fromkeys(actors)),
        status_id=newest.status.id if newest.status else UNSET,
        moderation_warning=newest.moderation_warning or UNSET,
    )


def _partial(account: entities.Account) -> PartialAccount:
    return PartialAccount(**{name: getattr(account, name) for name in PartialAccount.__struct_fields__})


def requests(found: Requests, now: int) -> list[NotificationRequest]:
    """Render requests."""
    accounts = {each.id: each for each in rendering.accounts([each.sender for each in found.shown], now)}
    written = [each.message for each in found.shown if each.message]
    statuses = {
        each.account.id: each.status for each in notifications(msgspec.structs.replace(found.page, shown=written), now)
    }
    return [
        NotificationRequest(
            id=each.sender.id,
            created_at=rendering.date(each.oldest.time),
            updated_at=rendering.date(each.newest.time),
            account=accounts[each.sender.id],
            notifications_count=str(len(each.notifications)),
            last_status=statuses.get(each.sender.id),
        )
        for each in found.shown
    ]
