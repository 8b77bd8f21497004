"""Scheduled messages: nobody sees them before they are due, and then everybody does, once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from fstream_app.core import packing
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.messages import posting, scheduling
from fstream_app.messages.posting import Draft
from fstream_app.moderation import suspension
from fstream_app.people import users
from fstream_app.repository import messages
from tests.support import ends
from tests.support.delivery import changes_of, deliver
from tests.support.engines import cool_down
from tests.support.people import PASSWORD, SETTLED, Answer, Api, Person, stored
from tests.support.racing import Races, one_way
from tests.support.walks import LETTERS, Walk, add_filter, routes

PATH = "/api/v1/scheduled_statuses"
HOUR = 3600.0


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api, ada: Person) -> Person:
    made = api.sign_up("bob")
    api.act(made, "follow", ada)
    return made


def iso(api: Api, ahead: float) -> str:
    """Return the time that is so many seconds ahead, as clients send it."""
    return datetime.fromtimestamp(api.clock.now / 1000 + ahead, UTC).isoformat()


def schedule(api: Api, by: Person, text: str, ahead: float = HOUR, **fields: Any) -> dict[str, Any]:
    made = api.post(by, text, scheduled_at=iso(api, ahead), **fields)
    assert made.keys() == {"id", "scheduled_at", "params", "media_attachments"}
    return made


def put(api: Api, by: Person, made: dict[str, Any], ahead: float) -> Answer:
    return api.request("PUT", f"{PATH}/{made['id']}", by, json={"scheduled_at": iso(api, ahead)})


def waiting(api: Api, whose: Person) -> list[Message]:
    return messages.waiting_of(whose.id, api.clock.now)


def texts(api: Api, path: str, by: Person | None) -> list[str]:
    return [each["content"].removeprefix("<p>")[:5] for each in api.get(f"/api/v1/{path}", by).json]


def test_no_route_shows_anybody_a_scheduled_message_before_it_is_due(api: Api, ada: Person, bob: Person) -> None:
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"display_name": "name of ada"})
    asked = api.post(bob, "what do you think, @ada?")
    fields: dict[str, dict[str, Any]] = {
        "p": {},
        "u": {"visibility": "unlisted"},
        "f": {"visibility": "private"},
        "d": {"visibility": "direct"},
        "r": {"in_reply_to_id": asked["id"]},
    }
    made = {each: schedule(api, ada, f"words of {each} #walk @bob", **fields[each]) for each in LETTERS}
    api.deliver()
    ids = {letter: str(message.id) for letter, message in zip(LETTERS, waiting(api, ada), strict=True)}
    by_text = {message.text[9]: str(message.id) for message in waiting(api, ada)}
    ids |= by_text | {"ada": ada.id, "host": bob.id, "list": "going-soon"}
    ids |= {f"{kind}_{letter}": asked["id"] for kind in ("to", "boost") for letter in LETTERS}
    ids |= add_filter(api, bob, "name of ada", asked["id"])
    walk = Walk(api, ids, {})
    api.clock.advance(HOUR - SETTLED - 0.001)
    for route, reads_a_token in routes().items():
        for role, reader in (("author", ada), ("follower", bob), ("anonymous", None)):
            if reader is None or reads_a_token:
                found = set(walk.shown(route, role, reader)) & {*LETTERS, "n"}
                found -= {"n"} if route.endswith("/unread_count") else set()
                allowed = set(LETTERS) if reader is ada and route in {PATH, "/api/v1/export"} else set()
                assert found == allowed, (route, role)
    assert api.get(f"/api/v1/accounts/{ada.id}").json["statuses_count"] == 0
    assert api.get(f"/api/v1/statuses/{asked['id']}", bob).json["replies_count"] == 0
    assert api.get("/api/v1/notifications/unread_count", bob).json == {"count": 0}
    for verb in ("favourite", "bookmark", "pin"):
        assert api.request("POST", f"/api/v1/statuses/{ids['p']}/{verb}", ada).status == 404
    assert api.request("DELETE", f"/api/v1/statuses/{ids['p']}", ada).status == 404
    assert api.get(f"{PATH}/{made['p']['id']}", bob).status == 404
    api.clock.advance(0.001)
    assert set(api.home(ada)) == set(by_text.values())  # her own, at once
    assert api.home(bob) == [asked["id"]]
    assert api.get(PATH, ada).json == []
    api.clock.advance(SETTLED)
    assert api.get(f"/api/v1/statuses/{by_text['p']}", bob).json["created_at"] == made["p"]["scheduled_at"]
    _everybody_sees(api, ada, bob, by_text, asked)


def _everybody_sees(api: Api, ada: Person, bob: Person, by_text: dict[str, str], asked: dict[str, Any]) -> None:
    """Check that each read shows the messages, which are those that have just become due."""
    assert set(api.home(bob)) == {*by_text.values(), asked["id"]}
    assert set(api.read("/api/v1/timelines/public")) == {by_text["p"], asked["id"]}
    assert set(api.read("/api/v1/timelines/tag/walk")) == {by_text["p"], by_text["r"]}
    assert len(api.read(f"/api/v1/accounts/{ada.id}/statuses", bob)) == 5
    assert api.get(f"/api/v1/accounts/{ada.id}").json["statuses_count"] == 4
    assert api.get(f"/api/v1/statuses/{asked['id']}", bob).json["replies_count"] == 1
    mentions = [each["status"]["id"] for each in api.get("/api/v1/notifications", bob).json if "status" in each]
    assert sorted(mentions) == sorted(by_text.values())
    thread = api.get(f"/api/v1/statuses/{asked['id']}/context").json
    assert [each["id"] for each in thread["descendants"]] == [by_text["r"]]
    api.clock.advance(24 * HOUR - SETTLED - 0.001)
    assert by_text["p"] in api.home(bob)
    api.clock.advance(0.001)
    assert by_text["p"] not in api.home(bob)


@pytest.mark.parametrize(("state", "days"), [("warm", 0.5), ("cold", 30), ("full", 0.5), ("heads", 7)])
def test_it_appears_once_when_it_is_due(
    api: Api, ada: Person, bob: Person, configure: Callable[..., None], state: str, days: float
) -> None:
    if state == "full":
        configure(tail_entries=100)
    made = schedule(api, ada, "later", days * 24 * HOUR)
    other = schedule(api, bob, "others", days * 24 * HOUR)
    assert [made["params"]["text"], other["params"]["text"]] == ["later", "others"]
    api.deliver()
    api.clock.advance(days * 24 * HOUR - 120)
    many = [MessageId.new(bob.id, api.clock.advance(0.1)) for _ in range(130 if state == "full" else 1)]
    for each in many:
        messages.put(Message(each, "before", 86400))
    deliver(changes_of(many), api.clock.now)
    api.deliver()
    if state == "warm":
        assert "<p>later" not in str(texts(api, "timelines/home", bob))
    newest = api.home(bob)[0]
    due = messages.waiting_of(ada.id, api.clock.now)[0].id
    deliver(changes_of([due]), api.clock.now)  # once more
    api.clock.advance((due.time - api.clock.now) / 1000 - 1)
    seen: list[str] = []
    for _ in range(6):  # a client that polls
        if state in {"cold", "heads"}:
            cool_down()
        if state == "heads":
            api._pump.drain()
        page = api.home(bob, since_id=newest)
        seen, newest = page + seen, page[0] if page else newest
        api.post(ada, "meanwhile")
        api._pump.drain()
        api.clock.advance(0.5)
    assert seen.count(str(due)) == 1
    api.clock.advance(3 * HOUR)
    api.post(bob, "much later")
    api.deliver()
    cool_down()
    assert api.home(bob, limit=40).count(str(due)) == 1


def test_a_late_fan_out_delivers_it_like_any_other_message(api: Api, ada: Person, bob: Person) -> None:
    schedule(api, ada, "later @bob #walk", 400)
    (message,) = waiting(api, ada)
    api.clock.advance(403)
    api._pump.drain()
    api._pump.drain()
    api.clock.advance(30)
    assert api.home(bob) == api.read("/api/v1/timelines/tag/walk") == [str(message.id)]
    assert [each["type"] for each in api.get("/api/v1/notifications", bob).json].count("mention") == 1


def test_scheduled_messages_push_none_out_of_the_head(api: Api, ada: Person, bob: Person) -> None:
    author = users.get(ada.id)
    for number in range(scheduling.MAX_WAITING):
        scheduling.post(author, Draft("later"), api.clock.now + 3_600_000 + number, api.clock.now)
    refused = api.request("POST", "/api/v1/statuses", ada, json={"status": "one", "scheduled_at": iso(api, HOUR)})
    assert (refused.status, refused.error) == (422, "You can't schedule more than 40 messages at a time")
    draft, count = Draft("now", lifetime=7 * 86400), packing.HEAD_CAPACITY // 2 + 2
    now = [str(posting.post(author, draft, api.clock.advance(1)).id) for _ in range(count)]
    api.deliver()
    assert api.get(f"/api/v1/accounts/{ada.id}").json["statuses_count"] == 42
    for count in (42, 82):
        cool_down()
        shown: list[str] = []
        while page := api.home(bob, limit=40, **({"max_id": shown[-1]} if shown else {})):
            shown += page
        assert len(shown) == count
        assert set(now) <= set(shown)
        api.clock.advance(5 * HOUR)  # nothing is delivered again


def test_times_are_taken_as_clients_send_them(api: Api, ada: Person) -> None:
    for text in ("banana", "2040-13-01", "12:00", "2040-01-01T25:00:00Z", "1e9", " "):
        answer = api.request("POST", "/api/v1/statuses", ada, form={"status": "x", "scheduled_at": text})
        assert (answer.status, answer.error) == (422, "Record invalid"), text
    same = (
        "2040-01-01T02:00:00.000Z",
        "2040-01-01T02:00:00+00:00",
        "2040-01-01t04:00:00.000000+02:00",
        "2040-01-01T02:00:00",
        "2040-01-01 02:00:00",
        "2040-01-01 02:00:00 +0000",
        "20400101T020000Z",
        "2040-01-01T02:00:00 00:00",
    )
    for text in same:
        made = api.request("POST", "/api/v1/statuses", ada, form={"status": "x", "scheduled_at": text})
        assert made.json["scheduled_at"] == "2040-01-01T02:00:00.000Z", text
    for text in ("", iso(api, -5), iso(api, 299.999)):
        assert "content" in api.post(ada, "at once", scheduled_at=text)
    assert "params" in api.post(ada, "later", scheduled_at=iso(api, 300))
    assert "params" in api.post(ada, "later", scheduled_at=iso(api, 90 * 86400))
    far = api.request("POST", "/api/v1/statuses", ada, json={"status": "x", "scheduled_at": iso(api, 90 * 86400 + 1)})
    assert (far.status, far.error) == (422, "A message can be scheduled for at most 90 days ahead")


def test_the_list_is_paged_and_shows_what_was_sent(api: Api, ada: Person, bob: Person) -> None:
    asked = api.post(bob, "what?", thread_ends_together=True, expires_in=7200)
    made = [schedule(api, ada, f"text {number} #5m", HOUR * (5 - number)) for number in range(5)]
    reply = schedule(api, ada, "later", in_reply_to_id=asked["id"], spoiler_text="cw", visibility="private")
    assert reply["params"] == {
        "text": "later",
        "poll": None,
        "media_ids": None,
        "sensitive": True,
        "spoiler_text": "cw",
        "visibility": "private",
        "in_reply_to_id": asked["id"],
        "language": None,
        "quoted_status_id": None,
        "quote_approval_policy": "nobody",
        "expires_in": 3600,
        "application_id": None,
        "scheduled_at": None,
        "idempotency": None,
        "with_rate_limit": False,
    }
    assert [made[0]["params"]["text"], made[0]["params"]["expires_in"]] == ["text 0", 300]
    answer = api.request(
        "POST",
        "/api/v1/statuses",
        ada,
        json={"status": "x", "in_reply_to_id": asked["id"], "scheduled_at": iso(api, 7200)},
    )
    assert (answer.status, answer.error) == (422, "The thread ends before this time")
    everything = sorted((each["id"] for each in [*made, reply]), reverse=True)
    _pages_and_refusals(api, ada, bob, made, everything)


def _pages_and_refusals(api: Api, ada: Person, bob: Person, made: list[dict[str, Any]], everything: list[str]) -> None:
    page = api.get(PATH, ada, limit=4)
    older = api.follow_link(page.link("next") or "", ada)
    assert [each["id"] for each in page.json + older.json] == everything
    assert older.link("next") is None
    newer = api.follow_link(older.link("prev") or "", ada)
    assert [each["id"] for each in newer.json] == everything[:4]
    assert api.get(PATH, bob).json == []
    assert api.get(f"{PATH}/{made[0]['id']}", ada).json == made[0]
    assert api.request("PUT", f"{PATH}/{made[0]['id']}", ada, json={}).json == made[0]
    soon = put(api, ada, made[0], 299)
    assert soon.error == "Validation failed: Scheduled at The scheduled date must be in the future"
    assert put(api, ada, made[0], 91 * 86400).status == 422
    assert put(api, bob, made[0], HOUR).status == 404
    assert api.request("DELETE", f"{PATH}/{made[0]['id']}", bob).status == 404
    assert api.request("DELETE", f"{PATH}/{made[0]['id']}", ada).json == {}
    assert api.request("DELETE", f"{PATH}/{made[0]['id']}", ada).status == 404


def test_moving_and_cancelling_leave_no_trace(api: Api, ada: Person, bob: Person) -> None:
    asked = api.post(bob, "what?")
    api.deliver()
    before = stored()
    key = {"Idempotency-Key": "key"}
    fields = {"status": "later @bob #walk", "in_reply_to_id": asked["id"], "scheduled_at": iso(api, HOUR)}
    for deliver_first in (False, True):
        made = api.request("POST", "/api/v1/statuses", ada, json=fields, headers=key).json
        assert api.request("POST", "/api/v1/statuses", ada, json=fields, headers=key).json == made
        if deliver_first:
            api.deliver()
        moved = put(api, ada, made, 2 * HOUR).json
        assert moved["id"] == made["id"]
        assert moved["scheduled_at"] > made["scheduled_at"]
        assert api.request("POST", "/api/v1/statuses", ada, json=fields, headers=key).json == moved
        assert [each["id"] for each in api.get(PATH, ada).json] == [made["id"]]
        if deliver_first:
            api.deliver()
        assert api.request("DELETE", f"{PATH}/{made['id']}", ada).status == 200
        api.deliver()
        after = stored()
        left = {name for name in after if after[name] != before[name]}
        assert left <= {"LimitItem", "HeadItem", "MessageItem", "LogItem", "TimelineItem"}
        assert not [item for name in ("MessageItem", "HeadItem") for item in after[name] if ada.id in item]
        assert not [item for item in after["TimelineItem"] if ada.id in item]
        assert not [item for item in after["NotificationItem"] if "mention" in item and ada.id in item]
        fields["status"] += "!"
        key = {"Idempotency-Key": "another"}


def test_moving_at_the_last_moment_posts_it_once(api: Api, ada: Person, races: Races) -> None:
    made = schedule(api, ada, "later", 400)
    api.deliver()
    api.clock.advance(400 - SETTLED - 10)
    assert put(api, ada, made, 600).status == 200
    api.clock.advance(600 - 9.999)
    assert put(api, ada, made, 600).status == 422
    api.clock.advance(9.999)
    assert put(api, ada, made, 600).status == 404
    assert len(api.home(ada)) == 1
    made = schedule(api, ada, "second", 400)
    for run in one_way(races.between(lambda: put(api, ada, made, 500), lambda: put(api, ada, made, 700))):
        assert (run.result.status, run.event.status) == (200, 200), run  # type: ignore[attr-defined]
        assert len(waiting(api, ada)) == 1
    for run in one_way(
        races.between(lambda: put(api, ada, made, 500), lambda: api.request("DELETE", f"{PATH}/{made['id']}", ada))
    ):
        assert len(waiting(api, ada)) == (run.event.status != 200), run  # type: ignore[attr-defined]


def test_what_ends_messages_ends_scheduled_ones(api: Api, ada: Person, bob: Person) -> None:
    made = schedule(api, ada, "later @bob #walk")
    api.deliver()
    ends.ENDS["suspended"](api, ada, {})
    assert waiting(api, ada)[0].hidden
    suspension.lift("ada", api.clock.now)
    assert not waiting(api, ada)[0].hidden
    assert api.request("POST", "/api/v1/statuses/delete_all", ada, json={"password": PASSWORD}).status == 200
    assert api.get(f"{PATH}/{made['id']}", ada).status == 404
    posted = api.post(ada, "after")
    assert posted["created_at"][:16] == iso(api, 0)[:16]
    schedule(api, ada, "later again @bob #walk")
    assert len(waiting(api, ada)) == 1
    api.deliver()
    assert len(waiting(api, ada)) == 1
    ends.ENDS["left"](api, ada, {})
    assert not waiting(api, ada)
    assert not [item for item in stored()["LogItem"] + stored()["TimelineItem"] if "walk" in item and ada.id in item]


def test_blocks_and_follows_count_when_it_is_due(api: Api, ada: Person, bob: Person) -> None:
    cyd = api.sign_up("cyd")
    schedule(api, ada, "later @bob @cyd")
    api.deliver()
    api.act(bob, "block", ada)
    api.act(cyd, "follow", ada)
    api.clock.advance(HOUR)
    assert api.home(bob) == []
    assert [each["type"] for each in api.get("/api/v1/notifications", bob).json] == []
    assert len(api.home(cyd)) == 1
    assert [each["type"] for each in api.get("/api/v1/notifications", cyd).json] == ["mention"]
