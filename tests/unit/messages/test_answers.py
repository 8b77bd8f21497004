"""What replies answer and whom they mention, while the answered message exists and after it is gone."""

import random

import pytest

from ops.meter import metered
from tests.support.departing import one_call_at_a_time
from tests.support.ends import ENDS, Status
from tests.support.people import Api, Person

PERSON_GONE = {"left", "suspended"}


@pytest.fixture(autouse=True)
def _one_call_at_a_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    one_call_at_a_time(monkeypatch)


def reply(api: Api, by: Person, to: Status, text: str = "re", **fields: object) -> Status:
    api.clock.advance(1)
    return api.post(by, text, in_reply_to_id=to["id"], **fields)


def context(api: Api, status: Status, by: Person | None = None) -> tuple[list[Status], list[Status]]:
    answer = api.get(f"/api/v1/statuses/{status['id']}/context", by)
    assert answer.status == 200, answer.json
    return answer.json["ancestors"], answer.json["descendants"]


def answered(statuses: list[Status]) -> dict[str, tuple[str | None, str | None]]:
    return {each["id"]: (each["in_reply_to_id"], each["in_reply_to_account_id"]) for each in statuses}


def mentioned(status: Status) -> list[str]:
    return [mention["username"] for mention in status["mentions"]]


def everywhere(api: Api, by: Person, wanted: Status) -> dict[str, Status]:
    """Return a reply as shown by each read that contains it."""
    tag = wanted["tags"][0]["name"]
    pages = {
        path: api.get(path, by).json
        for path in (
            f"/api/v1/accounts/{wanted['account']['id']}/statuses",
            f"/api/v1/statuses?id[]={wanted['id']}",
            f"/api/v1/timelines/tag/{tag}",
            "/api/v1/timelines/home",
            "/api/v1/bookmarks",
            "/api/v1/favourites",
        )
    }
    pages["search"] = api.get("/api/v2/search", by, q=wanted["url"], type="statuses").json["statuses"]
    pages["notifications"] = [each["status"] for each in api.get("/api/v1/notifications", by).json if each["status"]]
    found = {path: each for path, page in pages.items() for each in page if each["id"] == wanted["id"]}
    return found | {"by id": api.get(f"/api/v1/statuses/{wanted['id']}", by).json}


@pytest.mark.parametrize("end", ENDS)
def test_replies_below_a_gap_answer_the_nearest_message_that_is_left(api: Api, end: str) -> None:
    ada, bob, cyd = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cyd")
    root = api.post(ada, "root")
    above = reply(api, ada, root)
    gone = reply(api, bob, above, expires_in=600)
    gone_too = reply(api, bob, gone, expires_in=600)
    below = reply(api, cyd, gone_too)
    last = reply(api, ada, below)
    beside = reply(api, cyd, gone)
    api.deliver()
    for status in [gone, gone_too] if end in {"deleted", "expired"} else [gone]:
        ENDS[end](api, bob, status)
    wanted = {
        above["id"]: (root["id"], ada.id),
        below["id"]: (above["id"], ada.id),
        last["id"]: (below["id"], cyd.id),
        beside["id"]: (above["id"], ada.id),
    }
    assert answered(context(api, root)[1]) == wanted
    assert answered(context(api, above)[1]) == {each: wanted[each] for each in (below["id"], last["id"], beside["id"])}
    ancestors, descendants = context(api, below)
    assert answered(ancestors) == {root["id"]: (None, None), above["id"]: (root["id"], ada.id)}
    assert answered(descendants) == {last["id"]: (below["id"], cyd.id)}


@pytest.mark.parametrize("why", ["private", "direct", "blocked", "muted"])
def test_replies_below_what_the_reader_may_not_see_answer_the_nearest_that_they_may(api: Api, why: str) -> None:
    ada, bob, eve = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("eve")
    root = api.post(ada, "root")
    hidden = reply(api, bob, root, "@ada re", visibility=why if why in {"private", "direct"} else "public")
    below = reply(api, ada, hidden)
    api.deliver()
    if why in {"blocked", "muted"}:
        api.act(eve, {"blocked": "block", "muted": "mute"}[why], bob)
    assert answered(context(api, root, eve)[1]) == {below["id"]: (root["id"], ada.id)}
    assert answered(context(api, root, bob)[1])[below["id"]] == (hidden["id"], bob.id)


def test_a_thread_whose_beginning_is_gone_begins_with_what_is_left(api: Api) -> None:
    ada = api.sign_up("ada")
    root = api.post(ada, "root")
    second = reply(api, ada, root)
    third = reply(api, ada, second)
    api.deliver()
    api.delete(ada, root)
    assert answered(context(api, third)[0]) == {second["id"]: (None, None)}
    assert answered(context(api, second)[1]) == {third["id"]: (second["id"], ada.id)}


