"""Edits of polls: which votes still count, when the poll ends, and who is notified of that."""

from datetime import datetime
from typing import Any

import pytest

from tests.support.people import PASSWORD, SETTLED, Answer, Api, Person, stored
from tests.support.racing import Races, one_way

POLL: dict[str, Any] = {"options": ["a", "b"], "expires_in": 600}


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def ask(api: Api, by: Person, **poll: object) -> dict[str, Any]:
    return api.post(by, "which?", poll=POLL | poll)


def edit(api: Api, by: Person, status: dict[str, Any], poll: dict[str, Any] | None, text: str = "which?") -> Answer:
    return api.request("PUT", f"/api/v1/statuses/{status['id']}", by, json={"status": text, "poll": poll})


def vote(api: Api, by: Person, status: dict[str, Any], *choices: int) -> Answer:
    return api.request("POST", f"/api/v1/polls/{status['id']}/votes", by, json={"choices": choices})


def result(api: Api, by: Person | None, status: dict[str, Any]) -> tuple[list[int], int, list[int]]:
    found = api.get(f"/api/v1/polls/{status['id']}", by).json
    return [each["votes_count"] for each in found["options"]], found["voters_count"], found["own_votes"]


def ended(api: Api, of: Person) -> list[str]:
    """Return the times of a user's notifications that a poll has ended."""
    return [each["created_at"] for each in api.get("/api/v1/notifications", of, **{"types[]": "poll"}).json]


def test_a_poll_that_is_sent_again_keeps_its_votes_and_its_end(api: Api, ada: Person, bob: Person) -> None:
    status = ask(api, ada)
    assert vote(api, bob, status, 1).status == 200
    api.deliver()
    api.clock.advance(5)
    same = edit(api, ada, status, POLL).json
    assert (same["edited_at"], same["poll"]["expires_at"]) == (None, status["poll"]["expires_at"])
    for text in ("better", "best"):
        found = edit(
            api, ada, status, {"options": [" a", "b", ""], "expires_in": "600", "multiple": "false"}, text
        ).json
        assert (text in found["content"], found["poll"]["expires_at"]) == (True, status["poll"]["expires_at"])
        assert result(api, bob, status) == ([0, 1], 1, [1])
    form = [("status", "best"), ("poll[options][]", "a"), ("poll[options][]", "b"), ("poll[expires_in]", "600")]
    answer = api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, form=form).json
    assert (answer["edited_at"], answer["poll"]["voters_count"]) == (found["edited_at"], 1)


@pytest.mark.parametrize("delivered", [True, False])
def test_votes_of_a_former_version_never_count(api: Api, ada: Person, bob: Person, delivered: bool) -> None:
    cyd, status = api.sign_up("cyd"), ask(api, ada)
    for changed in ({"options": ["a", "c"]}, {"options": ["c", "a"]}, {"multiple": True}, {"options": ["a", "b"]}):
        assert vote(api, bob, status, 0).status == 200
        if delivered:
            api.deliver()
        new = edit(api, ada, status, POLL | changed).json["poll"]
        assert [each["title"] for each in new["options"]] == changed.get("options", ["a", "b"])
        for by in (bob, cyd, None):
            assert result(api, by, status) == ([0, 0], 0, [])
        assert api.get(f"/api/v1/polls/{status['id']}", bob).json["voted"] is False
        assert vote(api, cyd, status, 1).status == 200
        api.deliver()
        assert result(api, bob, status) == ([0, 1], 1, [])
    assert [item for item in stored()["MessageItem"] if '"c"' in item] == []


def test_the_end_and_hidden_totals_change_without_loss_of_votes(api: Api, ada: Person, bob: Person) -> None:
    status = ask(api, ada)
    vote(api, bob, status, 0)
    api.deliver()
    hidden = edit(api, ada, status, POLL | {"hide_totals": True}).json
    assert [each["votes_count"] for each in hidden["poll"]["options"]] == [None, None]
    for seconds in (300, 900, 900):
        api.clock.advance(1)
        moved = edit(api, ada, status, POLL | {"expires_in": seconds}).json
        ends_at = moved["poll"]["expires_at"]
        assert result(api, bob, status) == ([1, 0], 1, [0])
        api.deliver()
    repeated = edit(api, ada, status, POLL | {"expires_in": 900}, "more").json
    api.clock.advance(datetime.fromisoformat(ends_at).timestamp() - api.clock.now / 1000 - 0.1)
    assert (repeated["poll"]["expires_at"], ended(api, ada), ended(api, bob)) == (ends_at, [], [])
    api.clock.advance(0.1 + SETTLED)
    assert vote(api, api.sign_up("cyd"), status, 0).status == 422
    assert (ended(api, ada), len(ended(api, bob))) == ([repeated["poll"]["expires_at"]], 1)


