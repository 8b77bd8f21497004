"""Threads: the messages above and below a message, for each reader and after deletions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import packing
from fstream_app.core.ids import MessageId
from fstream_app.messages import threads
from fstream_app.repository.replies import MAX_BRIEF_REPLIES
from tests.support.people import Api, Person


def reply(api: Api, by: Person, to: dict[str, Any], text: str = "re", **fields: object) -> dict[str, Any]:
    api.clock.advance(1)
    return api.post(by, text, in_reply_to_id=to["id"], **fields)


def context(api: Api, status: dict[str, Any], by: Person | None = None) -> tuple[list[str], list[str]]:
    answer = api.get(f"/api/v1/statuses/{status['id']}/context", by)
    assert answer.status == 200, answer.json
    ancestors, descendants = ([each["id"] for each in answer.json[part]] for part in ("ancestors", "descendants"))
    return ancestors, descendants


def count(api: Api, status: dict[str, Any]) -> int:
    """Return a message's number of replies, once they are counted."""
    api.deliver()
    return int(api.get(f"/api/v1/statuses/{status['id']}").json["replies_count"])


def test_a_context_has_what_stands_above_oldest_first_and_below_each_before_its_replies(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root")
    first, second = reply(api, bob, root), reply(api, bob, root)
    below_first = reply(api, ada, first)
    below_second = reply(api, ada, second)
    later = reply(api, bob, below_first)
    api.deliver()
    ids = [each["id"] for each in (root, first, below_first, later, second, below_second)]
    assert context(api, root) == ([], ids[1:])
    assert context(api, below_first) == (ids[:2], [later["id"]])
    assert context(api, later, ada) == (ids[:3], [])
    assert context(api, second) == (ids[:1], [below_second["id"]])


def test_ancestors_are_in_the_order_of_the_thread_even_if_the_clocks_of_functions_differ(api: Api) -> None:
    ada = api.sign_up("ada")
    chain = [api.post(ada, "root")]
    for _ in range(3):
        api.clock.advance(-0.1)
        chain.append(api.post(ada, "re", in_reply_to_id=chain[-1]["id"]))
    assert context(api, chain[-1], ada)[0] == [each["id"] for each in chain[:-1]]


def test_one_finds_ones_own_reply_at_once_and_others_when_they_are_delivered(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root")
    answer = reply(api, bob, root)
    assert context(api, root, bob) == ([], [answer["id"]])
    assert context(api, root, ada) == ([], [])
    api.deliver()
    assert context(api, root, ada) == context(api, root, bob) == ([], [answer["id"]])


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_a_message_that_is_gone_is_missing_in_the_middle_and_nothing_else(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root")
    middle = reply(api, bob, root, expires_in=60 if end == "expire" else 3600)
    last = reply(api, ada, middle)
    api.deliver()
    if end == "delete":
        api.delete(bob, middle)
    else:
        api.clock.advance(60)
    assert context(api, last) == ([root["id"]], [])
    assert context(api, root) == ([], [last["id"]])
    assert api.get(f"/api/v1/statuses/{middle['id']}/context").status == 404


def test_what_a_reply_answers_is_not_shown_when_it_has_expired(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root", expires_in=60)
    answer = reply(api, bob, root)
    path = f"/api/v1/statuses/{answer['id']}"
    api.clock.advance(59 - 0.001)
    shown = api.get(path).json
    assert (shown["in_reply_to_id"], shown["in_reply_to_account_id"]) == (root["id"], ada.id)
    api.clock.advance(0.001)
    shown = api.get(path).json
    assert (shown["in_reply_to_id"], shown["in_reply_to_account_id"]) == (None, None)


def test_a_context_shows_what_the_reader_may_see(api: Api) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    root = api.post(ada, "root")
    private = reply(api, bob, root, visibility="private")
    direct = reply(api, bob, root, "psst", visibility="direct")
    public = reply(api, ada, direct)
    api.deliver()
    everything = [private["id"], direct["id"], public["id"]]
    assert context(api, root, bob)[1] == everything
    assert context(api, root, ada)[1] == everything[1:]  # ada does not follow bob
    assert context(api, root, eve)[1] == context(api, root)[1] == everything[2:]
    api.act(eve, "follow", bob)
    assert context(api, root, eve)[1] == [private["id"], public["id"]]
    api.act(eve, "mute", bob)
    assert context(api, root, eve)[1] == [public["id"]]
    api.act(ada, "block", eve)
    assert api.get(f"/api/v1/statuses/{root['id']}/context", eve).status == 404


def test_replies_that_anybody_may_see_are_counted_exactly(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    root = api.post(ada, "root", expires_in=600)
    lasting, brief = reply(api, bob, root), reply(api, bob, root, visibility="unlisted", expires_in=60)
    for hidden in ("private", "direct"):
        reply(api, bob, root, "@ada", visibility=hidden)
    reply(api, ada, lasting)
    assert (count(api, root), count(api, lasting), count(api, brief)) == (2, 1, 0)
    api.clock.advance(60)
    assert count(api, root) == 1
    api.delete(bob, lasting)
    assert count(api, root) == 0


def test_a_brief_reply_is_counted_until_it_is_deleted_or_gone(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    replies = [reply(api, ada, root, expires_in=60) for _ in range(2)]
    assert count(api, root) == 2
    api.delete(ada, replies[0])
    assert count(api, root) == 1


def test_forty_brief_replies_are_counted_and_no_more_but_all_are_posted(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    replies = [reply(api, ada, root, expires_in=600) for _ in range(MAX_BRIEF_REPLIES + 1)]
    assert count(api, root) == MAX_BRIEF_REPLIES
    assert len(api.read(f"/api/v1/accounts/{ada.id}/statuses", limit=40)) == 40
    api.delete(ada, replies[-1])
    assert count(api, root) == MAX_BRIEF_REPLIES
    api.delete(ada, replies[0])
    assert count(api, root) == MAX_BRIEF_REPLIES - 1


def test_a_reply_to_what_is_gone_is_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    api.delete(ada, root)
    answer = api.request("POST", "/api/v1/statuses", ada, json={"status": "re", "in_reply_to_id": root["id"]})
    assert answer.status == 404


def test_a_reply_outlives_what_it_answered_and_can_be_deleted_then(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    answer = reply(api, ada, root)
    api.delete(ada, root)
    assert api.get(f"/api/v1/statuses/{answer['id']}").status == 200
    assert api.delete(ada, answer).status == 200
    assert api.get(f"/api/v1/statuses/{answer['id']}").status == 404


def test_a_repeated_idempotency_key_counts_a_reply_once(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    for _ in range(2):
        answer = api.request(
            "POST",
            "/api/v1/statuses",
            ada,
            json={"status": "re", "in_reply_to_id": root["id"]},
            headers={"idempotency-key": "k"},
        )
        assert answer.status == 200
    assert count(api, root) == 1


def test_a_long_thread_shows_forty_above_and_sixty_below(api: Api) -> None:
    ada = api.sign_up("ada")
    chain = [api.post(ada, "root")]
    for _ in range(45):
        chain.append(reply(api, ada, chain[-1]))
    ids = [each["id"] for each in chain]
    api.deliver()
    assert context(api, chain[-1]) == ([ids[0], *ids[6:45]], [])
    assert context(api, chain[0])[1] == ids[1:]
    crowded = api.post(ada, "crowded")
    replies = [reply(api, ada, crowded)["id"] for _ in range(threads.MAX_DESCENDANTS + 1)]
    api.deliver()
    assert context(api, crowded)[1] == replies[:-1]


def test_the_source_of_a_message_is_its_authors_to_read(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "a <b> @bob", spoiler_text="cw")
    path = f"/api/v1/statuses/{status['id']}/source"
    assert api.get(path, ada).json == {"id": status["id"], "text": "a <b> @bob", "spoiler_text": "cw"}
    assert api.get(path, bob).status == 404
    assert api.get(path).status == 401


packed_ids = st.binary(min_size=16, max_size=16).map(lambda raw: MessageId.unpack(b"\x00" + raw[1:]))


@given(st.lists(packed_ids, max_size=100))
def test_ancestors_are_the_nearest_forty_in_order(chain: list[MessageId]) -> None:
    packed = b""
    for message_id in chain:
        packed = packing.descend(packed, message_id)
    assert packing.unpack_ids(packed) == chain[-packing.MAX_ANCESTORS :]
