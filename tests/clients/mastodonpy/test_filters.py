"""Filters with Mastodon.py, in both versions of the API."""

from typing import Any

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import ids


def words(made: Any) -> list[tuple[str, bool]]:
    return [(each.keyword, each.whole_word) for each in made.keywords]


def test_a_filter_warns_of_statuses_until_it_is_deleted(ada: Mastodon, bob: Mastodon) -> None:
    keywords = [{"keyword": "storm", "whole_word": True}, {"keyword": "rain", "whole_word": False}]
    made = ada.create_filter_v2("weather", ["home", "public"], "warn", expires_in=3600, keywords_attributes=keywords)
    assert (made.title, made.context, made.filter_action) == ("weather", ["home", "public"], "warn")
    assert words(made) == [("storm", True), ("rain", False)]
    posted = bob.status_post("Brainstorm?", spoiler_text="A STORM")
    (result,) = ada.status(posted).filtered
    assert (result.filter.title, result.keyword_matches, result.status_matches) == ("weather", ["STORM"], None)
    assert result.filter.expires_at == made.expires_at
    first, second = made.keywords
    changes = [{"id": first.id, "_destroy": True}, {"id": second.id, "keyword": "snow"}]
    changed = ada.update_filter_v2(made, title="cold", filter_action="hide", keywords_attributes=changes)
    assert (changed.title, changed.filter_action, words(changed)) == ("cold", "hide", [("snow", False)])
    assert not ada.status(posted).filtered
    assert ids(ada.filters_v2()) == [str(ada.filter_v2(made).id)] == [str(made.id)]
    ada.delete_filter_v2(made)
    assert ada.filters_v2() == []


def test_keywords_and_statuses_are_added_and_removed(ada: Mastodon, bob: Mastodon) -> None:
    made, posted = ada.create_filter_v2("news", ["thread"], "hide"), bob.status_post("hello")
    keyword = ada.add_filter_keyword_v2(made, "storm", whole_word=True)
    assert (keyword.keyword, keyword.whole_word) == ("storm", True)
    assert ids(ada.filter_keywords_v2(made)) == [str(keyword.id)]
    entry = ada.add_filter_status_v2(made, posted)
    assert str(ada.filter_status_v2(entry).status_id) == str(posted.id)
    assert ids(ada.filter_statuses_v2(made)) == [str(entry.id)]
    (result,) = ada.status(posted).filtered
    assert (result.keyword_matches, [str(each) for each in result.status_matches]) == (None, [str(posted.id)])
    ada.delete_filter_keyword_v2(keyword)
    ada.delete_filter_status_v2(entry)
    assert (ada.filter_keywords_v2(made), ada.filter_statuses_v2(made)) == ([], [])


def test_version_1_filters_in_the_client(ada: Mastodon, bob: Mastodon) -> None:
    made = ada.filter_create("storm", ["home", "thread"], irreversible=True, whole_word=True, expires_in=3600)
    assert (made.phrase, made.context, made.irreversible, made.whole_word) == ("storm", ["home", "thread"], True, True)
    changed = ada.filter_update(made, phrase="rain", context=["public"], irreversible=False, whole_word=False)
    assert (changed.phrase, changed.context, changed.irreversible, changed.expires_at) == (
        "rain", ["public"], False, made.expires_at
    )  # fmt: skip
    assert ada.filter(made) == changed
    kept, dropped = bob.status_post("a storm"), bob.status_post("Brain")
    assert ids(ada.filters_apply([kept, dropped], ada.filters(), "public")) == [str(kept.id)]
    ada.filter_delete(made)
    assert ada.filters() == []
    assert ada.filters_v2() == []


def test_a_keyword_is_not_changed_where_that_would_change_others(ada: Mastodon) -> None:
    keywords = [{"keyword": "storm"}, {"keyword": "rain"}]
    ada.create_filter_v2("weather", ["home"], "warn", keywords_attributes=keywords)
    first, second = ada.filters()
    with pytest.raises(mastodon.MastodonAPIError, match="apply to all keywords"):
        ada.filter_update(first, irreversible=True)
    assert ada.filter_update(second, phrase="snow").phrase == "snow"
    assert ada.filter(first) == first
