"""What a reader may not see takes no room from what the reader may see, however much of it strangers make."""

from typing import Any

import pytest

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId, new_user_id
from fstream_app.core.packing import Visibility
from fstream_app.messages.threads import MAX_DESCENDANTS
from fstream_app.moderation import suspension
from fstream_app.repository import timelines
from ops.meter import metered
from tests.support import crowds
from tests.support.people import Api, Person

MANY = 450
NOTIFICATIONS = "/api/v1/notifications"


def below(api: Api, status: dict[str, Any], by: Person | None = None) -> list[str]:
    return [each["id"] for each in api.get(f"/api/v1/statuses/{status['id']}/context", by).json["descendants"]]


def reply(api: Api, by: Person, to: dict[str, Any], text: str = "re", **fields: object) -> dict[str, Any]:
    api.clock.advance(0.001)
    return api.post(by, text, in_reply_to_id=to["id"], **fields)


@pytest.mark.parametrize("visibility", ["direct", "private"])
def test_replies_that_others_may_not_see_hide_no_thread_and_those_who_may_see_them_do(
    api: Api, visibility: str
) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    root = api.post(ada, "root")
    api.clock.advance(1)
    secret = reply(api, bob, root, "@eve psst", visibility=visibility)
    public = reply(api, bob, root)
    late = reply(api, bob, root, "@eve again", visibility=visibility)
    api.deliver()
    noise = crowds.replies([new_user_id() for _ in range(MANY)], root, Visibility[visibility.upper()], [ada])
    assert max(each.id for each in noise) < MessageId.parse(secret["id"])
    assert below(api, root) == below(api, root, ada) == [public["id"]]
    assert below(api, root, eve) == [secret["id"], public["id"], late["id"]]
    assert below(api, root, bob) == [secret["id"], public["id"], late["id"]]
    api.act(ada, "follow", bob)
    followed = [secret["id"], public["id"], late["id"]] if visibility == "private" else [public["id"]]
    assert below(api, root, ada) == followed


@pytest.mark.parametrize("end", ["deleted", "blocked", "muted", "blocking", "suspended", "left"])
def test_replies_that_are_hidden_from_a_reader_hide_no_others(api: Api, end: str) -> None:
    ada, eve, bob = (api.sign_up(name) for name in ("ada", "eve", "bob"))
    root = api.post(ada, "root")
    api.clock.advance(1)
    shown = [reply(api, bob, root)["id"] for _ in range(2)]
    api.deliver()
    noise = crowds.replies([eve.id if end != "left" else new_user_id()] * MANY, root)
    if end == "deleted":
        crowds.forget(noise)
    elif end == "suspended":
        suspension.suspend("eve", "", api.clock.now)
    elif end == "blocking":
        api.act(eve, "block", ada)
    elif end != "left":
        api.act(ada, {"blocked": "block", "muted": "mute"}[end], eve)
    with metered() as cost:
        assert below(api, root, ada) == shown
    limit = MANY + 100 if end == "deleted" else 100  # authors who are blocked or gone cost nothing more
    assert cost.read_units <= limit
    assert len(cost.calls) <= 40


def test_a_deleted_reply_leaves_the_views(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root")
    for visibility in ("public", "unlisted", "private", "direct"):
        gone = reply(api, bob, root, "@ada #tea", visibility=visibility)
        api.deliver()
        api.delete(bob, gone)
    api.deliver()
    with metered() as cost:
        assert below(api, root, bob) == []
    assert not [call for call in cost.calls if call.operation == "BatchGetItem" and "messages" in call.table][1:]


def test_a_page_of_a_thread_is_full_of_what_the_reader_may_see(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root")
    noise = crowds.replies([bob.id] * 2 * MAX_DESCENDANTS, root)
    crowds.forget(noise[::2])
    assert below(api, root) == [str(each.id) for each in noise[1::2]]


def test_the_first_message_of_a_thread_is_shown_above_forty_replies_that_are_not(api: Api) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    root = api.post(ada, "root")
    second = last = reply(api, ada, root)
    for _ in range(45):
        last = reply(api, ada if last["account"]["id"] == bob.id else bob, last, visibility="direct")
    public = reply(api, ada, last)
    api.deliver()
    for reader in (eve, None):
        answer = api.get(f"/api/v1/statuses/{public['id']}/context", reader).json
        assert [each["id"] for each in answer["ancestors"]] == [root["id"], second["id"]]
    assert below(api, root) == [second["id"], public["id"]]


def test_favourites_hide_no_mention_from_a_reader_who_asks_for_mentions(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(bob, "@ada hi")
    api.deliver()
    liked = MessageId.parse(api.post(ada, "liked")["id"])
    crowds.favourites(api, ada, [new_user_id() for _ in range(1500)], liked)
    api.clock.advance(2)
    for filters in ({"types[]": "mention"}, {"account_id": bob.id}, {"exclude_types[]": "favourite"}, {}):
        assert [each["type"] for each in api.get(NOTIFICATIONS, ada, **filters).json] == ["mention"], filters
        assert api.get(f"{NOTIFICATIONS}/unread_count", ada, **filters).json == {"count": 1}, filters


def test_hundreds_of_hashtags_whose_messages_are_gone_hide_no_live_one(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(ada, "#teatime")
    api.deliver()
    for number in range(MANY):
        timelines.remember_tag(f"tea{number:04}", api.clock.now // 1000 + crowds.DAY)
    found = api.get("/api/v2/search", bob, q="tea", type="hashtags").json["hashtags"]
    assert [each["name"] for each in found] == ["teatime"]


@pytest.mark.parametrize("path", ["/api/v1/timelines/public", "/api/v1/timelines/tag/tea"])
@pytest.mark.parametrize("verb", ["block", "mute"])
def test_a_loud_account_that_is_hidden_empties_no_timeline(api: Api, path: str, verb: str) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    shown = api.post(bob, "#tea")
    api.deliver()
    crowds.put(
        Message(
            id=MessageId.new(eve.id, int(api.clock.advance(0.001))), text="#tea", lifetime=crowds.DAY, tags=("tea",)
        )
        for _ in range(1500)
    )
    api.clock.advance(2)
    api.act(ada, verb, eve)
    with metered() as cost:
        assert api.read(path, ada) == [shown["id"]]
    assert cost.read_units <= 30
