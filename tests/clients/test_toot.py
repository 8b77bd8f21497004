"""FSTREAM with toot, a client for the command line: https://toot.bezdomni.net."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import toot.api
import toot.config
import toot.exceptions

from tests.clients.site import PASSWORD, Site, eventually, program, surroundings, unique

LIFETIME = 10
"""Seconds: enough for a message to arrive and for a command to show it."""


@dataclass(frozen=True)
class Person:
    """Somebody with a home folder of their own, in which toot keeps who is logged in."""

    name: str
    token: str
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run toot."""
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(self.home))
        environment = surroundings(**folders, COLUMNS="200", LINES="500")
        command = [program("toot"), *arguments]
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
        )

    def toot(self, *arguments: str) -> str:
        """Run toot, which must succeed; return what it prints."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, f"toot {arguments}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def refused(self, *arguments: str) -> str:
        """Run toot, which must fail; return what it says."""
        ended = self.run(*arguments)
        assert ended.returncode == 1, f"toot {arguments}: {ended.stdout}{ended.stderr}"
        assert "Traceback" not in ended.stderr
        return ended.stderr

    def json(self, *arguments: str) -> Any:
        """Run toot; return the server's answer."""
        return json.loads(self.toot(*arguments, "--json"))

    def ids(self, *arguments: str) -> list[str]:
        """Run toot; return the ids of the entities that the server answered."""
        return [entity["id"] for entity in self.json(*arguments)]


SignUp = Callable[[str], Person]


@pytest.fixture
def sign_up(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignUp:
    """Sign somebody up, who is logged in with toot then."""

    def sign_up_and_log_in(name: str) -> Person:
        person = stranger(site, name, tmp_path)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(person.home))
        app = toot.App(site.host, site.url, **site.application)
        toot.config.save_app(app)
        toot.config.save_user(toot.User(site.host, person.name, person.token))
        return person

    return sign_up_and_log_in


def stranger(site: Site, name: str, folder: Path) -> Person:
    """Sign somebody up whom toot does not know."""
    name = unique(name)
    person = Person(name, site.sign_up(name), folder / name)
    person.home.mkdir()
    return person


def names(accounts: list[dict[str, Any]]) -> list[str]:
    return [account["acct"] for account in accounts]


def follow(site: Site, follower: Person, followed: Person) -> None:
    site.post(f"/api/v1/accounts/{site.id_of(followed.token)}/follow", follower.token)


def test_toot_signs_people_up(site: Site) -> None:
    app = toot.App(site.host, site.url, **site.application)
    name = unique("ada")
    answer = toot.api.register_account(app, name, "ada@example.org", PASSWORD)
    assert site.get("/api/v1/accounts/verify_credentials", answer["access_token"])["username"] == name
    with pytest.raises(toot.exceptions.ApiError, match="already been taken"):
        toot.api.register_account(app, name.upper(), "ada@example.org", PASSWORD)


def test_who_logs_in_is_known(site: Site, tmp_path: Path) -> None:
    ada = stranger(site, "ada", tmp_path)
    said = ada.toot("login_cli", "--instance", site.url, "--email", ada.name, "--password", PASSWORD)
    assert "Successfully logged in" in said
    assert f"{ada.name}@{site.host} ACTIVE" in ada.toot("auth")
    assert f"@{ada.name}" in ada.toot("whoami")
    assert "FSTREAM" in ada.toot("instance")


def test_nobody_logs_in_with_a_wrong_password(site: Site, tmp_path: Path) -> None:
    ada = stranger(site, "ada", tmp_path)
    said = ada.refused("login_cli", "--instance", site.url, "--email", ada.name, "--password", "wrong horse")
    assert "Login failed" in said


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
    assert "scheduled" in ada.refused("post", "later", "--scheduled-in", "1h")
    assert "polls" in ada.refused("post", "which", "--poll-option", "this", "--poll-option", "that")
    assert "500" in ada.refused("post", "x" * 501)
    assert site.home(ada.token) == []


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
    assert posted["id"] in ada.ids("timelines", "public", "--limit", "40")
    assert posted["id"] in ada.ids("timelines", "public", "--local", "--limit", "40")


