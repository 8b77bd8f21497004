"""Notifications that a poll has ended: they are put before, and nobody sees them, in any way, until it has ended."""

from typing import Any

import pytest

from fstream_app.core.ids import MessageId
from fstream_app.messages import endings
from fstream_app.repository import messages
from tests.support.people import SETTLED, Api, Person, stored

POLL = {"options": ["a", "b"], "expires_in": 300}
PATH = "/api/v1/notifications"


def shown(api: Api, by: Person, **query: Any) -> list[tuple[str, str]]:
    """Return the kinds of a user's notifications, and the messages that they are about."""
    return [(each["type"], each["status"]["id"]) for each in api.get(PATH, by, **query).json]


def scene(api: Api, **fields: Any) -> tuple[Person, Person, Person, dict[str, Any]]:
    """Return Ada, who has made a poll, Bob, who has voted like Dan, Cyd, who has not, and the poll's message."""
    ada, bob, cyd, dan = map(api.sign_up, ("ada", "bob", "cyd", "dan"))
    status = api.post(ada, "which?", poll=POLL, **fields)
    for voter in (bob, dan):
        answer = api.request("POST", f"/api/v1/polls/{status['id']}/votes", voter, json={"choices": [0]})
        assert answer.status == 200, answer.json
    api.deliver()
    return ada, bob, cyd, status


def ahead(status: dict[str, Any]) -> str:
    """Return the id of the notification, which nobody can know yet."""
    message = messages.get(MessageId.parse(status["id"]))
    assert message is not None
    due = endings.due(message)
    assert due is not None
    return str(endings.id_at(message, *due))


def test_the_author_and_all_voters_see_that_a_poll_has_ended_once_it_has_settled(api: Api) -> None:
    ada, bob, cyd, status = scene(api)
    hidden = ahead(status)
    api.clock.advance(300 - SETTLED - 0.001)
    for settled in (0, SETTLED):
        for by in (ada, bob):
            assert shown(api, by) == []
            assert api.get(f"{PATH}/unread_count", by).json == {"count": 0}
            assert api.get(f"{PATH}/{hidden}", by).status == 404
            assert api.request("POST", f"{PATH}/{hidden}/dismiss", by).status == 404
            assert api.request("POST", f"{PATH}/clear", by).status == 200
        api.clock.advance(settled)
    api.clock.advance(0.001)
    for by in (ada, bob):
        (notification,) = api.get(PATH, by, **{"types[]": "poll"}).json
        assert (notification["type"], notification["id"]) == ("poll", hidden)
        assert (notification["account"]["id"], notification["status"]["id"]) == (ada.id, status["id"])
        assert notification["status"]["poll"]["expired"] is True
        assert notification["created_at"] == status["poll"]["expires_at"]
        assert api.get(f"{PATH}/{hidden}", by).status == 200
        assert api.get(f"{PATH}/unread_count", by).json == {"count": 1}
    assert (shown(api, cyd), len(stored()["NotificationItem"])) == ([], 5)  # two of them say what is cleared
    assert api.request("POST", f"{PATH}/{hidden}/dismiss", bob).status == 200
    assert (shown(api, bob), len(shown(api, ada))) == ([], 1)


@pytest.mark.parametrize("how", ["deleted", "muted", "conversation", "blocked"])
def test_the_end_of_a_poll_is_shown_only_while_its_voter_may_see_it(api: Api, how: str) -> None:
    ada, bob, _, status = scene(api)
    match how:
        case "deleted":
            api.delete(ada, status)
        case "conversation":
            api.request("POST", f"/api/v1/statuses/{status['id']}/mute", bob)
        case "muted":
            api.act(bob, "mute", ada)
        case _:
            api.act(ada, "block", bob)
    api.clock.advance(400)
    assert shown(api, bob) == []


def test_a_poll_that_ends_with_its_message_notifies_nobody(api: Api) -> None:
    scene(api, expires_in=300)
    assert stored()["NotificationItem"] == []


@pytest.mark.parametrize("delay", [299, 301, 400])
def test_the_end_of_a_poll_is_notified_once_however_late_delivery_is(api: Api, delay: int) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "which?", poll=POLL)
    api.request("POST", f"/api/v1/polls/{status['id']}/votes", bob, json={"choices": [0]})
    api.clock.advance(delay)
    seen = api.get(PATH, bob).json
    for _ in range(2):
        api.deliver()
        api.clock.advance(2)
        assert [shown(api, by) for by in (ada, bob)] == [[("poll", status["id"])]] * 2
    assert seen == []
    assert len(stored()["NotificationItem"]) == 2
