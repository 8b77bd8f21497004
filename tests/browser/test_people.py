"""People in the web client: finding, following, muting, noting, blocking and reporting them, and one's own profile."""

from typing import Any

from selenium.webdriver import Keys

from tests.browser.web_client import Client
from tests.support.site import Site, eventually, unique

OFFLINE = ("ERR_INTERNET_DISCONNECTED",)
_FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"


class Person:
    """Somebody who has signed up by the API."""

    def __init__(self, site: Site, name: str, **profile: object) -> None:
        self.site, self.name = site, unique(name)
        self.token = site.sign_up(self.name)
        self.id = site.id_of(self.token)
        if profile:
            changed = site.request("PATCH", "/api/v1/accounts/update_credentials", self.token, json=profile)
            assert changed.status_code == 200

    def relation(self, other: "Person") -> dict[str, Any]:
        found: dict[str, Any] = self.site.get("/api/v1/accounts/relationships", self.token, **{"id[]": other.id})[0]
        return found

    def becomes(self, other: "Person", **parts: object) -> None:
        """Wait until the relation with somebody has these parts."""
        assert eventually(lambda: parts.items() <= self.relation(other).items()), (self.relation(other), parts)


def choose(client: Client, item: str) -> None:
    """Choose an entry of the menu of the profile on the screen."""
    client.click("button", "More", inside=client.find(".profile"))
    client.click("item", item)


def confirm(client: Client, action: str) -> None:
    dialog = client.find("dialog")
    client.click("button", action, exact=True, inside=dialog)
    client.until(lambda: not client.all("dialog"), what="an end of the dialog")


def test_a_person_is_found_followed_muted_for_a_time_noted_blocked_and_reported(site: Site, client: Client) -> None:
    ada, bob = Person(site, "ada"), Person(site, "bob", display_name="Bob of the Boats", discoverable=True)
    said = site.say(bob.token, "The tide is out")
    client.enter(ada.token, "explore")
    client.find("input[type=search]").send_keys(bob.name)
    client.click("button", "Follow", inside=client.find(".person"))
    client.find("button", "Following: Bob of the Boats")
    ada.becomes(bob, following=True)
    client.visit(f"@{bob.name}")
    client.message("The tide is out")
    client.click("button", "Notify me of new messages")
    ada.becomes(bob, notifying=True)
    choose(client, "Show on your profile")
    ada.becomes(bob, endorsed=True)
    choose(client, "Add a private note")
    client.fill("Your note", "Knows all the tides")
    confirm(client, "Save")
    client.see("Knows all the tides")
    choose(client, f"Mute @{bob.name}")
    client.click("label", "1 h", exact=True, inside=client.find("dialog"))
    confirm(client, "Mute")
    client.see(f"You mute @{bob.name} until")
    assert ada.relation(bob)["muting_expires_at"]
    client.click("button", "Unmute", inside=client.find(".banner"))
    ada.becomes(bob, muting=False, note="Knows all the tides")
    report(client, bob, said)
    client.visit("settings/reports")
    client.see("The moderators have not decided yet")
    client.check("reports", 320)
    client.visit(f"@{bob.name}")
    choose(client, f"Block @{bob.name}")
    confirm(client, "Block")
    client.gone("The tide is out")
    client.click("button", "Unblock", inside=client.find(".profile"))
    client.message("The tide is out")
    ada.becomes(bob, blocking=False, following=False)
    client.check_storage(["Knows all the tides", "It is never out"])
    client.check_calm()


def report(client: Client, person: Person, said: dict[str, Any]) -> None:
    """Report a message, with a comment that is still there after Escape."""
    client.visit(f"report/{person.id}/{said['id']}")
    client.click("label", "Something else", inside=client.find("dialog"))
    client.click("button", "Next")
    client.click("button", "Next")
    client.fill("In your own words", "It is never out")
    client.press(Keys.ESCAPE)
    client.see("Your draft is kept.")
    client.visit(f"report/{person.id}/{said['id']}")
    client.click("label", "It breaks a rule", inside=client.find("dialog"))
    client.click("button", "Next")
    client.until(lambda: client.focused.text == "Which rules?", what="the focus on the next step")
    client.click("label.choice", inside=client.find("dialog"))
    client.click("button", "Next")
    assert client.find("dialog input[type=checkbox]").is_selected()
    client.click("button", "Next")
    assert client.find("field", "In your own words").get_property("value") == "It is never out"
    client.click("button", "Send the report")
    client.see("Thank you. The report is sent.")
    client.click("button", "Done")
    client.until(lambda: not client.all("dialog"), what="an end of the dialog")