def test_a_timeline_is_shown_page_after_page(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    posted = [site.say(ada.token, f"number {number}") for number in range(5)]
    shown = ada.toot("timelines", "home", "--limit", "2")
    assert re.findall(r"number \d", shown) == [f"number {number}" for number in reversed(range(5))]
    assert ada.ids("timelines", "home", "--min-id", posted[0]["id"], "--limit", "1") == [posted[1]["id"]]


def test_people_and_messages_are_found(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    posted = site.say(ada.token, "find me")
    assert names(bob.json("search", ada.name, "--type", "accounts")["accounts"]) == [ada.name]
    assert [found["id"] for found in bob.json("search", posted["url"])["statuses"]] == [posted["id"]]
    assert ada.name in bob.toot("whois", f"@{ada.name}@{site.host}")
    assert "not found" in bob.refused("follow", unique("nobody"))


def test_a_hashtag_is_found_as_it_is_written_in_a_message(sign_up: SignUp) -> None:
    found = sign_up("ada").json("search", "#Moin", "--type", "hashtags")["hashtags"]
    assert [tag["name"] for tag in found] == ["moin"]


def test_who_is_muted_is_not_heard_until_unmuted(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    follow(site, bob, ada)
    posted = site.say(ada.token, "hello")
    assert eventually(lambda: site.home(bob.token)) == [posted["id"]]
    assert "muted" in bob.toot("mute", ada.name)
    assert site.home(bob.token) == []
    assert names(bob.json("muted")) == [ada.name]
    bob.toot("unmute", ada.name)
    assert site.home(bob.token) == [posted["id"]]


def test_who_is_blocked_neither_reads_nor_follows(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    follow(site, bob, ada)
    posted = site.say(ada.token, "hello")
    assert "blocking" in ada.toot("block", bob.name)
    assert names(ada.json("blocked")) == [bob.name]
    assert site.get(f"/api/v1/accounts/{site.id_of(ada.token)}")["followers_count"] == 0
    assert "no such message" in bob.refused("status", posted["id"])


def test_a_block_can_be_ended(sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    ada.toot("block", bob.name)
    assert "no longer blocked" in ada.toot("unblock", bob.name)
    assert "No accounts blocked" in ada.toot("blocked")
    assert bob.json("follow", ada.name)["following"] is True


def test_followers_and_followed_are_listed(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    follow(site, bob, ada)
    assert names(bob.json("following")) == [ada.name]
    assert names(bob.json("followers", ada.name)) == [bob.name]
    assert f"@{bob.name}" in ada.toot("followers")


def test_a_deleted_message_is_gone_at_once(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    follow(site, bob, ada)
    posted = site.say(ada.token, "a slip of the tongue")
    assert eventually(lambda: site.home(bob.token)) == [posted["id"]]
    assert bob.refused("delete", posted["id"])
    assert site.home(bob.token) == [posted["id"]]
    assert ada.json("delete", posted["id"])["text"] == "a slip of the tongue"
    assert site.home(bob.token) == site.home(ada.token) == []
    assert "no such message" in bob.refused("status", posted["id"])


def test_a_message_arrives_by_the_stream_and_is_gone_at_the_second_it_expires(site: Site, sign_up: SignUp) -> None:
    ada, bob, tag = sign_up("ada"), sign_up("bob"), unique("tag")
    follow(site, bob, ada)
    posted = site.say(ada.token, f"soon gone #{tag}", expires_in=LIFETIME)  # toot cannot tell a lifetime
    expires_at = datetime.fromisoformat(posted["pleroma"]["expires_at"]).timestamp()
    assert eventually(lambda: site.home(bob.token)) == [posted["id"]]
    assert bob.ids("timelines", "home") == [posted["id"]]
    account = posted["account"]["id"]
    views = ["timelines/home", "timelines/public", f"timelines/tag/{tag}", f"accounts/{account}/statuses"]
    time.sleep(max(0, expires_at - 0.5 - time.time()))
    while time.time() < expires_at + 0.5:
        for view in views:
            begun = time.time()
            shown = posted["id"] in site.ids(f"/api/v1/{view}", bob.token, limit=40)
            if time.time() < expires_at:
                assert shown, f"{view} has lost the message {expires_at - begun:.3f} seconds too early"
            if begun >= expires_at:
                assert not shown, f"{view} shows the message {begun - expires_at:.3f} seconds too late"
    assert bob.ids("timelines", "home") == []
    assert "no such message" in bob.refused("status", posted["id"])
    assert bob.json("search", posted["url"])["statuses"] == []
