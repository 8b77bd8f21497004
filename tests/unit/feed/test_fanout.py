"""Fan-out: the log and the heads, which home timelines wait for."""

from typing import Any

import pytest

from chalicelib.events import fan_out
from fstream_app.core import database
from fstream_app.repository import heads
from ops.meter import metered
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
