"""Posting, reading and deleting messages."""

from collections.abc import Callable
from typing import Any

import pytest

from fstream_app.repository import messages
from tests.support.people import SETTLED, Answer, Api, Person

STATUSES = "/api/v1/statuses"
PUBLIC, TAG, HOME = "/api/v1/timelines/public", "/api/v1/timelines/tag/tag", "/api/v1/timelines/home"
VISIBILITIES = ("public", "unlisted", "private", "direct")
STATUS_FIELDS = set(
    "id created_at in_reply_to_id in_reply_to_account_id sensitive spoiler_text visibility language uri url "
    "replies_count reblogs_count favourites_count favourited reblogged muted bookmarked content reblog application "
    "account media_attachments mentions tags emojis card poll edited_at pleroma".split()
)


def post(api: Api, by: Person, key: str | None = None, **fields: object) -> Answer:
    headers = {"idempotency-key": key} if key else {}
    return api.request("POST", STATUSES, by, json={"status": "x"} | fields, headers=headers)


def shown(api: Api, status: dict[str, Any], by: Person | None = None) -> bool:
    """Return whether a user can read a message by its id."""
    return api.get(f"{STATUSES}/{status['id']}", by).status == 200


def multipart(**fields: str) -> dict[str, Any]:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return {"body": f"{parts}--b--\r\n".encode(), "headers": {"content-type": "multipart/form-data; boundary=b"}}


def test_json_urlencoded_and_multipart_bodies_mean_the_same(api: Api) -> None:
    ada = api.sign_up("ada")
    fields = {"status": "grüße\n& #tag", "visibility": "private", "expires_in": "60", "spoiler_text": "é"}
    answers = [
        api.request("POST", STATUSES, ada, json=fields | {"sensitive": True}),
        api.request("POST", STATUSES, ada, form=fields | {"sensitive": "1"}),
        api.request("POST", STATUSES, ada, **multipart(**fields, sensitive="on")),
    ]
    own = ("id", "uri", "url")
    statuses = [{name: value for name, value in each.json.items() if name not in own} for each in answers]
    assert [each.status for each in answers] == [200] * 3
    assert statuses == [statuses[0]] * 3
    assert statuses[0]["content"].startswith("<p>grüße<br />&amp; ")
    assert statuses[0]["pleroma"]["expires_at"] == "2040-01-01T00:01:00.000Z"


def test_a_status_has_the_fields_that_clients_need(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "@bob #Tag", language="de", spoiler_text="cw")
    assert status.keys() >= STATUS_FIELDS
    assert status["url"] == f"https://fstream.test/@ada/{status['id']}"
    assert status["created_at"] == "2040-01-01T00:00:00.000Z"
    assert status["account"]["id"] == ada.id
    assert status["mentions"] == [
        {"id": bob.id, "username": "bob", "acct": "bob", "url": "https://fstream.test/@bob"},
    ]
    assert [(tag["name"], tag["url"]) for tag in status["tags"]] == [("tag", "https://fstream.test/tags/tag")]
    assert (status["application"]["name"], status["language"], status["spoiler_text"]) == ("tests", "de", "cw")
    assert status["sensitive"] is True
    assert [status[name] for name in ("replies_count", "reblogs_count", "favourites_count")] == [0, 0, 0]
    assert status.get("text") is None
    assert api.get(f"{STATUSES}/{status['id']}", ada).json == status


def test_content_is_escaped_html_with_links(api: Api) -> None:
    ada, _ = api.sign_up("ada"), api.sign_up("bob")
    content = api.post(ada, "<script>\"&'</script> https://a.test/?x=1&y @bob @nobody\n\nbye")["content"]
    assert "<script" not in content
    assert "&lt;script&gt;&quot;&amp;&#x27;&lt;/script&gt;" in content
    assert 'href="https://a.test/?x=1&amp;y"' in content
    assert 'href="https://fstream.test/@bob"' in content
    assert "@nobody</p><p>bye</p>" in content