def test_a_poll_is_added_and_removed(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, "which?")
    path = f"/api/v1/statuses/{status['id']}"
    api.deliver()
    assert edit(api, ada, status, POLL).json["poll"]["options"][0] == {"title": "a", "votes_count": 0}
    assert api.get(f"{path}/history", bob).json[0]["poll"] == {"options": [{"title": "a"}, {"title": "b"}]}
    assert vote(api, bob, status, 1).status == 200
    api.deliver()
    assert edit(api, ada, status, None).json["poll"] is None
    assert (api.get(f"/api/v1/polls/{status['id']}", bob).status, vote(api, bob, status, 0).status) == (404, 404)
    assert api.get(f"{path}/history", bob).json[0]["poll"] is None
    assert ([item for item in stored()["MessageItem"] if "votes_1" in item or "poll_" in item], ended(api, bob)) == (
        [],
        [],
    )
    assert edit(api, ada, status, POLL).json["poll"]["voters_count"] == 0
    assert result(api, bob, status) == ([0, 0], 0, [])
    api.clock.advance(700)
    assert (len(ended(api, ada)), ended(api, bob)) == (1, [])


def test_a_poll_that_breaks_a_rule_is_refused_as_in_a_post_and_nothing_changes(api: Api, ada: Person) -> None:
    status = ask(api, ada)
    before = stored()
    for wrong in ({"options": ["a"]}, {"options": list("abcde")}, {"options": ["a", "a "]}, {"expires_in": None}):
        for seconds in (wrong, wrong | {"expires_in": 299}):
            sent = {"status": "new", "poll": POLL | seconds}
            posted = api.request("POST", "/api/v1/statuses", ada, json=sent)
            answer = api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, json=sent)
            assert (answer.status, answer.json) == (422, posted.json)
    assert stored() == before


def test_the_end_of_a_former_poll_is_notified_to_nobody(api: Api, ada: Person, bob: Person) -> None:
    status = ask(api, ada, expires_in=300)
    vote(api, bob, status, 0)
    api.deliver()
    new = edit(api, ada, status, {"options": ["c", "d"], "expires_in": 3600}).json
    api.deliver()
    api.clock.advance(400)
    assert (ended(api, ada), ended(api, bob)) == ([], [])
    vote(api, bob, status, 1)
    api.deliver()
    api.clock.advance(3300)
    assert ended(api, ada) == ended(api, bob) == [new["poll"]["expires_at"]]


def test_an_edit_and_a_vote_at_the_same_time_agree_in_the_end(api: Api, races: Races, ada: Person, bob: Person) -> None:
    status = ask(api, ada)
    titles = iter("cdefghijklmnopqrstuvwxyz" * 9)

    def change() -> int:
        return edit(api, ada, status, {"options": [next(titles), next(titles)], "expires_in": 600}).status

    for run in one_way(races.between(lambda: vote(api, bob, status, 1), change)):
        assert (run.result.status in {200, 422}, run.event) == (True, 200), run
        for _ in range(2):
            votes, voters, own = result(api, bob, status)
            assert (votes, voters) == (([0, 1], 1) if own else ([0, 0], 0)), run
            assert own == [] or run.result.status == 200, run
            api.deliver()


def test_an_edit_and_the_deletion_of_a_voter_leave_no_vote(api: Api, ada: Person, bob: Person) -> None:
    status = ask(api, ada)
    vote(api, bob, status, 0)
    api.deliver()
    edit(api, ada, status, {"options": ["a", "c"], "expires_in": 600})
    vote(api, bob, status, 1)
    api.deliver()
    assert result(api, ada, status) == ([0, 1], 1, [])
    api.request("POST", "/api/pleroma/delete_account", bob, json={"password": PASSWORD})
    api.deliver()
    assert (result(api, ada, status), stored()["ReactionItem"]) == (([0, 0], 0, []), [])


def test_a_quote_can_have_a_poll_and_keeps_both_when_it_is_edited(api: Api, ada: Person, bob: Person) -> None:
    quoted = api.post(bob, "quoted")
    status = api.post(ada, "which?", poll=POLL, quoted_status_id=quoted["id"])
    assert (status["quote"]["quoted_status"]["id"], len(status["poll"]["options"])) == (quoted["id"], 2)
    assert vote(api, bob, status, 0).status == 200
    api.deliver()
    edited = edit(api, ada, status, POLL, "better").json
    assert (edited["quote"]["state"], edited["poll"]["voters_count"]) == ("accepted", 1)
    policy = {"status": "better", "quote_approval_policy": "nobody", "poll": POLL}
    answer = api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, json=policy).json
    assert (answer["quote_approval"]["automatic"], answer["edited_at"]) == ([], edited["edited_at"])
    api.request("POST", f"/api/v1/statuses/{quoted['id']}/quotes/{status['id']}/revoke", bob)
    found = api.get(f"/api/v1/statuses/{status['id']}", bob).json
    assert (found["quote"]["state"], found["poll"]["own_votes"]) == ("revoked", [0])
