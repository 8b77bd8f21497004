"""Requests whose calls to DynamoDB fail take effect once or not at all, and report which."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.integration.faults import SEEDS
from tests.integration.faults.injector import (
    ANSWER_LOST,
    IN_CONFLICT,
    LOST,
    MET_TRANSACTION,
    READ_IN_PART,
    THROTTLED,
    WRITTEN_IN_PART,
    Fault,
    Faults,
    Killed,
)
from tests.support.engines import cool_down
from tests.support.people import Answer, Api, Person

ATTEMPTS = 100


@pytest.fixture
def api(faults: Faults, real_api: Api) -> Api:
    """The API on MiniStack, with faults in between."""
    return real_api


class Insistent:
    """A client that repeats a request until the status is not 503."""

    def __init__(self, api: Api) -> None:
        self.refused = 0
        self._api = api

    def __call__(self, by: Person, method: str, path: str, json: object = None, key: str = "") -> Answer:
        for _ in range(ATTEMPTS):
            answer = self._api.request(method, path, by, json=json, headers={"idempotency-key": key} if key else {})
            if answer.status != 503:
                # An attempt that returned 503 may have deleted it.
                assert answer.status == 200 or (method, answer.status) == ("DELETE", 404), answer.json
                return answer
            assert answer.headers["Retry-After"] == "1"
            assert "again" in answer.error
            self.refused += 1
        raise AssertionError("it never succeeds")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("kinds", "share"),
    [
        ([THROTTLED], 0.3),
        ([IN_CONFLICT, MET_TRANSACTION], 0.9),
        ([LOST, ANSWER_LOST], 0.4),
        ([THROTTLED, IN_CONFLICT, MET_TRANSACTION, LOST, ANSWER_LOST, READ_IN_PART, WRITTEN_IN_PART], 0.4),
    ],
    ids=lambda value: "+".join(kind.name for kind in value) if isinstance(value, list) else None,
)
def test_a_client_that_retries_has_done_everything_once(
    api: Api, faults: Faults, kinds: list[Fault], share: float, seed: int
) -> None:
    ada, *others = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    insist = Insistent(api)
    with faults.happening(*kinds, share=share, seed=seed):
        status = insist(ada, "POST", "/api/v1/statuses", {"status": "first"}, "key").json
        path = f"/api/v1/statuses/{status['id']}"
        for each in others:
            reply = {"status": "answer", "in_reply_to_id": status["id"]}
            posts = [insist(each, "POST", "/api/v1/statuses", reply, key).json for key in ("one", "two")]
            insist(each, "DELETE", f"/api/v1/statuses/{posts[0]['id']}")
            done = [
                insist(each, "POST", f"{path}/favourite"),
                insist(each, "POST", f"{path}/bookmark"),
                insist(each, "POST", f"/api/v1/accounts/{ada.id}/follow"),
            ]
            assert [answer.status for answer in done] == [200, 200, 200]
        insist(others[0], "POST", f"{path}/unfavourite")
        insist(others[0], "POST", f"/api/v1/accounts/{ada.id}/unfollow")
    check_once(api, ada, others, path)


def check_once(api: Api, ada: Person, others: list[Person], path: str) -> None:
    """Assert the result: all have replied to Ada; all except the first still favourite her message and follow her."""
    api.deliver()
    status = api.get(path, ada).json
    assert (status["replies_count"], status["favourites_count"]) == (3, 2)
    assert {each["id"] for each in api.get(f"{path}/favourited_by", ada).json} == {each.id for each in others[1:]}
    assert api.get(f"/api/v1/accounts/{ada.id}").json["followers_count"] == 2
    assert [api.get(f"/api/v1/accounts/{each.id}").json["following_count"] for each in others] == [0, 1, 1]
    assert [len(api.read(f"/api/v1/accounts/{each.id}/statuses")) for each in (ada, *others)] == [1, 1, 1, 1]
    api.deliver()
    api.clock.advance(1)
    shown = api.get("/api/v1/notifications", ada).json
    assert sorted((each["type"], each["account"]["id"]) for each in shown) == sorted(
        [("mention", each.id) for each in others]
        + [(kind, each.id) for each in others[1:] for kind in ("favourite", "follow")]
    )


def test_conflicts_that_pass_are_not_visible_to_clients(api: Api, faults: Faults) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    with faults.happening(IN_CONFLICT, MET_TRANSACTION, share=0.5, seed=1):
        assert api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"note": "x"}).status == 200
        assert api.delete(ada, api.post(ada, "to be deleted")).status == 200
        for verb in ("favourite", "unfavourite") * 2:
            assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", bob).status == 200
        for verb in ("follow", "unfollow", "block", "unblock"):
            api.act(bob, verb, ada)
    assert set(faults.happened) == {IN_CONFLICT.name, MET_TRANSACTION.name}


def test_a_deletion_whose_answer_is_lost_still_gives_the_text_back(api: Api, faults: Faults) -> None:
    ada = api.sign_up("ada")
    posts = [api.post(ada, "first")]
    posts.append(api.post(ada, "second", in_reply_to_id=posts[0]["id"]))
    for status in posts[::-1]:
        left = [1]

        def once(call: Any, left: list[int] = left) -> bool:
            return call.operation in {"DeleteItem", "TransactWriteItems"} and bool(left) and bool(left.pop())

        with faults.happening(ANSWER_LOST, share=1, seed=0, only=once):
            answer = api.delete(ada, status)
        assert (answer.status, answer.json["text"]) == (200, status["content"][3:-4])
        assert api.get(f"/api/v1/statuses/{status['id']}", ada).status == 404


READS = (
    "timelines/home",
    "timelines/public",
    "timelines/tag/tag",
    "accounts/{id}/statuses",
    "statuses/{status}/context",
    "statuses/{status}/favourited_by",
    "notifications",
    "favourites",
    "accounts/{id}/followers",
)


def without_counts(shown: Any) -> Any:
    """Remove an account's activity, which in lists is only what the tail remembers."""
    if isinstance(shown, dict):
        remembered = {"statuses_count", "last_status_at"}
        return {name: without_counts(value) for name, value in shown.items() if name not in remembered}
    return [without_counts(each) for each in shown] if isinstance(shown, list) else shown


