"""Searching hashtags through the API, by the beginning of their names."""

from collections.abc import Iterable
from urllib.parse import quote, unquote

import pytest

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.feed.hashtags import MAX_HASHTAGS
from fstream_app.moderation import suspension
from fstream_app.repository import timelines
from ops.meter import metered
from tests.support import crowds
from tests.support.people import PASSWORD, Api, Person


def hashtags(api: Api, query: str, by: Person | None = None) -> list[str]:
    return [tag["name"] for tag in api.get("/api/v2/search", by, q=query, type="hashtags").json["hashtags"]]


def test_hashtags_are_found_by_the_beginning_of_their_name_whatever_its_case(api: Api) -> None:
    ada = api.sign_up("ada")
    api.post(ada, "#Maths #mathematics #math #tea #t")
    api.deliver()
    assert hashtags(api, "#MATH") == hashtags(api, "math") == ["math", "mathematics", "maths"]
    assert hashtags(api, "maths") == ["maths"]
    assert hashtags(api, "t") == ["t"]
    for query in ("mathsy", "no tag", "1", "#", "", "é" * 101):
        assert hashtags(api, query) == [], query


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("#col·legi", "col·legi"),
        ("＃Tag", "tag"),  # noqa: RUF001
        ("#ｽﾀｰ･ｳｫｰｽﾞ", "スター・ウォーズ"),
        ("#می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001
        ("#ශ්\u200dරී", "ශ්\u200dරී"),
        ("#葛\U000e0100飾区", "葛飾区"),
        ("I ❤️#Straße❤️", "strasse"),
    ],
)
def test_the_timeline_of_every_hashtag_is_at_the_name_that_a_message_shows(api: Api, written: str, name: str) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, written)
    api.deliver()
    [tag] = status["tags"]
    assert (tag["name"], unquote(tag["url"])) == (name, f"https://fstream.test/tags/{name}")
    assert f'href="{tag["url"]}"' in status["content"]
    signless = written[written.index("#") + 1 :] if "#" in written else written[1:]
    for path in {quote(name), tag["url"].rpartition("/")[2], quote(signless.removesuffix("❤️"))}:
        assert api.read(f"/api/v1/timelines/tag/{path}") == [status["id"]]
        assert api.get(f"/api/v1/tags/{path}").json["name"] == name
    assert api.read("/api/v1/timelines/tag/other", any=name) == [status["id"]]
    assert api.read(f"/api/v1/accounts/{ada.id}/statuses", ada, tagged=name) == [status["id"]]
    for query in (name, f"＃{name}", f"#{name[:3]}"):  # noqa: RUF001
        assert hashtags(api, query) == [name], query


