"""FSTREAM with Mastodon.py, the client library for Python: https://mastodonpy.readthedocs.io."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.site import PASSWORD, SCOPES, Site, eventually, unique

MANY = 47
"""Messages: more than a page holds, and no multiple of one."""

SignUp = Callable[[str], Mastodon]


@pytest.fixture(scope="module")
def credentials(server: str) -> tuple[str, str]:
    """The id and the secret of a registered application."""
    made: tuple[str, str] = Mastodon.create_app("tests", scopes=SCOPES.split(), api_base_url=server)
    return made


@pytest.fixture
def make_client(server: str, credentials: tuple[str, str]) -> Iterator[Callable[..., Mastodon]]:
    """Make a client of the application; without more it is nobody's."""
    made = []

    def make(**values: Any) -> Mastodon:
        client = Mastodon(*credentials, api_base_url=server, ratelimit_method="throw", request_timeout=30, **values)
        made.append(client)
        return client

    yield make
    for client in made:
        client.session.close()


@pytest.fixture
def join(site: Site, make_client: Callable[..., Mastodon]) -> SignUp:
    """Sign somebody up; return a client that is logged in."""
    return lambda name: make_client(access_token=site.sign_up(unique(name)))


@pytest.fixture
def ada(join: SignUp) -> Mastodon:
    return join("ada")


@pytest.fixture
def bob(join: SignUp) -> Mastodon:
    return join("bob")


def ids(entities: Any) -> list[str]:
    return [str(entity.id) for entity in entities]  # Mastodon.py's own type for ids has no order


def test_somebody_signs_up_and_logs_in(make_client: Callable[..., Mastodon]) -> None:
    name, client = unique("ada"), make_client()
    token = client.create_account(name, PASSWORD, "ada@example.org", agreement=True, scopes=SCOPES.split())
    assert (client.access_token, client.me().username) == (token, name)
    again = make_client()
    assert again.log_in(name, PASSWORD, scopes=SCOPES.split(), allow_http=True) != token
    assert again.account_verify_credentials().id == client.me().id


def test_a_name_that_is_taken_is_told(make_client: Callable[..., Mastodon], ada: Mastodon) -> None:
    token, error = make_client().create_account(
        ada.me().username, PASSWORD, "ada@example.org", agreement=True, return_detailed_error=True
    )
    assert token is None
    assert error.details.username[0].error == "ERR_TAKEN"


def test_nobody_logs_in_with_a_wrong_password(make_client: Callable[..., Mastodon], ada: Mastodon) -> None:
    with pytest.raises(mastodon.MastodonIllegalArgumentError, match="invalid_grant"):
        make_client().log_in(ada.me().username, "wrong horse", allow_http=True)


def test_the_authorization_server_says_that_it_grants_by_password(make_client: Callable[..., Mastodon]) -> None:
    answer = make_client().oauth_authorization_server_info()
    assert "password" in answer.grant_types_supported
    assert set(SCOPES.split()) <= set(answer.scopes_supported)


def test_a_revoked_token_is_worth_nothing_at_once(make_client: Callable[..., Mastodon], ada: Mastodon) -> None:
    client = make_client()
    token = client.log_in(ada.me().username, PASSWORD, allow_http=True)
    with_same_token = make_client(access_token=token)
    assert with_same_token.me() == ada.me()
    client.revoke_access_token(allow_http=True)
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        with_same_token.me()


def test_the_application_is_known_by_its_name(ada: Mastodon) -> None:
    assert ada.app_verify_credentials().name == "tests"


def test_the_instance_tells_its_limits(site: Site, ada: Mastodon) -> None:
    first, second = ada.instance_v1(), ada.instance_v2()
    assert (first.uri, second.domain) == (site.host, site.host)
    assert first.configuration.statuses.max_characters == second.configuration.statuses.max_characters == 500
    assert second.configuration.statuses.min_expires_in == 1
    assert second.configuration.media_attachments.supported_mime_types == []
    assert second.configuration.translation.enabled is False
    assert ada.instance() == second
    assert ada.retrieve_mastodon_version().startswith("4.")


