"""Notifications: their causes, their receivers, and how they are removed."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from fstream_app.core.errors import Unavailable
from fstream_app.repository import batch
from fstream_app.tables import NotificationItem, ReactionItem
from ops.meter import metered
from ops.pump import Pump
from tests.support.ends import leave
from tests.support.people import Answer, Api, Person

PATH = "/api/v1/notifications"

Received = tuple[Person, Person, dict[str, dict[str, Any]]]


def notifications(api: Api, by: Person, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(PATH, by, **query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def kinds(api: Api, by: Person, **query: Any) -> list[str]:
    return [each["type"] for each in notifications(api, by, **query)]


def favourite(api: Api, by: Person, status: dict[str, Any], verb: str = "favourite") -> Answer:
    return api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", by)


@pytest.fixture
def received(api: Api) -> Received:
    """Ada, Bob (who followed her, mentioned her, and favourited a message of hers), and her notifications."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    api.act(bob, "follow", ada)
    api.deliver()
    api.clock.advance(5)
    api.post(bob, "@ada hi", expires_in=3600)
    api.clock.advance(5)
    favourite(api, bob, status)
    api.deliver()
    api.clock.advance(1)
    return ada, bob, {each["type"]: each for each in notifications(api, ada)}


def test_a_mention_a_follow_and_a_favourite_are_notified(api: Api, received: Received) -> None:
    ada, bob, by_kind = received
    assert by_kind.keys() == {"mention", "follow", "favourite"}
    assert {each["account"]["id"] for each in by_kind.values()} == {bob.id}
    assert by_kind["follow"]["status"] is None
    assert by_kind["mention"]["status"]["account"]["id"] == bob.id
    assert by_kind["favourite"]["status"]["account"]["id"] == ada.id
    assert notifications(api, bob) == []
    for each in by_kind.values():
        assert api.get(f"{PATH}/{each['id']}", ada).json == each
        assert api.get(f"{PATH}/{each['id']}", bob).status == 404


def test_a_reply_is_notified_as_a_mention_and_ones_own_actions_are_not_notified(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "@ada hello")
    api.post(bob, "hi", in_reply_to_id=status["id"])
    api.post(ada, "me", in_reply_to_id=status["id"])
    favourite(api, ada, status)
    api.deliver()
    assert kinds(api, ada) == ["mention"]


