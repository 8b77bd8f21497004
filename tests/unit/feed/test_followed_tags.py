"""Followed hashtags on the home timeline."""

from collections.abc import Callable

import pytest

from fstream_app.core import tagging
from fstream_app.feed import tagged, tail
from fstream_app.people import tags
from fstream_app.tables import LogItem
from ops.meter import metered
from tests.support.people import Api, Person


def say(api: Api, by: Person, text: str, **fields: object) -> str:
    """Post a message after all others; return its id."""
    api.clock.advance(0.01)
    return str(api.post(by, text, **fields)["id"])


def follow(api: Api, by: Person, name: str) -> None:
    assert api.request("POST", f"/api/v1/tags/{name}/follow", by).json["following"] is True


def test_home_shows_public_messages_with_a_followed_hashtag_once_each(api: Api) -> None:
    ada, bob, cleo = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cleo")
    api.act(bob, "follow", ada)
    both = say(api, ada, "#Tea #milk")
    stranger = say(api, cleo, "#TEA")
    answer = say(api, cleo, "to ada #tea", in_reply_to_id=both)
    own = say(api, bob, "my #tea")
    for visibility in ("unlisted", "private", "direct"):
        say(api, cleo, "not #tea", visibility=visibility)
    say(api, cleo, "#coffee")
    api.deliver()
    assert api.home(bob) == [own, both]
    follow(api, bob, "tea")
    follow(api, bob, "milk")
    shown = [own, answer, stranger, both]
    assert api.home(bob) == shown
    assert api.home(bob, min_id=both, limit=2) == shown[1:3]
    assert api.home(bob, since_id=stranger) == shown[:2]
    api.act(bob, "mute", ada)
    assert api.home(bob) == shown[:3]
    api.act(cleo, "block", bob)
    assert api.home(bob) == shown[:1]
    api.act(bob, "unmute", ada)
    assert api.request("POST", "/api/v1/tags/TEA/unfollow", bob).json["following"] is False
    api.request("POST", "/api/v1/tags/milk/unfollow", bob)
    assert api.home(bob) == [own, both]


@pytest.mark.parametrize(("limit", "follows_author"), [(7, False), (40, True)])
def test_paging_past_the_tail_shows_everything_once(
    api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch, limit: int, follows_author: bool
) -> None:
    configure(tail_entries=100)
    monkeypatch.setattr(tagged, "PER_TAG", 10)
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    follow(api, bob, "tea")
    follow(api, bob, "milk")
    if follows_author:
        api.act(bob, "follow", ada)
    posted = []
    for number in range(30):
        posted.append(api.post(ada, f"{number} #tea" if number % 3 else f"{number} #milk #tea")["id"])
        api.clock.advance(600)
    api.deliver()
    for restart in (lambda: None, tail.shared().clear):
        restart()
        found, page = [], api.home(bob, limit=limit)
        while page:
            found += page
            page = api.home(bob, limit=limit, max_id=page[-1])
        assert found == posted[::-1]
        found, page = [], api.home(bob, limit=limit, min_id="0")
        while page:
            found = page + found
            page = api.home(bob, limit=limit, min_id=page[0])
        assert found == posted[::-1]


