"""Notifications with Mastodon.py."""

from dataclasses import dataclass

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import MakeClient, SignUp, ids
from tests.support.site import eventually

KINDS = {"favourite", "follow", "mention"}


@dataclass(frozen=True)
class Received:
    """A user with notifications of a follow, a favourite and a mention by one user, and of a follow by another."""

    token: str
    favourite: str
    """Id of the message that was favourited."""
    mention: str
    """Id of the message that mentions the user."""
    actor: str
    other: str


@pytest.fixture(scope="module")
def received(join: SignUp) -> Received:
    ada, bob, eve = join("ada"), join("bob"), join("eve")
    posted = ada.status_post("hello")
    bob.account_follow(ada.me())
    bob.status_favourite(posted)
    mention = bob.status_post(f"hi @{ada.me().acct}")
    eve.account_follow(ada.me())
    assert eventually(lambda: len(ada.notifications()) == 4)
    return Received(str(ada.access_token), str(posted.id), str(mention.id), str(bob.me().id), str(eve.me().id))


@pytest.fixture
def reader(received: Received, make_client: MakeClient) -> Mastodon:
    return make_client(access_token=received.token)


def test_a_notification_shows_who_did_what_to_which_message(reader: Mastodon, received: Received) -> None:
    by_type = {each.type: each for each in reader.notifications(account_id=received.actor)}
    assert set(by_type) == KINDS
    assert {str(each.account.id) for each in by_type.values()} == {received.actor}
    assert by_type["favourite"].status.id == received.favourite
    assert by_type["mention"].status.id == received.mention
    assert by_type["follow"].get("status") is None
    assert reader.notifications(id=by_type["mention"]).status.id == received.mention


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_notifications_are_filtered_by_type(reader: Mastodon, kind: str) -> None:
    assert {each.type for each in reader.notifications(types=[kind])} == {kind}
    assert {each.type for each in reader.notifications(exclude_types=[kind])} == KINDS - {kind}
    assert reader.notifications(types=[kind], exclude_types=[kind]) == []


def test_notifications_are_filtered_by_account(reader: Mastodon, received: Received) -> None:
    assert [each.type for each in reader.notifications(account_id=received.other)] == ["follow"]
    assert reader.notifications(account_id=reader.me()) == []


def test_unread_notifications_are_counted(reader: Mastodon) -> None:
    assert reader.notifications_unread_count().count == 4


def test_what_is_dismissed_is_not_shown_again(ada: Mastodon, bob: Mastodon) -> None:
    for _ in range(3):
        bob.status_favourite(ada.status_post("hello"))
    assert eventually(lambda: len(ada.notifications()) == 3)
    first, second, third = ada.notifications()
    ada.notifications_dismiss(second)
    assert ids(ada.notifications()) == [first.id, third.id]
    with pytest.raises(mastodon.MastodonNotFoundError):
        ada.notifications(id=second)
    ada.notifications_clear()
    assert ada.notifications() == []
    assert ada.notifications_unread_count().count == 0


def test_what_somebody_blocked_did_is_not_shown(ada: Mastodon, bob: Mastodon) -> None:
    bob.account_follow(ada.me())
    assert eventually(ada.notifications)
    ada.account_block(bob.me())
    assert ada.notifications() == []


def test_a_follower_who_asks_for_it_is_notified_of_each_message(join: SignUp) -> None:
    ada, bob = join("ada"), join("bob")
    chosen = ada.account_follow(bob.me(), notify=True, reblogs=False)
    assert (chosen.notifying, chosen.showing_reblogs) == (True, False)
    posted = bob.status_post("hello")
    (shown,) = eventually(lambda: ada.notifications(types=["status"]))
    assert (shown.type, shown.status.id) == ("status", posted.id)
    ada.notifications_dismiss(shown)
    assert ada.notifications() == []


def test_a_muted_conversation_notifies_no_more(join: SignUp) -> None:
    ada, bob = join("ada"), join("bob")
    first = ada.status_post("hello")
    assert ada.status_mute(first).muted
    bob.status_reply(first, "hi")
    bob.status_favourite(first)
    other = bob.status_post(f"@{ada.me().acct} elsewhere")
    assert eventually(lambda: ids([each.status for each in ada.notifications()]) == [other.id])
    assert not ada.status_unmute(first).muted
    assert ids([each.status for each in ada.notifications()]) == [other.id]
