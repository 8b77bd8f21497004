"""Markers, pins and conversations with Mastodon.py."""

from mastodon import Mastodon

from tests.clients.mastodonpy.clients import SignUp, flat, ids, page_down
from tests.support.site import eventually


def test_a_marker_makes_notifications_read(ada: Mastodon, bob: Mastodon) -> None:
    assert ada.markers_get(["home", "notifications"]) == {}
    for _ in range(2):
        bob.status_post(f"@{ada.me().acct} hello")
    assert eventually(lambda: ada.notifications_unread_count().count == 2)
    newest, older = ada.notifications()
    moved = ada.markers_set(["notifications", "home"], [older.id, newest.status.id])
    assert (moved.notifications.last_read_id, moved.notifications.version) == (str(older.id), 1)
    assert ada.notifications_unread_count().count == 1
    ada.markers_set("notifications", newest.id)
    assert ada.notifications_unread_count().count == 0
    marker = ada.markers_get("notifications")
    assert (list(marker), marker.notifications.version) == (["notifications"], 2)


def test_pinned_messages_are_on_the_profile(ada: Mastodon, bob: Mastodon) -> None:
    first, second = ada.status_post("first"), ada.status_post("second")
    for status in (second, first):
        assert ada.status_pin(status).pinned is True
    for reader in (ada, bob):
        assert ids(reader.account_statuses(ada.me(), pinned=True)) == [first.id, second.id]
    assert [ada.status(first).pinned, bob.status(first).pinned] == [True, False]
    assert ada.status_unpin(first).pinned is False
    assert ids(bob.account_statuses(ada.me(), pinned=True)) == [second.id]


def test_conversations_are_read_and_paged(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    cyd = join("cyd")
    first = bob.status_post(f"@{ada.me().acct} psst", visibility="direct")
    ada.status_reply(first, "yes?", visibility="direct")
    last = bob.status_reply(first, f"@{ada.me().acct} all right", visibility="direct")
    other = cyd.status_post(f"@{ada.me().acct} hello", visibility="direct")
    assert eventually(lambda: ids(each.last_status for each in ada.conversations()) == [other.id, last.id])
    newest, older = ada.conversations()
    assert (newest.last_status.id, newest.unread, ids(newest.accounts)) == (other.id, True, [cyd.me().id])
    assert (older.last_status.id, older.unread, ids(older.accounts)) == (last.id, True, [bob.me().id])
    read = ada.conversations_read(older)
    assert (read.id, read.unread) == (older.id, False)
    assert [each.unread for each in ada.conversations()] == [True, False]
    pages = page_down(ada, ada.conversations(limit=1))
    assert ids(flat(pages)) == [newest.id, older.id]
    assert [len(page) for page in pages] == [1, 1]
