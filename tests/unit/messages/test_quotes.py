"""Quotes: what a reader sees of a quoted message, who may quote, the count, the list, and revoking."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fstream_app.core.quoting import QuotePolicy
from fstream_app.moderation import removal, suspension
from tests.support.people import PASSWORD, Api, Person
from tests.support.quotes import STATUSES, quote, settle, show

ME = "/api/v1/accounts/update_credentials"
WORDS = "unmistakable"


READS = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/tag",
    "/api/v1/accounts/{bob}/statuses",
    "/api/v1/accounts/{bob}/statuses?pinned=true",
    "/api/v1/statuses/{quote}",
    "/api/v1/statuses?id[]={quote}",
    "/api/v1/statuses/{reply}/context",
    "/api/v1/statuses/{quote}/quotes",
    "/api/v1/favourites",
    "/api/v1/bookmarks",
    "/api/v1/notifications",
    "/api/v1/conversations",
    "/api/v1/trends/statuses",
    "/api/v1/export",
    "/api/v2/search?q=https://fstream.test/@bob/{quote}",
    "/@bob/{quote}",
    "/@bob",
    "/tags/tag",
)
"""Everything that shows a message, or one that quotes it."""
ORIGINALS = {"/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/trends/statuses", "/api/v1/export"}
"""Reads that show Ada's message itself."""


class Scene:
    """Ada's message, which Bob quotes; Cyd follows both, and has the quote wherever a message can be."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ada, self.bob, self.cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
        for whom in (self.ada, self.bob):
            api.act(self.cyd, "follow", whom)
        self.quoted = api.post(self.ada, WORDS, expires_in=600)
        self.quote = quote(api, self.bob, self.quoted, "look @cyd #tag")
        self.again = quote(api, self.cyd, self.quote, "look at this look @bob")
        self.reply = api.post(self.cyd, "so?", in_reply_to_id=self.quote["id"])
        self.direct = quote(api, self.bob, self.quoted, "@cyd @ada psst", visibility="direct")
        for by, verb in ((self.bob, "pin"), (self.cyd, "favourite"), (self.cyd, "bookmark")):
            api.request("POST", f"{STATUSES}/{self.quote['id']}/{verb}", by)
        settle(api)
        self.places = {"bob": self.bob.id, "quote": self.quote["id"], "reply": self.reply["id"]}

    def states(self, by: Person | None) -> set[str]:
        """Return the states of all quotes of Ada's message that a reader is shown."""
        return {state for path in READS for state in self._in(self.api.get(path.format_map(self.places), by).json)}

    def _in(self, content: Any) -> set[str]:
        if isinstance(content, list):
            return set().union(*map(self._in, content))
        if not isinstance(content, dict):
            return set()
        is_quoting = content.get("id") in {self.quote["id"], self.direct["id"]} and "quote" in content
        own = {content["quote"]["state"]} if is_quoting and content["quote"] else set()
        return own.union(*map(self._in, content.values()))

    def shown(self, by: Person | None) -> set[str]:
        """Return the reads that show what Ada has written. Pages for people have no reader."""
        reads = [path for path in READS if by is None or path.startswith("/api")]
        return {path for path in reads if WORDS in self.api.get(path.format_map(self.places), by).text}


@pytest.fixture
def scene(api: Api) -> Scene:
    return Scene(api)


def suspend(scene: Scene) -> None:
    suspension.suspend("ada", "spam", scene.api.clock.now)


GONE: dict[str, Callable[[Scene], object]] = {
    "expired": lambda scene: scene.api.clock.advance(600),
    "deleted": lambda scene: scene.api.delete(scene.ada, scene.quoted),
    "cleared": lambda scene: scene.api.request(
        "POST", f"{STATUSES}/delete_all", scene.ada, json={"password": PASSWORD}
    ),
    "removed": lambda scene: removal.remove(scene.quoted["id"], "spam", scene.api.clock.now),
    "suspended": suspend,
    "left": lambda scene: scene.api.request(
        "POST", "/api/pleroma/delete_account", scene.ada, json={"password": PASSWORD}
    ),
}


