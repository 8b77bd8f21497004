"""The export: all pages together have everything of a user, once, and nothing that the user may not see."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import export, export_sections
from fstream_app.core import deadline
from fstream_app.repository import senders
from tests.support.people import PASSWORD, Api, Person

PATH = "/api/v1/export"
SECRET = "Cyd's secret"
SECTIONS = (
    "statuses", "following", "follow_requests", "blocks", "mutes", "favourites", "bookmarks", "votes", "followers",
    "lists", "scheduled_statuses", "endorsements", "filters", "notes", "notification_policy", "accepted_senders",
    "muted_conversations", "followed_tags", "featured_tags", "markers", "reports",
)  # fmt: skip


@pytest.fixture
def ada(api: Api, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A user with messages, people and reactions: more than a part of some."""
    monkeypatch.setattr(export_sections, "_PART", 3)
    return live(api)


@pytest.fixture
def curator(api: Api, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A user with something in every section."""
    monkeypatch.setattr(export_sections, "_PART", 3)
    return live(api, curate)


def live(api: Api, more: Callable[..., None] = lambda *_: None) -> Person:
    ada, bob, cyd, dan, eve = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan", "eve"))
    api.request("PATCH", "/api/v1/accounts/update_credentials", dan, json={"locked": True})
    for by, verb, whom in ((ada, "follow", bob), (ada, "follow", cyd), (ada, "follow", dan), (bob, "follow", ada)):
        api.act(by, verb, whom)
    api.act(ada, "mute", cyd, duration=3600)
    api.act(ada, "block", eve)
    poll = {"options": ["a", "b"], "expires_in": 300, "multiple": True}
    shown = api.post(bob, "for everybody", poll=poll)
    api.clock.advance(1)
    hidden = api.post(cyd, SECRET, visibility="private", poll=poll)
    for status in (shown, hidden):
        for verb in ("favourite", "bookmark"):
            assert api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", ada).status == 200
        for choice in range(2):
            path = f"/api/v1/polls/{status['id']}/votes"
            assert api.request("POST", path, ada, json={"choices": [choice]}).status == 200
    more(api, ada, bob, eve, shown, hidden)
    api.act(ada, "unfollow", cyd)
    for number in range(7):
        api.post(ada, f"message {number} #tag", spoiler_text="warning", language="de", expires_in=3600)
        api.clock.advance(1)
    api.post(ada, "@bob for you alone", visibility="direct")
    api.clock.advance(1)
    api.post(ada, "an answer", in_reply_to_id=shown["id"])
    api.deliver()
    return ada


def curate(api: Api, ada: Person, bob: Person, eve: Person, shown: dict[str, Any], hidden: dict[str, Any]) -> None:
    """Use what is for the user alone."""

    def do(path: str, **fields: Any) -> Any:
        answer = api.request("POST", path, ada, json=fields)
        assert answer.status == 200, answer.text
        return answer.json

    api.act(ada, "follow", bob, notify=True, reblogs=False, languages=["de"])
    friends = do("/api/v1/lists", title="Friends", replies_policy="none", exclusive=True)
    do(f"/api/v1/lists/{friends['id']}/accounts", account_ids=[bob.id])
    do("/api/v1/lists", title="Empty")
    do(f"/api/v1/accounts/{bob.id}/endorse")
    for title, keywords in (("tea", [{"keyword": "tea"}]), ("none", [])):
        made = do("/api/v2/filters", title=title, context=["home"], keywords_attributes=keywords)
    do(f"/api/v2/filters/{made['id']}/statuses", status_id=shown["id"])
    for whom in (bob, eve):
        do(f"/api/v1/accounts/{whom.id}/note", comment=f"about {whom.name}")
    policy = "/api/v2/notifications/policy"
    assert api.request("PATCH", policy, ada, json={"for_new_accounts": "filter"}).status == 200
    senders.put(ada.id, bob.id)
    for status in (shown, hidden):
        do(f"/api/v1/statuses/{status['id']}/mute")
    for name in ("tea", "milk"):
        for verb in ("follow", "feature"):
            do(f"/api/v1/tags/{name}/{verb}")
        api.clock.advance(1)
    do("/api/v1/markers", home=(position := {"last_read_id": shown["id"]}), notifications=position)
    for number in range(4):
        do("/api/v1/statuses", status=f"later {number}", scheduled_at=f"2040-01-0{number + 2}T00:00:00Z")
        do("/api/v1/reports", account_id=eve.id, comment="rude")
        api.clock.advance(1)


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
    names = {name: [each["acct"] for each in page[name]] for name in SECTIONS if "acct" in str(page[name])[:60]}
    assert names == {
        "following": ["bob"],
        "follow_requests": ["dan"],
        "blocks": ["eve"],
        "mutes": ["cyd"],
        "followers": ["bob"],
    }
    assert page["mutes"][0]["mute_expires_at"] == "2040-01-01T01:00:00.000Z"
    for name in ("favourites", "bookmarks", "votes"):
        assert [status["content"] for status in page[name]] == ["<p>for everybody</p>"]
    assert SECRET not in json.dumps(page)
    assert set(SECTIONS) | {"account", "next"} == page.keys()
    assert export_sections.SECTIONS.keys() | {"next"} == page.keys()


def test_an_export_has_what_the_user_has_curated(api: Api, curator: Person) -> None:
    ada = curator
    pinned = api.post(ada, "pinned")
    assert api.request("POST", f"/api/v1/statuses/{pinned['id']}/pin", ada).status == 200
    (page,) = pages(api, ada)
    assert [each["text"] for each in page["statuses"] if each["pinned"]] == ["pinned"]
    (bob,), (dan,) = page["following"], page["follow_requests"]
    assert [(each["notify"], each["reblogs"], each["languages"]) for each in (bob, dan)] == [
        (True, False, ["de"]),
        (False, True, None),
    ]
    lists = {each["title"]: (each["replies_policy"], each["exclusive"], each["accounts"]) for each in page["lists"]}
    person = {name: bob[name] for name in ("id", "acct", "url")}
    assert lists == {"Friends": ("none", True, [person]), "Empty": ("list", False, [])}
    filters = sorted(page["filters"], key=lambda each: str(each["title"]))
    assert filters == sorted(api.get("/api/v2/filters", ada).json, key=lambda each: str(each["title"]))
    assert (len(filters[0]["statuses"]), len(filters[1]["keywords"])) == (1, 1)
    assert {each["acct"]: each["note"] for each in page["notes"]} == {"bob": "about bob", "eve": "about eve"}
    ((choice, *others),) = [
        [name for name, way in each.items() if way == "filter"] for each in page["notification_policy"]
    ]
    assert (choice, others, page["accepted_senders"]) == ("for_new_accounts", [], [person])
    assert [each["status_id"] for each in page["muted_conversations"]] == [page["bookmarks"][0]["id"]]
    assert [each["name"] for each in page["followed_tags"]] == ["milk", "tea"]
    assert [each["name"] for each in page["featured_tags"]] == ["milk", "tea"]
    assert page["featured_tags"][0]["url"] == "https://fstream.test/tags/milk"
    assert [each["timeline"] for each in page["markers"]] == ["home", "notifications"]
    assert page["reports"] == api.get("/api/v1/reports", ada).json
    assert page["endorsements"] == [person]
    assert page["scheduled_statuses"] == api.get("/api/v1/scheduled_statuses", ada).json
    assert len(page["reports"]) == 4


def test_pages_together_are_the_whole_however_they_are_cut(
    api: Api, curator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = joined(pages(api, curator))
    assert all(whole.values())
    for where, name, value in (
        (export, "MAX_PARTS", 1),
        (export, "MAX_BYTES", 1),
        (export, "MAX_BYTES", 3000),
        (deadline, "left", lambda: 3),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, value)
            cut = list(pages(api, curator))
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
    "cursor",
    ["x", "account.x", "statuses.x", "following.x", "bookmarks.0", ".", "next.", "mutes.ada", "notes.x", "reports.x"],
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