def test_ones_own_hashtags_are_found_at_once(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(ada, "#secret_garden", visibility="private")
    assert hashtags(api, "secret", ada) == ["secret_garden"]
    api.deliver()
    assert hashtags(api, "secret", bob) == hashtags(api, "secret") == []


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_a_hashtag_is_found_for_as_long_as_a_message_has_it(api: Api, end: str) -> None:
    ada = api.sign_up("ada")
    brief = api.post(ada, "#passing #staying", expires_in=60)
    api.post(ada, "#staying", expires_in=3600)
    api.deliver()
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == (["passing"], ["staying"])
    if end == "delete":
        api.delete(ada, brief)
    else:
        api.clock.advance(60)
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == ([], ["staying"])


def test_twenty_hashtags_are_found_and_what_that_costs_is_bounded(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(2):
        api.post(ada, " ".join(f"#tag{number}{letter}" for letter in "abcdefghijklmno"))
    api.deliver()
    with metered() as cost:
        assert len(hashtags(api, "tag")) == MAX_HASHTAGS
    assert cost.read_units <= 45


def history(api: Api, name: str) -> list[tuple[str, str, str]]:
    """Return day, uses and accounts as a hashtag and a search for it give them."""
    tag = api.get(f"/api/v1/tags/{name}").json
    found = api.get("/api/v2/search", q=name, type="hashtags").json["hashtags"]
    assert tag in found or not found
    assert (tag["name"], tag["url"]) == (name, f"https://fstream.test/tags/{name}")
    return [(day["day"], day["uses"], day["accounts"]) for day in tag["history"]]


def test_a_hashtags_history_counts_messages_and_people_by_day_until_they_expire(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    today = api.clock.now // 86_400_000 * 86_400
    days = [str(today + 86_400 - 86_400 * ago) for ago in range(7)]
    for _ in range(2):
        api.post(ada, "#tea #Tea", expires_in=604_800)
    api.post(bob, "#tea", expires_in=604_800)
    api.post(bob, "#tea", visibility="unlisted", expires_in=604_800)
    api.deliver()
    api.clock.advance(86_400)
    api.post(ada, "#tea", expires_in=60)
    api.deliver()
    assert history(api, "tea") == [(days[0], "1", "1"), (days[1], "3", "2"), *((day, "0", "0") for day in days[2:])]
    api.clock.advance(60)
    assert history(api, "tea")[:2] == [(days[0], "0", "0"), (days[1], "3", "2")]
    assert {uses for _, uses, _ in history(api, "unheard")} == {"0"}


@pytest.mark.parametrize("end", ["delete", "expire", "suspend", "leave"])
def test_a_hashtags_history_counts_only_messages_that_everybody_may_see(api: Api, end: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    brief = api.post(ada, "#tea", expires_in=60)
    for hidden_from_some in ("unlisted", "private", "direct"):
        api.post(ada, "#tea", visibility=hidden_from_some)
    api.post(bob, "#tea")
    api.deliver()
    assert history(api, "tea")[0][1:] == ("2", "2")
    if end == "delete":
        api.delete(ada, brief)
    elif end == "expire":
        api.clock.advance(60)
    elif end == "suspend":
        suspension.suspend("ada", "", api.clock.now)
    else:
        form = {"password": PASSWORD}
        assert api.request("POST", "/api/pleroma/delete_account", ada, form=form).status == 200
    assert history(api, "tea")[0][1:] == ("1", "1")
    api.deliver()
    assert history(api, "tea")[0][1:] == ("1", "1")


def test_a_search_counts_forty_messages_among_all_hashtags_that_it_finds(api: Api) -> None:
    people = [api.sign_up(name) for name in ("ada", "bob", "cyd")]
    for by in people:
        for _ in range(9):
            api.post(by, "#tea0 #tea1")
    api.deliver()
    found = api.get("/api/v2/search", q="tea", type="hashtags").json["hashtags"]
    assert [tag["history"][0]["uses"] for tag in found] == ["20", "20"]
    with metered() as cost:
        assert api.get("/api/v1/tags/tea0").json["history"][0]["uses"] == "20"
    assert cost.read_units <= 0.5 + 20
    assert history(api, "tea0")[0][1:] == ("20", "3")


def test_ones_own_messages_are_counted_at_once_if_they_are_public(api: Api) -> None:
    ada = api.sign_up("ada")
    api.post(ada, "#mine")
    api.post(ada, "#mine", visibility="private")
    [mine] = api.get("/api/v2/search", ada, q="mine", type="hashtags").json["hashtags"]
    assert (mine["history"][0]["uses"], mine["history"][0]["accounts"]) == ("1", "1")


def test_the_hashtags_of_a_status_have_name_and_address_alone(api: Api) -> None:
    status = api.post(api.sign_up("ada"), "#tea #café")
    base = "https://fstream.test/tags"
    assert status["tags"] == [{"name": "tea", "url": f"{base}/tea"}, {"name": "café", "url": f"{base}/caf%C3%A9"}]


def tagged(author_id: str, names: Iterable[str], now: int) -> Message:
    """Return a message with hashtags, and index these as the fan-out does."""
    made = Message(id=MessageId.new(author_id, now), text="", lifetime=86_400, tags=tuple(names))
    for name in made.tags:
        timelines.remember_tag(name, now // 1000 + 86_400)
    return made


@pytest.mark.parametrize("deleted", [2, 450])
def test_deleted_messages_hide_no_live_hashtag_and_are_not_counted(api: Api, deleted: int) -> None:
    ada = api.sign_up("ada")
    live = [tagged(ada.id, ["tea", "teapot"], api.clock.advance(1)) for _ in range(3)]
    gone = [tagged(ada.id, ["tea"], api.clock.advance(0.001)) for _ in range(deleted)]
    crowds.put([*live, *gone])
    crowds.forget(gone)
    assert hashtags(api, "te") == ["tea", "teapot"]
    assert history(api, "tea")[0][1:] == ("3", "1")


def test_hashtags_without_a_live_message_take_no_room_in_a_search(api: Api) -> None:
    ada = api.sign_up("ada")
    names = [f"tea{number:03}" for number in range(150)]
    gone = [tagged(ada.id, names[start : start + 10], api.clock.advance(0.001)) for start in range(0, 150, 10)]
    live = tagged(ada.id, [f"teb{number:03}" for number in range(MAX_HASHTAGS)], api.clock.advance(1))
    crowds.put([*gone, live])
    crowds.forget(gone)
    assert hashtags(api, "te") == list(live.tags)


@pytest.mark.parametrize("verb", ["block", "mute"])
def test_hashtags_of_hidden_people_take_no_room_in_a_search(api: Api, verb: str) -> None:
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    noise = [tagged(eve.id, [f"tea{number:03}"], api.clock.advance(0.001)) for number in range(60)]
    crowds.put([*noise, tagged(bob.id, ["teb"], api.clock.advance(1))])
    api.act(ada, verb, eve)
    assert hashtags(api, "te", ada) == ["teb"]
    assert hashtags(api, "te") == [f"tea{number:03}" for number in range(MAX_HASHTAGS)]
