"""Messages with toot: posting, timelines, deleting, expiry."""

import re
import time
from datetime import datetime
from typing import Any

from tests.clients.toot.person import SignUp, follow
from tests.support.site import Site, eventually, in_time, unique

LIFETIME = 6
"""Seconds, long enough for a message to be delivered and shown by a command."""


def test_what_is_posted_is_as_it_was_written(sign_up: SignUp) -> None:
    ada = sign_up("ada")
    first = ada.json("post", "Guten <Tag> & #moin", "--language", "de", "--spoiler-text", "a greeting")
    assert (first["language"], first["spoiler_text"], first["sensitive"]) == ("de", "a greeting", True)
    assert "Guten &lt;Tag&gt; &amp; " in first["content"]
    assert (first["visibility"], first["tags"][0]["name"]) == ("public", "moin")
    assert "Guten <Tag> & #moin" in ada.toot("status", first["id"])
    reply = ada.json("post", "And a good evening", "--reply-to", first["id"])
    assert (reply["in_reply_to_id"], reply["in_reply_to_account_id"]) == (first["id"], first["account"]["id"])
    assert ada.json("post", "Good night", "--reply-last")["in_reply_to_id"] == reply["id"]


def test_a_message_is_seen_by_those_whom_it_is_for(site: Site, sign_up: SignUp) -> None:
    ada, mentioned, follower, other = map(sign_up, ("ada", "mentioned", "follower", "other"))
    follow(site, follower, ada)
    tokens = {"mentioned": mentioned.token, "follower": follower.token, "other": other.token, "nobody": ""}
    for visibility, readers in {
        "public": {"mentioned", "follower", "other", "nobody"},
        "unlisted": {"mentioned", "follower", "other", "nobody"},
        "private": {"mentioned", "follower"},
        "direct": {"mentioned"},
    }.items():
        posted = ada.json("post", f"hello @{mentioned.name}", "--visibility", visibility)
        assert posted["visibility"] == visibility
        path = f"/api/v1/statuses/{posted['id']}"
        assert {name for name, token in tokens.items() if site.request("GET", path, token).ok} == readers


def test_what_is_not_supported_is_refused_with_a_reason(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    assert "Record invalid" in ada.refused("post", "later", "--scheduled-at", "soon")
    assert "500" in ada.refused("post", "x" * 501)
    assert site.home(ada.token) == []


def test_a_poll_is_made_shown_and_voted_in(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    options = ["--poll-option", "this", "--poll-option", "that"]
    posted = ada.json("post", "which", *options, "--poll-expires-in", "1h", "--poll-hide-totals")
    poll = posted["poll"]["id"]
    assert "this" in ada.toot("polls", "show", poll)
    assert "✓ Your vote" in bob.toot("polls", "vote", poll, "0")
    assert bob.json("polls", "show", poll)["own_votes"] == [0]
    assert "You have already voted on this poll" in bob.refused("polls", "vote", poll, "1")
    assert "The chosen vote option does not exist" in sign_up("cyd").refused("polls", "vote", poll, "2")
    assert "Options must have more than one item" in ada.refused("post", "which", *options[:2])


def test_the_messages_of_followed_people_arrive_at_home(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    assert f"now following {ada.name}" in bob.toot("follow", ada.name)
    posted = ada.json("post", "hello from ada")
    assert eventually(lambda: site.home(bob.token)) == [posted["id"]]
    assert "hello from ada" in bob.toot("timelines", "home")
    assert bob.json("unfollow", f"@{ada.name}")["following"] is False
    assert "No statuses found" in bob.toot("timelines", "home")


def test_a_message_is_in_the_timelines_where_it_belongs(site: Site, sign_up: SignUp) -> None:
    ada, tag = sign_up("ada"), unique("tag")
    posted = site.say(ada.token, f"hello #{tag}")
    assert ada.ids("timelines", "account", ada.name) == [posted["id"]]
    assert eventually(lambda: site.ids(f"/api/v1/timelines/tag/{tag}")) == [posted["id"]]
    assert f"#{tag}" in ada.toot("timelines", "tag", tag)
    assert eventually(lambda: posted["id"] in site.ids("/api/v1/timelines/public", limit=40))
    assert posted["id"] in ada.ids("timelines", "public", "--limit", "40")
    assert posted["id"] in ada.ids("timelines", "public", "--local", "--limit", "40")


def test_a_timeline_is_shown_page_after_page(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    posted = [site.say(ada.token, f"number {number}") for number in range(5)]
    shown = ada.toot("timelines", "home", "--limit", "2")
    assert re.findall(r"number \d", shown) == [f"number {number}" for number in reversed(range(5))]
    assert ada.ids("timelines", "home", "--min-id", posted[0]["id"], "--limit", "1") == [posted[1]["id"]]


def test_a_deleted_message_is_gone_at_once(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    follow(site, bob, ada)
    posted = site.say(ada.token, "a slip of the tongue")
    assert eventually(lambda: site.home(bob.token)) == [posted["id"]]
    assert bob.refused("delete", posted["id"])
    assert site.home(bob.token) == [posted["id"]]
    assert ada.json("delete", posted["id"])["text"] == "a slip of the tongue"
    assert site.home(bob.token) == site.home(ada.token) == []
    assert "Message not found" in bob.refused("status", posted["id"])


def test_a_message_arrives_by_the_stream_and_is_gone_at_the_second_it_expires(site: Site, sign_up: SignUp) -> None:
    ada, bob, tag = sign_up("ada"), sign_up("bob"), unique("tag")
    follow(site, bob, ada)
    account = site.id_of(ada.token)
    views = ["timelines/home", "timelines/public", f"timelines/tag/{tag}", f"accounts/{account}/statuses"]

    def shows(view: str, status: dict[str, Any]) -> bool:
        return status["id"] in site.ids(f"/api/v1/{view}", bob.token, limit=40)

    def post(seconds: int) -> tuple[dict[str, Any], list[str]]:
        status = ada.json("post", f"soon gone #{tag} #{seconds}s")
        assert eventually(lambda: all(shows(view, status) for view in views), seconds=seconds) or seconds < 100
        return status, bob.ids("timelines", "home")

    (posted, home), _ = in_time(post, LIFETIME)
    assert posted["id"] in home
    assert posted["content"].startswith("<p>soon gone <a ")
    assert re.findall(r"#\d+s", posted["content"]) == []
    expires_at = datetime.fromisoformat(posted["pleroma"]["expires_at"]).timestamp()
    time.sleep(max(0, expires_at - 0.5 - time.time()))
    while time.time() < expires_at + 0.5:
        for view in views:
            begun = time.time()
            shown = shows(view, posted)
            if time.time() < expires_at:
                assert shown, f"{view} has lost the message {expires_at - begun:.3f} seconds too early"
            if begun >= expires_at:
                assert not shown, f"{view} shows the message {begun - expires_at:.3f} seconds too late"
    assert bob.ids("timelines", "home") == []
    assert "Message not found" in bob.refused("status", posted["id"])
    assert bob.json("search", posted["url"])["statuses"] == []