def test_a_poll_costs_no_read_per_hashtag(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    posted = [say(api, ada, f"{number} #tag{number}") for number in range(20)]
    api.deliver()
    api.home(bob)
    api.clock.advance(1)
    with metered() as without:
        assert api.home(bob, since_id=posted[-1]) == []
    for number in range(20):
        follow(api, bob, f"tag{number}")
    assert api.home(bob) == posted[::-1]
    api.clock.advance(1)
    with metered() as cost:
        assert api.home(bob, since_id=posted[-1]) == []
    assert (cost.read_units, cost.write_units) == (without.read_units, 0)


def test_two_hashtags_with_one_hash_are_told_apart(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "hash_of", lambda _: 7)
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(ada, "#coffee")
    tea = api.post(ada, "#tea")
    api.deliver()
    follow(api, bob, "tea")
    assert api.home(bob) == [tea["id"]]


def test_messages_in_log_items_of_an_older_version_are_read_from_the_hashtag(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    posted = []
    for number in range(3):
        posted.append(say(api, ada, "#tea"))
        api.deliver()
        if number == 1:
            for item in LogItem.scan():
                item.update([LogItem.tags.remove()])
    follow(api, bob, "tea")
    for _ in range(2):
        assert api.home(bob) == posted[::-1]
        tail.shared().clear()


def test_followed_hashtags_are_listed_newest_first_and_paged_by_their_own_ids(api: Api) -> None:
    ada = api.sign_up("ada")
    names = ["b", "c", "a", "d"]
    for name in names:
        follow(api, ada, name)
        api.clock.advance(1)
    follow(api, ada, "%23B")
    listed = api.get("/api/v1/followed_tags", ada)
    assert [tag["name"] for tag in listed.json] == names[::-1]
    assert all(tag["following"] for tag in listed.json)
    page = api.get("/api/v1/followed_tags", ada, limit=3)
    older = api.follow_link(page.link("next") or "", ada)
    assert [tag["name"] for tag in page.json + older.json] == names[::-1]
    newer = api.follow_link(older.link("prev") or "", ada)
    assert newer.json == page.json
    assert api.get("/api/v1/followed_tags", ada, limit=0).status == 422
    assert api.get("/api/v1/tags/b", ada).json["following"] is True
    assert api.get("/api/v1/tags/b").json["following"] is False
    for path in ("/api/v1/tags/%20/follow", "/api/v1/tags/1/follow"):
        assert api.request("POST", path, ada).status == 404


def test_following_is_limited_by_number_and_by_size(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    monkeypatch.setattr(tags, "MAX_FOLLOWED", 2)
    for name in ("a", "b", "b"):
        follow(api, ada, name)
    assert "at most" in api.request("POST", "/api/v1/tags/c/follow", ada).error
    monkeypatch.setattr(tags, "MAX_FOLLOWED", 100)
    long = [f"{90 * 'ก'}{number}" for number in range(14)]
    answers = [api.request("POST", f"/api/v1/tags/{name}/follow", ada).status for name in long]
    assert (answers[0], answers[-1]) == (200, 422)
    with metered() as cost:
        tags.followed(ada.id)
    assert cost.read_units <= 1


@pytest.mark.parametrize("cold", [True, False])
def test_going_soon_has_what_home_has_because_of_a_hashtag(
    api: Api, configure: Callable[..., None], cold: bool
) -> None:
    configure(tail_entries=100)
    ada, bob, cleo = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cleo")
    api.act(bob, "follow", ada)
    follow(api, bob, "tea")
    follow(api, bob, "milk")
    path = "/api/v1/timelines/list/going-soon"
    late = say(api, cleo, "#tea", expires_in=3700)
    last = say(api, cleo, "#Tea", expires_in=3600)
    say(api, cleo, "not public #tea", expires_in=600, visibility="unlisted")
    posted = [
        say(api, by, f"{number} #tea #milk", expires_in=2000 - 60 * number)
        for number, by in enumerate([ada, cleo, bob, cleo])
    ]
    api.deliver()
    if cold:
        api.clock.advance(700)
        tail.shared().clear()
        for number in range(120):  # more than fits into the tail
            api.post(ada if number % 2 else cleo, str(number), expires_in=90_000)
        api.deliver()
    wanted = [*posted[::-1], last] + [late] * cold
    api.clock.advance(40)
    for limit in (1, 40):
        found, page = [], api.read(path, bob, limit=limit)
        while page:
            found += page
            page = api.read(path, bob, limit=limit, max_id=page[-1])
        assert found == wanted
    assert api.read(path, bob, since_id=wanted[0]) == []
    api.act(bob, "mute", cleo)
    assert api.read(path, bob) == [posted[2], posted[0]]
    api.act(bob, "unmute", cleo)
    for name in ("tea", "milk"):
        assert api.request("POST", f"/api/v1/tags/{name}/unfollow", bob).json["following"] is False
    assert api.read(path, bob) == [posted[2], posted[0]]
