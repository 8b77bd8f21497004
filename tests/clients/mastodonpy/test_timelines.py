"""Timelines and hashtags with Mastodon.py."""

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import ids
from tests.support.site import Site, eventually, unique


def test_a_message_is_in_the_timelines_where_it_belongs(ada: Mastodon, bob: Mastodon) -> None:
    bob.account_follow(ada.me())
    tag = unique("tag")
    shown, unlisted = ada.status_post(f"hello #{tag}"), ada.status_post(f"psst #{tag}", visibility="unlisted")
    expected = [unlisted.id, shown.id]
    assert ids(ada.timeline_home()) == expected
    assert eventually(lambda: len(bob.timeline_home()) == 2)
    assert ids(bob.timeline_home()) == expected
    assert ids(bob.account_statuses(ada.me())) == expected
    # What is on one timeline may not be on the others yet. The second message is on a public one by now if at all:
    # a third has arrived there.
    third = ada.status_post(f"last #{tag}")
    assert eventually(lambda: ids(bob.timeline_hashtag(tag)) == [third.id, shown.id])
    for read in (bob.timeline_public, bob.timeline_local):
        assert eventually(lambda read=read: str(third.id) in ids(read(limit=40)))
        assert {*expected, third.id} & set(ids(read(limit=40))) == {third.id, shown.id}


def test_each_timeline_has_a_name(ada: Mastodon) -> None:
    posted, tag = ada.toot("hello"), unique("tag")
    assert ids(ada.timeline()) == ids(ada.timeline("home")) == [posted.id]
    assert ada.timeline(f"tag/{tag}") == []
    assert ada.timeline_is_available("public", local=True)
    assert ada.timeline_public(remote=True) == ada.timeline_public(only_media=True) == []


def test_an_account_s_messages_are_listed_with_or_without_replies(ada: Mastodon) -> None:
    tag = unique("tag")
    posted = ada.status_post(f"hello #{tag}")
    reply = ada.status_post("hello again", in_reply_to_id=posted)
    me = ada.me()
    assert ids(ada.account_statuses(me)) == ids(ada.account_statuses(me, exclude_reblogs=True)) == [reply.id, posted.id]
    assert ids(ada.account_statuses(me, tagged=tag)) == [posted.id]
    assert ada.account_statuses(me, pinned=True) == ada.account_statuses(me, only_media=True) == []


def test_hashtags_are_joined(site: Site, ada: Mastodon) -> None:
    one, two, three = (unique("tag") for _ in range(3))
    texts = [f"#{one}", f"#{two}", f"#{one} #{two}", f"#{one} #{three}"]
    first, second, both, other = ids(ada.status_post(text) for text in texts)
    assert eventually(lambda: ids(ada.timeline_hashtag(one)) == [other, both, first])
    # Mastodon.py has no parameters for these.
    path = f"/api/v1/timelines/tag/{one}"
    assert eventually(lambda: site.ids(f"{path}?any[]={two}") == [other, both, second, first])
    assert site.ids(f"{path}?all[]={two}") == [both]
    assert site.ids(f"{path}?none[]={two}&none[]={three}") == [first]
    assert ada.tag(one).name == one
    assert ids(ada.timeline_hashtag(two, limit=1)) == [both]


def test_lists_are_made_changed_read_and_deleted(ada: Mastodon, bob: Mastodon) -> None:
    bob.account_follow(ada.me())
    made = bob.list_create("friends", replies_policy="none", exclusive=True)
    bob.list_accounts_add(made, [ada.me()])
    assert ids(bob.list_accounts(made)) == ids(bob.list_accounts(made, limit=0)) == [ada.me().id]
    assert ids(bob.account_lists(ada.me())) == [made.id]
    assert (bob.list(made).replies_policy, bob.list(made).exclusive) == ("none", True)
    posted = ada.status_post("to friends")
    assert eventually(lambda: ids(bob.timeline_list(made))) == [posted.id]
    assert bob.timeline_home() == bob.timeline_list("going-soon") == []
    changed = bob.list_update(made, "all", exclusive=False)
    assert (changed.title, ids(bob.timeline_home())) == ("all", [posted.id])
    bob.list_accounts_delete(made, [ada.me()])
    assert bob.timeline_list(made) == []
    bob.list_delete(made)
    (only,) = bob.lists()
    with pytest.raises(mastodon.MastodonAPIError, match="can't be changed or deleted"):
        bob.list_delete(only)
