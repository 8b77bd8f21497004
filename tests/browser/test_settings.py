"""Settings in the web client, about this server, and the first steps after signing up."""

import json
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Keys

from tests.browser.web_client import Client
from tests.support.site import PASSWORD, RULES, Site, eventually, unique

NEXT = "a sentence to remember"
_ASKED = """
window.asked = new Set();
const noting = window.fetch;
window.fetch = (address, options) => {
  asked.add(options?.headers?.["Accept-Language"]);
  return noting(address, options);
};
"""
"""Notes in which languages the client asks for errors."""
OFFLINE = ("ERR_INTERNET_DISCONNECTED",)


def source_of(site: Site, token: str) -> dict[str, Any]:
    """Return the account's defaults, with what the account says of itself."""
    account: dict[str, Any] = site.get("/api/v1/accounts/verify_credentials", token)
    return {**account, **account["source"]}


def becomes(site: Site, token: str, **parts: object) -> None:
    """Wait until the account has these settings."""
    assert eventually(lambda: parts.items() <= source_of(site, token).items()), (source_of(site, token), parts)


def choose(client: Client, label: str, value: str) -> None:
    """Choose an option of the list with this label."""
    field = client.find("select", label)
    client.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', { bubbles: true }))",
        field,
        value,
    )


def sure(client: Client, action: str, password: str = "") -> None:
    """Confirm what a dialog asks."""
    dialog = client.find("dialog")
    if password:
        client.fill("Present password", password, inside=dialog)
    client.click("button", action, exact=True, inside=dialog)


def test_what_is_chosen_is_saved_at_once_and_taken_back_in_words_if_it_cannot_be(site: Site, client: Client) -> None:
    token = site.sign_up(unique("ada"))
    client.enter(token, "settings")
    client.find("a.row", "Lifetimes")
    client.click("a.row", "Lifetimes")
    client.click("label", "1 h", exact=True)
    client.see("Saved")
    becomes(site, token, expires_in=3600)
    choose(client, "Only those named", "300")
    client.click("label", "Your threads end together")
    becomes(site, token, expires_in=3600, thread_ends_together=True)
    assert eventually(lambda: source_of(site, token)["expires_in_by_visibility"]["direct"] == 300)
    client.click("button", "Use this server")
    becomes(site, token, expires_in=None)
    client.visit("settings/writing")
    client.click("label", "Everyone, quietly")
    client.click("label", "Nobody", exact=True)
    choose(client, "Language of your messages", "de")
    becomes(site, token, privacy="unlisted", quote_policy="nobody", language="de")
    client.visit("settings/privacy")
    with client.offline():
        client.click("label", "Approve followers")
        client.see("It is as it was before.")
        assert not client.find("choice", "Approve followers").is_selected()
    client.click("label", "Approve followers")
    client.click("label", "Keep favourites to yourself")
    becomes(site, token, locked=True, private_counts=True)
    client.visit("settings/look")
    client.click("label", "Dark", exact=True)
    client.click("label", "None", exact=True)
    client.click("label", "Deutsch", exact=True)
    client.see("Aussehen und Sprache")
    with client.before_documents(_ASKED):
        client.reload()
    client.see("Aussehen und Sprache")
    assert client.run("return asked.has('de') && !asked.has('en')")
    assert client.run("return document.documentElement.dataset.theme") == "dark"
    be_refused_in_german(client)
    client.check_calm(allowed=[*OFFLINE, "status of 422"])


def be_refused_in_german(client: Client) -> None:
    """Post what the server refuses: it says why in the language of the client."""
    client.visit("home")
    client.see("Was denkst du gerade?")
    client.write("zu lange #99d")
    client.see("Die Lebenszeit am Ende des Textes darf höchstens")
    client.check_storage(["zu lange"], drafts=["zu lange"])


def filter_message(client: Client, text: str) -> None:
    client.act(text, "More")
    client.click("item", "Filter this message")
    client.click("button", "Filter it")
    client.gone(text)


