"""Profiles, relationships and search with Mastodon.py."""

import time
from typing import Any

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import SignUp, ids
from tests.support.site import Site, eventually, in_time, unique


def test_preferences_are_the_defaults_of_what_is_posted(ada: Mastodon) -> None:
    assert ada.preferences()["posting:default:visibility"] == "public"
    changed = ada.account_update_credentials(display_name="Ada", note="<b>", default_privacy="private")
    assert (changed.display_name, changed.note) == ("Ada", "<p>&lt;b&gt;</p>")
    assert ada.preferences()["posting:default:visibility"] == "private"
    assert ada.status_post("hello").visibility == "private"


def test_somebody_is_found_by_name(site: Site, ada: Mastodon, bob: Mastodon) -> None:
    me = ada.me()
    for name in (me.username, f"@{me.username}", f"{me.username}@{site.host}"):
        assert bob.account_lookup(name).id == me.id
        assert ids(bob.search_v2(name, result_type="accounts").accounts) == [me.id]
    posted = ada.status_post("find me")
    assert ids(bob.search(posted.url).statuses) == [posted.id]
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.account_lookup(unique("nobody"))


def test_relationships_are_returned_for_several_at_once(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    eve = join("eve")
    assert ada.account_follow(bob.me()).following
    assert bob.account_follow(ada.me()).followed_by
    assert ada.account_mute(eve.me(), notifications=False).muting
    relationships = ada.account_relationships([bob.me().id, eve.me().id, ada.me().id])
    assert ids(relationships) == [bob.me().id, eve.me().id, ada.me().id]
    assert [each.following for each in relationships] == [True, False, False]
    assert [each.followed_by for each in relationships] == [True, False, False]
    assert [(each.muting, each.muting_notifications) for each in relationships] == [
        (False, False),
        (True, False),
        (False, False),
    ]
    assert ids(ada.account_following(ada.me())) == ids(ada.account_followers(ada.me())) == [bob.me().id]
    assert ids(ada.mutes()) == [eve.me().id]
    # Stream functions count.
    assert eventually(lambda: (ada.me().following_count, ada.me().followers_count) == (1, 1))
    assert not ada.account_unfollow(bob.me()).following
    assert ada.account_following(ada.me()) == []


def test_a_block_ends_follows_and_hides_until_it_is_ended(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    bob.account_follow(ada.me())
    assert ada.account_block(bob.me()).blocking
    relationship = bob.account_relationships(ada.me())[0]
    assert (relationship.following, relationship.blocked_by) == (False, True)
    assert ids(ada.blocks()) == [bob.me().id]
    assert bob.account_statuses(ada.me()) == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.status(posted)
    with pytest.raises(mastodon.MastodonAPIError) as caught:
        bob.account_follow(ada.me())
    assert caught.value.args[1] == 403
    assert not ada.account_unblock(bob.me()).blocking
    assert bob.status(posted).id == posted.id


def test_a_timed_mute_ends_by_itself(ada: Mastodon, bob: Mastodon) -> None:
    bob.account_follow(ada.me())
    posted = ada.status_post("hello")
    assert eventually(bob.timeline_home)

    def mute(seconds: int) -> tuple[Any, list[str], list[str]]:
        return bob.account_mute(ada.me(), duration=seconds).muting, ids(bob.timeline_home()), ids(bob.mutes())

    muted, begun = in_time(mute, 2)
    assert muted == (True, [], ids([ada.me()]))
    assert eventually(lambda: ids(bob.timeline_home()) == [posted.id], seconds=200)
    assert time.time() - begun >= 2
    assert not bob.account_relationships(ada.me())[0].muting
    assert bob.mutes() == []


def test_a_profile_has_fields(ada: Mastodon, bob: Mastodon) -> None:
    lines = [("Website", "https://example.org"), ("Pronouns", "she & her")]
    changed = ada.account_update_credentials(fields=lines, bot=True, discoverable=False)
    assert [(field.name, field.value) for field in changed.source.fields] == lines
    shown = bob.account(ada.me())
    assert [field.name for field in shown.fields] == ["Website", "Pronouns"]
    assert 'href="https://example.org"' in shown.fields[0].value
    assert shown.fields[1].value == "she &amp; her"
    assert (shown.bot, shown.discoverable) == (True, False)
    with pytest.raises(mastodon.MastodonAPIError) as caught:
        ada.account_update_credentials(fields=[("x" * 256, "")])
    assert caught.value.args[1] == 422


def test_accounts_and_hashtags_are_found_by_the_beginning_of_their_names(ada: Mastodon, bob: Mastodon) -> None:
    tag, me = unique("tag"), ada.me()
    posted = ada.status_post(f"hello #{tag}")
    beginning = me.username[:-2]
    assert ids(bob.account_search(beginning)) == ids(bob.search(beginning, result_type="accounts").accounts) == [me.id]
    assert bob.account_search(beginning, following=True) == []
    assert eventually(lambda: bob.search(tag[:-2], result_type="hashtags").hashtags)
    found = bob.search(tag[:-2])
    assert ([each.name for each in found.hashtags], found.accounts, found.statuses) == ([tag], [], [])
    assert ids(bob.search(posted.url, account_id=me.id).statuses) == [posted.id]
    assert bob.search(posted.url, account_id=bob.me().id).statuses == []


def test_a_follower_is_sent_away(ada: Mastodon, bob: Mastodon) -> None:
    assert ada.follows(bob.me().acct).following
    assert not bob.account_remove_from_followers(ada.me()).followed_by
    assert bob.account_followers(bob.me()) == []


def test_a_mute_is_ended(ada: Mastodon, bob: Mastodon) -> None:
    assert ada.account_mute(bob.me()).muting
    assert not ada.account_unmute(bob.me()).muting
    assert ada.mutes() == []


def test_no_familiar_followers_are_returned(ada: Mastodon, bob: Mastodon) -> None:
    familiar = ada.account_familiar_followers([bob.me().id, ada.me().id])
    assert [(each.id, each.accounts) for each in familiar] == [(bob.me().id, []), (ada.me().id, [])]


def test_several_accounts_are_shown_at_once(ada: Mastodon, bob: Mastodon) -> None:
    assert ids(ada.accounts([bob.me(), ada.me()])) == [bob.me().id, ada.me().id]


def test_a_locked_account_decides_who_follows_it(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    eve = join("eve")
    assert ada.account_update_credentials(locked=True).locked
    hidden = ada.status_post("for followers", visibility="private")
    for each in (bob, eve):
        assert each.account_follow(ada.me()).requested
        with pytest.raises(mastodon.MastodonNotFoundError):
            each.status(hidden)
    assert eventually(lambda: set(ids(ada.follow_requests())) == {bob.me().id, eve.me().id})
    assert ada.me().source.follow_requests_count == 2
    assert ada.follow_request_authorize(bob.me()).followed_by
    assert not ada.follow_request_reject(eve.me()).requested_by
    assert bob.status(hidden).id == hidden.id
    assert eve.account_follow(ada.me()).requested
    assert not eve.account_unfollow(ada.me()).requested
    assert ada.follow_requests() == []


def test_a_note_about_an_account_is_its_writer_s_own(ada: Mastodon, bob: Mastodon) -> None:
    assert ada.account_note_set(bob.me(), "met in Oslo").note == "met in Oslo"
    assert ada.account_relationships(bob.me())[0].note == "met in Oslo"
    assert bob.account_relationships(ada.me())[0].note == ""
    assert ada.account_note_set(bob.me(), "").note == ""


def test_an_account_is_endorsed_by_either_name(ada: Mastodon, bob: Mastodon) -> None:
    with pytest.raises(mastodon.MastodonAPIError):
        ada.account_endorse(bob.me())
    ada.account_follow(bob.me())
    for endorse, end in ((ada.account_endorse, ada.account_unendorse), (ada.account_pin, ada.account_unpin)):
        assert endorse(bob.me()).endorsed
        assert ids(ada.endorsements()) == [bob.me().id]
        assert not end(bob.me()).endorsed
    assert ada.endorsements() == []