def test_preferences_are_the_defaults_of_what_is_posted(ada: Mastodon) -> None:
    assert ada.preferences()["posting:default:visibility"] == "public"
    changed = ada.account_update_credentials(display_name="Ada", note="<b>", default_privacy="private")
    assert (changed.display_name, changed.note) == ("Ada", "<p>&lt;b&gt;</p>")
    assert ada.preferences()["posting:default:visibility"] == "private"
    assert ada.status_post("hello").visibility == "private"


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


def test_a_reply_tells_what_it_answers_and_mentions_its_author(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    reply = bob.status_reply(posted, "welcome", visibility="private")
    assert (reply.in_reply_to_id, reply.in_reply_to_account_id) == (posted.id, posted.account.id)
    assert ids(reply.mentions) == [posted.account.id]
    assert ada.status(reply).visibility == "private"


def test_a_repeated_idempotency_key_posts_nothing_new(ada: Mastodon, bob: Mastodon) -> None:
    first = ada.status_post("once", idempotency_key="key")
    assert ada.status_post("once", idempotency_key="key").id == first.id
    assert bob.status_post("once", idempotency_key="key").id != first.id
    assert ids(ada.account_statuses(ada.me())) == [first.id]


def test_what_breaks_a_rule_is_refused(ada: Mastodon) -> None:
    for text, values in (
        ("", {}),
        ("x" * 501, {}),
        ("later", {"scheduled_at": datetime.now(UTC) + timedelta(hours=1)}),
    ):
        with pytest.raises(mastodon.MastodonAPIError) as caught:
            ada.status_post(text, **values)
        assert caught.value.args[1] == 422
    assert ada.account_statuses(ada.me()) == []


def test_somebody_is_found_by_name(site: Site, ada: Mastodon, bob: Mastodon) -> None:
    me = ada.me()
    for name in (me.username, f"@{me.username}", f"{me.username}@{site.host}"):
        assert bob.account_lookup(name).id == me.id
        assert ids(bob.search_v2(name, result_type="accounts").accounts) == [me.id]
    posted = ada.status_post("find me")
    assert ids(bob.search(posted.url).statuses) == [posted.id]
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.account_lookup(unique("nobody"))


def test_relationships_are_told_for_several_at_once(ada: Mastodon, bob: Mastodon, join: SignUp) -> None:
    eve = join("eve")
    assert ada.account_follow(bob.me()).following
    assert bob.account_follow(ada.me()).followed_by
    assert ada.account_mute(eve.me(), notifications=False).muting
    told = ada.account_relationships([bob.me().id, eve.me().id, ada.me().id])
    assert ids(told) == [bob.me().id, eve.me().id, ada.me().id]
    assert [each.following for each in told] == [True, False, False]
    assert [each.followed_by for each in told] == [True, False, False]
    assert [(each.muting, each.muting_notifications) for each in told] == [
        (False, False),
        (True, False),
        (False, False),
    ]
    assert ids(ada.account_following(ada.me())) == ids(ada.account_followers(ada.me())) == [bob.me().id]
    assert ids(ada.mutes()) == [eve.me().id]
    assert (ada.me().following_count, ada.me().followers_count) == (1, 1)
    assert not ada.account_unfollow(bob.me()).following
    assert ada.account_following(ada.me()) == []


def test_a_block_ends_follows_and_hides_until_it_is_ended(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    bob.account_follow(ada.me())
    assert ada.account_block(bob.me()).blocking
    told = bob.account_relationships(ada.me())[0]
    assert (told.following, told.blocked_by) == (False, True)
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
    begun = time.time()
    assert bob.account_mute(ada.me(), duration=2).muting
    assert bob.timeline_home() == []
    assert ids(bob.mutes()) == ids([ada.me()])
    assert ids(eventually(bob.timeline_home)) == [posted.id]
    assert time.time() - begun >= 2
    assert not bob.account_relationships(ada.me())[0].muting
    assert bob.mutes() == []


def test_a_message_is_in_the_timelines_where_it_belongs(ada: Mastodon, bob: Mastodon) -> None:
    bob.account_follow(ada.me())
    tag = unique("tag")
    shown, unlisted = ada.status_post(f"hello #{tag}"), ada.status_post(f"psst #{tag}", visibility="unlisted")
    expected = [unlisted.id, shown.id]
    assert ids(ada.timeline_home()) == expected
    assert eventually(lambda: len(bob.timeline_home()) == 2)
    assert ids(bob.timeline_home()) == expected
    assert ids(bob.account_statuses(ada.me())) == expected
    assert ids(bob.timeline_hashtag(tag)) == [shown.id]
    for timeline in (bob.timeline_public(limit=40), bob.timeline_local(limit=40)):
        assert set(expected) & set(ids(timeline)) == {shown.id}


@dataclass(frozen=True)
class Feed:
    """Many messages of one author, all with the same hashtag, that have arrived at a follower's home."""

    follower: str
    author_id: str
    tag: str
    posted: list[str]
    """Newest first."""

    def of(self, page: Any) -> list[str]:
        """Leave out what others have posted in public."""
        return ids(status for status in page if status.account.id == self.author_id)


Read = Callable[..., Any]
TIMELINES = ("home", "hashtag", "account", "public")


@pytest.fixture(scope="module")
def feed(site: Site) -> Feed:
    author, follower, tag = site.sign_up(unique("author")), site.sign_up(unique("follower")), unique("many")
    author_id = site.id_of(author)
    site.post(f"/api/v1/accounts/{author_id}/follow", follower)
    posted = [site.say(author, f"number {number} #{tag}")["id"] for number in range(MANY)]
    assert eventually(lambda: posted[-1] in site.home(follower))
    return Feed(follower, author_id, tag, posted[::-1])


@pytest.fixture
def reader(feed: Feed, make_client: Callable[..., Mastodon]) -> Mastodon:
    return make_client(access_token=feed.follower)


def reads(reader: Mastodon, feed: Feed) -> dict[str, Read]:
    """Return what reads a page of each timeline."""
    return {
        "home": reader.timeline_home,
        "hashtag": lambda **page: reader.timeline_hashtag(feed.tag, **page),
        "account": lambda **page: reader.account_statuses(feed.author_id, **page),
        "public": reader.timeline_public,
    }


@pytest.mark.parametrize("timeline", TIMELINES)
def test_paging_down_and_up_shows_each_message_once(reader: Mastodon, feed: Feed, timeline: str) -> None:
    page, seen = reads(reader, feed)[timeline](limit=15), []
    while page:
        assert len(page) <= 15
        seen += feed.of(page)
        last, page = page, reader.fetch_next(page)
    assert seen == feed.posted
    page, seen = last, []
    while page:
        assert len(page) <= 15
        seen = feed.of(page) + seen
        page = reader.fetch_previous(page)
    assert seen == feed.posted


def test_fetching_what_remains_shows_each_message_once(reader: Mastodon, feed: Feed) -> None:
    assert feed.of(reader.fetch_remaining(reader.timeline_home(limit=20))) == feed.posted


def test_what_is_newer_than_an_id_is_read_from_either_end(reader: Mastodon, feed: Feed) -> None:
    known = feed.posted[20]
    assert ids(reader.timeline_home(since_id=known, limit=40)) == feed.posted[:20]
    assert ids(reader.timeline_home(since_id=known, limit=5)) == feed.posted[:5]
    assert ids(reader.timeline_home(min_id=known, limit=5)) == feed.posted[15:20]


def test_lists_of_accounts_are_read_page_by_page(ada: Mastodon, join: SignUp) -> None:
    followers = [join("follower") for _ in range(5)]
    for follower in followers:
        follower.account_follow(ada.me())
    found = ada.fetch_remaining(ada.account_followers(ada.me(), limit=2))
    assert sorted(ids(found)) == sorted(ids(follower.me() for follower in followers))
