"""Unique markers are sent through every path there is, and looked for in everything that FSTREAM writes and returns.

The tables say where each marker may be, and so must be: as `table.attribute`, and whether it is shown to others.
Everywhere else, in clear or encoded, it fails the test: in other tables, indexes, streams, dead letters, log lines and
their metrics, files, and responses.
"""

import base64
import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fstream_app.moderation import removal, suspension
from fstream_app.repository import log as log_items
from fstream_app.repository import messages
from tests.support import ends, forensics, gateway, marked_sockets
from tests.support.departing import DELETE
from tests.support.forensics import Markers, Places
from tests.support.logs import written
from tests.support.people import Api, Person
from tests.support.visitor import Visitor
from tests.support.walks import LETTERS, QUERIES, add_filter, filled, routes

ADDRESS = "203.0.113.77"
WEEK = 604_800

LIVE = """
application     applications.name messages.application tokens.application_name          shown
display         users.display_name                                                      shown
direct          messages.text
edited          messages.text                                                           shown
field_name      users.fields                                                            shown
field_value     users.fields                                                            shown
featured        users.featured                                                          shown
followed        relationships.e relationships/edge-index.e
filter          relationships.d
former_hashtag  timelines.message_id
hashtag         messages.tags messages.text timelines.message_id timelines.timeline     shown
listened        sockets.streams sockets.user_id
name            messages.mentions messages.text users.id users.name users/name-index.name  shown
note            users.note                                                              shown
option          messages.poll_options                                                   shown
note_of_report  reports.comment
private_note    relationships.c
reason_removal  notifications.reason
reason_suspend  users.suspended tokens.suspended
redirect        applications.redirect_uris tokens.redirect_uri
scheduled       messages.text
spoiler         messages.spoiler                                                        shown
text            messages.text                                                           shown
title           relationships.title
website         applications.website messages.application_website tokens.application_website  shown
"""

GONE = """
application     applications.name
former_hashtag  timelines.message_id
hashtag         timelines.message_id
name            messages.mentions messages.text                                         shown
reason_removal  notifications.reason
redirect        applications.redirect_uris
reason_suspend  users.suspended tokens.suspended
website         applications.website
"""
"""The author has left. Hashtags, also those that an edit has removed, remain in the index for search until their
messages would have expired; the name, where others have written it."""

EXPIRED = """
application     applications.name
redirect        applications.redirect_uris
reason_suspend  users.suspended tokens.suspended
website         applications.website
"""
"""A week later, after TTL. The application is in use by others; a suspension lasts."""

STREAM = {"stream of relationships"}
"""The stream has the keys of changes for 24 hours (moto's for good), and so the hashtags that the author follows."""


