"""How long a message lives: a lifetime in its text, the one of the message that it answers, and defaults."""

from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest

from tests.support.people import Answer, Api, Person

STATUSES, ME = "/api/v1/statuses", "/api/v1/accounts/verify_credentials"
DAY = 86_400
LONG, SHORT = (
    f"A lifetime at the end of the text must be at {limit}. To post it as a hashtag, add a word after it."
    for limit in ("most #1w", "least #1m")
)


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def post(api: Api, by: Person, text: str, key: str = "", **fields: object) -> Answer:
    headers = {"idempotency-key": key} if key else {}
    return api.request("POST", STATUSES, by, json={"status": text, **fields}, headers=headers)


def seconds(status: dict[str, Any]) -> float:
    """Return a status's lifetime."""
    begin, end = (datetime.fromisoformat(each) for each in (status["created_at"], status["pleroma"]["expires_at"]))
    return (end - begin).total_seconds()


def source(api: Api, by: Person, status: dict[str, Any]) -> str:
    return str(api.get(f"{STATUSES}/{status['id']}/source", by).json["text"])


def switch(api: Api, by: Person, **defaults: object) -> dict[str, Any]:
    """Change defaults; return them all."""
    answer = api.request("PATCH", "/api/v1/accounts/update_credentials", by, json={"source": defaults})
    assert answer.status == 200, answer.json
    changed: dict[str, Any] = answer.json["source"]
    assert api.get(ME, by).json["source"] == changed
    return changed


@pytest.mark.parametrize(
    ("text", "lifetime", "left"),
    [
        ("bye #tea #5m", 300, "bye #tea"),
        ("bye\n\n#90S \n\t", 90, "bye"),
        ("bye\u3000\uff03\uff11\uff48", 3600, "bye"),
        ("#5m bye #2d", 172_800, "#5m bye"),
        ("@bob #1w", 604_800, "@bob"),
        ("bye #5m @bob", DAY, "bye #5m @bob"),
        ("bye #5m.", DAY, "bye #5m."),
    ],
)
def test_a_lifetime_at_the_end_of_a_text_is_the_messages_and_no_longer_in_the_text(
    api: Api, ada: Person, text: str, lifetime: int, left: str
) -> None:
    bob = api.sign_up("bob")
    status = api.post(ada, text)
    assert (seconds(status), source(api, ada, status)) == (lifetime, left)
    assert {tag["name"] for tag in status["tags"]} == {word[1:] for word in ("#tea", "#5m") if word in left}
    assert [each["id"] for each in status["mentions"]] == [bob.id] * ("@bob" in left)
    assert api.get(f"{STATUSES}/{status['id']}").json["content"] == status["content"]
    assert ("/tags/5m" in status["content"]) == ("#5m" in left)
    api.deliver()
    found = api.get("/api/v2/search", ada, q="#5m", type="hashtags").json["hashtags"]
    assert [tag["name"] for tag in found if tag["history"][0]["uses"] != "0"] == ["5m"] * ("#5m" in left)
    assert len(api.read("/api/v1/timelines/tag/5m")) == ("#5m" in left)
    assert api.delete(ada, status).json["text"] == left


def test_json_and_forms_are_read_alike(api: Api, ada: Person) -> None:
    answer = api.request("POST", STATUSES, ada, form={"status": "bye #5m\r\n"})
    assert (seconds(answer.json), source(api, ada, answer.json)) == (300, "bye")


@pytest.mark.parametrize(
    ("word", "error"),
    [("#59s", SHORT), ("#0s", SHORT), ("#0000w", SHORT), ("#8d", LONG), ("#604801s", LONG), (f"#{'9' * 400}m", LONG)],
)
def test_a_lifetime_outside_of_the_limits_is_refused(api: Api, ada: Person, word: str, error: str) -> None:
    refused = post(api, ada, f"bye {word}")
    assert (refused.status, refused.error) == (422, error)
    assert post(api, ada, f"bye {word} bye").status == 200
    assert len(api.home(ada)) == 1


def test_the_limits_are_the_instances(api: Api, ada: Person, configure: Callable[..., None]) -> None:
    configure(min_lifetime=5, default_lifetime=7, max_lifetime=7200)
    assert [post(api, ada, f"bye {word}").status for word in ("#4s", "#5s", "#2h", "#121m")] == [422, 200, 200, 422]
    assert "at most #2h." in post(api, ada, "bye #121m").error
    assert "from 5 seconds to 2 hours" in api.get("/api/v2/instance").json["description"]


def test_expires_in_takes_precedence_and_the_word_is_removed_all_the_same(api: Api, ada: Person) -> None:
    for word in ("#5m", "#0s", "#99w"):
        status = api.post(ada, f"bye {word}", expires_in=3600)
        assert (seconds(status), source(api, ada, status)) == (3600, "bye")
    assert post(api, ada, "bye #5m", expires_in=59).status == 422


