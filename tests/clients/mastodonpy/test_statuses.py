"""Posting, reading, favouriting and deleting messages with Mastodon.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import SignUp, ids
from tests.support.site import Site, eventually, in_time


def test_a_message_is_posted_shown_and_deleted(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello", visibility="unlisted", spoiler_text="a greeting", language="en", sensitive=True)
    shown = bob.status(posted)
    assert (shown.content, shown.visibility, shown.language) == ("<p>hello</p>", "unlisted", "en")
    assert (shown.spoiler_text, shown.sensitive, shown.application.name) == ("a greeting", True, "tests")
    assert shown.account.acct == ada.me().acct
    assert abs(shown.created_at - datetime.now(UTC)) < timedelta(seconds=30)
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.status_delete(posted)
    assert ada.status_delete(posted).text == "hello"
    for reader in (ada, bob):
        with pytest.raises(mastodon.MastodonNotFoundError):
            reader.status(posted)


def test_a_reply_shows_what_it_answers_and_mentions_its_author(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    reply = bob.status_reply(posted, "welcome", visibility="private")
    assert (reply.in_reply_to_id, reply.in_reply_to_account_id) == (posted.id, posted.account.id)
    assert ids(reply.mentions) == [posted.account.id]
    assert ada.status(reply).visibility == "private"


def test_a_message_is_edited_and_has_one_version(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello #one", spoiler_text="a greeting", language="fr")
    source = ada.status_source(posted)
    assert ada.status_update(posted, source.text, spoiler_text=source.spoiler_text).edited_at is None
    edited = ada.status_update(posted, "goodbye #two", sensitive=True)
    assert (edited.id, edited.spoiler_text, edited.language, edited.sensitive) == (posted.id, "", "fr", True)
    (version,) = bob.status_history(posted)
    assert (version.content, version.created_at, version.account.id) == (
        bob.status(posted).content,
        edited.edited_at,
        posted.account.id,
    )
    assert (version.media_attachments, version.emojis) == ([], [])
    assert eventually(lambda: ids(bob.timeline_hashtag("two")) == [posted.id])
    assert bob.timeline_hashtag("one") == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.status_update(posted, "mine")
    with pytest.raises(mastodon.MastodonAPIError):
        ada.status_update(posted, "")


def test_several_messages_are_shown_at_once(ada: Mastodon, bob: Mastodon) -> None:
    posted = [ada.status_post("hello"), ada.status_post("to nobody", visibility="direct"), ada.status_post("again")]
    assert ids(bob.statuses(posted)) == [posted[2].id, posted[0].id]


def test_a_boost_is_made_once_listed_and_undone_by_either_id(join: SignUp) -> None:
    ada, bob, eve = join("ada"), join("bob"), join("eve")
    posted = ada.status_post("hello")
    first = bob.status_reblog(posted, visibility="private")
    assert (first.reblog.id, first.visibility, first.reblogged, first.reblogs_count) == (posted.id, "private", True, 1)
    assert eve.status_reblogged_by(posted) == []
    assert bob.status_reblog(first).id == first.id
    second = eve.status_reblog(posted)
    assert ids(ada.status_reblogged_by(posted)) == [eve.me().id]
    expected = {(by.me().id, posted.id) for by in (bob, eve)}
    assert eventually(
        lambda: {(each.account.id, each.status.id) for each in ada.notifications(types=["reblog"])} == expected
    )
    assert (eve.status_unreblog(posted).id, bob.status_unreblog(first).id) == (posted.id, posted.id)
    assert eventually(lambda: ada.status(posted).reblogs_count == 0)
    assert ada.notifications() == ada.status_reblogged_by(posted) == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        ada.status(second)
    for visibility in ("direct", "private"):
        hidden = ada.status_post(f"@{bob.me().acct}", visibility=visibility)
        with pytest.raises(mastodon.MastodonAPIError) as caught:
            bob.status_reblog(hidden)
        assert caught.value.args[1] == 403


def test_a_repeated_idempotency_key_posts_nothing_new(ada: Mastodon, bob: Mastodon) -> None:
    first = ada.status_post("once", idempotency_key="key")
    assert ada.status_post("once", idempotency_key="key").id == first.id
    assert bob.status_post("once", idempotency_key="key").id != first.id
    assert ids(ada.account_statuses(ada.me())) == [first.id]


def test_a_poll_is_made_voted_in_and_read(ada: Mastodon, bob: Mastodon) -> None:
    made = ada.make_poll(["tea", "coffee"], expires_in=3600, multiple=True, hide_totals=True)
    posted = ada.status_post("which?", poll=made)
    assert [option.title for option in posted.poll.options] == ["tea", "coffee"]
    assert (posted.poll.multiple, posted.poll.expired, posted.poll.voters_count) == (True, False, 0)
    for choices, own in (([1], [1]), (0, [0, 1])):
        assert bob.poll_vote(posted.poll, choices).own_votes == own
    with pytest.raises(mastodon.MastodonAPIError, match="You have already voted on this poll"):
        bob.poll_vote(posted.poll, 0)
    with pytest.raises(mastodon.MastodonAPIError, match="You cannot vote in your own polls"):
        ada.poll_vote(posted.poll, 0)
    assert eventually(lambda: (found := ada.poll(posted.poll)).votes_count == 2 and found.voters_count == 1)
    assert [option.votes_count for option in bob.status(posted).poll.options] == [None, None]


def test_what_breaks_a_rule_is_refused(ada: Mastodon) -> None:
    for text, values in (
        ("", {}),
        ("x" * 501, {}),
        ("later", {"scheduled_at": datetime.now(UTC) + timedelta(days=91)}),
    ):
        with pytest.raises(mastodon.MastodonAPIError) as caught:
            ada.status_post(text, **values)
        assert caught.value.args[1] == 422
    assert ada.account_statuses(ada.me()) == []


def test_a_scheduled_message_is_listed_moved_and_cancelled(ada: Mastodon, bob: Mastodon) -> None:
    due = datetime.now(UTC) + timedelta(hours=1)
    made = ada.status_post("later", scheduled_at=due, visibility="unlisted")
    assert (made.params.text, made.params.visibility, made.media_attachments) == ("later", "unlisted", [])
    assert abs(made.scheduled_at - due) < timedelta(seconds=1)
    assert ada.scheduled_status(made).scheduled_at == made.scheduled_at
    moved = ada.scheduled_status_update(made, due + timedelta(days=1))
    assert moved.scheduled_at - made.scheduled_at == timedelta(days=1)
    assert ids(ada.scheduled_statuses()) == [made.id]
    assert bob.scheduled_statuses() == ada.account_statuses(ada.me()) == []
    ada.scheduled_status_delete(made)
    assert ada.scheduled_statuses() == []


def test_a_favourite_is_counted_and_its_makers_are_named(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    made = bob.status_favourite(posted)
    assert (made.favourited, made.favourites_count, ada.status(posted).favourited) == (True, 1, False)
    assert bob.status_favourite(posted).favourites_count == 1
    assert ids(ada.status_favourited_by(posted)) == ids([bob.me()])
    assert ids(bob.favourites()) == [posted.id]
    taken_back = bob.status_unfavourite(posted)
    assert (taken_back.favourited, taken_back.favourites_count) == (False, 0)
    assert ada.status_favourited_by(posted) == bob.favourites() == []


def test_a_bookmark_is_its_maker_s_own(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    assert bob.status_bookmark(posted).bookmarked
    assert ids(bob.bookmarks()) == [posted.id]
    assert (ada.status(posted).bookmarked, ada.bookmarks()) == (False, [])
    assert not bob.status_unbookmark(posted).bookmarked
    assert bob.bookmarks() == []


def test_a_deleted_message_is_in_no_list(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    bob.status_favourite(posted)
    bob.status_bookmark(posted)
    ada.status_delete(posted)
    assert bob.favourites() == bob.bookmarks() == []
    for call in (bob.status_favourite, bob.status_bookmark, bob.status_context, bob.status_favourited_by):
        with pytest.raises(mastodon.MastodonNotFoundError):
            call(posted)


def test_one_s_own_message_is_read_as_it_was_typed(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("a < b & #tag", spoiler_text="maths")
    source = ada.status_source(posted)
    assert (source.text, source.spoiler_text) == ("a < b & #tag", "maths")
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.status_source(posted)


def test_a_thread_is_read_above_and_below_a_message(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    first = ada.status_post("a question")
    second = bob.status_reply(first, "an answer")
    third, fourth = ada.status_reply(second, "thanks"), bob.status_reply(second, "or so")
    reader = join("eve")
    assert eventually(lambda: len(reader.status_context(second).descendants) == 2)
    context = reader.status_context(second)
    assert ids(context.ancestors) == [first.id]
    assert ids(context.descendants) == [third.id, fourth.id]
    assert ids(reader.status_context(first).descendants)[0] == second.id
    assert ids(reader.status_context(fourth).ancestors) == [first.id, second.id]


def test_any_app_chooses_a_lifetime_by_the_last_word_of_a_text(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello #tea #2H")
    assert lifetime(posted) == 7200
    assert [tag.name for tag in posted.tags] == ["tea"]
    assert ada.status_source(posted).text == "hello #tea"
    assert "2h" not in bob.status(posted).content.lower()
    with pytest.raises(mastodon.MastodonAPIError, match="must be at most #1w"):
        ada.status_post("hello #8d")
    assert ada.status_delete(posted).text == "hello #tea"
    brief, _ = in_time(lambda seconds: bob.status(ada.status_post(f"hello #{seconds}s")), 2)
    assert brief.content == "<p>hello</p>"
    assert eventually(lambda: not ada.account_statuses(ada.me()), seconds=200)


def test_a_direct_reply_keeps_the_lifetime_of_a_conversation(site: Site, ada: Mastodon, bob: Mastodon) -> None:
    source = {"expires_in": {"default": 7200, "direct": 600}}
    site.request("PATCH", "/api/v1/accounts/update_credentials", str(ada.access_token), json={"source": source})
    asked = ada.status_post(f"@{bob.me().acct}?", visibility="direct")
    answered = bob.status_reply(asked, "!", visibility="direct")
    again = ada.status_reply(answered, "?", visibility="direct")
    other = ada.status_post("hello")
    assert [lifetime(each) for each in (asked, answered, again, other)] == [600, 600, 600, 7200]


def test_no_reply_outlives_the_first_message_of_a_thread_that_ends_together(
    site: Site, ada: Mastodon, bob: Mastodon
) -> None:
    source = {"thread_ends_together": True}
    site.request("PATCH", "/api/v1/accounts/update_credentials", str(ada.access_token), json={"source": source})
    assert ada.me()["source"]["thread_ends_together"]
    first = ada.status_post("hello #1h")
    answered = bob.status_reply(first, "welcome")
    brief = ada.status_reply(answered, "thanks #2m")
    assert first.pleroma == answered.pleroma
    assert (lifetime(brief), brief.pleroma["thread_ends_together"]) == (120, True)


def lifetime(status: Any) -> float:
    """Return a status's lifetime in seconds."""
    return float((datetime.fromisoformat(status.pleroma["expires_at"]) - status.created_at).total_seconds())