@pytest.mark.parametrize("end", GONE)
def test_a_quote_of_a_message_that_is_gone_says_so_and_shows_nothing(scene: Scene, end: str) -> None:
    everywhere = {each for each in READS if "conversations" not in each and each != "/@bob"}
    assert scene.shown(scene.cyd) >= {each for each in everywhere if each.startswith("/api")} - {READS[8]}
    assert scene.shown(None) >= {"/@bob/{quote}", "/@bob", "/tags/tag", "/api/v1/timelines/public"}
    assert scene.states(scene.cyd) == {"accepted"}
    GONE[end](scene)
    for by in (scene.cyd, scene.bob, None):
        assert scene.shown(by) == set()
        assert scene.states(by) == {"deleted"}
    shown = show(scene.api, scene.quote, scene.cyd)
    assert shown["quote"] == {"state": "deleted", "quoted_status": None}
    assert "quote-inline" not in shown["content"]
    assert scene.quoted["id"] not in json.dumps(shown)


def revoke(scene: Scene, quoting: dict[str, Any]) -> None:
    path = f"{STATUSES}/{scene.quoted['id']}/quotes/{quoting['id']}/revoke"
    for _ in range(2):
        assert scene.api.request("POST", path, scene.ada).json["quote"] == {"state": "revoked", "quoted_status": None}


def test_a_quote_obeys_relations_at_once(scene: Scene) -> None:
    api, ada, cyd = scene.api, scene.ada, scene.cyd
    api.act(cyd, "mute", ada)
    assert scene.states(cyd) == {"muted_account"}
    assert show(api, scene.quote, cyd)["quote"]["quoted_status"]["id"] == scene.quoted["id"]
    api.act(cyd, "unmute", ada)
    api.act(cyd, "block", ada)
    assert (scene.states(cyd), scene.shown(cyd)) == ({"blocked_account"}, set())
    api.act(cyd, "unblock", ada)
    assert scene.states(cyd) == {"accepted"}
    api.act(ada, "block", cyd)
    assert (scene.states(cyd), scene.shown(cyd)) == ({"unauthorized"}, set())
    assert scene.states(None) == {"accepted"}


def test_a_revoked_quote_shows_nothing_to_anybody_and_does_not_count(scene: Scene) -> None:
    api, ada, bob = scene.api, scene.ada, scene.bob
    assert show(api, scene.quoted)["quotes_count"] == 1
    path = f"{STATUSES}/{scene.quoted['id']}/quotes"
    assert set(api.read(path, ada)) == {scene.quote["id"], scene.direct["id"]}
    assert api.request("POST", f"{path}/{scene.quote['id']}/revoke", bob).status == 404
    assert api.request("POST", f"{path}/{scene.again['id']}/revoke", ada).status == 404
    api.act(bob, "block", ada)  # which does not keep the quote
    assert api.request("POST", f"{path}/{scene.quote['id']}/revoke", ada).json["id"] == scene.quoted["id"]
    api.act(bob, "unblock", ada)
    revoke(scene, scene.quote)
    revoke(scene, scene.direct)
    settle(api)
    for by in (scene.cyd, bob, ada, None):
        assert scene.states(by) == {"revoked"}
        assert scene.shown(by) <= ORIGINALS
    assert (show(api, scene.quoted)["quotes_count"], api.read(path, ada)) == (0, [])
    assert api.get("/api/v1/notifications", ada, **{"types[]": "quote"}).json == []


def test_the_quoted_author_is_notified_of_quotes_that_the_author_may_see(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, WORDS)
    made = quote(api, bob, quoted)
    quote(api, bob, quoted, visibility="private")
    quote(api, ada, quoted)
    settle(api)
    (notice,) = api.get("/api/v1/notifications", ada, **{"types[]": "quote"}).json
    assert (notice["account"]["id"], notice["status"]["id"]) == (bob.id, made["id"])
    assert notice["status"]["quote"]["quoted_status"]["id"] == quoted["id"]
    assert api.get(f"/api/v1/notifications/{notice['id']}", ada).json == notice
    api.act(ada, "mute", bob)
    assert api.get("/api/v1/notifications", ada).json == []


