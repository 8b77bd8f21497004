"""Each kind of notification, where what shows notifications meets what hides them."""

from typing import Any

import pytest

from tests.support import ends
from tests.support.people import PASSWORD, Api, Person

V1, V2 = "/api/v1/notifications", "/api/v2/notifications"
POLICY, REQUESTS = f"{V2}/policy", f"{V1}/requests"
DAY = 86_400
People = dict[str, Person]
OF_DAN = {"mention", "favourite", "reblog", "quote", "poll", "update"}
EVERY = {(kind, "dan") for kind in OF_DAN} | {("status", "eve"), ("follow_request", "eve"), ("follow", "fay")}
ASKED_FOR = {("poll", "dan"), ("update", "dan"), ("status", "eve")}
"""What a policy does not apply to: what the user has voted in, boosts, or wants to be notified of."""


def shown(api: Api, by: Person, **query: Any) -> set[tuple[str, str]]:
    """Return the types and authors of the user's notifications, which all routes agree on."""
    listed = api.get(V1, by, limit=40, **query).json
    found = [(each["type"], each["account"]["username"]) for each in listed]
    assert len(found) == len(set(found))
    page = api.get(V2, by, limit=80, **query).json
    names = {each["id"]: each["username"] for each in page["accounts"]}
    groups = page["notification_groups"]
    assert {(each["type"], names[actor]) for each in groups for actor in each["sample_account_ids"]} == set(found)
    assert {each["status_id"] for each in groups if "status_id" in each} == {each["id"] for each in page["statuses"]}
    if not query:
        for path in (V1, V2):
            assert api.get(f"{path}/unread_count", by).json == {"count": len(found)}
    for each in listed:
        assert api.get(f"{V1}/{each['id']}", by).json == each
        assert api.get(f"{V2}/{each['group_key']}", by).json["notification_groups"][0]["type"] == each["type"]
    return set(found)


def held(api: Api, by: Person) -> set[tuple[str, int]]:
    return {(each["account"]["username"], int(each["notifications_count"])) for each in api.get(REQUESTS, by).json}


def do(api: Api, by: Person, method: str, path: str, **body: Any) -> Any:
    answer = api.request(method, path, by, json=body)
    assert answer.status == 200, answer.json
    return answer.json


@pytest.fixture
def scene(api: Api) -> tuple[People, dict[str, dict[str, Any]]]:
    """Ada has a notification of each kind: by Dan, a stranger, Eve, whom Ada follows, and Fay, who follows Ada."""
    people = {name: api.sign_up(name) for name in ("ada", "dan", "eve", "fay")}
    ada, dan, eve, fay = people.values()
    root = api.post(ada, "root", expires_in=4 * DAY)
    api.act(ada, "follow", eve, notify=True)
    api.act(fay, "follow", ada)
    poll = api.post(dan, "poll", expires_in=3 * DAY, poll={"options": ["a", "b"], "expires_in": 300})
    boosted = api.post(dan, "one", expires_in=3 * DAY)
    do(api, ada, "POST", f"/api/v1/polls/{poll['poll']['id']}/votes", choices=[0])
    do(api, ada, "POST", f"/api/v1/statuses/{boosted['id']}/reblog")
    do(api, ada, "PATCH", "/api/v1/accounts/update_credentials", locked=True)
    api.deliver()
    for verb in ("favourite", "reblog"):
        do(api, dan, "POST", f"/api/v1/statuses/{root['id']}/{verb}")
    reply = api.post(dan, "@ada hi", in_reply_to_id=root["id"], expires_in=3 * DAY)
    quote = api.post(dan, "look", quoted_status_id=root["id"], expires_in=3 * DAY)
    do(api, dan, "PUT", f"/api/v1/statuses/{boosted['id']}", status="two")
    news = api.post(eve, "news", expires_in=3 * DAY)
    api.act(eve, "follow", ada)
    api.deliver()
    api.clock.advance(400)
    return people, {"root": root, "poll": poll, "boosted": boosted, "reply": reply, "quote": quote, "news": news}


