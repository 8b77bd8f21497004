"""Threads that end together: no reply outlives the first message."""

from datetime import datetime
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.messages import posting, threads
from fstream_app.messages.posting import Draft
from fstream_app.people import users
from fstream_app.repository import messages, replies
from ops.meter import metered
from tests.support.clock import Clock
from tests.support.people import PASSWORD, Answer, Api, Person

STATUSES, UPDATE = "/api/v1/statuses", "/api/v1/accounts/update_credentials"
DAY = 86_400
REFUSED = "Only its first message can make a thread end together. Leave thread_ends_together out of this reply."


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def begin(api: Api, by: Person, lifetime: int = 3600, **fields: object) -> dict[str, Any]:
    """Post the first message of a thread that ends together."""
    status = api.post(by, "first", thread_ends_together=True, expires_in=lifetime, **fields)
    assert status["pleroma"]["thread_ends_together"] is True
    return status


def reply(api: Api, by: Person, to: dict[str, Any], **fields: object) -> dict[str, Any]:
    return api.post(by, "re", in_reply_to_id=to["id"], **fields)


def end(status: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(status["pleroma"]["expires_at"])


def default(api: Api, by: Person, value: object) -> bool:
    answer = api.request("PATCH", UPDATE, by, json={"source": {"thread_ends_together": value}})
    assert answer.status == 200, answer.json
    return bool(answer.json["source"]["thread_ends_together"])


def test_replies_end_in_the_millisecond_in_which_the_first_message_ends(api: Api, ada: Person, bob: Person) -> None:
    first = begin(api, ada)
    api.clock.advance(1.234)
    above, posted = first, [first]
    for by, fields in (
        (bob, {}),
        (ada, {"expires_in": 604_800}),
        (bob, {"visibility": "direct"}),
        (ada, {"visibility": "direct", "expires_in": DAY}),
        (bob, {"visibility": "private"}),
    ):
        posted.append(above := reply(api, by, above, **fields))
        api.clock.advance(0.7)
    posted.append(api.post(bob, "re #1w", in_reply_to_id=first["id"]))
    assert {end(each) for each in posted} == {end(first)}
    assert all(each["pleroma"]["thread_ends_together"] for each in posted)
    shown = [api.get(f"{STATUSES}/{each['id']}", bob).json for each in posted]
    assert [each["pleroma"] for each in shown] == [each["pleroma"] for each in posted]
    api.clock.advance((end(first) - datetime.fromisoformat(posted[-1]["created_at"])).total_seconds() - 0.001)
    assert {api.get(f"{STATUSES}/{each['id']}", bob).status for each in posted} == {200}
    api.clock.advance(0.001)
    assert {api.get(f"{STATUSES}/{each['id']}", bob).status for each in posted} == {404}
    assert api.home(bob) == api.home(ada) == []


def test_a_shorter_lifetime_stays(api: Api, ada: Person, bob: Person) -> None:
    first = begin(api, ada)
    brief = reply(api, bob, first, expires_in=60)
    assert (end(brief) - datetime.fromisoformat(brief["created_at"])).total_seconds() == 60
    below = reply(api, ada, brief, expires_in=7200)
    assert end(below) == end(first)
    assert (
        api.post(bob, "re #90s", in_reply_to_id=below["id"])["pleroma"]["expires_at"] < below["pleroma"]["expires_at"]
    )


@pytest.mark.parametrize("left", [0.001, 0.4, 1, 1.001, 59])
def test_a_reply_is_not_refused_because_little_time_is_left(api: Api, ada: Person, bob: Person, left: float) -> None:
    first = begin(api, ada)
    api.clock.advance(3600 - left)
    answer = reply(api, bob, first)
    assert end(answer) == end(first)
    assert end(reply(api, ada, answer, visibility="direct")) == end(first)
    assert api.get(f"/@bob/{answer['id']}").status == 200
    assert (
        api.request("POST", STATUSES, bob, json={"status": "x", "in_reply_to_id": first["id"], "expires_in": 59}).status
        == 422
    )
    assert reply(api, ada, answer, expires_in=60)["pleroma"] == first["pleroma"]


def test_other_threads_do_not_end_together(api: Api, ada: Person, bob: Person) -> None:
    first = api.post(ada, "first", expires_in=60)
    answer = reply(api, bob, first)
    assert [each["pleroma"]["thread_ends_together"] for each in (first, answer)] == [False, False]
    assert end(answer) > end(first)


def test_an_account_has_a_default_which_a_first_message_overrides(api: Api, ada: Person, bob: Person) -> None:
    assert default(api, ada, "1") is True
    first, other = api.post(ada, "first"), api.post(ada, "other", thread_ends_together=False, expires_in=60)
    assert [each["pleroma"]["thread_ends_together"] for each in (first, other)] == [True, False]
    assert end(reply(api, bob, first, expires_in=604_800)) == end(first)
    # It is the default of new threads: it does not change other people's.
    assert end(reply(api, ada, api.post(bob, "first", expires_in=60))) > end(other)
    assert end(reply(api, ada, other)) > end(other)
    assert default(api, ada, False) is False
    assert api.post(ada, "x")["pleroma"]["thread_ends_together"] is False


def test_a_reply_cannot_decide_for_its_thread(api: Api, ada: Person, bob: Person) -> None:
    first, ending = api.post(ada, "first"), begin(api, ada)

    def answer(to: dict[str, Any], value: object) -> Answer:
        sent = {"status": "re", "in_reply_to_id": to["id"], "thread_ends_together": value}
        return api.request("POST", STATUSES, bob, json=sent)

    refused = answer(first, True)
    assert (refused.status, refused.error) == (422, REFUSED)
    for to, value in ((first, False), (first, None), (ending, True), (ending, False)):
        status = answer(to, value).json
        assert status["pleroma"]["thread_ends_together"] == (to is ending)
        assert (end(status) == end(ending)) == (to is ending)


def test_counts_and_threads_are_those_of_any_thread_until_all_is_gone(
    api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "MAX_BRIEF_REPLIES", 2)  # of those that expire before what they answer
    first = begin(api, ada)
    for number in range(4):
        api.clock.advance(0.013)
        answer = reply(api, (ada, bob)[number % 2], first)
    brief = reply(api, bob, first, expires_in=60)
    below = reply(api, ada, answer)
    api.deliver()
    shown = api.get(f"{STATUSES}/{first['id']}/context", bob).json
    assert len(shown["descendants"]) == 6
    counts = [api.get(f"{STATUSES}/{each['id']}").json["replies_count"] for each in (first, answer, below)]
    assert counts == [5, 1, 0]
    api.delete(ada, below)
    api.deliver()
    assert api.get(f"{STATUSES}/{answer['id']}").json["replies_count"] == 0
    api.clock.now = MessageId.parse(brief["id"]).time + 60_000
    assert api.get(f"{STATUSES}/{first['id']}").json["replies_count"] == 4
    api.clock.now = MessageId.parse(first["id"]).time + 3_600_000 - 1
    assert api.get(f"{STATUSES}/{first['id']}").json["replies_count"] == 4
    assert api.get(f"{STATUSES}/{answer['id']}").json["in_reply_to_id"] == first["id"]


def test_replies_to_a_deleted_first_message_end_when_it_would_have(api: Api, ada: Person, bob: Person) -> None:
    first = begin(api, ada)
    answer = reply(api, bob, first)
    assert api.delete(ada, first).json["pleroma"] == first["pleroma"]
    shown = api.get(f"{STATUSES}/{answer['id']}").json
    assert (shown["in_reply_to_id"], shown["pleroma"]) == (None, first["pleroma"])
    below = reply(api, ada, answer, expires_in=604_800)
    assert end(below) == end(first)
    left = api.request("POST", "/api/pleroma/delete_account", bob, json={"password": PASSWORD})
    assert left.status == 200
    assert end(reply(api, ada, below, expires_in=604_800)) == end(first)


def test_a_retried_first_message_ends_its_thread_as_it_was_first_posted(
    api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = messages.put

    def fail_once(_: object) -> None:
        monkeypatch.setattr(messages, "put", put)
        raise TimeoutError

    def change(lifetime: int) -> None:
        source = {"expires_in": lifetime, "thread_ends_together": True}
        assert api.request("PATCH", UPDATE, ada, json={"source": source}).status == 200

    def post() -> Answer:
        return api.request("POST", STATUSES, ada, json={"status": "first"}, headers={"idempotency-key": "key"})

    change(3600)
    monkeypatch.setattr(messages, "put", fail_once)
    assert post().status >= 500
    change(7200)
    api.clock.advance(2.5)
    first = post().json
    assert (end(first) - datetime.fromisoformat(first["created_at"])).total_seconds() == 3600
    assert end(reply(api, bob, first, expires_in=DAY)) == end(first)
    assert post().json == first


def test_a_retried_reply_is_the_one_that_was_posted(api: Api, ada: Person, bob: Person) -> None:
    first = begin(api, ada)
    sent = {"status": "re", "in_reply_to_id": first["id"]}
    api.clock.advance(0.5)
    answers = []
    for _ in range(3):
        answers.append(api.request("POST", STATUSES, bob, json=sent, headers={"idempotency-key": "key"}).json)
        api.clock.advance(1.1)
    assert answers == [answers[0]] * 3
    assert end(answers[0]) == end(first)


def test_a_reply_costs_what_it_costs_in_any_thread(api: Api, ada: Person, bob: Person) -> None:
    asked = [api.post(ada, "first"), begin(api, ada)]
    reply(api, bob, asked[0])  # so that the profile is in memory
    costs = []
    for to in asked:
        with metered() as cost:
            reply(api, bob, to)
        costs.append((cost.read_units, cost.write_units, len(cost.calls)))
    assert costs[0] == costs[1]


def test_what_was_posted_before_threads_could_end_together_is_read_and_answered(
    api: Api, ada: Person, bob: Person
) -> None:
    first = api.post(ada, "first", expires_in=60)
    stored = messages.get(MessageId.parse(first["id"]))
    assert stored is not None
    item = messages.item(stored).serialize()
    assert "thread_lifetime" not in item
    assert end(reply(api, bob, first)) > end(first)


steps = st.lists(
    st.tuples(
        st.integers(0, 20),  # which message is answered
        st.sampled_from([None, 60, 90, 3600, 604_800]),
        st.sampled_from(["public", "private", "direct"]),
        st.sampled_from([0, 1, 0.999, 13.37, 60]),  # seconds until then
    ),
    min_size=1,
    max_size=8,
)


def test_no_reply_outlives_the_first_message_whatever_is_answered_and_when(api: Api, clock: Clock, ada: Person) -> None:
    author = users.get(ada.id)

    @hypothesis.settings(max_examples=10)
    @hypothesis.given(steps, st.sampled_from([60, 100, 3600]))
    def check(steps: list[tuple[int, int | None, str, float]], lifetime: int) -> None:
        first = posting.post(author, Draft("first", lifetime, ends_thread=True), clock.now)
        posted = [first]
        for which, wanted, visibility, pause in steps:
            clock.advance(pause)
            live = [each for each in posted if each.is_live(clock.now)]
            if not live:
                break
            to = live[which % len(live)]
            draft = Draft("re", wanted, visibility=Visibility[visibility.upper()], in_reply_to=str(to.id))
            posted.append(posting.post(author, draft, clock.now))
            limit = first.expires_at - posted[-1].id.time
            inherited = max(60, to.lifetime) if visibility == "direct" else DAY
            assert posted[-1].expires_at - posted[-1].id.time == min(limit, 1000 * (wanted or inherited))
        assert {each.thread_ends_at for each in posted} == {first.expires_at}
        clock.now = first.expires_at - 1
        last = {each.id for each in posted if each.expires_at == first.expires_at}
        thread = threads.around(str(first.id), ada.id, clock.now)
        assert {first.id, *(each.id for each in thread.descendants.messages)} == last
        clock.advance(0.001)
        assert not any(each.is_live(clock.now) for each in messages.get_many([each.id for each in posted]).values())

    check()
