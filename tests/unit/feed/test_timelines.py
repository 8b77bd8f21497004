"""Home, public, hashtag and account timelines: their messages and pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from ops.meter import metered
from ops.pump import Pump
from tests.support.people import PASSWORD, Answer, Api, Person

HOME, PUBLIC, TAG = "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/tag"


def ids(answer: Answer) -> list[str]:
    return [status["id"] for status in answer.json]


def follower(api: Api) -> tuple[Person, Person]:
    """Ada, and bob who follows her."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    return ada, bob


def post(api: Api, by: Person, number: int, **fields: object) -> list[str]:
    """Post some messages, a millisecond apart; return their ids, newest first."""
    posted = []
    for _ in range(number):
        api.clock.advance(0.001)
        posted.append(api.post(by, "#tag", **fields)["id"])
    return posted[::-1]


def pages(api: Api, path: str, by: Person, relation: str, **query: object) -> list[list[str]]:
    """The ids of a timeline page by page, until one has no link of that relation or is empty."""
    answer = api.get(path, by, **query)
    found = [ids(answer)]
    while (address := answer.link(relation)) and ids(answer):
        answer = api.follow_link(address, by)
        found.append(ids(answer))
    return [page for page in found if page]


def paths(author: Person) -> list[str]:
    return [HOME, PUBLIC, TAG, f"/api/v1/accounts/{author.id}/statuses"]


@pytest.mark.parametrize("gone", ["deleted", "expired"])
def test_a_page_is_filled_across_what_is_gone_and_the_next_goes_on_without_gap_or_repeat(api: Api, gone: str) -> None:
    ada, bob = follower(api)
    oldest = post(api, ada, 5)
    middle = post(api, ada, 20, expires_in=60)
    live = post(api, ada, 6) + oldest
    api.deliver()
    if gone == "deleted":
        for status_id in middle:
            api.delete(ada, {"id": status_id})
    else:
        api.clock.advance(60)
    for path in paths(ada):
        assert pages(api, path, bob, "next", limit=10) == [live[:10], live[10:]], path
    assert pages(api, HOME, bob, "prev", limit=10, min_id="0" * 26) == [live[1:], live[:1]]


def test_walking_down_and_up_gives_every_message_once(api: Api) -> None:
    ada, bob = follower(api)
    posted = post(api, ada, 7)
    api.deliver()
    for path in paths(ada):
        assert pages(api, path, bob, "next", limit=3) == [posted[:3], posted[3:6], posted[6:]], path
        up = pages(api, path, bob, "prev", limit=3, min_id="0" * 26)
        assert up == [posted[4:], posted[1:4], posted[:1]], path


def test_since_id_gives_the_newest_above_it_and_min_id_the_ones_right_above_it(api: Api) -> None:
    ada, bob = follower(api)
    posted = post(api, ada, 6)
    api.deliver()
    for path in paths(ada):
        assert api.read(path, bob, since_id=posted[4]) == posted[:4], path
        assert api.read(path, bob, since_id=posted[4], limit=2) == posted[:2], path
        assert api.read(path, bob, min_id=posted[4], limit=2) == posted[2:4], path
        assert api.read(path, bob, max_id=posted[1], since_id=posted[4]) == posted[2:4], path
        assert api.read(path, bob, max_id=posted[1], min_id=posted[5], limit=2) == posted[3:5], path
        assert api.read(path, bob, max_id=posted[5]) == [], path
        assert api.read(path, bob, since_id=posted[0]) == [], path
        assert api.read(path, bob, max_id=posted[4], since_id=posted[1]) == [], path


def test_polling_gives_every_message_once(api: Api) -> None:
    ada, bob = follower(api)
    newest: dict[str, str] = {}
    seen: dict[str, list[str]] = {path: [] for path in paths(ada)}
    posted: list[str] = []
    for _ in range(3):
        posted += post(api, ada, 2)[::-1]
        api.deliver()
        for path, found in seen.items():
            found.extend(api.read(path, bob, since_id=newest.get(path, "0" * 26))[::-1])
            newest[path] = found[-1]
    assert seen == dict.fromkeys(seen, posted)


