"""Muted conversations: what no longer notifies, what shows them as muted, and how long they stay so."""

from typing import Any

import pytest

from fstream_app.messages import muting
from fstream_app.repository import conditional
from fstream_app.tables import EdgeItem
from tests.support.ends import leave
from tests.support.people import Api, Person

NOTIFICATIONS = "/api/v1/notifications"
WEEK = 7 * 86_400


def mute(api: Api, by: Person, status: dict[str, Any], verb: str = "mute") -> dict[str, Any]:
    answer = api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by)
    assert answer.status == 200, answer.json
    shown: dict[str, Any] = answer.json
    return shown


def kinds(api: Api, by: Person) -> list[str]:
    return [each["type"] for each in api.get(NOTIFICATIONS, by).json]


def speak(api: Api, bob: Person, first: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
    """Let Bob mention Ada and favourite and answer a message of hers, in one conversation."""
    api.post(bob, "@ada look", in_reply_to_id=first["id"], expires_in=WEEK)
    reply = api.post(bob, "yes", in_reply_to_id=mine["id"], expires_in=WEEK)
    assert api.request("POST", f"/api/v1/statuses/{mine['id']}/favourite", bob).status == 200
    api.deliver()
    assert api.request("POST", f"/api/v1/statuses/{mine['id']}/unfavourite", bob).status == 200
    api.request("POST", f"/api/v1/statuses/{mine['id']}/favourite", bob)
    api.deliver()
    return reply


@pytest.fixture
def thread(api: Api) -> tuple[Person, Person, dict[str, Any], dict[str, Any]]:
    """Ada, Bob of whose messages she is notified, his message and her reply."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob, notify=True)
    first = api.post(bob, "what do you think?", expires_in=WEEK)
    mine = api.post(ada, "hm", in_reply_to_id=first["id"], expires_in=WEEK)
    api.deliver()
    return ada, bob, first, mine


def test_nothing_in_a_muted_conversation_notifies_from_then_on_until_it_is_unmuted(
    api: Api, thread: tuple[Person, Person, dict[str, Any], dict[str, Any]]
) -> None:
    ada, bob, first, mine = thread
    before = kinds(api, ada)
    assert before == ["status"]
    api.clock.advance(1)
    assert mute(api, ada, mine)["muted"]
    reply = speak(api, bob, first, mine)
    api.post(bob, "and another thing", in_reply_to_id=first["id"])  # to himself: a message that she is notified of
    api.deliver()
    assert kinds(api, ada) == before
    assert api.get(f"{NOTIFICATIONS}/unread_count", ada).json == {"count": 1}
    assert reply["id"] in api.home(ada)
    api.post(bob, "@ada elsewhere")
    api.deliver()
    assert sorted(kinds(api, ada)) == ["mention", "status", "status"]
    assert not mute(api, ada, first, "unmute")["muted"]
    assert sorted(kinds(api, ada)) == ["mention", "status", "status"]  # what it missed does not come later
    api.post(bob, "@ada?", in_reply_to_id=first["id"])
    api.deliver()
    assert sorted(kinds(api, ada)) == ["mention", "mention", "status", "status", "status"]
    mute(api, ada, reply)  # as if it had never been unmuted
    assert sorted(kinds(api, ada)) == ["mention", "status", "status"]


def test_every_status_of_the_conversation_is_muted_in_every_list_of_this_reader(
    api: Api, thread: tuple[Person, Person, dict[str, Any], dict[str, Any]]
) -> None:
    ada, bob, first, mine = thread
    other = api.post(bob, "something else #tag")
    reply = api.post(bob, "#tag @ada", in_reply_to_id=mine["id"], expires_in=WEEK)
    for verb in ("favourite", "bookmark"):
        api.request("POST", f"/api/v1/statuses/{first['id']}/{verb}", ada)
    api.deliver()
    mute(api, ada, reply)
    assert api.post(ada, "me", in_reply_to_id=reply["id"])["muted"]
    api.deliver()
    paths = [
        *("/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/tag"),
        *(f"/api/v1/accounts/{each.id}/statuses" for each in (ada, bob)),
        *("/api/v1/favourites", "/api/v1/bookmarks"),
        f"/api/v1/statuses?id[]={first['id']}&id[]={other['id']}",
    ]
    for path in paths:
        shown = {each["id"]: each["muted"] for each in api.get(path, ada).json}
        assert shown == {each: each != other["id"] for each in shown}, path
        assert any(shown.values()), path
        assert not any(each["muted"] for each in api.get(path, bob).json)
    around = api.get(f"/api/v1/statuses/{mine['id']}/context", ada).json
    assert all(each["muted"] for part in around.values() for each in part)
    assert api.get(f"/api/v1/statuses/{mine['id']}", ada).json["muted"]
    notified = {each["status"]["id"]: each["status"]["muted"] for each in api.get(NOTIFICATIONS, ada).json}
    assert notified == {each: each != other["id"] for each in notified}
    assert not api.get(f"/api/v1/statuses/{mine['id']}").json["muted"]


def test_a_conversation_stays_muted_without_its_first_message_and_for_as_long_as_it_goes_on(
    api: Api, thread: tuple[Person, Person, dict[str, Any], dict[str, Any]]
) -> None:
    ada, bob, first, mine = thread
    mute(api, ada, first)
    api.delete(bob, first)
    latest, seen = mine, 0
    for _ in range(5):
        latest = api.post(bob, "@ada still here", in_reply_to_id=latest["id"], expires_in=WEEK)
        api.deliver()
        assert kinds(api, ada) == []
        seen += api.get(f"/api/v1/statuses/{latest['id']}", ada).json["muted"]
        api.clock.advance(WEEK - 60)
    assert seen == 5
    api.clock.advance(3 * WEEK)
    assert api.request("POST", f"/api/v1/statuses/{latest['id']}/unmute", ada).status == 404
    again = api.post(bob, "@ada new")
    api.deliver()
    assert sorted(kinds(api, ada)) == ["mention", "status"]
    assert not api.get(f"/api/v1/statuses/{again['id']}", ada).json["muted"]


def test_an_unmuted_conversation_is_forgotten_although_it_goes_on(
    api: Api, thread: tuple[Person, Person, dict[str, Any], dict[str, Any]]
) -> None:
    ada, bob, first, mine = thread
    mute(api, ada, first)
    mute(api, ada, first, "unmute")
    ends_at = api.clock.now // 1000 + WEEK
    api.post(bob, "@ada?", in_reply_to_id=mine["id"], expires_in=WEEK)
    api.deliver()
    assert kinds(api, ada) == ["mention", "status"]
    (edge,) = [item for item in EdgeItem.scan() if item.edge.startswith("still#")]
    assert edge.expires_at <= ends_at + 1


def test_a_conversation_that_is_muted_again_while_another_request_forgets_it(
    api: Api, thread: tuple[Person, Person, dict[str, Any], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, first, mine = thread
    mute(api, ada, first)
    mute(api, ada, first, "unmute")
    put = conditional.put

    def put_and_forget(*arguments: Any) -> bool:
        is_put = put(*arguments)
        EdgeItem(ada.id, f"still#{first['id']}").delete()
        return is_put

    with monkeypatch.context() as patch:
        patch.setattr(conditional, "put", put_and_forget)
        assert mute(api, ada, first)["muted"]
    api.post(bob, "@ada?", in_reply_to_id=mine["id"])
    api.deliver()
    assert kinds(api, ada) == ["status"]
    assert api.home(ada)


def test_a_thread_that_ends_together_ends_the_mute(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    first = api.post(bob, "@ada", expires_in=3600, thread_ends_together=True)
    mute(api, ada, first)
    (edge,) = [item for item in EdgeItem.scan() if item.edge.startswith("still#")]
    assert edge.expires_at == api.clock.now // 1000 + 3600


def test_a_user_mutes_only_what_the_user_sees_and_at_most_fifty_conversations(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    hidden, expiring = api.post(bob, "secret", visibility="private"), api.post(bob, "brief", expires_in=60)
    api.clock.advance(61)
    for status in (hidden, expiring, {"id": "0" * 26}, {"id": "nonsense"}):
        for verb in ("mute", "unmute"):
            assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", ada).status == 404
    monkeypatch.setattr(muting, "MOST", 2)
    one, two, three = (api.post(bob, "hello") for _ in range(3))
    for status in (one, two, two):
        mute(api, ada, status)
    answer = api.request("POST", f"/api/v1/statuses/{three['id']}/mute", ada)
    assert (answer.status, "at most 2 conversations" in answer.error) == (422, True)
    mute(api, ada, one, "unmute")
    assert mute(api, ada, three)["muted"]
    assert len([item for item in EdgeItem.scan() if item.edge.startswith("still#")]) == 2


def test_muted_conversations_go_with_the_account(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    first = api.post(bob, "hello")
    mute(api, ada, first)
    leave(api, ada, {})
    api.deliver()
    EdgeItem(ada.id, f"still#{first['id']}", since=1, expires_at=2**33).save()  # a request was interrupted
    api.deliver()
    assert not [item for item in EdgeItem.scan() if item.edge.startswith("still#")]