def test_a_quote_shows_the_quoted_message_to_all_and_links_to_it(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, WORDS)
    made = quote(api, bob, quoted)
    assert made["quote"]["quoted_status"]["content"] == f"<p>{WORDS}</p>"
    assert made["quote"]["quoted_status"]["account"]["id"] == ada.id
    link = f'<p class="quote-inline">RE: <a href="{quoted["url"]}" rel="nofollow noopener">{quoted["url"]}</a></p>'
    assert made["content"] == f"{link}<p>look</p>"
    for by in (None, ada, bob):
        assert show(api, made, by)["quote"] | {"quoted_status": quoted["id"]} == {
            "state": "accepted",
            "quoted_status": quoted["id"],
        }
    assert "quote-inline" not in quote(api, bob, quoted, f"look {quoted['url']}")["content"]
    outer = quote(api, ada, made)
    assert outer["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": quoted["id"]}
    deleted = api.delete(ada, outer).json
    assert (deleted["text"], deleted["quote"]["quoted_status"]["id"]) == ("look", made["id"])
    outer = quote(api, ada, made)
    api.delete(ada, quoted)
    assert show(api, outer)["quote"]["quoted_status"]["quote"] == {"state": "deleted", "quoted_status_id": None}


POLICIES = tuple(QuotePolicy)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_message_says_who_may_quote_it_and_others_are_refused(api: Api, policy: QuotePolicy) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(bob, "follow", ada)
    by_default = api.request("PATCH", ME, ada, form={"source[quote_policy]": policy}).json
    assert by_default["source"]["quote_policy"] == policy
    assert api.get("/api/v1/preferences", ada).json["posting:default:quote_policy"] == policy
    chosen = api.post(ada, "one", quote_approval_policy=policy)
    changed = api.post(ada, "two", quote_approval_policy="public" if policy is QuotePolicy.NOBODY else "nobody")
    form = {"quote_approval_policy": policy.value}
    changed = api.request("PUT", f"{STATUSES}/{changed['id']}/interaction_policy", ada, form=form).json
    assert api.request("PUT", f"{STATUSES}/{changed['id']}/interaction_policy", bob, form=form).status == 404
    admitted = {QuotePolicy.PUBLIC: {ada, bob, cyd}, QuotePolicy.FOLLOWERS: {ada, bob}, QuotePolicy.NOBODY: {ada}}
    for status in (api.post(ada, "three", quote_approval_policy=""), chosen, changed):
        for by in (ada, bob, cyd, None):
            allows = by in admitted[policy]
            assert show(api, status, by)["quote_approval"] == {
                "automatic": [] if policy is QuotePolicy.NOBODY else [policy],
                "manual": [],
                "current_user": "automatic" if allows else "denied",
            }
            if by is not None:
                answer = api.request("POST", STATUSES, by, form={"status": "x", "quoted_status_id": status["id"]})
                assert answer.status == (200 if allows else 404), answer.text