class Spy:
    """Reads everything that leaves FSTREAM: responses, log lines, dead letters, files."""

    def __init__(
        self, api: Api, letters: list[dict[str, object]], folder: Path, lines: StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.api = api
        self.markers = Markers()
        self.by_others = False
        self.visitor: Visitor | None = None
        """The author with a browser, once signed up."""
        self._letters = letters
        self._folder = folder
        self._lines = lines
        self._shown: list[bytes] = []
        self._request = api._client.http.request
        monkeypatch.setattr(api._client.http, "request", self._watch)

    def _watch(self, method: str, path: str, **sent: Any) -> Any:
        answer = self._request(method, path, **sent)
        if self.by_others:
            self._shown.append(repr(answer.headers).encode() + answer.body)
        return answer

    @contextmanager
    def others(self) -> Iterator[None]:
        """Collect the responses in the block: they go to others than those who sent the markers."""
        self.by_others = True
        yield
        self.by_others = False

    def found(self) -> Places:
        """Return where the markers are."""
        sources = [*forensics.stored(), *forensics.streamed(), *forensics.written(self._folder)]
        sources += [("log", self._lines.getvalue().encode()), ("dead letter", json.dumps(self._letters).encode())]
        sources += [("shown", content) for content in self._shown]
        self._shown.clear()
        return self.markers.find(sources)


@pytest.fixture
def spy(
    api: Api,
    configure: Callable[..., None],
    dead_letters: list[dict[str, object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Spy]:
    """A spy that sees every log line of every library, as Lambda writes it and with all arguments."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    configure(rate_limits="on", rate_sign_ups="100/3600", rate_log_ins="100/3600", connections=gateway.ADDRESS)
    raw = logging.StreamHandler(lines := StringIO())
    for name in ("fstream_app", "chalicelib", "chalice", "fstream"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    logging.getLogger().addHandler(raw)
    with written(logging.DEBUG) as log:
        spy = Spy(api, dead_letters, tmp_path, lines, monkeypatch)
        yield spy
        assert log.requests
        assert not spy.markers.find([("log", log.text.encode())])
    logging.getLogger().removeHandler(raw)


def table(text: str) -> Places:
    return {name: set(places) for name, *places in (line.split() for line in text.splitlines() if line)}


def headers(markers: Markers) -> dict[str, str]:
    """Return headers that are sent with every kind of request."""
    return {
        "user-agent": f"agent {markers['agent']}",
        "referer": f"https://{markers['referer']}.test/",
        "x-forwarded-for": markers.add("address", ADDRESS),
        "cookie": f"session={markers['cookie']}",
        "x-anything": markers["header"],
    }


def sign_up(spy: Spy) -> Person:
    """Sign the author up on the authorization page of an application with markers, and log in in other ways."""
    marks, api = spy.markers, spy.api
    registered = {"client_name": marks["application"], "website": f"https://{marks['website']}.test/"}
    visitor = Visitor(api, f"https://client.test/{marks['redirect']}", registered)
    spy.visitor = visitor
    marks.add("client secret", visitor.application["client_secret"])
    form = visitor.open(state=marks["state"], prompt="create").page
    signed_up = visitor.submit(form, "sign_up", username=marks["name"], password=marks["password"])
    code = marks.add("code", signed_up.answer["code"])
    add_code(spy, "recovery code", signed_up.page.texts["recovery-code"])
    visitor.open(client_id=marks["wrong client"], redirect_uri=f"https://{marks['wrong redirect']}.test/")
    token = marks.add("token", visitor.exchange(code).json["access_token"])
    visitor.exchange(code, code_verifier=marks["wrong verifier"])
    visitor.log_in(marks["name"], marks["wrong password"])
    visitor.log_in(marks["wrong name"], marks["password"])
    client = {name: visitor.application[name] for name in ("client_id", "client_secret")}
    for grant in ("password", marks["grant"]):
        form_data = {"grant_type": grant, "username": marks["name"], "password": marks["password"], "scope": "read"}
        issued = api.request("POST", "/oauth/token", form=client | form_data, headers=headers(marks))
        if issued.status == 200:
            marks.add("second token", issued.json["access_token"])
    api.request("POST", "/oauth/token", form=client | {"grant_type": "client_credentials", "scope": marks["scope"]})
    api.request("POST", "/oauth/revoke", form=client | {"token": marks["wrong token"]})
    anonymous = {"authorization": f"Bearer {api.application_token()}"} | headers(marks)
    account = {
        "username": marks["second name"] + "-",  # not allowed
        "password": marks["password"],
        "email": f"{marks['email']}@a.test",
        "reason": marks["sign-up reason"],
        "agreement": True,
    }
    assert api.request("POST", "/api/v1/accounts", headers=anonymous, json=account).status == 422
    person = Person(marks["name"], "", token)
    return Person(person.name, api.get("/api/v1/accounts/verify_credentials", person).json["id"], token)


def add_code(spy: Spy, name: str, code: str) -> str:
    """Look for a recovery code with and without its hyphens."""
    spy.markers.add(f"{name} without hyphens", code.replace("-", ""))
    return spy.markers.add(name, code)


def log_in(spy: Spy, author: Person) -> Person:
    """Log in with the new password to an application that has the author's markers."""
    visitor = spy.visitor
    assert visitor is not None
    code = visitor.log_in(author.name, spy.markers["new password"]).answer["code"]
    secret = visitor.exchange(spy.markers.add("new code", code)).json["access_token"]
    return Person(author.name, author.id, spy.markers.add("new token", secret))


def renew(spy: Spy, author: Person) -> None:
    """Change the password, get and use recovery codes, and see the sessions: in the API and on the pages."""
    marks, api = spy.markers, spy.api
    path, page = "/api/pleroma/change_password", "/account/"
    wrong = {"password": marks["wrong old password"], "new_password": marks["refused password"]}
    assert api.request("POST", path, author, json=wrong, headers=headers(marks)).status == 403
    changed = api.request("POST", path, author, json={"password": marks["password"], "new_password": marks["second"]})
    add_code(spy, "second recovery code", changed.json["recovery_code"])
    again = api.request("POST", "/api/v1/recovery_code", author, json={"password": marks["second"]}).json
    code = add_code(spy, "third recovery code", again["recovery_code"])
    form = {"username": marks["name"], "code": marks["wrong code"], "new_password": marks["third"]}
    assert api.request("POST", f"{page}recover", form=form, headers=headers(marks)).status == 401
    assert api.request("POST", f"{page}recover", form=form | {"code": code}, headers=headers(marks)).status == 200
    form = {"username": marks["name"], "password": marks["third"], "new_password": marks["new password"]}
    assert api.request("POST", f"{page}password", form=form, headers=headers(marks)).status == 200
    for name in ("sessions", "recovery-code", "export"):
        form = {"username": marks["name"], "password": marks["new password"]}
        assert api.request("POST", f"{page}{name}", form=form, headers=headers(marks)).status == 200


def write(spy: Spy, author: Person, others: dict[str, Person]) -> dict[str, str]:
    """Send markers in everything that people write; return ids of the author's messages by letter."""
    marks, api = spy.markers, spy.api
    profile = {
        "display_name": marks["display"],
        "note": marks["note"],
        "fields_attributes": [{"name": marks["field_name"], "value": marks["field_value"]}],
    }
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", author, json=profile).status == 200
    key = headers(marks) | {"idempotency-key": marks["idempotency key"]}
    draft: dict[str, Any] = {"status": f"{marks['text']} #{marks['hashtag']}", "spoiler_text": marks["spoiler"]}
    draft |= {"expires_in": WEEK, "poll": {"options": [marks["option"], "no"], "expires_in": 300}}
    public = api.request("POST", "/api/v1/statuses", author, json=draft, headers=key).json["id"]
    assert api.request("POST", "/api/v1/statuses", author, json=draft, headers=key).json["id"] == public
    edit(spy, author)
    later = datetime.fromtimestamp(api.clock.now / 1000 + WEEK / 2, UTC).isoformat()
    api.post(author, f"{marks['scheduled']} @{others['friend'].name}", scheduled_at=later, expires_in=60)
    made = api.request("POST", "/api/v1/lists", author, json={"title": marks["title"]}).json["id"]
    api.act(author, "note", others["friend"], comment=marks["private_note"])
    direct = api.post(author, f"{marks['direct']} @{others['friend'].name}", visibility="direct", expires_in=WEEK)["id"]
    api.act(others["friend"], "follow", author)
    api.post(others["friend"], f"hello @{author.name}", expires_in=WEEK)
    api.request("POST", f"/api/v1/statuses/{public}/favourite", others["friend"])
    api.request("POST", f"/api/v1/polls/{public}/votes", others["friend"], json={"choices": [0]})
    boost = api.request("POST", f"/api/v1/statuses/{public}/reblog", others["friend"]).json["id"]
    assert api.request("POST", f"/api/v1/tags/{marks['followed']}/follow", author).status == 200
    assert api.request("POST", "/api/v1/featured_tags", author, json={"name": marks["featured"]}).status == 200
    assert api.request("POST", f"/api/v1/statuses/{public}/pin", author).status == 200
    report = {"account_id": others["stranger"].id, "comment": marks["note_of_report"]}
    assert api.request("POST", "/api/v1/reports", author, json=report).status == 200
    # The copies that these keep are sealed, so that the table of reports has no text of a message.
    for reader, seen in (("stranger", [public]), ("friend", [public, direct])):
        copied = {"account_id": author.id, "status_ids": seen}
        assert api.request("POST", "/api/v1/reports", others[reader], json=copied).json["status_ids"] == seen
    assert sum(place == "reports.sealed" for place, _ in forensics.stored()) == 2
    ids = {letter: direct if letter in "fd" else public for letter in LETTERS}
    ids |= {"list": made, "boost_p": boost, "boost_u": boost}
    return ids | add_filter(api, author, marks["filter"], public)


def edit(spy: Spy, author: Person) -> None:
    """Post a message and replace all that it says."""
    marks, api = spy.markers, spy.api
    former = f"{marks['former text']} #{marks['former_hashtag']}"
    path = f"/api/v1/statuses/{api.post(author, former, spoiler_text=marks['former spoiler'], expires_in=WEEK)['id']}"
    api.deliver()
    for fields in ({"status": marks["edited"]}, {"status": "x" * 600 + marks["too long an edit"]}):
        api.request("PUT", path, author, json=fields)
    assert marks["edited"] in api.get(f"{path}/history").text


def send_nonsense(spy: Spy, author: Person) -> None:
    """Send markers in everything that is refused, and in searches."""
    marks, api = spy.markers, spy.api
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x", marks["content type"]):
        body = f'{{"{marks["malformed"]}": '.encode()
        api.request("POST", "/api/v1/statuses", author, body=body, headers={"content-type": content_type})
    for fields in (
        {"status": [marks["wrong type"]]},
        {"status": "x", "visibility": marks["wrong choice"]},
        {"status": "x" * 600 + marks["too long"]},
        {marks["unknown field"]: "x", "status": ""},
    ):
        assert api.request("POST", "/api/v1/statuses", author, json=fields).status == 422
    api.get(f"/{marks['unknown path']}/{marks['unknown path']}", author)
    api.get(f"/api/v1/accounts/{marks['unknown id']}", author)
    api.get("/api/v1/timelines/home", author, limit=marks["wrong number"], max_id=marks["wrong id"])
    assert api.get("/api/v1/export", author, cursor=marks["wrong cursor"]).status == 422
    marker = {"home[last_read_id]": marks["wrong position"]}
    assert api.request("POST", "/api/v1/markers", author, form=marker).status == 422
    api.request("DELETE", f"/api/v1/conversations/{marks['wrong conversation']}", author)
    api.get("/api/v1/timelines/public", None, **{marks["unknown parameter"]: "x"})
    for query in (marks["search"], f"@{marks['search for a name']}", f"#{marks['search for a hashtag']}"):
        api.get("/api/v2/search", author, q=query)
    bearer = {"authorization": f"Bearer {marks['wrong bearer']}"}
    assert api.request("GET", "/api/v1/timelines/home", headers=bearer).status == 401


def moderate(spy: Spy, villain: Person) -> None:
    """Remove a message and suspend a user, with reasons."""
    marks, api = spy.markers, spy.api
    removed = api.post(villain, marks["removed text"])["id"]
    removal.remove(removed, marks["reason_removal"], api.clock.now)
    suspension.suspend(villain.name, marks["reason_suspend"], api.clock.now)


def fail(spy: Spy, author: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request and a stream function fail with errors that repeat everything, until there are dead letters."""

    def broken(*values: object, **more: object) -> None:
        raise RuntimeError(f"{values} {more} {spy.markers['error']}")

    with monkeypatch.context() as patched:
        patched.setattr(messages, "put", broken)
        draft = {"status": spy.markers["text of a defect"]}
        assert spy.api.request("POST", "/api/v1/statuses", author, json=draft).status == 500
    spy.api.post(author, spy.markers["text of a dead letter"], visibility="direct", expires_in=60)
    with monkeypatch.context() as patched:
        patched.setattr(log_items, "append", broken)
        spy.api.deliver()


def look_around(spy: Spy, author: Person, ids: dict[str, str], readers: list[Person | None]) -> None:
    """Let others request every route with the author's ids and name, and search by the beginning of markers."""
    names = {"ada": author.id, "host": author.id, "notification": "0" * 26} | ids
    names |= {f"to_{letter}": ids[letter] for letter in LETTERS}
    paths = [
        (f"{path}?{query}" if query else path).replace("@ada", f"@{author.name}").replace("=ad", f"={author.name[:6]}")
        for route in routes()
        for path in filled(route)
        for query in QUERIES.get(route, [""])[:1]
    ]
    paths += [f"/api/v2/search?q=%23{spy.markers['hashtag'][:6]}", f"/api/v2/search?q={author.name[:6]}"]
    with spy.others():
        for reader in readers:
            for path in paths:
                spy.api.get(path.format_map(names), reader)


def test_markers_are_in_the_one_place_where_they_belong_and_nowhere_once_it_is_gone(
    spy: Spy, dead_letters: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = spy.api
    others = {name: api.sign_up(name) for name in ("friend", "stranger", "villain")}
    author = sign_up(spy)
    renew(spy, author)
    author = log_in(spy, author)
    assert api.get("/api/oauth_tokens", author).status == 200
    ids = write(spy, author, others)
    marked_sockets.listen(spy.markers, headers(spy.markers), author)
    send_nonsense(spy, author)
    moderate(spy, others["villain"])
    api.deliver()
    fail(spy, author, monkeypatch)
    assert dead_letters
    readers = [others["stranger"], None]
    look_around(spy, author, ids, readers)
    more = {"text of a dead letter": {"messages.text"}, "followed": table(LIVE)["followed"] | STREAM}
    assert spy.found() == table(LIVE) | more
    ends.delete(api, author, {"id": ids["p"]})
    found = spy.found()
    assert not {"text", "spoiler"} & found.keys()
    assert not found["hashtag"] & {"messages.text", "messages.tags"}

    api.request("POST", DELETE, author, json={"password": spy.markers["new password"]})
    api.deliver()
    look_around(spy, author, ids, readers)
    assert spy.found() == table(GONE) | {"followed": STREAM}
    api.clock.advance(WEEK + 3600)
    assert forensics.expire(api.clock.now) > 10
    look_around(spy, author, ids, readers)
    assert spy.found() == table(EXPIRED) | {"followed": STREAM}


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_marker_is_found_in_every_encoding(before: int, encoding: str) -> None:
    markers = Markers()
    raw = b"x" * before + markers["one"].encode(encoding) + b"y" * 5
    for content in (raw, raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        assert markers.find([("here", content)]) == {"one": {"here"}}
    assert markers.find([("here", b"x" * 99)]) == {}
