"""Conversations: one per thread and set of participants, with the newest message that the user may see."""

from typing import Any

import pytest

from chalicelib.events import views
from fstream_app import tables
from fstream_app.feed import conversations
from fstream_app.moderation import suspension
from fstream_app.people import profiles
from fstream_app.repository import conversations as stored
from tests.support import ends
from tests.support.people import PASSWORD, Answer, Api, Person
from tests.support.records import posted, run

PATH = "/api/v1/conversations"
VERBS = ("read", "unread", "remove")


@pytest.fixture
def people(api: Api) -> tuple[Person, Person, Person]:
    return api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cyd")


def say(api: Api, by: Person, text: str, to: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    """Send a direct message, and deliver it."""
    answered = {"in_reply_to_id": to["id"]} if to else {}
    status = api.post(by, text, visibility="direct", **answered, **fields)
    api.deliver()
    return status


def listed(api: Api, by: Person, **query: object) -> list[dict[str, Any]]:
    answer = api.get(PATH, by, **query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def shown(api: Api, by: Person, **query: object) -> list[tuple[str, bool, list[str]]]:
    """Return each conversation's last message, whether it is unread, and the names of its accounts."""
    return [
        (each["last_status"]["id"], each["unread"], sorted(account["username"] for account in each["accounts"]))
        for each in listed(api, by, **query)
    ]


def last(api: Api, by: Person, **query: object) -> list[str]:
    return [each["last_status"]["id"] for each in listed(api, by, **query)]


def act(api: Api, by: Person, conversation: dict[str, Any], *, verb: str = "read") -> Answer:
    if verb != "remove":
        return api.request("POST", f"{PATH}/{conversation['id']}/{verb}", by)
    return api.request("DELETE", f"{PATH}/{conversation['id']}", by)


def test_there_is_one_for_each_thread_and_set_of_participants(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, cyd = people
    first = say(api, ada, "@bob hello")
    alone = say(api, ada, "note to myself")
    wider = say(api, bob, "@ada @cyd look", first)
    answer = say(api, bob, "@ada hi", first)
    again = say(api, ada, "@bob something else")
    assert shown(api, ada) == [
        (again["id"], False, ["bob"]),
        (answer["id"], True, ["bob"]),
        (wider["id"], True, ["bob", "cyd"]),
        (alone["id"], False, ["ada"]),
    ]
    assert shown(api, bob) == [
        (again["id"], True, ["ada"]),
        (answer["id"], False, ["ada"]),
        (wider["id"], False, ["ada", "cyd"]),
    ]
    assert shown(api, cyd) == [(wider["id"], True, ["ada", "bob"])]
    for status in (api.post(ada, "@bob to everybody"), api.post(ada, "@bob", visibility="private")):
        api.deliver()
        assert status["id"] not in last(api, bob)
    assert len({each["id"] for each in listed(api, ada)}) == 4
    assert listed(api, bob)[1]["id"] == listed(api, ada)[1]["id"]


def test_reading_lasts_until_the_next_message_of_somebody_else(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada hello")
    (conversation,) = listed(api, ada)
    for _ in range(2):
        read = act(api, ada, conversation).json
        assert read == {**conversation, "unread": False} == listed(api, ada)[0]
    brief = say(api, bob, "@ada still there?", first, expires_in=60)
    assert shown(api, ada) == [(brief["id"], True, ["bob"])]
    api.clock.advance(60)
    assert shown(api, ada) == [(first["id"], False, ["bob"])]
    second = say(api, bob, "@ada hello?", first)
    own = say(api, ada, "@bob yes", second, expires_in=60)
    assert shown(api, ada) == [(own["id"], False, ["bob"])]
    api.clock.advance(60)
    assert shown(api, ada) == [(second["id"], False, ["bob"])]  # the reply was the proof that it had been read
    assert shown(api, bob) == [(second["id"], False, ["ada"])]


def test_what_is_marked_as_unread_is_unread_until_it_is_read_or_answered(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada hello")
    own = say(api, ada, "@bob yes?", first)
    for by in (ada, bob, ada):  # regardless of who wrote last, and as often as they like
        (conversation,) = listed(api, by)
        act(api, by, conversation)
        for _ in range(2):
            marked = act(api, by, conversation, verb="unread").json
            assert marked == {**conversation, "unread": True} == listed(api, by)[0]
    assert run(views, posted(first), posted(own, sequence="2")) == []  # delivered again
    api.delete(ada, own)
    api.clock.advance(20)
    assert shown(api, ada) == [(first["id"], True, ["bob"])]
    later = say(api, ada, "@bob I am back", first)
    assert shown(api, ada) == [(later["id"], False, ["bob"])]
    act(api, ada, conversation, verb="unread")
    assert act(api, ada, conversation).json["unread"] is False
    assert shown(api, ada) == [(later["id"], False, ["bob"])]


def test_what_is_gone_makes_room_for_the_message_before(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada one", expires_in=600)
    second = say(api, ada, "@bob two", first, expires_in=60)
    third = say(api, bob, "@ada three", first)
    for expected in (third, second, first):
        assert last(api, ada) == last(api, bob) == [expected["id"]]
        if expected is third:
            assert api.delete(bob, third).status == 200
        else:
            api.clock.advance(60 if expected is second else 600)
    assert listed(api, ada) == listed(api, bob) == []


def test_a_removed_one_comes_back_with_the_next_message_alone(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada one")
    (conversation,) = listed(api, ada)
    assert act(api, ada, conversation, verb="remove").json == {}
    assert listed(api, ada) == []
    assert [act(api, ada, conversation, verb=verb).status for verb in VERBS] == [404] * 3
    assert last(api, bob) == [first["id"]]
    assert api.get(f"/api/v1/statuses/{first['id']}", ada).status == 200
    brief = say(api, bob, "@ada two", first, expires_in=60)
    assert shown(api, ada) == [(brief["id"], True, ["bob"])]
    api.clock.advance(60)
    assert listed(api, ada) == []


def test_nobody_acts_on_what_is_not_theirs(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, cyd = people
    say(api, bob, "@ada one")
    (conversation,) = listed(api, ada)
    for verb in VERBS:
        assert act(api, cyd, conversation, verb=verb).status == 404
        for wrong in ("1", "x" * 36, conversation["id"][:-1], conversation["id"][:26] + "0" * 10):
            assert act(api, ada, {"id": wrong}, verb=verb).status == 404, wrong
    token = api.token("password", username="ada", password=PASSWORD, scope="write:statuses read:accounts")
    other = Person("ada", ada.id, token.json["access_token"])
    assert [act(api, other, conversation, verb=verb).status for verb in VERBS] == [403] * 3
    assert api.get(PATH, other).status == 403


def test_blocked_and_muted_people_and_those_who_are_gone_are_not_in_them(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, cyd = people
    first = say(api, cyd, "@ada @bob all of us")
    own = say(api, ada, "@bob only us")
    latest = say(api, bob, "@ada @cyd hello", first)
    assert shown(api, ada) == [(latest["id"], True, ["bob", "cyd"]), (own["id"], False, ["bob"])]
    for by, verb, whom in ((ada, "block", bob), (bob, "block", ada)):
        api.act(by, verb, whom)
        assert shown(api, ada) == [(first["id"], True, ["cyd"])]
        api.act(by, f"un{verb}", whom)
    api.act(ada, "mute", bob)
    assert last(api, ada) == [own["id"], first["id"]]
    api.act(ada, "mute", bob, notifications=False)
    assert last(api, ada) == [latest["id"], own["id"]]
    ends.ENDS["suspended"](api, bob, {})
    assert shown(api, ada) == [(own["id"], False, ["ada"]), (first["id"], True, ["cyd"])]
    assert last(api, cyd) == [first["id"]]


def pages_down(api: Api, by: Person, limit: int) -> list[list[str]]:
    """Return the last messages on each page, down to the last page."""
    pages, answer = [], api.get(PATH, by, limit=limit)
    while answer.json:
        pages.append([each["last_status"]["id"] for each in answer.json])
        if not (following := answer.link("next")):
            break
        answer = api.follow_link(following, by)
    return pages


def test_an_account_that_has_ended_is_in_none_even_if_its_profile_is_cached(
    api: Api, people: tuple[Person, ...]
) -> None:
    ada, bob, _ = people
    for answers in (True, False):
        first = say(api, bob, "@ada hello")
        if answers:
            say(api, ada, "@bob hi", first)
    assert [names for _, _, names in shown(api, bob)] == [["ada"], ["ada"]]
    remembered = profiles.known([ada.id]).values()
    suspension.suspend("ada", "", api.clock.now)
    profiles.remember(remembered)  # as in another warm function, which has not heard of it
    assert [names for _, _, names in shown(api, bob)] == [["bob"], ["bob"]]


def test_every_page_has_those_whose_last_message_is_there(
    api: Api, people: tuple[Person, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fstream_app.repository.conversations._UNIT", 3)
    ada, bob, cyd = people
    firsts = [say(api, bob, f"@ada {number}") for number in range(4)]
    for number in (0, 2, 0):
        say(api, bob, "@ada more", firsts[number])
    wider = say(api, bob, "@ada @cyd", firsts[1])
    say(api, bob, "@ada more", firsts[3])
    say(api, cyd, "@ada @bob", wider)
    ends.ENDS["suspended"](api, cyd, {})  # so the newest message of the conversation among three is hidden
    expected = last(api, ada)
    assert len(expected) == 5
    assert expected[1] == wider["id"]
    for limit in (1, 2, 5):
        pages = pages_down(api, ada, limit)
        assert [each for page in pages for each in page] == expected
        assert all(len(page) == limit for page in pages[:-1])
        assert last(api, ada, min_id=expected[-1], limit=limit) == expected[:-1][-limit:]
        assert last(api, ada, since_id=expected[3], limit=limit) == expected[:3][:limit]
        assert last(api, ada, max_id=expected[2], limit=limit) == expected[3:][:limit]


def test_upwards_none_is_lost_whose_newest_messages_are_hidden(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, cyd = people
    early = say(api, bob, "@ada @cyd early")
    later = say(api, bob, "@ada later")
    say(api, cyd, "@ada @bob", early)
    newest = say(api, bob, "@ada newest")
    ends.ENDS["suspended"](api, cyd, {})
    expected = [status["id"] for status in (early, later, newest)]
    shown_upwards, answer = [], api.get(PATH, ada, min_id="0" * 25 + "1", limit=1)
    while answer.json:
        shown_upwards += [each["last_status"]["id"] for each in answer.json]
        answer = api.follow_link(answer.link("prev") or "", ada)
    assert shown_upwards == expected


def test_beyond_the_limit_of_entries_paging_goes_on(
    api: Api, people: tuple[Person, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fstream_app.repository.conversations._UNIT", 2)
    monkeypatch.setattr(conversations, "MAX_ENTRIES", 4)
    ada, bob, cyd = people
    oldest = say(api, cyd, "@ada do not lose me")
    noisy = say(api, bob, "@ada first")
    for _ in range(6):
        newest = say(api, bob, "@ada more", noisy)
    answer = api.get(PATH, ada)
    assert [each["last_status"]["id"] for each in answer.json] == [newest["id"]]
    answer = api.follow_link(answer.link("next") or "", ada)
    assert [each["last_status"]["id"] for each in answer.json] == [oldest["id"]]
    assert act(api, ada, answer.json[0], verb="remove").status == 200


def test_a_message_that_has_not_settled_is_not_shown_and_not_removed(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada one")
    (conversation,) = listed(api, ada)
    second = api.post(bob, "@ada two", visibility="direct", in_reply_to_id=first["id"])
    assert run(views, posted(second)) == []
    assert last(api, ada) == [first["id"]]
    assert act(api, ada, conversation, verb="remove").status == 200
    api.deliver()
    assert shown(api, ada) == [(second["id"], True, ["bob"])]


def test_what_a_process_has_posted_holds_its_page_back_until_it_is_there(api: Api, people: tuple[Person, ...]) -> None:
    ada, bob, _ = people
    late = api.post(bob, "@ada late", visibility="direct")
    api.clock.advance(1)
    early = api.post(bob, "@ada early", visibility="direct")
    assert run(views, posted(early)) == []
    api.clock.advance(2)
    assert last(api, ada) == []
    assert run(views, posted(late)) == []
    assert last(api, ada) == [early["id"], late["id"]]


def test_a_burst_in_one_batch_arrives_whole_and_marks_each_conversation_once(
    api: Api, people: tuple[Person, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, cyd = people
    marked: list[tuple[str, str]] = []
    mark = stored.mark_answered

    def counted(user_id: str, conversation_id: str, *rest: Any) -> None:
        marked.append((user_id, conversation_id))
        mark(user_id, conversation_id, *rest)

    monkeypatch.setattr(stored, "mark_answered", counted)
    firsts = [api.post(ada, f"@{other} hello", visibility="direct") for other in ("bob", "cyd")]
    burst = list(firsts)
    for number in range(12):
        by, to = ((ada, "bob"), (bob, "ada"), (ada, "cyd"), (cyd, "ada"))[number % 4]
        api.clock.advance(0.01)
        answered = firsts[number % 4 // 2]["id"]
        burst.append(api.post(by, f"@{to} {number}", visibility="direct", in_reply_to_id=answered))
    assert run(views, *(posted(each, sequence=str(number)) for number, each in enumerate(burst, 1))) == []
    api.clock.advance(2)
    assert len(marked) == len(set(marked)) == 4
    assert shown(api, ada) == [(burst[-1]["id"], True, ["cyd"]), (burst[-3]["id"], True, ["bob"])]
    for status in (burst[-1], burst[-3]):
        api.delete(bob if status is burst[-3] else cyd, status)
    assert [each[1] for each in shown(api, ada)] == [False, False]


def test_a_repeated_record_changes_nothing_and_leaves_nothing_of_who_is_gone(
    api: Api, people: tuple[Person, ...]
) -> None:
    ada, bob, _ = people
    first = say(api, bob, "@ada one")
    reply = say(api, ada, "@bob two", first)
    (conversation,) = listed(api, ada)
    act(api, ada, conversation, verb="remove")
    assert run(views, posted(first), posted(reply, sequence="2")) == []
    assert listed(api, ada) == []
    assert last(api, bob) == [reply["id"]]
    ends.ENDS["left"](api, ada, {})
    api.deliver()
    assert run(views, posted(first)) == []
    assert not list(tables.TimelineItem.query(f"direct#{ada.id}"))
    assert shown(api, bob) == [(first["id"], False, ["bob"])]