def test_a_message_has_1_to_500_characters_a_link_counting_23_and_a_mention_its_name(api: Api) -> None:
    ada, link = api.sign_up("ada"), "https://a.test/" + "x" * 200
    fitting = [("", 500), ("e\u0301" * 100, 400), (f" {link}", 476), (" @bob@fstream.test", 495), (" @bob", 495)]
    fitting += [
        ("é", 499),
        ("😀", 499),
        ("👩🏿‍🚀" * 10, 490),
        ("🇨🇭" * 100, 400),
        ("1️⃣", 499),
        ("क्षि", 499),
        ("\r\n", 500),
    ]
    for text, more in fitting:
        assert post(api, ada, status="x" * more + text).status == 200, text
        assert post(api, ada, status="x" * (more + 1) + text).status == 422, text
    assert post(api, ada, status="x" * 250, spoiler_text="y" * 250).status == 200
    assert post(api, ada, status="x" * 250, spoiler_text="y" * 251).status == 422
    assert post(api, ada, status="x" * 250, spoiler_text="👩🏿‍🚀" * 250).status == 200
    assert post(api, ada, status="x" * 250, spoiler_text="👩🏿‍🚀" * 251).status == 422
    for blank in ("", " ", "\n\t ", "\x00", None):
        assert post(api, ada, status=blank).status == 422, repr(blank)


@pytest.mark.parametrize("blank", ["", " ", "\r\n\t", "\x00", None])
def test_a_content_warning_without_text_is_a_message(api: Api, blank: str | None) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    answers = []
    for sent in (
        {"json": {"status": blank, "spoiler_text": "the <end>"}},
        {"form": {"status": blank or "", "spoiler_text": " the <end> "}},
        {"json": {"spoiler_text": "the\n<end>"}},
    ):
        answers.append(api.request("POST", STATUSES, ada, **sent))
        api.clock.advance(0.001)  # the same message in the same millisecond may get the same id
    assert [answer.status for answer in answers] == [200] * 3
    api.deliver()
    api.clock.advance(SETTLED)
    for status in (*(answer.json for answer in answers), *api.get("/api/v1/timelines/home", bob).json):
        assert (status["spoiler_text"], status["content"], status["sensitive"]) == ("the <end>", "", True)
        path = f"{STATUSES}/{status['id']}"
        assert api.get(path).json["content"] == ""
        assert api.get(f"{path}/source", ada).json == {"id": status["id"], "text": "", "spoiler_text": "the <end>"}
        assert "the &lt;end&gt;" in api.get(f"/@ada/{status['id']}").text
    assert len(api.home(bob)) == 3
    deleted = api.request("DELETE", f"{STATUSES}/{answers[0].json['id']}", ada).json
    assert (deleted["text"], deleted["spoiler_text"]) == ("", "the <end>")
    assert post(api, ada, status=blank, spoiler_text=" \n").status == 422


def test_a_link_is_no_way_around_the_limit(api: Api) -> None:
    ada = api.sign_up("ada")
    assert post(api, ada, status="https://a.test/" + "x" * (8000 - 15)).status == 200
    assert post(api, ada, status="https://a.test/" + "x" * (8001 - 15)).status == 422
    family = "👨‍👩‍👧‍👦"
    for status, spoiler in ((family * 321, ""), ("x", family * 320), (family * 160, family * 160 + "x")):
        refused = post(api, ada, status=status, spoiler_text=spoiler)
        assert (refused.status, refused.error) == (422, "Text can have at most 500 characters, and 8000 bytes")
    assert post(api, ada, status=family * 300).status == 200


def test_a_message_lives_60_seconds_to_7_days_and_a_day_if_nothing_is_said(api: Api) -> None:
    ada = api.sign_up("ada")
    lifetimes = {59: 422, 60: 200, 604_800: 200, 604_801: 422, 0: 422, -1: 422, 10**30: 422, "60": 200, "1m": 422}
    lifetimes |= {60.5: 422, "": 200}
    assert {seconds: post(api, ada, expires_in=seconds).status for seconds in lifetimes} == lifetimes
    assert "Expiry date is too soon" in post(api, ada, expires_in=59).error
    assert api.post(ada, "x")["pleroma"]["expires_at"] == "2040-01-02T00:00:00.000Z"
    assert api.post(ada, "x", expires_in=604_800)["pleroma"]["expires_at"] == "2040-01-08T00:00:00.000Z"


def test_the_unsupported_is_refused_and_what_is_empty_is_not(api: Api) -> None:
    ada = api.sign_up("ada")
    refused: list[dict[str, Any]] = [{"media_ids": ["1"]}, {"poll": {"options": ["a", "b"], "expires_in": 60}}]
    refused += [{"scheduled_at": "2041-01-01T00:00:00Z"}, {"visibility": "secret"}, {"in_reply_to_id": 7}]
    empty: list[dict[str, Any]] = [{"media_ids": []}, {"media_ids": None}, {"poll": None}, {"scheduled_at": None}]
    empty += [{"scheduled_at": ""}, {"in_reply_to_id": ""}, {"visibility": ""}, {"language": ""}, {"sensitive": None}]
    assert [fields for fields in refused if post(api, ada, **fields).status != 422] == []
    assert [fields for fields in empty if post(api, ada, **fields).status != 200] == []
    form = [("status", "x"), ("media_ids[]", "1")]
    assert api.request("POST", STATUSES, ada, form=form).status == 422