def test_a_lifetime_alone_is_no_text_unless_there_is_a_content_warning(api: Api, ada: Person) -> None:
    for text in ("#5m", " \n#5m\n", "\u200b#5m"):
        refused = post(api, ada, text)
        assert (refused.status, refused.error) == (422, "Text can't be blank")
        status = api.post(ada, text, spoiler_text="tea")
        assert (seconds(status), status["content"], status["spoiler_text"]) == (300, "", "tea")


def test_a_content_warning_has_no_lifetime(api: Api, ada: Person) -> None:
    status = api.post(ada, "bye", spoiler_text="tea #5m")
    assert (seconds(status), status["spoiler_text"]) == (DAY, "tea #5m")


def test_characters_are_counted_without_the_word(api: Api, ada: Person) -> None:
    assert post(api, ada, "x" * 500 + " #5m").status == 200
    assert post(api, ada, "x" * 501 + " #5m").status == 422
    assert post(api, ada, "x" * 495 + " #5m x").status == 422
    tags = " ".join(f"#tea{number}" for number in range(20))
    assert len(api.post(ada, f"{tags} #5m")["tags"]) == 20


def test_a_repeat_with_the_same_key_returns_the_message_without_the_word(api: Api, ada: Person) -> None:
    first = post(api, ada, "bye #5m", "key").json
    api.clock.advance(299)
    assert post(api, ada, "bye #5m", "key").json == first
    api.clock.advance(1)
    assert "gone" in post(api, ada, "bye #5m", "key").error


def test_a_user_can_switch_it_off(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    assert api.get(ME, ada).json["source"]["lifetime_in_text"] is True
    assert switch(api, ada, lifetime_in_text=False)["lifetime_in_text"] is False
    status = api.post(ada, "bye #0s #5m")
    assert (seconds(status), source(api, ada, status)) == (DAY, "bye #0s #5m")
    assert [tag["name"] for tag in status["tags"]] == ["0s", "5m"]
    assert api.post(ada, "#5m")["content"] != ""
    assert seconds(api.post(bob, "bye #5m")) == 300
    assert switch(api, ada, language="de")["lifetime_in_text"] is False
    form = {"source[lifetime_in_text]": "1"}
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", ada, form=form).json["source"][
        "lifetime_in_text"
    ]
    assert seconds(api.post(ada, "bye #5m")) == 300


def test_it_is_described_where_people_look(api: Api) -> None:
    for path in ("/api/v1/instance", "/api/v2/instance", "/"):
        assert "a word such as #1d for 1 day: a number, and s, m, h, d or w for" in unescape(api.get(path).text)
    assert "lifetime_in_text" in api.get("/docs").text
    assert api.get("/api/v1/instance").json["short_description"] == "A social network in which nothing stays."


def test_a_default_outside_of_changed_limits_becomes_the_nearest_limit(
    api: Api, ada: Person, configure: Callable[..., None]
) -> None:
    switch(api, ada, expires_in=604_800)
    configure(max_lifetime=DAY)
    assert seconds(api.post(ada, "x")) == DAY
    switch(api, ada, expires_in=60)
    configure(min_lifetime=90)
    assert seconds(api.post(ada, "x")) == 90


VISIBILITIES = ("public", "unlisted", "private", "direct")
UPDATE = "/api/v1/accounts/update_credentials"


def defaults(source: dict[str, Any]) -> list[int | None]:
    """Return the general default lifetime, and those of public to direct messages."""
    return [source["expires_in"], *(source["expires_in_by_visibility"][each] for each in VISIBILITIES)]


def test_a_default_lifetime_counts_for_messages_of_its_visibility(api: Api, ada: Person) -> None:
    assert defaults(switch(api, ada, expires_in=3600)) == [3600, None, None, None, None]
    changed = switch(api, ada, expires_in={"direct": 60, "public": 120, "unlisted": 180, "private": 240})
    assert defaults(changed) == [3600, 120, 180, 240, 60]
    assert [seconds(api.post(ada, "x", visibility=each)) for each in VISIBILITIES] == [120, 180, 240, 60]
    assert seconds(api.post(ada, "x #1h")) == seconds(api.post(ada, "x", expires_in=3600)) == 3600
    assert defaults(switch(api, ada, expires_in={"public": 0, "private": "0"})) == [3600, None, 180, None, 60]
    assert [seconds(api.post(ada, "x", visibility=each)) for each in VISIBILITIES] == [3600, 180, 3600, 60]
    assert defaults(switch(api, ada, expires_in=0)) == [None, None, 180, None, 60]
    assert seconds(api.post(ada, "x")) == DAY