@pytest.mark.parametrize("kinds", [[THROTTLED], [READ_IN_PART], [LOST]], ids=lambda kinds: kinds[0].name)
def test_a_read_answers_in_full_or_says_that_it_cannot(api: Api, faults: Faults, kinds: list[Fault]) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.act(ada, "follow", bob)
    first = api.post(ada, "#tag")
    for number in range(6):
        api.post(bob, f"{number} #tag @ada", in_reply_to_id=first["id"])
    for each in (ada, bob):
        assert api.request("POST", f"/api/v1/statuses/{first['id']}/favourite", each).status == 200
    api.deliver()
    api.clock.advance(1)
    paths = ["/api/v1/" + path.format(id=ada.id, status=first["id"]) for path in READS]
    cool_down()
    whole = {path: without_counts(api.get(path, ada).json) for path in paths}
    statuses = []
    with faults.happening(*kinds, share=0.75, seed=1):
        for path in paths * 3:
            cool_down()
            answer = api.get(path, ada)
            statuses.append(answer.status)
            assert answer.status == 503 or without_counts(answer.json) == whole[path], path
    assert 200 in statuses


Attempt = Callable[[], Answer]


class Scene:
    """Ada, who repeats an action on Bob."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ada, self.bob = api.sign_up("ada"), api.sign_up("bob")
        self.status = api.post(self.bob, "hello")
        self.number = 0

    def begin(self, verb: str) -> Attempt:
        """Prepare a new action; return the function that attempts it."""
        self.number += 1
        path, key = f"/api/v1/statuses/{self.status['id']}", f"key {self.number}"
        if verb in {"post", "reply"}:
            fields = {"status": key} | ({"in_reply_to_id": self.status["id"]} if verb == "reply" else {})
            return lambda: self.request("POST", "/api/v1/statuses", fields, key)
        if verb == "delete":
            reply = self.api.post(self.ada, key, in_reply_to_id=self.status["id"])
            return lambda: self.request("DELETE", f"/api/v1/statuses/{reply['id']}")
        of, undone = {
            "favourite": (path, "unfavourite"),
            "reblog": (path, "unreblog"),
            "follow": (f"/api/v1/accounts/{self.bob.id}", "unfollow"),
        }[verb.removeprefix("un")]
        self.request("POST", f"{of}/{undone if verb != undone else verb.removeprefix('un')}")
        return lambda: self.request("POST", f"{of}/{verb}")

    def request(self, method: str, path: str, json: object = None, key: str = "") -> Answer:
        return self.api.request(method, path, self.ada, json=json, headers={"idempotency-key": key} if key else {})

    def counts(self) -> tuple[int, int, int, int]:
        """Return the numbers of Ada's messages, of what was done with Bob's message, and of Bob's followers.

        With Bob's message: replies, and favourites or boosts.
        """
        self.api.deliver()
        status = self.api.get(f"/api/v1/statuses/{self.status['id']}").json
        written = self.api.read(f"/api/v1/accounts/{self.ada.id}/statuses", limit=40)
        followers = self.api.get(f"/api/v1/accounts/{self.bob.id}").json["followers_count"]
        return len(written), status["replies_count"], status["favourites_count"] + status["reblogs_count"], followers


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("post", lambda times: (times, 0, 0, 0)),
        ("reply", lambda times: (times, times, 0, 0)),
        ("delete", lambda _: (0, 0, 0, 0)),
        ("favourite", lambda _: (0, 0, 1, 0)),
        ("unfavourite", lambda _: (0, 0, 0, 0)),
        ("reblog", lambda _: (1, 0, 1, 0)),
        ("unreblog", lambda _: (0, 0, 0, 0)),
        ("follow", lambda _: (0, 0, 0, 1)),
        ("unfollow", lambda _: (0, 0, 0, 0)),
    ],
)
def test_a_request_killed_after_any_call_and_repeated_has_been_done_once(
    api: Api, faults: Faults, verb: str, expected: Callable[[int], tuple[int, ...]]
) -> None:
    scene = Scene(api)
    for number in count():
        attempt = scene.begin(verb)
        faults.kill_after(number)
        try:
            answer = attempt()
        except Killed:
            answer = None
        faults.revive()
        cool_down()
        repeated = attempt()
        assert repeated.status in ({200, 404} if verb == "delete" else {200})
        assert scene.counts() == expected(number + 1)
        if answer is not None:
            break
    assert number > 2