def test_what_is_younger_than_the_settling_time_is_not_shown_yet(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    favourite(api, bob, api.post(ada, "hello"))
    api.deliver()
    api.clock.advance(-0.001)
    assert notifications(api, ada) == []
    api.clock.advance(0.001)
    assert kinds(api, ada) == ["favourite"]


def test_a_favourite_taken_back_is_no_longer_shown(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    favourite(api, bob, status)
    api.deliver()
    favourite(api, bob, status, "unfavourite")
    api.deliver()
    assert notifications(api, ada) == []
    favourite(api, bob, status)
    api.deliver()
    assert kinds(api, ada) == ["favourite"]


def test_types_are_chosen_or_left_out(api: Api, received: Received) -> None:
    ada, bob, _ = received
    eve = api.sign_up("eve")
    assert kinds(api, ada, **{"types[]": ["mention", "follow", "poll"]}) == ["mention", "follow"]
    assert kinds(api, ada, **{"exclude_types[]": ["mention", "favourite"]}) == ["follow"]
    assert kinds(api, ada, **{"types[]": ["mention", "follow"], "exclude_types[]": ["follow"]}) == ["mention"]
    assert kinds(api, ada, **{"types[]": "status"}) == []
    assert kinds(api, ada, **{"include_types[]": ["mention", "follow"]}) == ["mention", "follow"]
    assert kinds(api, ada, **{"include_types[]": "mention", "types[]": "follow"}) == ["mention", "follow"]
    assert len(kinds(api, ada, account_id=bob.id)) == 3
    assert kinds(api, ada, account_id=eve.id) == []
    assert api.get(PATH, ada, account_id="nobody").status == 404


def test_pages_go_both_ways_also_where_most_is_left_out(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    for number in range(9):
        status = api.post(ada, "hello")
        api.clock.advance(1)
        if number % 3:
            favourite(api, bob, status)
        else:
            api.post(bob, "@ada")
        api.deliver()
    everything = [each["id"] for each in notifications(api, ada)]
    assert len(everything) == 9
    assert everything == sorted(everything, reverse=True)
    seen: list[str] = []
    page = api.get(PATH, ada, limit=2)
    while page.json:
        seen += [each["id"] for each in page.json]
        last, following = page, page.link("next")
        if following is None:
            break
        page = api.follow_link(following, ada)
    assert seen == everything
    back: list[str] = []
    page = api.follow_link(str(last.link("prev")), ada)
    while page.json:
        back = [each["id"] for each in page.json] + back
        page = api.follow_link(str(page.link("prev")), ada)
    assert back == everything[: len(back)]
    assert len(back) == 9 - len(last.json)
    mentions = api.get(PATH, ada, limit=2, **{"types[]": "mention"})
    assert [each["type"] for each in mentions.json] == ["mention"] * 2
    assert [each["type"] for each in api.follow_link(str(mentions.link("next")), ada).json] == ["mention"]


@pytest.mark.parametrize("verb", ["mute", "block"])
def test_muted_and_blocked_users_make_none_and_what_they_made_is_not_shown(api: Api, verb: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")
    favourite(api, bob, status)
    api.deliver()
    api.act(ada, verb, bob)
    assert notifications(api, ada) == []
    if verb == "mute":
        api.act(bob, "follow", ada)
        favourite(api, bob, status, "unfavourite")
        api.deliver()
        favourite(api, bob, status)
    api.post(bob, "@ada hello")
    api.deliver()
    api.act(ada, f"un{verb}", bob)
    assert kinds(api, ada) == ([] if verb == "mute" else ["favourite"])


def test_a_mute_may_leave_notifications_alone(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "mute", bob, notifications=False)
    api.post(bob, "@ada hello")
    api.deliver()
    assert kinds(api, ada) == ["mention"]


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_a_notification_goes_with_its_message(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    mention = api.post(bob, "@ada hello", expires_in=60)
    own = api.post(ada, "mine", expires_in=60)
    favourite(api, bob, own)
    api.deliver()
    shown = notifications(api, ada)
    assert len(shown) == 2
    if end == "delete":
        api.delete(bob, mention)
        api.delete(ada, own)
    else:
        api.clock.advance(60)
    assert notifications(api, ada) == []
    assert api.get(f"{PATH}/{shown[0]['id']}", ada).status == 404
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 0}


def test_a_notification_of_a_follow_goes_after_the_longest_lifetime(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.deliver()
    api.clock.advance(1)
    assert kinds(api, ada) == ["follow"]
    api.clock.advance(7 * 86_400)
    assert kinds(api, ada) == []


@pytest.mark.parametrize("way", ["path", "parameter"])
def test_a_dismissed_notification_does_not_come_back(
    api: Api, received: Received, way: str, make_pump: Callable[[], Pump]
) -> None:
    ada, bob, by_kind = received
    mention = by_kind["mention"]["id"]
    if way == "path":
        answer = api.request("POST", f"{PATH}/{mention}/dismiss", ada)
    else:
        answer = api.request("POST", f"{PATH}/dismiss", ada, form={"id": mention})
    assert (answer.status, answer.json) == (200, {})
    make_pump().drain()
    assert kinds(api, ada) == ["favourite", "follow"]
    assert kinds(api, ada, min_id="0" * 26) == ["favourite", "follow"]
    assert api.get(f"{PATH}/{mention}", ada).status == 404
    assert api.request("POST", f"{PATH}/{mention}/dismiss", ada).status == 404
    assert api.request("POST", f"{PATH}/{by_kind['follow']['id']}/dismiss", bob).status == 404


def test_cleared_notifications_do_not_come_back_and_new_ones_do_come(
    api: Api, received: Received, make_pump: Callable[[], Pump]
) -> None:
    ada, bob, by_kind = received
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 3}
    assert api.request("POST", f"{PATH}/clear", ada).json == {}
    make_pump().drain()
    assert notifications(api, ada) == []
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 0}
    assert api.get(f"{PATH}/{by_kind['mention']['id']}", ada).status == 404
    api.post(bob, "@ada again")
    api.deliver()
    assert kinds(api, ada) == ["mention"]
    answer = api.request("POST", "/api/v2/notifications/clear", ada)
    assert (answer.status, answer.json, kinds(api, ada)) == (200, {}, [])


def test_unread_ones_are_counted_up_to_a_limit(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    for _ in range(5):
        favourite(api, bob, api.post(ada, "hello"))
        api.deliver()
    count = f"{PATH}/unread_count"
    assert [api.get(count, ada, limit=limit).json["count"] for limit in (4, 5, 1000)] == [4, 5, 5]
    assert api.get(count, ada, **{"types[]": "mention"}).json == {"count": 0}
    assert api.get(count, ada, limit=0).status == 422


def test_notifications_want_a_token_of_their_scope(api: Api) -> None:
    api.sign_up("ada")
    other = api.token("password", username="ada", password="correct horse", scope="read:statuses").json["access_token"]
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/unread_count"),
        ("GET", f"{PATH}/{'0' * 26}"),
        ("POST", f"{PATH}/clear"),
        ("POST", f"{PATH}/{'0' * 26}/dismiss"),
    ):
        assert api.request(method, path).status == 401
        assert api.request(method, path, headers={"authorization": f"Bearer {other}"}).status == 403


@pytest.mark.parametrize("end", ["unfollow", "remove", "block", "blocked", "leave"])
def test_a_notification_of_a_follow_is_shown_only_while_the_follow_lasts(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.deliver()
    api.clock.advance(1)
    (made,) = notifications(api, ada)
    if end == "leave":
        leave(api, bob, {})
    elif end in {"unfollow", "blocked"}:
        api.act(bob, end.removesuffix("ed"), ada)
    else:
        api.act(ada, "remove_from_followers" if end == "remove" else end, bob)
    if end.startswith("block"):  # what has ended stays ended when the block is lifted
        api.act(*((ada, "unblock", bob) if end == "block" else (bob, "unblock", ada)))
    assert notifications(api, ada) == notifications(api, ada, **{"types[]": "follow"}) == []
    assert api.get(f"{PATH}/{made['id']}", ada).status == 404
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 0}


def test_a_notification_of_a_favourite_is_shown_while_the_favourite_lasts(api: Api, received: Received) -> None:
    ada, bob, by_kind = received
    status = by_kind["favourite"]["status"]
    ReactionItem(bob.id, f"favourite#{status['id']}").delete()  # as if its notification had come later
    assert kinds(api, ada) == ["mention", "follow"]
    assert api.get(f"{PATH}/{by_kind['favourite']['id']}", ada).status == 404
    assert api.get(f"{PATH}/unread_count", ada).json == {"count": 2}


def test_a_check_of_what_notifications_say_costs_a_unit_for_each_follow_and_favourite(
    api: Api, received: Received
) -> None:
    ada, _, _ = received
    api.get(PATH, ada)
    found = {}
    for kind in ("mention", "follow", "favourite"):
        with metered() as cost:
            assert kinds(api, ada, **{"types[]": kind}) == [kind]
        tables = ("relationships", "reactions")
        found[kind] = [
            sum(call.table == table for call in cost.calls if call.operation == "BatchGetItem") for table in tables
        ]
    assert found == {"mention": [0, 0], "follow": [1, 0], "favourite": [0, 1]}


@pytest.mark.parametrize("kind", ["mention", "reply", "follow", "favourite"])
def test_a_polling_client_gets_a_notification_whose_put_failed_after_its_time_was_stored(
    api: Api, make_pump: Callable[[], Pump], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    status = api.post(ada, "hello")
    api.deliver()
    put = batch.put

    def refuse(items: Iterable[batch.Item]) -> None:
        wanted = list(items)
        if any(isinstance(item, NotificationItem) for item in wanted):
            raise Unavailable("busy")
        put(wanted)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "put", refuse)
        match kind:
            case "mention":
                api.post(bob, "@ada hi")
            case "reply":
                api.post(bob, "hi", in_reply_to_id=status["id"])
            case "follow":
                api.act(bob, "follow", ada)
            case _:
                assert api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", bob).status == 200
        api.deliver()
    api.post(cyd, "@ada later")
    api.deliver()
    (later,) = api.get(PATH, ada).json
    for _ in range(2):  # the second time, nothing is there twice
        api.clock.advance(5)
        api._pump = make_pump()
        api.deliver()
        assert [each["account"]["id"] for each in api.get(PATH, ada, since_id=later["id"]).json] == [bob.id]
        assert len(api.get(PATH, ada).json) == 2