@pytest.fixture
def readers(api: Api) -> dict[str, Person | None]:
    """The author, and other readers by their relationship to the author."""
    names = ("author", "follower", "mentioned", "stranger", "blocked")
    people = {name: api.sign_up(name) for name in names}
    api.act(people["follower"], "follow", people["author"])
    api.act(people["blocked"], "follow", people["author"])
    api.act(people["author"], "block", people["blocked"])
    return {**people, "anonymous": None}


@pytest.fixture
def posted(api: Api, readers: dict[str, Person | None]) -> dict[str, str]:
    """Visibility by id of the author's messages, one of each visibility."""
    author = readers["author"]
    assert author is not None
    ids = {api.post(author, "@mentioned @blocked #tag", visibility=each)["id"]: each for each in VISIBILITIES}
    api.deliver()
    return ids


def test_who_may_see_a_message_sees_it_by_id_and_on_its_authors_account(
    api: Api, readers: dict[str, Person | None], posted: dict[str, str]
) -> None:
    author = readers["author"]
    assert author is not None
    expected = {
        "author": {"public", "unlisted", "private", "direct"},
        "follower": {"public", "unlisted", "private"},
        "mentioned": {"public", "unlisted", "private", "direct"},
        "stranger": {"public", "unlisted"},
        "blocked": set(),
        "anonymous": {"public", "unlisted"},
    }
    by_id = {
        name: {posted[each] for each in posted if shown(api, {"id": each}, reader)} for name, reader in readers.items()
    }
    account = f"/api/v1/accounts/{author.id}/statuses"
    listed = {name: {posted[each] for each in api.read(account, reader)} for name, reader in readers.items()}
    assert by_id == expected
    assert listed == expected


def test_only_public_messages_are_on_public_timelines(
    api: Api, readers: dict[str, Person | None], posted: dict[str, str]
) -> None:
    for path in (PUBLIC, TAG):
        seen = {name: {posted[each] for each in api.read(path, reader)} for name, reader in readers.items()}
        assert seen == {name: set() if name == "blocked" else {"public"} for name in readers}


def test_a_home_timeline_has_what_its_reader_may_see_of_the_followed(
    api: Api, readers: dict[str, Person | None], posted: dict[str, str]
) -> None:
    seen = {name: {posted[each] for each in api.home(reader)} for name, reader in readers.items() if reader}
    assert seen == {
        "author": set(VISIBILITIES),
        "follower": {"public", "unlisted", "private"},
        "mentioned": set(),
        "stranger": set(),
        "blocked": set(),
    }


