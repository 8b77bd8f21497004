"""Followed and featured hashtags, suggestions and trends with Mastodon.py."""

from typing import Any

from mastodon import Mastodon

from tests.clients.mastodonpy.clients import SignUp
from tests.support.site import eventually, unique


def test_a_hashtag_is_followed_and_featured(ada: Mastodon, bob: Mastodon) -> None:
    name = unique("tea")
    assert ada.tag_follow(name).following is True
    [followed] = ada.followed_tags(limit=5)
    assert (followed.name, ada.tag(name).following, bob.tag(name).following) == (name, True, False)
    status = bob.status_post(f"#{name}")
    assert eventually(lambda: str(status.id) in [str(each.id) for each in ada.timeline_home()])
    featured = bob.featured_tag_create(name)
    assert (featured.name, int(featured.statuses_count)) == (name, 1)
    assert [each.name for each in ada.account_featured_tags(bob.me())] == [name]
    bob.featured_tag_delete(featured)
    assert [each.name for each in bob.featured_tag_suggestions()] == [name]
    assert bob.tag_feature(name).featuring is True
    assert [each.name for each in bob.featured_tags()] == [name]
    assert bob.tag_unfeature(name).featuring is False
    assert ada.tag_unfollow(name).following is False
    assert ada.followed_tags() == []


def test_explore_shows_people_hashtags_and_messages(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    cleo = join("cleo")
    ada.account_follow(bob.me())
    bob.account_follow(cleo.me())
    wanted = str(cleo.me().id)
    assert eventually(lambda: wanted in [str(each.account.id) for each in ada.suggestions_v2()])
    assert wanted in [str(each.id) for each in ada.suggestions_v1()]
    [found] = [each for each in ada.suggestions_v2() if str(each.account.id) == wanted]
    assert found.source == "past_interactions"
    ada.suggestion_delete(cleo.me())
    assert wanted not in [str(each.id) for each in ada.suggestions()]
    for limit in (1, 20):
        assert len(ada.trending_tags(limit=limit)) <= limit
        assert len(ada.trending_statuses(limit=limit)) <= limit
    # What trends is ranked once a minute, which may be between the two.
    assert eventually(lambda: names(ada.trends(limit=5)) == names(ada.trending_tags(limit=5)))


def names(hashtags: Any) -> list[str]:
    return [each.name for each in hashtags]
