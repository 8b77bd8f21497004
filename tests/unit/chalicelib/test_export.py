"""The export: all pages together have everything of a user, once, and nothing that the user may not see."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import export
from fstream_app.core import deadline
from tests.support.people import PASSWORD, Api, Person

PATH = "/api/v1/export"
SECRET = "Cyd's secret"
SECTIONS = ("statuses", "following", "follow_requests", "blocks", "mutes", "favourites", "bookmarks", "followers")


@pytest.fixture
def ada(api: Api, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A user with something in every section, and more than a part of some."""
    monkeypatch.setattr(export, "_PART", 3)
    ada, bob, cyd, dan, eve = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan", "eve"))
    api.request("PATCH", "/api/v1/accounts/update_credentials", dan, json={"locked": True})
    for by, verb, whom in ((ada, "follow", bob), (ada, "follow", cyd), (ada, "follow", dan), (bob, "follow", ada)):
        api.act(by, verb, whom)
    api.act(ada, "mute", cyd, duration=3600)
    api.act(ada, "block", eve)
    shown = api.post(bob, "for everybody")
    api.clock.advance(1)
    hidden = api.post(cyd, SECRET, visibility="private")
    for status in (shown, hidden):
        for verb in ("favourite", "bookmark"):
            assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", ada).status == 200
    api.act(ada, "unfollow", cyd)
    for number in range(7):
        api.post(ada, f"message {number} #tag", spoiler_text="warning", language="de", expires_in=3600)
        api.clock.advance(1)
    api.post(ada, "@bob for you alone", visibility="direct")
    api.clock.advance(1)
    api.post(ada, "an answer", in_reply_to_id=shown["id"])
    api.deliver()
    return ada


def pages(api: Api, by: Person, between: Callable[[], object] = lambda: None) -> Iterator[dict[str, Any]]:
    """Yield all pages of an export, as a client that follows the `Link` header gets them."""
    path: str | None = PATH
    while path:
        answer = api.follow_link(path, by) if "?" in path else api.get(path, by)
        assert answer.status == 200, answer.text
        path = answer.link("next")
        assert path == answer.json["next"]
        yield answer.json
        between()


def joined(found: Iterator[dict[str, Any]]) -> dict[str, list[Any]]:
    whole: dict[str, list[Any]] = {name: [] for name in SECTIONS}
    for page in found:
        for name in SECTIONS:
            whole[name] += page[name]
    return whole


def test_an_export_has_everything_of_the_user_and_nothing_that_the_user_may_not_see(api: Api, ada: Person) -> None:
    (page,) = pages(api, ada)
    assert page["account"] == api.get("/api/v1/accounts/verify_credentials", ada).json
    answer, direct, newest, *others = page["statuses"]
    assert (direct["text"], direct["visibility"]) == ("@bob for you alone", "direct")
    assert answer["in_reply_to_id"] == page["bookmarks"][0]["id"]
    about = newest["text"], newest["spoiler_text"], newest["language"], newest["tags"][0]["name"]
    assert about == ("message 6 #tag", "warning", "de", "tag")
    assert newest["pleroma"]["expires_at"] > newest["created_at"]
    assert len(others) == 6
    names = {name: [each["acct"] for each in page[name]] for name in SECTIONS if "acct" in str(page[name][0])[:60]}
    assert names == {
        "following": ["bob"],
        "follow_requests": ["dan"],
        "blocks": ["eve"],
        "mutes": ["cyd"],
        "followers": ["bob"],
    }
    assert page["mutes"][0]["mute_expires_at"] == "2040-01-01T01:00:00.000Z"
    for name in ("favourites", "bookmarks"):
        assert [status["content"] for status in page[name]] == ["<p>for everybody</p>"]
    assert SECRET not in json.dumps(page)
    assert set(SECTIONS) | {"account", "next"} == page.keys()
    assert export.SECTIONS.keys() | {"next"} == page.keys()


def test_pages_together_are_the_whole_however_they_are_cut(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = joined(pages(api, ada))
    for where, name, value in (
        (export, "MAX_PARTS", 1),
        (export, "MAX_BYTES", 1),
        (export, "MAX_BYTES", 3000),
        (deadline, "left", lambda: 3),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, value)
            cut = list(pages(api, ada))
        assert joined(iter(cut)) == whole
        assert len(cut) > 5
        assert [page["account"] is not None for page in cut] == [True] + [False] * (len(cut) - 1)


def test_what_is_posted_and_deleted_between_pages_breaks_nothing(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = joined(pages(api, ada))
    monkeypatch.setattr(export, "MAX_BYTES", 5000)
    gone = iter(before["statuses"][2::2])
    deleted: list[Any] = []

    def between() -> None:
        api.post(ada, "a new one")
        if (status := next(gone, None)) is not None:
            api.delete(ada, status)
            deleted.append(status["id"])

    found = joined(pages(api, ada, between))
    ids = [status["id"] for status in found["statuses"]]
    assert len(ids) == len(set(ids))
    assert {each["id"] for each in before["statuses"]} - set(ids) <= set(deleted)
    for name in SECTIONS[1:]:
        assert [each["id"] for each in found[name]] == [each["id"] for each in before[name]]


@pytest.mark.parametrize(
    "cursor", ["x", "account.x", "statuses.x", "following.x", "bookmarks.0", ".", "next.", "mutes.ada"]
)
def test_a_cursor_that_no_page_has_is_refused(api: Api, cursor: str) -> None:
    answer = api.get(PATH, api.sign_up("ada"), cursor=cursor)
    assert (answer.status, answer.error) == (422, "The cursor must be that of a link to the next page")


def test_the_export_needs_the_whole_scope_and_has_a_limit(api: Api, configure: Callable[..., None]) -> None:
    ada = api.sign_up("ada")
    fields = {"username": "ada", "password": PASSWORD, "scope": "read:statuses write"}
    part = Person("ada", ada.id, api.token("password", **fields).json["access_token"])
    assert (api.get(PATH, part).status, api.get(PATH).status) == (403, 401)
    configure(rate_limits="on", rate_exports="2/3600")
    assert [api.get(PATH, ada).status for _ in range(3)] == [200, 200, 429]


def test_the_account_page_downloads_the_export_in_parts_and_deletes_all_messages(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(**more: str) -> Any:
        return api.request("POST", "/account/export", form={"username": "ada", "password": PASSWORD} | more)

    whole = download()
    assert whole.headers["Content-Disposition"] == 'attachment; filename="ada.json"'
    assert whole.json["next"] is None
    monkeypatch.setattr(export, "MAX_BYTES", 5_000)
    parts = [download().json]
    while parts[-1]["next"]:
        parts.append(download(cursor=parts[-1]["next"]).json)
    assert len(parts) > 2
    encoded = parts[0]["next"].replace("statuses.", "%73tatuses%2E")
    assert download(cursor=f" {encoded} ").json["statuses"] == parts[1]["statuses"]
    assert joined(iter(parts)) == joined(iter([whole.json]))
    for typed in ({"password": "wrong password"}, {"cursor": "x"}, {"password": ""}):
        answer = download(**typed)
        assert answer.status in {401, 422}
        assert "for you alone" not in answer.text
    form = {"username": "ada", "password": "wrong password"}
    assert api.request("POST", "/account/delete-messages", form=form).status == 401
    assert len(joined(pages(api, ada))["statuses"]) == 9
    answer = api.request("POST", "/account/delete-messages", form=form | {"password": PASSWORD})
    assert (answer.status, "All your messages are deleted." in answer.text) == (200, True)
    assert joined(pages(api, ada))["statuses"] == []
