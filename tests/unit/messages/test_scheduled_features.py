"""Polls and quotes in scheduled messages: everything counts from the time at which the message is due."""

from datetime import UTC, datetime
from typing import Any

from fstream_app.repository import messages
from tests.support.people import Api, Person, stored

PATH = "/api/v1/scheduled_statuses"
POLL = {"options": ["a", "b"], "expires_in": 600, "multiple": True, "hide_totals": True}


def iso(api: Api, ahead: float) -> str:
    return datetime.fromtimestamp(api.clock.now / 1000 + ahead, UTC).isoformat()


def move(api: Api, by: Person, made: dict[str, Any], ahead: float) -> dict[str, Any]:
    found: dict[str, Any] = api.request("PUT", f"{PATH}/{made['id']}", by, json={"scheduled_at": iso(api, ahead)}).json
    return found


def posted(api: Api, of: Person) -> dict[str, Any]:
    """Return the newest message on a profile."""
    found: dict[str, Any] = api.get(f"/api/v1/accounts/{of.id}/statuses").json[0]
    return found


def ended(api: Api, of: Person) -> list[str]:
    return [each["created_at"] for each in api.get("/api/v1/notifications", of, **{"types[]": "poll"}).json]


def test_a_poll_ends_relative_to_the_time_for_which_it_is_scheduled(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    made = api.post(ada, "which?", poll=POLL, scheduled_at=iso(api, 3600))
    assert made["params"]["poll"] == POLL
    api.deliver()
    for ahead in (7200, 1800):
        made = move(api, ada, made, ahead)
        assert made["params"]["poll"] == POLL
        api.deliver()
    (message,) = messages.waiting_of(ada.id, api.clock.now)
    answer = api.request("POST", f"/api/v1/polls/{message.id}/votes", bob, json={"choices": [0]})
    assert (answer.status, api.get(f"/api/v1/polls/{message.id}", ada).status) == (404, 404)
    api.clock.advance(1800)
    status = posted(api, ada)
    ends_at = datetime.fromisoformat(status["poll"]["expires_at"])
    assert (ends_at - datetime.fromisoformat(status["created_at"])).total_seconds() == 600
    assert api.request("POST", f"/api/v1/polls/{status['id']}/votes", bob, json={"choices": [0, 1]}).status == 200
    api.deliver()
    assert ended(api, ada) == ended(api, bob) == []
    api.clock.advance(602)
    assert ended(api, ada) == ended(api, bob) == [status["poll"]["expires_at"]]


def test_nothing_of_a_poll_is_left_of_a_cancelled_message(api: Api) -> None:
    ada = api.sign_up("ada")
    made = api.post(ada, "which?", poll=POLL, scheduled_at=iso(api, 3600))
    api.deliver()
    assert len(stored()["NotificationItem"]) == 1
    api.request("DELETE", f"{PATH}/{made['id']}", ada)
    assert (stored()["NotificationItem"], stored()["MessageItem"]) == ([], [])
    api.deliver()
    api.clock.advance(5000)
    assert ended(api, ada) == []


def test_a_scheduled_quote_is_shown_and_counted_from_its_time_on(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    original = api.post(ada, "original")
    made = api.post(
        bob, "look", quoted_status_id=original["id"], quote_approval_policy="followers", scheduled_at=iso(api, 3600)
    )
    assert made["params"]["quoted_status_id"] == original["id"]
    assert made["params"]["quote_approval_policy"] == "followers"
    api.deliver()
    made = move(api, bob, made, 1800)
    api.deliver()

    def seen() -> tuple[int, int, int]:
        count = api.get(f"/api/v1/statuses/{original['id']}", ada).json["quotes_count"]
        listed = api.get(f"/api/v1/statuses/{original['id']}/quotes", ada).json
        return count, len(listed), len(api.get("/api/v1/notifications", ada, **{"types[]": "quote"}).json)

    assert seen() == (0, 0, 0)
    api.clock.advance(1802)
    assert seen() == (1, 1, 1)
    shown = posted(api, bob)["quote"]
    assert (shown["state"], shown["quoted_status"]["id"]) == ("accepted", original["id"])
    api.delete(ada, original)
    assert posted(api, bob)["quote"]["state"] == "deleted"
