"""People with toot: logging in, following, muting, blocking."""

from pathlib import Path

import pytest
import toot.api
import toot.exceptions

from tests.clients.toot.person import SignUp, follow, names, stranger
from tests.support.site import PASSWORD, Site, eventually, unique


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
    assert "activated" in ada.toot("activate", f"{ada.name}@{site.host}")
    assert "FSTREAM" in ada.toot("instance")
    assert ada.json("instance")["uri"] == site.host


def test_toot_forgets_a_user_who_has_logged_out(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    assert "logged out" in ada.toot("logout", f"{ada.name}@{site.host}")
    assert "logged in" in ada.refused("whoami")


def test_nobody_logs_in_with_a_wrong_password(site: Site, tmp_path: Path) -> None:
    ada = stranger(site, "ada", tmp_path)
    said = ada.refused("login_cli", "--instance", site.url, "--email", ada.name, "--password", "wrong horse")
    assert "Login failed" in said


def test_people_and_messages_are_found(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    posted = site.say(ada.token, "find me")
    assert names(bob.json("search", ada.name, "--type", "accounts")["accounts"]) == [ada.name]
    assert [found["id"] for found in bob.json("search", posted["url"])["statuses"]] == [posted["id"]]
    assert ada.name in bob.toot("whois", f"@{ada.name}@{site.host}")
    assert "not found" in bob.refused("follow", unique("nobody"))


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

    def followers_count() -> int:
        return int(site.get("/api/v1/accounts/verify_credentials", ada.token)["followers_count"])

    assert eventually(lambda: followers_count() == 1)
    assert "blocking" in ada.toot("block", bob.name)
    assert names(ada.json("blocked")) == [bob.name]
    assert eventually(lambda: followers_count() == 0)
    assert "Message not found" in bob.refused("status", posted["id"])


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


def test_a_locked_account_decides_who_follows_it(sign_up: SignUp) -> None:
    ada, bob, eve = (sign_up(name) for name in ("ada", "bob", "eve"))
    ada.toot("update-account", "--locked")
    for each in (bob, eve):
        assert each.json("follow", ada.name)["requested"]
    assert eventually(lambda: len(ada.json("follow-requests", "list")) == 2)
    assert bob.name in ada.toot("follow-requests", "list")
    ada.toot("follow-requests", "accept", bob.name)
    ada.toot("follow-requests", "reject", eve.name)
    assert names(ada.json("followers", ada.name)) == [bob.name]
    assert ada.json("follow-requests", "list") == []


def test_a_list_is_made_read_and_deleted(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    assert '"friends" created' in bob.toot("lists", "create", "friends")
    assert f"You must follow @{ada.name}" in bob.refused("lists", "add", "friends", ada.name)
    follow(site, bob, ada)
    assert "Added" in bob.toot("lists", "add", "friends", ada.name)
    assert names(bob.json("lists", "accounts", "friends")) == [ada.name]
    posted = site.say(ada.token, "to friends", expires_in=60)["id"]
    assert eventually(lambda: bob.ids("timelines", "list", "friends")) == [posted]
    assert bob.ids("timelines", "list", "Going soon") == [posted]
    assert "Removed" in bob.toot("lists", "remove", "friends", ada.name)
    assert "friends" in bob.toot("lists", "list")
    assert "deleted" in bob.toot("lists", "delete", "friends")
    assert "can't be changed or deleted" in bob.refused("lists", "delete", "Going soon")
    assert [each["title"] for each in bob.json("lists", "list")] == ["Going soon"]