def test_private_messages_are_quoted_by_their_author_alone_and_direct_ones_by_nobody(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    for by in (bob, cyd):
        api.act(by, "follow", ada)
    private = api.post(ada, f"{WORDS} @bob", visibility="private", quote_approval_policy="public")
    direct = api.post(ada, f"{WORDS} @bob", visibility="direct")
    refused = [(ada, direct), (bob, direct), (cyd, direct), (bob, private)]
    for by, status in refused:
        assert api.request("POST", STATUSES, by, json={"status": "x", "quoted_status_id": status["id"]}).status == 404
    made = quote(api, ada, private, visibility="public")
    assert made["visibility"] == "private"
    settle(api)
    assert show(api, made, cyd)["quote"]["state"] == "accepted"
    told = quote(api, ada, private, "@cyd", visibility="direct")
    api.act(cyd, "unfollow", ada)
    assert show(api, told, cyd)["quote"] == {"state": "unauthorized", "quoted_status": None}
    public = api.post(ada, "public")
    path = f"{STATUSES}/{public['id']}"
    fields = {"status": "x", "quoted_status_id": public["id"], "visibility": "direct"}
    assert api.request("POST", STATUSES, bob, json=fields).status == 422
    for first, second in ((ada, bob), (bob, ada)):
        api.act(first, "block", second)
        assert api.request("POST", STATUSES, bob, json={"status": "x", "quoted_status_id": public["id"]}).status == 404
        api.act(first, "unblock", second)
    assert api.get(path).json["quotes_count"] == 0


def test_quotes_are_counted_and_listed_for_those_who_may_see_them(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(cyd, "follow", bob)
    quoted = api.post(ada, WORDS, expires_in=600)
    path = f"{STATUSES}/{quoted['id']}/quotes"
    brief = quote(api, bob, quoted, expires_in=60)
    lasting = quote(api, bob, quoted, in_reply_to_id=brief["id"], expires_in=3600)
    private = quote(api, bob, quoted, visibility="private")
    direct = quote(api, bob, quoted, "@ada", visibility="direct")
    settle(api)
    for by, shown in ((ada, [direct, lasting, brief]), (cyd, [private, lasting, brief])):
        assert api.read(path, by) == [each["id"] for each in shown]
    assert api.read(path, bob) == [each["id"] for each in (direct, private, lasting, brief)]
    first = api.get(path, cyd, limit=1)
    assert [each["id"] for each in first.json] == [private["id"]]
    assert [each["id"] for each in api.follow_link(first.link("next") or "", cyd).json] == [lasting["id"]]
    assert api.get(path).status == 401
    api.act(cyd, "mute", bob)
    assert api.read(path, cyd) == []
    assert (show(api, quoted)["quotes_count"], show(api, brief)["replies_count"]) == (2, 1)
    api.clock.advance(60)
    assert show(api, quoted)["quotes_count"] == 1
    api.delete(bob, lasting)
    api.deliver()
    assert (show(api, quoted)["quotes_count"], api.read(path, ada)) == (0, [direct["id"]])


def test_a_quote_is_counted_exactly_once_however_records_come(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, WORDS)
    made = [quote(api, bob, quoted) for _ in range(4)]
    path = f"{STATUSES}/{quoted['id']}/quotes"
    api.request("POST", f"{path}/{made[0]['id']}/revoke", ada)  # before it is counted
    api.delete(bob, made[1])
    api.deliver()
    assert show(api, quoted)["quotes_count"] == 2
    api.request("POST", f"{path}/{made[2]['id']}/revoke", ada)
    api.delete(bob, made[2])  # before it is subtracted
    api.deliver()
    assert show(api, quoted)["quotes_count"] == 1
    api.delete(bob, made[3])
    api.deliver()
    assert show(api, quoted)["quotes_count"] == 0


def test_quoting_a_boost_quotes_what_it_boosts_and_a_boost_of_a_quote_shows_it(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(cyd, "follow", bob)
    quoted = api.post(ada, WORDS)
    boost = api.request("POST", f"{STATUSES}/{quoted['id']}/reblog", bob).json
    made = quote(api, cyd, boost)
    assert made["quote"]["quoted_status"]["id"] == quoted["id"]
    api.clock.advance(0.001)
    api.request("POST", f"{STATUSES}/{made['id']}/reblog", bob)
    settle(api)
    (found,) = [each for each in api.get("/api/v1/timelines/home", cyd).json if each["account"]["id"] == bob.id][:1]
    assert found["reblog"]["quote"]["quoted_status"]["id"] == quoted["id"]
    api.act(cyd, "block", ada)
    assert WORDS not in api.get("/api/v1/timelines/home", cyd).text