def test_who_only_polls_misses_nothing_that_was_posted_just_before_ones_own(api: Api) -> None:
    ada, bob = follower(api)
    first = post(api, bob, 1)
    api.clock.advance(10)
    theirs = post(api, ada, 1)
    mine = post(api, bob, 1)
    assert api.home(bob) == [*mine, *first]
    assert api.home(bob, since_id=first[0]) == []
    api.deliver()
    assert api.home(bob, since_id=first[0]) == [*mine, *theirs]


def test_who_polls_and_follows_nobody_gets_the_own_messages_at_once(api: Api) -> None:
    ada = api.sign_up("ada")
    first, second = post(api, ada, 1), post(api, ada, 1)
    assert api.home(ada, since_id=first[0]) == api.home(ada, min_id=first[0]) == second


@pytest.mark.parametrize(("bound", "units"), [("", 1), ("max_id", 1), ("since_id", 0.5), ("min_id", 0.5)])
def test_ones_own_messages_are_read_consistently_except_in_a_poll(api: Api, bound: str, units: float) -> None:
    ada = api.sign_up("ada")
    posted = post(api, ada, 1)
    with metered() as cost:
        api.home(ada, **({bound: posted[0]} if bound else {}))
    assert [call.read_units for call in cost.calls if (call.table, call.operation) == ("messages", "Query")] == [units]


def test_the_next_link_comes_first_and_keeps_the_other_parameters(api: Api) -> None:
    ada = api.sign_up("ada")
    posted = post(api, ada, 3)
    answer = api.get(f"/api/v1/accounts/{ada.id}/statuses", ada, limit=2, exclude_replies="true")
    base = f"<https://fstream.test/api/v1/accounts/{ada.id}/statuses?limit=2&exclude_replies=true"
    assert answer.headers["Link"] == (f'{base}&max_id={posted[1]}>; rel="next", {base}&min_id={posted[0]}>; rel="prev"')
    assert "Link" not in api.get(HOME, api.sign_up("bob")).headers


@pytest.mark.parametrize("path", ["/api/v1/timelines/public", "/api/v1/timelines/tag/tea"])
def test_a_message_that_has_expired_holds_no_others_back(api: Api, configure: Callable[..., None], path: str) -> None:
    configure(min_lifetime=1)
    ada = api.sign_up("ada")
    first = api.post(ada, "first #tea")
    api.clock.advance(0.001)
    api.post(ada, "short #tea", expires_in=1)
    api.clock.advance(0.001)
    second = api.post(ada, "second #tea")
    api.deliver()
    api.clock.advance(1)
    assert api.read(path) == [second["id"], first["id"]]


def test_a_page_has_20_messages_and_40_at_most(api: Api) -> None:
    ada = api.sign_up("ada")
    posted = post(api, ada, 41)
    for limit in (1, 40, 41, 10**30):
        assert api.home(ada, limit=limit) == posted[: min(limit, 40)]
    assert api.home(ada) == posted[:20]


def test_malformed_pages_are_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    bad = ["limit=0", "limit=-1", "limit=abc", "limit=1.5"]
    for path in paths(ada):
        assert [query for query in bad if api.get(f"{path}?{query}", ada).status != 422] == [], path


def test_an_empty_cursor_is_none(api: Api) -> None:
    ada = api.sign_up("ada")
    posted = post(api, ada, 1)
    assert api.read(f"{HOME}?max_id=&since_id=&min_id=", ada) == posted


def test_others_messages_come_after_the_settling_time_and_ones_own_at_once(
    api: Api, make_pump: Callable[[], Pump]
) -> None:
    ada, bob = follower(api)
    mine, theirs = post(api, bob, 1), post(api, ada, 1)
    make_pump().drain()
    api.clock.advance(1.499)
    assert api.home(bob) == mine
    assert api.read(PUBLIC) == mine
    api.clock.advance(0.001)
    assert api.read(PUBLIC) == theirs + mine
    api.clock.advance(0.5)
    assert api.home(bob) == theirs + mine


def test_a_cold_function_shows_what_has_just_settled(api: Api, make_pump: Callable[[], Pump]) -> None:
    ada, bob = follower(api)
    theirs = post(api, ada, 1)
    make_pump().drain()
    api.clock.advance(1.5)
    assert api.home(bob) == theirs


