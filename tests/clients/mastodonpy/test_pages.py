"""Paging through all lists, down and up, with Mastodon.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import MakeClient, SignUp, flat, ids, page_down, page_up
from tests.support.site import Site, eventually, unique

MANY = 47
"""Number of messages: more than a page holds, and no multiple of it."""
FEW = 5
"""Number of accounts, and of entities that take several requests to make."""
TIMELINES = ("home", "hashtag", "account", "public", "favourites", "bookmarks")
ACCOUNTS = ("followers", "following", "blocks", "mutes")

Read = Callable[..., Any]


@dataclass(frozen=True)
class Feed:
    """Many messages of one author with the same hashtag, delivered to a follower's home."""

    follower: str
    author_id: str
    tag: str
    posted: list[str]
    """Ids of the messages, newest first; the follower has favourited and bookmarked all of them."""

    def of(self, page: Any) -> list[str]:
        """Return the ids on a page that belong to this feed."""
        return ids(status for status in page if status.account.id == self.author_id)


@pytest.fixture(scope="module")
def feed(site: Site) -> Feed:
    author, follower, tag = site.sign_up(unique("author")), site.sign_up(unique("follower")), unique("many")
    author_id = site.id_of(author)
    site.post(f"/api/v1/accounts/{author_id}/follow", follower)
    posted = [site.say(author, f"number {number} #{tag}")["id"] for number in range(MANY)]
    for message_id in posted:
        site.post(f"/api/v1/statuses/{message_id}/favourite", follower)
        site.post(f"/api/v1/statuses/{message_id}/bookmark", follower)
    # What is on one timeline may not be on the others yet.
    for timeline in ("home", f"tag/{tag}", "public"):
        path = f"/api/v1/timelines/{timeline}"
        assert eventually(lambda path=path: posted[:-41:-1] == site.ids(path, follower, limit=40))
    return Feed(follower, author_id, tag, posted[::-1])


@pytest.fixture
def reader(feed: Feed, make_client: MakeClient) -> Mastodon:
    return make_client(access_token=feed.follower)


def timelines(reader: Mastodon, feed: Feed) -> dict[str, Read]:
    """Return a function per timeline that reads a page of it."""
    return {
        "home": reader.timeline_home,
        "hashtag": lambda **page: reader.timeline_hashtag(feed.tag, **page),
        "account": lambda **page: reader.account_statuses(feed.author_id, **page),
        "public": reader.timeline_public,
        "favourites": reader.favourites,
        "bookmarks": reader.bookmarks,
    }


@pytest.mark.parametrize("timeline", TIMELINES)
def test_paging_down_and_up_shows_each_message_once(reader: Mastodon, feed: Feed, timeline: str) -> None:
    down = page_down(reader, timelines(reader, feed)[timeline](limit=15))
    assert feed.of(flat(down)) == feed.posted
    up = page_up(reader, down[-1])
    assert feed.of(flat(up)) == feed.posted
    assert max(map(len, down + up)) <= 15


@pytest.mark.parametrize("timeline", TIMELINES)
def test_fetching_what_remains_shows_each_message_once(reader: Mastodon, feed: Feed, timeline: str) -> None:
    first = timelines(reader, feed)[timeline](limit=40)
    assert feed.of(reader.fetch_remaining(first)) == feed.posted


@pytest.mark.parametrize("timeline", ["home", "hashtag", "account", "favourites", "bookmarks"])
def test_what_is_newer_than_an_id_is_read_from_either_end(reader: Mastodon, feed: Feed, timeline: str) -> None:
    read, known = timelines(reader, feed)[timeline], feed.posted[20]
    assert ids(read(since_id=known, limit=40)) == feed.posted[:20]
    assert ids(read(since_id=known, limit=5)) == feed.posted[:5]
    assert ids(read(min_id=known, limit=5)) == feed.posted[15:20]
    assert ids(read(max_id=known, limit=5)) == feed.posted[21:26]


def test_a_list_is_walked_through_entity_by_entity_or_page_by_page(reader: Mastodon, feed: Feed) -> None:
    first = reader.timeline_home(limit=20)
    assert feed.of(reader.pagination_iterator(first)) == feed.posted
    assert [len(page) for page in reader.pagination_page_iterator(first) if page] == [20, 20, 7]
    cursor = reader.get_pagination_info(first, "next")
    assert feed.of(reader.fetch_next(cursor)) == feed.posted[20:40]


def test_notifications_are_read_page_by_page_in_both_directions(feed: Feed, ada: Mastodon, bob: Mastodon) -> None:
    posted = [ada.status_post(f"number {number}") for number in range(FEW)]
    for message in posted:
        bob.status_favourite(message)
    assert eventually(lambda: len(ada.notifications()) == FEW)
    everything = ids(ada.notifications())
    down = page_down(ada, ada.notifications(limit=2))
    assert [ids(page) for page in down] == [everything[:2], everything[2:4], everything[4:]]
    assert ids(flat(page_up(ada, down[-1]))) == everything
    assert ids(ada.fetch_remaining(ada.notifications(limit=2))) == everything
    assert ids(ada.notifications(min_id=everything[3], limit=2)) == everything[1:3]
    assert ids(ada.notifications(since_id=everything[3], limit=2)) == everything[:2]


@dataclass(frozen=True)
class Circle:
    """A user with mutual follows, blocks and mutes."""

    token: str
    user_id: str
    people: dict[str, list[str]]
    """Account ids by the name of the list that contains them."""


@pytest.fixture(scope="module")
def circle(site: Site) -> Circle:
    centre = site.sign_up(unique("centre"))
    user_id = site.id_of(centre)
    friends, blocked, muted = ([site.sign_up(unique("other")) for _ in range(FEW)] for _ in range(3))
    people = {}
    for token in friends:
        site.post(f"/api/v1/accounts/{user_id}/follow", token)
    for verb, tokens in (("follow", friends), ("block", blocked), ("mute", muted)):
        people[verb] = [site.id_of(token) for token in tokens]
        for other_id in people[verb]:
            site.post(f"/api/v1/accounts/{other_id}/{verb}", centre)
    lists = {"followers": "follow", "following": "follow", "blocks": "block", "mutes": "mute"}
    return Circle(centre, user_id, {name: sorted(people[verb]) for name, verb in lists.items()})


@pytest.mark.parametrize("name", ACCOUNTS)
def test_lists_of_accounts_are_read_page_by_page(circle: Circle, make_client: MakeClient, name: str) -> None:
    client = make_client(access_token=circle.token)
    reads: dict[str, Read] = {
        "followers": lambda **page: client.account_followers(circle.user_id, **page),
        "following": lambda **page: client.account_following(circle.user_id, **page),
        "blocks": client.blocks,
        "mutes": client.mutes,
    }
    down = page_down(client, reads[name](limit=2))
    assert [len(page) for page in down] == [2, 2, 1]
    assert sorted(ids(flat(down))) == circle.people[name]
    assert sorted(ids(client.fetch_remaining(reads[name](limit=2)))) == circle.people[name]


def test_found_accounts_are_read_page_by_page_in_both_directions(join: SignUp) -> None:
    name = unique("many")[:20]
    people = [join(f"{name}{number}") for number in range(FEW)]
    reader = people[0]
    down = page_down(reader, reader.account_search(name, limit=2))
    assert ids(flat(down)) == ids(person.me() for person in people)
    assert ids(flat(page_up(reader, down[-1]))) == ids(flat(down))
