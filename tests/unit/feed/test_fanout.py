"""Fan-out: the log and the heads, which home timelines wait for."""

from typing import Any

import pytest

from chalicelib.events import fan_out
from fstream_app.core import database
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout, views
from fstream_app.people import profiles
from fstream_app.repository import heads
from ops.meter import metered
from tests.support.delivery import changes_of
from tests.support.people import Api
from tests.support.records import posted, run


def test_a_message_that_a_replica_lacks_is_delivered(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "new")
    connection = database.connection()
    dispatch = connection.dispatch

    def lagging(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        asked = request.get("RequestItems", {}).values()
        if operation == "BatchGetItem" and not any(each["ConsistentRead"] for each in asked):
            return {"Responses": {}}
        return dispatch(operation, request)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "dispatch", lagging)
        assert run(fan_out, posted(status)) == []
    heads.delete(ada.id)
    api.clock.advance(2)
    assert api.home(ada) == [status["id"]]


@pytest.mark.parametrize("hashtags", [0, 20])
def test_hashtags_and_mentions_cost_the_fan_out_no_call(api: Api, hashtags: int) -> None:
    people = [api.sign_up(f"person{number}") for number in range(5)]
    text = " ".join(["hello", *(f"#new{number}" for number in range(hashtags)), *(f"@{each.name}" for each in people)])
    records = [posted(api.post(people[0], text if hashtags else "hello"), sequence=str(number)) for number in range(10)]
    with metered() as cost:
        assert run(fan_out, *records) == []
    assert len(cost.calls) == 4  # the messages, the log, the author's newest, the head


@pytest.mark.parametrize("hours", [-400, -1, 1, 25, 400])
def test_functions_whose_clock_is_wrong_lose_nothing_that_is_live(api: Api, hours: int) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    first = api.post(ada, "#tea @bob")
    api.clock.advance(0.1)
    second = api.post(ada, "#tea @bob")
    api.deliver()
    last = api.post(ada, "#tea @bob")
    changes = changes_of([MessageId.parse(last["id"])])
    wrong = api.clock.now + 3_600_000 * hours
    assert fanout.deliver(changes, wrong) == views.deliver(changes, wrong) == set()
    assert len(heads.get(ada.id)) == 3 * 12
    api.clock.advance(40)  # if the log has the message at a time that no reader looks at, the head has it
    everything = [status["id"] for status in (last, second, first)]
    assert api.read("/api/v1/timelines/public") == api.read("/api/v1/timelines/tag/tea") == everything
    mentions = api.get("/api/v1/notifications", bob).json
    assert [each["status"]["id"] for each in mentions if each["type"] == "mention"] == everything


def test_a_clock_that_jumps_ahead_and_back_on_every_function_hides_nothing(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    status = api.post(ada, "first")
    api.deliver()
    right = api.clock.now
    api.clock.advance(30 * 3600)
    assert api.home(bob) == []
    fanout.rebuild_head(ada.id)
    api.clock.now = right
    assert api.home(bob) == [status["id"]]


def test_a_profile_cached_by_a_clock_that_was_ahead_is_read_again(api: Api) -> None:
    ada = api.sign_up("ada")
    api.clock.advance(3600)
    profiles.get_many([ada.id])
    assert profiles.known([ada.id])
    api.clock.advance(-3600)
    assert not profiles.known([ada.id])