@pytest.mark.parametrize("seed", range(6))
def test_a_context_is_a_tree_without_gaps_whatever_is_gone(api: Api, seed: int) -> None:
    chance, ada = random.Random(seed), api.sign_up("ada")
    posts = [api.post(ada, "root")]
    for _ in range(14):
        posts.append(reply(api, ada, chance.choice(posts), expires_in=chance.choice([60, 86_400])))
    api.deliver()
    for each in chance.sample(posts[1:], 4):
        api.delete(ada, each)
    api.clock.advance(60)
    parents = {each["id"]: each["in_reply_to_id"] for each in posts}
    for top in posts:
        if api.get(f"/api/v1/statuses/{top['id']}").status != 200:
            continue
        ancestors, descendants = context(api, top)
        shown = {each["id"] for each in [*ancestors, top, *descendants]}
        for each in [*ancestors, *descendants]:
            nearest = parents[each["id"]]
            while nearest is not None and nearest not in shown:
                nearest = parents[nearest]
            assert each["in_reply_to_id"] == nearest
            assert each["in_reply_to_account_id"] == (ada.id if nearest else None)


@pytest.mark.parametrize("end", ENDS)
def test_no_read_shows_the_id_of_an_answered_message_that_is_gone(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(ada, "why?", expires_in=600)
    answer = reply(api, bob, reply(api, bob, asked, "hm"), "because #why @bob")
    other = reply(api, bob, asked, "so #why @bob")
    eve = api.sign_up("eve")
    api.act(eve, "follow", bob)
    api.act(eve, "follow", ada)
    for verb in ("favourite", "bookmark"):
        assert api.request("POST", f"/api/v1/statuses/{other['id']}/{verb}", eve).status == 200
    api.deliver()
    before = everywhere(api, eve, other)
    assert len(before) == 8
    assert set(answered(list(before.values())).values()) == {(asked["id"], ada.id)}
    ENDS[end](api, ada, asked)
    after = everywhere(api, eve, other)
    assert len(after) == 8 if end not in PERSON_GONE else len(after) >= 6
    assert [(each["in_reply_to_id"], each["in_reply_to_account_id"]) for each in after.values()] == [
        (None, None) for _ in after
    ]
    assert everywhere(api, eve, answer)["by id"]["in_reply_to_account_id"] == bob.id
    assert api.delete(bob, other).json["in_reply_to_id"] is None


def test_a_deleted_reply_still_says_what_it_answered_so_that_it_can_be_written_again(api: Api) -> None:
    ada = api.sign_up("ada")
    asked = api.post(ada, "why?")
    assert api.delete(ada, reply(api, ada, asked)).json["in_reply_to_id"] == asked["id"]


def test_notifications_answer_nothing_that_is_gone(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked, kept = api.post(ada, "why?"), api.post(ada, "how?")
    for each in (asked, kept):
        reply(api, bob, each)
    api.act(bob, "follow", ada)
    api.deliver()
    api.clock.advance(1)
    api.delete(ada, asked)
    shown = api.get("/api/v1/notifications", ada).json
    statuses = [each["status"] for each in shown if each["type"] == "mention"]
    assert [each["in_reply_to_id"] for each in statuses] == [kept["id"], None]
    assert [mentioned(each) for each in statuses] == [["ada"], ["ada"]]
    assert {each["status"] is None for each in shown if each["type"] == "follow"} == {True}
    assert api.get("/api/v1/notifications/unread_count", ada).json["count"] == 3


@pytest.mark.parametrize("visibility", ["public", "unlisted", "direct"])
def test_a_reply_mentions_the_person_replied_to_who_is_notified_and_may_see_it(api: Api, visibility: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(ada, "why?")
    answer = reply(api, bob, asked, "because", visibility=visibility)
    api.deliver()
    (notification,) = api.get("/api/v1/notifications", ada).json
    assert (notification["type"], notification["status"]["id"]) == ("mention", answer["id"])
    wanted = {"id": ada.id, "username": "ada", "acct": "ada", "url": "https://fstream.test/@ada"}
    seen = [answer, notification["status"], *context(api, asked, ada)[1]]
    seen += [api.get(f"/api/v1/statuses/{answer['id']}", each).json for each in (ada, bob)]
    assert [each["mentions"] for each in seen] == [[wanted]] * 5
    assert {each["content"] for each in seen} == {"<p>because</p>"}


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
@pytest.mark.parametrize("named", ["", "@cyd ", "@nobody ", "@bob ", "@ada "])
@pytest.mark.parametrize("follows", [True, False])
def test_a_reply_is_shown_to_nobody_whom_its_visibility_and_its_text_leave_out(
    api: Api, visibility: str, named: str, follows: bool
) -> None:
    ada, bob, cyd, eve = (api.sign_up(name) for name in ("ada", "bob", "cyd", "eve"))
    asked = api.post(ada, "why?")
    if follows:
        api.act(ada, "follow", bob)
    answer = reply(api, bob, asked, f"{named}because", visibility=visibility)
    api.deliver()
    api.clock.advance(2)
    open_to_all = visibility in {"public", "unlisted"}
    to_ada = open_to_all or named == "@ada " or (follows if visibility == "private" else not named)
    readers = {"ada": to_ada, "bob": True, "cyd": open_to_all or named == "@cyd ", "eve": open_to_all}
    for reader in (ada, bob, cyd, eve):
        may_see = readers[reader.name]
        assert api.get(f"/api/v1/statuses/{answer['id']}", reader).status == (200 if may_see else 404), reader.name
        assert [each["id"] for each in context(api, asked, reader)[1]] == [answer["id"]] * may_see, reader.name
        received = [each for each in api.get("/api/v1/notifications", reader).json if each["type"] == "mention"]
        is_notified = {"ada": to_ada, "cyd": named == "@cyd "}.get(reader.name, False)
        assert [each["status"]["id"] for each in received] == [answer["id"]] * is_notified, reader.name
        assert all(mentioned(each["status"]).count(reader.name) == 1 for each in received), reader.name
        for each in received:
            assert api.get(f"/api/v1/notifications/{each['id']}", reader).json == each


@pytest.mark.parametrize("end", ["deleted", "expired", "left open"])
def test_a_notification_of_a_private_reply_mentions_who_is_notified_and_lets_nobody_see_more(
    api: Api, end: str
) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "follow", bob)
    asked = api.post(ada, "why?", expires_in=600)
    answer = reply(api, bob, asked, "because", visibility="private")
    api.deliver()
    ENDS.get(end, lambda *_: api.clock.advance(2))(api, ada, asked)
    api.clock.advance(2)
    (shown,) = api.get("/api/v1/notifications", ada).json
    assert mentioned(shown["status"]) == ["ada"]
    assert shown["status"]["content"] == "<p>because</p>"
    assert mentioned(answer) == []
    api.act(ada, "unfollow", bob)
    assert api.get(f"/api/v1/statuses/{answer['id']}", ada).status == 404
    assert api.get("/api/v1/notifications", ada).json == []


def test_who_is_mentioned_by_name_is_mentioned_once_and_oneself_only_by_name(api: Api) -> None:
    ada, bob, cyd = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cyd")
    asked = api.post(ada, "why?")
    assert cyd
    for text, names in (
        ("@ADA because", ["ada"]),
        ("@cyd @ada@fstream.test look", ["cyd", "ada"]),
        ("@cyd look", ["ada", "cyd"]),
        ("@ada@elsewhere.test look", ["ada"]),
        ("@bob", ["ada", "bob"]),
    ):
        assert mentioned(reply(api, bob, asked, text)) == names, text
    assert mentioned(reply(api, ada, asked)) == []
    assert mentioned(reply(api, ada, asked, "@ada")) == ["ada"]


def test_the_person_replied_to_counts_neither_as_text_nor_as_one_of_twenty(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    others = [api.sign_up(f"u{number}") for number in range(20)]
    asked = api.post(ada, "why?")
    assert len(mentioned(reply(api, bob, asked, " ".join(f"@{each.name}" for each in others)))) == 21
    assert mentioned(reply(api, bob, asked, "x" * 500)) == ["ada"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("text", ["because", "@ada because"])
def test_a_person_who_is_gone_is_mentioned_by_name_alone(api: Api, end: str, text: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(ada, "why?", expires_in=600)
    answer = reply(api, bob, asked, text)
    ENDS[end](api, ada, asked)
    if end == "suspended":
        api.clock.advance(60)  # until then, the profile is remembered
    shown = api.get(f"/api/v1/statuses/{answer['id']}").json
    assert mentioned(shown) == ([] if end in PERSON_GONE and text == "because" else ["ada"])


def test_a_repeated_key_mentions_the_person_replied_to_as_well(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(ada, "why?")
    fields, headers = {"status": "re", "in_reply_to_id": asked["id"]}, {"idempotency-key": "k"}
    first, second = (api.request("POST", "/api/v1/statuses", bob, json=fields, headers=headers) for _ in range(2))
    assert first.json == second.json
    assert mentioned(first.json) == ["ada"]


def test_pages_without_replies_read_nothing_more_and_replies_a_unit_each(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = [api.post(ada, "why?") for _ in range(3)]
    path = f"/api/v1/accounts/{bob.id}/statuses"

    def units() -> float:
        api.get(f"/api/v1/accounts?id[]={ada.id}&id[]={bob.id}")  # remembered from now on
        with metered() as cost:
            assert api.get(path).status == 200
        return cost.read_units

    api.post(bob, "no reply")
    before = units()
    for each in asked:
        reply(api, bob, each)
    assert units() == before + 3
    reply(api, bob, asked[0])
    assert units() == before + 3