def test_a_follow_is_requested_answered_and_taken_back_if_it_fails(site: Site, clients: tuple[Client, Client]) -> None:
    adas, carols = clients
    ada, carol = Person(site, "ada"), Person(site, "carol", locked=True)
    adas.enter(ada.token, f"@{carol.name}")
    adas.find("button", "Ask to follow")
    with adas.offline():
        adas.click("button", "Ask to follow")
        adas.see("You do not follow this account.")
        adas.find("button", "Ask to follow")
    adas.click("button", "Ask to follow")
    ada.becomes(carol, requested=True)
    adas.click("button", "Requested")
    adas.click("button", "Undo")
    ada.becomes(carol, requested=True)
    carols.enter(carol.token, f"@{ada.name}")
    carols.see(f"@{ada.name} asks to follow you.")
    carols.click("button", "Accept", exact=True)
    ada.becomes(carol, following=True)
    carols.find(".tag-label", "Follows you")
    adas.visit("explore")
    adas.visit(f"@{carol.name}")
    adas.find("button", "Following")
    carols.visit(f"@{carol.name}/followers")
    carols.click("button", f"Remove @{ada.name} from your followers")
    confirm(carols, "Remove")
    carols.see("Removed")
    ada.becomes(carol, following=False)
    adas.check_calm(OFFLINE)
    carols.check_calm()


def test_a_profile_is_edited_and_nothing_typed_is_lost(site: Site, client: Client) -> None:
    ada = Person(site, "ada")
    client.enter(ada.token, f"@{ada.name}/edit")
    client.fill("Name", "x" * 300)
    client.click("button", "Save")
    client.find(".problem")
    assert client.find("field", "Name").get_property("value") == "x" * 300
    client.fill("Name", "Ada by the Sea")
    client.fill("About you", "All about the sea")
    client.fill("Fact 1: what it is", "Where")
    client.fill("Fact 1: the words", "Pier 4")
    client.click("label", "Approve followers", exact=False)
    client.run(_FULL)
    client.fill("About you", "All about the sea, and boats")
    client.see("This browser does not keep your words")
    assert client.find("field", "About you").get_property("value") == "All about the sea, and boats"
    client.visit("home")
    client.visit(f"@{ada.name}/edit")
    assert client.find("field", "About you").get_property("value") == "All about the sea, and boats"
    client.reload()
    assert client.find("field", "Name").get_property("value") == "Ada by the Sea"
    assert client.find("field", "About you").get_property("value") == "All about the sea"
    client.click("button", "Save")
    client.find("heading", "Ada by the Sea")
    client.see("Pier 4")
    shown = site.get(f"/api/v1/accounts/{ada.id}")
    assert (shown["display_name"], shown["locked"], shown["fields"][0]["name"]) == ("Ada by the Sea", True, "Where")
    client.check_storage(["Ada by the Sea"])
    client.check_calm(["status of 422"])


def test_a_profile_shows_hashtags_and_what_is_pinned(site: Site, client: Client) -> None:
    ada, tag = Person(site, "ada"), unique("harbour")
    client.enter(ada.token, f"@{ada.name}/hashtags")
    client.fill("Add a hashtag", f"#{tag}")
    client.click("button", "Add", exact=True)
    client.find("link", f"#{tag}")
    pinned = site.say(ada.token, f"Pinned to the pier #{tag}", expires_in=900)
    site.post(f"/api/v1/statuses/{pinned['id']}/pin", ada.token)
    assert eventually(lambda: site.ids(f"/api/v1/timelines/tag/{tag}"))
    client.open(f"@{ada.name}")
    assert client.message("Pinned to the pier").text.startswith("Pinned\n")
    assert len(client.messages) == 1
    client.act("Pinned to the pier", "More")
    client.click("item", "Unpin")
    client.see("It is no longer pinned.")
    client.until(lambda: not client.message("Pinned to the pier").text.startswith("Pinned\n"), what="it below")
    client.act("Pinned to the pier", "More")
    client.click("item", "Edit")
    client.see("It will be gone")
    assert not client.all("label", "24 h", inside=client.find("dialog")), "an edit gives no other lifetime"
    client.click("button", "Cancel")
    client.visit(f"tags/{tag}")
    client.click("button", "Follow", inside=client.find(".top"))
    client.click("button", "1 goes within the hour")
    client.click("button", "More", inside=client.find(".top"))
    client.click("item", "Combine with other hashtags")
    client.fill("Hashtag", "snow")
    client.click("label", "that also have the other one", inside=client.find("dialog"))
    confirm(client, "Show")
    client.find("heading", f"Nothing with #{tag} right now")
    client.click("button", "Leave out: and #snow")
    client.message("Pinned to the pier")
    assert [each["name"] for each in site.get("/api/v1/followed_tags", ada.token)] == [tag]
    client.check_storage(["Pinned to"])
    client.check_calm()