def make_filter(client: Client) -> None:
    """Make a filter of two words for a day, everywhere but on profiles, leaving it and coming back in between."""
    client.click("a", "New filter")
    client.fill("Word 1", "fog")
    client.visit("home")
    client.see("Your draft is kept.")
    client.check_storage(["fog"], drafts=["fog"])
    client.visit("drafts")
    client.see("No drafts")
    client.visit("settings/filters/new")
    client.reload()
    assert client.find("field", "Word 1").get_property("value") == "fog"
    client.click("button", "Add a word")
    client.until(lambda: client.focused.get_attribute("aria-label") == "Word 2", what="the focus on the new field")
    client.press("foggy")
    client.click("label.choice", "Profiles")
    choose(client, "How long", "86400")
    client.click("button", "Make the filter")


def hide(client: Client, filter_id: str, words: str) -> None:
    """Let the filter on the screen hide what it folded."""
    client.click("label", "show it")
    client.click("button", "Save")
    client.see("Hides")
    client.visit("home")
    client.miss(words)
    client.visit(f"settings/filters/{filter_id}")


def test_words_and_single_messages_are_filtered_until_the_filter_is_deleted(
    site: Site, clients: tuple[Client, Client]
) -> None:
    adas, _ = clients
    ada, bob = site.sign_up(unique("ada")), site.sign_up(unique("bob"))
    site.post(f"/api/v1/accounts/{site.id_of(bob)}/follow", ada)
    foggy, late = (site.say(bob, text) for text in ("The harbour is foggy", "Trains are late"))
    site.request("POST", "/api/v1/markers", ada, json={"home": {"last_read_id": foggy["id"]}})
    adas.enter(ada, "settings/filters")
    adas.see("No filters yet")
    make_filter(adas)
    adas.see("Folds · 2 words")
    (made,) = site.get("/api/v2/filters", ada)
    assert made["title"] == "fog"
    assert made["expires_at"]
    assert "account" not in made["context"]
    adas.visit("home")
    adas.receive("Filtered: fog")
    adas.see("You were here")
    filter_message(adas, "Trains are late")
    adas.visit(f"settings/filters/{made['id']}")
    adas.see("Trains are late")
    hide(adas, made["id"], "Filtered: fog")
    adas.click("button", "No longer filter")
    adas.click("button", "Delete the filter")
    sure(adas, "Delete the filter")
    adas.see("No filters yet")
    assert site.get("/api/v2/filters", ada) == []
    adas.visit("home")
    adas.message("The harbour is foggy")
    assert eventually(lambda: site.get("/api/v1/markers", ada, timeline="home")["home"]["last_read_id"] == late["id"])
    adas.check_storage(["fog", "Trains are late"])
    adas.check_calm()


@pytest.fixture
def downloads(client: Client, tmp_path: Path) -> Path:
    """The folder of what the window downloads."""
    client.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    return tmp_path


def test_a_person_logs_out_elsewhere_changes_the_password_downloads_everything_and_leaves(
    site: Site, clients: tuple[Client, Client], downloads: Path
) -> None:
    client, other = clients
    name = unique("ada")
    token = site.sign_up(name)
    site.say(token, "Keep this")
    other.log_in(name)
    other.message("Keep this")
    client.enter(token, "settings/sessions")
    client.find("button", "Log out of FSTREAM")
    client.click("button", "Log out of FSTREAM")
    assert eventually(lambda: len(site.get("/api/oauth_tokens", token)) == 1)
    other.visit("bookmarks")
    other.see("You have been logged out.")
    client.click("label", "Stay logged in")
    assert token in client.stored["local: fstream.token"]
    client.click("label", "Stay logged in")
    assert "local: fstream.token" not in client.stored
    client.visit("settings/password")
    client.fill("Present password", "not this one")
    client.fill("New password", NEXT)
    client.click("button", "Change the password")
    client.see("That is not your password.")
    client.fill("Present password", PASSWORD)
    client.click("button", "Change the password")
    client.see("Your password is changed.")
    assert len(client.find(".code").text) > 20
    client.check("recovery code")
    client.click("button", "I have kept it")
    client.visit("settings/export")
    client.click("button", "Download")
    client.see("The file is in your downloads.")
    file = downloads / f"{name}.json"
    assert eventually(file.exists)
    assert [each["text"] for each in json.loads(file.read_text())["statuses"]] == ["Keep this"]
    delete_and_leave(site, client, name, token)
    client.check_storage(["Keep this", "Forget me", token])
    client.check_calm(allowed=["403"])


