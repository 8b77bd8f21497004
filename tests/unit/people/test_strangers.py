"""What strangers can add to, others do not pay for: blocks, follows, and lists of people."""

from typing import Any

import pytest

from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.repository import batch, edges, relationships
from fstream_app.tables import EdgeItem
from ops.meter import metered
from tests.support import crowds
from tests.support.people import Answer, Api, Person

MANY, MORE = 500, 2000
READS = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/notifications",
    "/api/v1/bookmarks",
    "/api/v2/search?q=author",
    "/api/v1/accounts/{ada}/following",
    "/api/v1/statuses/{status}/context",
)


def follow(api: Api, by: Person, whom: Person) -> Answer:
    return api.request("POST", f"/api/v1/accounts/{whom.id}/follow", by, json={})


def costs(api: Api, reader: Person, places: dict[str, str]) -> list[float]:
    """Return the read units of each read."""
    found = []
    for path in READS:
        with metered() as cost:
            assert api.get(path.format_map(places), reader).status == 200
        found.append(cost.read_units)
    return found


def test_what_a_read_costs_does_not_grow_with_the_number_of_users_who_block_the_reader(api: Api) -> None:
    ada, author, reader = (api.sign_up(name) for name in ("ada", "author", "reader"))
    api.act(reader, "follow", author)
    api.act(ada, "follow", author)
    status = api.post(author, "@reader hello")
    api.post(ada, "hello", in_reply_to_id=status["id"])
    api.deliver()
    places = {"ada": ada.id, "status": status["id"]}
    few = costs(api, reader, places)
    for number in (MANY, MORE):
        crowds.blockers(reader.id, number)
        # For each of at most two reads of the edges: those of the first 300, and the others. One for each person shown.
        many = costs(api, reader, places)
        assert all(more <= less + 2 * (2 + 1) + 3 for less, more in zip(few, many, strict=True)), (few, many)


@pytest.mark.parametrize("own_blocks", [0, 100, 500])
@pytest.mark.parametrize("blockers", [0, 90, 250, 1000])
def test_all_edges_are_read_but_those_of_too_many_blockers(api: Api, own_blocks: int, blockers: int) -> None:
    reader = api.sign_up("reader")
    mine = {kind: {ids.new_user_id() for _ in range(own_blocks)} for kind in (EdgeKind.BLOCK, EdgeKind.FOLLOW)}
    mine[EdgeKind.MUTE] = {ids.new_user_id() for _ in range(30)}
    batch.put(EdgeItem(reader.id, edge(kind, each)) for kind, others in mine.items() for each in others)
    others = crowds.blockers(reader.id, blockers)
    batch.put([EdgeItem(reader.id, "blocked_for#x"), EdgeItem(reader.id, "blocked_all#x")])  # by a later version
    found = relationships.of(reader.id, api.clock.now)
    read = {EdgeKind.BLOCK: found.blocking, EdgeKind.FOLLOW: found.following, EdgeKind.MUTE: found.muting}
    assert {kind: set(others) for kind, others in read.items()} == mine
    asked = found.unsure(others)
    assert found.blocked_by | asked == set(others)
    assert found.blocked_by.isdisjoint(asked)
    assert edges.blockers_among(reader.id, [*asked, "0" * 13]) == asked
    assert not asked or blockers > 90


@pytest.mark.parametrize(
    "path", ["/api/v1/timelines/public", "/api/v1/statuses/{root}/context", "/api/v2/search?q=eve"]
)
def test_one_blocker_among_thousands_is_hidden_like_an_only_one(api: Api, path: str) -> None:
    people = [api.sign_up(f"eve{number}") for number in range(6)]
    reader = api.sign_up("reader")
    root = api.post(reader, "root")
    for person in people:
        api.post(person, "public")
        api.post(person, "reply", in_reply_to_id=root["id"])
    api.deliver()
    crowds.blockers(reader.id, 400)
    before = api.get(path.format(root=root["id"]), reader).text
    assert all(person.id in before for person in people)
    for person in people[::2]:
        api.act(person, "block", reader)
    after = api.get(path.format(root=root["id"]), reader).text
    assert [person.id in after for person in people] == [False, True] * 3
    for person in people[::2]:
        assert api.get(f"/api/v1/accounts/{person.id}/followers", reader).json == []


def test_a_user_follows_as_many_accounts_as_the_setting_allows(api: Api, configure: Any) -> None:
    configure(max_follows=2)
    ada, *others = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for other in others[:2]:
        assert follow(api, ada, other).status == 200
    api.deliver()
    refused = follow(api, ada, others[2])
    assert (refused.status, refused.error) == (
        422,
        "You can follow at most 2 accounts. Unfollow one of them first.",
    )
    assert api.get(f"/api/v1/accounts/{others[2].id}/followers").json == []
    assert follow(api, ada, others[0]).status == 200  # already followed
    api.act(ada, "unfollow", others[0])
    api.deliver()
    assert follow(api, ada, others[2]).status == 200


def test_that_limit_holds_for_follows_that_are_not_counted_or_subtracted_yet(api: Api, configure: Any) -> None:
    configure(max_follows=2)
    ada, *others = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    assert [follow(api, ada, other).status for other in others] == [200, 200, 422]
    api.deliver()
    api.act(ada, "unfollow", others[0])
    assert follow(api, ada, others[2]).status == 200
    assert follow(api, ada, others[0]).status == 422
    api.deliver()
    assert api.get(f"/api/v1/accounts/{ada.id}").json["following_count"] == 2


@pytest.mark.parametrize("listed", ["followers", "following"])
def test_a_blocked_person_cannot_list_the_blockers_followers_and_followed(api: Api, listed: str) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    api.act(ada, "follow", bob)
    api.act(bob, "follow", ada)
    path = f"/api/v1/accounts/{ada.id}/{listed}"
    assert [each["id"] for each in api.get(path, eve).json] == [bob.id]
    api.act(ada, "block", eve)
    for query in ({}, {"limit": 1}, {"min_id": "0" * 13}):
        answer = api.get(path, eve, **query)
        assert (answer.status, answer.json, answer.headers.get("Link")) == (200, [], None)
    api.act(ada, "unblock", eve)
    api.act(eve, "block", ada)
    assert [each["id"] for each in api.get(path, eve).json] == [bob.id]


def test_a_list_reads_on_past_accounts_that_are_gone(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    gone = [f"{number:013}" for number in range(300)]
    batch.put(EdgeItem(each, edge(EdgeKind.FOLLOW, ada.id)) for each in gone)
    api.act(bob, "follow", ada)
    with metered() as cost:
        assert [each["id"] for each in api.get(f"/api/v1/accounts/{ada.id}/followers").json] == [bob.id]
    assert len(cost.calls) <= 40