def test_a_policy_applies_to_all_kinds_but_those_that_the_user_has_asked_for(api: Api, scene: Any) -> None:
    people, _ = scene
    ada, dan = people["ada"], people["dan"]
    assert shown(api, ada) == EVERY
    assert {kind for kind, _ in EVERY} == {
        *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote")
    }
    choices = {"for_not_following": "filter", "for_not_followers": "filter"}
    do(api, ada, "PATCH", POLICY, **choices)
    assert shown(api, ada) == ASKED_FOR
    assert held(api, ada) == {("dan", 4), ("eve", 1), ("fay", 1)}
    assert shown(api, ada, include_filtered=True) == EVERY
    for kind in (kind for kind, _ in EVERY):
        assert shown(api, ada, include_filtered=True, **{"types[]": kind}) == {
            each for each in EVERY if each[0] == kind
        }
        assert shown(api, ada, **{"exclude_types[]": kind}) == {each for each in ASKED_FOR if each[0] != kind}
    do(api, ada, "PATCH", POLICY, **dict.fromkeys(choices, "drop"))
    assert shown(api, ada) == shown(api, ada, account_id=dan.id) | {("status", "eve")} == ASKED_FOR
    do(api, ada, "PATCH", POLICY, **choices)
    do(api, ada, "POST", f"{REQUESTS}/{dan.id}/accept")
    assert shown(api, ada) == ASKED_FOR | {(kind, "dan") for kind in OF_DAN}


def test_nothing_of_a_user_whom_the_reader_does_not_see_is_shown_counted_or_held(api: Api, scene: Any) -> None:
    people, messages = scene
    ada, dan = people["ada"], people["dan"]
    others = {each for each in EVERY if each[1] != "dan"}
    do(api, ada, "PATCH", POLICY, for_not_following="filter")

    def is_seen(of: set[tuple[str, str]]) -> None:
        assert shown(api, ada, include_filtered=True) == others | of
        assert shown(api, ada) == (others | of) - {each for each in EVERY if each not in ASKED_FOR and each[1] != "eve"}
        assert held(api, ada) == {("fay", 1)} | ({("dan", len(of - ASKED_FOR))} if of - ASKED_FOR else set())

    of_dan = {(kind, "dan") for kind in OF_DAN}
    for by, verb, whom in ((ada, "mute", dan), (dan, "block", ada)):
        api.act(by, verb, whom)
        is_seen(set())
        api.act(by, f"un{verb}", whom)
        is_seen(of_dan)
    do(api, dan, "POST", "/api/v1/statuses/delete_all", password=PASSWORD)
    is_seen({("favourite", "dan")})
    ends.suspend(api, dan, messages["quote"])
    is_seen(set())


def test_a_notification_of_each_kind_ends_with_its_cause(api: Api, scene: Any) -> None:
    people, messages = scene
    ada, dan, eve, fay = people.values()
    left = set(EVERY)

    def undone(kind: str, name: str) -> None:
        left.remove((kind, name))
        assert shown(api, ada) == left

    do(api, dan, "POST", f"/api/v1/statuses/{messages['root']['id']}/unfavourite")
    undone("favourite", "dan")
    do(api, dan, "POST", f"/api/v1/statuses/{messages['root']['id']}/unreblog")
    undone("reblog", "dan")
    do(api, ada, "POST", f"/api/v1/statuses/{messages['boosted']['id']}/unreblog")
    undone("update", "dan")
    api.act(fay, "unfollow", ada)
    undone("follow", "fay")
    do(api, ada, "POST", f"/api/v1/statuses/{messages['root']['id']}/quotes/{messages['quote']['id']}/revoke")
    undone("quote", "dan")
    api.act(ada, "follow", eve, notify=False)
    undone("status", "eve")
    do(api, ada, "POST", f"/api/v1/follow_requests/{eve.id}/authorize")
    api.deliver()
    left.add(("follow", "eve"))
    undone("follow_request", "eve")
    api.delete(dan, messages["poll"])
    undone("poll", "dan")
    api.delete(dan, messages["reply"])
    undone("mention", "dan")
