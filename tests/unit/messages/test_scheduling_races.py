"""Scheduled messages: requests at the same time, interrupted and repeated ones, and what follows once they are due."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fstream_app.core.entities import Message
from fstream_app.messages import scheduling
from fstream_app.messages.posting import Draft
from fstream_app.moderation import suspension
from fstream_app.people import users
from fstream_app.repository import messages
from ops.meter import metered
from tests.support.engines import cool_down
from tests.support.people import Answer, Api, Person
from tests.support.racing import Races, one_way

PATH = "/api/v1/scheduled_statuses"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def iso(api: Api, ahead: float) -> str:
    return datetime.fromtimestamp(api.clock.now / 1000 + ahead, UTC).isoformat()


def schedule(api: Api, by: Person, text: str, ahead: float, key: str = "", **fields: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    sent = {"status": text, "scheduled_at": iso(api, ahead), **fields}
    return api.request("POST", "/api/v1/statuses", by, json=sent, headers=headers)


def waiting(api: Api, whose: Person) -> list[Message]:
    return messages.waiting_of(whose.id, api.clock.now)


def test_a_message_that_is_moved_meanwhile_is_cancelled_all_the_same(api: Api, ada: Person, races: Races) -> None:
    path = f"{PATH}/{schedule(api, ada, 'later', 400).json['id']}"

    def move() -> Answer:
        return api.request("PUT", path, ada, json={"scheduled_at": iso(api, 700)})

    moved = set()
    for run in one_way(races.between(lambda: api.request("DELETE", path, ada), move)):
        assert run.result.status == 200, run
        assert waiting(api, ada) == [], run
        moved.add(run.event.status)  # type: ignore[attr-defined]
    assert moved == {200, 404}


def test_requests_at_the_same_time_do_not_go_beyond_the_limit(api: Api, ada: Person, races: Races) -> None:
    author = users.get(ada.id)
    for number in range(scheduling.MAX_WAITING - 1):
        scheduling.post(author, Draft("later"), api.clock.now + 3_600_000 + number, api.clock.now)
    for run in one_way(
        races.between(lambda: schedule(api, ada, "a", 3600, "key"), lambda: schedule(api, ada, "b", 3600))
    ):
        statuses = {run.result.status, run.event.status}  # type: ignore[attr-defined]
        assert 422 in statuses, run
        assert len(waiting(api, ada)) == scheduling.MAX_WAITING - (statuses == {422}), run
        if run.result.status == 422:  # its Idempotency-Key is free again
            assert api.request("DELETE", f"{PATH}/{waiting(api, ada)[-1].scheduled}", ada).status == 200
            assert schedule(api, ada, "a", 3600, "key").json["params"]["text"] == "a"


def test_a_repeat_that_comes_too_late_to_schedule_does_not_show_the_message_early(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: Message) -> None:
        raise TimeoutError

    draft, now = Draft("later", idempotency_key="key"), api.clock.now
    with monkeypatch.context() as patch:
        patch.setattr(messages, "put", stop)
        with pytest.raises(TimeoutError):
            scheduling.post(users.get(ada.id), draft, now + 301_000, now)
    api.clock.advance(2)
    repeated = schedule(api, ada, "later", 299, "key").json
    (message,) = waiting(api, ada)
    assert repeated["id"] == str(message.scheduled)
    assert api.home(ada) == []
    assert api.get(f"/api/v1/statuses/{message.id}", ada).status == 404
    api.clock.advance(299)
    assert api.home(ada) == [str(message.id)]


def test_a_message_can_be_edited_once_it_is_due(api: Api, ada: Person) -> None:
    schedule(api, ada, "later #walk", 400)
    api.deliver()
    (message,) = waiting(api, ada)
    path = f"/api/v1/statuses/{message.id}"
    assert api.request("PUT", path, ada, json={"status": "early"}).status == 404
    api.clock.advance(400)
    assert api.request("PUT", path, ada, json={"status": "words #run"}).json["content"].startswith("<p>words")
    assert [api.read(f"/api/v1/timelines/tag/{name}") for name in ("walk", "run")] == [[], [str(message.id)]]
    suspension.suspend("ada", "spam", api.clock.now)
    suspension.lift("ada", api.clock.now)
    assert api.get(path).json["content"].startswith("<p>words")


def test_what_is_scheduled_costs_readers_of_quotes_and_timelines_nothing(api: Api, ada: Person) -> None:
    bob, cyd = api.sign_up("bob"), api.sign_up("cyd")
    quoted = api.post(ada, "quote me #walk", quote_approval_policy="public")
    quote = api.post(cyd, "a quote", quoted_status_id=quoted["id"])
    api.deliver()
    paths = [f"statuses/{quoted['id']}/quotes", f"statuses/{quoted['id']}/context", "timelines/tag/walk"]
    read: list[float] = []
    for number in (0, 20):
        for each in range(number):
            schedule(api, bob, "later #walk", 3600 + each, quoted_status_id=quoted["id"], in_reply_to_id=quoted["id"])
        api.deliver()
        assert api.read(f"/api/v1/{paths[0]}", ada) == [quote["id"]]
        for path in paths:
            cool_down()
            with metered() as cost:
                assert api.get(f"/api/v1/{path}", ada).status == 200
            read.append(cost.read_units)
    assert read[:3] == read[3:]