def test_the_default_visibility_decides_which_default_lifetime_counts(api: Api, ada: Person) -> None:
    switch(api, ada, privacy="private", expires_in={"default": 3600, "private": 60})
    assert seconds(api.post(ada, "x")) == 60
    assert api.get("/api/v1/preferences", ada).json["posting:default:expires_in"] == 60
    switch(api, ada, privacy="unlisted")
    assert api.get("/api/v1/preferences", ada).json["posting:default:expires_in"] == 3600


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ([("source[expires_in][direct]", "60")], [3600, 120, None, None, 60]),
        ([("source[expires_in]", "7200"), ("source[expires_in][direct]", "60")], [7200, 120, None, None, 60]),
        ([("source[expires_in][direct]", "60"), ("source[expires_in]", "7200")], [7200, 120, None, None, 60]),
        (
            [("source[expires_in][direct]", "60"), ("source[expires_in]", "0"), ("source[expires_in][public]", "0")],
            [None, None, None, None, 60],
        ),
        ([("source[expires_in][default]", "7200")], [7200, 120, None, None, None]),
        ([("source[expires_in]", "60"), ("source[expires_in]", "7200")], [7200, 120, None, None, None]),
        ([("source[expires_in]", ""), ("source[expires_in][direct]", "")], [3600, 120, None, None, None]),
    ],
)
def test_default_lifetimes_come_as_a_form_too(
    api: Api, ada: Person, form: list[tuple[str, str]], expected: list[int | None]
) -> None:
    switch(api, ada, expires_in={"default": 3600, "public": 120})
    answer = api.request("PATCH", UPDATE, ada, form=form)
    assert answer.status == 200, answer.json
    assert defaults(answer.json["source"]) == expected


def test_what_is_null_or_not_sent_stays(api: Api, ada: Person) -> None:
    switch(api, ada, expires_in={"default": 3600, "direct": 60})
    for unchanged in ({}, {"direct": None, "default": None}, {"secret": 60}, None):
        assert defaults(switch(api, ada, expires_in=unchanged)) == [3600, None, None, None, 60]


@pytest.mark.parametrize("wrong", [59, 604_801, -1, "x", 60.5, True, [60], {}, 10**30])
def test_a_default_lifetime_outside_of_the_limits_is_refused(api: Api, ada: Person, wrong: object) -> None:
    switch(api, ada, expires_in={"default": 3600, "direct": 60})
    for name in ("default", *VISIBILITIES):
        answer = api.request("PATCH", UPDATE, ada, json={"note": "new", "source": {"expires_in": {name: wrong}}})
        assert (answer.status, "expires_in" in answer.error) == (422, True)
    mine = api.get(ME, ada).json["source"]
    assert (defaults(mine), mine["note"]) == ([3600, None, None, None, 60], "")


def test_a_direct_reply_lives_as_long_as_what_it_answers_was_made_to_live(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    switch(api, bob, expires_in={"default": 3600, "direct": 7200})
    for visibility in VISIBILITIES:
        asked = api.post(ada, "@bob?", visibility=visibility, expires_in=90)
        api.clock.advance(89.9)
        answered = api.post(bob, "!", visibility="direct", in_reply_to_id=asked["id"])
        assert seconds(answered) == 90
        assert seconds(api.post(ada, "?", visibility="direct", in_reply_to_id=answered["id"])) == 90
        assert seconds(api.post(bob, "! #1h", visibility="direct", in_reply_to_id=answered["id"])) == 3600
        own = api.post(bob, "!", visibility="direct", in_reply_to_id=answered["id"], expires_in=61)
        assert seconds(own) == 61
        other = api.post(bob, "!", visibility="private", in_reply_to_id=answered["id"])
        assert seconds(other) == 3600
    assert seconds(api.post(bob, "@ada", visibility="direct")) == 7200


def test_a_direct_reply_is_not_refused_for_the_lifetime_that_it_inherits(
    api: Api, ada: Person, configure: Callable[..., None]
) -> None:
    long, short = (api.post(ada, "@bob", expires_in=each)["id"] for each in (604_800, 60))
    configure(min_lifetime=90, max_lifetime=DAY)
    lifetimes = [seconds(api.post(ada, "!", visibility="direct", in_reply_to_id=each)) for each in (long, short)]
    assert lifetimes == [DAY, 90]


def test_a_repeat_of_a_direct_reply_has_the_lifetime_that_was_inherited(api: Api, ada: Person) -> None:
    asked = api.post(ada, "?", expires_in=3600)["id"]
    fields = {"visibility": "direct", "in_reply_to_id": asked}
    first = post(api, ada, "!", "key", **fields).json
    api.clock.advance(5)
    assert post(api, ada, "!", "key", **fields).json == first
    assert seconds(first) == 3600