def test_a_reply_names_what_it_answers(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    asked = api.post(ada, "why?")
    answered = api.post(bob, "because", in_reply_to_id=asked["id"])
    assert (answered["in_reply_to_id"], answered["in_reply_to_account_id"]) == (asked["id"], ada.id)


def test_what_one_cannot_see_one_cannot_answer(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    private, brief, deleted = (
        api.post(ada, "x", visibility="private"),
        api.post(ada, "x", expires_in=60),
        api.post(ada, "x"),
    )
    api.delete(ada, deleted)
    api.clock.advance(60)
    for parent in (private["id"], brief["id"], deleted["id"], "0" * 26, "x", "0" * 27):
        assert post(api, bob, in_reply_to_id=parent).status == 404, parent
    assert post(api, ada, in_reply_to_id=private["id"]).status == 200


def test_an_idempotency_key_posts_once_an_hour(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    first = post(api, ada, "key").json
    api.clock.advance(3599.999)
    assert post(api, ada, "key", status="other").json == first
    assert post(api, bob, "key").json["account"]["id"] == bob.id
    assert post(api, ada, "other key").json["id"] != first["id"]
    api.clock.advance(0.001)
    assert post(api, ada, "key").json["id"] != first["id"]


def test_an_idempotency_key_has_at_most_255_characters(api: Api) -> None:
    ada = api.sign_up("ada")
    assert post(api, ada, "k" * 255).status == 200
    assert post(api, ada, "k" * 256).status == 422


@pytest.mark.parametrize("gone", ["deleted", "expired"])
def test_an_idempotency_key_never_brings_back_what_is_gone(api: Api, gone: str) -> None:
    ada = api.sign_up("ada")
    status = post(api, ada, "key", expires_in=60).json
    if gone == "deleted":
        api.delete(ada, status)
    else:
        api.clock.advance(60)
    for _ in range(2):
        again = post(api, ada, "key", expires_in=60)
        assert again.status == 422
        assert "gone" in again.error
    assert api.home(ada) == []
    assert not shown(api, status, ada)


@pytest.mark.parametrize("written", [False, True])
def test_a_post_interrupted_between_its_two_writes_is_posted_once(
    api: Api, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    ada, put = api.sign_up("ada"), messages.put

    def fail_once(message: Any) -> None:
        monkeypatch.setattr(messages, "put", put)
        if written:
            put(message)
        raise TimeoutError

    monkeypatch.setattr(messages, "put", fail_once)
    assert post(api, ada, "key").status >= 500
    api.clock.advance(1)
    retried = post(api, ada, "key")
    assert retried.status == 200
    assert api.home(ada) == [retried.json["id"]]
    assert post(api, ada, "key").json == retried.json
    assert api.delete(ada, retried.json).status == 200
    assert post(api, ada, "key").status == 422
    assert api.home(ada) == []


def test_an_author_deletes_a_message_once_and_gets_its_text_back(api: Api) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "<b> @ada\n#tag")
    answer = api.delete(ada, status)
    assert (answer.status, answer.json["text"], answer.json["id"]) == (200, "<b> @ada\n#tag", status["id"])
    assert api.delete(ada, status).status == 404
    assert not shown(api, status, ada)


def test_nobody_deletes_what_is_not_there_or_not_theirs(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    public, private, brief = (
        api.post(ada, "x"), api.post(ada, "x", visibility="private"), api.post(ada, "x", expires_in=60),
    )  # fmt: skip
    assert api.delete(bob, public).status == 404
    assert api.delete(bob, private).status == 404
    assert api.request("DELETE", f"{STATUSES}/{public['id']}").status == 401
    assert api.delete(ada, {"id": "x"}).status == 404
    api.clock.advance(60)
    assert api.delete(ada, brief).status == 404
    assert shown(api, public)
    assert shown(api, private, ada)


def everywhere(api: Api, author: Person, reader: Person, status: dict[str, Any]) -> dict[str, bool]:
    """Return whether each read contains a message."""
    account, wanted = f"/api/v1/accounts/{author.id}/statuses", status["id"]
    found = api.get("/api/v2/search", reader, q=status["url"]).json["statuses"]
    return {
        "by id": shown(api, status, reader),
        "own by id": shown(api, status, author),
        "among several": wanted in api.read(STATUSES, reader, **{"id[]": [wanted, "nothing"]}),
        "home": wanted in api.home(reader),
        "own home": wanted in api.home(author),
        "public": wanted in api.read(PUBLIC),
        "tag": wanted in api.read(TAG, reader),
        "account": wanted in api.read(account, reader),
        "own account": wanted in api.read(account, author),
        "search": wanted in [each["id"] for each in found],
    }


def expire(api: Api, author: Person, status: dict[str, Any]) -> None:
    api.clock.advance(0.001)


def delete(api: Api, author: Person, status: dict[str, Any]) -> None:
    api.delete(author, status)


@pytest.mark.parametrize("end", [expire, delete])
@pytest.mark.parametrize("delivered", [True, False])
def test_what_has_expired_or_was_deleted_is_in_no_read_from_that_millisecond(
    api: Api, end: Callable[..., None], delivered: bool
) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.clock.advance(0.123)
    status = api.post(ada, "#tag", expires_in=60)
    api.deliver()
    api.clock.advance(60 - 1.5 - 0.001)
    seen = everywhere(api, ada, bob, status)
    assert all(seen.values()), seen
    end(api, ada, status)
    if delivered:
        api.deliver()
    seen = everywhere(api, ada, bob, status)
    assert not any(seen.values()), seen


def test_deleting_does_not_wait_for_the_fan_out(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    status = api.post(ada, "#tag")
    api.delete(ada, status)
    api.deliver()
    assert not any(everywhere(api, ada, bob, status).values())


def test_several_are_shown_newest_first_as_far_as_the_reader_may_see_them(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    posted = []
    for visibility in VISIBILITIES:
        api.clock.advance(1)
        posted.append(api.post(ada, "x", visibility=visibility)["id"])
    asked: dict[str, Any] = {"id[]": [*posted, posted[0], "x", "0" * 26]}
    assert api.read(STATUSES, ada, **asked) == posted[::-1]
    assert api.read(STATUSES, bob, **asked) == api.read(STATUSES, **asked) == posted[1::-1]
    assert api.read(STATUSES, ada) == []
    for number, status in ((40, 200), (41, 422)):
        assert api.get(STATUSES, ada, **{"id[]": [f"{n:026}" for n in range(number)]}).status == status
