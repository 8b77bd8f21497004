"""Grouped notifications, the policy and requests with Mastodon.py."""

from typing import Any

import mastodon
import pytest

from tests.clients.mastodonpy.clients import SignUp, ids
from tests.support.site import eventually


def test_notifications_are_grouped_and_a_group_is_dismissed(join: SignUp) -> None:
    ada, bob, cyd = join("ada"), join("bob"), join("cyd")
    posted = ada.status_post("hello")
    for each in (bob, cyd):
        each.status_favourite(posted)
        each.account_follow(ada.me())
    assert eventually(lambda: len(ada.notifications()) == 4)
    groups = {each.type: each for each in ada.grouped_notifications().notification_groups}
    assert groups.keys() == {"favourite", "follow"}
    key = groups["favourite"].group_key
    assert (groups["favourite"].notifications_count, str(groups["favourite"].status_id)) == (2, str(posted.id))
    assert ada.unread_grouped_notifications_count() == 2
    assert ada.grouped_notification(key).notification_groups[0].group_key == key
    assert set(ids(ada.grouped_notification_accounts(key))) == set(ids([bob.me(), cyd.me()]))
    first = ada.grouped_notifications(limit=1)
    second: Any = ada.fetch_next(first)
    assert [each.group_key for page in (first, second) for each in page.notification_groups] == [
        each.group_key for each in ada.grouped_notifications().notification_groups
    ]
    ada.dismiss_grouped_notification(key)
    assert ada.unread_grouped_notifications_count() == 1


def test_a_policy_filters_notifications_until_their_sender_is_accepted(join: SignUp) -> None:
    ada, bob, cyd = join("ada"), join("bob"), join("cyd")
    assert ada.notifications_policy().for_not_following == "accept"
    assert ada.update_notifications_policy(for_not_following="filter").for_not_following == "filter"
    for each in (bob, cyd):
        each.status_post(f"hello @{ada.me().acct}")
    assert eventually(lambda: len(ada.notification_requests()) == 2)
    assert ada.notifications_policy().summary.pending_requests_count == 2
    assert ada.notifications() == []
    waiting = {str(each.account.id): each for each in ada.notification_requests()}
    request = waiting[str(bob.me().id)]
    assert ada.notification_request(request).last_status.account.id == bob.me().id
    ada.accept_notification_request(request)
    assert ada.notifications_merged() is True
    assert [each.account.id for each in ada.notifications()] == [bob.me().id]
    ada.dismiss_notification_request(waiting[str(cyd.me().id)])
    assert ada.notification_requests() == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        ada.notification_request(request)
    cyd.status_post(f"again @{ada.me().acct}")
    assert eventually(ada.notification_requests)
    ada.dismiss_multiple_notification_requests([cyd.me().id])
    cyd.status_post(f"and again @{ada.me().acct}")
    assert eventually(ada.notification_requests)
    ada.accept_multiple_notification_requests([cyd.me().id])
    assert len(ada.notifications()) == 2