def test_replies_are_at_home_only_where_one_knows_both(api: Api) -> None:
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for followed in (ada, dan):
        api.act(bob, "follow", followed)
    answered = {each.name: api.post(each, "?")["id"] for each in (ada, bob, cyd, dan)}
    replies = {name: api.post(ada, "!", in_reply_to_id=answered[name])["id"] for name in answered}
    api.deliver()
    home = api.home(bob)
    assert {name for name in replies if replies[name] in home} == {"ada", "bob", "dan"}
    api.act(bob, "follow", cyd)
    assert replies["cyd"] in api.home(bob)


def test_public_and_accounts_without_replies_have_none_but_to_oneself(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(bob, "?")["id"]
    own = api.post(ada, "1")["id"]
    thread, reply = api.post(ada, "2", in_reply_to_id=own)["id"], api.post(ada, "!", in_reply_to_id=asked)["id"]
    api.deliver()
    account = f"/api/v1/accounts/{ada.id}/statuses"
    assert set(api.read(PUBLIC)) == {asked, own, thread}
    assert set(api.read(account)) == {own, thread, reply}
    assert set(api.read(account, exclude_replies="1")) == {own, thread}
    assert set(api.read(account, only_replies="1")) == {reply}
    assert api.read(account, only_replies="1", exclude_replies="1") == []


def test_an_account_is_read_by_hashtag_and_has_no_pinned_or_pictured_statuses(api: Api) -> None:
    ada = api.sign_up("ada")
    tagged, _ = api.post(ada, "#Grüße")["id"], api.post(ada, "#tag")
    account = f"/api/v1/accounts/{ada.id}/statuses"
    assert api.read(account, tagged="GRÜSSE") == [tagged]
    assert api.read(account, pinned="true") == api.read(account, only_media="true") == []
    assert api.get(account, tagged="a b").status == 422
    assert api.get(f"/api/v1/accounts/{'0' * 13}/statuses").status == 404


def test_a_direct_message_is_at_home_where_it_is_meant_for_the_reader(api: Api) -> None:
    ada, bob = follower(api)
    cyd = api.sign_up("cyd")
    direct = api.post(ada, "@bob", visibility="direct")["id"]
    api.post(ada, "@cyd", visibility="direct")
    api.deliver()
    assert api.home(bob) == [direct]
    assert api.home(cyd) == []


@pytest.mark.parametrize(("end", "undo"), [("unfollow", "follow"), ("mute", "unmute"), ("block", "unblock")])
def test_what_is_answered_holds_for_the_next_read(api: Api, end: str, undo: str) -> None:
    ada, bob = follower(api)
    posted = post(api, ada, 2)
    api.deliver()
    assert api.home(bob) == posted
    api.act(bob, end, ada)
    assert api.home(bob) == []
    assert api.read(PUBLIC, bob) == api.read(TAG, bob) == (posted if end == "unfollow" else [])
    assert api.read(PUBLIC) == posted
    api.act(bob, undo, ada)
    assert api.home(bob) == ([] if end == "block" else posted)
    assert api.read(PUBLIC, bob) == api.read(TAG, bob) == posted


def test_a_block_by_the_other_holds_for_the_next_read(api: Api) -> None:
    ada, bob = follower(api)
    post(api, ada, 1)
    api.deliver()
    api.act(ada, "block", bob)
    assert [api.read(path, bob) for path in paths(ada)] == [[]] * 4


def test_a_timed_mute_ends_by_itself(api: Api) -> None:
    ada, bob = follower(api)
    posted = post(api, ada, 1)
    api.deliver()
    api.act(bob, "mute", ada, duration=60)
    api.clock.advance(59.9)
    assert api.home(bob) == []
    api.clock.advance(1.1)  # it ends with a whole second
    assert api.home(bob) == posted


def test_after_a_follow_the_next_read_shows_earlier_live_messages(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    live, _ = post(api, ada, 2), post(api, ada, 2, expires_in=60)
    private = post(api, ada, 1, visibility="private")
    api.deliver()
    api.clock.advance(60)
    assert api.home(bob) == []
    api.act(bob, "follow", ada)
    assert api.home(bob) == private + live


def test_a_follow_reaches_messages_of_hours_ago(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    posted: list[str] = []
    for _ in range(3):
        posted = post(api, ada, 1) + posted
        api.deliver()
        api.clock.advance(7 * 3600)
    api.act(bob, "follow", ada)
    assert api.home(bob) == posted
    assert pages(api, HOME, bob, "next", limit=2) == [posted[:2], posted[2:]]


def test_a_tail_that_knows_all_live_messages_reads_no_heads(api: Api, configure: Callable[..., None]) -> None:
    configure(max_lifetime=86_400)
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    posted = api.post(ada, "hello")["id"]
    api.deliver()
    for _ in range(10):  # each reaches further down
        assert api.home(bob) == [posted]
    with metered() as cost:
        assert api.home(bob) == [posted]
    assert "heads" not in {call.table for call in cost.calls}


def test_hashtags_are_the_same_in_any_case_and_script(api: Api) -> None:
    ada = api.sign_up("ada")
    names = ["Straße", "日本語", "Ωμέγα", "\uff37ide", "a_1"]
    posted = {name: api.post(ada, f"#{name}")["id"] for name in names}
    api.deliver()
    wanted = {"Straße": "STRASSE", "日本語": "日本語", "Ωμέγα": "ΩΜΈΓΑ", "\uff37ide": "wide", "a_1": "A_1"}
    found = {name: api.read(f"/api/v1/timelines/tag/{quote(wanted[name])}") for name in names}
    assert found == {name: [posted[name]] for name in names}


def test_hashtags_are_joined_by_any_all_and_none(api: Api) -> None:
    ada = api.sign_up("ada")
    posted: dict[str, str] = {}
    for names in ("a", "b", "a b", "a c", "a b c", "d", "b c"):
        posted[names] = api.post(ada, " ".join(f"#{name}" for name in names.split()))["id"]
        api.clock.advance(1)
    api.deliver()

    def found(name: str, **query: Any) -> list[str]:
        ids = api.read(f"/api/v1/timelines/tag/{name}", limit=2, **query)
        while len(ids) % 2 == 0 and (more := api.read(f"/api/v1/timelines/tag/{name}", max_id=ids[-1], **query)):
            ids += more
        return [names for names, message_id in posted.items() if message_id in ids]

    assert found("a") == ["a", "a b", "a c", "a b c"]
    assert found("a", **{"any[]": ["B", "d"]}) == ["a", "b", "a b", "a c", "a b c", "d", "b c"]
    assert found("a", **{"all[]": "b"}) == ["a b", "a b c"]
    assert found("a", **{"all[]": ["b", "c"]}) == ["a b c"]
    assert found("a", **{"none[]": ["b", "c"]}) == ["a"]
    assert found("a", **{"any[]": "b", "all[]": "c", "none[]": "d"}) == ["a c", "a b c", "b c"]


@pytest.mark.parametrize("parameter", ["any[]", "all[]", "none[]"])
def test_at_most_four_hashtags_are_joined_each_way(api: Api, parameter: str) -> None:
    def status(*names: str) -> int:
        return api.get("/api/v1/timelines/tag/a", None, **{parameter: names}).status

    assert status("a", "b", "c", "d") == 200
    assert status("a", "b", "c", "d", "e") == 422
    assert status("a b") == 422


def test_a_hashtag_is_returned_by_its_name(api: Api) -> None:
    tag = api.get("/api/v1/tags/TeA").json
    assert (tag["name"], tag["url"], tag["following"]) == ("tea", "https://fstream.test/tags/tea", False)
    assert api.get("/api/v1/tags/1").status == 404


def test_a_hashtag_takes_no_more_than_its_timeline_does(api: Api) -> None:
    api.sign_up("ada")
    for scope, status in (("read:statuses", 200), ("read", 200), ("follow", 403)):
        token = api.token("password", username="ada", password=PASSWORD, scope=scope).json["access_token"]
        for path in ("/api/v1/tags/tea", "/api/v1/timelines/tag/tea"):
            assert api.get(path, Person("", "", token)).status == status, (scope, path)


def test_what_is_no_hashtag_has_no_timeline(api: Api) -> None:
    names = ["123", "a b", "a-b", "x" * 101, "%", "#", "\x00"]
    assert [name for name in names if api.get(f"/api/v1/timelines/tag/{quote(name)}").status != 404] == []


def test_there_is_nothing_remote_or_pictured(api: Api) -> None:
    ada = api.sign_up("ada")
    posted = post(api, ada, 1)
    api.deliver()
    for path in (PUBLIC, TAG):
        assert api.read(path, local="true") == posted
        assert api.read(path, remote="true") == api.read(path, only_media="1") == []
