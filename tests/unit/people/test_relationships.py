"""Relationships through the API: following, blocking and muting, and the lists of accounts that they make."""

import json
from itertools import chain

import pytest

from fstream_app.repository import relationships
from tests.support.people import Api, Person


def relationship(api: Api, by: Person, other: Person) -> set[str]:
    """Return the names of the relationship's true fields."""
    (relationship,) = api.get("/api/v1/accounts/relationships", by, **{"id[]": other.id}).json
    return {name for name, holds in relationship.items() if holds is True}


def counts(api: Api, *people: Person) -> list[tuple[int, int]]:
    """Return the numbers of followers and followed of each, once they are counted."""
    api.deliver()
    shown = [api.get(f"/api/v1/accounts/{person.id}").json for person in people]
    return [(account["followers_count"], account["following_count"]) for account in shown]


def walk(api: Api, path: str, by: Person, limit: int) -> list[list[str]]:
    """Return the ids of a list of accounts, page by page."""
    answer = api.get(path, by, limit=limit)
    pages = [[account["id"] for account in answer.json]]
    while address := answer.link("next"):
        answer = api.follow_link(address, by)
        pages.append([account["id"] for account in answer.json])
    return pages


def test_relationships_are_returned_for_the_known_in_the_order_asked(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    path = "/api/v1/accounts/relationships"
    asked = {
        f"?id[]={cyd.id}&id[]={bob.id}": [cyd.id, bob.id],
        f"?id%5B%5D={bob.id}": [bob.id],
        f"?id={bob.id}": [bob.id],
        f"?id[]={bob.id}&id[]={bob.id}": [bob.id],
        f"?id[]={'0' * 13}&id[]=x&id[]=&id[]={ada.id}": [ada.id],
        "": [],
    }
    found = {query: [each["id"] for each in api.get(path + query, ada).json] for query in asked}
    assert found == asked
    for number, status in ((100, 200), (101, 422)):
        assert api.get(path, ada, **{"id[]": [f"{n:013}" for n in range(number)]}).status == status


def test_many_relationships_are_returned_like_a_few(api: Api) -> None:
    ada, *others = (api.sign_up(f"user{n}") for n in range(10))
    for verb, other in zip(("follow", "block", "mute"), others, strict=False):
        api.act(ada, verb, other)
    api.act(others[3], "follow", ada)
    api.act(others[4], "block", ada)
    path = "/api/v1/accounts/relationships"
    together = api.get(path, ada, **{"id[]": [other.id for other in others]}).json
    assert together == [api.get(path, ada, **{"id[]": other.id}).json[0] for other in others]


def test_following_and_unfollowing_count_once(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    for _ in range(2):
        assert api.act(bob, "follow", ada)["following"] is True
    assert counts(api, ada, bob) == [(1, 0), (0, 1)]
    assert relationship(api, bob, ada) == {"following", "showing_reblogs"}
    assert relationship(api, ada, bob) == {"followed_by"}
    for _ in range(2):
        assert api.act(bob, "unfollow", ada)["following"] is False
    assert counts(api, ada, bob) == [(0, 0), (0, 0)]
    assert relationship(api, ada, bob) == set()


def test_a_block_ends_follows_both_ways_and_forbids_new_ones(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob)
    api.act(bob, "follow", ada)
    for _ in range(2):
        assert api.act(ada, "block", bob)["blocking"] is True
    assert counts(api, ada, bob) == [(0, 0), (0, 0)]
    assert (relationship(api, ada, bob), relationship(api, bob, ada)) == ({"blocking"}, {"blocked_by"})
    assert api.request("POST", f"/api/v1/accounts/{ada.id}/follow", bob).status == 403
    assert api.request("POST", f"/api/v1/accounts/{bob.id}/follow", ada).status == 403
    for _ in range(2):
        assert api.act(ada, "unblock", bob)["blocking"] is False
    assert (relationship(api, ada, bob), relationship(api, bob, ada)) == (set(), set())
    assert api.act(bob, "follow", ada)["following"] is True


def test_a_block_that_was_interrupted_ends_the_follows_all_the_same(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob)
    api.act(bob, "follow", ada)
    assert counts(api, ada, bob) == [(1, 1), (1, 1)]
    relationships.block(ada.id, bob.id)  # all that the request had done when it was interrupted
    assert counts(api, ada, bob) == [(0, 0), (0, 0)]
    api.act(ada, "unblock", bob)
    assert (relationship(api, ada, bob), relationship(api, bob, ada)) == (set(), set())


def test_two_blocks_end_one_at_a_time(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "block", bob)
    api.act(bob, "block", ada)
    api.act(ada, "unblock", bob)
    assert (relationship(api, ada, bob), relationship(api, bob, ada)) == ({"blocked_by"}, {"blocking"})


@pytest.mark.parametrize("reader_blocks", [True, False])
def test_a_block_hides_both_from_each_other(api: Api, reader_blocks: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "#tag @bob")
    api.deliver()
    blocker, blocked = (bob, ada) if reader_blocks else (ada, bob)
    api.act(blocker, "block", blocked)
    reads = {
        "by id": f"/api/v1/statuses/{status['id']}",
        "account": f"/api/v1/accounts/{ada.id}/statuses",
        "public": "/api/v1/timelines/public",
        "tag": "/api/v1/timelines/tag/tag",
        "name": "/api/v2/search?q=ada",
        "address": f"/api/v2/search?q={status['url']}",
    }
    found = {name for name, path in reads.items() if ada.id in json.dumps(api.get(path, bob).json)}
    # A blocker still finds the blocked account by name, in order to unblock it.
    assert found == ({"name"} if reader_blocks else set())
    api.act(blocker, "unblock", blocked)
    assert {name for name, path in reads.items() if ada.id in json.dumps(api.get(path, bob).json)} == reads.keys()


def test_a_list_of_accounts_leaves_out_whom_a_block_hides(api: Api) -> None:
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for other in (bob, cyd, dan):
        api.act(ada, "follow", other)
        api.act(other, "follow", ada)
    api.act(bob, "block", cyd)
    paths = [f"/api/v1/accounts/{ada.id}/{kind}" for kind in ("followers", "following")]
    assert [set(walk(api, path, bob, 3)[0]) for path in paths] == [{bob.id, dan.id}] * 2
    assert [set(walk(api, path, cyd, 3)[0]) for path in paths] == [{cyd.id, dan.id}] * 2


def test_a_mute_is_invisible_to_the_muted_and_may_spare_notifications(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob)
    for _ in range(2):
        api.act(ada, "mute", bob)
    assert relationship(api, ada, bob) == {"following", "showing_reblogs", "muting", "muting_notifications"}
    assert relationship(api, bob, ada) == {"followed_by"}
    api.act(ada, "mute", bob, notifications=False)
    assert relationship(api, ada, bob) == {"following", "showing_reblogs", "muting"}
    for _ in range(2):
        assert api.act(ada, "unmute", bob)["muting"] is False


def test_a_timed_mute_ends_at_its_second_in_every_read(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "mute", bob, duration=60)
    api.clock.advance(59.999)
    assert relationship(api, ada, bob) >= {"muting", "muting_notifications"}
    assert walk(api, "/api/v1/mutes", ada, 40) == [[bob.id]]
    api.clock.advance(0.001)
    assert relationship(api, ada, bob) == set()
    assert walk(api, "/api/v1/mutes", ada, 40) == [[]]


def test_the_end_of_a_timed_mute_is_returned_in_every_read(api: Api) -> None:
    ada, *others = (api.sign_up(f"user{number}") for number in range(11))
    timed, lasting = others[:2]
    assert api.act(ada, "mute", timed, duration=3600)["muting_expires_at"] == "2040-01-01T01:00:00.000Z"
    assert api.act(ada, "mute", lasting)["muting_expires_at"] is None
    ends = {timed.id: "2040-01-01T01:00:00.000Z", lasting.id: None}
    listed = api.get("/api/v1/mutes", ada).json
    assert {account["id"]: account["mute_expires_at"] for account in listed} == ends
    for asked in ([timed.id, lasting.id], [each.id for each in others]):  # few are read one by one, many together
        found = api.get("/api/v1/accounts/relationships", ada, **{"id[]": asked}).json
        assert {each["id"]: each["muting_expires_at"] for each in found} == dict.fromkeys(asked) | ends
    assert api.act(ada, "follow", timed)["muting_expires_at"] == ends[timed.id]
    assert api.act(ada, "mute", timed, duration=7200)["muting_expires_at"] == "2040-01-01T02:00:00.000Z"
    assert api.act(ada, "unmute", timed)["muting_expires_at"] is None
    api.act(ada, "mute", timed, duration=60)
    assert api.act(ada, "mute", timed, duration=0)["muting_expires_at"] is None


def test_mutes_are_walked_both_ways_with_their_ends(api: Api) -> None:
    ada, *others = (api.sign_up(f"user{number}") for number in range(6))
    for seconds, other in enumerate(others, 1):
        api.act(ada, "mute", other, duration=seconds * 60)
    first = api.get("/api/v1/mutes", ada, limit=2)
    second = api.follow_link(str(first.link("next")), ada)
    assert api.follow_link(str(second.link("prev")), ada).json == first.json
    ends = {other.id: f"2040-01-01T00:{minutes:02}:00.000Z" for minutes, other in enumerate(others, 1)}
    for page in (first, second):
        assert all(account["mute_expires_at"] == ends[account["id"]] for account in page.json)


def test_a_mute_lasts_at_most_ten_years(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    path, longest = f"/api/v1/accounts/{bob.id}/mute", 10 * 365 * 86_400
    expected = {-1: 422, 0: 200, longest: 200, longest + 1: 422, "soon": 422}
    answers = {n: api.request("POST", path, ada, json={"duration": n}) for n in expected}
    assert {n: answer.status for n, answer in answers.items()} == expected
    assert ("can't be negative" in answers[-1].error, "at most" in answers[longest + 1].error) == (True, True)


def test_nobody_has_a_relationship_with_oneself_or_with_nobody(api: Api) -> None:
    ada = api.sign_up("ada")
    verbs = ("follow", "unfollow", "block", "unblock", "mute", "unmute")
    for other, status in ((ada.id, 422), ("0" * 13, 404), ("x", 404), ("@bob", 404)):
        got = {verb: api.request("POST", f"/api/v1/accounts/{other}/{verb}", ada).status for verb in verbs}
        assert got == dict.fromkeys(verbs, status), other


def test_lists_of_accounts_go_on_where_the_link_says(api: Api) -> None:
    ada, *others = (api.sign_up(f"user{n}") for n in range(4))
    ids = sorted(other.id for other in others)
    for other in others:
        api.act(ada, "follow", other)
        api.act(other, "follow", ada)
        api.act(ada, "mute", other)
    paths = [f"/api/v1/accounts/{ada.id}/followers", f"/api/v1/accounts/{ada.id}/following", "/api/v1/mutes"]
    for path in paths:
        assert walk(api, path, ada, 2) == [ids[:2], ids[2:]], path
        assert [each for (each,) in walk(api, path, ada, 1)[:3]] == ids, path
        assert api.get(path, ada, limit=4).link("next") is None
    for other in others:
        api.act(ada, "block", other)
    assert walk(api, "/api/v1/blocks", ada, 2) == [ids[:2], ids[2:]]
    assert [walk(api, path, ada, 2) for path in paths[:2]] == [[[]], [[]]]


def test_a_malformed_page_of_accounts_is_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    for query in ("limit=0", "limit=-1", "limit=x"):
        assert api.get(f"/api/v1/accounts/{ada.id}/followers?{query}").status == 422, query
    assert api.get(f"/api/v1/accounts/{'0' * 13}/followers").status == 404
    assert api.get("/api/v1/mutes").status == 401


def test_one_can_make_somebody_stop_following(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "for followers", visibility="private")
    api.act(bob, "follow", ada)
    for _ in range(2):
        assert api.act(ada, "remove_from_followers", bob)["followed_by"] is False
    assert api.get(f"/api/v1/statuses/{status['id']}", bob).status == 404
    assert counts(api, ada, bob) == [(0, 0), (0, 0)]
    assert api.request("POST", f"/api/v1/accounts/{ada.id}/remove_from_followers", ada).status == 422


LISTS = ("followers", "following", "favourited_by")


def list_of(api: Api, kind: str, of: Person, others: list[Person]) -> str:
    """Put all other accounts on a list; return its path."""
    status = api.post(of, "hello")
    for each in others:
        if kind == "followers":
            api.act(each, "follow", of)
        elif kind == "following":
            api.act(of, "follow", each)
        else:
            api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", each)
    return f"/api/v1/statuses/{status['id']}/{kind}" if kind == "favourited_by" else f"/api/v1/accounts/{of.id}/{kind}"


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_accounts_are_walked_both_ways(api: Api, kind: str) -> None:
    ada, *others = (api.sign_up(f"user{number}") for number in range(8))
    path = list_of(api, kind, ada, others)
    pages = [api.get(path, ada, limit=3)]
    while address := pages[-1].link("next"):
        pages.append(api.follow_link(address, ada))
    ids = [[each["id"] for each in page.json] for page in pages]
    assert list(chain(*ids)) == sorted(each.id for each in others)
    back = [ids[-1]]
    page = pages[-1]
    while (address := page.link("prev")) and (page := api.follow_link(address, ada)).json:
        back.insert(0, [each["id"] for each in page.json])
    assert list(chain(*back)) == list(chain(*ids))


@pytest.mark.parametrize("kind", LISTS)
def test_a_page_of_accounts_is_full_although_a_block_hides_some(api: Api, kind: str) -> None:
    ada, *others = (api.sign_up(f"user{number}") for number in range(6))
    path = list_of(api, kind, ada, others)
    first, second, *rest = sorted(others, key=lambda each: each.id)
    reader = rest[0]
    for each in (first, second):
        api.act(each, "block", reader)
    assert [each["id"] for each in api.get(path, reader, limit=2).json] == [each.id for each in rest[:2]]


def test_hidden_lists_of_people_are_empty_for_all_but_their_owner(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    api.act(ada, "follow", bob)
    api.act(bob, "follow", ada)
    api.deliver()
    paths = [f"/api/v1/accounts/{ada.id}/{kind}" for kind in ("followers", "following")]
    application = {"authorization": f"Bearer {api.application_token()}"}

    def seen(hide: bool) -> list[list[str]]:
        path = "/api/v1/accounts/update_credentials"
        changed = api.request("PATCH", path, ada, form={"hide_collections": str(hide).lower()}).json
        shown = api.get(f"/api/v1/accounts/{ada.id}", eve).json
        assert changed["hide_collections"] is changed["source"]["hide_collections"] is shown["hide_collections"] is hide
        assert (shown["followers_count"], shown["following_count"]) == (1, 1)
        answers = [api.get(path, by) for path in paths for by in (ada, bob, eve, None)]
        answers += [api.request("GET", path, headers=application) for path in paths]
        assert all("Link" not in answer.headers for answer in answers)
        return [[account["id"] for account in answer.json] for answer in answers]

    assert seen(hide=True) == [[bob.id], [], [], []] * 2 + [[], []]
    assert seen(hide=False) == [[bob.id]] * 10
    assert api.get(f"/api/v1/accounts/{bob.id}/followers", eve).json[0]["id"] == ada.id