def delete_and_leave(site: Site, client: Client, name: str, token: str) -> None:
    """Delete all messages, and then the account."""
    client.visit("settings/delete")
    client.click("button", "Delete all messages")
    sure(client, "Delete all messages", NEXT)
    client.see("All your messages are gone.")
    assert site.ids(f"/api/v1/accounts/{site.id_of(token)}/statuses", token) == []
    client.visit("settings/filters/new")
    client.fill("Word 1", "Forget me")
    client.visit("settings/leave")
    client.find("button", "Delete my account")
    client.click("button", "Delete my account")
    sure(client, "Delete my account", NEXT)
    client.see("Your account is gone.")
    client.find("button", "Join")
    assert site.request("GET", f"/api/v1/accounts/lookup?acct={name}").status_code == 404


def test_who_signs_up_takes_three_steps_or_skips_them(site: Site, client: Client) -> None:
    other = unique("grace")
    site.request("PATCH", "/api/v1/accounts/update_credentials", site.sign_up(other), json={"discoverable": True})
    name = unique("ada")
    assert client.sign_up(name)
    client.fill("Name", "Ada L.")
    client.press(Keys.ENTER)
    client.see("Whom do you want to hear?")
    client.click("button", "Next")
    client.see("Say something")
    client.until(lambda: client.focused.text == "Say something", what="the focus on the heading")
    client.find("textarea")
    client.write("Hello, everybody", "1 h")
    client.message("Hello, everybody")
    (found,) = site.get("/api/v1/accounts/search", q=name, resolve="false")
    assert found["display_name"] == "Ada L."
    client.visit("about")
    for words in (RULES.splitlines()[0], "What this server keeps", "Your drafts"):
        client.see(words)
    client.check_calm()


def test_who_has_forgotten_the_password_chooses_a_language_and_comes_back_with_the_code(
    site: Site, client: Client
) -> None:
    name = unique("ada")
    code = site.post("/api/v1/recovery_code", site.sign_up(name), password=PASSWORD)["recovery_code"]
    client.open()
    client.click("button", "Deutsch")
    client.click("button", "Anmelden")
    client.click("button", "Weiter", inside=client.find("dialog"))
    client.click("button", "Zurück")
    client.settle()  # the page that it leaves has a button of the same name as the next
    client.click("button", "Anmelden")
    client.click("button", "Weiter", inside=client.find("dialog"))
    client.fill("Name", name)
    client.fill("Passwort", "not this one")
    client.press(Keys.ENTER)
    client.see("Name oder Passwort stimmt nicht")
    client.click("link", "Wiederherstellungscode benutzen")
    client.fill("Wiederherstellungscode", code)  # the page before has a name, too, but no code
    client.fill("Name", name)
    client.fill("Neues Passwort", NEXT)
    client.press(Keys.ENTER)
    client.see("Dein neues Passwort gilt")
    client.click("link", " öffnen", inside=client.find("main"))
    client.click("button", "Anmelden")
    client.click("button", "Weiter", inside=client.find("dialog"))
    client.fill("Name", name)
    client.fill("Passwort", NEXT)
    client.press(Keys.ENTER)
    client.find("heading", "Start")
    client.check_storage([NEXT])
    client.check_calm(allowed=["401"])
